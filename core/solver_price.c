/*
 * solver_price.c - prices of what is scarce, and the bound they prove: see solver.h for the
 * formula.
 *
 * The bound is a concave function of the prices. A subgradient (what is asked of each row at these
 * prices, less what is there) tells which prices are too low; steps along it, smoothed, towards a
 * level a little above the best bound, which comes nearer when it is not reached. How near is kept
 * from one ascent to the next: to begin too high costs as many steps as to climb.
 */
#include "solver_state.h"

#include <string.h>

enum {
    FAILURES_MAX = 8,      /* steps without a better bound before the level comes nearer, */
    LOWER_PERCENT = 70,    /* by as much */
    STEP_PERCENT = 60,     /* of the way to the level, were the bound linear */
    PROOF_STEPS = 300,     /* for a stage's certificate */
    PROOF_STEPS_LEFT = 40, /* where the prices by weight are nearly those */
    PROOF_WORK = 80000000, /* a large problem gets fewer steps: so much work, whatever the clock */
};

/* What a bound is of. */
struct view {
    bool costs; /* costs count */
    int scale;
    int pinned;                  /* classes below have prices, too */
    bool candidates;             /* only candidates are looked at: the bound is an estimate */
    bool hurried;                /* it ends when all time has gone */
    int64_t out[SOLVER_CLASSES]; /* what an item not placed costs, scaled */
};

/* ---- What a way costs ---- */

static inline int64_t reduced(const struct solver *s, const struct way *w, const int32_t *takes,
                              uint32_t part, bool costs, uint32_t (*price)[BANDS])
{
    uint64_t sum = costs ? (uint64_t)w->cost << s->scale : 0;
    if (s->bands == 1)
        sum += (uint64_t)price[w->pool][0] * (uint32_t)w->amount;
    else
        sum += solver_worth(price[w->pool], takes);
    return (int64_t)(sum + (uint64_t)price[w->cap][0] * (uint32_t)s->units[part].band[0]);
}

int64_t way_reduced(const struct solver *s, uint32_t way, uint32_t part)
{
    return reduced(s, &s->way[way], s->takes[way]->band, part, true, s->price);
}

/* ---- The bound at some prices ---- */

/* The cheapest way of a part: what it costs, INT64_MAX without one. */
static int64_t cheapest(const struct solver *s, uint32_t part, const struct view *view,
                        uint32_t (*price)[BANDS], uint32_t *choice)
{
    int64_t least = INT64_MAX;
    if (view->candidates) {
        for (uint32_t at = 0; at < s->candidates[part]; at++) {
            const struct candidate *c = &s->candidate[part][at];
            int64_t cost = reduced(s, &c->way, c->takes, part, view->costs, price);
            if (cost < least) {
                least = cost;
                *choice = c->at;
            }
        }
        return least;
    }
    for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
        int64_t cost = reduced(s, &s->way[way], s->takes[way]->band, part, view->costs, price);
        if (cost < least) {
            least = cost;
            *choice = way;
        }
    }
    return least;
}

static void add_load(const struct solver *s, uint32_t part, uint32_t way, int64_t *load)
{
    const struct way *w = &s->way[way];
    for (uint32_t band = 0; band < s->bands; band++)
        load[w->pool * BANDS + band] += s->takes[way]->band[band];
    load[w->cap * BANDS] += s->units[part].band[0];
}

/* The item's share of the bound, and what it asks. */
static int64_t item_worth(const struct solver *s, uint32_t item, struct view *view,
                          struct ascent *a)
{
    const struct solver_item *it = &s->problem->item[item];
    int64_t out = view->out[it->class], sum = 0;
    for (uint32_t part = it->first_part; part < it[1].first_part; part++) {
        int64_t least = cheapest(s, part, view, a->price, &a->choice[part]);
        if (least >= out - sum) {
            a->load[s->sources * BANDS + it->class]++;
            return out;
        }
        sum += least;
    }
    for (uint32_t part = it->first_part; part < it[1].first_part; part++)
        add_load(s, part, a->choice[part], a->load);
    return sum;
}

static int32_t room_of(const struct solver *s, uint32_t source_and_band)
{
    return s->capacity[source_and_band / BANDS].band[source_and_band % BANDS];
}

/* The bound at the rows' prices. Leaves what is asked of each row, and how many items are not
 * placed of each class. */
