/*
 * Snapshot files: writing, loading, and removing old ones.
 *
 * Format; integers are little-endian:
 *
 * - 8 bytes "PLMTSNP1"; 8 bytes sequence, as in the name
 * - the snapshot's bytes
 * - 8 bytes count of those; 32 bytes BLAKE2b-256 of everything before; 8 bytes "PLMTEND1"
 *
 * A snapshot is written as "snapshot.tmp", synced, renamed, and its directory synced. So a crash
 * can leave a snapshot.tmp, which the next start removes, and otherwise whole files alone. What
 * has been damaged on the disk since is seen by its digest when it is loaded.
 */
#include "snapshot_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEAD_SIZE = 16,
    DIGEST_SIZE = 32,
    TAIL_SIZE = 8 + DIGEST_SIZE + 8,
    BUFFER_SIZE = 1 << 18,
    NAME_SIZE = 40,
    NAME_LENGTH = 9 + 20 + 4, /* "snapshot-", digits, ".pms" */
};

static const char head_magic[8] = {'P', 'L', 'M', 'T', 'S', 'N', 'P', '1'};
static const char tail_magic[8] = {'P', 'L', 'M', 'T', 'E', 'N', 'D', '1'};
static const char temporary_name[] = "snapshot.tmp";

struct snapshot_file {
    int directory, file; /* descriptors, or -1 */
    uint64_t sequence;
    uint64_t written; /* bytes of the snapshot, without head and tail */
    crypto_generichash_state digest;
    size_t used; /* of buffer */
    uint8_t buffer[BUFFER_SIZE];
};

static void put_u64(uint8_t *to, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_u64(const uint8_t *from)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static void make_name(char name[NAME_SIZE], uint64_t sequence)
{
    snprintf(name, NAME_SIZE, "snapshot-%020" PRIu64 ".pms", sequence);
}

/* True, with the sequence, when the name is a snapshot's: made again from its number it is the
 * same, so a number too large for 64 bits is none. */
static bool parse_name(const char *name, uint64_t *sequence)
{
    char again[NAME_SIZE];
    if (strlen(name) != NAME_LENGTH || strncmp(name, "snapshot-", 9) != 0)
        return false;
    *sequence = strtoull(name + 9, NULL, 10);
    make_name(again, *sequence);
    return strcmp(name, again) == 0;
}

/* Finds the newest snapshot of a sequence <= limit. Returns 1, 0 when there is none, or -1 with
 * errno set. */
static int find_newest(int directory, uint64_t limit, uint64_t *newest)
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = again < 0 ? NULL : fdopendir(again);
    if (!listing) {
        if (again >= 0)
            close(again);
        return -1;
    }
    int found = 0;
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(listing))) {
        uint64_t sequence;
        if (!parse_name(entry->d_name, &sequence) || sequence > limit)
            continue;
        if (!found || sequence > *newest)
            *newest = sequence;
        found = 1;
    }
    int failed = errno;
    closedir(listing);
    errno = failed;
    return failed ? -1 : found;
}

/* ---- writing ---- */

static int flush(struct snapshot_file *self)
{
    for (size_t at = 0; at < self->used;) {
        ssize_t wrote = write(self->file, self->buffer + at, self->used - at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        at += (size_t)wrote;
    }
    self->used = 0;
    return 0;
}

static int put(struct snapshot_file *self, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        size_t part = BUFFER_SIZE - self->used < size ? BUFFER_SIZE - self->used : size;
        memcpy(self->buffer + self->used, from, part);
        self->used += part;
        from += part;
        size -= part;
        if (self->used == BUFFER_SIZE && flush(self) < 0)
            return -1;
    }
    return 0;
}

static int put_digested(struct snapshot_file *self, const void *bytes, size_t size)
{
    crypto_generichash_update(&self->digest, bytes, size);
    return put(self, bytes, size);
}

