/*
 * certificate_file.c: see certificate_file.h. Written as a temporary file, synced, renamed, and its
 * directory synced, so that a file of that name is whole.
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

static bool write_synced(const char *path, const uint8_t *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return failed(path);
    bool good = write_all(file, bytes, size) && fsync(file) == 0;
    if (!good)
        failed(path);
    close(file);
    return good;
}

static bool sync_directory(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0)
        close(directory);
    return good || failed(path);
}

static bool keep(const char *directory, uint64_t round, const uint8_t *bytes, size_t size)
{
    char folder[PATH_SIZE - 64], partial[PATH_SIZE], path[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/rounds", directory);
    snprintf(partial, sizeof partial, "%s/certificate.tmp", folder);
    snprintf(path, sizeof path, "%s/%" PRIu64 ".cbor", folder, round);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return failed(folder);
    if (!write_synced(partial, bytes, size))
        return false;
    if (rename(partial, path) != 0)
        return failed(path);
    return sync_directory(folder);
}

bool certificate_write(const char *directory, uint64_t round,
                       const struct wire_certificate *certificate, uint64_t hash[4])
{
    struct wire_writer writer = {.size = wire_certificate_bound(&certificate->problem)};
    writer.bytes = malloc(writer.size);
    if (!writer.bytes)
        return failed("certificate");
    wire_certificate_encode(&writer, certificate);
    bool good = !writer.overflow && keep(directory, round, writer.bytes, writer.used);
    if (good)
        crypto_generichash((uint8_t *)hash, 4 * sizeof *hash, writer.bytes, writer.used, NULL, 0);
    free(writer.bytes);
    return good;
}

long certificate_read(const char *directory, uint64_t round, uint64_t offset, void *bytes,
                      size_t size, uint64_t *whole)
{
    char path[PATH_SIZE];
    struct stat about;
    snprintf(path, sizeof path, "%s/rounds/%" PRIu64 ".cbor", directory, round);
    int file = open(path, O_RDONLY | O_CLOEXEC);
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
    return *name >= '1' && *name <= '9' && strcmp(end, ".cbor") == 0 ? round : 0;
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
