/*
 * A SQLite file system in memory that can lose power: see vfs_lossy.h for its model.
 *
 * A file is two byte arrays: what a process reads, and what the disk holds for certain. A crash
 * chooses between them sector by sector.
 */
#include "vfs_lossy.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, FILES_MAX = 16, NAME_SIZE = 512, REGIONS_MAX = 64, SHM_LOCKS = 8 };

struct handle;

struct disk_file {
    char name[NAME_SIZE];
    bool exists, exists_synced;
    uint8_t *now;    /* what a process reads: [0, size) */
    uint8_t *synced; /* what the disk holds: [0, synced_size) */
    uint8_t *lost;   /* a flag a sector: no sync writes it until it is written again */
    size_t size, synced_size;
    size_t room; /* bytes of now and of synced; whole sectors; zero beyond the sizes */
    void *regions[REGIONS_MAX];
    size_t region_size;
    struct handle *handles; /* open ones */
};

struct handle {
    sqlite3_file base;
    struct disk_file *file;
    struct handle *next;
    int lock; /* SQLITE_LOCK_NONE to SQLITE_LOCK_EXCLUSIVE */
    int persist_wal;
    bool mapped;                             /* has the shared memory */
    bool sync_names;                         /* with the first sync */
    bool anonymous;                          /* a temporary file, removed at close */
    bool shared[SHM_LOCKS], sole[SHM_LOCKS]; /* locks on the shared memory held by this handle */
};

static struct {
    struct disk_file *files[FILES_MAX];
    uint64_t operations;
    enum vfs_lossy_fault fault;
    uint64_t fault_at;
    uint64_t random; /* state of the generator */
    unsigned anonymous_files;
} disk;

static uint64_t next_random(void)
{
    uint64_t z = (disk.random += 0x9e3779b97f4a7c15u); /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Counts an operation; true when it is to fail. */
static bool fails(void)
{
    disk.operations++;
    if (disk.fault == VFS_LOSSY_IO_ERROR)
        return disk.operations == disk.fault_at;
    if (disk.fault == VFS_LOSSY_CRASH || disk.fault == VFS_LOSSY_BROKEN)
        return disk.operations >= disk.fault_at;
    return false;
}

static bool full(void)
{
    return disk.fault == VFS_LOSSY_FULL && disk.operations >= disk.fault_at;
}

/* ---- files ---- */

static void make_room(struct disk_file *file, size_t size)
{
    if (size <= file->room)
        return;
    size_t room = (size + size / 2 + SECTOR - 1) / SECTOR * SECTOR;
    uint8_t *now = calloc(1, room), *synced = calloc(1, room), *lost = calloc(1, room / SECTOR);
    assert(now && synced && lost);
    if (file->room) {
        memcpy(now, file->now, file->room);
        memcpy(synced, file->synced, file->room);
        memcpy(lost, file->lost, file->room / SECTOR);
    }
    free(file->now);
    free(file->synced);
    free(file->lost);
    file->now = now, file->synced = synced, file->lost = lost;
    file->room = room;
}

static struct disk_file *find_file(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk.files[i] && strcmp(disk.files[i]->name, name) == 0)
            return disk.files[i];
    }
    return NULL;
}

static struct disk_file *add_file(const char *name)
{
    struct disk_file *file = calloc(1, sizeof *file);
    assert(file && strlen(name) < sizeof file->name);
    memcpy(file->name, name, strlen(name) + 1);
    int slot = 0;
    while (slot < FILES_MAX && disk.files[slot])
        slot++;
    assert(slot < FILES_MAX);
    disk.files[slot] = file;
    return file;
}

static void drop_shared_memory(struct disk_file *file)
{
    for (int i = 0; i < REGIONS_MAX; i++) {
        free(file->regions[i]);
        file->regions[i] = NULL;
    }
}

static void free_file(int slot)
{
    struct disk_file *file = disk.files[slot];
    assert(!file->handles);
    drop_shared_memory(file);
    free(file->now);
    free(file->synced);
    free(file->lost);
    free(file);
    disk.files[slot] = NULL;
}

static void set_size(struct disk_file *file, size_t size)
{
    make_room(file, size);
    if (size < file->size)
        memset(file->now + size, 0, file->size - size);
    file->size = size;
}