static wide bound_at(struct solver *s, struct view *view, struct ascent *a)
{
    wide sum = 0;
    memset(&a->load[s->sources * BANDS], 0, sizeof a->load[0] * SOLVER_CLASSES);
    for (uint32_t row = 0; row < a->rows.limited; row++) {
        a->load[a->row[row]] = 0; /* what is never short may add up to anything */
        uint32_t price = (uint32_t)(a->rows.price[row] >> PRICE_FRACTION);
        a->price[a->row[row] / BANDS][a->row[row] % BANDS] = price;
        sum -= (int64_t)price * room_of(s, a->row[row]);
    }
    for (int class = 0; class < view->pinned; class ++) {
        view->out[class] = a->rows.price[a->rows.limited + (uint32_t) class] >> PRICE_FRACTION;
        sum -= (wide)view->out[class] * s->best_value[class];
    }
    for (uint32_t item = 0; item < s->problem->items; item++)
        sum += item_worth(s, item, view, a);
    s->work += view->candidates ? (uint64_t)s->problem->parts * CANDIDATES / 2
                                : s->first_way[s->problem->parts];
    return sum;
}

/* ---- Steps ---- */

/* The directions in the rows' own units, into rows->size; how many bits the largest has. It is less
 * than 2^52: what 2^16 parts ask of a row is below 2^40. Most rows are never short, and left out.
 */
static int measure(struct rows *rows)
{
    uint64_t all = 0;
    rows->moving = 0;
    for (uint32_t row = 0; row < rows->count; row++) {
        if (rows->price[row] <= 0 && rows->direction[row] <= 0)
            continue; /* it cannot fall further */
        int64_t size = rows->direction[row] * 256 / rows->unit[row];
        rows->moves[rows->moving] = row;
        rows->size[rows->moving++] = size;
        all |= (uint64_t)(size < 0 ? -size : size);
    }
    return all == 0 ? 0 : 64 - __builtin_clzll(all);
}

/* Cuts sizes to 20 bits, so that squares and products fit; `shift` bits are cut off. */
static uint64_t cut_and_square(struct rows *rows, int shift)
{
    uint64_t squares = 0;
    for (uint32_t at = 0; at < rows->moving; at++) {
        int64_t size = rows->size[at] / (INT64_C(1) << shift);
        rows->size[at] = size;
        squares += (uint64_t)(size * size);
    }
    return squares;
}
_Static_assert((SOLVER_SERVICES_MAX * 2 + 2) * BANDS <= 1 << 21, "so many squares of 40 bits fit");

/* So that it can be multiplied by 20 bits; `shift` takes up what is cut off. */
static int64_t narrow(wide step, int *shift)
{
    while (step >> 42 != 0) {
        step >>= 1;
        --*shift;
    }
    return (int64_t)step;
}

bool rows_step(struct rows *rows, wide want)
{
    int bits = measure(rows), shift = bits > 20 ? bits - 20 : 0;
    uint64_t squares = cut_and_square(rows, shift);
    if (squares == 0 || want <= 0)
        return false;
    /* direction = size / 256 * unit << shift, with its fraction; price moves by
     * want * direction / unit^2 / sum of (direction / unit)^2 */
    enum { UP = 8 + DIRECTION_FRACTION + PRICE_FRACTION, EXACT = 30 };
    int down = shift + EXACT;
    int64_t step = narrow((want << (UP + EXACT)) / squares, &down);
    for (uint32_t at = 0; at < rows->moving; at++) {
        uint32_t row = rows->moves[at];
        int64_t most = row < rows->limited ? SOLVER_PRICE_MAX << PRICE_FRACTION : INT64_C(1) << 58;
        int64_t by = step * rows->size[at] / rows->unit[row];
        wide price = rows->price[row] + (down >= 0 ? by >> down : by * ((wide)1 << -down));
        rows->price[row] = price < 0 ? 0 : price > most ? most : (int64_t)price;
    }
    return true;
}

static void turn_row(struct rows *rows, uint32_t row, int64_t over, bool anew)
{
    over *= 1 << DIRECTION_FRACTION;
    rows->direction[row] = anew ? over : (rows->direction[row] + over) / 2;
}

