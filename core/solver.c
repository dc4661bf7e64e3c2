/* solver.c - the workspace, and the order of work: see solver.h and ARCHITECTURE.md. */
#include "solver.h"

#include "solver_knot.h"
#include "solver_state.h"

#include <string.h>

/* ---- The workspace ---- */

static void lay_out_ascent(struct ascent *a, const struct solver *s, struct room *room)
{
    uint32_t rows = s->sources * BANDS + SOLVER_CLASSES;
    TAKE(a->row, rows);
    TAKE(a->rows.price, rows);
    TAKE(a->rows.direction, rows);
    TAKE(a->rows.size, rows);
    TAKE(a->rows.moves, rows);
    TAKE(a->rows.unit, rows);
    TAKE(a->load, rows);
    TAKE(a->best, rows);
    TAKE(a->price, s->sources);
    TAKE(a->choice, s->problem->parts);
}

static void lay_out_parts(struct solver *s, struct room *room)
{
    uint32_t parts = s->problem->parts;
    TAKE(s->units, parts);
    TAKE(s->item, parts);
    TAKE(s->first_way, parts + 1);
    TAKE(s->candidate, parts);
    TAKE(s->candidates, parts);
    TAKE(s->cheapest, parts);
    TAKE(s->taken, parts);
    TAKE(s->has, parts);
    TAKE(s->regret, parts);
    TAKE(s->best, parts);
    TAKE(s->next, parts);
    TAKE(s->previous, parts);
}

static void lay_out(struct solver *s, struct room *room)
{
    const struct solver_problem *problem = s->problem;
    s->bands = problem->bands;
    s->unlimited = problem->pools + problem->caps;
    s->sources = s->unlimited + 1;
    TAKE(s->capacity, s->sources);
    TAKE(s->free, s->sources);
    TAKE(s->price, s->sources);
    TAKE(s->unit, s->sources * BANDS);
    TAKE(s->first_member, s->sources);
    TAKE(s->near, s->sources);
    TAKE(s->way, problem->pairs);
    TAKE(s->pair, problem->pairs);
    TAKE(s->takes, problem->pairs);
    lay_out_parts(s, room);
    s->patch = room_take(room, 1, patch_size());
    s->chain = room_take(room, 1, chain_size());
    s->knots = knots_lay_out(problem, room);
    lay_out_ascent(&s->ascent, s, room);
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        TAKE(s->pool_price[stage], problem->pools * BANDS);
        TAKE(s->cap_price[stage], problem->caps);
    }
}

size_t solver_workspace(const struct solver_problem *problem)
{
    struct solver s = {.problem = problem};
    struct room room = {.used = 0};
    room_take(&room, 1, sizeof s);
    lay_out(&s, &room);
    return room.used;
}

/* ---- Taking the problem in ---- */

static void take_sources(struct solver *s)
{
    const struct solver_problem *problem = s->problem;
    struct solver_amounts *step = s->free; /* for now */
    memset(s->capacity, 0, sizeof s->capacity[0] * s->sources);
    solver_steps(problem, 0, problem->pools, step);
    memset(s->price, 0, sizeof s->price[0] * s->sources);
    memset(s->near, 0, s->sources);
    for (uint32_t pool = 0; pool < problem->pools; pool++) {
        for (uint32_t band = 0; band < s->bands; band++)
            s->capacity[pool].band[band] =
                solver_usable(problem->pool[pool].band[band], step[pool].band[band]);
    }
    for (uint32_t cap = 0; cap < problem->caps; cap++)
        s->capacity[problem->pools + cap].band[0] = problem->cap[cap];
    for (int band = 0; band < BANDS; band++)
        s->capacity[s->unlimited].band[band] = INT32_MAX;
}

static uint32_t add_way(struct solver *s, uint32_t way, uint32_t pair, uint32_t part)
{
    const struct solver_pair *p = &s->problem->pair[pair];
    const struct solver_service *service = &s->problem->service[p->service];
    s->way[way] = (struct way){
        .pool = service->pool,
        .cap = service->cap == 0 ? s->unlimited : s->problem->pools + service->cap - 1,
        .cost = p->cost,
    };
    s->takes[way] = &s->problem->demand[p->demand];
    s->way[way].amount = s->takes[way]->band[0];
    s->pair[way] = pair;
    return solver_fits(s, way, part) ? way + 1 : way;
}

