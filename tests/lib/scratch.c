/* scratch.c - see scratch.h. */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARENT_MAX = SCRATCH_PATH - sizeof "/placemat.XXXXXX" };

void scratch_make(char out[SCRATCH_PATH])
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0' || strlen(parent) > PARENT_MAX)
        parent = "/tmp";
    snprintf(out, SCRATCH_PATH, "%s/placemat.XXXXXX", parent);
    if (mkdtemp(out) == NULL)
        abort();
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

int scratch_remove(const char *path)
{
    return nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : -1;
}