static void turn(struct solver *s, const struct view *view, struct ascent *a, bool anew)
{
    const int64_t *of_class = &a->load[s->sources * BANDS];
    uint32_t row = 0;
    for (; row < a->rows.limited; row++)
        turn_row(&a->rows, row, a->load[a->row[row]] - room_of(s, a->row[row]), anew);
    for (int class = 0; class < view->pinned; class ++, row++)
        turn_row(&a->rows, row, of_class[class] - s->best_value[class], anew);
}

static void back_to_best(struct ascent *a)
{
    memcpy(a->rows.price, a->best, sizeof a->best[0] * a->rows.count);
}

/* How far above the bound it is to aim: as far as the last ascent did, if there was one. */
static wide first_level(const struct ascent *a, wide bound, wide target)
{
    wide level = a->level != 0 ? a->level : target != 0 ? target : (bound < 0 ? -bound : bound) / 8;
    return target != 0 && level > target - bound ? target - bound : level + 1;
}

/* Climbs from the rows' prices; the best prices end in a->best, and their bound is returned.
 * `target`: a value that the bound cannot pass; 0: none is known. Where no row is asked for more
 * than is there, nor has a price that could fall, it is at the top. */
static wide climb(struct solver *s, struct view *view, struct ascent *a, unsigned steps,
                  wide target)
{
    wide bound = bound_at(s, view, a), best = bound;
    wide level = first_level(a, bound, target);
    memcpy(a->best, a->rows.price, sizeof a->best[0] * a->rows.count);
    turn(s, view, a, true);
    bool anew = true;
    for (unsigned step = 0, failures = 0; step < steps && level > 0; step++) {
        if (view->hurried && solver_time_is_up(s))
            break;
        if (!rows_step(&a->rows, (best + level - bound) * STEP_PERCENT / 100)) {
            if (anew)
                return best;
            turn(s, view, a, anew = true);
            continue;
        }
        bound = bound_at(s, view, a);
        if (bound > best) {
            level += bound - best > level / 2 ? level / 2 : 0;
            best = bound;
            if (target != 0 && level > target - best)
                level = target - best;
            memcpy(a->best, a->rows.price, sizeof a->best[0] * a->rows.count);
            failures = 0;
        } else if (++failures == FAILURES_MAX) {
            level = level * LOWER_PERCENT / 100;
            failures = 0;
        }
        turn(s, view, a, anew = false);
    }
    a->level = level;
    return best;
}

/* ---- Of the whole problem, every stage in one by weight ---- */

static struct view weighted(const struct solver *s)
{
    struct view view = {.costs = true, .hurried = true};
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        view.out[class] = s->out[class] << s->scale;
    return view;
}

static void add_row(struct solver *s, uint32_t source_and_band)
{
    struct ascent *a = &s->ascent;
    a->row[a->rows.count] = source_and_band;
    a->rows.unit[a->rows.count++] = s->unit[source_and_band];
}

/* All of it that all ways ask together may be short; all of what is without limit never is. What a
 * part usually asks of a row is the mean over the ways that ask something. */
void solver_find_rows(struct solver *s)
{
    struct ascent *a = &s->ascent;
    int64_t *count = a->best;
    memset(count, 0, sizeof count[0] * s->sources * BANDS);
    memset(a->load, 0, sizeof a->load[0] * s->sources * BANDS);
    memset(a->price, 0, sizeof a->price[0] * s->sources);
    for (uint32_t part = 0; part < s->problem->parts; part++) {
        for (uint32_t way = s->first_way[part]; way < s->first_way[part + 1]; way++) {
            add_load(s, part, way, a->load);
            for (uint32_t band = 0; band < s->bands; band++)
                count[s->way[way].pool * BANDS + band] += s->takes[way]->band[band] != 0;
            count[s->way[way].cap * BANDS]++;
        }
    }
    a->rows.count = 0;
    for (uint32_t at = 0; at < s->sources * BANDS; at++) {
        int64_t unit = count[at] != 0 ? a->load[at] / count[at] : 1;
        s->unit[at] = unit > 1 ? (int32_t)unit : 1;
        if (at / BANDS != s->unlimited && a->load[at] > room_of(s, at))
            add_row(s, at);
    }
    a->rows.limited = a->rows.count;
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        a->rows.unit[a->rows.count++] = 1;
}