/* What a sync of the directory does: every name made or removed so far stays so. */
static void sync_names(void)
{
    for (int i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = disk.files[i];
        if (!file)
            continue;
        file->exists_synced = file->exists;
        if (!file->exists) {
            file->synced_size = 0;
            if (file->room)
                memset(file->synced, 0, file->room);
        }
    }
}

/* ---- the crash ---- */

/* Leaves in `now` what the disk has of one sector. */
static void crash_sector(struct disk_file *file, size_t at, unsigned keep_percent)
{
    size_t kept = next_random() % 100 < keep_percent ? SECTOR : 0;
    if (keep_percent > 0 && keep_percent < 100 && next_random() % 16 == 0)
        kept = next_random() % SECTOR; /* torn */
    if (keep_percent < 100 && file->lost[at / SECTOR])
        kept = 0;
    memcpy(file->now + at + kept, file->synced + at + kept, SECTOR - kept);
}

static size_t crash_size(const struct disk_file *file, unsigned keep_percent)
{
    if (keep_percent == 100 || file->size == file->synced_size)
        return file->size;
    if (next_random() % 100 >= keep_percent)
        return file->synced_size;
    if (file->size < file->synced_size || next_random() % 2)
        return file->size;
    return file->synced_size + next_random() % (file->size - file->synced_size);
}

static void crash_file(struct disk_file *file, unsigned keep_percent)
{
    if (file->exists != file->exists_synced)
        file->exists = next_random() % 100 < keep_percent ? file->exists : file->exists_synced;
    size_t size = file->exists ? crash_size(file, keep_percent) : 0;
    for (size_t at = 0; at < file->room; at += SECTOR)
        crash_sector(file, at, keep_percent);
    if (size < file->room)
        memset(file->now + size, 0, file->room - size);
    file->size = file->synced_size = size;
    file->exists_synced = file->exists;
    if (file->room) {
        memcpy(file->synced, file->now, file->room);
        memset(file->lost, 0, file->room / SECTOR);
    }
    drop_shared_memory(file);
}

void vfs_lossy_crash(uint64_t seed)
{
    static const unsigned keep_percents[] = {50, 90, 10, 100};
    disk.random = seed;
    unsigned keep_percent = seed ? keep_percents[seed % 4] : 0;
    for (int i = 0; i < FILES_MAX; i++) {
        if (!disk.files[i])
            continue;
        assert(!disk.files[i]->handles);
        crash_file(disk.files[i], keep_percent);
    }
    vfs_lossy_arm(VFS_LOSSY_NONE, 0);
}

void vfs_lossy_arm(enum vfs_lossy_fault fault, uint64_t at)
{
    disk.operations = 0;
    disk.fault = fault;
    disk.fault_at = at;
}

uint64_t vfs_lossy_operations(void)
{
    return disk.operations;
}

/* ---- sqlite3_io_methods ---- */

static int lossy_close(sqlite3_file *base)
{
    struct handle *self = (struct handle *)base;
    struct handle **at = &self->file->handles;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    for (int i = 0; self->anonymous && i < FILES_MAX; i++) {
        if (disk.files[i] == self->file)
            free_file(i);
    }
    return SQLITE_OK;
}

static int lossy_read(sqlite3_file *base, void *to, int count, sqlite3_int64 offset)
{
    const struct disk_file *file = ((struct handle *)base)->file;
    size_t want = (size_t)count, at = (size_t)offset;
    if (fails())
        return SQLITE_IOERR_READ;
    size_t have = at >= file->size ? 0 : file->size - at;
    if (have >= want) {
        memcpy(to, file->now + at, want);
        return SQLITE_OK;
    }
    if (have)
        memcpy(to, file->now + at, have);
    memset((uint8_t *)to + have, 0, want - have);
    return SQLITE_IOERR_SHORT_READ;
}

static int lossy_write(sqlite3_file *base, const void *from, int count, sqlite3_int64 offset)
{
    struct disk_file *file = ((struct handle *)base)->file;
    size_t at = (size_t)offset, end = at + (size_t)count;
    if (fails())
        return SQLITE_IOERR_WRITE;
    if (end > file->size && full())
        return SQLITE_FULL;
    if (end > file->size)
        set_size(file, end);
    memcpy(file->now + at, from, (size_t)count);
    for (size_t sector = at / SECTOR; sector * SECTOR < end; sector++)
        file->lost[sector] = 0;
    return SQLITE_OK;
}

