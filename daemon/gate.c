/*
 * gate.c: see gate.h. One lock for tokens, failed logins and the opening and ending of sessions, so
 * that no session outlives its token: whoever logs in holds it from the token to the session.
 */
#include "gate.h"

#include "core/hash.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/logins.h"
#include "daemon/peer.h"
#include "daemon/tokens.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS = 1 << 14, /* at once: 2 MiB */
    ROW_SIZE = 256,     /* bytes of a token in a list, at most */
    ROWS_DEFAULT = 100,
    DAY_MS = 86400000,
};

struct gate {
    struct gate_options options;
    struct sessions *sessions;
    pthread_mutex_t lock;
    struct tokens *tokens;
    struct logins logins;
};

static uint16_t refuse(struct wire_error *error, uint16_t status, const char *why)
{
    snprintf(error->text, sizeof error->text, "%s", why);
    return status;
}

/* ---- Opening ---- */

struct gate *gate_open(const struct gate_options *options, char error[256])
{
    struct gate *gate = calloc(1, sizeof *gate);
    snprintf(error, 256, "out of memory");
    if (!gate)
        return NULL;
    gate->options = *options;
    pthread_mutex_init(&gate->lock, NULL);
    gate->sessions = sessions_create(SESSIONS);
    gate->tokens = gate->sessions ? tokens_open(options->directory, error) : NULL;
    if (!gate->tokens) {
        gate_close(gate);
        return NULL;
    }
    randombytes_buf(&gate->logins.secret, sizeof gate->logins.secret);
    return gate;
}

