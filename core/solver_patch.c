/* solver_patch.c - see solver_patch.h. */
#include "solver_patch.h"

#include <string.h>

enum {
    FEW = 64,       /* parts: with fewer there is time for longer searches */
    REACH_ONE = 64, /* pools of a patch are reckoned in so many parts */
    REACH_MAX = 16 * REACH_ONE,
    UNPLACED_MAX = 16, /* parts not placed that a patch takes in */
};
static const struct solver_amounts nothing;

size_t patch_size(void)
{
    return sizeof(struct patch);
}

/* ---- Which parts and sources ---- */

static uint32_t pool_of(const struct solver *s, uint32_t part)
{
    return s->taken[part] == 0 ? s->unlimited : s->has[part].way.pool;
}

/* The source's place in the patch, where it comes to be; NO_OPTION when there is no room. */
static uint32_t place_of(struct solver *s, struct patch *p, uint32_t source)
{
    if (s->near[source] == 0) {
        if (p->sources == NEAR_MAX)
            return NO_OPTION;
        p->source[p->sources++] = source;
        s->near[source] = (uint8_t)p->sources;
    }
    return s->near[source] - 1u;
}

static void free_part(struct patch *p, uint32_t part)
{
    if (p->freed < FREED_MAX)
        p->part[p->freed++] = part;
}

/* A pool comes into the patch, and with it the parts that take of it. */
static void bring_in(struct solver *s, struct patch *p, uint32_t pool)
{
    if (place_of(s, p, pool) == NO_OPTION)
        return;
    for (uint32_t member = s->first_member[pool]; member != 0; member = s->next[member - 1])
        free_part(p, member - 1);
}

static bool comes_near(const struct solver *s, uint32_t part)
{
    for (uint32_t at = 0; at < s->candidates[part]; at++) {
        if (s->near[s->candidate[part][at].way.pool] != 0)
            return true;
    }
    return false;
}

/* Parts not placed that could take of the patch's pools; items of one part alone. */
static void bring_in_unplaced(struct solver *s, struct patch *p, uint32_t seed)
{
    uint32_t member = s->first_member[s->unlimited];
    for (int count = 0; member != 0 && count < UNPLACED_MAX; member = s->next[member - 1]) {
        if (member - 1 != seed && alone(s, member - 1) && comes_near(s, member - 1)) {
            free_part(p, member - 1);
            count++;
        }
    }
}

static void begin(struct solver *s, struct patch *p)
{
    p->freed = p->options = p->sources = 0;
    p->nodes = 1;
    p->all = false;
    p->bands = s->bands;
    place_of(s, p, s->unlimited);
}

static void seed_parts(struct solver *s, struct patch *p, uint32_t seed)
{
    const struct solver_item *item = &s->problem->item[s->item[seed]];
    if (s->taken[seed] != 0)
        bring_in(s, p, pool_of(s, seed));
    else
        for (uint32_t part = item->first_part; part < item[1].first_part; part++)
            free_part(p, part);
}

/* From freed parts on to pools that these could take of, the likely ones more often. */
static void gather(struct solver *s, struct patch *p, uint32_t seed, uint32_t pools)
{
    begin(s, p);
    seed_parts(s, p, seed);
    for (int tries = 0; p->sources < 1 + pools && tries < 24 && p->freed > 0; tries++) {
        uint32_t part = p->part[solver_random(s, p->freed)];
        uint32_t count = s->candidates[part];
        if (count == 0)
            continue;
        uint32_t at = solver_random(s, solver_random(s, count) + 1);
        uint32_t pool = s->candidate[part][at].way.pool;
        if (s->near[pool] == 0)
            bring_in(s, p, pool);
    }
    bring_in_unplaced(s, p, seed);
}

/* ---- Options ---- */

static void add_none(const struct solver *s, struct patch *p, uint32_t part)
{
    p->option[p->options++] =
        (struct option){.takes = {nothing.band, nothing.band}, .weight = s->out[class_of(s, part)]};
}

static void add_option(struct solver *s, struct patch *p, uint32_t part, const struct candidate *c)
{
    uint32_t cap = place_of(s, p, c->way.cap);
    if (cap == NO_OPTION)
        return;
    p->option[p->options++] = (struct option){
        .taken = c->at + 1,
        .place = {(uint8_t)(s->near[c->way.pool] - 1), (uint8_t)cap},
        .takes = {c->takes, c->way.cap == s->unlimited ? nothing.band : s->units[part].band},
        .weight = c->way.cost,
    };
}

