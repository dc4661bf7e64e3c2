/*
 * Opening and closing the sqlite backend: the lock, the connections, and the checks that the file
 * is a journal.
 */
#include "journal_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x504C4D54,
    FORMAT_VERSION = 1,
    BUSY_TIMEOUT_MS = 5000, /* for a shell or a backup that is at the journal meanwhile */
    LOCK_WAIT_MS = 1000,    /* for what a killed process leaves */
    LOCK_LOOK_MS = 10,
    LOG_PREPARED_SIZE = 32 << 20, /* bytes */
};

/* The integer that a query of one row and one column gives. */
static int query_integer(const struct sqlite_journal *self, sqlite3 *db, const char *sql,
                         int64_t *value, struct journal_error *err)
{
    sqlite3_stmt *query = journal_sqlite_prepare(self, db, sql, err);
    if (!query)
        return -1;
    int result = 0;
    if (sqlite3_step(query) == SQLITE_ROW)
        *value = sqlite3_column_int64(query, 0);
    else
        result = journal_sqlite_fail(self, db, "cannot be read", err);
    sqlite3_finalize(query);
    return result;
}

static int open_directory(struct sqlite_journal *self, const char *path, struct journal_error *err)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return journal_fail(err, "cannot make directory %s: %s", path, strerror(errno));
    self->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->directory < 0)
        return journal_fail(err, "cannot open directory %s: %s", path, strerror(errno));
    if (asprintf(&self->path, "%s/journal.db", path) < 0) {
        self->path = NULL;
        return journal_fail(err, "out of memory for the journal");
    }
    return 0;
}

static int lock_refused(const char *directory, int lock, struct journal_error *err)
{
    if (errno != EAGAIN && errno != EACCES)
        return journal_fail(err, "cannot lock %s/lock: %s", directory, strerror(errno));
    char holder[32] = "";
    ssize_t size = pread(lock, holder, sizeof holder - 1, 0);
    holder[size > 0 ? (size_t)size : 0] = '\0';
    holder[strspn(holder, "0123456789")] = '\0';
    return journal_fail(err, "the journal in %s is already open, by process %s", directory,
                        holder[0] ? holder : "(unknown)");
}

/* Takes the lock. A daemon that is killed as it starts a saver (saver.h) leaves a child that has
 * the lock until it has run for the first time: so that one is waited for a little. */
static bool take_lock(int lock)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int waited = 0; fcntl(lock, F_OFD_SETLK, &whole) < 0; waited += LOCK_LOOK_MS) {
        if (errno != EAGAIN || waited >= LOCK_WAIT_MS)
            return false;
        poll(NULL, 0, LOCK_LOOK_MS);
    }
    return true;
}

/* An open file description lock: unlike a process's, it also keeps out a second journal of this
 * process, and is not lost when anything else here closes the file. The kernel drops it with the
 * process, however that ends. */
