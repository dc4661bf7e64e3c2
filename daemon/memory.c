/*
 * memory.c: see memory.h.
 */
#include "memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* since Linux 6.1 */
#endif
#define HUGE_PAGE ((size_t)2 << 20)

/* What of the core's memory lies in whole pages of a size; NULL: nothing. */
static uint8_t *whole_pages(struct pm_core *core, size_t page, size_t *bytes)
{
    size_t all;
    uint8_t *from = pm_core_memory(core, &all);
    size_t before = (page - (uintptr_t)from % page) % page;
    if (all < before + page)
        return NULL;
    *bytes = (all - before) / page * page;
    return from + before;
}

bool memory_take(struct pm_core *core, size_t *bytes)
{
    uint8_t *from = whole_pages(core, (size_t)sysconf(_SC_PAGESIZE), bytes);
    if (from == NULL)
        *bytes = 0;
    return from == NULL || madvise(from, *bytes, MADV_POPULATE_WRITE) == 0;
}

/* The call itself does not ask. */
static bool has_huge_pages(void)
{
    char text[64] = "";
    int file = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    return size > 0 && strstr(text, "[never]") == NULL;
}

/* One at a time: while a page is copied, who touches it waits. */
void memory_mend(struct pm_core *core)
{
    size_t bytes;
    uint8_t *from = has_huge_pages() ? whole_pages(core, HUGE_PAGE, &bytes) : NULL;
    for (size_t at = 0; from != NULL && at < bytes; at += HUGE_PAGE)
        (void)madvise(from + at, HUGE_PAGE, MADV_COLLAPSE);
}

void *memory_take_apart(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, bytes, MADV_DONTFORK); /* without it all is the same, and slower */
    return memory;
}

void memory_free_apart(void *memory, size_t bytes)
{
    if (memory != NULL)
        munmap(memory, bytes);
}
