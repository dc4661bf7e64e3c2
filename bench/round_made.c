/* round_made.c: see round_made.h. */
#include "round_made.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"

enum {
    SERVICES_A_LOCALITY = 60, /* about */
    SERVED_BESIDE = 30,       /* percent of services that serve the next locality, too */
    SHARED = 25,              /* percent that draw on the pool of the service before */
    CAPABLE = 70,             /* percent of the services near that can meet a package's needs */
    SUPPLY = 300,             /* percent of the demand that pools have, all in all */
    MORNING_SUPPLY = 200,     /* of the demand in the first band of each half of the week */
    RATE_LEAST = 1900,        /* pence an hour */
    RATE_MOST = 3200,
};

/* A locality's services are the ones that `nearest` says; and those beside that serve it, too. */
struct making {
    const struct round_sizes *sizes;
    struct round_made *out;
    uint64_t random;
    uint32_t localities;
    int32_t *rate;
    uint32_t *size; /* by pool */
    bool *beside;
};

static uint32_t locality_of(const struct making *m, uint32_t service)
{
    return service % m->localities;
}

static void make_services(struct making *m)
{
    struct solver_problem *problem = &m->out->problem;
    uint32_t count = m->sizes->services;
    problem->services = count;
    for (uint32_t i = 0; i < count; i++) {
        bool shares = i >= m->localities && random_below(&m->random, 100) < SHARED;
        uint32_t pool = shares ? m->out->service[i - m->localities].pool : problem->pools++;
        m->out->service[i] = (struct solver_service){.pool = pool};
        m->beside[i] = random_below(&m->random, 100) < SERVED_BESIDE;
        m->rate[i] = RATE_LEAST + (int32_t)random_below(&m->random, RATE_MOST - RATE_LEAST + 1);
    }
}

/* Minutes a week in each band: visits in some of them, one or two carers. */
static struct solver_amounts make_demand(struct making *m)
{
    static const int32_t minutes[] = {15, 30, 30, 30, 30, 30, 45, 60};
    struct solver_amounts demand = {{0}};
    int32_t carers = random_below(&m->random, 100) < 18 ? 2 : 1;
    for (uint32_t band = 0; band < m->sizes->bands; band++) {
        uint32_t chance = band % 4 == 0 ? 85 : band % 4 == 3 ? 60 : 40;
        int32_t days = band < 4 ? 5 : 2;
        if (random_below(&m->random, 100) < chance)
            demand.band[band] = carers * days * minutes[random_below(&m->random, 8)];
    }
    if (demand.band[0] == 0)
        demand.band[0] = 5 * 30;
    return demand;
}

static int32_t weekly(const struct solver_amounts *demand)
{
    int32_t sum = 0;
    for (int band = 0; band < SOLVER_BANDS; band++)
        sum += demand->band[band];
    return sum;
}

/* A pool is small or large, and each of its bands somewhat more or less. */
static void make_pools(struct making *m)
{
    const struct solver_problem *problem = &m->out->problem;
    int64_t sizes = 0;
    for (uint32_t i = 0; i < problem->pools; i++)
        sizes += m->size[i] = 20 + random_below(&m->random, 161);
    for (uint32_t band = 0; band < m->sizes->bands; band++) {
        int64_t demand = 0;
        for (uint32_t i = 0; i < m->sizes->items; i++)
            demand += m->out->demand[i].band[band];
        int64_t supply = demand * (band % 4 == 0 ? MORNING_SUPPLY : SUPPLY) / 100;
        for (uint32_t i = 0; i < problem->pools; i++)
            m->out->pool[i].band[band] =
                (int32_t)(supply * m->size[i] / sizes * (50 + random_below(&m->random, 101)) / 100);
    }
}

static bool serves(const struct making *m, uint32_t service, uint32_t locality)
{
    uint32_t at = locality_of(m, service);
    return at == locality || (m->beside[service] && (at + 1) % m->localities == locality);
}

