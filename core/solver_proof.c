/*
 * solver_proof.c - shows that nothing costs less than the best, where there is one band, no share
 * cap and no group, and every part is placed.
 *
 * With a worth on each part, instead of a price on each pool, the problem falls apart by pool:
 * which parts would it take, for what they are worth less what they cost there, as far as they fit?
 * That is a knapsack, solved whole by a table. What all parts are worth less what the pools gain is
 * a bound, and higher than that by prices, since a pool takes no half of a part. Then each way is
 * weighed: how much the bound would rise if it were taken. Ways by which it rises beyond the best
 * are out; what is left is gone through, part by part, each time with all of this.
 */
#include "solver_proof.h"

#include <string.h>

enum {
    CELLS = 1 << 16, /* of a pool's table */
    DEPTH = 64,      /* parts that are tried one in another */
    STEPS_FIRST = 300,
    STEPS = 24, /* that raise the bound, of the whole and of a trial */
    FAILURES = 4,
    TURNS = 6,    /* of weighing, as long as ways go out */
    CELL_WORK = 2 /* cells a unit of work */
};
enum state { OPEN, OUT, IN };
#define NEVER (INT64_MAX / 4) /* how much the bound rises by what cannot be */

/* A cost is below 2^32, scaled (see weigh_classes() in solver.c), so all of them are below 2^40; no
 * worth above that is of use, and what all ways together might gain is below 2^61. */
#define WORTH_MAX (INT64_C(1) << 41)
enum { PAIRS_MAX = 1 << 20 };

/* A pool as a knapsack, being looked at: the ways it would gain by, and what it gains with the
 * first so many of them, or the last, within so much room. */
struct sack {
    int32_t room;
    uint32_t count;
    uint32_t way[PROOF_PARTS];
    int64_t gain[PROOF_PARTS];
    bool chosen[PROOF_PARTS];
    int64_t first[CELLS], last[CELLS]; /* rows of room + 1 */
};

struct proof {
    uint32_t *in_pool;           /* the ways of each pool, in the order of their parts; */
    uint32_t *first_in;          /* pools + 1: where they begin */
    uint16_t *part;              /* by way */
    int32_t *amount;             /* by way, in steps of its pool */
    uint8_t *state;              /* by way: enum state */
    bool *chosen;                /* by way, when last evaluated */
    int64_t *rise;               /* by way: of the bound, if it is taken */
    int64_t *loss;               /* by way: of its pool, if it is left out; 0: it is not chosen */
    struct solver_amounts *step; /* by pool, as of solver_steps() */
    int32_t *room;               /* by pool, in steps */
    uint32_t *trail; /* ways that are no longer open, in the order in which they came to be so */
    uint32_t trailed;
    int64_t worth[DEPTH][PROOF_PARTS], best[PROOF_PARTS];
    int32_t cover[PROOF_PARTS]; /* by part: pools that would take it */
    int64_t bound, limit;  /* scaled; what costs no more than the limit is better than the best */
    bool whole;            /* each part was taken once: nothing below costs less than that */
    bool hopeless;         /* the whole leaves too many ways open */
    uint64_t effort, told; /* left, in cells; of which the solver's work knows */
    struct sack sack;
};

/* ---- Whether, and the workspace ---- */

/* Of the problem alone. */
static bool is_of_its_kind(const struct solver_problem *problem)
{
    return problem->bands == 1 && problem->caps == 0 && problem->parts == problem->items &&
           problem->parts <= PROOF_PARTS && problem->pairs <= PAIRS_MAX;
}

/* Each list there is, and how long it is: they lie behind the structure, in this order. */
#define LISTS(LIST, problem)             \
    LIST(rise, (problem)->pairs)         \
    LIST(loss, (problem)->pairs)         \
    LIST(in_pool, (problem)->pairs)      \
    LIST(amount, (problem)->pairs)       \
    LIST(trail, (problem)->pairs)        \
    LIST(part, (problem)->pairs)         \
    LIST(state, (problem)->pairs)        \
    LIST(chosen, (problem)->pairs)       \
    LIST(first_in, (problem)->pools + 1) \
    LIST(room, (problem)->pools)         \
    LIST(step, (problem)->pools)
#define LIST_BYTES(list, count) \
    (((size_t)(count) * sizeof *((struct proof *)NULL)->list + 7) / 8 * 8)

size_t proof_size(const struct solver_problem *problem)
{
    size_t size = sizeof(struct proof);
#define COUNT(list, count) size += LIST_BYTES(list, count);
    LISTS(COUNT, problem)
#undef COUNT
    return is_of_its_kind(problem) ? size : 0;
}

