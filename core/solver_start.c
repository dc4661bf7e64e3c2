/* solver_start.c - the assignment the search begins with, and how it is changed. */
#include "solver_state.h"

#include <string.h>

/* ---- Candidates ---- */

static struct candidate candidate_of(const struct solver *s, uint32_t way, int64_t reduced)
{
    return (struct candidate){
        .way = s->way[way], .takes = s->takes[way]->band, .reduced = reduced, .at = way};
}

static void insert(struct solver *s, uint32_t part, uint32_t way)
{
    uint8_t *count = &s->candidates[part];
    struct candidate *list = s->candidate[part];
    int64_t reduced = way_reduced(s, way, part);
    if (*count == CANDIDATES) {
        if (reduced >= list[CANDIDATES - 1].reduced)
            return;
        --*count;
    }
    uint32_t at = (*count)++;
    for (; at > 0 && list[at - 1].reduced > reduced; at--)
        list[at] = list[at - 1];
    list[at] = candidate_of(s, way, reduced);
}

void solver_find_candidates(struct solver *s)
{
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        s->candidates[part] = 0;
        for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++)
            insert(s, part, way);
        s->cheapest[part] = s->candidates[part] == 0 ? 0 : s->candidate[part][0].reduced;
    }
    s->work += s->first_way[s->problem->parts] * 2;
}

/* ---- Taking ---- */

static uint32_t home_of(const struct solver *s, uint32_t part)
{
    return s->taken[part] == 0 ? s->unlimited : s->has[part].way.pool;
}

static void leave(struct solver *s, uint32_t part, uint32_t source)
{
    uint32_t before = s->previous[part], after = s->next[part];
    if (before != 0)
        s->next[before - 1] = after;
    else
        s->first_member[source] = after;
    if (after != 0)
        s->previous[after - 1] = before;
}

static void join(struct solver *s, uint32_t part, uint32_t source)
{
    uint32_t first = s->first_member[source];
    s->next[part] = first;
    s->previous[part] = 0;
    if (first != 0)
        s->previous[first - 1] = part + 1;
    s->first_member[source] = part + 1;
}

/* Takes what the way of a part takes, or with sign -1 gives it back. */
static void charge(struct solver *s, uint32_t part, int sign)
{
    if (s->taken[part] == 0)
        return;
    const struct way *way = &s->has[part].way;
    for (uint32_t band = 0; band < s->bands; band++)
        s->free[way->pool].band[band] -= sign * s->has[part].takes[band];
    if (way->cap != s->unlimited)
        s->free[way->cap].band[0] -= sign * s->units[part].band[0];
    s->value[SOLVER_COST] += sign * way->cost;
}

static void set_taken(struct solver *s, uint32_t part, uint32_t taken)
{
    s->taken[part] = taken;
    s->regret[part] = INT64_MAX;
    if (taken == 0)
        return;
    s->has[part] = candidate_of(s, taken - 1, way_reduced(s, taken - 1, part));
    s->regret[part] = s->has[part].reduced - s->cheapest[part];
}

void solver_take(struct solver *s, uint32_t part, uint32_t taken)
{
    uint32_t before = s->taken[part];
    const struct solver_item *item = &s->problem->item[s->item[part]];
    charge(s, part, -1);
    leave(s, part, home_of(s, part));
    set_taken(s, part, taken);
    join(s, part, home_of(s, part));
    charge(s, part, 1);
    if (part == item->first_part) /* it stands for the others: none or all are placed */
        s->value[item->class] += (taken == 0) - (before == 0);
}

bool solver_fits(const struct solver *s, uint32_t way, uint32_t part)
{
    const struct way *w = &s->way[way];
    for (uint32_t band = 0; band < s->bands; band++) {
        if (s->takes[way]->band[band] > s->free[w->pool].band[band])
            return false;
    }
    return s->units[part].band[0] <= s->free[w->cap].band[0];
}

/* ---- The beginning: each item in turn takes the cheapest that fits, who is worth it first ---- */

static uint32_t cheapest_that_fits(const struct solver *s, uint32_t part)
{
    for (uint32_t at = 0; at < s->candidates[part]; at++) {
        if (solver_fits(s, s->candidate[part][at].at, part))
            return s->candidate[part][at].at + 1;
    }
    uint32_t best = 0;
    int64_t least = INT64_MAX;
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        int64_t cost = way_reduced(s, way, part);
        if (cost < least && solver_fits(s, way, part)) {
            least = cost;
            best = way + 1;
        }
    }
    return best;
}

void solver_place_item(struct solver *s, const struct solver_item *item)
{
    uint32_t part = item->first_part, end = item[1].first_part;
    for (; part < end; part++) {
        uint32_t taken = cheapest_that_fits(s, part);
        if (taken == 0)
            break;
        solver_take(s, part, taken);
    }
    if (part == end)
        return;
    while (part-- > item->first_part)
        solver_take(s, part, 0);
}

/* At the prices, does it cost less to place the item than to leave it out? */
static bool is_worth_it(const struct solver *s, const struct solver_item *item)
{
    wide sum = 0;
    for (uint32_t part = item->first_part; part < item[1].first_part; part++)
        sum += s->cheapest[part];
    return sum < ((wide)s->out[item->class] << s->scale);
}

/* Those of a class that are worth it, or the others. */
static void place_class(struct solver *s, uint32_t class, bool worth_it)
{
    const struct solver_item *item = s->problem->item;
    for (const struct solver_item *end = item + s->problem->items; item < end; item++) {
        if (item->class == class && is_worth_it(s, item) == worth_it)
            solver_place_item(s, item);
    }
}

void solver_begin(struct solver *s)
{
    const struct solver_problem *problem = s->problem;
    memcpy(s->free, s->capacity, sizeof s->free[0] * s->sources);
    memset(s->value, 0, sizeof s->value);
    memset(s->first_member, 0, sizeof s->first_member[0] * s->sources);
    for (uint32_t part = 0; part < problem->parts; part++) {
        set_taken(s, part, 0);
        join(s, part, s->unlimited);
    }
    for (uint32_t item = 0; item < problem->items; item++)
        s->value[problem->item[item].class]++;
    for (uint32_t class = 0; class < SOLVER_CLASSES; class ++) {
        place_class(s, class, true);
        place_class(s, class, false);
    }
}
