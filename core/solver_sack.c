/* solver_sack.c - see solver_sack.h. */
#include "solver_sack.h"

#include <string.h>

enum { NODES = 5000, NODE_EFFORT = 4 }; /* that one search looks at; what one takes, by row */

static void spend(struct sacks *k, uint64_t effort)
{
    k->effort -= effort < k->effort ? effort : k->effort;
}

/* ---- Without rows ---- */

static int64_t fill_free(struct sacks *k, const struct sack *sack)
{
    int64_t gained = 0;
    for (uint32_t at = sack->first; at < sack->end; at++) {
        uint32_t way = k->in[at];
        k->chosen[way] = k->state[way] == IN || (k->state[way] == OPEN && k->gain[way] >= 0);
        gained += k->chosen[way] ? k->gain[way] : 0;
    }
    return gained;
}

static void weigh_free(struct sacks *k, const struct sack *sack)
{
    for (uint32_t at = sack->first; at < sack->end; at++) {
        uint32_t way = k->in[at];
        k->rise[way] = k->chosen[way] ? 0 : -k->gain[way];
        k->loss[way] = k->chosen[way] ? k->gain[way] : 0;
    }
}

/* ---- Tables ---- */

/* Those that gain most for their size come first: the search then soon finds what is good. */
static void sort_gainers(struct sacks *k)
{
    for (uint32_t at = 1; at < k->gainers; at++) {
        uint32_t way = k->gainer[at], to = at;
        for (; to > 0; to--) {
            uint32_t other = k->gainer[to - 1];
            if ((wide)k->gain[other] * k->size[way] >= (wide)k->gain[way] * k->size[other])
                break;
            k->gainer[to] = other;
        }
        k->gainer[to] = way;
    }
}

/* Takes the ways that are in; lists the open ones that gain more than `least`. */
static void take_those_in(struct sacks *k, const struct sack *sack, int64_t least)
{
    k->sure = 0;
    memcpy(k->left, sack->room, sizeof k->left);
    k->gainers = 0;
    for (uint32_t at = sack->first; at < sack->end; at++) {
        uint32_t way = k->in[at];
        k->chosen[way] = k->state[way] == IN;
        if (k->state[way] == OPEN && k->gain[way] > least)
            k->gainer[k->gainers++] = way;
        if (k->state[way] != IN)
            continue;
        k->sure += k->gain[way];
        for (uint32_t row = 0; row < sack->rows; row++)
            k->left[row] -= k->amount[way][row];
    }
    if (sack->rows > 1)
        sort_gainers(k);
}

static int64_t not_below_0(int64_t gain)
{
    return gain > 0 ? gain : 0;
}

static int64_t beyond_price(const struct sacks *k, const struct sack *sack, uint32_t way)
{
    return k->gain[way] - sack->price * k->amount[way][0];
}

/* What those gain that were chosen last, if they still may be; else no more than anything gains. */
static int64_t gained_by_chosen(const struct sacks *k, const struct sack *sack)
{
    int64_t gained = 0, left = sack->room[0];
    for (uint32_t at = sack->first; at < sack->end; at++) {
        uint32_t way = k->in[at];
        if (k->state[way] == IN && !k->chosen[way])
            return -NEVER;
        if (k->state[way] == OUT || !k->chosen[way])
            continue;
        gained += k->gain[way];
        left -= k->amount[way][0];
    }
    return left < 0 ? -NEVER : gained;
}

/* With a price on the only row all gainers together gain no more than what is left of it is worth,
 * and what each gains beyond what it takes. So one that takes much more than it gains is out: with
 * it there would be less than is gained by those chosen last. */
static void drop_poor(struct sacks *k, const struct sack *sack, int64_t sure_to_gain)
{
    int64_t most = k->sure + sack->price * k->left[0];
    uint32_t to = 0;
    for (uint32_t at = 0; at < k->gainers; at++)
        most += not_below_0(beyond_price(k, sack, k->gainer[at]));
    for (uint32_t at = 0; at < k->gainers; at++) {
        if (most + beyond_price(k, sack, k->gainer[at]) >= sure_to_gain)
            k->gainer[to++] = k->gainer[at];
    }
    k->gainers = to;
}

