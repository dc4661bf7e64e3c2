/*
 * solver_patch.h - a part of the problem that is solved anew while the rest stays: some parts are
 * freed, and may take of some sources, whose prices are made anew for them. Included by
 * core/solver_patch.c and core/solver_search.c alone.
 */
#ifndef PM_SOLVER_PATCH_H
#define PM_SOLVER_PATCH_H

#include "solver_state.h"

enum {
    FREED_MAX = 256,
    NEAR_MAX = 64,
    OPTIONS_MAX = FREED_MAX * 14,
    SWITCHES_MAX = 1024,
    RELIEF_MAX = 1 << 17,
    NO_OPTION = 0xffff,
};

/* What a freed part may take. */
struct option {
    uint32_t taken; /* 1 + way; 0: none */
    uint8_t place[2];
    const int32_t *takes[2];
    int64_t weight; /* its cost; of none, what that weighs */
    int64_t reduced;
};
/* Another option than the cheapest, and how much dearer it is. */
struct switching {
    int64_t dearer;
    int64_t weight; /* more than before */
    uint16_t freed, option;
    uint8_t place[4]; /* the first two lose, the others gain */
    const int32_t *takes[4];
    int32_t amount[4]; /* of the first band */
};

struct patch {
    uint32_t freed, options, sources, bands;
    bool all; /* no part may be left out */
    uint32_t part[FREED_MAX];
    uint16_t first_option[FREED_MAX + 1], now[FREED_MAX], least[FREED_MAX];
    struct option option[OPTIONS_MAX];
    uint32_t source[NEAR_MAX]; /* the first is the one without limit */
    struct solver_amounts room[NEAR_MAX];
    uint32_t price[NEAR_MAX][BANDS];
    int64_t weight; /* of the freed parts as they are */
    wide bound;     /* no choice for them has less, scaled */
    /* the ascent */
    struct rows rows;
    int64_t row_price[NEAR_MAX * BANDS], best_price[NEAR_MAX * BANDS], direction[NEAR_MAX * BANDS],
        size[NEAR_MAX * BANDS], load[NEAR_MAX * BANDS];
    uint32_t moves[NEAR_MAX * BANDS];
    int32_t unit[NEAR_MAX * BANDS];
    /* the search */
    uint32_t switches;
    struct switching switching[SWITCHES_MAX];
    /* By how many of the first switches there are to choose from, and by row: the least that a unit
     * less there costs, -1 when none makes it less; and what more they could use, at its price. */
    int64_t relief[RELIEF_MAX], use[RELIEF_MAX];
    int32_t over[NEAR_MAX][BANDS]; /* load less room */
    uint64_t strained;             /* sources with a band over its room */
    uint16_t choice[FREED_MAX], found[FREED_MAX];
    bool switched[FREED_MAX];
    uint32_t different; /* parts that do not have what they have now */
    bool any, whole;    /* found something; nothing was left out or cut */
    int64_t best;       /* what is found must weigh no more */
    int64_t budget;     /* and be no dearer than the cheapest by this */
    uint64_t nodes;
};

/* Looks for the best choice that weighs no more than p->best and is not the present one. */
void patch_search(struct patch *p, int scale, uint64_t nodes);

#endif
