/*
 * backup.c: see backup.h.
 */
#include "backup.h"

#include "journal_entries.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGES_A_STEP = 1024,      /* of a database, copied between two tellings */
    ENTRIES_A_STEP = 1 << 18, /* verified, likewise */
    BUSY_MS = 5000,
};

struct copying {
    char from[PATH_MAX], to[PATH_MAX]; /* to: the name it has until it is whole */
    const struct backup_progress *progress;
    struct journal_error *err;
};

static int failed(struct copying *copying, const char *doing, const char *path)
{
    return journal_fail(copying->err, "cannot %s %.150s: %s", doing, path, strerror(errno));
}

static void tell(const struct backup_progress *progress, const char *doing, uint64_t done,
                 uint64_t of)
{
    if (progress != NULL)
        progress->tell(progress->context, doing, done, of);
}

static int sync_path(struct copying *copying, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : fsync(file);
    if (result < 0)
        failed(copying, "sync", path);
    if (file >= 0)
        close(file);
    return result;
}

/* ---- Databases ---- */

static int database_fails(struct copying *copying, sqlite3 *db, const char *path)
{
    return journal_fail(copying->err, "%.150s: %s", path,
                        db != NULL ? sqlite3_errmsg(db) : "out of memory");
}

static int copy_pages(struct copying *copying, sqlite3 *from, sqlite3 *to, const char *path)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == NULL)
        return database_fails(copying, to, path);
    int code;
    do {
        code = sqlite3_backup_step(backup, PAGES_A_STEP);
        int of = sqlite3_backup_pagecount(backup);
        tell(copying->progress, "copied pages", (uint64_t)(of - sqlite3_backup_remaining(backup)),
             (uint64_t)of);
    } while (code == SQLITE_OK);
    (void)sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE)
        return journal_fail(copying->err, "cannot copy %.150s: %s", path, sqlite3_errstr(code));
    /* So that the copy is one file, that may be read where nothing can be written. */
    if (sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return database_fails(copying, to, path);
    return 0;
}

/* Reads within one transaction, so that it is of one moment however long it takes. */
static int copy_connected(struct copying *copying, const char *path, sqlite3 *from, sqlite3 *to)
{
    sqlite3_busy_timeout(from, BUSY_MS);
    if (sqlite3_exec(from, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) !=
        SQLITE_OK)
        return database_fails(copying, from, path);
    return copy_pages(copying, from, to, path);
}