static void lay_out(struct proof *p, const struct solver_problem *problem)
{
    uint8_t *at = (uint8_t *)(p + 1);
#define PLACE(list, count)                   \
    p->list = (void *)at; /* aligned to 8 */ \
    at += LIST_BYTES(list, count);
    LISTS(PLACE, problem)
#undef PLACE
}

/* ---- Taking the problem in ---- */

static void list_ways(const struct solver *s, struct proof *p)
{
    uint32_t pools = s->problem->pools, parts = s->problem->parts;
    memset(p->first_in, 0, (pools + 1ull) * sizeof p->first_in[0]);
    for (uint32_t way = 0; way < s->first_way[parts]; way++)
        p->first_in[s->way[way].pool + 1]++;
    for (uint32_t pool = 0; pool < pools; pool++)
        p->first_in[pool + 1] += p->first_in[pool];
    /* From behind, since each pool's list ends where the next begins; */
    for (uint32_t part = parts; part-- > 0;) {
        for (uint32_t way = s->first_way[part + 1]; way-- > s->first_way[part];) {
            p->in_pool[--p->first_in[s->way[way].pool + 1]] = way;
            p->part[way] = (uint16_t)part;
            p->state[way] = OPEN;
        }
    }
    /* and so its end has come down to where it begins. */
    for (uint32_t pool = 0; pool < pools; pool++)
        p->first_in[pool] = p->first_in[pool + 1];
    p->first_in[pools] = s->first_way[parts];
}

/* Amounts in steps; false when a table would be too large, or a part could take of the pool in two
 * ways. */
static bool take_pool(const struct solver *s, struct proof *p, uint32_t pool)
{
    uint32_t from = p->first_in[pool], end = p->first_in[pool + 1];
    int64_t all = 0, step = p->step[pool].band[0];
    for (uint32_t at = from; at < end; at++) {
        all += s->way[p->in_pool[at]].amount;
        if (at > from && p->part[p->in_pool[at]] == p->part[p->in_pool[at - 1]])
            return false;
    }
    step = step == 0 ? 1 : step; /* nothing is asked of it */
    for (uint32_t at = from; at < end; at++)
        p->amount[p->in_pool[at]] = (int32_t)(s->way[p->in_pool[at]].amount / step);
    int64_t room = s->capacity[pool].band[0] < all ? s->capacity[pool].band[0] : all;
    p->room[pool] = (int32_t)(room / step);
    return (end - from + 1ull) * ((uint64_t)p->room[pool] + 1) <= CELLS;
}

static bool take_in(const struct solver *s, struct proof *p)
{
    list_ways(s, p);
    solver_steps(s->problem, 0, s->problem->pools, p->step);
    for (uint32_t pool = 0; pool < s->problem->pools; pool++) {
        if (!take_pool(s, p, pool))
            return false;
    }
    p->trailed = 0;
    for (uint32_t part = 0; part < s->problem->parts; part++)
        p->worth[0][part] = s->cheapest[part]; /* as the prices have it */
    return true;
}

/* ---- A pool by itself ---- */

/* What it takes for certain, and what it would gain by; *gained: of the first. False when that does
 * not fit. */
static bool fill_sack(const struct solver *s, struct proof *p, uint32_t pool, const int64_t *worth,
                      int64_t *gained)
{
    struct sack *sack = &p->sack;
    sack->room = p->room[pool];
    sack->count = 0;
    for (uint32_t at = p->first_in[pool]; at < p->first_in[pool + 1]; at++) {
        uint32_t way = p->in_pool[at];
        int64_t gain = worth[p->part[way]] - ((int64_t)s->way[way].cost << s->scale);
        if (p->state[way] == IN) {
            sack->room -= p->amount[way];
            *gained += gain;
        } else if (p->state[way] == OPEN && gain > 0) {
            sack->way[sack->count] = way;
            sack->gain[sack->count++] = gain;
        }
    }
    return sack->room >= 0;
}

/* A row of what is gained, from the row without the way. */
static void add_row(const struct sack *sack, int32_t amount, int64_t gain,
                    const int64_t *restrict before, int64_t *restrict row)
{
    int32_t cells = sack->room + 1, below = amount < cells ? amount : cells;
    memcpy(row, before, (size_t)below * sizeof *row);
    for (int32_t at = below; at < cells; at++) {
        int64_t with = before[at - amount] + gain;
        row[at] = with > before[at] ? with : before[at];
    }
}

static int64_t *row_of(struct sack *sack, int64_t *table, uint32_t at)
{
    return table + (size_t)at * ((size_t)sack->room + 1);
}