void gate_close(struct gate *gate)
{
    if (!gate)
        return;
    tokens_close(gate->tokens);
    sessions_destroy(gate->sessions);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

/* ---- Who acts ---- */

bool gate_trusts(const struct gate *gate, const struct peer *peer)
{
    return gate->options.insecure || peer_is_own(peer);
}

static uint16_t identify_stated(bool trusted, const struct wire_request *request,
                                struct wire_error *error)
{
    if (trusted || request->actor.role == 0)
        return PM_OK;
    return refuse(error, PM_UNAUTHENTICATED,
                  "who acts may be stated over ipc, by the daemon's own user alone");
}

static bool is_for(const struct principal *principal, struct pm_text market)
{
    return principal->market.text[0] == '\0' || market.length == 0 ||
           pm_text_equal(pm_text(principal->market.text), market);
}

/* Tokens that act by one name, as those of a provider, number their commands each by itself. */
uint16_t gate_identify(struct gate *gate, bool trusted, struct wire_request *request,
                       struct principal *kept, struct wire_error *error)
{
    if (request->session.length == 0)
        return identify_stated(trusted, request, error);
    if (!sessions_find(gate->sessions, request->session, clock_steady_s(), kept))
        return refuse(error, PM_UNAUTHENTICATED, "there is no such session, or it is over");
    if (!is_for(kept, request->market)) {
        snprintf(error->text, sizeof error->text, "the token is for the market %s alone",
                 kept->market.text);
        return PM_NOT_ALLOWED;
    }
    request->actor =
        (struct pm_actor){.role = (uint8_t)kept->role, .name = pm_text(kept->name.text)};
    if (kept->salt != 0)
        request->client = pm_hash(&request->client, sizeof request->client, kept->salt);
    return PM_OK;
}

bool gate_is_open(struct gate *gate, struct pm_text session)
{
    struct principal principal;
    return sessions_find(gate->sessions, session, clock_steady_s(), &principal);
}

/* ---- Answers ---- */

static void put_number(struct wire_writer *out, enum wire_key key, uint64_t value)
{
    wire_key(out, key);
    wire_uint(out, value);
}

static void put_text(struct wire_writer *out, enum wire_key key, const char *text)
{
    if (text[0] == '\0')
        return;
    wire_key(out, key);
    wire_string(out, text);
}

static void begin_body(struct wire_writer *out)
{
    wire_array(out, 2);
    wire_uint(out, PM_OK);
    wire_open_map(out);
}

/* Whom it acts for, where that is not itself. */
static void put_acts_for(struct wire_writer *out, const struct token *token)
{
    if (token->role == PM_PROVIDER)
        put_text(out, KEY_PROVIDER, token->acts_for.text);
    if (token->role == PM_HOSPITAL)
        put_text(out, KEY_REFERRER, token->acts_for.text);
}

static void put_token(struct wire_writer *out, const struct token *token)
{
    put_text(out, KEY_NAME, token->name.text);
    put_text(out, KEY_ROLE, pm_role_name(token->role));
    put_acts_for(out, token);
    put_text(out, KEY_MARKET, token->market.text);
    if (token->expires != 0)
        put_number(out, KEY_EXPIRES, (uint64_t)token->expires);
}

/* ---- Logging in ---- */

static struct principal principal_of(const struct token *token)
{
    struct principal principal = {
        .name = token->acts_for, .market = token->market, .token = token->id, .role = token->role};
    if (memcmp(&token->name, &token->acts_for, sizeof token->name) != 0)
        principal.salt = pm_hash(token->name.text, sizeof token->name.text, 0) | 1;
    return principal;
}

/* Steady seconds at which a session is over: with its token's last day, or a day from now. */
static uint32_t ends_at(const struct token *token, uint32_t now, int64_t wall)
{
    int64_t left = SESSION_LONGEST;
    if (token->expires != 0)
        left = (((int64_t)token->expires + 1) * DAY_MS - wall) / 1000 + 1;
    return now + (uint32_t)(left < SESSION_LONGEST ? left : SESSION_LONGEST);
}

static uint16_t pause_login(uint32_t wait, struct wire_error *error)
{
    snprintf(error->text, sizeof error->text, "wait %u s", (unsigned)wait);
    return PM_LOGIN_PAUSED;
}

/* Counted and logged, unless too many come from that address: then it is only told to wait. */
static uint16_t fail(struct gate *gate, const struct gate_peer *peer, const struct token *token,
                     struct wire_error *error)
{
    char from[64];
    uint32_t now = clock_steady_s();
    uint32_t wait = logins_wait_of_address(&gate->logins, peer_address(peer->peer), now);
    if (wait > 0 && !peer->trusted)
        return pause_login(wait, error);
    if (!peer->trusted)
        logins_failed(&gate->logins, peer->connection, peer_address(peer->peer), now);
    log_warn("a login from %s is refused: %s%s", peer_text(peer->peer, from),
             token ? "over is the last day of the token " : "no such token",
             token ? token->name.text : "");
    return refuse(error, PM_UNAUTHENTICATED,
                  token ? "the token's last day is over" : "no such token: mistyped, or revoked");
}

static void put_session(const struct gate *gate, const struct token *token,
                        const uint8_t key[SESSION_KEY], struct wire_writer *out)
{
    begin_body(out);
    wire_key(out, KEY_SESSION);
    wire_bytes(out, key, SESSION_KEY);
    put_token(out, token);
    put_text(out, KEY_SERVER, "placematd " PM_VERSION);
    put_number(out, KEY_IDLE, SESSION_IDLE);
    put_number(out, KEY_COMMANDS_MAX, PM_COMMANDS_MAX);
    put_number(out, KEY_ROWS_MAX, PM_ROWS_MAX);
    put_number(out, KEY_MESSAGE_MAX, gate->options.message_max);
    wire_break(out);
}

static uint16_t hello(struct gate *gate, const struct gate_peer *peer, const struct pm_hello *hello,
                      struct wire_writer *out, struct wire_error *error)
{
    uint8_t key[SESSION_KEY];
    uint32_t now = clock_steady_s();
    int64_t wall = clock_wall_ms();
    uint32_t wait = logins_wait_of_connection(&gate->logins, peer->connection, now);
    if (wait > 0 && !peer->trusted)
        return pause_login(wait, error);
    const struct token *token = tokens_find(gate->tokens, hello->token);
    if (!token || token_expired(token, wall))
        return fail(gate, peer, token, error);
    struct principal principal = principal_of(token);
    sessions_open(gate->sessions, &principal, now, ends_at(token, now, wall), key);
    log_debug("%s has logged in", token->name.text);
    put_session(gate, token, key, out);
    return PM_OK;
}

/* ---- Tokens ---- */

/* By whom, since nothing else records it. */
static void log_by(const struct wire_request *request, struct pm_text name, const char *what)
{
    log_info("the token %.*s is %s by %.*s", (int)name.length, name.bytes, what,
             (int)request->actor.name.length, request->actor.name.bytes);
}

static uint16_t create(struct gate *gate, const struct wire_request *request,
                       struct wire_writer *out, struct wire_error *error)
{
    const struct pm_token *wanted = &request->command->token;
    char text[TOKEN_TEXT];
    uint16_t status = tokens_create(gate->tokens, wanted, clock_wall_ms(), text, error);
    if (status != PM_OK)
        return status;
    log_by(request, wanted->name, "made");
    begin_body(out);
    put_text(out, KEY_TOKEN, text);
    wire_break(out);
    sodium_memzero(text, sizeof text);
    return PM_OK;
}

static uint16_t revoke(struct gate *gate, const struct wire_request *request,
                       struct wire_writer *out, struct wire_error *error)
{
    uint64_t id;
    uint16_t status = tokens_revoke(gate->tokens, request->command->token_name.name, &id);
    if (status == PM_FULL)
        return refuse(error, status, "the file of tokens cannot be written");
    if (status != PM_OK)
        return status;
    sessions_end(gate->sessions, id);
    log_by(request, request->command->token_name.name, "revoked");
    wire_reply_result(out, (struct pm_result){.status = PM_OK});
    return PM_OK;
}

static void put_row(const struct gate *gate, const struct token *token, struct wire_writer *out)
{
    wire_open_map(out);
    put_number(out, KEY_ID, token->id);
    put_token(out, token);
    put_number(out, KEY_CREATED, (uint64_t)token->created);
    put_number(out, KEY_SESSIONS, sessions_count(gate->sessions, token->id, clock_steady_s()));
    wire_break(out);
}

static uint16_t list(const struct gate *gate, const struct pm_list *list, struct wire_writer *out)
{
    uint32_t limit = list->limit != 0 ? list->limit : ROWS_DEFAULT;
    uint64_t last = list->after;
    const struct token *token;
    begin_body(out);
    wire_key(out, KEY_ROWS);
    wire_open_array(out);
    for (uint32_t i = 0; i < limit && (token = tokens_next(gate->tokens, last)); i++) {
        put_row(gate, token, out);
        last = token->id;
    }
    wire_break(out);
    put_number(out, KEY_NEXT, tokens_next(gate->tokens, last) ? last : 0);
    wire_break(out);
    return PM_OK;
}

bool gate_answers(unsigned verb)
{
    return verb >= PM_HELLO && verb <= PM_TOKEN_LIST;
}

size_t gate_answer_size(void)
{
    return (size_t)PM_ROWS_MAX * ROW_SIZE + ROW_SIZE;
}

uint16_t gate_answer(struct gate *gate, const struct gate_peer *peer,
                     const struct wire_request *request, struct wire_writer *out,
                     struct wire_error *error)
{
    const struct pm_command *command = request->command;
    uint16_t status = PM_UNKNOWN_COMMAND;
    if (command->verb == PM_TOKEN_LIST && command->list.limit > PM_ROWS_MAX)
        return PM_TOO_LARGE;
    pthread_mutex_lock(&gate->lock);
    if (command->verb == PM_HELLO)
        status = hello(gate, peer, &command->hello, out, error);
    else if (command->verb == PM_TOKEN_CREATE)
        status = create(gate, request, out, error);
    else if (command->verb == PM_TOKEN_REVOKE)
        status = revoke(gate, request, out, error);
    else if (command->verb == PM_TOKEN_LIST)
        status = list(gate, &command->list, out);
    pthread_mutex_unlock(&gate->lock);
    return status;
}
