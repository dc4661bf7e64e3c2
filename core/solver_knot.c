/* solver_knot.c - see solver_knot.h. */
#include "solver_knot.h"

#include "solver_apart.h"
#include "solver_proof.h"

#include <string.h>

enum {
    SEVERAL_MAX = 6, /* items of several parts in a knot, each placed or not in every combination */
    CLASS_SCALE = 20, /* a stage's unit, where it counts items */
    WORTH_TIMES = 64, /* no worth above so many times the dearest way is of use, we suppose */
    BEGUN_LEAST = 64, /* parts of a knot that an assignment is made for before its proof */
    NO_SACK = UINT32_MAX,
};

/* ---- The workspace ---- */

struct knots *knots_lay_out(const struct solver_problem *problem, struct room *room)
{
    struct knots counted, *taken = room_take(room, 1, sizeof *taken);
    struct knots *k = taken != NULL ? taken : &counted;
    uint32_t sources = problem->pools + problem->caps + 1, nodes = problem->parts + sources;
    TAKE(k->slack, nodes);
    TAKE(k->asked, (size_t)sources * BANDS);
    TAKE(k->root, nodes);
    TAKE(k->first, nodes);
    TAKE(k->next, problem->parts);
    TAKE(k->moved, problem->parts);
    TAKE(k->sack, sources);
    TAKE(k->first_source, sources);
    TAKE(k->next_source, sources);
    TAKE(k->last, sources);
    TAKE(k->binds, sources);
    TAKE(k->gone, problem->pairs);
    TAKE(k->placed, problem->parts);
    TAKE(k->given_up, problem->parts);
    k->proof = proof_lay_out(problem, room);
    return taken;
}

/* ---- Ways that nobody needs ---- */

void knots_drop_unneeded(struct solver *s)
{
    struct knots *k = s->knots;
    memset(k->gone, 0, s->first_way[s->problem->parts]);
    knots_let_go(s, k);
    for (uint32_t part = 0, way = 0, to = 0; part < s->problem->parts; part++) {
        uint32_t end = s->first_way[part + 1];
        for (; way < end; way++) {
            s->way[to] = s->way[way];
            s->pair[to] = s->pair[way];
            s->takes[to] = s->takes[way];
            to += !k->gone[way];
        }
        s->first_way[part + 1] = to;
    }
}

/* ---- A knot ---- */

/* Nothing is known of any, and there is so much work. */
static void begin_all(struct solver *s, uint64_t work)
{
    struct knots *k = s->knots;
    memset(k->gone, 0, s->first_way[s->problem->parts]);
    memset(k->placed, 0, s->problem->parts);
    memset(k->given_up, 0, s->problem->parts);
    proof_give_time(k->proof, s, work);
}

struct knot {
    struct solver *s;
    struct knots *k;
    uint32_t first;                      /* 1 + part */
    uint32_t several, item[SEVERAL_MAX]; /* its items of several parts that matter to the stage */
    int64_t value[SOLVER_STAGES];        /* of the assignment */
    /* What is being proven: */
    int stage;
    bool begins;   /* no proof: only candidates are looked at, and anybody may be left out */
    uint32_t mask; /* of the items of several parts, those that are placed; no other is */
    int64_t left_out[SOLVER_CLASSES]; /* of those others */
    int64_t worth_most;
    uint32_t sack_root[SACKS]; /* by sack: of its sources, or its class */
};

/* The roots of sacks that are of a class: items not placed. */
static uint32_t root_of_class(int class)
{
    return NO_SACK - 1 - (uint32_t) class;
}

static bool stands_for_item(const struct solver *s, uint32_t part)
{
    return part == s->problem->item[s->item[part]].first_part;
}

static void find_value(struct knot *n)
{
    const struct solver *s = n->s;
    memset(n->value, 0, sizeof n->value);
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
        uint32_t part = at - 1;
        if (s->taken[part] != 0)
            n->value[SOLVER_COST] += s->way[s->taken[part] - 1].cost;
        else
            n->value[class_of(s, part)] += stands_for_item(s, part);
    }
}

/* False when it has too many parts, or items of several. */
static bool look_at(struct knot *n)
{
    const struct solver *s = n->s;
    uint32_t parts = 0;
    n->several = 0;
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
        uint32_t part = at - 1;
        if (++parts > SACK_PARTS || n->k->given_up[part])
            return false;
        if (alone(s, part) || !stands_for_item(s, part) || (int)class_of(s, part) > n->stage)
            continue;
        if (n->several == SEVERAL_MAX)
            return false;
        n->item[n->several++] = s->item[part];
    }
    return true;
}

static void choose_mask(struct knot *n, uint32_t mask)
{
    n->mask = mask;
    memset(n->left_out, 0, sizeof n->left_out);
    for (uint32_t at = 0; at < n->several; at++)
        n->left_out[n->s->problem->item[n->item[at]].class] += (mask >> at & 1) == 0;
}

