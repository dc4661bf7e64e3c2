/*
 * log.c: lines on stderr, see log.h.
 */
#include "log.h"

#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const format_names[] = {"text", "json"};
enum { LEVELS = 4, FORMATS = 2, LINE_MAX_BYTES = 1000, TIME_SIZE = 32 };

static enum log_level least = LOG_LEVEL_INFO; /* both written before any thread starts */
static enum log_format form = LOG_FORMAT_TEXT;
static bool to_journal; /* stderr is systemd's, which reads a line's priority from its start */

/* systemd tells what it has given a service as stderr: device and inode. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char own[48];
    struct stat is;
    if (!stream || fstat(STDERR_FILENO, &is) < 0)
        return false;
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)is.st_dev, (uintmax_t)is.st_ino);
    return strcmp(own, stream) == 0;
}

void log_set(enum log_level level, enum log_format format)
{
    least = level;
    form = format;
    to_journal = is_journal();
}

static bool find(const char *const *names, int count, const char *name, int *out)
{
    for (*out = 0; *out < count; ++*out) {
        if (strcmp(names[*out], name) == 0)
            return true;
    }
    return false;
}

bool log_level_parse(const char *name, enum log_level *out)
{
    int at;
    bool found = find(level_names, LEVELS, name, &at);
    if (found)
        *out = (enum log_level)at;
    return found;
}

bool log_format_parse(const char *name, enum log_format *out)
{
    int at;
    bool found = find(format_names, FORMATS, name, &at);
    if (found)
        *out = (enum log_format)at;
    return found;
}

bool log_writes(enum log_level level)
{
    return level <= least;
}

static void put_time(char out[TIME_SIZE])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(out, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + used, TIME_SIZE - used, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static void write_out(enum log_level level, char *line, size_t size)
{
    static char priority[LEVELS][4] = {"<3>", "<4>", "<6>", "<7>"}; /* as syslog(3) counts */
    struct iovec parts[] = {{priority[level], to_journal ? 3 : 0}, {line, size}};
    ssize_t written = writev(STDERR_FILENO, parts, 2);
    (void)written; /* nowhere to say that stderr has gone */
}

/* ---- Text ---- */

struct line {
    char bytes[LINE_MAX_BYTES + 1];
    size_t used; /* LINE_MAX_BYTES at most */
};

static __attribute__((format(printf, 2, 0))) void add_args(struct line *line, const char *format,
                                                           va_list args)
{
    int more = vsnprintf(line->bytes + line->used, LINE_MAX_BYTES - line->used, format, args);
    line->used += more > 0 ? (size_t)more : 0;
    if (line->used > LINE_MAX_BYTES - 1)
        line->used = LINE_MAX_BYTES - 1;
}

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_args(line, format, args);
    va_end(args);
}

/* Whatever a name holds, a line stays a line. */
static void finish(struct line *line, enum log_level level)
{
    for (size_t i = 0; i < line->used; i++) {
        if ((unsigned char)line->bytes[i] < ' ' || line->bytes[i] == 0x7f)
            line->bytes[i] = '?';
    }
    line->bytes[line->used++] = '\n';
    write_out(level, line->bytes, line->used);
}

static void begin(struct line *line, enum log_level level)
{
    char time[TIME_SIZE];
    put_time(time);
    line->used = 0;
    add(line, "%s %s ", time, level_names[level]);
}

/* In quotation marks when it would not be one word; those within become apostrophes. */
static void add_field(struct line *line, const struct log_field *field)
{
    const struct pm_text *text = &field->text;
    if (text->bytes == NULL) {
        add(line, " %s=%llu", field->name, (unsigned long long)field->number);
        return;
    }
    bool word = memchr(text->bytes, ' ', text->length) == NULL;
    add(line, word ? " %s=" : " %s=\"", field->name);
    size_t from = line->used;
    add(line, "%.*s", (int)text->length, text->bytes);
    for (; from < line->used; from++) {
        if (line->bytes[from] == '"')
            line->bytes[from] = '\'';
    }
    if (!word)
        add(line, "\"");
}

static void write_text(enum log_level level, const char *event, const struct log_field *fields,
                       size_t count)
{
    struct line line;
    begin(&line, level);
    add(&line, "%s", event);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].text.bytes == NULL || fields[i].text.length > 0)
            add_field(&line, &fields[i]);
    }
    finish(&line, level);
}

/* ---- JSON ---- */

/* Takes the object over. Without memory for it the line is lost. */
static void write_json(json_t *object, enum log_level level)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    size_t size = text ? strlen(text) : 0;
    if (text) {
        text[size] = '\n'; /* in place of its end */
        write_out(level, text, size + 1);
    }
    free(text);
    json_decref(object);
}

static json_t *begin_json(enum log_level level)
{
    char time[TIME_SIZE];
    put_time(time);
    return json_pack("{s:s, s:s}", "time", time, "level", level_names[level]);
}

static void write_event_json(enum log_level level, const char *event,
                             const struct log_field *fields, size_t count)
{
    json_t *object = begin_json(level);
    json_object_set_new(object, "event", json_string(event));
    for (size_t i = 0; i < count; i++) {
        const struct pm_text *text = &fields[i].text;
        if (text->bytes == NULL)
            json_object_set_new(object, fields[i].name, json_integer((json_int_t)fields[i].number));
        else if (text->length > 0)
            json_object_set_new(object, fields[i].name, json_stringn(text->bytes, text->length));
    }
    write_json(object, level);
}

/* ---- The whole ---- */

void log_line(enum log_level level, const char *format, ...)
{
    if (!log_writes(level))
        return;
    struct line line = {.used = 0};
    if (form == LOG_FORMAT_TEXT)
        begin(&line, level);
    va_list args;
    va_start(args, format);
    add_args(&line, format, args);
    va_end(args);
    if (form == LOG_FORMAT_TEXT) {
        finish(&line, level);
        return;
    }
    json_t *object = begin_json(level);
    json_object_set_new(object, "message", json_stringn(line.bytes, line.used));
    write_json(object, level);
}

bool log_event(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (!log_writes(level))
        return true;
    if (poll(&out, 1, 0) != 1)
        return false;
    if (form == LOG_FORMAT_JSON)
        write_event_json(level, event, fields, count);
    else
        write_text(level, event, fields, count);
    return true;
}
