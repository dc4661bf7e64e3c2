/* told.h - what clients were told, kept naively: every answer, searched from end to end. */
#ifndef PM_TEST_TOLD_H
#define PM_TEST_TOLD_H

#include "core/core.h"

enum { TOLD_MAX = 2048 };

struct told {
    struct {
        uint8_t role;
        struct pm_name actor;
        uint64_t client, number, hash;
        struct pm_result result;
        bool forgotten;
    } answer[TOLD_MAX];
    uint32_t count;
    uint32_t clients; /* how many the core remembers */
};

void told_start(struct told *told, uint32_t clients);
/* Was it told before? Then what it must be told now. */
bool told_before(const struct told *told, const struct pm_entry *entry, struct pm_result *out);
/* Keeps an answer that was not told before. */
void told_now(struct told *told, const struct pm_entry *entry, struct pm_result result);

#endif