/* Ways, of the pairs that fit when nothing is taken yet. */
static void take_parts(struct solver *s)
{
    const struct solver_problem *problem = s->problem;
    uint32_t way = 0;
    memcpy(s->free, s->capacity, sizeof s->free[0] * s->sources);
    for (uint32_t item = 0; item < problem->items; item++) {
        for (uint32_t part = problem->item[item].first_part;
             part < problem->item[item + 1].first_part; part++) {
            s->item[part] = item;
            s->units[part] = (struct solver_amounts){.band = {problem->part[part].units}};
            s->first_way[part] = way;
            for (uint32_t pair = problem->part[part].first_pair;
                 pair < problem->part[part + 1].first_pair; pair++)
                way = add_way(s, way, pair, part);
        }
    }
    s->first_way[problem->parts] = way;
}

/* An item not placed weighs more than any rearrangement of a few that it could pay for, and one of
 * a more urgent class more than a few of the next that there is: no more, or the prices of what
 * many are left out of would be too high to tell. */
static void weigh_classes(struct solver *s)
{
    enum { BITS_A_CLASS = 6, BITS = 56, SCALE_MOST = 12 };
    int64_t most = 1;
    for (uint32_t pair = 0; pair < s->problem->pairs; pair++)
        most = s->problem->pair[pair].cost > most ? s->problem->pair[pair].cost : most;
    int bits = 64 - __builtin_clzll((uint64_t)most);
    s->window = INT64_C(2) << bits;
    bits += BITS_A_CLASS;
    for (int class = SOLVER_CLASSES - 1; class >= 0; class --) {
        s->out[class] = INT64_C(1) << bits;
        bits += s->best_value[class] != 0 && class != 0 ? BITS_A_CLASS : 0;
    }
    s->scale = BITS - bits < SCALE_MOST ? BITS - bits : SCALE_MOST;
}

/* ---- The best there was ---- */

static bool better(const int64_t *one, const int64_t *other)
{
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        if (one[stage] != other[stage])
            return one[stage] < other[stage];
    }
    return false;
}

void solver_keep_best(struct solver *s)
{
    if (!better(s->value, s->best_value))
        return;
    memcpy(s->best_value, s->value, sizeof s->value);
    memcpy(s->best, s->taken, sizeof s->best[0] * s->problem->parts);
}

void solver_back_to_best(struct solver *s)
{
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        if (s->taken[part] != s->best[part])
            solver_take(s, part, 0);
    }
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        if (s->taken[part] != s->best[part])
            solver_take(s, part, s->best[part]);
    }
}

wide solver_weight(const struct solver *s, const int64_t *value)
{
    wide weight = value[SOLVER_COST];
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        weight += (wide)s->out[class] * value[class];
    return weight;
}

/* ---- The time there is ---- */

void solver_look_at_time(struct solver *s)
{
    struct solver_progress progress = {.work = s->work};
    s->asked = s->work;
    uint64_t thousandths = s->work / (s->budget / 1000 + 1);
    memcpy(progress.value, s->best_value, sizeof progress.value);
    progress.bound = s->bound < 0 ? 0 : (int64_t)(s->bound >> s->scale);
    s->gone = thousandths > 1000 ? 1000 : (unsigned)thousandths;
    if (s->options->gone != NULL) {
        unsigned told = s->options->gone(s->options->context, &progress);
        s->gone = told > s->gone ? told : s->gone;
    }
}

/* Asked after so much work, which takes a third of a millisecond, or the budget's 256th part. */
bool solver_time_is_up(struct solver *s)
{
    enum { ASKED_EVERY = 1 << 17, OF_BUDGET = 256 };
    uint64_t every = s->budget / OF_BUDGET < ASKED_EVERY ? s->budget / OF_BUDGET : ASKED_EVERY;
    if (s->work >= s->asked + every)
        solver_look_at_time(s);
    return s->gone >= 1000;
}

/* ---- The search ---- */

/* -ln of a number drawn evenly from (0, 1), times 256; a straight line between powers of two. */
static uint32_t draw_exponential(struct solver *s)
{
    uint32_t drawn = solver_random(s, UINT32_MAX) | 1;
    int zeros = __builtin_clz(drawn);
    uint32_t rest = drawn << zeros << 1; /* what follows the leading one, as a fraction */
    uint32_t log2 = (uint32_t)zeros * 256 + 255 - (rest >> 24);
    return log2 * 177 / 256;
}

/* How much worse it may become for once: about what each pool is from the bound, times what the
 * size of the problem leaves time for, and the less the more time has gone. */
