/* solver_apart.c - see solver_apart.h. */
#include "solver_apart.h"

#include <string.h>

enum { ROUNDS = 8 }; /* of letting ways go, and rows */

/* ---- Rows that bind ---- */

static void ask(const struct solver *s, struct knots *k, uint32_t part, uint32_t way)
{
    const struct way *w = &s->way[way];
    for (uint32_t band = 0; band < s->bands; band++)
        k->asked[w->pool * BANDS + band] += s->takes[way]->band[band];
    k->asked[w->cap * BANDS] += s->units[part].band[0];
}

/* A part that has two ways into a pool is counted twice: a row more may then be said to bind. */
static void find_rows(struct solver *s, struct knots *k)
{
    memset(k->asked, 0, sizeof k->asked[0] * BANDS * s->sources);
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
            if (!k->gone[way])
                ask(s, k, part, way);
        }
    }
    for (uint32_t source = 0; source < s->sources; source++) {
        k->binds[source] = 0;
        for (uint32_t band = 0; band < BANDS && source != s->unlimited; band++) {
            bool is_short = k->asked[source * BANDS + band] > s->capacity[source].band[band];
            k->binds[source] |= (uint8_t)(is_short << band);
        }
    }
    s->work += s->first_way[s->problem->parts];
}

static bool takes_of_pool(const struct solver *s, const struct knots *k, uint32_t way)
{
    bool any = false;
    uint8_t binds = k->binds[s->way[way].pool];
    for (uint32_t band = 0; band < s->bands && binds != 0; band++)
        any |= (binds >> band & 1) != 0 && s->takes[way]->band[band] != 0;
    return any;
}

bool way_is_free(const struct solver *s, const struct knots *k, uint32_t way)
{
    return k->binds[s->way[way].cap] == 0 && !takes_of_pool(s, k, way);
}

/* ---- Ways that nobody needs ---- */

static uint32_t cheapest_free(const struct solver *s, const struct knots *k, uint32_t part)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (!k->gone[way] && way_is_free(s, k, way) &&
            (best == UINT32_MAX || s->way[way].cost < s->way[best].cost))
            best = way;
    }
    return best;
}

/* Does one way of a part do as well as another: into the same pool, for the same, and no dearer? */
static bool does_as_well(const struct solver *s, const struct knots *k, uint32_t doing,
                         uint32_t instead)
{
    const struct way *d = &s->way[doing], *i = &s->way[instead];
    return d->pool == i->pool && s->takes[doing] == s->takes[instead] &&
           (d->cap == i->cap || k->binds[d->cap] == 0) &&
           (d->cost < i->cost || (d->cost == i->cost && doing < instead));
}

/* Of the way, and the last way of the part into its pool, the one that is not needed beside the
 * other; UINT32_MAX: both are. */
static uint32_t unneeded(const struct solver *s, struct knots *k, uint32_t part, uint32_t way)
{
    uint32_t *last = &k->last[s->way[way].pool], other = *last;
    bool two = other >= s->first_way[part] && other < way && !k->gone[other];
    *last = way;
    if (two && does_as_well(s, k, other, way)) {
        *last = other;
        return way;
    }
    return two && does_as_well(s, k, way, other) ? other : UINT32_MAX;
}

static bool let_unneeded_go(const struct solver *s, struct knots *k, uint32_t part)
{
    uint32_t free = cheapest_free(s, k, part);
    bool any = false;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (k->gone[way])
            continue;
        bool dear = free != UINT32_MAX && way != free && s->way[way].cost >= s->way[free].cost;
        uint32_t goes = dear ? way : unneeded(s, k, part, way);
        if (goes != UINT32_MAX)
            k->gone[goes] = any = true;
    }
    return any;
}

void knots_let_go(struct solver *s, struct knots *k)
{
    bool any = true;
    memset(k->last, 0xff, sizeof k->last[0] * s->sources);
    for (int round = 0; round < ROUNDS && any; round++) {
        any = false;
        find_rows(s, k);
        for (uint32_t part = 0; part < s->problem->parts; part++)
            any |= let_unneeded_go(s, k, part);
    }
    if (any)
        find_rows(s, k);
}

/* ---- Off the ways that are gone ---- */

/* What a part may take instead of a way that was not needed. */
static uint32_t instead_of(const struct solver *s, const struct knots *k, uint32_t part,
                           uint32_t gone)
{
    uint32_t best = 0;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        bool will_do = way_is_free(s, k, way) || does_as_well(s, k, way, gone);
        if (!k->gone[way] && will_do && (best == 0 || s->way[way].cost < s->way[best - 1].cost))
            best = way + 1;
    }
    return best;
}

/* All those leave first, so that each finds room. */
static void leave_gone(struct solver *s, const struct knots *k, uint32_t part)
{
    uint32_t taken = s->taken[part];
    k->moved[part] = taken != 0 && k->gone[taken - 1] ? instead_of(s, k, part, taken - 1) : 0;
    if (k->moved[part] != 0)
        solver_take(s, part, 0);
}

static void move(struct solver *s, const struct knots *k, uint32_t part)
{
    if (k->moved[part] != 0)
        solver_take(s, part, k->moved[part]);
}

void knot_leave_gone(struct solver *s, const struct knots *k, uint32_t first)
{
    for (uint32_t at = first; at != 0; at = k->next[at - 1])
        leave_gone(s, k, at - 1);
    for (uint32_t at = first; at != 0; at = k->next[at - 1])
        move(s, k, at - 1);
}

