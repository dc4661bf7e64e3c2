/*
 * tokens.h: who may log in. A token is 32 random bytes, shown once, when it is made, as text; what
 * is kept is its BLAKE2b. A fast hash is right here: it is there against who reads the file, and
 * nobody can try 2^256 tokens, as they could try the passwords that people choose.
 *
 * One thread at a time: the caller has a lock.
 */
#ifndef PM_DAEMON_TOKENS_H
#define PM_DAEMON_TOKENS_H

#include "core/wire.h"
#include "daemon/token_file.h"

enum {
    TOKENS_MAX = 4096,
    TOKEN_BYTES = 32,
    TOKEN_TEXT = 48, /* bytes of its text with the NUL: "pmt_" and 43 of base64url */
};

struct tokens;

/* Reads the directory's tokens; a NULL directory: none, and none are kept. NULL, with a sentence,
 * when that fails. Close with tokens_close(). */
struct tokens *tokens_open(const char *directory, char error[256]);
void tokens_close(struct tokens *tokens);

/* Makes one, durably, and shows it in text. PM_OK, PM_BAD_NAME, PM_BAD_VALUE, PM_BAD_DATES,
 * PM_TOKEN_EXISTS or PM_FULL, with what is wrong in error. now: ms since 1970. */
uint16_t tokens_create(struct tokens *tokens, const struct pm_token *wanted, int64_t now,
                       char text[TOKEN_TEXT], struct wire_error *error);

/* Forgets one, durably. PM_OK, with what its id was, PM_UNKNOWN_TOKEN or PM_FULL. */
uint16_t tokens_revoke(struct tokens *tokens, struct pm_text name, uint64_t *id);

/* The one that was shown as this text, or NULL; the first with an id above `after`, or NULL. Valid
 * until the next is made or revoked. */
const struct token *tokens_find(const struct tokens *tokens, struct pm_text text);
const struct token *tokens_next(const struct tokens *tokens, uint64_t after);

/* Is its last day over? */
bool token_expired(const struct token *token, int64_t now);

#endif
