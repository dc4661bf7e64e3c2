/*
 * solver_proof.c - see solver_proof.h.
 *
 * With a worth on each part, instead of a price on each row, the problem falls apart by sack: which
 * parts would it take, for what they are worth less what they cost there, as far as they fit? What
 * all parts are worth less what the sacks gain is a bound, and higher than that by prices, since a
 * sack takes no half of a part. What the sacks choose is mostly near an assignment, which is made
 * of it. Then each way is weighed: how much the bound would rise if it were taken. Ways by which it
 * rises beyond the limit are out; what is left is gone through, part by part, each time with all of
 * this.
 */
#include "solver_proof.h"

#include <string.h>

enum {
    FAILURES = 4,       /* steps without a better bound before the level comes nearer, */
    LOWER_PERCENT = 60, /* by as much */
    STEP_PERCENT = 60,  /* of the way to the level, were the bound linear */
    TURNS = 6,          /* of weighing, as long as ways go out */
    NO_WAY = UINT32_MAX,
};

/* How the bound is raised, of the whole and in a trial: by so many steps, and until the level is
 * nearer than one in 2^hope of the way to the limit. */
struct climb {
    int steps, hope;
    bool mending; /* an assignment is made at every step */
};
static const struct climb of_whole = {.steps = 300, .hope = 6}, of_trial = {.steps = 24, .hope = 4},
                          to_begin = {.steps = 300, .hope = 10, .mending = true};

/* ---- The workspace ---- */

/* Ways: those of all parts, and for each that it takes none. Where there are few parts there is
 * little room, too, that they could use. */
static void find_most(struct proof *p, const struct solver_problem *problem)
{
    enum { FEW = 256, CELLS_FEW = 1 << 16, CELLS = 1 << 19 };
    uint64_t ways = (uint64_t)problem->pairs + problem->parts;
    p->parts_most = problem->parts < SACK_PARTS ? problem->parts : SACK_PARTS;
    p->sacks.ways_most = ways < SACK_WAYS ? (uint32_t)ways : SACK_WAYS;
    p->sacks.cells_most = problem->parts <= FEW ? CELLS_FEW : CELLS;
}

static void lay_out_sacks(struct sacks *sacks, uint32_t parts, struct room *room)
{
    uint32_t ways = sacks->ways_most;
    TAKE(sacks->gain, ways);
    TAKE(sacks->rise, ways);
    TAKE(sacks->loss, ways);
    TAKE(sacks->amount, ways);
    TAKE(sacks->in, ways);
    TAKE(sacks->taken, ways);
    TAKE(sacks->units, ways);
    TAKE(sacks->size, ways);
    TAKE(sacks->cells, sacks->cells_most);
    TAKE(sacks->more_cells, sacks->cells_most);
    TAKE(sacks->part, ways);
    TAKE(sacks->home, ways);
    TAKE(sacks->state, ways);
    TAKE(sacks->chosen, ways);
    TAKE(sacks->has, parts);
}

struct proof *proof_lay_out(const struct solver_problem *problem, struct room *room)
{
    struct proof counted, *taken = room_take(room, 1, sizeof *taken);
    struct proof *p = taken != NULL ? taken : &counted;
    find_most(p, problem);
    uint32_t parts = p->parts_most, ways = p->sacks.ways_most;
    TAKE(p->cost, ways);
    TAKE(p->worth_most, parts);
    for (int depth = 0; depth < PROOF_DEPTH; depth++)
        TAKE(p->worth[depth], parts);
    TAKE(p->best_worth, parts);
    TAKE(p->left, SACKS);
    TAKE(p->part, parts);
    TAKE(p->first_way, parts + 1);
    TAKE(p->best, parts);
    TAKE(p->trail, ways);
    TAKE(p->cover, parts);
    TAKE(p->direction, parts);
    TAKE(p->has, parts);
    lay_out_sacks(&p->sacks, parts, room);
    p->covering = room_take(room, 1, cover_size());
    return taken;
}

/* ---- Time ---- */

/* What takes as long as a unit of the solver's work, about. */
enum { EFFORT_A_WORK = 8, ASKED_EVERY = 1 << 18 };

void proof_give_time(struct proof *p, struct solver *s, uint64_t work)
{
    p->solver = s;
    p->sacks.effort = p->told = work * EFFORT_A_WORK;
}

