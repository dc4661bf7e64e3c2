/*
 * The named values of the sqlite backend: written once, with a digest each.
 */
#include "journal_sqlite.h"

#include <sodium.h>
#include <string.h>

#define CHAIN_SIZE JOURNAL_SQLITE_CHAIN_SIZE

static void meta_digest(uint8_t digest[CHAIN_SIZE], const char *name, const void *value,
                        size_t size)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHAIN_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)name, strlen(name) + 1);
    crypto_generichash_update(&state, value, size);
    crypto_generichash_final(&state, digest, CHAIN_SIZE);
}

static int read_value(const struct sqlite_journal *self, sqlite3_stmt *row, const char *name,
                      void *value, size_t *size, struct journal_error *err)
{
    const void *bytes = sqlite3_column_blob(row, 0), *kept = sqlite3_column_blob(row, 1);
    size_t count = (size_t)sqlite3_column_bytes(row, 0);
    uint8_t digest[CHAIN_SIZE];
    if (count <= JOURNAL_META_SIZE_MAX && (bytes || count == 0))
        meta_digest(digest, name, bytes, count);
    if (count > JOURNAL_META_SIZE_MAX || (count && !bytes) || !kept ||
        sqlite3_column_bytes(row, 1) != CHAIN_SIZE || memcmp(digest, kept, CHAIN_SIZE) != 0)
        return journal_fail(err, "%s: value '%s' is damaged: its digest does not match it",
                            self->path, name);
    if (count)
        memcpy(value, bytes, count);
    *size = count;
    return 1;
}

int journal_sqlite_meta_get(struct journal *journal, const char *name, void *value, size_t *size,
                            struct journal_error *err)
{
    const struct sqlite_journal *self = (const struct sqlite_journal *)journal;
    sqlite3_stmt *query = journal_sqlite_prepare(
        self, self->writer, "SELECT value, digest FROM meta WHERE name=?1", err);
    if (!query)
        return -1;
    int result = 0, code = sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(query);
    if (code == SQLITE_ROW)
        result = read_value(self, query, name, value, size, err);
    else if (code != SQLITE_DONE)
        result = journal_sqlite_fail(self, self->writer, "cannot read a value", err);
    sqlite3_finalize(query);
    return result;
}

static int put_value(struct sqlite_journal *self, const char *name, const void *value, size_t size,
                     struct journal_error *err)
{
    sqlite3_stmt *insert = journal_sqlite_prepare(
        self, self->writer, "INSERT OR REPLACE INTO meta(name, value, digest) VALUES(?1, ?2, ?3)",
        err);
    if (!insert)
        return -1;
    uint8_t digest[CHAIN_SIZE];
    meta_digest(digest, name, value, size);
    int code = sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = size ? sqlite3_bind_blob64(insert, 2, value, size, SQLITE_STATIC)
                    : sqlite3_bind_zeroblob(insert, 2, 0);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob(insert, 3, digest, CHAIN_SIZE, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(insert);
    int result = code == SQLITE_DONE
                     ? 0
                     : journal_sqlite_fail(self, self->writer, "cannot set a value", err);
    sqlite3_finalize(insert);
    return result;
}

int journal_sqlite_meta_put(struct journal *journal, const char *name, const void *value,
                            size_t size, struct journal_error *err)
{
    struct sqlite_journal *self = (struct sqlite_journal *)journal;
    pthread_mutex_lock(&self->write_lock);
    int result = put_value(self, name, value, size, err);
    pthread_mutex_unlock(&self->write_lock);
    return result;
}