static int lossy_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    if (fails())
        return SQLITE_IOERR_TRUNCATE;
    set_size(((struct handle *)base)->file, (size_t)size);
    return SQLITE_OK;
}

static int lossy_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    struct handle *self = (struct handle *)base;
    struct disk_file *file = self->file;
    bool failed = fails();
    for (size_t at = 0; at < file->room; at += SECTOR) {
        uint8_t *lost = &file->lost[at / SECTOR];
        if (memcmp(file->synced + at, file->now + at, SECTOR) == 0)
            continue;
        if (failed)
            *lost = disk.fault != VFS_LOSSY_CRASH;
        else if (!*lost)
            memcpy(file->synced + at, file->now + at, SECTOR);
    }
    if (failed)
        return SQLITE_IOERR_FSYNC;
    file->synced_size = file->size;
    if (self->sync_names)
        sync_names();
    self->sync_names = false;
    return SQLITE_OK;
}

static int lossy_file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)((struct handle *)base)->file->size;
    return SQLITE_OK;
}

/* The strongest lock that another handle has on the file. */
static int strongest_other(const struct handle *self)
{
    int strongest = SQLITE_LOCK_NONE;
    for (const struct handle *other = self->file->handles; other; other = other->next) {
        if (other != self && other->lock > strongest)
            strongest = other->lock;
    }
    return strongest;
}

static int lossy_lock(sqlite3_file *base, int level)
{
    struct handle *self = (struct handle *)base;
    if (self->lock >= level)
        return SQLITE_OK;
    int other = strongest_other(self);
    if (other >= (level == SQLITE_LOCK_SHARED ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED))
        return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && other >= SQLITE_LOCK_SHARED) {
        self->lock = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    self->lock = level;
    return SQLITE_OK;
}

static int lossy_unlock(sqlite3_file *base, int level)
{
    ((struct handle *)base)->lock = level;
    return SQLITE_OK;
}

static int lossy_check_reserved(sqlite3_file *base, int *reserved)
{
    struct handle *self = (struct handle *)base;
    *reserved = self->lock >= SQLITE_LOCK_RESERVED || strongest_other(self) >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

static int lossy_control(sqlite3_file *base, int operation, void *argument)
{
    struct handle *self = (struct handle *)base;
    if (operation != SQLITE_FCNTL_PERSIST_WAL)
        return SQLITE_NOTFOUND;
    int *value = argument;
    if (*value >= 0)
        self->persist_wal = *value;
    *value = self->persist_wal;
    return SQLITE_OK;
}

static int lossy_sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int lossy_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as the unix VFS says */
}

static int lossy_shm_map(sqlite3_file *base, int region, int size, int extend,
                         void volatile **memory)
{
    struct handle *self = (struct handle *)base;
    struct disk_file *file = self->file;
    self->mapped = true;
    assert(region < REGIONS_MAX && (!file->regions[0] || file->region_size == (size_t)size));
    file->region_size = (size_t)size;
    if (!file->regions[region] && extend)
        file->regions[region] = calloc(1, (size_t)size);
    *memory = file->regions[region];
    return extend && !*memory ? SQLITE_NOMEM : SQLITE_OK;
}

static bool shm_free(const struct handle *self, int lock, bool sole)
{
    for (const struct handle *other = self->file->handles; other; other = other->next) {
        if (other != self && (other->sole[lock] || (sole && other->shared[lock])))
            return false;
    }
    return true;
}

static int lossy_shm_lock(sqlite3_file *base, int from, int count, int flags)
{
    struct handle *self = (struct handle *)base;
    bool lock = flags & SQLITE_SHM_LOCK, sole = flags & SQLITE_SHM_EXCLUSIVE;
    for (int i = from; lock && i < from + count; i++) {
        if (!shm_free(self, i, sole))
            return SQLITE_BUSY;
    }
    for (int i = from; i < from + count; i++) {
        if (sole)
            self->sole[i] = lock;
        else
            self->shared[i] = lock;
    }
    return SQLITE_OK;
}

