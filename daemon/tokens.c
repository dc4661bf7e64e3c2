/*
 * tokens.c: see tokens.h. The tokens lie in the order of their ids, so that lists go on from one.
 * They are searched one by one, by the first bytes of their hashes, which lie together: a few
 * thousand take a microsecond or two. What that time tells of a hash is of no use to anybody.
 */
#include "tokens.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "pmt_";
enum {
    PREFIX = sizeof prefix - 1,
    DAY = 86400000, /* ms */
};

struct tokens {
    struct token_file *file;
    size_t count;
    uint64_t head[TOKENS_MAX]; /* of each token's hash */
    struct token token[TOKENS_MAX];
};

_Static_assert(sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) +
                       PREFIX ==
                   TOKEN_TEXT,
               "a token's text");

static uint64_t head_of(const uint8_t hash[TOKEN_HASH])
{
    uint64_t head;
    memcpy(&head, hash, sizeof head);
    return head;
}

struct tokens *tokens_open(const char *directory, char error[256])
{
    struct tokens *tokens = sodium_init() >= 0 ? calloc(1, sizeof *tokens) : NULL;
    snprintf(error, 256, "out of memory");
    if (!tokens)
        return NULL;
    tokens->file = token_file_open(directory, error);
    int count = tokens->file ? token_file_read(tokens->file, tokens->token, TOKENS_MAX, error) : -1;
    if (count >= 0) {
        tokens->count = (size_t)count;
        for (size_t i = 0; i < tokens->count; i++)
            tokens->head[i] = head_of(tokens->token[i].hash);
        return tokens;
    }
    tokens_close(tokens);
    return NULL;
}

void tokens_close(struct tokens *tokens)
{
    if (!tokens)
        return;
    token_file_close(tokens->file);
    free(tokens);
}

/* ---- Finding ---- */

static struct token *find_name(struct tokens *tokens, struct pm_text name)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (pm_text_equal(pm_text(tokens->token[i].name.text), name))
            return &tokens->token[i];
    }
    return NULL;
}

static bool read_text(struct pm_text text, uint8_t out[TOKEN_BYTES])
{
    size_t size;
    return text.length == TOKEN_TEXT - 1 && memcmp(text.bytes, prefix, PREFIX) == 0 &&
           sodium_base642bin(out, TOKEN_BYTES, text.bytes + PREFIX, text.length - PREFIX, NULL,
                             &size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           size == TOKEN_BYTES;
}

static void hash_of(const uint8_t bytes[TOKEN_BYTES], uint8_t out[TOKEN_HASH])
{
    crypto_generichash(out, TOKEN_HASH, bytes, TOKEN_BYTES, NULL, 0);
}

const struct token *tokens_find(const struct tokens *tokens, struct pm_text text)
{
    uint8_t bytes[TOKEN_BYTES], hash[TOKEN_HASH];
    const struct token *found = NULL;
    if (!read_text(text, bytes))
        return NULL;
    hash_of(bytes, hash);
    sodium_memzero(bytes, sizeof bytes);
    for (size_t i = 0; i < tokens->count; i++) {
        if (tokens->head[i] == head_of(hash) &&
            sodium_memcmp(tokens->token[i].hash, hash, TOKEN_HASH) == 0)
            found = &tokens->token[i];
    }
    return found;
}

const struct token *tokens_next(const struct tokens *tokens, uint64_t after)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (tokens->token[i].id > after)
            return &tokens->token[i];
    }
    return NULL;
}

bool token_expired(const struct token *token, int64_t now)
{
    return token->expires != 0 && now >= ((int64_t)token->expires + 1) * DAY;
}

/* ---- Making and revoking ---- */

static uint16_t wrong(struct wire_error *error, uint16_t status, const char *why)
{
    snprintf(error->text, sizeof error->text, "%s", why);
    return status;
}

/* Printable, without spaces at its ends. UTF-8 was checked in decoding. */
static bool is_name(struct pm_text text)
{
    if (text.length < 1 || text.length > PM_NAME_MAX || text.bytes[0] == ' ' ||
        text.bytes[text.length - 1] == ' ')
        return false;
    for (uint32_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.bytes[i] < ' ' || text.bytes[i] == 0x7f)
            return false;
    }
    return true;
}