static int lock_directory(struct sqlite_journal *self, const char *path, struct journal_error *err)
{
    self->lock = openat(self->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (self->lock < 0)
        return journal_fail(err, "cannot open %s/lock: %s", path, strerror(errno));
    if (!take_lock(self->lock))
        return lock_refused(path, self->lock, err);
    char holder[32];
    int size = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    if (ftruncate(self->lock, 0) < 0 || pwrite(self->lock, holder, (size_t)size, 0) != size)
        return journal_fail(err, "cannot write %s/lock: %s", path, strerror(errno));
    return 0;
}

/* For the owner alone, whatever the umask; the log and its index take the database's mode. Closing
 * a file drops the process's locks on it, SQLite's included: so this comes before SQLite opens it.
 */
static int make_database_file(struct sqlite_journal *self, struct journal_error *err)
{
    self->file = openat(self->directory, "journal.db", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (self->file < 0)
        return journal_fail(err, "cannot open %s: %s", self->path, strerror(errno));
    return 0;
}

static int connect(struct sqlite_journal *self, const char *vfs, sqlite3 **db,
                   struct journal_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(self->path, db, flags, vfs) != SQLITE_OK)
        return *db ? journal_sqlite_fail(self, *db, "cannot open", err)
                   : journal_fail(err, "out of memory for the journal");
    sqlite3_extended_result_codes(*db, 1);
    sqlite3_busy_timeout(*db, BUSY_TIMEOUT_MS);
    int keep_log = 1; /* at close: its blocks are worth keeping, see extend_log() */
    sqlite3_file_control(*db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);

    return 0;
}

static int create_tables(struct sqlite_journal *self, struct journal_error *err)
{
    char sql[640];
    snprintf(
        sql, sizeof sql,
        "BEGIN IMMEDIATE;"
        "CREATE TABLE batch(first INTEGER PRIMARY KEY, last INTEGER NOT NULL, chain BLOB NOT NULL,"
        " bytes BLOB NOT NULL);"
        "CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL, digest BLOB NOT "
        "NULL)"
        " WITHOUT ROWID;"
        "PRAGMA application_id=%d;PRAGMA user_version=%d;"
        "COMMIT",
        APPLICATION_ID, FORMAT_VERSION);
    return journal_sqlite_execute(self, self->writer, sql, err);
}

/* Sees whose file this is before anything in it is changed. */
static int check_format(struct sqlite_journal *self, bool *empty, struct journal_error *err)
{
    int64_t tables = 0, application = 0, version = 0;
    if (query_integer(self, self->writer, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0 ||
        query_integer(self, self->writer, "PRAGMA application_id", &application, err) < 0 ||
        query_integer(self, self->writer, "PRAGMA user_version", &version, err) < 0)
        return -1;
    *empty = tables == 0 && application == 0 && version == 0;
    if (*empty)
        return 0;
    if (application != APPLICATION_ID)
        return journal_fail(err, "%s is an SQLite database, but not a journal of Placemat",
                            self->path);
    if (version != FORMAT_VERSION)
        return journal_fail(err, "%s has journal format %" PRId64 "; this program reads format %d",
                            self->path, version, FORMAT_VERSION);
    return 0;
}

static int configure(struct sqlite_journal *self, sqlite3 *db, struct journal_error *err)
{
    char sql[128];
    snprintf(sql, sizeof sql,
             "PRAGMA synchronous=%s;PRAGMA wal_autocheckpoint=0;PRAGMA cell_size_check=1",
             self->synchronous);
    return journal_sqlite_execute(self, db, sql, err);
}

/* The answer comes before the commit that makes it true, so the statement must be run to its end.
 */
static int enter_wal(struct sqlite_journal *self, struct journal_error *err)
{
    sqlite3_stmt *query =
        journal_sqlite_prepare(self, self->writer, "PRAGMA journal_mode=WAL", err);
    if (!query)
        return -1;
    bool entered = false;
    int code;
    while ((code = sqlite3_step(query)) == SQLITE_ROW)
        entered = sqlite3_stricmp((const char *)sqlite3_column_text(query, 0), "wal") == 0;
    int result = 0;
    if (code != SQLITE_DONE)
        result = journal_sqlite_fail(self, self->writer, "cannot enter WAL mode", err);
    else if (!entered)
        result = journal_fail(
            err, "%s: this file system has no shared memory for a write-ahead log", self->path);
    sqlite3_finalize(query);
    return result;
}

static int open_writer(struct sqlite_journal *self, const struct journal_options *options,
                       struct journal_error *err)
{
    bool empty;
    if (connect(self, options->vfs, &self->writer, err) < 0 ||
        check_format(self, &empty, err) < 0 || configure(self, self->writer, err) < 0)
        return -1;
    if (empty) {
        char sql[32];
        snprintf(sql, sizeof sql, "PRAGMA page_size=%d", JOURNAL_SQLITE_PAGE_SIZE);
        if (journal_sqlite_execute(self, self->writer, sql, err) < 0)
            return -1;
    }
    if (enter_wal(self, err) < 0 || (empty && create_tables(self, err) < 0))
        return -1;
    self->insert = journal_sqlite_prepare(
        self, self->writer, "INSERT INTO batch(first, last, chain, bytes) VALUES(?1, ?2, ?3, ?4)",
        err);
    return self->insert ? 0 : -1;
}

/* All that an earlier run left in the log goes to journal.db, synced, and the log begins again,
 * before anything new relies on it. A program that reads the journal meanwhile can be in the way.
 */
static int open_mover(struct sqlite_journal *self, const char *vfs, struct journal_error *err)
{
    int64_t version;
    if (connect(self, vfs, &self->mover, err) < 0 || configure(self, self->mover, err) < 0 ||
        query_integer(self, self->mover, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (sqlite3_wal_checkpoint_v2(self->mover, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL) !=
        SQLITE_OK)
        return journal_sqlite_fail(self, self->mover, "cannot move the log into the database", err);
    sqlite3_busy_timeout(self->mover, 0); /* a later checkpoint can be left for another time */
    return 0;
}

/* Writes zeros after the log's end, up to LOG_PREPARED_SIZE: a sync after overwriting costs about
 * half of one after making a file longer. To SQLite zeros are frames that do not check: the end of
 * the log. */
static int extend_log(int log)
{
    static const uint8_t zeros[1 << 16];
    struct stat now;
    if (fstat(log, &now) < 0)
        return -1;
    if (now.st_size >= LOG_PREPARED_SIZE)
        return 0;
    for (off_t at = now.st_size; at < LOG_PREPARED_SIZE;) {
        ssize_t wrote = pwrite(log, zeros, sizeof zeros, at);
        if (wrote < 0)
            return -1;
        at += wrote;
    }
    return fsync(log);
}

static int prepare_log(const struct sqlite_journal *self, struct journal_error *err)
{
    int log = openat(self->directory, "journal.db-wal", O_WRONLY | O_CLOEXEC);
    int result = log < 0 ? -1 : extend_log(log);
    if (result < 0)
        journal_fail(err, "cannot prepare %s-wal: %s", self->path, strerror(errno));
    if (log >= 0)
        close(log);
    return result;
}

static int find_end(struct sqlite_journal *self, struct journal_error *err)
{
    struct journal_sqlite_link end;
    if (journal_sqlite_find_link(self, JOURNAL_SEQUENCE_MAX, &end, err) < 0)
        return -1;
    self->base.last = end.last;
    memcpy(self->chain, end.chain, JOURNAL_SQLITE_CHAIN_SIZE);
    return 0;
}

/* New names last only when their directory is synced, and the directory's own when its parent is. A
 * journal that holds something has come through here before; a parent that may not be read is not
 * one where the directory was made just now. */
static int sync_names(const struct sqlite_journal *self)
{
    if (fsync(self->directory) < 0)
        return -1;
    if (self->base.last > 0)
        return 0;
    int parent = openat(self->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return errno == EACCES ? 0 : -1;
    int result = fsync(parent);
    int failed = errno;
    close(parent);
    errno = failed;
    return result;
}

static int open_files(struct sqlite_journal *self, const struct journal_options *options,
                      struct journal_error *err)
{
    if (!options->directory)
        return journal_fail(err, "the sqlite journal needs a directory");
    if (open_directory(self, options->directory, err) < 0 ||
        lock_directory(self, options->directory, err) < 0 ||
        (!options->vfs && make_database_file(self, err) < 0) ||
        open_writer(self, options, err) < 0 || open_mover(self, options->vfs, err) < 0 ||
        (!options->vfs && prepare_log(self, err) < 0) || find_end(self, err) < 0)
        return -1;
    if (sync_names(self) < 0)
        return journal_fail(err, "cannot sync directory %s: %s", options->directory,
                            strerror(errno));
    return 0;
}

/* Moves all of the log and begins it again, so that the next open has nothing to move; the page
 * rewritten says the same as before. If it fails, the next open has more to do, no more. */
static void settle_log(struct sqlite_journal *self)
{
    char sql[40];
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", FORMAT_VERSION);
    if (sqlite3_wal_checkpoint_v2(self->mover, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL) ==
        SQLITE_OK)
        sqlite3_exec(self->writer, sql, NULL, NULL, NULL);
}

void journal_sqlite_close(struct journal *journal)
{
    struct sqlite_journal *self = (struct sqlite_journal *)journal;
    if (self->opened && !journal->tainted)
        settle_log(self);
    sqlite3_close(self->mover);
    sqlite3_finalize(self->insert);
    sqlite3_close(self->writer); /* the last connection moves the log */
    if (self->file >= 0)
        close(self->file);
    if (self->lock >= 0)
        close(self->lock); /* after SQLite: a successor may open from here on */
    if (self->directory >= 0)
        close(self->directory);
    pthread_mutex_destroy(&self->write_lock);
    free(self->path);
    free(self);
}

int journal_sqlite_open(const struct journal_options *options, struct journal **out,
                        struct journal_error *err)
{
    const char *synchronous = options->synchronous ? options->synchronous : "FULL";
    if (strcmp(synchronous, "FULL") != 0 && strcmp(synchronous, "OFF") != 0)
        return journal_fail(err, "the journal's synchronous level is FULL or OFF, not '%s'",
                            synchronous);
    struct sqlite_journal *self = calloc(1, sizeof *self);
    if (!self || sodium_init() < 0) {
        free(self);
        return journal_fail(err, "out of memory or randomness for the journal");
    }
    self->base.backend = &journal_sqlite;
    self->directory = self->lock = self->file = -1;
    self->synchronous = strcmp(synchronous, "OFF") == 0 ? "OFF" : "FULL";
    pthread_mutex_init(&self->write_lock, NULL);
    if (open_files(self, options, err) < 0) {
        journal_sqlite_close(&self->base);
        return -1;
    }
    self->opened = true;
    *out = &self->base;
    return 0;
}

/* ---- For reading alone ---- */

/* All that is read is of one moment: of a transaction that ends when the journal is closed. */
static int read_file(struct sqlite_journal *self, struct journal_error *err)
{
    bool empty;
    if (sqlite3_open_v2(self->path, &self->writer, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return self->writer ? journal_sqlite_fail(self, self->writer, "cannot open", err)
                            : journal_fail(err, "out of memory for the journal");
    sqlite3_extended_result_codes(self->writer, 1);
    sqlite3_busy_timeout(self->writer, BUSY_TIMEOUT_MS);
    if (journal_sqlite_execute(self, self->writer, "BEGIN", err) < 0 ||
        check_format(self, &empty, err) < 0)
        return -1;
    if (empty)
        return journal_fail(err, "%s holds no journal", self->path);
    return find_end(self, err);
}

int journal_open_file(const char *path, struct journal **out, struct journal_error *err)
{
    struct sqlite_journal *self = calloc(1, sizeof *self);
    *out = NULL;
    if (!self || sodium_init() < 0 || !(self->path = strdup(path))) {
        free(self);
        return journal_fail(err, "out of memory or randomness for the journal");
    }
    self->base.backend = &journal_sqlite;
    self->directory = self->lock = self->file = -1;
    pthread_mutex_init(&self->write_lock, NULL);
    if (read_file(self, err) < 0) {
        journal_sqlite_close(&self->base);
        return -1;
    }
    *out = &self->base;
    return 0;
}
