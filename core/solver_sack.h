/*
 * solver_sack.h - a pool by itself: which ways would it take, for what each of them gains? Included
 * by core/solver_sack.c and core/solver_proof.h alone.
 *
 * A *sack* has ways that take of the same rows: of a pool's bands that bind, and where a share cap
 * binds, of all pools under it. It is a knapsack with as many dimensions as it has rows. For each
 * row by itself a table tells the most that could be gained with the last so many ways within so
 * much room; the least of these is a bound that ends most of a search over all sets of ways early.
 * A sack without rows takes whatever does not lose.
 */
#ifndef PM_SOLVER_SACK_H
#define PM_SOLVER_SACK_H

#include "solver_state.h"

enum {
    SACKS = 256,
    SACK_WAYS = 1 << 15,  /* of all sacks */
    SACK_PARTS = 1 << 11, /* likewise */
    SACK_MOST = 1 << 10,  /* ways of one */
    SACK_ROWS = 24,       /* of one */
};
/* What cannot be gained, nor be had for any rise of the bound. */
#define NEVER (INT64_MAX / 4)

enum way_state { OPEN, OUT, IN };

/* What there is of a source's band that binds; of the source without limit, how many parts may be
 * left out. */
struct row {
    uint32_t source, band;
    int32_t room;
};
struct sack {
    uint32_t first, end; /* its ways: of sacks.in */
    uint32_t rows;
    int32_t room[SACK_ROWS]; /* in steps: what its ways take is a multiple of one */
    /* When last filled: */
    int64_t price;  /* of one row: what a step of it was worth */
    bool stale;     /* no longer so: a gain or a state of its ways has changed */
    bool cut;       /* the search took too long: it may gain as much as that, and chose less */
    int64_t gained; /* -NEVER: what is in does not fit */
};

/* Lists belong to whom the sacks belong to. */
struct sacks {
    uint32_t count, ways;
    uint32_t ways_most, cells_most; /* there is room for */
    uint64_t effort;                /* left, in cells of tables; one takes a nanosecond or a few */
    struct sack sack[SACKS];
    uint32_t *in; /* ways, sack by sack */
    /* by way: */
    uint32_t *taken;              /* 1 + the solver's way; 0: the part is not placed */
    uint16_t *part, *home;        /* home: its sack */
    int32_t *units;               /* that it takes of its cap */
    int32_t (*amount)[SACK_ROWS]; /* that it takes of its sack's rows, in steps */
    uint32_t *size;               /* of all its rows together, to sort by */
    uint8_t *state;               /* enum way_state */
    int64_t *gain;
    bool *chosen;  /* by its sack, when last filled */
    int64_t *rise; /* how much less the sack gains if it has to take the way; */
    int64_t *loss; /* and, if it has chosen it, when it has to leave it; else 0 */
    /* Working memory, of the sack that is being filled: */
    uint32_t gainers, gainer[SACK_MOST]; /* open ways that gain */
    int64_t sure;                        /* what those gain that are in */
    int32_t left[SACK_ROWS];             /* what they leave of the rows */
    int shift;                           /* of what they gain, in tables */
    int32_t scaled[SACK_MOST];
    int32_t *last[SACK_ROWS], *first[SACK_ROWS]; /* tables; null: there was no room */
    int32_t *cells, *more_cells;                 /* of these */
    bool on[SACK_MOST], best_on[SACK_MOST]; /* by gainer: taken, where it is, and in the best */
    bool *has;                              /* by part: a way of it is taken */
    int64_t most;
    uint32_t nodes; /* left */
};

/* Takes in a sack's rows, and what its ways, sacks->in[first] to [end], take of them. False when
 * there are too many ways, or no table has room. */
bool sack_take_in(const struct solver *s, struct sacks *sacks, struct sack *sack,
                  const struct row *rows, uint32_t count);
/* The most that it gains, with all ways that are in and any that are open; says which are chosen.
 */
int64_t sack_fill(struct sacks *sacks, struct sack *sack);
/* Tells each set of ways that gains no less than `slack` less than the most: those that are in, and
 * the gainers that are on. False when that takes too long, or `each` has said false. */
typedef bool sack_set(void *context, int64_t gained);
bool sack_list(struct sacks *sacks, struct sack *sack, int64_t slack, sack_set *each,
               void *context);
/* Weighs each open way. What rises or is lost may be told as less than it is; up to `slack` hardly
 * ever is. False when those that are in do not fit. */
bool sack_weigh(struct sacks *sacks, struct sack *sack, int64_t slack);

#endif