/* What belongs to which role. */
static uint16_t check_role(const struct pm_token *wanted, struct wire_error *error)
{
    if (wanted->role < PM_BROKER || wanted->role > PM_OPERATOR)
        return wrong(error, PM_BAD_VALUE,
                     "role: broker, hospital, provider, commissioner, operator");
    if ((wanted->role == PM_PROVIDER) != (wanted->provider.length > 0))
        return wrong(error, PM_BAD_VALUE, "a provider's token names its provider, no other does");
    if (wanted->referrer.length > 0 && wanted->role != PM_HOSPITAL)
        return wrong(error, PM_BAD_VALUE, "only a hospital's token names a referrer");
    if (wanted->role == PM_PROVIDER && wanted->market.length == 0)
        return wrong(error, PM_BAD_VALUE,
                     "a provider's token is for one market: its name is another's elsewhere");
    if (wanted->role == PM_OPERATOR && wanted->market.length > 0)
        return wrong(error, PM_BAD_VALUE, "an operator's token is for the whole daemon");
    return PM_OK;
}

static uint16_t check(struct tokens *tokens, const struct pm_token *wanted, int64_t now,
                      struct wire_error *error)
{
    if (!is_name(wanted->name) || (wanted->provider.length > 0 && !is_name(wanted->provider)) ||
        (wanted->referrer.length > 0 && !is_name(wanted->referrer)) ||
        (wanted->market.length > 0 && !is_name(wanted->market)))
        return PM_BAD_NAME;
    uint16_t status = check_role(wanted, error);
    if (status != PM_OK)
        return status;
    if (wanted->expires < 0 || (wanted->expires > 0 && wanted->expires < pm_date_of(now)))
        return wrong(error, PM_BAD_DATES, "expires: a last day that is over");
    if (find_name(tokens, wanted->name))
        return PM_TOKEN_EXISTS;
    return tokens->count < TOKENS_MAX ? PM_OK : wrong(error, PM_FULL, "there are 4,096 tokens");
}

static void set_name(struct pm_name *out, struct pm_text text)
{
    if (text.length > 0)
        memcpy(out->text, text.bytes, text.length);
}

/* The name that its commands go by. */
static struct pm_text acts_for(const struct pm_token *wanted)
{
    if (wanted->role == PM_PROVIDER)
        return wanted->provider;
    return wanted->referrer.length > 0 ? wanted->referrer : wanted->name;
}

uint16_t tokens_create(struct tokens *tokens, const struct pm_token *wanted, int64_t now,
                       char text[TOKEN_TEXT], struct wire_error *error)
{
    uint8_t bytes[TOKEN_BYTES];
    struct token token = {.role = wanted->role, .created = now, .expires = wanted->expires};
    uint16_t status = check(tokens, wanted, now, error);
    if (status != PM_OK)
        return status;
    set_name(&token.name, wanted->name);
    set_name(&token.acts_for, acts_for(wanted));
    set_name(&token.market, wanted->market);
    randombytes_buf(bytes, sizeof bytes);
    hash_of(bytes, token.hash);
    memcpy(text, prefix, PREFIX);
    sodium_bin2base64(text + PREFIX, TOKEN_TEXT - PREFIX, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    if (!token_file_add(tokens->file, &token))
        return wrong(error, PM_FULL, "the file of tokens cannot be written");
    tokens->head[tokens->count] = head_of(token.hash);
    tokens->token[tokens->count++] = token;
    return PM_OK;
}

uint16_t tokens_revoke(struct tokens *tokens, struct pm_text name, uint64_t *id)
{
    struct token *token = find_name(tokens, name);
    if (!token)
        return PM_UNKNOWN_TOKEN;
    *id = token->id;
    if (!token_file_remove(tokens->file, token->id))
        return PM_FULL;
    size_t at = (size_t)(token - tokens->token);
    size_t after = --tokens->count - at;
    memmove(token, token + 1, after * sizeof *token);
    memmove(&tokens->head[at], &tokens->head[at + 1], after * sizeof tokens->head[0]);
    return PM_OK;
}
