/*
 * faults.c - see faults.h. The program's own functions are found before libc's, by libraries too.
 * One thread at a time.
 */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool armed, lasting;
static unsigned count, failing;
static int failure;

void faults_arm(unsigned n, int error, bool for_good)
{
    armed = true;
    lasting = for_good;
    count = 0;
    failing = n;
    failure = error;
}

unsigned faults_disarm(void)
{
    armed = false;
    return count;
}

/* Is it this one's turn to fail? */
static bool fails(void)
{
    if (!armed)
        return false;
    count++;
    if (failing == 0 || (lasting ? count < failing : count != failing))
        return false;
    errno = failure;
    return true;
}

static int open_as(int directory, const char *path, int flags, mode_t mode)
{
    /* Opening to read what is there is not what is tried here, but a directory, to be synced. */
    if ((flags & (O_WRONLY | O_RDWR | O_DIRECTORY)) != 0 && fails())
        return -1;
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

#define MODE_AFTER(flags, mode)                     \
    do {                                            \
        va_list args;                               \
        va_start(args, flags);                      \
        if (((flags) & (O_CREAT | O_TMPFILE)) != 0) \
            (mode) = va_arg(args, mode_t);          \
        va_end(args);                               \
    } while (0)

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_AFTER(flags, mode);
    return open_as(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_AFTER(flags, mode);
    return open_as(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_AFTER(flags, mode);
    return open_as(directory, path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    if (file <= STDERR_FILENO || !fails())
        return syscall(SYS_write, file, bytes, size);
    if (failure == ENOSPC && size > 1)
        return syscall(SYS_write, file, bytes, size / 2); /* the next finds nothing left */
    return -1;
}

static ssize_t pwrite_at(int file, const void *bytes, size_t size, off_t at)
{
    if (!fails())
        return syscall(SYS_pwrite64, file, bytes, size, at);
    if (failure == ENOSPC && lasting && size > 1)
        return syscall(SYS_pwrite64, file, bytes, size / 2, at);
    return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
    return pwrite_at(file, bytes, size, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at)
{
    return pwrite_at(file, bytes, size, at);
}

int fsync(int file)
{
    return fails() ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return fails() ? -1 : (int)syscall(SYS_fdatasync, file);
}

int rename(const char *from, const char *to)
{
    return fails() ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    return fails() ? -1 : (int)syscall(SYS_renameat, from_directory, from, to_directory, to);
}

int mkdir(const char *path, mode_t mode)
{
    return fails() ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