static int64_t draw_slack(struct solver *s)
{
    enum { SIXTEENTHS_MOST = 24, COOL = 900 };
    wide above = solver_weight(s, s->best_value) - (s->bound >> s->scale);
    wide most = s->best_value[SOLVER_COST] / 64;
    above = above > most ? most : above; /* of what is not placed it says nothing */
    wide each = above / (s->used_pools + 1);
    uint32_t sixteenths = 4800 / s->problem->parts;
    sixteenths = sixteenths > SIXTEENTHS_MOST ? SIXTEENTHS_MOST : sixteenths;
    sixteenths = sixteenths < s->manner->slack_least ? s->manner->slack_least : sixteenths;
    unsigned left = s->gone < COOL ? COOL - s->gone : 0;
    return (int64_t)(each * draw_exponential(s) * sixteenths * left / (256 * 16 * COOL));
}

/* Of some parts the one that there is most to better about: of the more, the more there are. */
static uint32_t draw_by_regret(struct solver *s)
{
    enum { SOME_LEAST = 4, OF_SO_MANY = 128 };
    uint32_t some = s->problem->parts / OF_SO_MANY, most = s->manner->drawn_most;
    some = some < SOME_LEAST ? SOME_LEAST : some > most ? most : some;
    uint32_t drawn = solver_random(s, s->problem->parts);
    for (uint32_t more = 1; more < some; more++) {
        uint32_t other = solver_random(s, s->problem->parts);
        if (s->regret[other] > s->regret[drawn])
            drawn = other;
    }
    return drawn;
}

/* Often one that is not placed. */
static uint32_t draw_part(struct solver *s)
{
    uint32_t member = s->first_member[s->unlimited];
    if (member == 0 || solver_random(s, 4) != 0)
        return draw_by_regret(s);
    for (uint32_t skip = solver_random(s, 16); skip > 0 && s->next[member - 1] != 0; skip--)
        member = s->next[member - 1];
    return member - 1;
}

/* Does the bound leave nothing to gain? */
static bool bound_is_met(const struct solver *s)
{
    return (solver_weight(s, s->best_value) - 1) * ((wide)1 << s->scale) < s->bound;
}

bool solver_all_placed(const struct solver *s)
{
    for (int class = 0; class < SOLVER_CLASSES; class ++) {
        if (s->best_value[class] != 0)
            return false;
    }
    return true;
}

/* Is what weighs least also best? When only costs are left, or when there are so few parts that
 * each class outweighs all that is less urgent. */
static bool weight_decides(const struct solver *s)
{
    return solver_all_placed(s) || s->problem->parts < 64;
}

/* Tries to show that there is nothing better than the best; it may find what is. At first that may
 * take three times as long as all before, later half as long; less often where the last was seen
 * not to come to its end. Unless a knot is too large for it there is more time for all. */
static void try_to_prove(struct solver *s)
{
    enum { EARLY = 250, FIRST_SHARE = 3, IN_VAIN_SHARE = 8, TO_PROVE = 1500000 };
    if (s->work < s->next_proof)
        return;
    solver_back_to_best(s);
    uint64_t before = s->work;
    enum proof_end end = knots_solve(s, s->gone < EARLY ? before * FIRST_SHARE : before / 2);
    uint64_t spent = s->work - before, wait = s->work / 2;
    if (end == PROOF_MANY || end == PROOF_HOPELESS)
        wait = spent * IN_VAIN_SHARE > s->work ? spent * IN_VAIN_SHARE : s->work;
    if (end != PROOF_HOPELESS && s->options->budget == 0)
        s->budget = s->usual * s->manner->to_prove + TO_PROVE;
    s->next_proof = s->work + wait;
}

/* Places who was left out where others can make room, and betters who can be bettered. True when
 * that was anybody; false, too, when so much work is done. */
static bool settle_each(struct solver *s, uint32_t times, uint64_t end)
{
    bool any = false;
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        if (solver_time_is_up(s) || s->work > end)
            return false;
        any |= s->taken[part] != 0 ? chain_better(s, part) : chain_place(s, part, times);
    }
    return any;
}

/* Again and again; takes no longer than all so far did. */
static void settle(struct solver *s)
{
    enum { HARD = 20 };
    uint64_t end = s->work * 2;
    while (settle_each(s, 1, end))
        ;
    while (settle_each(s, HARD, end))
        ;
}

/* Two assignments to begin with: the better is kept. */
static void begin(struct solver *s)
{
    solver_begin(s);
    settle(s);
    solver_keep_best(s);
    if (s->gone < 1000 && knots_begin(s, s->work))
        settle(s);
    solver_keep_best(s);
    solver_back_to_best(s);
}

/* By chains, as long as they have had less than their share of the work, else by a patch. */
static void improve(struct solver *s)
{
    enum { SHARE = 3, LESS_SLACK = 4 };
    int64_t slack = draw_slack(s); /* one after the other: both draw from the same numbers */
    uint32_t part = draw_part(s);
    uint64_t before = s->work;
    if (s->renewing < before / SHARE) {
        chain_renew(s, part, slack / LESS_SLACK);
        s->renewing += s->work - before;
    } else {
        patch_improve(s, part, slack);
    }
    solver_keep_best(s);
}