/* Does the part matter to what is being proven? Of less urgent classes none does. */
static bool matters(const struct knot *n, uint32_t part)
{
    for (uint32_t at = 0; at < n->several; at++) {
        if (n->item[at] == n->s->item[part] && (n->mask >> at & 1) == 0)
            return false;
    }
    return (int)class_of(n->s, part) <= n->stage;
}

/* How many of a class may be left out beside those that are: no more than in the assignment. */
static int64_t may_be_left(const struct knot *n, int class)
{
    return n->value[class] - n->left_out[class];
}

/* Are so many left out that nothing can be better? */
static bool leaves_too_many(const struct knot *n)
{
    for (int class = 0; class < SOLVER_CLASSES && class <= n->stage; class ++) {
        if (may_be_left(n, class) < (class == n->stage))
            return true;
    }
    return false;
}

/* ---- Its proof ---- */

/* The sack of that root, where it comes to be. False when there is no room. */
static bool find_sack(struct knot *n, uint32_t root, uint32_t *sack)
{
    struct sacks *sacks = &n->k->proof->sacks;
    for (*sack = 1; *sack < sacks->count && n->sack_root[*sack] != root;)
        ++*sack;
    if (*sack == SACKS)
        return false;
    n->sack_root[*sack] = root;
    sacks->count += *sack == sacks->count;
    return true;
}

static bool add_way(struct knot *n, uint32_t taken, int64_t cost, uint32_t sack)
{
    struct proof *p = n->k->proof;
    struct sacks *sacks = &p->sacks;
    if (sacks->ways == sacks->ways_most)
        return false;
    sacks->taken[sacks->ways] = taken;
    sacks->part[sacks->ways] = (uint16_t)p->parts;
    sacks->home[sacks->ways] = (uint16_t)sack;
    sacks->chosen[sacks->ways] = false;
    sacks->units[sacks->ways] = n->s->units[p->part[p->parts]].band[0];
    p->cost[sacks->ways++] = cost;
    if (sack == 0 && cost < p->worth_most[p->parts])
        p->worth_most[p->parts] = cost; /* for that it can be had */
    return true;
}

static bool add_placing(struct knot *n, uint32_t way)
{
    const struct solver *s = n->s;
    uint32_t sack = 0;
    if (n->k->gone[way])
        return true;
    return (way_is_free(s, n->k, way) ||
            find_sack(n, forest_root(n->k->sack, s->way[way].pool), &sack)) &&
           add_way(n, way + 1, n->stage == SOLVER_COST ? s->way[way].cost : 0, sack);
}

static bool add_ways(struct knot *n, uint32_t part)
{
    const struct solver *s = n->s;
    bool added = true;
    for (uint32_t at = 0; n->begins && added && at < s->candidates[part]; at++)
        added = add_placing(n, s->candidate[part][at].at);
    for (uint32_t way = s->first_way[part]; !n->begins && added && way < s->first_way[part + 1];
         way++)
        added = add_placing(n, way);
    return added;
}

/* That the part is not placed, if that may be. What the stage counts costs 1; of more urgent
 * classes no more may be left out than are, so these take of a row. */
static bool add_none(struct knot *n, uint32_t part)
{
    int class = (int)class_of(n->s, part);
    uint32_t sack;
    if (n->begins)
        return add_way(n, 0, n->worth_most, 0);
    if (!alone(n->s, part) || n->k->placed[part])
        return true;
    if (class == n->stage)
        return add_way(n, 0, 1, 0);
    return may_be_left(n, class) == 0 ||
           (find_sack(n, root_of_class(class), &sack) && add_way(n, 0, 0, sack));
}

static bool add_part(struct knot *n, uint32_t part)
{
    struct proof *p = n->k->proof;
    p->part[p->parts] = part;
    p->first_way[p->parts] = p->sacks.ways;
    p->worth_most[p->parts] = n->worth_most;
    bool added = add_ways(n, part) && add_none(n, part);
    p->parts++;
    return added;
}

/* Ways sack by sack, and in each in their order. */
static void sort_ways(struct sacks *sacks)
{
    memset(sacks->sack, 0, sizeof sacks->sack[0] * sacks->count);
    for (uint32_t way = 0; way < sacks->ways; way++)
        sacks->sack[sacks->home[way]].end++;
    for (uint32_t sack = 0, at = 0; sack < sacks->count; sack++) {
        uint32_t ways = sacks->sack[sack].end;
        sacks->sack[sack].first = sacks->sack[sack].end = at;
        at += ways;
    }
    for (uint32_t way = 0; way < sacks->ways; way++)
        sacks->in[sacks->sack[sacks->home[way]].end++] = way;
}