/* The most it gains, and by which of its ways. */
static int64_t solve_sack(struct proof *p)
{
    struct sack *sack = &p->sack;
    memset(sack->first, 0, ((size_t)sack->room + 1) * sizeof sack->first[0]);
    for (uint32_t at = 0; at < sack->count; at++)
        add_row(sack, p->amount[sack->way[at]], sack->gain[at], row_of(sack, sack->first, at),
                row_of(sack, sack->first, at + 1));
    int32_t room = sack->room;
    for (uint32_t at = sack->count; at-- > 0;) {
        sack->chosen[at] =
            row_of(sack, sack->first, at + 1)[room] != row_of(sack, sack->first, at)[room];
        room -= sack->chosen[at] ? p->amount[sack->way[at]] : 0;
    }
    uint64_t cells = (sack->count + 1ull) * ((uint64_t)sack->room + 1);
    p->effort -= cells < p->effort ? cells : p->effort;
    return row_of(sack, sack->first, sack->count)[sack->room];
}

/* ---- The bound ---- */

static void note_chosen(struct proof *p, uint32_t pool)
{
    const struct sack *sack = &p->sack;
    for (uint32_t at = p->first_in[pool]; at < p->first_in[pool + 1]; at++) {
        uint32_t way = p->in_pool[at];
        p->chosen[way] = p->state[way] == IN;
        p->cover[p->part[way]] += p->chosen[way];
    }
    for (uint32_t at = 0; at < sack->count; at++) {
        p->chosen[sack->way[at]] = sack->chosen[at];
        p->cover[p->part[sack->way[at]]] += sack->chosen[at];
    }
}

/* Where nothing fits it is NEVER. */
static int64_t bound_at(const struct solver *s, struct proof *p, const int64_t *worth)
{
    int64_t bound = 0;
    memset(p->cover, 0, sizeof p->cover);
    for (uint32_t part = 0; part < s->problem->parts; part++)
        bound += worth[part];
    for (uint32_t pool = 0; pool < s->problem->pools; pool++) {
        int64_t gained = 0;
        if (!fill_sack(s, p, pool, worth, &gained))
            return NEVER;
        bound -= gained + solve_sack(p);
        note_chosen(p, pool);
    }
    return bound;
}

/* How far the pools are from taking each part once: the sum of squares. */
static int64_t distance(const struct solver *s, const struct proof *p)
{
    int64_t sum = 0;
    for (uint32_t part = 0; part < s->problem->parts; part++)
        sum += (int64_t)(1 - p->cover[part]) * (1 - p->cover[part]);
    return sum;
}

/* Moves worths so that the bound, were it linear, would pass the limit. False: none moves. */
static bool move(const struct solver *s, const struct proof *p, int64_t *worth, int64_t want,
                 int64_t far)
{
    int64_t step = want / far;
    step = step > WORTH_MAX ? WORTH_MAX : step;
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        int64_t moved = worth[part] + step * (1 - p->cover[part]);
        worth[part] = moved < 0 ? 0 : moved > WORTH_MAX ? WORTH_MAX : moved;
    }
    return step > 0;
}

/* Raises the bound from the worths, which are then those of the best. Ends when it passes the
 * limit, when each part is taken once, or after so many steps. */
static void ascend(const struct solver *s, struct proof *p, int64_t *worth, int steps)
{
    size_t bytes = s->problem->parts * sizeof worth[0];
    int damp = 0, failures = 0;
    p->bound = INT64_MIN;
    p->whole = false;
    for (int step = 0; step < steps && p->effort > 0; step++) {
        int64_t bound = bound_at(s, p, worth), far = distance(s, p);
        if (bound > p->bound) {
            p->bound = bound;
            memcpy(p->best, worth, bytes);
        } else if (++failures == FAILURES) {
            damp++;
            failures = 0;
        }
        p->whole = far == 0 && bound < NEVER;
        if (p->bound > p->limit || far == 0)
            return;
        if (!move(s, p, worth, (p->limit + ((int64_t)1 << s->scale) - bound) >> damp, far))
            break;
    }
    memcpy(worth, p->best, bytes);
}

/* ---- Weighing ---- */

/* The rows of what is gained with the last so many ways. */
static void fill_back(struct proof *p)
{
    struct sack *sack = &p->sack;
    uint32_t count = sack->count;
    memset(row_of(sack, sack->last, count), 0, ((size_t)sack->room + 1) * sizeof sack->last[0]);
    for (uint32_t at = count; at-- > 0;)
        add_row(sack, p->amount[sack->way[at]], sack->gain[at], row_of(sack, sack->last, at + 1),
                row_of(sack, sack->last, at));
}

