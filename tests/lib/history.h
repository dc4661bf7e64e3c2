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

enum { HISTORY_MEMORY = 1 << 18, HISTORY_CLIENTS = 12, HISTORY_FEW = 12, HISTORY_MANY = 56 };

struct history {
    struct random random;
    uint64_t number[HISTORY_CLIENTS]; /* the last of each client */
    unsigned services;                /* how many there may be */
    bool scarce;                      /* few services, with little capacity */
    bool plain; /* only call-offs and last resorts, without calendars or caps: what is simple */
    size_t used;
    struct gen garbage;
    _Alignas(16) char memory[HISTORY_MEMORY]; /* of the entry at hand */
};

void history_start(struct history *history, uint64_t seed);

/* Any entry; the market's load while it is not loaded. Whatever an entry points to lives until the
 * next is made. */
void history_next(struct history *history, struct model *model, struct pm_entry *out,
                  struct pm_command *command);

/* history_market.c: rules to begin with, rules changed. */
void history_load(struct history *history, const char *name, struct pm_load *out);
void history_reload(struct history *history, const struct model *model, struct pm_load *out);

/* history_supply.c */
struct pm_command *history_supply(struct history *history, const struct pm_market *rules,
                                  uint32_t *count);
void history_put(struct history *history, const struct model *model, struct pm_command *out);
/* Providers suspended, back, failed; caseloads handed over. */
void history_trouble(struct history *history, const struct model *model, struct pm_command *out);

/* history_rounds.c: a round opened, or something applied to one. */
void history_round(struct history *history, const struct model *model, struct pm_entry *entry,
                   struct pm_command *out);

/* history_package.c */
void history_post(struct history *history, const struct model *model, struct pm_package *out);
void history_amend(struct history *history, const struct model *model,
                   const struct model_package *about, struct pm_package *out);

/* history_care.c: answers, decisions, and what becomes of placements. */
void history_answer(struct history *history, const struct model *model, struct pm_entry *entry,
                    struct pm_command *out);
void history_decision(struct history *history, const struct model *model, struct pm_command *out);
void history_placement(struct history *history, const struct model *model, struct pm_entry *entry,
                       struct pm_command *out);
/* A package that is there, most likely one in that state; NULL when there is none at all. */
const struct model_package *history_some(struct history *history, const struct model *model,
                                         unsigned state);

/* For its parts: memory and texts of the entry at hand, and chance. */
void *history_memory(struct history *history, size_t count, size_t size);
__attribute__((format(printf, 2, 3))) struct pm_text history_text(struct history *history,
                                                                  const char *format, ...);
static inline uint32_t history_below(struct history *history, uint32_t n)
{
    return random_below(&history->random, n);
}
static inline bool history_percent(struct history *history, uint32_t n)
{
    return random_percent(&history->random, n) != 0;
}

/* history_spoil.c: one mistake in a command that was sensible; some verbs have none to make. */
void history_spoil(struct history *history, struct pm_command *command);

/* history_print.c: an entry as a line that people read. */
void history_line(const struct pm_entry *entry, struct pm_result result, char *out, size_t size);

#endif