void proof_look_at_time(struct proof *p)
{
    p->solver->work += (p->told - p->sacks.effort) / EFFORT_A_WORK;
    p->told = p->sacks.effort;
    solver_look_at_time(p->solver);
    if (p->solver->gone >= 1000)
        p->sacks.effort = p->told = 0;
}

/* ---- The bound ---- */

static void reckon_gains(struct proof *p, const int64_t *worth)
{
    struct sacks *k = &p->sacks;
    for (uint32_t way = 0; way < k->ways; way++) {
        int64_t gain = worth[k->part[way]] - p->cost[way];
        k->sack[k->home[way]].stale |= gain != k->gain[way];
        k->gain[way] = gain;
    }
}

/* Where nothing fits it is NEVER. */
static int64_t bound_at(struct proof *p, const int64_t *worth)
{
    struct sacks *k = &p->sacks;
    int64_t bound = 0;
    p->cut = false;
    reckon_gains(p, worth);
    for (uint32_t part = 0; part < p->parts; part++)
        bound += worth[part];
    for (uint32_t sack = 0; sack < k->count; sack++) {
        int64_t gained = sack_fill(k, &k->sack[sack]);
        if (gained == -NEVER)
            return NEVER;
        bound -= gained;
        p->cut |= k->sack[sack].cut;
    }
    memset(p->cover, 0, p->parts * sizeof p->cover[0]);
    for (uint32_t way = 0; way < k->ways; way++)
        p->cover[k->part[way]] += k->chosen[way];
    return bound;
}

/* How far the sacks are from choosing each part once: the sum of squares. */
static int64_t distance(const struct proof *p)
{
    int64_t sum = 0;
    for (uint32_t part = 0; part < p->parts; part++)
        sum += (int64_t)(1 - p->cover[part]) * (1 - p->cover[part]);
    return sum;
}

enum { DIRECTION_UNIT = 256 };

/* Turns towards where no part, or too many sacks, have chosen it. */
static void turn(struct proof *p, bool anew)
{
    for (uint32_t part = 0; part < p->parts; part++) {
        int32_t to = (1 - p->cover[part]) * DIRECTION_UNIT;
        p->direction[part] = anew ? to : (p->direction[part] + to) / 2;
    }
}

/* Moves worths so that the bound, were it linear, would rise by `want`. False: none moves. */
static bool move(const struct proof *p, int64_t *worth, int64_t want)
{
    bool any = false;
    int64_t squares = 0;
    for (uint32_t part = 0; part < p->parts; part++)
        squares += (int64_t)p->direction[part] * p->direction[part];
    for (uint32_t part = 0; part < p->parts && squares != 0; part++) {
        wide to = worth[part] + (wide)want * p->direction[part] * DIRECTION_UNIT / squares;
        wide most = p->worth_most[part];
        int64_t next = (int64_t)(to < 0 ? 0 : to > most ? most : to);
        any |= next != worth[part];
        worth[part] = next;
    }
    return any;
}

/* ---- An assignment near it ---- */

/* Takes what a way takes of its sack, or with sign -1 gives it back. False: more than there is. */
static bool put(struct proof *p, uint32_t way, int32_t sign)
{
    const struct sacks *k = &p->sacks;
    uint32_t sack = k->home[way];
    bool fits = true;
    for (uint32_t row = 0; row < k->sack[sack].rows; row++)
        fits &= (p->left[sack][row] -= sign * k->amount[way][row]) >= 0;
    return fits;
}

/* Of the ways that were chosen of the part, the cheapest. */
static void take_chosen(struct proof *p, uint32_t part)
{
    uint32_t best = NO_WAY;
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        if (p->sacks.chosen[way] && (best == NO_WAY || p->cost[way] < p->cost[best]))
            best = way;
    }
    p->has[part] = best;
    if (best != NO_WAY)
        put(p, best, 1);
}

static bool fits(struct proof *p, uint32_t way)
{
    bool fits = put(p, way, 1);
    put(p, way, -1);
    return fits;
}

