/*
 * options.c: one table of placematd's options; parsing, --help and the messages come from it.
 */
#include "options.h"

#include "client/endpoint.h"
#include "daemon/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_kind { TEXT, LIST, NUMBER32, NUMBER64, CLOCK, LEVEL, FORMAT, MODE, FLAG };

struct option_row {
    const char *name, *argument; /* argument: NULL of a flag */
    const char *standard;        /* the default, as it would be typed */
    const char *sentence;
    enum option_kind kind;
    size_t offset; /* in struct options */
    uint64_t least, most;
};

#define AT(member) offsetof(struct options, member)
#define LIMIT(member, what)                                                                       \
    {                                                                                             \
        "--limit-" #member, "N", NULL, "Room for so many " what ".", NUMBER32, AT(limits.member), \
            1, (1u << 24) - 1                                                                     \
    }

static const struct option_row rows[] = {
    {"--data", "DIR", NULL, "Directory of the journal and snapshots; made when missing. Required.",
     TEXT, AT(data), 0, 0},
    {"--market", "FILE", NULL, "Market file to load, once; may be repeated.", LIST, AT(market), 0,
     0},
    {"--listen", "URL", "ipc:///tmp/placemat.ipc",
     "Where to serve: ipc:///PATH, tcp://127.0.0.1:PORT (0: any) or tls+tcp://HOST:PORT; may be "
     "repeated.",
     LIST, AT(listen), 0, 0},
    {"--ipc-mode", "MODE", "0600",
     "Of the sockets' files, in octal; other users need tokens in any case.", MODE, AT(ipc_mode), 0,
     0777},
    {"--tls-cert", "FILE", NULL,
     "The certificate for tls+tcp, PEM, then those up to an authority; SIGHUP reads it anew.", TEXT,
     AT(tls.cert), 0, 0},
    {"--tls-key", "FILE", NULL, "Its private key, PEM, which nobody else may read.", TEXT,
     AT(tls.key), 0, 0},
    {"--tls-client-ca", "FILE", NULL,
     "Authorities: over tls+tcp only clients with a certificate of theirs come in.", TEXT,
     AT(tls.ca), 0, 0},
    {"--insecure", NULL, NULL,
     "Serve tcp beyond loopback, and believe whoever connects who they say they are.", FLAG,
     AT(insecure), 0, 0},
    {"--clock", "system|manual", "system",
     "Whose time it is: `manual` moves by the tick command alone.", CLOCK, AT(manual_clock), 0, 0},
    {"--snapshot-every", "N", "1000000", "Journal entries between snapshots; 0 for none.", NUMBER64,
     AT(snapshot_every), 0, UINT64_MAX},
    {"--round-seconds", "S", "5", "The longest that a round is solved for.", NUMBER32,
     AT(round_seconds), 1, 3600},
    {"--queue", "N", "4096", "Requests in work before clients are told `busy`; a power of two.",
     NUMBER32, AT(queue), 16, 1u << 20},
    {"--events", "N", "65536", "Events kept for watchers who come back.", NUMBER32, AT(events),
     1024, 1u << 24},
    {"--resident", NULL, NULL, "Take all memory of the limits at the start, and not as it fills.",
     FLAG, AT(resident), 0, 0},
    {"--accept-rules", "N", NULL,
     "Replay by rules N what a program of others wrote: the state may differ from what was told.",
     NUMBER32, AT(accept_rules), 1, UINT32_MAX},
    {"--idle-seconds", "S", "300",
     "Close connections that are owed nothing and say nothing for so long; 0: never.", NUMBER32,
     AT(idle_seconds), 0, 86400},
    {"--message-max", "BYTES", "4194304", "Largest request.", NUMBER64, AT(message_max), 4096,
     8 << 20},
    {"--journal", "BACKEND", "sqlite",
     "sqlite keeps everything; memory and null keep NOTHING after a stop and are for measuring.",
     TEXT, AT(journal), 0, 0},
    {"--metrics", "[ADDRESS:]PORT", NULL,
     "Serve /metrics and /health over HTTP, on 127.0.0.1 unless told otherwise (0: any port).",
     TEXT, AT(metrics), 0, 0},
    {"--log", "LEVEL", "info", "error, warn, info or debug, to stderr.", LEVEL, AT(log), 0, 0},
    {"--log-format", "text|json", "text", "Lines for people, or each a JSON object.", FORMAT,
     AT(log_format), 0, 0},
    LIMIT(markets, "markets"),
    LIMIT(providers, "providers"),
    LIMIT(locations, "locations"),
    LIMIT(pools, "pools of capacity"),
    LIMIT(services, "services"),
    LIMIT(packages, "packages at once, ended ones until they lapse included"),
    LIMIT(offers, "offers at once"),
    LIMIT(placements, "placements at once"),
    LIMIT(waitlists, "pairs of kind and locality, over all markets"),
    LIMIT(clients, "clients whose requests are remembered"),
};
enum { ROWS = sizeof rows / sizeof *rows };

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "message_max is parsed as 64 bits");

