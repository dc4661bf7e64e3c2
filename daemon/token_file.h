/*
 * token_file.h: tokens on disk, in DIR/tokens.db: an SQLite file for its owner alone, in which each
 * token is a row with a hash in place of what was shown. One thread at a time.
 */
#ifndef PM_DAEMON_TOKEN_FILE_H
#define PM_DAEMON_TOKEN_FILE_H

#include "placemat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOKEN_HASH = 32 };

struct token {
    uint64_t id; /* counted up from 1, never used again */
    struct pm_name name;
    struct pm_name acts_for; /* the name it acts by: its own, its provider's or its referrer's */
    struct pm_name market;   /* the only one it is for; empty: any */
    int64_t created;         /* ms since 1970 */
    int32_t expires;         /* its last day, by UTC; 0: none */
    uint8_t role;            /* enum pm_role */
    uint8_t hash[TOKEN_HASH];
};

struct token_file;

/* Opens the directory's file, making it when it is missing; a NULL directory: one in memory. NULL,
 * with a sentence, when that fails. Close with token_file_close(). */
struct token_file *token_file_open(const char *directory, char error[256]);
void token_file_close(struct token_file *file);

/* Reads all rows in the order of their ids, `most` at most, into out. The count; -1, with a
 * sentence, when a row is no token or cannot be read. */
int token_file_read(struct token_file *file, struct token *out, size_t most, char error[256]);

/* Adds a token and gives it its id. True once it is durable. */
bool token_file_add(struct token_file *file, struct token *token);
/* Removes a token. True once that is durable. */
bool token_file_remove(struct token_file *file, uint64_t id);

#endif
