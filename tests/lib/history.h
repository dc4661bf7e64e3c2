/*
 * history.h - random entries for a market, the same ones for the same seed: mostly sensible, often
 * about what is there, some of them wrong. They are made up by looking at the model, so that what
 * they name exists.
 */
#ifndef PM_TEST_HISTORY_H
#define PM_TEST_HISTORY_H

#include "tests/lib/gen_command.h"
#include "tests/lib/model.h"
#include "tests/lib/random.h"

enum { HISTORY_MEMORY = 1 << 18, HISTORY_CLIENTS = 6, HISTORY_FEW = 12, HISTORY_MANY = 56 };

struct history {
    struct random random;
    uint64_t number[HISTORY_CLIENTS]; /* the last of each client */
    unsigned services;                /* how many there may be */
    size_t used;
    struct gen garbage;
    _Alignas(16) char memory[HISTORY_MEMORY]; /* of the entry at hand */
};

void history_start(struct history *history, uint64_t seed);

/* What a history's market is loaded with. Whatever an entry points to lives until the next is made.
 */
void history_load(struct history *history, struct model *model, struct pm_entry *out,
                  struct pm_command *command);
/* Any other entry. */
void history_next(struct history *history, struct model *model, struct pm_entry *out,
                  struct pm_command *command);

/* history_market.c: rules to begin with, rules changed, and supply. */
struct pm_market *history_rules(struct history *history, const char *name);
void history_change(struct history *history, struct pm_market *rules);
struct pm_command *history_supply(struct history *history, const struct pm_market *rules,
                                  uint32_t *count);
void history_put(struct history *history, const struct pm_market *rules, const struct model *model,
                 struct pm_command *out);

/* For its parts: memory and texts of the entry at hand. */
void *history_memory(struct history *history, size_t count, size_t size);
__attribute__((format(printf, 2, 3))) struct pm_text history_text(struct history *history,
                                                                  const char *format, ...);

#endif
