/*
 * certificate_file.c: see certificate_file.h. Written under another name, synced, renamed, and
 * their directory synced, so that a file of that name is whole.
 */
#include "certificate_file.h"

#include "daemon/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* ---- Files ---- */

static bool failed(const char *path)
{
    log_warn("%s: %s", path, strerror(errno));
    return false;
}

static bool write_all(int file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

/* Its name, and that under which it is written first. */
struct names {
    char whole[PATH_SIZE], partial[PATH_SIZE];
};

static struct names names_of(const char *directory, uint64_t round)
{
    struct names names;
    snprintf(names.whole, PATH_SIZE, "%s/rounds/%" PRIu64 ".cbor", directory, round);
    snprintf(names.partial, PATH_SIZE, "%s/rounds/%" PRIu64 ".partial", directory, round);
    return names;
}

/* The descriptor; -1 when it failed. */
static int write_partial(const char *directory, uint64_t round, const uint8_t *bytes, size_t size)
{
    struct names names = names_of(directory, round);
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/rounds", directory);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        failed(folder);
        return -1;
    }
    int file = open(names.partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file >= 0 && write_all(file, bytes, size)) {
        /* On its way already, so that the first that is synced takes the others along. If this
         * fails, the syncing tells. */
        (void)sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
        return file;
    }
    failed(names.partial);
    if (file >= 0)
        close(file);
    return -1;
}

int certificate_write(const char *directory, uint64_t round,
                      const struct wire_certificate *certificate, uint64_t hash[4])
{
    struct wire_writer writer = {.size = wire_certificate_bound(&certificate->problem)};
    int file = -1;
    writer.bytes = malloc(writer.size);
    if (!writer.bytes) {
        failed("certificate");
        return -1;
    }
    wire_certificate_encode(&writer, certificate);
    if (!writer.overflow)
        file = write_partial(directory, round, writer.bytes, writer.used);
    if (file >= 0)
        crypto_generichash((uint8_t *)hash, 4 * sizeof *hash, writer.bytes, writer.used, NULL, 0);
    free(writer.bytes);
    return file;
}

bool certificate_keep(const char *directory, uint64_t round, int file)
{
    struct names names = names_of(directory, round);
    bool good = fsync(file) == 0;
    close(file);
    good = good && rename(names.partial, names.whole) == 0;
    return good || failed(names.partial);
}

bool certificates_sync(const char *directory)
{
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/rounds", directory);
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = file >= 0 && fsync(file) == 0;
    if (file >= 0)
        close(file);
    return good || failed(folder);
}

long certificate_read(const char *directory, uint64_t round, uint64_t offset, void *bytes,
                      size_t size, uint64_t *whole)
{
    struct names names = names_of(directory, round);
    struct stat about;
    int file = open(names.whole, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t got = -1;
    if (fstat(file, &about) == 0 && offset <= (uint64_t)about.st_size) {
        *whole = (uint64_t)about.st_size;
        got = pread(file, bytes, size, (off_t)offset);
    }
    close(file);
    return got;
}

/* ---- Deleting ---- */

/* The round whose certificate a file of that name is; 0: it is none. */
static uint64_t round_of(const char *name)
{
    char *end;
    uint64_t round = strtoull(name, &end, 10);
    bool is_one = strcmp(end, ".cbor") == 0 || strcmp(end, ".partial") == 0;
    return *name >= '1' && *name <= '9' && is_one ? round : 0;
}

static int by_id(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void certificate_prune(const char *directory, uint64_t *kept, uint32_t count, int64_t before)
{
    char path[PATH_SIZE];
    struct dirent *entry;
    struct stat about;
    snprintf(path, sizeof path, "%s/rounds", directory);
    DIR *folder = opendir(path);
    if (!folder) {
        failed(path);
        return;
    }
    qsort(kept, count, sizeof *kept, by_id);
    while ((entry = readdir(folder)) != NULL) { /* its own: NOLINT(concurrency-mt-unsafe) */
        uint64_t round = round_of(entry->d_name);
        if (round != 0 && bsearch(&round, kept, count, sizeof *kept, by_id) == NULL &&
            fstatat(dirfd(folder), entry->d_name, &about, 0) == 0 && about.st_mtime < before &&
            unlinkat(dirfd(folder), entry->d_name, 0) != 0)
            failed(entry->d_name);
    }
    closedir(folder);
}
