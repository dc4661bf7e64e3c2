/*
 * solver_chain.c - parts that make room for each other, one after the other: see solver_state.h.
 *
 * A part takes a way that has no room for it. So another of that pool moves on, to where there is
 * room, or to where there is none, and so on: a *chain*, which is *open* until all fits. Prices say
 * what an open chain is good for: what has been spent so far, at what the room is worth that the
 * last has taken and that the first has left. Only those that are good are followed, the best
 * first. One that comes about is reckoned by its cost alone.
 */
#include "solver_state.h"

#include <string.h>

enum {
    BREADTH = 3,        /* ways on from one pool that are followed */
    DEPTH = 9,          /* parts of a chain */
    WORK = 4000,        /* that the search of one chain may take; */
    WORK_PLACE = 40000, /* and where somebody has to be placed */
    PLACE_TIMES = 2,    /* as much more may be spent each time, from one unit of cost on */
    STEPS = 4096,       /* that can be taken back */
    WORK_STEP = 8,      /* of one */
    WORK_LEAST = 64, /* of taking out and placing anew, even where there is nothing to take out */
    OUT_MAX = 64,    /* parts that are taken out together, */
    POOLS = 2,       /* of so many pools, */
    ONE_IN = 3,      /* each with that chance */
    FROM = 4,        /* the second pool is one of so many, the cheapest, of a part that is out */
};

/* A part that was moved, and what it had. */
struct step {
    uint32_t part, before;
};
struct chain {
    uint32_t steps, first; /* first: of the chain that is open */
    struct step step[STEPS];
    uint64_t end;   /* of the work */
    int64_t most;   /* no open chain may have spent more, scaled; */
    int64_t enough; /* nor one that has come about */
    uint32_t out, part[OUT_MAX];
};

size_t chain_size(void)
{
    return sizeof(struct chain);
}

/* ---- Steps ---- */

/* False: there are too many. */
static bool go(struct solver *s, uint32_t part, uint32_t taken)
{
    struct chain *c = s->chain;
    if (c->steps == STEPS)
        return false;
    c->step[c->steps++] = (struct step){part, s->taken[part]};
    solver_take(s, part, taken);
    s->work += WORK_STEP;
    return true;
}

static void go_back(struct solver *s, uint32_t steps)
{
    struct chain *c = s->chain;
    while (c->steps > steps) {
        const struct step *step = &c->step[--c->steps];
        solver_take(s, step->part, step->before);
    }
}

/* ---- A chain ---- */

/* A way on: who moves, where to, and what would have been spent: with what room is worth that is
 * not there. */
struct move {
    uint32_t part;
    const struct candidate *to;
    int64_t spent;
};

static bool has_moved(const struct chain *c, uint32_t part)
{
    for (uint32_t at = c->first; at < c->steps; at++) {
        if (c->step[at].part == part)
            return true;
    }
    return false;
}

static bool is_overfull(const struct solver *s, uint32_t pool, const int32_t *more)
{
    for (uint32_t band = 0; band < s->bands; band++) {
        if (s->free[pool].band[band] + more[band] < 0)
            return true;
    }
    return false;
}

static bool cap_allows(const struct solver *s, uint32_t part, const struct candidate *to)
{
    return (s->taken[part] != 0 && s->has[part].way.cap == to->way.cap) ||
           s->units[part].band[0] <= s->free[to->way.cap].band[0];
}

static bool pool_has_room(const struct solver *s, const struct candidate *to)
{
    for (uint32_t band = 0; band < s->bands; band++) {
        if (to->takes[band] > s->free[to->way.pool].band[band])
            return false;
    }
    return true;
}

/* Among the best, the best first. */
static void keep_move(struct move best[BREADTH], uint32_t *count, struct move move)
{
    uint32_t at = *count;
    if (at == BREADTH && move.spent >= best[BREADTH - 1].spent)
        return;
    at -= at == BREADTH;
    for (; at > 0 && best[at - 1].spent > move.spent; at--)
        best[at] = best[at - 1];
    best[at] = move;
    *count += *count < BREADTH;
}

/* Where a part could move on to. True: there is room, and it did. */
static bool look_on(struct solver *s, uint32_t part, int64_t spent, struct move best[BREADTH],
                    uint32_t *count)
{
    struct chain *c = s->chain;
    const struct way *has = &s->has[part].way;
    int64_t before = spent - ((int64_t)has->cost << s->scale);
    for (uint32_t at = 0; at < s->candidates[part]; at++) {
        const struct candidate *to = &s->candidate[part][at];
        if (before + to->reduced >= c->most)
            break;
        if (to->way.pool == has->pool || !cap_allows(s, part, to))
            continue;
        if (!pool_has_room(s, to))
            keep_move(best, count, (struct move){part, to, before + to->reduced});
        else if (before + ((int64_t)to->way.cost << s->scale) <= c->enough)
            return go(s, part, to->at + 1);
    }
    s->work += s->candidates[part];
    return false;
}

/* Somebody of the overfull pool moves on, and so on until all fits. False: nobody can. */
static bool relieve(struct solver *s, uint32_t pool, int64_t spent)
{
    struct chain *c = s->chain;
    struct move best[BREADTH];
    uint32_t count = 0;
    if (s->work > c->end || c->steps - c->first == DEPTH)
        return false;
    for (uint32_t at = s->first_member[pool]; at != 0; at = s->next[at - 1]) {
        uint32_t part = at - 1;
        s->work++;
        if (is_overfull(s, pool, s->has[part].takes) || has_moved(c, part))
            continue;
        if (look_on(s, part, spent, best, &count))
            return true;
    }
    for (uint32_t at = 0; at < count; at++) {
        const struct move *move = &best[at];
        int64_t more = (int64_t)(move->to->way.cost - s->has[move->part].way.cost);
        uint32_t steps = c->steps;
        if (!go(s, move->part, move->to->at + 1))
            return false;
        if (relieve(s, move->to->way.pool, spent + more * ((int64_t)1 << s->scale)))
            return true;
        go_back(s, steps);
    }
    return false;
}