/* The most gained without one of the ways, in so much room. */
static int64_t without(struct sack *sack, uint32_t at, int32_t room)
{
    const int64_t *first = row_of(sack, sack->first, at), *last = row_of(sack, sack->last, at + 1);
    int64_t most = 0;
    for (int32_t to_first = 0; to_first <= room; to_first++) {
        int64_t gain = first[to_first] + last[room - to_first];
        most = gain > most ? gain : most;
    }
    return most;
}

/* Of each open way of a pool: how much less it gains if it has to take it, or has to leave it. */
static void weigh_pool(const struct solver *s, struct proof *p, uint32_t pool, const int64_t *worth)
{
    struct sack *sack = &p->sack;
    int64_t gained = 0;
    fill_sack(s, p, pool, worth, &gained);
    int64_t most = solve_sack(p);
    fill_back(p);
    const int64_t *whole = row_of(sack, sack->first, sack->count);
    for (uint32_t at = p->first_in[pool]; at < p->first_in[pool + 1]; at++) {
        uint32_t way = p->in_pool[at];
        int32_t room = sack->room - p->amount[way];
        int64_t gain = worth[p->part[way]] - ((int64_t)s->way[way].cost << s->scale);
        p->loss[way] = 0;
        p->rise[way] = room < 0 ? NEVER : most - whole[room < 0 ? 0 : room] - gain;
    }
    for (uint32_t at = 0; at < sack->count; at++) {
        uint32_t way = sack->way[at];
        int32_t room = sack->room - p->amount[way];
        if (room >= 0)
            p->rise[way] = most - without(sack, at, room) - sack->gain[at];
        if (sack->chosen[at])
            p->loss[way] = most - without(sack, at, sack->room);
    }
}

static void set(struct proof *p, uint32_t way, enum state state)
{
    p->state[way] = (uint8_t)state;
    p->trail[p->trailed++] = way;
}

static void undo(struct proof *p, uint32_t trailed)
{
    while (p->trailed > trailed)
        p->state[p->trail[--p->trailed]] = OPEN;
}

/* Whoever takes the part, the pools that would have taken it as well lose it. */
static void add_losses(const struct solver *s, struct proof *p, uint32_t part)
{
    int64_t all = 0;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++)
        all += p->loss[way];
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++)
        p->rise[way] += p->rise[way] < NEVER ? all - p->loss[way] : 0;
}

/* Ways of the part that are still open; the last of them, or one that is in. */
static uint32_t open_ways(const struct solver *s, const struct proof *p, uint32_t part,
                          uint32_t *last)
{
    uint32_t count = 0;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (p->state[way] == OUT)
            continue;
        *last = way;
        if (p->state[way] == IN)
            return 1;
        count++;
    }
    return count;
}

/* Leaves out the ways that are too dear, and takes the last that a part has. False when a part has
 * none. */
static bool leave_out(const struct solver *s, struct proof *p, uint32_t part)
{
    uint32_t last = 0;
    add_losses(s, p, part);
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (p->state[way] == OPEN && p->rise[way] > p->limit - p->bound)
            set(p, way, OUT);
    }
    uint32_t count = open_ways(s, p, part, &last);
    if (count == 1 && p->state[last] == OPEN)
        set(p, last, IN);
    return count > 0;
}

/* False when nothing is possible within the limit. */
static bool weigh(const struct solver *s, struct proof *p, const int64_t *worth)
{
    for (uint32_t pool = 0; pool < s->problem->pools; pool++)
        weigh_pool(s, p, pool, worth);
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        if (!leave_out(s, p, part))
            return false;
    }
    return true;
}

/* ---- Going through what is left ---- */

static void set_limit(const struct solver *s, struct proof *p)
{
    p->limit = (s->best_value[SOLVER_COST] - 1) * ((int64_t)1 << s->scale);
}

/* What was taken, each part once, is better than the best. */
static void keep(struct solver *s, struct proof *p)
{
    for (uint32_t part = 0; part < s->problem->parts; part++)
        solver_take(s, part, 0);
    for (uint32_t way = 0; way < s->first_way[s->problem->parts]; way++) {
        if (p->chosen[way])
            solver_take(s, p->part[way], way + 1);
    }
    solver_keep_best(s);
    set_limit(s, p);
}

/* The second least that the bound rises by, of the part's open ways; -1: it has only one. */
static int64_t second_rise(const struct solver *s, const struct proof *p, uint32_t part)
{
    int64_t least = NEVER, second = NEVER;
    uint32_t last, count = open_ways(s, p, part, &last);
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (p->state[way] != OPEN || p->rise[way] >= second)
            continue;
        second = p->rise[way] < least ? least : p->rise[way];
        least = p->rise[way] < least ? p->rise[way] : least;
    }
    return count > 1 ? second : -1;
}