static bool overfull(const struct sacks *k, const struct sack *sack)
{
    for (uint32_t row = 0; row < sack->rows; row++) {
        if (k->left[row] < 0)
            return true;
    }
    return false;
}

/* Gains as tables have them: in 32 bits, so that several go into a vector, and no less than they
 * are. All of them together are little more than 2^30. */
static void scale_gains(struct sacks *k)
{
    enum { BITS = 30 };
    int64_t all = 1;
    for (uint32_t at = 0; at < k->gainers; at++)
        all += not_below_0(k->gain[k->gainer[at]]);
    int bits = 64 - __builtin_clzll((uint64_t)all);
    k->shift = bits > BITS ? bits - BITS : 0;
    for (uint32_t at = 0; at < k->gainers; at++)
        k->scaled[at] =
            (int32_t)((not_below_0(k->gain[k->gainer[at]]) + (INT64_C(1) << k->shift) - 1) >>
                      k->shift);
}

static int64_t unscaled(const struct sacks *k, int32_t gain)
{
    return (int64_t)gain << k->shift;
}

/* A line of what is gained, from the line without the way. */
static void add_line(int32_t room, int32_t amount, int32_t gain, const int32_t *restrict before,
                     int32_t *restrict line)
{
    int32_t cells = room + 1, below = amount < cells ? amount : cells;
    memcpy(line, before, (size_t)below * sizeof *line);
    for (int32_t at = below; at < cells; at++) {
        int32_t with = before[at - amount] + gain;
        line[at] = with > before[at] ? with : before[at];
    }
}

static int32_t *line_of(const struct sacks *k, int32_t *const table[SACK_ROWS], uint32_t row,
                        uint32_t at)
{
    return table[row] + (size_t)at * ((size_t)k->left[row] + 1);
}

/* For each row, what is gained with the last so many gainers. */
static void fill_back(struct sacks *k, const struct sack *sack)
{
    size_t used = 0;
    scale_gains(k);
    for (uint32_t row = 0; row < sack->rows; row++) {
        size_t line = (size_t)k->left[row] + 1, cells = (k->gainers + 1) * line;
        k->last[row] = used + cells <= k->cells_most ? k->cells + used : NULL;
        if (k->last[row] == NULL)
            continue;
        used += cells;
        memset(line_of(k, k->last, row, k->gainers), 0, line * sizeof k->cells[0]);
        for (uint32_t at = k->gainers; at-- > 0;)
            add_line(k->left[row], k->amount[k->gainer[at]][row], k->scaled[at],
                     line_of(k, k->last, row, at + 1), line_of(k, k->last, row, at));
    }
    spend(k, used);
}

/* And with the first so many. */
static void fill_front(struct sacks *k, const struct sack *sack)
{
    for (uint32_t row = 0; row < sack->rows; row++) {
        if (k->last[row] == NULL)
            continue;
        k->first[row] = k->more_cells + (k->last[row] - k->cells);
        memset(k->first[row], 0, ((size_t)k->left[row] + 1) * sizeof k->cells[0]);
        for (uint32_t at = 0; at < k->gainers; at++)
            add_line(k->left[row], k->amount[k->gainer[at]][row], k->scaled[at],
                     line_of(k, k->first, row, at), line_of(k, k->first, row, at + 1));
        spend(k, (k->gainers + 1ull) * ((uint64_t)k->left[row] + 1));
    }
}

/* ---- The search ---- */

struct search {
    struct sacks *k;
    uint32_t rows;
    uint32_t banned; /* a gainer that is not to be taken */
    sack_set *each;  /* told of every set that gains more; null: only the best is kept */
    void *context;
    int32_t left[SACK_ROWS];
};

