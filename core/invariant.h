/*
 * invariant.h - what must hold of the whole state, checked. pm_core_check() checks all of it;
 * restoring a state checks tables and ranges, after which nothing that walks the records can leave
 * their memory.
 *
 * Every check returns true, or false with the first broken invariant in words.
 */
#ifndef PM_INVARIANT_H
#define PM_INVARIANT_H

#include "state.h"

struct check {
    const struct pm_core *core;
    char *error; /* where the sentence goes, cut to fit */
    size_t size;
};

/* Says what is broken, as "package 12: its open offer is not open", and returns false. */
bool broken(const struct check *check, const char *record, uint64_t slot, const char *sentence);

/* Each table's used and free slots. */
bool check_tables(const struct check *check);
/* Each link leads to a record that is there, each number is in its range, each name is one. Tables
 * are good. */
bool check_ranges(const struct check *check);
/* Records that belong together agree. Ranges are good; so for all below. */
bool check_relations(const struct check *check);
bool check_clusters(const struct check *check); /* the lists are good */
/* Each list holds what it should, once. */
bool check_lists(const struct check *check);
/* Rounds are open, or say what came of them. */
bool check_rounds(const struct check *check);
/* States of packages, offers and placements agree. Lists are good. */
bool check_packages(const struct check *check);
/* What pools have committed and held is what hangs on them. */
bool check_capacity(const struct check *check);
/* By today's date and what is due: all that is derived is good. */
bool check_nobody_waits_needlessly(const struct check *check);
/* Maps, deadlines and rosters are those that derive_all() would make. */
bool check_derived(const struct check *check);

#endif