static void reduce(struct solver *s, struct knots *k)
{
    knots_let_go(s, k);
    for (uint32_t part = 0; part < s->problem->parts; part++)
        leave_gone(s, k, part);
    for (uint32_t part = 0; part < s->problem->parts; part++)
        move(s, k, part);
}

/* ---- Knots ---- */

uint32_t forest_root(uint32_t *forest, uint32_t node)
{
    while (forest[node] != node)
        node = forest[node] = forest[forest[node]];
    return node;
}

static void tie(uint32_t *forest, uint32_t one, uint32_t other)
{
    forest[forest_root(forest, one)] = forest_root(forest, other);
}

static void tie_way(const struct solver *s, struct knots *k, uint32_t part, uint32_t way)
{
    const struct way *w = &s->way[way];
    bool cap = k->binds[w->cap] != 0;
    if (cap || takes_of_pool(s, k, way))
        tie(k->root, part, node_of(s, w->pool));
    if (cap) {
        tie(k->root, part, node_of(s, w->cap));
        tie(k->sack, w->pool, w->cap);
    }
}

static void list_members(const struct solver *s, struct knots *k)
{
    memset(k->first, 0, sizeof k->first[0] * node_of(s, s->sources));
    memset(k->first_source, 0, sizeof k->first_source[0] * s->sources);
    for (uint32_t part = s->problem->parts; part-- > 0;) {
        uint32_t root = forest_root(k->root, part);
        k->next[part] = k->first[root];
        k->first[root] = part + 1;
    }
    for (uint32_t source = s->sources; source-- > 0;) {
        uint32_t root = forest_root(k->sack, source);
        k->next_source[source] = k->first_source[root];
        k->first_source[root] = source + 1;
    }
}

static void tie_knots(const struct solver *s, struct knots *k)
{
    for (uint32_t node = 0; node < node_of(s, s->sources); node++)
        k->root[node] = node;
    for (uint32_t source = 0; source < s->sources; source++)
        k->sack[source] = source;
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        tie(k->root, part, s->problem->item[s->item[part]].first_part);
        for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
            if (!k->gone[way])
                tie_way(s, k, part, way);
        }
    }
    list_members(s, k);
}

/* ---- Ways that are too dear ---- */

/* What a way costs at the prices of the rows that bind. */
static int64_t cost_at_prices(const struct solver *s, const struct knots *k, uint32_t part,
                              uint32_t way)
{
    const struct way *w = &s->way[way];
    uint64_t sum = (uint64_t)w->cost << s->scale;
    for (uint32_t band = 0; band < s->bands; band++) {
        if ((k->binds[w->pool] >> band & 1) != 0)
            sum += (uint64_t)s->price[w->pool][band] * (uint32_t)s->takes[way]->band[band];
    }
    if (k->binds[w->cap] != 0)
        sum += (uint64_t)s->price[w->cap][0] * (uint32_t)s->units[part].band[0];
    return (int64_t)sum;
}

static int64_t least_at_prices(const struct solver *s, const struct knots *k, uint32_t part)
{
    int64_t least = INT64_MAX;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (k->gone[way])
            continue;
        int64_t cost = cost_at_prices(s, k, part, way);
        least = cost < least ? cost : least;
    }
    return least == INT64_MAX ? 0 : least;
}

static void find_part_slack(const struct solver *s, struct knots *k, uint32_t part)
{
    wide *slack = &k->slack[forest_root(k->root, part)];
    if (s->taken[part] == 0)
        *slack += (wide)1 << 100; /* more than all else comes to */
    else
        *slack += ((wide)s->way[s->taken[part] - 1].cost << s->scale) - least_at_prices(s, k, part);
}

/* By how much, in each knot, the assignment is above the bound that the prices of its own rows
 * prove, less 1: what is better can cost no more than that beyond the bound. Without end where not
 * all is placed: prices are then beyond all cost. */
static void find_slack(const struct solver *s, struct knots *k)
{
    for (uint32_t node = 0; node < node_of(s, s->sources); node++)
        k->slack[node] = -((wide)1 << s->scale);
    for (uint32_t part = 0; part < s->problem->parts; part++)
        find_part_slack(s, k, part);
    for (uint32_t source = 0; source < s->unlimited; source++) {
        wide *slack = &k->slack[forest_root(k->root, node_of(s, source))];
        for (uint32_t band = 0; band < BANDS; band++) {
            if ((k->binds[source] >> band & 1) != 0)
                *slack += (wide)s->price[source][band] * s->capacity[source].band[band];
        }
    }
}

static bool let_dear_go(const struct solver *s, struct knots *k, uint32_t part)
{
    wide slack = k->slack[forest_root(k->root, part)];
    int64_t least = least_at_prices(s, k, part);
    bool any = false;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        if (!k->gone[way] && way + 1 != s->taken[part] &&
            cost_at_prices(s, k, part, way) - least > slack)
            k->gone[way] = any = true;
    }
    return any;
}

/* ---- The whole ---- */

void knots_take_apart(struct solver *s, struct knots *k, bool costs)
{
    bool any = false;
    reduce(s, k);
    tie_knots(s, k);
    if (!costs)
        return;
    find_slack(s, k);
    for (uint32_t part = 0; part < s->problem->parts; part++)
        any |= let_dear_go(s, k, part);
    s->work += s->first_way[s->problem->parts] * 2ull;
    if (any) {
        reduce(s, k);
        tie_knots(s, k);
    }
}
