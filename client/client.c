/*
 * client.c - libplacemat's calls: one request at a time over a req. Whether and when to send again
 * is decided here, and always the same bytes under the same numbers, so that the daemon can tell a
 * request that came twice.
 */
#include "client/endpoint.h"
#include "client/reply.h"
#include "client/req.h"
#include "core/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    TIMEOUT_DEFAULT = 10000, /* ms */
    RESEND_DEFAULT = 2000,   /* ms */
    PAUSE_MIN = 10,          /* ms between attempts, doubled up to PAUSE_MAX */
    PAUSE_MAX = 500,
    WATCH_MAX = 3600000,  /* ms that a watch may be held: far more than the daemon does */
    TRY_MAX = 120000,     /* ms that a round.try may wait its turn and be solved */
    REQUEST_START = 4096, /* bytes first taken for a request; doubled as needed */
    REQUEST_MAX = 64 << 20,
    TOKEN_MAX = PM_TITLE_MAX, /* bytes of its text */
    HEAD_SIZE = 128,          /* of a request, with who acts */
    HELLO_SIZE = 256,
};

struct pm_client {
    struct req *req;
    char *url;
    struct pm_name market;
    struct pm_actor actor; /* nobody of a client with a token */
    char token[TOKEN_MAX + 1];
    uint8_t session[PM_SESSION_MAX]; /* its key */
    uint32_t session_size;           /* 0: not logged in */
    uint64_t id, next;
    uint32_t timeout, resend; /* ms */
    /* The last request from behind who acts, kept to be sent again, in another session if need be.
     */
    uint8_t *request;
    size_t room, used;
    size_t count;  /* its commands; 0: there was none */
    uint32_t wait; /* ms the daemon may hold it: while it does, neither time above goes on */
};

/* One call, over as many attempts as it takes. */
struct exchange {
    int64_t began, deadline; /* on channel_clock() */
    int64_t hold; /* ms that it may yet be held by the daemon, for which it waits longer */
    int64_t pause;
    bool unanswered;            /* an attempt may have reached the daemon and was not answered */
    struct pm_reply *put_off;   /* the last busy or stopping */
    struct pm_reply *reply;     /* what an attempt brought */
    struct pm_client_error why; /* of a reply that is none, or of a connection that is none */
};

enum attempt { ANSWERED, NOT_SENT, DISTRUSTED, NOT_ANSWERED, NOT_A_REPLY, NO_MEMORY };

__attribute__((format(printf, 2, 3))) static void say(struct pm_client_error *error,
                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
}

