/*
 * token_file.c: see token_file.h. Whoever can write the file can do anything; still, a row is
 * checked before it is believed, so that a damaged file is told of and not served.
 */
#include "token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x504C4D4B, FORMAT_VERSION = 1, PATH_SIZE = 4096 };

struct token_file {
    sqlite3 *db;
    sqlite3_stmt *add, *remove;
};

/* ---- Opening ---- */

/* For the owner alone, whatever the umask; SQLite's journal beside it takes the file's mode. */
static bool make_file(const char *path, char error[256])
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        snprintf(error, 256, "cannot open %.160s: %s", path, strerror(errno));
        return false;
    }
    close(file);
    return true;
}

static int64_t pragma_of(const struct token_file *file, const char *sql)
{
    sqlite3_stmt *query = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(file->db, sql, -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        value = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    return value;
}

static bool make_table(const struct token_file *file)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE;"
             "CREATE TABLE token(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
             " role INTEGER NOT NULL, acts_for TEXT NOT NULL, market TEXT NOT NULL,"
             " created INTEGER NOT NULL, expires INTEGER NOT NULL, hash BLOB NOT NULL);"
             "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
             APPLICATION_ID, FORMAT_VERSION);
    return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Makes the table in a file that is new; otherwise the file must be one of these. */
static bool check_format(const struct token_file *file)
{
    if (pragma_of(file, "PRAGMA schema_version") == 0 && !make_table(file))
        return false;
    return pragma_of(file, "PRAGMA application_id") == APPLICATION_ID &&
           pragma_of(file, "PRAGMA user_version") == FORMAT_VERSION;
}

static bool prepare(struct token_file *file)
{
    return sqlite3_prepare_v2(file->db,
                              "INSERT INTO token(name, role, acts_for, market, created, expires, "
                              "hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              -1, &file->add, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(file->db, "DELETE FROM token WHERE id=?1", -1, &file->remove, NULL) ==
               SQLITE_OK;
}

/* EXTRA: a removal is durable only when the rollback journal's own removal is. */
static bool open_database(struct token_file *file, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    return sqlite3_open_v2(path, &file->db, flags, NULL) == SQLITE_OK &&
           sqlite3_exec(file->db, "PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON", NULL, NULL,
                        NULL) == SQLITE_OK &&
           check_format(file) && prepare(file);
}

struct token_file *token_file_open(const char *directory, char error[256])
{
    char path[PATH_SIZE] = ":memory:";
    if (directory)
        snprintf(path, sizeof path, "%s/tokens.db", directory);
    if (directory && !make_file(path, error))
        return NULL;
    struct token_file *file = calloc(1, sizeof *file);
    if (file && open_database(file, path))
        return file;
    snprintf(error, 256, "%.160s holds no tokens: %s", path,
             file && file->db ? sqlite3_errmsg(file->db) : "out of memory");
    token_file_close(file);
    return NULL;
}

void token_file_close(struct token_file *file)
{
    if (!file)
        return;
    sqlite3_finalize(file->add);
    sqlite3_finalize(file->remove);
    sqlite3_close(file->db);
    free(file);
}

/* ---- Rows ---- */

static bool take_name(sqlite3_stmt *row, int column, struct pm_name *out)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    int size = sqlite3_column_bytes(row, column);
    if (!text || size > PM_NAME_MAX || strlen((const char *)text) != (size_t)size)
        return false;
    memcpy(out->text, text, (size_t)size);
    return true;
}

/* id, name, role, acts_for, market, created, expires, hash */
static bool take_row(sqlite3_stmt *row, struct token *out)
{
    int64_t id = sqlite3_column_int64(row, 0), role = sqlite3_column_int64(row, 2),
            expires = sqlite3_column_int64(row, 6);
    const void *hash = sqlite3_column_blob(row, 7);
    *out = (struct token){.id = (uint64_t)id,
                          .role = (uint8_t)role,
                          .created = sqlite3_column_int64(row, 5),
                          .expires = (int32_t)expires};
    if (id < 1 || role < PM_BROKER || role > PM_OPERATOR || expires < 0 || expires > INT32_MAX ||
        !hash || sqlite3_column_bytes(row, 7) != TOKEN_HASH)
        return false;
    memcpy(out->hash, hash, TOKEN_HASH);
    return take_name(row, 1, &out->name) && take_name(row, 3, &out->acts_for) &&
           take_name(row, 4, &out->market) && out->name.text[0] != '\0' &&
           out->acts_for.text[0] != '\0';
}

int token_file_read(struct token_file *file, struct token *out, size_t most, char error[256])
{
    sqlite3_stmt *query = NULL;
    size_t count = 0;
    int code = sqlite3_prepare_v2(file->db,
                                  "SELECT id, name, role, acts_for, market, created, expires, hash "
                                  "FROM token ORDER BY id",
                                  -1, &query, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(query)) == SQLITE_ROW)
        code = count < most && take_row(query, &out[count++]) ? SQLITE_OK : SQLITE_CORRUPT;
    sqlite3_finalize(query);
    if (code == SQLITE_DONE)
        return (int)count;
    snprintf(error, 256, "tokens.db: row %zu: %s", count, sqlite3_errstr(code));
    return -1;
}

static bool run(sqlite3_stmt *statement)
{
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return done;
}

bool token_file_add(struct token_file *file, struct token *token)
{
    sqlite3_bind_text(file->add, 1, token->name.text, -1, SQLITE_STATIC);
    sqlite3_bind_int(file->add, 2, token->role);
    sqlite3_bind_text(file->add, 3, token->acts_for.text, -1, SQLITE_STATIC);
    sqlite3_bind_text(file->add, 4, token->market.text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(file->add, 5, token->created);
    sqlite3_bind_int(file->add, 6, token->expires);
    sqlite3_bind_blob(file->add, 7, token->hash, TOKEN_HASH, SQLITE_STATIC);
    if (!run(file->add))
        return false;
    token->id = (uint64_t)sqlite3_last_insert_rowid(file->db);
    return true;
}

bool token_file_remove(struct token_file *file, uint64_t id)
{
    sqlite3_bind_int64(file->remove, 1, (int64_t)id);
    return run(file->remove);
}