/* No more can be gained with the gainers from there on. */
static int64_t most_from(const struct search *h, uint32_t at)
{
    const struct sacks *k = h->k;
    int64_t most = NEVER;
    for (uint32_t row = 0; row < h->rows; row++) {
        if (k->last[row] == NULL)
            continue;
        int64_t gained = unscaled(k, line_of(k, k->last, row, at)[h->left[row]]);
        most = gained < most ? gained : most;
    }
    return most;
}

static bool put(struct search *h, uint32_t at)
{
    const int32_t *amount = h->k->amount[h->k->gainer[at]];
    bool fits = true;
    for (uint32_t row = 0; row < h->rows; row++)
        fits &= (h->left[row] -= amount[row]) >= 0;
    return fits;
}

static void take_back(struct search *h, uint32_t at)
{
    const int32_t *amount = h->k->amount[h->k->gainer[at]];
    for (uint32_t row = 0; row < h->rows; row++)
        h->left[row] += amount[row];
}

static void go_on(struct search *h, uint32_t at, int64_t gained);

static void go_on_with(struct search *h, uint32_t at, int64_t gained)
{
    struct sacks *k = h->k;
    uint16_t part = k->part[k->gainer[at]];
    put(h, at);
    k->on[at] = k->has[part] = true;
    go_on(h, at + 1, gained);
    k->on[at] = k->has[part] = false;
    take_back(h, at);
}

/* All sets of the gainers from there on that gain more than k->most, beside those taken; the more
 * promising half first. */
static void go_on(struct search *h, uint32_t at, int64_t gained)
{
    struct sacks *k = h->k;
    if (k->nodes == 0)
        return;
    k->nodes--;
    if (at == k->gainers && h->each != NULL) {
        if (!h->each(h->context, k->sure + gained))
            k->nodes = 0;
        return;
    }
    if (at == k->gainers) {
        k->most = gained;
        memcpy(k->best_on, k->on, k->gainers * sizeof k->on[0]);
        return;
    }
    uint32_t way = k->gainer[at];
    int64_t with = -NEVER, without = gained + most_from(h, at + 1);
    if (at != h->banned && !k->has[k->part[way]]) {
        if (put(h, at))
            with = gained + k->gain[way] + most_from(h, at + 1);
        take_back(h, at);
    }
    if (with >= without && with > k->most)
        go_on_with(h, at, gained + k->gain[way]);
    if (without > k->most)
        go_on(h, at + 1, gained);
    if (with < without && with > k->most)
        go_on_with(h, at, gained + k->gain[way]);
}

/* The most that is gained by open ways, with one of the gainers and without another; no more than
 * `least` where it is no more. Where the search is cut short, no less than can be: k->nodes is 0.
 */
static int64_t search(struct sacks *k, const struct sack *sack, uint32_t with, uint32_t without,
                      int64_t least)
{
    struct search h = {.k = k, .rows = sack->rows, .banned = without};
    uint32_t nodes = k->nodes = NODES;
    int64_t gained = 0;
    memcpy(h.left, k->left, sizeof h.left);
    memset(k->on, 0, k->gainers * sizeof k->on[0]);
    k->most = least;
    if (with != UINT32_MAX) {
        if (!put(&h, with))
            return -NEVER;
        gained = k->gain[k->gainer[with]];
        h.banned = with;
        k->has[k->part[k->gainer[with]]] = true;
    }
    int64_t most = gained + most_from(&h, 0);
    if (most > least)
        go_on(&h, 0, gained);
    if (with != UINT32_MAX)
        k->has[k->part[k->gainer[with]]] = false;
    spend(k, (uint64_t)(nodes - k->nodes) * NODE_EFFORT * sack->rows);
    return k->nodes == 0 ? most : k->most;
}

/* What a step of the only row is worth, over the last eighth of what is left; so little that
 * products fit. */
static int64_t price_of_row(const struct sacks *k, const struct sack *sack)
{
    enum { PART = 8 };
    int32_t steps = k->left[0] / PART;
    if (k->last[0] == NULL || steps == 0)
        return 0;
    const int32_t *line = line_of(k, k->last, 0, 0);
    int64_t price = unscaled(k, line[k->left[0]] - line[k->left[0] - steps]) / steps;
    int64_t most = NEVER / 16 / (sack->room[0] + INT64_C(1));
    return price < most ? price : most;
}