/* The rows of a sack that bind; how many, or more than SACK_ROWS. */
static uint32_t list_rows(const struct knot *n, uint32_t root, struct row *row)
{
    uint32_t rows = 0;
    for (int class = 0; class < SOLVER_CLASSES; class ++) {
        if (root == root_of_class(class)) {
            row[0] = (struct row){n->s->unlimited, 0, (int32_t)may_be_left(n, class)};
            return 1;
        }
    }
    for (uint32_t at = n->k->first_source[root]; at != 0; at = n->k->next_source[at - 1]) {
        for (uint32_t band = 0; band < BANDS; band++) {
            if ((n->k->binds[at - 1] >> band & 1) == 0)
                continue;
            if (rows == SACK_ROWS)
                return SACK_ROWS + 1;
            row[rows++] = (struct row){at - 1, band, n->s->capacity[at - 1].band[band]};
        }
    }
    return rows;
}

static bool take_in_sacks(const struct knot *n)
{
    struct sacks *sacks = &n->k->proof->sacks;
    sort_ways(sacks);
    for (uint32_t sack = 0; sack < sacks->count; sack++) {
        struct row row[SACK_ROWS];
        uint32_t rows = sack == 0 ? 0 : list_rows(n, n->sack_root[sack], row);
        if (rows > SACK_ROWS || !sack_take_in(n->s, sacks, &sacks->sack[sack], row, rows))
            return false;
    }
    return true;
}

/* No worth above that is of use. */
static int64_t most_worth(const struct knot *n)
{
    const struct solver *s = n->s;
    int64_t most = 1;
    if (n->stage != SOLVER_COST)
        return SACK_PARTS;
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
        for (uint32_t way = s->first_way[at - 1]; way < s->first_way[at]; way++)
            most = s->way[way].cost > most ? s->way[way].cost : most;
    }
    return most * WORTH_TIMES;
}

/* The worth to begin with: as the prices have it if all is placed, else what the part costs at
 * least: prices are then beyond all cost. */
static int64_t first_worth(const struct knot *n, uint32_t part)
{
    const struct proof *p = n->k->proof;
    int64_t least = p->worth_most[part];
    bool all_placed = true;
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        all_placed &= n->value[class] == 0;
    if (n->stage != SOLVER_COST)
        return p->unit / 2;
    if (all_placed)
        return n->s->cheapest[p->part[part]];
    for (uint32_t way = p->first_way[part]; way < p->first_way[part + 1]; way++)
        least = p->cost[way] < least ? p->cost[way] : least;
    return least;
}

static void scale_up(const struct knot *n)
{
    struct proof *p = n->k->proof;
    bool costs = n->stage == SOLVER_COST;
    p->unit = INT64_C(1) << (costs ? n->s->scale : CLASS_SCALE);
    p->limit = ((costs ? n->value[SOLVER_COST] : may_be_left(n, n->stage)) - 1) * p->unit;
    for (uint32_t way = 0; way < p->sacks.ways; way++)
        p->cost[way] *= p->unit;
    for (uint32_t part = 0; part < p->parts; part++) {
        p->worth_most[part] *= p->unit;
        int64_t worth = first_worth(n, part);
        p->worth[0][part] = worth < p->worth_most[part] ? worth : p->worth_most[part];
    }
}
_Static_assert(((int64_t)SOLVER_COST_MAX << 4) * WORTH_TIMES * SACK_PARTS < NEVER / 2,
               "worths of all parts, with the scale that the dearest costs leave");

/* False when it is too large. */
static bool build(struct knot *n)
{
    struct proof *p = n->k->proof;
    p->parts = 0;
    p->sacks.ways = 0;
    p->sacks.count = 1;
    memset(p->sacks.has, 0, p->parts_most * sizeof p->sacks.has[0]);
    n->worth_most = most_worth(n);
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
        if (matters(n, at - 1) && !add_part(n, at - 1))
            return false;
    }
    p->first_way[p->parts] = p->sacks.ways;
    scale_up(n);
    return take_in_sacks(n);
}

/* ---- Solving ---- */

/* Makes what was found the assignment of the knot's parts; those that did not matter take what they
 * still can. */
static void apply(struct knot *n)
{
    const struct proof *p = n->k->proof;
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1])
        solver_take(n->s, at - 1, 0);
    for (uint32_t part = 0; part < p->parts; part++) {
        uint32_t taken = p->sacks.taken[p->best[part]];
        if (taken != 0)
            solver_take(n->s, p->part[part], taken);
    }
    for (int class = n->stage + 1; class < SOLVER_CLASSES; class ++) {
        for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
            if ((int)class_of(n->s, at - 1) == class && stands_for_item(n->s, at - 1))
                solver_place_item(n->s, &n->s->problem->item[n->s->item[at - 1]]);
        }
    }
    knot_leave_gone(n->s, n->k, n->first);
    find_value(n);
}

