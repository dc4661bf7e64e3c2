/*
 * solver_search.c - the best choice for a patch. At its prices each part would take its cheapest
 * option; together they take more of some sources than there is. A choice is a set of switches from
 * there. What it costs beyond the bound is at least what its switches are dearer, so the sets are
 * gone through, the least dear switch first, as far as the budget goes; what strain is left must
 * still be relieved, which costs at least the cheapest relief there is for each unit.
 */
#include "solver_patch.h"

#include <string.h>

/* ---- Switches ---- */

static void sort_switches(struct patch *p)
{
    for (uint32_t gap = p->switches / 2; gap > 0; gap /= 2) {
        for (uint32_t at = gap; at < p->switches; at++) {
            struct switching moved = p->switching[at];
            uint32_t to = at;
            for (; to >= gap && p->switching[to - gap].dearer > moved.dearer; to -= gap)
                p->switching[to] = p->switching[to - gap];
            p->switching[to] = moved;
        }
    }
}

static void add_switch(struct patch *p, uint16_t freed, uint16_t option, int64_t dearer)
{
    const struct option *from = &p->option[p->least[freed]], *to = &p->option[option];
    struct switching *w = &p->switching[p->switches++];
    *w = (struct switching){
        .dearer = dearer, .weight = to->weight - from->weight, .freed = freed, .option = option};
    for (int i = 0; i < 4; i++) {
        const struct option *of = i < 2 ? from : to;
        w->place[i] = of->place[i % 2];
        w->takes[i] = of->takes[i % 2];
        w->amount[i] = w->takes[i][0];
    }
}

static void find_switches(struct patch *p)
{
    p->switches = 0;
    for (uint32_t freed = 0; freed < p->freed; freed++) {
        int64_t least = p->option[p->least[freed]].reduced;
        for (uint16_t at = p->first_option[freed]; at < p->first_option[freed + 1]; at++) {
            int64_t dearer = p->option[at].reduced - least;
            if (at == p->least[freed] || dearer > p->budget)
                continue;
            if (p->switches == SWITCHES_MAX) {
                p->whole = false;
                continue;
            }
            add_switch(p, (uint16_t)freed, at, dearer);
        }
    }
    sort_switches(p);
    uint32_t most = RELIEF_MAX / (p->sources * p->bands) - 1;
    if (p->switches > most) {
        p->switches = most;
        p->whole = false;
    }
}

/* A switch that relieves two sources is shared out between them, since hopeless() adds up what each
 * needs. */
static void relieve(struct patch *p, const struct switching *w, int64_t *relief)
{
    int64_t share = w->place[0] != 0 && w->place[1] != 0 ? w->dearer / 2 : w->dearer;
    for (int i = 0; i < 2; i++) {
        for (uint32_t band = 0; band < p->bands; band++) {
            int64_t *r = &relief[w->place[i] * p->bands + band];
            if (w->takes[i][band] > 0) {
                int64_t each = share / w->takes[i][band];
                *r = *r < 0 || each < *r ? each : *r;
            }
        }
    }
}

static void make_use(struct patch *p, const struct switching *w, int64_t *use)
{
    for (int i = 2; i < 4; i++) {
        for (uint32_t band = 0; band < p->bands; band++)
            use[w->place[i] * p->bands + band] +=
                (int64_t)p->price[w->place[i]][band] * w->takes[i][band];
    }
}

static void find_relief(struct patch *p)
{
    uint32_t rows = p->sources * p->bands;
    int64_t *relief = p->relief, *use = p->use;
    for (uint32_t row = 0; row < rows; row++) {
        relief[row] = -1;
        use[row] = 0;
    }
    for (uint32_t at = 0; at < p->switches; at++) {
        relief = memcpy(relief + rows, relief, sizeof relief[0] * rows);
        use = memcpy(use + rows, use, sizeof use[0] * rows);
        relieve(p, &p->switching[at], relief);
        make_use(p, &p->switching[at], use);
    }
}

/* ---- The load ---- */

static void look_for_strain(struct patch *p, uint32_t place)
{
    bool over = false;
    for (uint32_t band = 0; band < p->bands; band++)
        over |= p->over[place][band] > 0;
    p->strained = (p->strained & ~(UINT64_C(1) << place)) | (uint64_t)over << place;
}

static void load(struct patch *p, const struct option *option, int32_t sign)
{
    for (int i = 0; i < 2; i++) {
        uint32_t place = option->place[i];
        if (place == 0)
            continue;
        for (uint32_t band = 0; band < p->bands; band++)
            p->over[place][band] += sign * option->takes[i][band];
        look_for_strain(p, place);
    }
}