static int begin(struct snapshot_file *self, const char *directory)
{
    uint8_t head[HEAD_SIZE];
    memcpy(head, head_magic, 8);
    put_u64(head + 8, self->sequence);
    self->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->directory < 0)
        return -1;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    unlinkat(self->directory, temporary_name, 0); /* mostly there is none */
    self->file = openat(self->directory, temporary_name, flags, 0600);
    return self->file < 0 ? -1 : put_digested(self, head, sizeof head);
}

int snapshot_file_begin(const char *directory, uint64_t sequence, struct snapshot_file **out,
                        struct journal_error *err)
{
    *out = NULL;
    struct snapshot_file *self = malloc(sizeof *self);
    if (!self || sodium_init() < 0) {
        free(self);
        return journal_fail(err, "out of memory or randomness for a snapshot");
    }
    self->directory = self->file = -1;
    self->sequence = sequence;
    self->written = 0;
    self->used = 0;
    crypto_generichash_init(&self->digest, NULL, 0, DIGEST_SIZE);
    if (begin(self, directory) < 0) {
        journal_fail(err, "cannot begin a snapshot in %s: %s", directory, strerror(errno));
        snapshot_file_abandon(self);
        return -1;
    }
    *out = self;
    return 0;
}

int snapshot_file_write(struct snapshot_file *self, const void *bytes, size_t size,
                        struct journal_error *err)
{
    if (size > 0 && put_digested(self, bytes, size) < 0)
        return journal_fail(err, "cannot write a snapshot: %s", strerror(errno));
    self->written += size;
    return 0;
}

static int put_tail(struct snapshot_file *self)
{
    uint8_t count[8], digest[DIGEST_SIZE];
    put_u64(count, self->written);
    if (put_digested(self, count, sizeof count) < 0)
        return -1;
    crypto_generichash_final(&self->digest, digest, sizeof digest);
    if (put(self, digest, sizeof digest) < 0 || put(self, tail_magic, sizeof tail_magic) < 0)
        return -1;
    return flush(self);
}

/* Removes all but the two newest snapshots up to this one. What cannot be removed costs disk alone,
 * and is tried again next time. */
static void remove_old(const struct snapshot_file *self)
{
    char name[NAME_SIZE];
    uint64_t kept, old;
    if (self->sequence == 0 || find_newest(self->directory, self->sequence - 1, &kept) != 1)
        return;
    while (kept > 0 && find_newest(self->directory, kept - 1, &old) == 1) {
        make_name(name, old);
        if (unlinkat(self->directory, name, 0) < 0)
            return;
    }
}

int snapshot_file_finish(struct snapshot_file *self, struct journal_error *err)
{
    if (put_tail(self) < 0 || fsync(self->file) < 0)
        return journal_fail(err, "cannot finish a snapshot: %s", strerror(errno));
    return 0;
}

int snapshot_file_publish(struct snapshot_file *self, struct journal_error *err)
{
    char name[NAME_SIZE];
    make_name(name, self->sequence);
    int result = 0;
    if (renameat(self->directory, temporary_name, self->directory, name) < 0 ||
        fsync(self->directory) < 0)
        result = journal_fail(err, "cannot finish %s: %s", name, strerror(errno));
    else
        remove_old(self);
    snapshot_file_abandon(self);
    return result;
}

void snapshot_file_keep_alone(struct snapshot_file *self)
{
    if (dup2(self->file, 0) < 0)
        return;
    closefrom(1);
    self->file = 0;
    self->directory = -1;
}

uint64_t snapshot_file_size(const struct snapshot_file *self)
{
    struct stat about;
    return fstat(self->file, &about) == 0 ? (uint64_t)about.st_size : 0;
}

void snapshot_file_abandon(struct snapshot_file *self)
{
    if (!self)
        return;
    if (self->file >= 0) {
        close(self->file);
        unlinkat(self->directory, temporary_name, 0); /* after a commit there is none */
    }
    if (self->directory >= 0)
        close(self->directory);
    free(self);
}

/* ---- loading ---- */