/* The part whose second choice is the dearest; the number of parts: each has what it takes. */
static uint32_t next_part(const struct solver *s, const struct proof *p)
{
    uint32_t next = s->problem->parts;
    int64_t most = -1;
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        int64_t second = second_rise(s, p, part);
        if (second > most) {
            most = second;
            next = part;
        }
    }
    return next;
}

/* The open way of the part by which the bound rises least, that has not been tried; -1: none. */
static int64_t next_way(const struct solver *s, const struct proof *p, uint32_t part,
                        const int64_t *rise, int64_t before)
{
    int64_t next = -1;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        int64_t own = rise[way - s->first_way[part]];
        bool later = before < 0 || own > rise[before - s->first_way[part]] ||
                     (own == rise[before - s->first_way[part]] && way > before);
        if (p->state[way] == OPEN && later && (next < 0 || own < rise[next - s->first_way[part]]))
            next = way;
    }
    return next;
}

static void take_only(const struct solver *s, struct proof *p, uint32_t part, uint32_t taken)
{
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (p->state[way] == OPEN)
            set(p, way, way == taken ? IN : OUT);
    }
}

/* Raises the bound and leaves ways out until nothing changes. True when that decides it, or takes
 * all the effort there is. */
static bool narrow(struct solver *s, struct proof *p, uint32_t depth)
{
    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t before = p->trailed;
        ascend(s, p, p->worth[depth], depth == 0 ? STEPS_FIRST : STEPS);
        if (p->whole && p->bound <= p->limit)
            keep(s, p);
        if (p->effort == 0 || p->whole || p->bound > p->limit || !weigh(s, p, p->worth[depth]))
            return true;
        if (p->trailed == before)
            break;
    }
    return false;
}

static bool close_below(struct solver *s, struct proof *p, uint32_t depth);

/* Tries each way that the part has left. False when the effort was not enough. */
static bool try_each(struct solver *s, struct proof *p, uint32_t depth, uint32_t part)
{
    int64_t rise[PROOF_PARTS], way = -1;
    uint32_t ways = s->first_way[part + 1] - s->first_way[part];
    if (ways > PROOF_PARTS || depth + 1 == DEPTH)
        return false;
    memcpy(rise, &p->rise[s->first_way[part]], ways * sizeof rise[0]);
    while ((way = next_way(s, p, part, rise, way)) >= 0) {
        uint32_t trailed = p->trailed;
        take_only(s, p, part, (uint32_t)way);
        memcpy(p->worth[depth + 1], p->worth[depth], sizeof p->worth[depth]);
        bool closed = close_below(s, p, depth + 1);
        undo(p, trailed);
        if (!closed)
            return false;
    }
    return true;
}

static void look_at_effort(struct solver *s, struct proof *p)
{
    s->work += (p->told - p->effort) / CELL_WORK;
    p->told = p->effort;
    solver_look_at_time(s);
    if (s->gone >= 1000)
        p->effort = p->told = 0;
}

/* Are so many ways left after the whole has been narrowed that going through them would not end? */
static bool is_hopeless(const struct solver *s, const struct proof *p)
{
    enum { CHOICES = 160 }; /* ways beyond one a part: with fewer it mostly ends */
    uint32_t parts = s->problem->parts;
    return s->first_way[parts] - p->trailed > parts + CHOICES;
}

/* Is there nothing better with the ways that are in, and without those that are out? Keeps what is
 * found. */
static bool close_below(struct solver *s, struct proof *p, uint32_t depth)
{
    look_at_effort(s, p);
    if (narrow(s, p, depth))
        return p->effort > 0;
    uint32_t part = next_part(s, p);
    p->hopeless |= depth == 0 && is_hopeless(s, p);
    if (part == s->problem->parts || p->hopeless)
        return false;
    return try_each(s, p, depth, part);
}

bool proof_applies(const struct solver *s)
{
    return is_of_its_kind(s->problem) && solver_all_placed(s);
}

enum proof_end proof_try(struct solver *s, uint64_t work)
{
    struct proof *p = s->proof;
    lay_out(p, s->problem);
    if (!take_in(s, p))
        return PROOF_NEVER;
    p->hopeless = false;
    p->effort = p->told = work * CELL_WORK;
    set_limit(s, p);
    bool done = close_below(s, p, 0);
    look_at_effort(s, p);
    solver_back_to_best(s);
    return done ? PROOF_DONE : p->hopeless ? PROOF_HOPELESS : PROOF_CUT;
}
