/*
 * http.c: see http.h. libmicrohttpd does the HTTP.
 */
#include "http.h"

#include "daemon/clock.h"
#include "daemon/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct http {
    struct MHD_Daemon *daemon;
    const struct metrics_sources *sources;
    char url[80];
    /* The thread of libmicrohttpd alone: what the matcher said last, when it was asked. */
    struct figures figures;
    bool answered;
    uint64_t asked_ns;
};

/* ---- Where ---- */

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static bool parse_port(const char *text, in_port_t *out)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    *out = htons((uint16_t)port);
    return *text >= '0' && *text <= '9' && *end == '\0' && port <= UINT16_MAX;
}

static bool parse_host(const char *host, in_port_t port, union address *out)
{
    *out = (union address){.four = {.sin_family = AF_INET, .sin_port = port}};
    if (inet_pton(AF_INET, host, &out->four.sin_addr) == 1)
        return true;
    *out = (union address){.six = {.sin6_family = AF_INET6, .sin6_port = port}};
    return inet_pton(AF_INET6, host, &out->six.sin6_addr) == 1;
}

static bool parse(const char *where, char host[64], union address *out)
{
    const char *colon = strrchr(where, ':');
    size_t length = colon ? (size_t)(colon - where) : 0;
    const char *from = where;
    in_port_t port;
    if (!parse_port(colon ? colon + 1 : where, &port) || length >= 64)
        return false;
    if (length > 2 && from[0] == '[' && from[length - 1] == ']') {
        from++;
        length -= 2;
    }
    snprintf(host, 64, "%.*s", colon ? (int)length : 9, colon ? from : "127.0.0.1");
    return parse_host(host, port, out);
}

bool http_where(const char *where)
{
    char host[64];
    union address address;
    return parse(where, host, &address);
}

/* ---- What is served ---- */

/* What the matcher says now, or has just said; NULL when it does not answer. */
static const struct figures *figures_now(struct http *http)
{
    uint64_t now = clock_steady_ns();
    if (http->asked_ns == 0 || now - http->asked_ns > HTTP_FRESH_MS * UINT64_C(1000000)) {
        http->answered =
            probe_ask(http->sources->probe, HTTP_ANSWER_MS * UINT64_C(1000000), &http->figures);
        http->asked_ns = clock_steady_ns();
    }
    return http->answered ? &http->figures : NULL;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
                             struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status,
                                  const char *text)
{
    union {
        const char *text;
        void *bytes;
    } body = {.text = text}; /* which is copied, not written to */
    return reply(connection, status, "text/plain; charset=utf-8",
                 MHD_create_response_from_buffer(strlen(text), body.bytes, MHD_RESPMEM_MUST_COPY));
}

static enum MHD_Result reply_metrics(struct http *http, struct MHD_Connection *connection)
{
    size_t size;
    char *text = metrics_text(http->sources, figures_now(http), &size);
    if (!text)
        return reply_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory\n");
    return reply(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                 MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE));
}

static enum MHD_Result reply_health(struct http *http, struct MHD_Connection *connection)
{
    char ail[256], text[264];
    metrics_ail(http->sources, figures_now(http), ail);
    snprintf(text, sizeof text, "%s\n", ail[0] ? ail : "ok");
    return reply_text(connection, ail[0] ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK, text);
}

/* libmicrohttpd's thread: once for a request's head, then for what it brings and its end. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    struct http *http = context;
    (void)version;
    (void)upload;
    (void)request;
    *upload_size = 0; /* nobody has anything to bring */
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return reply_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n");
    if (strcmp(path, "/metrics") == 0)
        return reply_metrics(http, connection);
    if (strcmp(path, "/health") == 0)
        return reply_health(http, connection);
    return reply_text(connection, MHD_HTTP_NOT_FOUND, "there are /metrics and /health\n");
}

static void log_problem(void *context, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void log_problem(void *context, const char *format, va_list args)
{
    char text[256];
    (void)context;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    log_debug("http: %s", text);
}

/* ---- Opening and closing ---- */

static void name_url(struct http *http, const char *host)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    bool six = strchr(host, ':') != NULL;
    snprintf(http->url, sizeof http->url, "http://%s%s%s:%u", six ? "[" : "", host, six ? "]" : "",
             info ? (unsigned)info->port : 0);
}

struct http *http_open(const char *where, const struct metrics_sources *sources, char error[256])
{
    char host[64];
    union address address;
    struct http *http = calloc(1, sizeof *http);
    snprintf(error, 256, "cannot serve metrics on %s: out of memory", where);
    if (!http || !parse(where, host, &address)) {
        free(http);
        return NULL;
    }
    http->sources = sources;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG | MHD_USE_POLL |
                     (address.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    errno = 0;
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, answer, http, MHD_OPTION_EXTERNAL_LOGGER, log_problem, NULL,
        MHD_OPTION_SOCK_ADDR, &address.any, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)(16 << 10), MHD_OPTION_END);
    if (http->daemon) {
        name_url(http, host);
        return http;
    }
    snprintf(error, 256, "cannot serve metrics on %s: %s", where, strerror(errno));
    free(http);
    return NULL;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    MHD_stop_daemon(http->daemon);
    free(http);
}

const char *http_url(const struct http *http)
{
    return http->url;
}