/* What nothing has that leaves out no more than the stage has to need not be looked at later. */
static void leave_out(struct knot *n)
{
    struct proof *p = n->k->proof;
    proof_leave_out(p, n->value[n->stage] * p->unit);
    for (uint32_t way = 0; way < p->sacks.ways; way++) {
        if (p->sacks.state[way] != OUT)
            continue;
        if (p->sacks.taken[way] != 0)
            n->k->gone[p->sacks.taken[way] - 1] = true;
        else
            n->k->placed[p->part[p->sacks.part[way]]] = true;
    }
}

/* The stage, for one choice of the items of several parts that are placed. */
static enum proof_end prove(struct knot *n, uint32_t mask)
{
    struct proof *p = n->k->proof;
    choose_mask(n, mask);
    if (leaves_too_many(n))
        return PROOF_DONE;
    if (!build(n))
        return PROOF_HOPELESS;
    enum proof_end end = proof_close(p);
    if (p->found)
        apply(n);
    if (end == PROOF_DONE && n->stage != SOLVER_COST && n->several == 0)
        leave_out(n);
    proof_look_at_time(p);
    return end;
}

static enum proof_end solve_knot(struct knot *n)
{
    find_value(n);
    if (n->value[n->stage] == 0)
        return PROOF_DONE;
    if (!look_at(n))
        return PROOF_HOPELESS;
    for (uint32_t mask = 0; mask < 1u << n->several && n->value[n->stage] != 0; mask++) {
        enum proof_end end = prove(n, mask);
        if (end != PROOF_DONE)
            return end;
    }
    return PROOF_DONE;
}

/* ---- Beginning ---- */

/* Is it large, each part an item of its own and placed, and each sack of one row, soon filled? */
static bool is_to_be_begun(struct knot *n)
{
    const struct solver *s = n->s;
    uint32_t parts = 0;
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
        parts++;
        if (!alone(s, at - 1) || s->taken[at - 1] == 0)
            return false;
    }
    return s->bands == 1 && parts >= BEGUN_LEAST && parts <= SACK_PARTS;
}

/* False: it was not to be, or nothing came of it. */
static bool begin_knot(struct knot *n)
{
    struct proof *p = n->k->proof;
    find_value(n);
    choose_mask(n, 0);
    if (!is_to_be_begun(n) || !build(n))
        return false;
    proof_begin(p);
    if (p->found)
        apply(n);
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1]) {
        if (n->s->taken[at - 1] == 0)
            solver_place_item(n->s, &n->s->problem->item[n->s->item[at - 1]]);
    }
    proof_look_at_time(p);
    return p->found;
}

bool knots_begin(struct solver *s, uint64_t work)
{
    struct knots *k = s->knots;
    bool any = false;
    begin_all(s, work);
    knots_take_apart(s, k, false);
    for (uint32_t node = 0; node < node_of(s, s->sources); node++) {
        struct knot knot = {
            .s = s, .k = k, .first = k->first[node], .stage = SOLVER_COST, .begins = true};
        if (knot.first != 0 && k->proof->sacks.effort > 0)
            any |= begin_knot(&knot);
    }
    return any;
}

/* ---- Proving all ---- */

static void give_up(const struct knot *n)
{
    for (uint32_t at = n->first; at != 0; at = n->k->next[at - 1])
        n->k->given_up[at - 1] = true;
}

/* Of both together. */
static enum proof_end both(enum proof_end one, enum proof_end other)
{
    return one > other ? one : other;
}

static enum proof_end solve_stage(struct solver *s, struct knots *k, int stage)
{
    enum proof_end all = PROOF_DONE;
    knots_take_apart(s, k, stage == SOLVER_COST);
    for (uint32_t node = 0; node < node_of(s, s->sources); node++) {
        if (k->first[node] == 0)
            continue;
        if (k->proof->sacks.effort == 0)
            return both(all, PROOF_CUT);
        struct knot knot = {.s = s, .k = k, .first = k->first[node], .stage = stage};
        enum proof_end end = solve_knot(&knot);
        if (end != PROOF_DONE)
            give_up(&knot);
        all = both(all, end);
    }
    return all;
}

enum proof_end knots_solve(struct solver *s, uint64_t work)
{
    struct knots *k = s->knots;
    enum proof_end all = PROOF_DONE;
    begin_all(s, work);
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        all = both(all, s->value[stage] != 0 ? solve_stage(s, k, stage) : PROOF_DONE);
        if (all == PROOF_DONE && s->proven == stage)
            s->proven++;
    }
    solver_keep_best(s);
    solver_back_to_best(s);
    return all;
}