static void add_options(struct solver *s, struct patch *p, uint32_t freed)
{
    uint32_t part = p->part[freed], taken = s->taken[part];
    p->first_option[freed] = (uint16_t)p->options;
    p->now[freed] = NO_OPTION;
    if (taken != 0 || (alone(s, part) && !p->all)) {
        p->now[freed] = (uint16_t)p->options;
        if (taken == 0)
            add_none(s, p, part);
        else
            add_option(s, p, part, &s->has[part]);
    }
    for (uint32_t at = 0; at < s->candidates[part] && p->options < FREED_MAX * 12; at++) {
        const struct candidate *c = &s->candidate[part][at];
        if (c->at + 1 != taken && s->near[c->way.pool] != 0)
            add_option(s, p, part, c);
    }
    if (taken != 0 && alone(s, part) && !p->all)
        add_none(s, p, part);
    p->first_option[freed + 1] = (uint16_t)p->options;
}

/* What there is for the freed parts: what is free, and what they have. And what they weigh. */
static void find_room(struct solver *s, struct patch *p)
{
    p->weight = 0;
    for (uint32_t at = 0; at < p->sources; at++)
        p->room[at] = s->free[p->source[at]];
    for (uint32_t freed = 0; freed < p->freed; freed++) {
        uint32_t part = p->part[freed];
        if (p->now[freed] == NO_OPTION) { /* its item is not placed, and is to be: counted once */
            bool first = part == s->problem->item[s->item[part]].first_part;
            p->weight += first ? s->out[class_of(s, part)] : 0;
            continue;
        }
        const struct option *o = &p->option[p->now[freed]];
        p->weight += o->weight;
        for (int i = 0; i < 2; i++) {
            for (uint32_t band = 0; band < p->bands && o->place[i] != 0; band++)
                p->room[o->place[i]].band[band] += o->takes[i][band];
        }
    }
}

/* ---- Prices ---- */

static int64_t reduced_of(const struct patch *p, const struct option *o, int scale)
{
    uint64_t sum = (uint64_t)o->weight << scale;
    if (p->bands == 1)
        sum += (uint64_t)p->price[o->place[0]][0] * (uint32_t)o->takes[0][0];
    else
        sum += solver_worth(p->price[o->place[0]], o->takes[0]);
    return (int64_t)(sum + (uint64_t)p->price[o->place[1]][0] * (uint32_t)o->takes[1][0]);
}

static void take_least(struct patch *p, uint32_t freed, int scale)
{
    uint16_t least = p->first_option[freed];
    for (uint16_t at = least; at < p->first_option[freed + 1]; at++) {
        p->option[at].reduced = reduced_of(p, &p->option[at], scale);
        if (p->option[at].reduced < p->option[least].reduced)
            least = at;
    }
    p->least[freed] = least;
    const struct option *o = &p->option[least];
    for (int i = 0; i < 2; i++) {
        for (uint32_t band = 0; band < p->bands; band++)
            p->load[o->place[i] * p->bands + band] += o->takes[i][band];
    }
}

static wide bound_at(struct patch *p, int scale)
{
    wide sum = 0;
    memset(p->load, 0, sizeof p->load[0] * p->rows.count);
    for (uint32_t row = 0, at = 0; at < p->sources; at++) {
        for (uint32_t band = 0; band < p->bands; band++, row++) {
            uint32_t price = (uint32_t)(p->row_price[row] >> PRICE_FRACTION);
            p->price[at][band] = price;
            sum -= (int64_t)price * p->room[at].band[band];
        }
    }
    for (uint32_t freed = 0; freed < p->freed; freed++) {
        take_least(p, freed, scale);
        sum += p->option[p->least[freed]].reduced;
    }
    return sum;
}

static void turn(struct patch *p, bool anew)
{
    for (uint32_t row = p->bands; row < p->rows.count; row++) {
        int64_t room = p->room[row / p->bands].band[row % p->bands];
        int64_t over = (p->load[row] - room) * (1 << DIRECTION_FRACTION);
        p->direction[row] = anew ? over : (p->direction[row] + over) / 2;
    }
}

static void begin_rows(struct solver *s, struct patch *p)
{
    p->rows = (struct rows){.count = p->sources * p->bands,
                            .price = p->row_price,
                            .direction = p->direction,
                            .size = p->size,
                            .moves = p->moves,
                            .unit = p->unit,
                            .limited = UINT32_MAX};
    memset(p->direction, 0, sizeof p->direction[0] * p->bands);
    memset(p->price, 0, sizeof p->price[0] * p->sources);
    for (uint32_t row = 0, at = 0; at < p->sources; at++) {
        for (uint32_t band = 0; band < p->bands; band++, row++) {
            uint32_t source = p->source[at];
            p->unit[row] = s->unit[source * BANDS + band];
            p->row_price[row] = (int64_t)s->price[source][band] << PRICE_FRACTION;
        }
    }
}