/* Of the ways that fit the cheapest, with what it takes at the price that its sack's row has. */
static void take_any(struct proof *p, uint32_t part)
{
    const struct sacks *k = &p->sacks;
    uint32_t best = NO_WAY;
    int64_t least = INT64_MAX;
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        const struct sack *sack = &k->sack[k->home[way]];
        int64_t cost = p->cost[way] + (sack->rows == 0 ? 0 : sack->price * k->amount[way][0]);
        if (cost >= least || !fits(p, way))
            continue;
        least = cost;
        best = way;
    }
    p->has[part] = best;
    if (best != NO_WAY)
        put(p, best, 1);
}

/* The cheapest that fits, of what is cheaper than what the part has. */
static void take_cheaper(struct proof *p, uint32_t part)
{
    uint32_t best = p->has[part];
    if (best != NO_WAY)
        put(p, best, -1);
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        if (best != NO_WAY && p->cost[way] >= p->cost[best])
            continue;
        best = fits(p, way) ? way : best;
    }
    p->has[part] = best;
    if (best != NO_WAY)
        put(p, best, 1);
}

/* Keeps what the parts have, if it is better than what there was. */
void proof_keep(struct proof *p)
{
    int64_t cost = 0;
    for (uint32_t part = 0; part < p->parts; part++) {
        if (p->has[part] == NO_WAY)
            return;
        cost += p->cost[p->has[part]];
    }
    if (cost > p->most)
        return;
    memcpy(p->best, p->has, p->parts * sizeof p->has[0]);
    p->found = true;
    p->most = cost - p->unit;
    p->limit = p->most < p->limit ? p->most : p->limit;
}

/* What several sacks have chosen one takes, and what none has goes where it fits. */
static void repair(struct proof *p)
{
    for (uint32_t sack = 0; sack < p->sacks.count; sack++)
        memcpy(p->left[sack], p->sacks.sack[sack].room, sizeof p->left[sack]);
    for (uint32_t part = 0; part < p->parts; part++)
        take_chosen(p, part);
    for (uint32_t part = 0; part < p->parts; part++) {
        if (p->has[part] == NO_WAY)
            take_any(p, part);
    }
    for (uint32_t part = 0; part < p->parts; part++)
        take_cheaper(p, part);
    proof_keep(p);
    p->sacks.effort -= p->sacks.ways < p->sacks.effort ? p->sacks.ways : p->sacks.effort;
}

/* ---- Raising the bound ---- */

/* How far above the bound it aims, after a step to `bound`, which is better than the best. */
static int64_t next_level(const struct proof *p, int64_t level, int64_t bound)
{
    int64_t most = p->limit + p->unit - bound;
    if (p->bound == INT64_MIN)
        return most;
    level += bound - p->bound > level / 2 ? level / 2 : 0;
    return level < most ? level : most;
}

/* Raises it from the worths, which are then those of the best. Ends when it passes the limit, when
 * each part is chosen once, or when there is little hope of either. */
static void ascend(struct proof *p, int64_t *worth, const struct climb *climb, bool finding)
{
    size_t bytes = p->parts * sizeof worth[0];
    int64_t level = 0;
    p->bound = INT64_MIN;
    p->whole = false;
    for (int step = 0, failures = 0; step < climb->steps && p->sacks.effort > 0; step++) {
        int64_t bound = bound_at(p, worth), far = distance(p);
        if (p->told - p->sacks.effort > ASKED_EVERY)
            proof_look_at_time(p);
        if (finding && bound < NEVER && (bound > p->bound || far == 0 || climb->mending))
            repair(p);
        if (bound > p->bound) {
            level = next_level(p, level, bound);
            p->bound = bound;
            failures = 0;
            memcpy(p->best_worth, worth, bytes);
        } else if (++failures == FAILURES) {
            level = level * LOWER_PERCENT / 100;
            failures = 0;
        }
        p->whole = far == 0 && bound < NEVER && !p->cut;
        if (p->bound > p->limit || p->whole)
            return;
        turn(p, step == 0);
        if (level <= (p->limit + p->unit - p->bound) >> climb->hope || far == 0 ||
            !move(p, worth, (p->bound + level - bound) * STEP_PERCENT / 100))
            break;
    }
    memcpy(worth, p->best_worth, bytes);
}

/* ---- Weighing ---- */

