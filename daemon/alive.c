/*
 * alive.c: see alive.h.
 */
#include "alive.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_in(const char *directory, int flags)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/alive", directory) >= (int)sizeof path)
        return -1;
    return open(path, flags | O_CLOEXEC, 0600);
}

/* The same length always, so that it is written over in one piece. */
void alive_write(const char *directory, int64_t ms)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%020" PRId64 "\n", ms);
    int file = open_in(directory, O_WRONLY | O_CREAT);
    if (file < 0)
        return;
    if (pwrite(file, text, (size_t)size, 0) != size)
        (void)ftruncate(file, 0);
    close(file);
}

int64_t alive_read(const char *directory)
{
    char text[24] = "", *end;
    int file = open_in(directory, O_RDONLY);
    if (file < 0)
        return 0;
    ssize_t size = pread(file, text, sizeof text - 1, 0);
    close(file);
    long long ms = size > 0 ? strtoll(text, &end, 10) : 0;
    return size > 0 && *end == '\n' && ms > 0 ? ms : 0;
}
