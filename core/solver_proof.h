/*
 * solver_proof.h - the least dear choice for some parts, and that there is none less dear. Included
 * by core/solver_cover.c, core/solver_knot.c and core/solver_proof.c alone.
 */
#ifndef PM_SOLVER_PROOF_H
#define PM_SOLVER_PROOF_H

#include "solver_sack.h"

enum { PROOF_DEPTH = 64 };

struct cover;

/* Costs and worths are scaled: 1 is `unit`. Every part is to take one of its ways. */
struct proof {
    uint32_t parts, parts_most;  /* parts_most: there is room for */
    uint32_t *part;              /* the solver's */
    uint32_t *first_way;         /* of sacks */
    int64_t *cost;               /* by way */
    int64_t *worth_most;         /* by part: no worth above that is tried */
    int64_t *worth[PROOF_DEPTH]; /* by part, in each trial; the first: to begin with */
    int64_t unit;
    int64_t limit; /* what costs no more is better than what there was; */
    int64_t most;  /* and what costs no more is kept */
    struct sacks sacks;
    struct cover *covering; /* of cover_size() bytes */
    struct solver *solver;  /* whose time it takes; */
    uint64_t told;          /* of sacks.effort, as far as its work has been told */
    /* What comes out: */
    bool found;     /* something within the limit, or whatever it begins with; */
    uint32_t *best; /* by part: its way */
    /* Working memory: */
    uint32_t open_most;       /* ways, so that it may go through them set by set */
    uint32_t *trail, trailed; /* ways no longer open, in the order they came to be so */
    int64_t bound, *best_worth;
    int32_t *cover;             /* by part: sacks that have chosen it */
    int32_t *direction;         /* by part: how its worth is to move, smoothed */
    bool cut;                   /* one of them might gain more than what it has chosen */
    bool whole;                 /* each part was chosen once: nothing costs less than that */
    uint32_t *has;              /* by part, when repaired: its way */
    int32_t (*left)[SACK_ROWS]; /* by sack: what is left of its rows */
};

/* For parts of the problem, of that room. */
struct proof *proof_lay_out(const struct solver_problem *problem, struct room *room);

/* Gives it so much of the solver's work. */
void proof_give_time(struct proof *p, struct solver *s, uint64_t work);
/* Tells the solver what it has taken, and stops (sacks.effort is 0) when all time has gone. */
void proof_look_at_time(struct proof *p);

/* Looks for an assignment near what the sacks choose, while the bound is raised: it is kept
 * whatever it costs. */
void proof_begin(struct proof *p);

/* Goes through all that is within the limit, which comes down as something is found. */
enum proof_end proof_close(struct proof *p);

/* Finds ways that nothing within the limit has: their state is OUT then. */
void proof_leave_out(struct proof *p, int64_t limit);

/* Keeps what the parts have (p->has), if it is better than what there was. */
void proof_keep(struct proof *p);

/* ---- solver_cover.c ---- */

size_t cover_size(void);
/* Goes through all that is possible within the limit, set by set. At the worths by which the gains
 * were reckoned p->bound has to be the bound. False when it is too much. */
bool cover_close(struct proof *p);

#endif