/* What one chain may take, and spend. */
static void limit(struct chain *c, uint64_t end, int64_t most, int64_t enough)
{
    c->end = end;
    c->most = most;
    c->enough = enough;
}

/* The first of a chain takes a way, for which so much has been spent. */
static bool begin(struct solver *s, uint32_t part, const struct candidate *to, int64_t spent)
{
    static const struct solver_amounts nothing;
    struct chain *c = s->chain;
    c->first = c->steps;
    if (!cap_allows(s, part, to) || !go(s, part, to->at + 1))
        return false;
    if (is_overfull(s, to->way.pool, nothing.band) ? relieve(s, to->way.pool, spent)
                                                   : spent <= c->enough)
        return true;
    go_back(s, c->first);
    return false;
}

/* ---- What they are for ---- */

static bool move_better(struct solver *s, uint32_t part)
{
    const struct candidate has = s->has[part];
    /* What it leaves is worth what its price was beyond its cost. */
    int64_t left = has.reduced - ((int64_t)has.way.cost << s->scale);
    limit(s->chain, s->work + WORK, 0, -left - ((int64_t)1 << s->scale));
    for (uint32_t at = 0; at < s->candidates[part]; at++) {
        const struct candidate *to = &s->candidate[part][at];
        int64_t more = (int64_t)to->way.cost - has.way.cost;
        if (to->reduced >= has.reduced)
            break;
        if (begin(s, part, to, more * ((int64_t)1 << s->scale) - left))
            return true;
    }
    return false;
}

bool chain_better(struct solver *s, uint32_t part)
{
    s->chain->steps = 0;
    return s->taken[part] != 0 && s->regret[part] > 0 && move_better(s, part);
}

static bool place(struct solver *s, uint32_t part, uint64_t work)
{
    const int64_t cheapest = s->cheapest[part], any = INT64_MAX / 2;
    const uint64_t end = s->work + work;
    for (int64_t most = (int64_t)1 << s->scale; most < any / 2 && s->work < end;
         most *= PLACE_TIMES) {
        limit(s->chain, end, most, any);
        for (uint32_t at = 0; at < s->candidates[part]; at++) {
            const struct candidate *to = &s->candidate[part][at];
            if (to->reduced - cheapest >= most)
                break;
            if (begin(s, part, to, ((int64_t)to->way.cost << s->scale) - cheapest))
                return true;
        }
    }
    return false;
}

bool chain_place(struct solver *s, uint32_t part, uint32_t times)
{
    s->chain->steps = 0;
    return alone(s, part) && place(s, part, (uint64_t)WORK_PLACE * times);
}

/* ---- Taking out, and placing anew ---- */

static void take_out(struct solver *s, uint32_t pool)
{
    struct chain *c = s->chain;
    uint32_t from = c->out;
    for (uint32_t at = s->first_member[pool]; at != 0 && c->out < OUT_MAX; at = s->next[at - 1]) {
        s->work++;
        if (alone(s, at - 1) && solver_random(s, ONE_IN) == 0)
            c->part[c->out++] = at - 1;
    }
    for (; from < c->out; from++)
        go(s, c->part[from], 0);
}

static void shuffle_out(struct solver *s)
{
    struct chain *c = s->chain;
    for (uint32_t left = c->out; left > 1; left--) {
        uint32_t at = solver_random(s, left), part = c->part[at];
        c->part[at] = c->part[left - 1];
        c->part[left - 1] = part;
    }
}

/* A pool that one of those out could be in. */
static uint32_t next_pool(struct solver *s)
{
    const struct chain *c = s->chain;
    uint32_t part = c->part[solver_random(s, c->out)], count = s->candidates[part];
    return s->candidate[part][solver_random(s, count < FROM ? count : FROM)].way.pool;
}

static bool place_out(struct solver *s)
{
    struct chain *c = s->chain;
    for (uint32_t at = 0; at < c->out; at++) {
        if (!place(s, c->part[at], WORK_PLACE))
            return false;
    }
    return true;
}

/* Of all that moved. */
static void better_all(struct solver *s)
{
    enum { TURNS = 3 };
    struct chain *c = s->chain;
    bool any = true;
    for (int turn = 0; turn < TURNS && any; turn++) {
        uint32_t steps = c->steps;
        any = false;
        for (uint32_t at = 0; at < steps; at++) {
            uint32_t part = c->step[at].part;
            any |= s->taken[part] != 0 && s->regret[part] > 0 && move_better(s, part);
        }
    }
}

void chain_renew(struct solver *s, uint32_t part, int64_t slack)
{
    struct chain *c = s->chain;
    wide before = solver_weight(s, s->value);
    s->work += WORK_LEAST;
    c->steps = c->out = 0;
    if (s->taken[part] == 0)
        return;
    uint32_t pool = s->has[part].way.pool;
    take_out(s, pool);
    for (int pools = 1; pools < POOLS && c->out > 0; pools++)
        take_out(s, next_pool(s));
    shuffle_out(s);
    bool placed = place_out(s);
    if (placed)
        better_all(s);
    if (!placed || solver_weight(s, s->value) > before + slack)
        go_back(s, 0);
}