static void print_help(void)
{
    printf("Usage: placematd --data DIR [OPTION]...\n"
           "Serves Placemat: takes packages of care, and finds and asks who can deliver them.\n\n");
    for (size_t i = 0; i < ROWS; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", rows[i].name,
                 rows[i].argument ? rows[i].argument : "");
        printf("  %-26s %s", left, rows[i].sentence);
        if (rows[i].standard)
            printf(" (%s)", rows[i].standard);
        putchar('\n');
    }
    printf("  %-26s This page.\n  %-26s The version.\n\n", "--help", "--version");
    printf(
        "The limits are fixed when DIR is made; without any, they suit a council or small region.\n"
        "SIGTERM drains and stops. Exit status: 0 stopped, 1 cannot start, 2 usage, 4 the journal "
        "failed.\n");
}

static int wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int wrong(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("placematd: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\nTry placematd --help.\n", stderr);
    va_end(args);
    return -1;
}

static int set_number(const struct option_row *row, const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno || value < row->least ||
        value > row->most)
        return wrong("%s: '%s' is not a number from %" PRIu64 " to %" PRIu64 ".", row->name, text,
                     row->least, row->most);
    *out = value;
    return 0;
}

static int set_list(const struct option_row *row, const char *text, struct options_list *list)
{
    if (list->count == OPTIONS_LIST_MAX)
        return wrong("%s can be given %d times.", row->name, OPTIONS_LIST_MAX);
    list->item[list->count++] = text;
    return 0;
}

static int set_clock(const char *text, bool *manual)
{
    *manual = strcmp(text, "manual") == 0;
    if (!*manual && strcmp(text, "system") != 0)
        return wrong("--clock is system or manual, not '%s'.", text);
    return 0;
}

static int set_mode(const struct option_row *row, const char *text, uint32_t *mode)
{
    char *end;
    unsigned long value = strtoul(text, &end, 8);
    if (*text < '0' || *text > '7' || *end != '\0' || value > row->most)
        return wrong("%s: '%s' is not a mode in octal, such as 0660.", row->name, text);
    *mode = (uint32_t)value;
    return 0;
}

static int set_option(const struct option_row *row, const char *text, struct options *out)
{
    void *member = (char *)out + row->offset;
    uint64_t number = 0;
    switch (row->kind) {
    case TEXT:
        *(const char **)member = text;
        return 0;
    case LIST:
        return set_list(row, text, member);
    case NUMBER32:
        if (set_number(row, text, &number) < 0)
            return -1;
        *(uint32_t *)member = (uint32_t)number;
        return 0;
    case NUMBER64:
        return set_number(row, text, member);
    case CLOCK:
        return set_clock(text, member);
    case LEVEL:
        if (!log_level_parse(text, member))
            return wrong("--log is error, warn, info or debug, not '%s'.", text);
        return 0;
    case FORMAT:
        if (!log_format_parse(text, member))
            return wrong("--log-format is text or json, not '%s'.", text);
        return 0;
    case MODE:
        return set_mode(row, text, member);
    case FLAG:
        *(bool *)member = true;
        return 0;
    }
    return -1;
}