static int copy_database(struct copying *copying, const char *name)
{
    char from[PATH_MAX + 16], to[PATH_MAX + 16];
    sqlite3 *reader = NULL, *writer = NULL;
    snprintf(from, sizeof from, "%s/%s", copying->from, name);
    snprintf(to, sizeof to, "%s/%s", copying->to, name);
    int made = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0)
        return failed(copying, "make", to);
    close(made);
    int result;
    if (sqlite3_open_v2(from, &reader, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        result = database_fails(copying, reader, from);
    else if (sqlite3_open_v2(to, &writer, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        result = database_fails(copying, writer, to);
    else
        result = copy_connected(copying, from, reader, writer);
    sqlite3_close(reader);
    sqlite3_close(writer);
    return result < 0 ? result : sync_path(copying, to);
}

/* ---- Certificates ---- */

static int copy_bytes(int from, int to)
{
    char bytes[1 << 16];
    ssize_t size;
    while ((size = read(from, bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0, wrote; at < size; at += wrote)
            if ((wrote = write(to, bytes + at, (size_t)(size - at))) < 0)
                return -1;
    }
    return size < 0 ? -1 : fsync(to);
}

/* One that is gone meanwhile has lapsed. */
static int copy_file(struct copying *copying, const char *from_path, const char *to_path)
{
    int from = open(from_path, O_RDONLY | O_CLOEXEC), to = -1, result = 0;
    if (from < 0)
        return errno == ENOENT ? 0 : failed(copying, "open", from_path);
    if ((to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0 ||
        copy_bytes(from, to) < 0)
        result = failed(copying, "write", to_path);
    close(from);
    if (to >= 0 && close(to) < 0 && result == 0)
        result = failed(copying, "write", to_path);
    return result;
}

static bool is_certificate(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    return digits > 0 && digits < 24 && strcmp(name + digits, ".cbor") == 0;
}

static int copy_listed(struct copying *copying, DIR *list, const char *from, const char *to)
{
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        char from_path[PATH_MAX + 64], to_path[PATH_MAX + 64];
        if (!is_certificate(entry->d_name))
            continue;
        snprintf(from_path, sizeof from_path, "%s/%.40s", from, entry->d_name);
        snprintf(to_path, sizeof to_path, "%s/%.40s", to, entry->d_name);
        if (copy_file(copying, from_path, to_path) < 0)
            return -1;
    }
    return sync_path(copying, to);
}

static int copy_certificates(struct copying *copying)
{
    char from[PATH_MAX + 16], to[PATH_MAX + 16];
    snprintf(from, sizeof from, "%s/rounds", copying->from);
    snprintf(to, sizeof to, "%s/rounds", copying->to);
    DIR *list = opendir(from);
    if (list == NULL)
        return errno == ENOENT ? 0 : failed(copying, "read", from);
    int result =
        mkdir(to, 0700) < 0 ? failed(copying, "make", to) : copy_listed(copying, list, from, to);
    closedir(list);
    return result;
}

/* ---- Verifying ---- */

struct verifying {
    const struct backup_progress *progress;
    uint64_t last;
};

static bool count_entry(void *context, const struct pm_entry *entry, const uint8_t *bytes,
                        size_t size)
{
    const struct verifying *verifying = context;
    (void)bytes;
    (void)size;
    if (entry->sequence % ENTRIES_A_STEP == 0)
        tell(verifying->progress, "verified commands", entry->sequence, verifying->last);
    return true;
}

int backup_verify(const char *path, const struct backup_progress *progress, uint64_t *last,
                  struct journal_error *err)
{
    struct journal *journal;
    if (journal_open_file(path, &journal, err) < 0)
        return -1;
    struct verifying verifying = {progress, *last = journal_last(journal)};
    int result = journal_entries(journal, 1, JOURNAL_SEQUENCE_MAX, count_entry, &verifying, err);
    journal_close(journal);
    return result;
}

/* ---- The whole ---- */

static bool is_there(const char *directory, const char *name)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static int copy_all(struct copying *copying, uint64_t *last)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/journal.db", copying->to);
    if (copy_database(copying, "journal.db") < 0 ||
        (is_there(copying->from, "tokens.db") && copy_database(copying, "tokens.db") < 0) ||
        copy_certificates(copying) < 0 ||
        backup_verify(path, copying->progress, last, copying->err) < 0)
        return -1;
    return sync_path(copying, copying->to);
}

/* Takes away what was made of a copy that did not come to its end. */
static void remove_partial(const char *path)
{
    char inner[PATH_MAX + 64];
    DIR *list = opendir(path);
    const struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%.40s", path, entry->d_name);
        if (unlink(inner) < 0 && errno == EISDIR)
            remove_partial(inner);
    }
    if (list != NULL)
        closedir(list);
    rmdir(path);
}

/* Nothing, or an empty directory, which rename() replaces; anything else of the name is in the way.
 */
static int check_free(struct copying *copying, const char *to)
{
    DIR *list = opendir(to);
    if (list == NULL)
        return errno == ENOENT ? 0 : failed(copying, "use", to);
    unsigned entries = 0;
    while (readdir(list) != NULL)
        entries++;
    closedir(list);
    if (entries <= 2) /* itself and the one above */
        return 0;
    return journal_fail(copying->err, "%.150s is not empty: give a directory that is not there yet",
                        to);
}

/* Where the copy grows. One that is there already belongs to another backup, or to one that was
 * killed, which nobody can tell from here. */
static int make_partial(struct copying *copying)
{
    if (mkdir(copying->to, 0700) == 0)
        return 0;
    if (errno != EEXIST)
        return failed(copying, "make", copying->to);
    return journal_fail(copying->err,
                        "%.150s is there, of a backup under way or one that was broken off: unless "
                        "one is under way, remove it and try again",
                        copying->to);
}

static int publish(struct copying *copying, const char *to)
{
    char parent[PATH_MAX + 8];
    if (rename(copying->to, to) < 0)
        return failed(copying, "make", to);
    snprintf(parent, sizeof parent, "%s/..", to);
    return sync_path(copying, parent);
}

int backup_copy(const char *from, const char *to, const struct backup_progress *progress,
                uint64_t *last, struct journal_error *err)
{
    struct copying copying = {.progress = progress, .err = err};
    size_t length = strlen(to);
    while (length > 1 && to[length - 1] == '/')
        length--;
    if (strlen(from) >= sizeof copying.from || length + 6 > sizeof copying.to)
        return journal_fail(err, "the name of a directory is too long");
    snprintf(copying.from, sizeof copying.from, "%s", from);
    snprintf(copying.to, sizeof copying.to, "%.*s.part", (int)length, to);
    if (!is_there(from, "journal.db"))
        return errno == ENOENT ? journal_fail(err, "%.150s holds no journal", from)
                               : journal_fail(err, "%.150s: %s", from, strerror(errno));
    if (check_free(&copying, to) < 0 || make_partial(&copying) < 0)
        return -1;
    int result = copy_all(&copying, last);
    if (result == 0)
        result = publish(&copying, to);
    if (result < 0)
        remove_partial(copying.to);
    return result;
}