/* As in a market's problem: only pairs that the pool as it is could serve. */
static bool fits(const struct making *m, uint32_t service, uint32_t item)
{
    const struct solver_amounts *room = &m->out->pool[m->out->service[service].pool];
    for (uint32_t band = 0; band < m->sizes->bands; band++) {
        if (m->out->demand[item].band[band] > room->band[band])
            return false;
    }
    return true;
}

/* The pairs of a package, and its place. */
static bool make_pairs(struct making *m, uint32_t item)
{
    struct solver_problem *problem = &m->out->problem;
    uint32_t locality = random_below(&m->random, m->localities);
    int32_t minutes = weekly(&m->out->demand[item]);
    for (uint32_t i = 0; i < problem->services; i++) {
        if (!serves(m, i, locality) || random_below(&m->random, 100) >= CAPABLE ||
            !fits(m, i, item))
            continue;
        if (problem->pairs == SOLVER_PAIRS_MAX)
            return false;
        m->out->pair[problem->pairs++] = (struct solver_pair){
            .service = i, .demand = item, .cost = (int32_t)((int64_t)minutes * m->rate[i] / 60)};
    }
    return true;
}

static bool make_items(struct making *m)
{
    struct solver_problem *problem = &m->out->problem;
    uint32_t count = m->sizes->items;
    problem->items = problem->parts = problem->demands = count;
    for (uint32_t i = 0; i < count; i++) {
        m->out->item[i] = (struct solver_item){.first_part = i,
                                               .class = random_below(&m->random, SOLVER_CLASSES)};
        m->out->part[i] =
            (struct solver_part){.first_pair = problem->pairs, .units = weekly(&m->out->demand[i])};
        if (!make_pairs(m, i))
            return false;
    }
    m->out->item[count].first_part = count;
    m->out->part[count].first_pair = problem->pairs;
    return true;
}

static uint64_t most_pairs(const struct round_sizes *sizes, uint32_t localities)
{
    uint64_t most = (uint64_t)sizes->items * 2 * (sizes->services / localities + 1);
    return most < SOLVER_PAIRS_MAX ? most : SOLVER_PAIRS_MAX;
}

static bool take_memory(struct making *m)
{
    const struct round_sizes *sizes = m->sizes;
    struct round_made *out = m->out;
    out->item = calloc(sizes->items + 1u, sizeof *out->item);
    out->part = calloc(sizes->items + 1u, sizeof *out->part);
    out->demand = calloc(sizes->items, sizeof *out->demand);
    out->pair = calloc(most_pairs(sizes, m->localities), sizeof *out->pair);
    out->service = calloc(sizes->services, sizeof *out->service);
    out->pool = calloc(sizes->services, sizeof *out->pool);
    m->rate = calloc(sizes->services, sizeof *m->rate);
    m->size = calloc(sizes->services, sizeof *m->size);
    m->beside = calloc(sizes->services, sizeof *m->beside);
    return out->item && out->part && out->demand && out->pair && out->service && out->pool &&
           m->rate && m->size && m->beside;
}

bool round_made(const struct round_sizes *sizes, struct round_made *out)
{
    struct making m = {.sizes = sizes, .out = out, .random = sizes->seed};
    m.localities = sizes->services / SERVICES_A_LOCALITY + 1;
    *out = (struct round_made){.problem.bands = sizes->bands};
    bool made = take_memory(&m);
    if (made) {
        make_services(&m);
        for (uint32_t i = 0; i < sizes->items; i++)
            out->demand[i] = make_demand(&m);
        make_pools(&m);
        made = make_items(&m);
    }
    if (made) {
        out->problem.item = out->item;
        out->problem.part = out->part;
        out->problem.pair = out->pair;
        out->problem.service = out->service;
        out->problem.demand = out->demand;
        out->problem.pool = out->pool;
    } else {
        round_made_free(out);
    }
    free(m.rate);
    free(m.size);
    free(m.beside);
    return made;
}

void round_made_free(struct round_made *made)
{
    free(made->item);
    free(made->part);
    free(made->pair);
    free(made->service);
    free(made->demand);
    free(made->pool);
    *made = (struct round_made){.problem.bands = 0};
}