/* With `all` gainers, or without those that are not chosen in any case. */
static int64_t fill_rows(struct sacks *k, struct sack *sack, bool all)
{
    int64_t sure_to_gain = all || sack->rows > 1 ? -NEVER : gained_by_chosen(k, sack);
    take_those_in(k, sack, 0);
    if (overfull(k, sack))
        return -NEVER;
    if (sure_to_gain != -NEVER)
        drop_poor(k, sack, sure_to_gain);
    fill_back(k, sack);
    sack->price = sack->rows == 1 ? price_of_row(k, sack) : 0;
    memset(k->best_on, 0, k->gainers * sizeof k->best_on[0]);
    int64_t gained = k->sure + search(k, sack, UINT32_MAX, UINT32_MAX, 0);
    sack->cut = k->nodes == 0;
    for (uint32_t at = 0; at < k->gainers; at++)
        k->chosen[k->gainer[at]] = k->best_on[at];
    return gained;
}

bool sack_list(struct sacks *k, struct sack *sack, int64_t slack, sack_set *each, void *context)
{
    struct search h = {
        .k = k, .rows = sack->rows, .banned = UINT32_MAX, .each = each, .context = context};
    int64_t most = sack_fill(k, sack) - slack - 1;
    sack->stale = true; /* the tables will be others */
    take_those_in(k, sack, -slack - 1);
    fill_back(k, sack);
    memcpy(h.left, k->left, sizeof h.left);
    memset(k->on, 0, k->gainers * sizeof k->on[0]);
    k->nodes = NODES;
    k->most = most - k->sure;
    go_on(&h, 0, 0);
    spend(k, (uint64_t)(NODES - k->nodes) * NODE_EFFORT * sack->rows);
    return k->nodes != 0;
}

/* ---- Weighing ---- */

/* No more can be gained without one gainer, when so much of a row's room is used by others. */
static int64_t most_beside(const struct sacks *k, uint32_t row, uint32_t at, int32_t use)
{
    const int32_t *first = line_of(k, k->first, row, at);
    const int32_t *last = line_of(k, k->last, row, at + 1);
    int32_t most = 0;
    for (int32_t to_first = 0; to_first <= use; to_first++) {
        int32_t gain = first[to_first] + last[use - to_first];
        most = gain > most ? gain : most;
    }
    return unscaled(k, most);
}

/* No more can be gained with the way, or with the gainer left out. */
static int64_t most_with(const struct sacks *k, const struct sack *sack, uint32_t way, uint32_t at)
{
    int64_t most = NEVER;
    for (uint32_t row = 0; row < sack->rows; row++) {
        int32_t use = k->left[row] - k->amount[way][row];
        if (use < 0)
            return -NEVER;
        if (k->last[row] == NULL)
            continue;
        int64_t gained =
            at == UINT32_MAX ? unscaled(k, k->last[row][use]) : most_beside(k, row, at, use);
        most = gained < most ? gained : most;
    }
    return most + k->gain[way];
}

static int64_t most_without(const struct sacks *k, const struct sack *sack, uint32_t at)
{
    int64_t most = NEVER;
    for (uint32_t row = 0; row < sack->rows; row++) {
        if (k->last[row] == NULL)
            continue;
        int64_t gained = most_beside(k, row, at, k->left[row]);
        most = gained < most ? gained : most;
    }
    return most;
}

static int64_t above(int64_t most, int64_t other)
{
    return other == -NEVER ? NEVER : most > other ? most - other : 0;
}

static void weigh_gainer(struct sacks *k, const struct sack *sack, uint32_t at, int64_t most,
                         int64_t slack)
{
    uint32_t way = k->gainer[at];
    bool several = sack->rows > 1;
    int64_t with = k->chosen[way] ? most : most_with(k, sack, way, at);
    if (several && !k->chosen[way] && most - with <= slack && with != -NEVER)
        with = search(k, sack, at, UINT32_MAX, most - slack - 1);
    k->rise[way] = above(most, with);
    if (!k->chosen[way])
        return;
    int64_t without = most_without(k, sack, at);
    if (several && most - without <= slack)
        without = search(k, sack, UINT32_MAX, at, most - slack - 1);
    k->loss[way] = above(most, without);
}