/* What is wrong with a file of this many bytes, or NULL. */
static const char *check(const uint8_t *bytes, size_t size, uint64_t sequence)
{
    const uint8_t *tail = bytes + size - TAIL_SIZE;
    uint8_t digest[DIGEST_SIZE];
    if (memcmp(bytes, head_magic, sizeof head_magic) != 0)
        return "it does not begin as a snapshot of this format";
    if (memcmp(tail + TAIL_SIZE - 8, tail_magic, sizeof tail_magic) != 0)
        return "its end is missing";
    if (get_u64(tail) != size - HEAD_SIZE - TAIL_SIZE)
        return "its size is not the one it was written with";
    crypto_generichash(digest, sizeof digest, bytes, size - DIGEST_SIZE - 8, NULL, 0);
    if (memcmp(digest, tail + 8, sizeof digest) != 0)
        return "its digest does not match its contents";
    if (get_u64(bytes + 8) != sequence)
        return "it is of another sequence number than its name says";
    return NULL;
}

/* Maps the file and checks it. Returns what is wrong, or NULL with the image filled. */
static const char *load_file(int file, uint64_t sequence, struct snapshot_image *image)
{
    struct stat now;
    if (fstat(file, &now) < 0)
        return strerror(errno);
    if (!S_ISREG(now.st_mode) || now.st_size < HEAD_SIZE + TAIL_SIZE)
        return "it is too short";
    size_t size = (size_t)now.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (map == MAP_FAILED)
        return strerror(errno);
    const char *wrong = check(map, size, sequence);
    if (wrong) {
        munmap(map, size);
        return wrong;
    }
    *image = (struct snapshot_image){.sequence = sequence,
                                     .bytes = (const uint8_t *)map + HEAD_SIZE,
                                     .size = size - HEAD_SIZE - TAIL_SIZE,
                                     .map = map,
                                     .map_size = size};
    return NULL;
}

static const char *load_named(int directory, const char *name, uint64_t sequence,
                              struct snapshot_image *image)
{
    int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return strerror(errno);
    const char *wrong = load_file(file, sequence, image);
    close(file);
    return wrong;
}

static void pass_over(snapshot_warn *warn, void *ctx, const char *name, const char *why)
{
    char sentence[160];
    snprintf(sentence, sizeof sentence, "passing over %s: %s", name, why);
    if (warn)
        warn(ctx, sentence);
}

/* As snapshot_file_load(), with errno for an error. */
static int load_newest(int directory, uint64_t limit, snapshot_warn *warn, void *ctx,
                       struct snapshot_image *image)
{
    uint64_t upto = UINT64_MAX, sequence = 0;
    int found;
    while ((found = find_newest(directory, upto, &sequence)) == 1) {
        char name[NAME_SIZE];
        make_name(name, sequence);
        const char *wrong = sequence > limit ? "the journal ends before it"
                                             : load_named(directory, name, sequence, image);
        if (!wrong)
            return 1;
        pass_over(warn, ctx, name, wrong);
        if (sequence == 0)
            return 0;
        upto = sequence - 1;
    }
    return found;
}

int snapshot_file_load(const char *directory, uint64_t limit, snapshot_warn *warn, void *ctx,
                       struct snapshot_image *image, struct journal_error *err)
{
    memset(image, 0, sizeof *image);
    if (sodium_init() < 0)
        return journal_fail(err, "no randomness to begin with");
    int opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened >= 0)
        unlinkat(opened, temporary_name, 0); /* what a crash left, which may fill the disk */
    int found = opened < 0 ? -1 : load_newest(opened, limit, warn, ctx, image);
    if (found < 0)
        journal_fail(err, "cannot read directory %s: %s", directory, strerror(errno));
    if (opened >= 0)
        close(opened);
    return found;
}

void snapshot_file_release(struct snapshot_image *image)
{
    if (image->map)
        munmap(image->map, image->map_size);
    memset(image, 0, sizeof *image);
}