static void begin_rows(struct solver *s, bool at_zero)
{
    struct rows *rows = &s->ascent.rows;
    memset(rows->direction, 0, sizeof rows->direction[0] * rows->count);
    memset(rows->price, 0, sizeof rows->price[0] * rows->count);
    for (uint32_t row = 0; row < rows->limited && !at_zero; row++) {
        uint32_t at = s->ascent.row[row];
        rows->price[row] = (int64_t)s->price[at / BANDS][at % BANDS] << PRICE_FRACTION;
    }
}

void solver_ascend(struct solver *s, unsigned steps, bool candidates)
{
    struct ascent *a = &s->ascent;
    struct view view = weighted(s);
    view.candidates = candidates;
    begin_rows(s, false);
    climb(s, &view, a, steps, 0);
    view.candidates = false;
    back_to_best(a);
    s->bound = bound_at(s, &view, a); /* what all ways prove */
    memcpy(s->price, a->price, sizeof s->price[0] * s->sources);
}

/* ---- A stage alone, for its certificate ---- */

static void write_prices(const struct solver *s, struct solver_stage *out, int64_t *pool_price,
                         int64_t *cap_price)
{
    const struct ascent *a = &s->ascent;
    uint32_t pools = s->problem->pools;
    memset(pool_price, 0, sizeof pool_price[0] * pools * BANDS);
    memset(cap_price, 0, sizeof cap_price[0] * s->problem->caps);
    for (uint32_t row = 0; row < a->rows.limited; row++) {
        uint32_t at = a->row[row];
        int64_t price = a->best[row] >> PRICE_FRACTION;
        if (at < pools * BANDS)
            pool_price[at] = price;
        else
            cap_price[at / BANDS - pools] = price;
    }
    out->pool_price = pool_price;
    out->cap_price = cap_price;
}

/* The price of a class by which just so many of its items are lost as are, at the rows' prices:
 * the bound is highest there. Halves the range of all classes at once. */
static void price_classes(struct solver *s, struct view *view)
{
    struct ascent *a = &s->ascent;
    int64_t *price = &a->rows.price[a->rows.limited], least[SOLVER_CLASSES] = {0};
    int64_t most = (view->costs ? s->out[SOLVER_CLASSES - 1] : 64) << view->scale << PRICE_FRACTION;
    bool lost = !solver_all_placed(s);
    for (int64_t range = most; lost && range > most >> 20; range /= 2) {
        for (int class = 0; class < view->pinned; class ++)
            price[class] = least[class] + range;
        bound_at(s, view, a);
        for (int class = 0; class < view->pinned; class ++) {
            if (a->load[s->sources * BANDS + class] > s->best_value[class])
                least[class] += range;
        }
    }
    for (int class = 0; class < view->pinned; class ++)
        price[class] = s->best_value[class] == 0 ? most : least[class];
}

/* Begins at the prices by weight if they prove more than none: where not all can be placed they
 * are beyond all cost. */
static void begin_stage(struct solver *s, struct view *view)
{
    begin_rows(s, true);
    price_classes(s, view);
    if (!view->costs)
        return;
    wide at_zero = bound_at(s, view, &s->ascent);
    begin_rows(s, false);
    price_classes(s, view);
    if (bound_at(s, view, &s->ascent) >= at_zero)
        return;
    begin_rows(s, true);
    price_classes(s, view);
}

void solver_prove(struct solver *s, int stage, struct solver_stage *out, int64_t *pool_price,
                  int64_t *cap_price)
{
    struct ascent *a = &s->ascent;
    bool costs = stage == SOLVER_COST;
    struct view view = {.costs = costs, .scale = costs ? s->scale : SOLVER_SCALE_MAX};
    view.pinned = costs ? SOLVER_CLASSES : stage;
    if (!costs)
        view.out[stage] = INT64_C(1) << view.scale;
    begin_stage(s, &view);
    bool near = costs && solver_all_placed(s);
    uint32_t ways = s->first_way[s->problem->parts];
    unsigned steps = near ? PROOF_STEPS_LEFT : PROOF_STEPS, most = PROOF_WORK / (ways + 1);
    if (!near)
        a->level = 0;
    climb(s, &view, a, steps < most ? steps : most, (wide)s->best_value[stage] << view.scale);
    out->scale = (uint8_t)view.scale;
    write_prices(s, out, pool_price, cap_price);
    for (int class = 0; class < view.pinned; class ++)
        out->class_price[class] = a->best[a->rows.limited + (uint32_t) class] >> PRICE_FRACTION;
}