static void load_the_cheapest(struct patch *p)
{
    p->strained = 0;
    p->different = 0;
    for (uint32_t at = 0; at < p->sources; at++) {
        memset(p->over[at], 0, sizeof p->over[at]); /* beyond the problem's bands nothing is over */
        for (uint32_t band = 0; band < p->bands; band++)
            p->over[at][band] = -p->room[at].band[band];
        look_for_strain(p, at);
    }
    for (uint32_t freed = 0; freed < p->freed; freed++) {
        load(p, &p->option[p->least[freed]], 1);
        p->choice[freed] = p->least[freed];
        p->switched[freed] = false;
        p->different += p->least[freed] != p->now[freed];
    }
}

/* The least that a source adds to what a choice costs beyond the bound, with only the first `below`
 * switches to choose from: what relieves its dearest band, and what room they cannot use, at its
 * price. -1: it cannot be relieved. */
static int64_t source_cost(const struct patch *p, uint32_t place, uint32_t below)
{
    const int64_t *relief = &p->relief[(below * p->sources + place) * p->bands];
    const int64_t *use = &p->use[(below * p->sources + place) * p->bands];
    int64_t relieved = 0, unused = 0, cost;
    for (uint32_t band = 0; band < p->bands; band++) {
        int32_t over = p->over[place][band];
        if (over > 0) {
            if (relief[band] < 0 || __builtin_mul_overflow(over, relief[band], &cost))
                return -1;
            relieved = cost > relieved ? cost : relieved;
        } else {
            cost = -(int64_t)over * p->price[place][band] - use[band];
            unused += cost > 0 ? cost : 0;
        }
    }
    return relieved + unused;
}

/* Is there no choice within the budget, after so much has been spent? */
static bool hopeless(const struct patch *p, uint32_t below, int64_t spent)
{
    for (uint32_t place = 1; place < p->sources; place++) {
        int64_t cost = source_cost(p, place, below);
        spent += cost;
        if (cost < 0 || spent > p->budget || spent < 0)
            return true;
    }
    return false;
}

/* ---- The sets of switches ---- */

static int64_t budget_of(const struct patch *p, int scale)
{
    wide budget = p->best * ((wide)1 << scale) - p->bound;
    return budget > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)budget;
}

/* A choice that fits. */
static void keep(struct patch *p, int64_t weight, int scale)
{
    if (p->different == 0 || weight > p->best)
        return;
    p->any = true;
    p->best = weight - 1;
    p->budget = budget_of(p, scale);
    memcpy(p->found, p->choice, sizeof p->found[0] * p->freed);
}

/* Makes a switch, or takes it back. */
static void make(struct patch *p, const struct switching *w, uint16_t from, uint16_t to, bool back)
{
    uint64_t strained = p->strained;
    for (int i = 0; i < 4; i++) {
        uint32_t place = w->place[i];
        bool over;
        if (p->bands == 1)
            over = (p->over[place][0] += (i < 2) == back ? w->amount[i] : -w->amount[i]) > 0;
        else
            over = solver_shift(p->over[place], w->takes[i], (i < 2) == back);
        strained = (strained & ~(UINT64_C(1) << place)) | (uint64_t)over << place;
    }
    p->strained = strained & ~UINT64_C(1); /* there is always room without limit */
    p->choice[w->freed] = to;
    p->different -= from != p->now[w->freed];
    p->different += to != p->now[w->freed];
}

/* All sets of the switches below, with those made; `spent` is how much dearer these are. Every set
 * is met once: each switch is tried as the last of its set, the least dear first, so that a search
 * cut short has gone through all sets of the least dear ones. */
static void go_on(struct patch *p, uint32_t below, int64_t spent, int64_t weight, int scale)
{
    if (p->strained == 0)
        keep(p, weight, scale);
    for (uint32_t at = 0; at < below && p->nodes > 0; at++) {
        const struct switching *w = &p->switching[at];
        if (spent + w->dearer > p->budget)
            return;
        if (p->switched[w->freed])
            continue;
        uint16_t least = p->least[w->freed];
        p->nodes--;
        p->switched[w->freed] = true;
        make(p, w, least, w->option, false);
        if (!hopeless(p, at, spent + w->dearer))
            go_on(p, at, spent + w->dearer, weight + w->weight, scale);
        make(p, w, w->option, least, true);
        p->switched[w->freed] = false;
    }
}

void patch_search(struct patch *p, int scale, uint64_t nodes)
{
    int64_t weight = 0;
    p->any = false;
    p->whole = true;
    p->budget = budget_of(p, scale);
    p->nodes = nodes;
    if (p->budget < 0)
        return;
    find_switches(p);
    find_relief(p);
    load_the_cheapest(p);
    for (uint32_t freed = 0; freed < p->freed; freed++)
        weight += p->option[p->least[freed]].weight;
    if (!hopeless(p, p->switches, 0))
        go_on(p, p->switches, 0, weight, scale);
    if (p->nodes == 0)
        p->whole = false;
}