static void search(struct solver *s)
{
    enum { LAST = 800 };
    bool last = false;
    solver_look_at_time(s);
    while (s->problem->parts > 0 && !bound_is_met(s)) {
        try_to_prove(s);
        if (solver_time_is_up(s) || s->proven == SOLVER_STAGES)
            return;
        if (!last && s->gone >= LAST)
            solver_back_to_best(s);
        last = s->gone >= LAST;
        improve(s);
    }
}

/* ---- The whole ---- */

static void count_used_pools(struct solver *s)
{
    s->used_pools = 0;
    for (uint32_t pool = 0; pool < s->problem->pools; pool++)
        s->used_pools += s->first_member[pool] != 0;
}

static void write_result(struct solver *s, struct solver_result *result)
{
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        struct solver_stage *out = &result->stage[stage];
        *out = (struct solver_stage){.value = s->best_value[stage]};
        if (out->value != 0)
            solver_prove(s, stage, out, s->pool_price[stage], s->cap_price[stage]);
        out->bound = solver_bound(s->problem, stage, out, s->best_value); /* all pairs count */
        out->optimal = out->bound == out->value || stage < s->proven;
    }
    for (uint32_t part = 0; part < s->problem->parts; part++)
        s->best[part] = s->best[part] == 0 ? 0 : s->pair[s->best[part] - 1] + 1;
    result->choice = s->best;
}

/* With one band a node is cheap, and long searches find more; with several, many patches do. */
static const struct manner one_band = {.price_steps = 250,
                                       .nodes = 2000,
                                       .nodes_few = 10000,
                                       .climb_steps = 24,
                                       .slack_least = 2,
                                       .drawn_most = 4,
                                       .to_prove = 16,
                                       .part_work = 20000,
                                       .way_work = 2000},
                           several_bands = {.price_steps = 150,
                                            .nodes = 500,
                                            .nodes_few = 500,
                                            .climb_steps = 12,
                                            .slack_least = 10,
                                            .drawn_most = 16,
                                            .to_prove = 2,
                                            .part_work = 14000,
                                            .way_work = 1400};

static void set_budget(struct solver *s)
{
    s->usual = (uint64_t)s->problem->parts * s->manner->part_work +
               (uint64_t)s->first_way[s->problem->parts] * s->manner->way_work;
    s->budget = s->options->budget != 0 ? s->options->budget : s->usual;
}

/* The first assignment: nothing is placed. */
static void place_nothing(struct solver *s)
{
    memset(s->best, 0, sizeof s->best[0] * s->problem->parts);
    for (uint32_t item = 0; item < s->problem->items; item++)
        s->best_value[s->problem->item[item].class]++;
}

/* Lays the workspace out and takes the problem in. */
static void open_solver(struct solver *s, const struct solver_problem *problem,
                        const struct solver_options *options)
{
    struct room room = {.bytes = (uint8_t *)s};
    room_take(&room, 1, sizeof *s);
    memset(s, 0, sizeof *s);
    s->problem = problem;
    s->manner = problem->bands == 1 ? &one_band : &several_bands;
    s->options = options;
    s->random = 20241224;
    s->bound = -1;
    lay_out(s, &room);
    take_sources(s);
    take_parts(s);
    knots_drop_unneeded(s);
    place_nothing(s);
    weigh_classes(s);
    solver_find_rows(s);
    set_budget(s);
}

/* Prices from all ways, then mostly from the candidates that they tell, and at last from all again:
 * at prices from candidates alone a few parts may have a cheaper way that is none. */
static void find_prices(struct solver *s)
{
    enum { STEPS = 200, TIMES = 2, STEPS_LEFT = 25 };
    solver_ascend(s, s->manner->price_steps, false);
    for (int time = 0; time < TIMES; time++) {
        solver_find_candidates(s);
        solver_ascend(s, STEPS, true);
    }
    solver_ascend(s, STEPS_LEFT, false);
    solver_find_candidates(s);
}

void solver_solve(const struct solver_problem *problem, const struct solver_options *options,
                  void *workspace, struct solver_result *result)
{
    struct solver *s = workspace;
    open_solver(s, problem, options);
    find_prices(s);
    begin(s);
    count_used_pools(s);
    search(s);
    if (bound_is_met(s) && weight_decides(s))
        s->proven = SOLVER_STAGES;
    write_result(s, result);
}