/* Those that do not gain are not in the tables: beside them, all that do may be. */
static void weigh_rows(struct sacks *k, const struct sack *sack, int64_t most, int64_t slack)
{
    fill_front(k, sack);
    for (uint32_t at = sack->first; at < sack->end; at++) {
        uint32_t way = k->in[at];
        k->loss[way] = 0;
        k->rise[way] = k->state[way] == OPEN ? above(most, most_with(k, sack, way, UINT32_MAX)) : 0;
    }
    for (uint32_t at = 0; at < k->gainers; at++)
        weigh_gainer(k, sack, at, most, slack);
}

/* ---- Taking in ---- */

static int32_t takes(const struct solver *s, const struct sacks *k, uint32_t way,
                     const struct row *row)
{
    if (k->taken[way] == 0)
        return 1;
    const struct way *w = &s->way[k->taken[way] - 1];
    if (row->source == w->cap)
        return k->units[way];
    return row->source == w->pool ? s->takes[k->taken[way] - 1]->band[row->band] : 0;
}

static void take_in_row(const struct solver *s, struct sacks *k, struct sack *sack, uint32_t row,
                        const struct row *from)
{
    int32_t step = 0;
    int64_t all = 0;
    for (uint32_t at = sack->first; at < sack->end; at++)
        step = solver_divisor(step, takes(s, k, k->in[at], from));
    step = step == 0 ? 1 : step;
    for (uint32_t at = sack->first; at < sack->end; at++)
        all += k->amount[k->in[at]][row] = takes(s, k, k->in[at], from) / step;
    sack->room[row] = from->room / step < all ? from->room / step : (int32_t)all;
}

/* In 1024ths of a row's room, of all rows together. */
static void find_size(struct sacks *k, const struct sack *sack, uint32_t way)
{
    k->size[way] = 1;
    for (uint32_t row = 0; row < sack->rows; row++)
        k->size[way] +=
            (uint32_t)((int64_t)k->amount[way][row] * 1024 / (sack->room[row] + INT64_C(1)));
}

bool sack_take_in(const struct solver *s, struct sacks *sacks, struct sack *sack,
                  const struct row *rows, uint32_t count)
{
    uint64_t ways = sack->end - sack->first, least = count == 0 ? 0 : UINT64_MAX;
    sack->rows = count;
    if (count != 0 && ways > SACK_MOST)
        return false;
    for (uint32_t row = 0; row < count; row++) {
        take_in_row(s, sacks, sack, row, &rows[row]);
        uint64_t cells = (ways + 1) * ((uint64_t)sack->room[row] + 1);
        least = cells < least ? cells : least;
    }
    for (uint32_t at = sack->first; at < sack->end && count != 0; at++)
        find_size(sacks, sack, sacks->in[at]);
    return least <= sacks->cells_most;
}

/* ---- The whole ---- */

static int64_t fill(struct sacks *sacks, struct sack *sack, bool all)
{
    sack->cut = sack->stale = false;
    sack->gained = sack->rows == 0 ? fill_free(sacks, sack) : fill_rows(sacks, sack, all);
    return sack->gained;
}

int64_t sack_fill(struct sacks *sacks, struct sack *sack)
{
    return sack->stale ? fill(sacks, sack, false) : sack->gained;
}

bool sack_weigh(struct sacks *sacks, struct sack *sack, int64_t slack)
{
    int64_t gained = fill(sacks, sack, true); /* so that its tables are those in memory */
    if (sack->rows == 0)
        weigh_free(sacks, sack);
    else if (gained != -NEVER)
        weigh_rows(sacks, sack, gained - sacks->sure, slack);
    return gained != -NEVER;
}