/* Leaves out options so dear that no choice with one is within what is wanted. */
static void fix(struct patch *p, int64_t most, int scale)
{
    wide budget = most * ((wide)1 << scale) - p->bound;
    uint16_t to = 0, at = 0;
    for (uint32_t freed = 0; freed < p->freed; freed++) {
        int64_t least = p->option[p->least[freed]].reduced;
        uint16_t end = p->first_option[freed + 1], now = p->now[freed];
        p->first_option[freed] = to;
        for (; at < end; at++) {
            if (p->option[at].reduced - least > budget && at != now)
                continue;
            if (at == now)
                p->now[freed] = to;
            if (at == p->least[freed])
                p->least[freed] = to;
            p->option[to++] = p->option[at];
        }
    }
    p->first_option[p->freed] = to;
    p->options = to;
}

/* Raises the bound until it proves that nothing fits `most`, or hardly rises. */
static void climb(struct solver *s, struct patch *p, int64_t most)
{
    size_t bytes = sizeof p->row_price[0] * p->rows.count;
    wide target = (wide)p->weight << s->scale, near = (wide)s->window << s->scale,
         enough = most * ((wide)1 << s->scale);
    wide bound = p->bound = bound_at(p, s->scale);
    s->work += p->options + p->rows.count;
    if (bound <= enough)
        fix(p, most, s->scale);
    memcpy(p->best_price, p->row_price, bytes);
    turn(p, true);
    int damp = 0;
    for (int step = 0, failures = 0; step < s->manner->climb_steps && p->bound <= enough; step++) {
        wide want = target - bound;
        rows_step(&p->rows, (want < near ? want : near) >> damp);
        bound = bound_at(p, s->scale);
        if (bound > p->bound) {
            p->bound = bound;
            memcpy(p->best_price, p->row_price, bytes);
            failures = 0;
        } else if (++failures == 3) {
            damp++;
            failures = 0;
        }
        turn(p, false);
        s->work += p->options + p->rows.count;
    }
    if (p->bound > enough || p->bound == bound)
        return;
    memcpy(p->row_price, p->best_price, bytes);
    p->bound = bound_at(p, s->scale);
}

/* ---- The whole ---- */

static void end(struct solver *s, struct patch *p)
{
    for (uint32_t at = 0; at < p->sources; at++)
        s->near[p->source[at]] = 0;
}

static void apply(struct solver *s, struct patch *p)
{
    for (uint32_t freed = 0; freed < p->freed; freed++)
        solver_take(s, p->part[freed], 0);
    for (uint32_t freed = 0; freed < p->freed; freed++)
        solver_take(s, p->part[freed], p->option[p->found[freed]].taken);
}

static bool has_options(const struct patch *p)
{
    for (uint32_t freed = 0; freed < p->freed; freed++) {
        if (p->first_option[freed] == p->first_option[freed + 1])
            return false;
    }
    return p->freed > 0;
}

static bool solve(struct solver *s, struct patch *p, int64_t slack, uint64_t nodes)
{
    p->all = s->first_member[s->unlimited] != 0 && solver_random(s, 2) == 0;
    for (uint32_t freed = 0; freed < p->freed; freed++)
        add_options(s, p, freed);
    s->work += p->freed * CANDIDATES;
    if (!has_options(p))
        return false;
    find_room(s, p);
    begin_rows(s, p);
    p->best = p->weight + slack;
    climb(s, p, p->best);
    int64_t enough = (int64_t)(p->bound >> s->scale) + s->window;
    if (p->all && p->best > enough)
        p->best = enough;
    patch_search(p, s->scale, nodes);
    s->work += (nodes - p->nodes) * 8;
    if (p->any)
        apply(s, p);
    return p->any;
}

void patch_improve(struct solver *s, uint32_t part, int64_t slack)
{
    struct patch *p = s->patch;
    if (s->reach == 0)
        s->reach = 3 * REACH_ONE;
    uint32_t pools = s->reach / REACH_ONE + (solver_random(s, REACH_ONE) < s->reach % REACH_ONE);
    gather(s, p, part, pools);
    solve(s, p, slack, s->problem->parts < FEW ? s->manner->nodes_few : s->manner->nodes);
    end(s, p);
    /* As large as can usually be searched to the end. */
    if (p->nodes == 0)
        s->reach -= s->reach > 2 * REACH_ONE ? 2 : 0;
    else
        s->reach += s->reach < REACH_MAX ? 1 : 0;
}