static const struct option_row *find_row(const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

static int set_defaults(struct options *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].standard && set_option(&rows[i], rows[i].standard, out) < 0)
            return -1;
    }
    return 0;
}

/* What only all options together show. */
static int check(struct options *out)
{
    if (!out->data)
        return wrong("--data DIR is required: where to keep the journal.");
    if ((out->queue & (out->queue - 1)) != 0)
        return wrong("--queue must be a power of two, as 4096.");
    out->keeps = strcmp(out->journal, "sqlite") == 0;
    if (!out->keeps && strcmp(out->journal, "memory") != 0 && strcmp(out->journal, "null") != 0)
        return wrong("--journal is sqlite, memory or null, not '%s'.", out->journal);
    if (out->metrics && !http_where(out->metrics))
        return wrong("--metrics is PORT or ADDRESS:PORT, as 9464 or 127.0.0.1:9464, not '%s'.",
                     out->metrics);
    char error[256];
    for (size_t i = 0; i < out->listen.count; i++) {
        if (!options_url_allowed(out->listen.item[i], out->insecure, error))
            return wrong("--listen %s: %s", out->listen.item[i], error);
        if (endpoint_is_tls(out->listen.item[i]) && !out->tls.cert)
            return wrong("--listen %s needs --tls-cert and --tls-key.", out->listen.item[i]);
    }
    if (!out->tls.cert != !out->tls.key || (out->tls.ca && !out->tls.cert))
        return wrong("--tls-cert and --tls-key go together, and --tls-client-ca with them.");
    return 0;
}

static int parse_all(int argc, char **argv, struct options *out)
{
    for (int i = 1; i < argc; i++) {
        const struct option_row *row = find_row(argv[i]);
        if (!row)
            return wrong("there is no option '%s'.", argv[i]);
        if (row->argument && i + 1 == argc)
            return wrong("%s needs its %s.", row->name, row->argument);
        if (set_option(row, row->argument ? argv[++i] : "", out) < 0)
            return -1;
    }
    return 0;
}

enum options_outcome options_parse(int argc, char **argv, struct options *out)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help();
            return OPTIONS_DONE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("placematd " PM_VERSION);
            return OPTIONS_DONE;
        }
    }
    *out = (struct options){0};
    struct options_list none = {0};
    if (set_defaults(out) < 0)
        return OPTIONS_WRONG;
    out->listen = none; /* its default only stands in for nothing */
    if (parse_all(argc, argv, out) < 0)
        return OPTIONS_WRONG;
    if (out->listen.count == 0)
        set_list(find_row("--listen"), find_row("--listen")->standard, &out->listen);
    return check(out) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
}

/* The host of tcp://HOST:PORT, without brackets; false when the form is another. */
static bool tcp_host(const char *rest, char *host, size_t size)
{
    const char *colon = strrchr(rest, ':');
    if (!colon || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    size_t length = (size_t)(colon - rest);
    if (length >= 2 && rest[0] == '[' && rest[length - 1] == ']') {
        rest++;
        length -= 2;
    }
    if (length >= size)
        return false;
    memcpy(host, rest, length);
    host[length] = '\0';
    return true;
}

/* Without TLS tokens can be read on their way: so no further than this machine, unless told. */
bool options_url_allowed(const char *url, bool insecure, char error[256])
{
    if (strncmp(url, "ipc:///", 7) == 0 && url[7] != '\0')
        return true;
    char host[256];
    bool tls = endpoint_is_tls(url), tcp = strncmp(url, "tcp://", 6) == 0;
    if ((!tls && !tcp) || !tcp_host(strstr(url, "//") + 2, host, sizeof host)) {
        snprintf(error, 256, "give ipc:///PATH, tcp://ADDRESS:PORT or tls+tcp://HOST:PORT.");
        return false;
    }
    if (insecure || tls)
        return true;
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127)
        return true;
    if (inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six))
        return true;
    snprintf(error, 256,
             "beyond loopback, what is sent, tokens too, could be read on its way: give 127.0.0.1 "
             "or [::1] as address, or tls+tcp://, or --insecure.");
    return false;
}
