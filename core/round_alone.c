/* round_alone.c - see round_alone.h. */
#include "round_alone.h"

#include <string.h>

#include "bands.h"
#include "rank.h"

struct matching {
    const struct pm_core *core;
    const struct solver_problem *problem;
    const struct alone *alone;
};

static bool has_room(const struct matching *m, uint32_t part, const struct solver_pair *pair)
{
    const struct solver_service *service = &m->problem->service[pair->service];
    return bands_suffice(m->alone->pool[service->pool].band,
                         m->problem->demand[pair->demand].band) &&
           (service->cap == 0 || m->problem->part[part].units <= m->alone->cap[service->cap - 1]);
}

/* 1 + the best-ranked pair with room; 0: none. */
static uint32_t best_of(const struct matching *m, uint32_t part)
{
    const struct solver_part *p = &m->problem->part[part];
    uint32_t package = m->alone->package[part], best = 0;
    struct ranked first = {0};
    for (uint32_t at = p[0].first_pair; at < p[1].first_pair; at++) {
        if (!has_room(m, part, &m->problem->pair[at]))
            continue;
        uint32_t service = m->alone->service[m->problem->pair[at].service];
        struct score score = score_for(m->core, package, service);
        struct ranked next = {service, score_sum(&score)};
        if (best == 0 || rank_before(m->core, package, next, first)) {
            best = at + 1;
            first = next;
        }
    }
    return best;
}

/* What a part takes by its choice is taken, or given back. */
static void take(const struct matching *m, uint32_t part, bool back)
{
    const struct solver_pair *pair = &m->problem->pair[m->alone->choice[part] - 1];
    const struct solver_service *service = &m->problem->service[pair->service];
    int32_t *band = m->alone->pool[service->pool].band;
    const int32_t *demand = m->problem->demand[pair->demand].band;
    int32_t units = m->problem->part[part].units;
    if (back)
        bands_add(band, demand);
    else
        bands_subtract(band, demand);
    if (service->cap != 0)
        m->alone->cap[service->cap - 1] += back ? units : -units;
}

static void match_item(const struct matching *m, uint32_t item)
{
    uint32_t first = m->problem->item[item].first_part;
    uint32_t end = m->problem->item[item + 1].first_part, part = first;
    for (; part < end && (m->alone->choice[part] = best_of(m, part)) != 0; part++)
        take(m, part, false);
    if (part == end)
        return;
    while (part-- > first)
        take(m, part, true);
    memset(&m->alone->choice[first], 0, (end - first) * sizeof *m->alone->choice);
}

void match_alone(const struct pm_core *core, const struct solver_problem *problem,
                 const struct alone *alone)
{
    const struct matching m = {core, problem, alone};
    if (problem->pools > 0)
        memcpy(alone->pool, problem->pool, problem->pools * sizeof *alone->pool);
    if (problem->caps > 0)
        memcpy(alone->cap, problem->cap, problem->caps * sizeof *alone->cap);
    for (uint32_t item = 0; item < problem->items; item++)
        match_item(&m, item);
}