static void lossy_shm_barrier(sqlite3_file *base)
{
    (void)base;
}

/* As with the unix VFS, the memory does not outlive the last connection: the next one reads the log
 * anew. */
static int lossy_shm_unmap(sqlite3_file *base, int remove)
{
    struct handle *self = (struct handle *)base;
    memset(self->shared, 0, sizeof self->shared);
    memset(self->sole, 0, sizeof self->sole);
    self->mapped = false;
    bool last = true;
    for (const struct handle *other = self->file->handles; other; other = other->next)
        last = last && !other->mapped;
    if (remove || last)
        drop_shared_memory(self->file);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = lossy_close,
    .xRead = lossy_read,
    .xWrite = lossy_write,
    .xTruncate = lossy_truncate,
    .xSync = lossy_sync,
    .xFileSize = lossy_file_size,
    .xLock = lossy_lock,
    .xUnlock = lossy_unlock,
    .xCheckReservedLock = lossy_check_reserved,
    .xFileControl = lossy_control,
    .xSectorSize = lossy_sector_size,
    .xDeviceCharacteristics = lossy_characteristics,
    .xShmMap = lossy_shm_map,
    .xShmLock = lossy_shm_lock,
    .xShmBarrier = lossy_shm_barrier,
    .xShmUnmap = lossy_shm_unmap,
};

/* ---- sqlite3_vfs ---- */

static int lossy_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                      int *out_flags)
{
    (void)vfs;
    struct handle *self = (struct handle *)base;
    memset(self, 0, sizeof *self);
    char anonymous[32];
    if (!name) {
        sqlite3_snprintf(sizeof anonymous, anonymous, "temporary %u", disk.anonymous_files++);
        name = anonymous;
        self->anonymous = true;
    }
    struct disk_file *file = find_file(name);
    if (!file || !file->exists) {
        if (!(flags & SQLITE_OPEN_CREATE) || fails())
            return SQLITE_CANTOPEN;
        if (!file)
            file = add_file(name);
        file->exists = true;
    }
    self->sync_names =
        (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    self->file = file;
    self->next = file->handles;
    file->handles = self;
    self->base.pMethods = &methods;
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int lossy_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    struct disk_file *file = find_file(name);
    if (!file || !file->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    if (fails())
        return SQLITE_IOERR_DELETE;
    file->exists = false;
    set_size(file, 0);
    if (sync_directory)
        sync_names();
    return SQLITE_OK;
}

static int lossy_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    (void)vfs;
    const struct disk_file *file = find_file(name);
    /* As the unix VFS has it: an empty file is as good as none. */
    *result = file && file->exists && (flags != SQLITE_ACCESS_EXISTS || file->size > 0);
    return SQLITE_OK;
}

static int lossy_full_path(sqlite3_vfs *vfs, const char *name, int size, char *path)
{
    (void)vfs;
    sqlite3_snprintf(size, path, "%s", name);
    return SQLITE_OK;
}

static int lossy_randomness(sqlite3_vfs *vfs, int size, char *to)
{
    (void)vfs;
    for (int i = 0; i < size; i++)
        to[i] = (char)(i * 37 + 11);
    return size;
}

static int lossy_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

static int lossy_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds)
{
    (void)vfs;
    *milliseconds = 212400000000000; /* some Julian day */
    return SQLITE_OK;
}

static sqlite3_vfs lossy_vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(struct handle),
    .mxPathname = NAME_SIZE,
    .zName = VFS_LOSSY_NAME,
    .xOpen = lossy_open,
    .xDelete = lossy_delete,
    .xAccess = lossy_access,
    .xFullPathname = lossy_full_path,
    .xRandomness = lossy_randomness,
    .xSleep = lossy_sleep,
    .xCurrentTimeInt64 = lossy_time,
};

void vfs_lossy_start(void)
{
    vfs_lossy_stop();
    int registered = sqlite3_vfs_register(&lossy_vfs, 0);
    assert(registered == SQLITE_OK);
    (void)registered;
}

void vfs_lossy_stop(void)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk.files[i])
            free_file(i);
    }
    memset(&disk, 0, sizeof disk);
}