static void sleep_ms(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* ---- Opening ---- */

/* A random number other than 0 that fits a signed one. */
static uint64_t random_id(void)
{
    uint64_t id = 0;
    while (id == 0) {
        if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
            id = 0;
        id >>= 1;
    }
    return id;
}

static bool options_hold(const struct pm_client_options *options, struct pm_client_error *error)
{
    if (options->url == NULL || options->market == NULL) {
        say(error, "A client needs the daemon's URL and the name of a market.");
        return false;
    }
    if (strlen(options->market) > PM_NAME_MAX) {
        say(error, "The market's name is longer than %d bytes.", PM_NAME_MAX);
        return false;
    }
    if (options->token != NULL && strlen(options->token) > TOKEN_MAX) {
        say(error, "The token is longer than tokens are.");
        return false;
    }
    bool tls = options->tls_ca != NULL || options->tls_cert != NULL || options->tls_key != NULL;
    if (tls && !endpoint_is_tls(options->url)) {
        say(error, "Certificates are for tls+tcp alone, and \"%.120s\" is not.", options->url);
        return false;
    }
    if ((options->tls_cert == NULL) != (options->tls_key == NULL)) {
        say(error, "A client's certificate and its key go together.");
        return false;
    }
    return true;
}

static void take_options(struct pm_client *client, const struct pm_client_options *options)
{
    memcpy(client->market.text, options->market, strlen(options->market));
    if (options->token != NULL)
        memcpy(client->token, options->token, strlen(options->token));
    else
        client->actor = options->actor;
    client->id = options->client != 0 ? options->client : random_id();
    client->next = options->first_number != 0 ? options->first_number : 1;
    client->timeout = options->timeout != 0 ? options->timeout : TIMEOUT_DEFAULT;
    client->resend = options->resend != 0 ? options->resend : RESEND_DEFAULT;
}

enum pm_client_outcome pm_client_open(const struct pm_client_options *options,
                                      struct pm_client **out, struct pm_client_error *error)
{
    *out = NULL;
    if (!options_hold(options, error))
        return PM_CALL_INVALID;
    struct pm_client *client = calloc(1, sizeof *client);
    if (client != NULL)
        client->url = strdup(options->url);
    if (client == NULL || client->url == NULL) {
        pm_client_close(client);
        say(error, "Out of memory.");
        return PM_CALL_NO_MEMORY;
    }
    const struct tls_files files = {
        .cert = options->tls_cert, .key = options->tls_key, .ca = options->tls_ca};
    client->req = req_create(client->url, &files, error->text);
    if (client->req == NULL) {
        pm_client_close(client);
        return PM_CALL_INVALID;
    }
    take_options(client, options);
    *out = client;
    return PM_CALL_DONE;
}

void pm_client_close(struct pm_client *client)
{
    if (client == NULL)
        return;
    req_destroy(client->req);
    free(client->url);
    free(client->request);
    explicit_bzero(client->token, sizeof client->token);
    free(client);
}

/* ---- Writing the request ---- */

static bool make_room(struct pm_client *client, size_t room)
{
    uint8_t *request = realloc(client->request, room);
    if (request == NULL)
        return false;
    client->request = request;
    client->room = room;
    return true;
}

/* Encodes into client->request, as large as it needs to be. */
static enum pm_client_outcome encode(struct pm_client *client, const struct wire_request *request,
                                     struct pm_client_error *error)
{
    size_t room = client->room != 0 ? client->room : REQUEST_START;
    for (; room <= REQUEST_MAX; room *= 2) {
        if (room != client->room && !make_room(client, room)) {
            say(error, "Out of memory.");
            return PM_CALL_NO_MEMORY;
        }
        struct wire_writer writer = {.bytes = client->request, .size = room};
        wire_request_encode_what(&writer, request);
        client->used = writer.used;
        if (!writer.overflow)
            return PM_CALL_DONE;
    }
    say(error, "The request is larger than %d MiB: split it.", REQUEST_MAX >> 20);
    return PM_CALL_INVALID;
}

static bool sendable(const struct pm_client *client, size_t count, struct pm_client_error *error)
{
    if (count == 0 || count > PM_COMMANDS_MAX) {
        say(error, "A request has 1 to %d commands, not %zu.", PM_COMMANDS_MAX, count);
        return false;
    }
    if (client->actor.name.length > PM_NAME_MAX) {
        say(error, "The name of who acts is longer than %d bytes.", PM_NAME_MAX);
        return false;
    }
    if (client->next > UINT64_MAX - count) {
        say(error, "The numbers of this client id are used up: take another.");
        return false;
    }
    return true;
}

/* How long the daemon may hold the request by its own wish, in ms: the longest of its watches, or
 * as rounds that are tried may take. */
static uint32_t longest_wait(const struct pm_command *commands, size_t count)
{
    uint32_t wait = 0;
    for (size_t at = 0; at < count; at++) {
        if (commands[at].verb == PM_WATCH && commands[at].watch.wait > wait)
            wait = commands[at].watch.wait < WATCH_MAX ? commands[at].watch.wait : WATCH_MAX;
        if (commands[at].verb == PM_ROUND_TRY)
            wait = TRY_MAX;
    }
    return wait;
}

/* Makes the commands the client's last request. */
static enum pm_client_outcome keep_request(struct pm_client *client,
                                           const struct pm_command *commands, size_t count,
                                           struct pm_client_error *error)
{
    struct pm_command *first = NULL;
    memcpy(&first, &commands, sizeof first); /* encoding only reads them */
    struct wire_request request = {
        .market = pm_text(client->market.text),
        .client = client->id,
        .first_number = client->next,
        .count = (uint32_t)count,
        .command = first,
    };
    client->count = 0;
    enum pm_client_outcome outcome = encode(client, &request, error);
    if (outcome != PM_CALL_DONE)
        return outcome;
    client->count = count;
    client->wait = longest_wait(commands, count);
    client->next += count;
    return PM_CALL_DONE;
}

/* ---- Sending and asking again ---- */

/* The last request, from who acts now. */
static enum channel_result send_request(struct pm_client *client, int64_t wait)
{
    uint8_t bytes[HEAD_SIZE];
    struct wire_writer head = {.bytes = bytes, .size = sizeof bytes};
    const struct wire_request who = {
        .actor = client->actor,
        .session = {.bytes = (const char *)client->session, .length = client->session_size},
    };
    wire_request_encode_who(&head, &who);
    const struct req_part part[2] = {{bytes, head.used}, {client->request, client->used}};
    return req_send(client->req, part, wait);
}

static enum channel_result send_hello(struct pm_client *client, int64_t wait)
{
    uint8_t bytes[HELLO_SIZE];
    struct wire_writer hello = {.bytes = bytes, .size = sizeof bytes};
    struct pm_command command = {.verb = PM_HELLO, .hello = {.token = pm_text(client->token)}};
    const struct wire_request request = {
        .client = client->id, .first_number = 1, .count = 1, .command = &command};
    wire_request_encode(&hello, &request);
    const struct req_part part[2] = {{bytes, hello.used}, {NULL, 0}};
    return req_send(client->req, part, wait);
}

/* Receives the reply to a request of `count` commands. */
static enum attempt receive_reply(struct pm_client *client, struct exchange *exchange, size_t count,
                                  int64_t wait)
{
    uint8_t *bytes;
    size_t size;
    enum channel_result result = req_receive(client->req, &bytes, &size, wait);
    if (result != CHANNEL_DONE)
        return result == CHANNEL_NO_MEMORY ? NO_MEMORY : NOT_ANSWERED;
    if (size == 0) { /* all that a daemon short of memory can say */
        free(bytes);
        return NOT_ANSWERED;
    }
    enum pm_client_outcome outcome =
        reply_read(bytes, size, count, &exchange->reply, &exchange->why);
    free(bytes);
    return outcome == PM_CALL_DONE        ? ANSWERED
           : outcome == PM_CALL_NO_MEMORY ? NO_MEMORY
                                          : NOT_A_REPLY;
}

/* Milliseconds to wait for something now: so many, within what is left of the call's time. */
static int64_t time_for(const struct exchange *exchange, int64_t ms)
{
    int64_t left = exchange->deadline - channel_clock();
    if (left > ms)
        left = ms;
    return left < 1 ? 1 : left;
}

/* How long the daemon may hold what is asked now. */
static int64_t hold_of(const struct pm_client *client, const struct exchange *exchange, bool hello)
{
    int64_t hold = hello ? 0 : client->wait;
    return hold < exchange->hold ? hold : exchange->hold;
}

/* Time in which it was held does not count. Whoever has not answered once it was over holds it no
 * more. */
static void was_held(struct exchange *exchange, int64_t hold, int64_t took, int64_t wait)
{
    int64_t held = took < hold ? took : hold;
    exchange->deadline += held;
    exchange->hold = hold > 0 && took >= wait ? 0 : exchange->hold - held;
}

/* What is sent at once: logging in, or the request. */
static enum attempt ask_once(struct pm_client *client, struct exchange *exchange, bool hello)
{
    enum channel_result sent =
        (hello ? send_hello : send_request)(client, time_for(exchange, client->resend));
    say(&exchange->why, "%s", req_why(client->req));
    if (sent != CHANNEL_DONE)
        return sent == CHANNEL_NO_MEMORY    ? NO_MEMORY
               : sent == CHANNEL_DISTRUSTED ? DISTRUSTED
                                            : NOT_SENT;
    int64_t hold = hold_of(client, exchange, hello), from = channel_clock();
    int64_t wait = time_for(exchange, client->resend) + hold;
    enum attempt result = receive_reply(client, exchange, hello ? 1 : client->count, wait);
    was_held(exchange, hold, channel_clock() - from, wait);
    if (result != ANSWERED)
        req_close(client->req); /* whatever still comes on it is of the past */
    return result;
}

/* The session's key out of the answer to hello; false when there is none. */
static bool read_session(struct pm_client *client, const struct pm_reply *reply)
{
    size_t size;
    const uint8_t *body = pm_reply_body(reply, 0, &size);
    struct wire_reader reader = {.bytes = body, .size = body != NULL ? size : 0};
    struct wire_item item;
    if (!wire_next(&reader, &item) || item.type != WIRE_MAP)
        return false;
    while (wire_next(&reader, &item) && item.type == WIRE_UINT) {
        bool session = item.value == KEY_SESSION;
        if (!session && !wire_skip(&reader))
            return false;
        if (!session)
            continue;
        if (!wire_next(&reader, &item) || item.type != WIRE_BYTES || item.text.length == 0 ||
            item.text.length > PM_SESSION_MAX)
            return false;
        memcpy(client->session, item.text.bytes, item.text.length);
        client->session_size = item.text.length;
        return true;
    }
    return false;
}

/* Logs in. When that is refused, the refusal is the exchange's reply. */
static enum attempt log_in(struct pm_client *client, struct exchange *exchange)
{
    enum attempt result = ask_once(client, exchange, true);
    if (result != ANSWERED || pm_reply_status(exchange->reply) != PM_OK)
        return result;
    if (!read_session(client, exchange->reply)) {
        say(&exchange->why, "its hello has no session");
        result = NOT_A_REPLY;
    }
    pm_reply_free(exchange->reply);
    exchange->reply = NULL;
    return result;
}

/* Sends the request and waits for its reply, once, having logged in where that is needed. */
static enum attempt attempt(struct pm_client *client, struct exchange *exchange)
{
    if (client->token[0] != '\0' && client->session_size == 0) {
        enum attempt result = log_in(client, exchange);
        if (result != ANSWERED || client->session_size == 0)
            return result;
    }
    enum attempt result = ask_once(client, exchange, false);
    if (result == NOT_ANSWERED)
        exchange->unanswered = true;
    return result;
}

/* Is the session over, as after the daemon's restart? Then a new one is opened, and the same asked
 * in it. */
static bool session_is_over(struct pm_client *client, unsigned status)
{
    if (status != PM_UNAUTHENTICATED || client->session_size == 0)
        return false;
    client->session_size = 0;
    return true;
}

/* So long, and up to half as long again: so that all who were told the same do not come back at
 * once. */
static int64_t spread(uint32_t ms)
{
    return ms + (int64_t)(random_id() % (ms / 2 + 1));
}

/* Is the answer that nothing was done, and to come again? Then it is put off. */
static bool put_off(struct pm_client *client, struct exchange *exchange)
{
    unsigned status = pm_reply_status(exchange->reply);
    if (status != PM_BUSY && status != PM_STOPPING && status != PM_LOGIN_PAUSED &&
        !session_is_over(client, status))
        return false;
    pm_reply_free(exchange->put_off);
    exchange->put_off = exchange->reply;
    exchange->reply = NULL;
    if (reply_after(exchange->put_off) > 0)
        exchange->pause = spread(reply_after(exchange->put_off));
    if (status == PM_STOPPING)
        req_close(client->req);
    return true;
}

/* Waits before the next attempt; false when there is no time for one. */
static bool pause_between(struct exchange *exchange)
{
    int64_t left = exchange->deadline - channel_clock();
    if (left <= 0)
        return false;
    sleep_ms(exchange->pause < left ? exchange->pause : left);
    exchange->pause = exchange->pause * 2 < PAUSE_MAX ? exchange->pause * 2 : PAUSE_MAX;
    return exchange->deadline > channel_clock();
}

/* nng goes on trying a socket that this account may not use, and does not say why. */
static bool is_forbidden(const char *url)
{
    static const char ipc[] = "ipc://";
    const size_t scheme = sizeof ipc - 1;
    return strncmp(url, ipc, scheme) == 0 &&
           faccessat(AT_FDCWD, url + scheme, W_OK, AT_EACCESS) != 0 && errno == EACCES;
}

/* The time is over. When every attempt that arrived was put off, that is the answer: nothing was
 * done. */
static enum pm_client_outcome give_up(const struct pm_client *client, struct exchange *exchange,
                                      struct pm_reply **reply, struct pm_client_error *error)
{
    if (exchange->put_off != NULL && !exchange->unanswered) {
        *reply = exchange->put_off;
        return PM_CALL_DONE;
    }
    pm_reply_free(exchange->put_off);
    int64_t ms = exchange->deadline - exchange->began;
    if (exchange->unanswered)
        say(error,
            "No answer from \"%.100s\" within %" PRId64
            " ms: what was asked may have been done or not.",
            client->url, ms);
    else if (exchange->why.text[0] != '\0')
        *error = exchange->why;
    else if (is_forbidden(client->url))
        say(error,
            "This account may not use \"%.100s\": placematd's --ipc-mode says who may, and so do "
            "the directories it lies in.",
            client->url);
    else
        say(error,
            "Nothing answers at \"%.100s\" within %" PRId64 " ms: is placematd running there%s?",
            client->url, ms, strncmp(client->url, "tcp://", 6) == 0 ? ", and without TLS" : "");
    return PM_CALL_UNREACHABLE;
}

/* What cannot be mended by another attempt. */
static enum pm_client_outcome fail(const struct pm_client *client, struct exchange *exchange,
                                   enum attempt result, struct pm_client_error *error)
{
    pm_reply_free(exchange->put_off);
    if (result == NO_MEMORY) {
        say(error, "Out of memory.");
        return PM_CALL_NO_MEMORY;
    }
    say(error, "What answers at \"%.100s\" gave no reply of Placemat's: %.80s.", client->url,
        exchange->why.text);
    return PM_CALL_UNREACHABLE;
}

static enum pm_client_outcome run_exchange(struct pm_client *client, struct pm_reply **reply,
                                           struct pm_client_error *error)
{
    struct exchange exchange = {.began = channel_clock(), .pause = PAUSE_MIN};
    exchange.hold = 2 * (int64_t)client->wait; /* once more by a daemon that was started anew */
    exchange.deadline = exchange.began + client->timeout;
    do {
        enum attempt result = attempt(client, &exchange);
        if (result == NO_MEMORY || result == NOT_A_REPLY)
            return fail(client, &exchange, result, error);
        if (result == DISTRUSTED)
            break; /* another attempt would mend nothing */
        if (result == ANSWERED && !put_off(client, &exchange)) {
            pm_reply_free(exchange.put_off);
            *reply = exchange.reply;
            return PM_CALL_DONE;
        }
    } while (pause_between(&exchange));
    return give_up(client, &exchange, reply, error);
}

enum pm_client_outcome pm_client_call(struct pm_client *client, const struct pm_command *commands,
                                      size_t count, struct pm_reply **reply,
                                      struct pm_client_error *error)
{
    *reply = NULL;
    if (!sendable(client, count, error))
        return PM_CALL_INVALID;
    enum pm_client_outcome outcome = keep_request(client, commands, count, error);
    return outcome == PM_CALL_DONE ? run_exchange(client, reply, error) : outcome;
}

enum pm_client_outcome pm_client_resend(struct pm_client *client, struct pm_reply **reply,
                                        struct pm_client_error *error)
{
    *reply = NULL;
    if (client->count == 0) {
        say(error, "There is no request to send again.");
        return PM_CALL_INVALID;
    }
    return run_exchange(client, reply, error);
}

void pm_client_act_as(struct pm_client *client, struct pm_actor actor)
{
    if (client->token[0] == '\0')
        client->actor = actor;
}

uint64_t pm_client_next_number(const struct pm_client *client)
{
    return client->next;
}

uint64_t client_id(const struct pm_client *client)
{
    return client->id;
}
