/*
 * log.c: lines on stderr, see log.h.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warn", "info", "debug"};
enum { LEVELS = sizeof level_names / sizeof *level_names, LINE_MAX_BYTES = 1000 };

static enum log_level least = LOG_LEVEL_INFO; /* written before any thread starts */

void log_set_level(enum log_level level)
{
    least = level;
}

bool log_level_parse(const char *name, enum log_level *out)
{
    for (int i = 0; i < LEVELS; i++) {
        if (strcmp(level_names[i], name) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* Time and level; returns how many bytes. */
static size_t prefix(char *line, size_t size, enum log_level level)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf(line + used, size - used, ".%03dZ %s ", (int)(now.tv_nsec / 1000000),
                        level_names[level]);
    return used + (more > 0 ? (size_t)more : 0);
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level > least)
        return;
    char line[LINE_MAX_BYTES + 2];
    size_t used = prefix(line, LINE_MAX_BYTES, level);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + used, LINE_MAX_BYTES - used, format, args);
    va_end(args);
    size_t end = used + (more > 0 ? (size_t)more : 0);
    if (end > LINE_MAX_BYTES - 1)
        end = LINE_MAX_BYTES - 1;
    for (size_t i = used; i < end; i++) { /* whatever a name holds, a line stays a line */
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?';
    }
    line[end++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, end);
    (void)written; /* nowhere to say that stderr has gone */
}
