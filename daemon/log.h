/*
 * log.h: what the daemon tells its operator: lines on stderr, one write each, so that threads do
 * not mix. Nothing that came from outside is logged but market names, actor and token names,
 * addresses, URLs and file names.
 */
#ifndef PM_DAEMON_LOG_H
#define PM_DAEMON_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Sets the least important level that is written; LOG_LEVEL_INFO until then. Before any thread. */
void log_set_level(enum log_level level);

/* The level of that name ("error", "warn", "info", "debug"); false when there is none. */
bool log_level_parse(const char *name, enum log_level *out);

/* Any thread: one line, printf's way, cut at 1,000 bytes; control characters become '?'. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