static void set_state(struct proof *p, uint32_t way, enum way_state state)
{
    p->sacks.state[way] = (uint8_t)state;
    p->sacks.sack[p->sacks.home[way]].stale = true;
}

static void set(struct proof *p, uint32_t way, enum way_state state)
{
    set_state(p, way, state);
    p->trail[p->trailed++] = way;
}

static void undo(struct proof *p, uint32_t trailed)
{
    while (p->trailed > trailed)
        set_state(p, p->trail[--p->trailed], OPEN);
}

static void open_all(struct proof *p)
{
    p->trailed = 0;
    for (uint32_t way = 0; way < p->sacks.ways; way++)
        set_state(p, way, OPEN);
}

/* Whoever takes the part, the other sacks that would have taken it as well lose it. */
static void add_losses(struct proof *p, uint32_t part)
{
    struct sacks *k = &p->sacks;
    for (uint32_t lost = p->first_way[part]; lost < p->first_way[part + 1]; lost++) {
        if (k->loss[lost] == 0)
            continue;
        for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
            if (k->home[way] != k->home[lost] && k->rise[way] < NEVER)
                k->rise[way] += k->loss[lost];
        }
    }
}

/* Ways of the part that are still open; the last of them, or one that is in. */
static uint32_t open_ways(const struct proof *p, uint32_t part, uint32_t *last)
{
    uint32_t count = 0;
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        if (p->sacks.state[way] == OUT)
            continue;
        *last = way;
        if (p->sacks.state[way] == IN)
            return 1;
        count++;
    }
    return count;
}

/* Leaves out the ways that are too dear, and takes the last that a part has. False when a part has
 * none. */
static bool leave_out(struct proof *p, uint32_t part)
{
    uint32_t last = 0;
    add_losses(p, part);
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        if (p->sacks.state[way] == OPEN && p->sacks.rise[way] > p->limit - p->bound)
            set(p, way, OUT);
    }
    uint32_t count = open_ways(p, part, &last);
    if (count == 1 && p->sacks.state[last] == OPEN)
        set(p, last, IN);
    return count > 0;
}

/* False when nothing is possible within the limit, or there was no time. */
static bool weigh(struct proof *p, const int64_t *worth)
{
    reckon_gains(p, worth);
    for (uint32_t sack = 0; sack < p->sacks.count && p->sacks.effort > 0; sack++) {
        if (!sack_weigh(&p->sacks, &p->sacks.sack[sack], p->limit - p->bound))
            return false;
    }
    for (uint32_t part = 0; part < p->parts && p->sacks.effort > 0; part++) {
        if (!leave_out(p, part))
            return false;
    }
    return p->sacks.effort > 0;
}

void proof_leave_out(struct proof *p, int64_t limit)
{
    uint32_t before = NO_WAY;
    p->limit = limit;
    open_all(p);
    for (int turn = 0; turn < TURNS && p->trailed != before; turn++) {
        before = p->trailed;
        ascend(p, p->worth[0], &of_whole, false);
        if (p->sacks.effort == 0 || !weigh(p, p->worth[0]))
            return;
    }
}

/* ---- Going through what is left ---- */

/* The second least that the bound rises by, of the part's open ways; -1: it has only one. */
static int64_t second_rise(const struct proof *p, uint32_t part)
{
    int64_t least = NEVER, second = NEVER;
    uint32_t last, count = open_ways(p, part, &last);
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        int64_t rise = p->sacks.rise[way];
        if (p->sacks.state[way] != OPEN || rise >= second)
            continue;
        second = rise < least ? least : rise;
        least = rise < least ? rise : least;
    }
    return count > 1 ? second : -1;
}

/* The part whose second choice is the dearest; the number of parts: each has what it takes. */
static uint32_t next_part(const struct proof *p)
{
    uint32_t next = p->parts;
    int64_t most = -1;
    for (uint32_t part = 0; part < p->parts; part++) {
        int64_t second = second_rise(p, part);
        if (second > most) {
            most = second;
            next = part;
        }
    }
    return next;
}

