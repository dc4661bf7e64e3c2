/* history_seen.h - what came about over many histories: events, answers, and how packages and
 * placements went from state to state; and what must have. */
#ifndef PM_TEST_HISTORY_SEEN_H
#define PM_TEST_HISTORY_SEEN_H

#include "tests/lib/model.h"

struct history_seen {
    uint64_t event[PM_EVENT_KINDS];
    uint64_t status[PM_STATUS_COUNT];
    uint64_t package[PM_PACKAGE_STATES][PM_PACKAGE_STATES];
    uint64_t placement[PM_PLACEMENT_STATES][PM_PLACEMENT_STATES];
    uint64_t route[PM_ROUTES]; /* of offers that became placements */
    /* How each was after the last entry, by its place in the model. */
    uint8_t package_was[MODEL_PACKAGES], placement_was[MODEL_PLACEMENTS];
    int packages, placements;
};

/* A new history begins. */
void history_seen_begin(struct history_seen *seen);
/* Takes note of an entry that the model has followed. Of one market; the other's go uncounted. */
void history_seen_entry(struct history_seen *seen, const struct model *model,
                        struct pm_result result);
/* Prints all that was seen, each line after "# ", and what was not and must have been. True when
 * nothing is missing. */
bool history_seen_all(const struct history_seen *seen);

#endif