/* The open way of the part by which the bound rises least, that has not been tried; -1: none. */
static int64_t next_way(const struct proof *p, uint32_t part, const int64_t *rise, int64_t before)
{
    int64_t next = -1;
    uint32_t first = p->first_way[part];
    for (uint32_t way = first; way < p->first_way[part + 1]; way++) {
        int64_t own = rise[way - first];
        bool later = before < 0 || own > rise[before - first] ||
                     (own == rise[before - first] && way > before);
        if (p->sacks.state[way] == OPEN && later && (next < 0 || own < rise[next - first]))
            next = way;
    }
    return next;
}

static void take_only(struct proof *p, uint32_t part, uint32_t taken)
{
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++) {
        if (p->sacks.state[way] == OPEN)
            set(p, way, way == taken ? IN : OUT);
    }
}

/* Raises the bound and leaves ways out until nothing changes. True when that decides it, or takes
 * all the effort there is. */
static bool narrow(struct proof *p, uint32_t depth)
{
    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t before = p->trailed;
        ascend(p, p->worth[depth], depth == 0 ? &of_whole : &of_trial, true);
        if (p->sacks.effort == 0 || p->whole || p->bound > p->limit || !weigh(p, p->worth[depth]))
            return true;
        if (p->trailed == before)
            break;
    }
    return false;
}

static enum proof_end close_below(struct proof *p, uint32_t depth);

/* Tries each way that the part has left. */
static enum proof_end try_each(struct proof *p, uint32_t depth, uint32_t part)
{
    enum { WAYS = 256 };
    int64_t rise[WAYS], way = -1;
    uint32_t first = p->first_way[part], ways = p->first_way[part + 1] - first;
    if (ways > WAYS || depth + 1 == PROOF_DEPTH)
        return PROOF_HOPELESS;
    memcpy(rise, &p->sacks.rise[first], ways * sizeof rise[0]);
    while ((way = next_way(p, part, rise, way)) >= 0) {
        uint32_t trailed = p->trailed;
        take_only(p, part, (uint32_t)way);
        memcpy(p->worth[depth + 1], p->worth[depth], p->parts * sizeof *p->worth[depth]);
        enum proof_end end = close_below(p, depth + 1);
        undo(p, trailed);
        if (end != PROOF_DONE)
            return end;
    }
    return PROOF_DONE;
}

/* Are so many ways left after the whole has been narrowed that going through them would not end? */
static bool are_too_many(const struct proof *p)
{
    enum { CHOICES = 160 }; /* ways beyond one a part: with fewer it mostly ends */
    return p->sacks.ways - p->trailed > p->parts + CHOICES;
}

/* Set by set, where that has not lately been too much. */
static bool close_by_sets(struct proof *p)
{
    enum { FEWER_PERCENT = 87 };
    uint32_t open = p->sacks.ways - p->trailed;
    if (p->cut || open > p->open_most)
        return false;
    if (cover_close(p))
        return true;
    p->open_most = open * FEWER_PERCENT / 100;
    return false;
}

/* Goes through all that is possible with the ways that are in, and without those that are out. */
static enum proof_end close_below(struct proof *p, uint32_t depth)
{
    if (narrow(p, depth))
        return p->sacks.effort > 0 ? PROOF_DONE : PROOF_CUT;
    if (depth == 0 && are_too_many(p))
        return PROOF_MANY;
    uint32_t part = next_part(p);
    p->bound = bound_at(p, p->worth[depth]); /* without what has just gone out */
    if (p->bound > p->limit || close_by_sets(p))
        return PROOF_DONE;
    return part == p->parts ? PROOF_HOPELESS : try_each(p, depth, part);
}

/* Can each sack be filled in the time that is given to one? */
static bool can_be_filled(struct proof *p)
{
    struct sacks *k = &p->sacks;
    reckon_gains(p, p->worth[0]);
    for (uint32_t sack = 0; sack < k->count; sack++) {
        (void)sack_fill(k, &k->sack[sack]);
        if (k->sack[sack].cut)
            return false;
    }
    return true;
}

void proof_begin(struct proof *p)
{
    p->found = false;
    p->most = NEVER;
    open_all(p);
    if (!can_be_filled(p))
        return;
    ascend(p, p->worth[0], &to_begin, true);
}

enum proof_end proof_close(struct proof *p)
{
    p->found = false;
    p->most = p->limit;
    p->open_most = UINT32_MAX;
    open_all(p);
    return can_be_filled(p) ? close_below(p, 0) : PROOF_HOPELESS;
}
