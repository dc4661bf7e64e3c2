/*
 * solver_cover.c - what is left of a knot, gone through set by set.
 *
 * At some worths a choice costs the bound, and what each sack loses by not taking what it gains
 * most by. Near the limit only few sets of ways lose so little. One set for each sack, such that
 * each part is in one of them or takes a way that is free: these choices are gone through, sack
 * after sack, those with few sets first, as long as what is lost stays within what there is.
 */
#include "solver_proof.h"

#include <string.h>

enum {
    SETS = 1 << 13,     /* of all sacks */
    SET_WAYS = 1 << 17, /* likewise */
    NODES = 200000,     /* sets that are tried */
    NODE_EFFORT = 8,
    PARTS = 512, /* with more it is not tried */
    WORDS = PARTS / 64,
};

struct parts {
    uint64_t word[WORDS];
};
struct set {
    struct parts parts;
    int64_t loss;
    uint32_t first_way, end_way; /* of cover.way */
};
/* The sets of a sack, those that lose least first. */
struct listed {
    uint32_t first, end;
    struct parts due; /* parts that no later sack has */
};
struct cover {
    struct proof *p;
    const struct sack *sack; /* being listed */
    int64_t slack;           /* how much may be lost */
    uint32_t nodes;          /* left */
    uint32_t sacks, sets, ways;
    struct listed listed[SACKS]; /* those with few sets first */
    struct set set[SETS];
    uint16_t way[SET_WAYS];
    const struct set *chosen[SACKS];
    /* By part: its free way, and what is lost if it takes that; NEVER: there is none. To leave it
     * loses nothing, since no worth is above its cost. */
    uint32_t free[PARTS];
    int64_t taking[PARTS];
};

size_t cover_size(void)
{
    return sizeof(struct cover);
}

static bool has(const struct parts *parts, uint32_t part)
{
    return (parts->word[part / 64] >> part % 64 & 1) != 0;
}

static void add(struct parts *parts, uint32_t part)
{
    parts->word[part / 64] |= UINT64_C(1) << part % 64;
}

/* ---- The sets ---- */

static bool add_way(struct cover *c, struct set *set, uint32_t way)
{
    if (c->ways == SET_WAYS)
        return false;
    c->way[c->ways++] = (uint16_t)way;
    add(&set->parts, c->p->sacks.part[way]);
    return true;
}

static bool add_set(void *context, int64_t gained)
{
    struct cover *c = context;
    const struct sacks *k = &c->p->sacks;
    if (c->sets == SETS)
        return false;
    struct set *set = &c->set[c->sets];
    *set = (struct set){.loss = c->sack->gained - gained, .first_way = c->ways};
    for (uint32_t at = c->sack->first; at < c->sack->end; at++) {
        if (k->state[k->in[at]] == IN && !add_way(c, set, k->in[at]))
            return false;
    }
    for (uint32_t at = 0; at < k->gainers; at++) {
        if (k->on[at] && !add_way(c, set, k->gainer[at]))
            return false;
    }
    set->end_way = c->ways;
    c->sets++;
    return true;
}

static void sort_sets(struct cover *c, uint32_t first)
{
    for (uint32_t gap = (c->sets - first) / 2; gap > 0; gap /= 2) {
        for (uint32_t at = first + gap; at < c->sets; at++) {
            struct set moved = c->set[at];
            uint32_t to = at;
            for (; to >= first + gap && c->set[to - gap].loss > moved.loss; to -= gap)
                c->set[to] = c->set[to - gap];
            c->set[to] = moved;
        }
    }
}

static bool list_sack(struct cover *c, struct sack *sack)
{
    uint32_t first = c->sets, to = c->sacks;
    c->sack = sack;
    if (!sack_list(&c->p->sacks, sack, c->slack, add_set, c))
        return false;
    sort_sets(c, first);
    for (; to > 0 && c->listed[to - 1].end - c->listed[to - 1].first > c->sets - first; to--)
        c->listed[to] = c->listed[to - 1];
    c->listed[to] = (struct listed){.first = first, .end = c->sets};
    c->sacks++;
    return true;
}

static void find_free(struct cover *c)
{
    const struct sacks *k = &c->p->sacks;
    for (uint32_t part = 0; part < c->p->parts; part++)
        c->taking[part] = NEVER;
    for (uint32_t at = k->sack[0].first; at < k->sack[0].end; at++) {
        uint32_t way = k->in[at], part = k->part[way];
        int64_t gain = k->gain[way];
        bool better = c->taking[part] == NEVER || gain > k->gain[c->free[part]];
        if (k->state[way] == OUT || !better)
            continue;
        c->free[part] = way;
        c->taking[part] = k->state[way] == IN ? 0 : -gain;
    }
}

/* From behind: parts that a sack has, and none after it. */
static struct parts find_due(struct cover *c)
{
    struct parts later = {{0}};
    for (uint32_t at = c->sacks; at-- > 0;) {
        struct parts all = later;
        for (uint32_t set = c->listed[at].first; set < c->listed[at].end; set++) {
            for (int word = 0; word < WORDS; word++)
                all.word[word] |= c->set[set].parts.word[word];
        }
        for (int word = 0; word < WORDS; word++)
            c->listed[at].due.word[word] = all.word[word] & ~later.word[word];
        later = all;
    }
    return later;
}

/* False when there are too many. Parts that are in none have to take their free ways. */
static bool list_sets(struct cover *c)
{
    c->sacks = c->sets = c->ways = 0;
    find_free(c);
    for (uint32_t sack = 1; sack < c->p->sacks.count; sack++) {
        if (!list_sack(c, &c->p->sacks.sack[sack]))
            return false;
    }
    struct parts any = find_due(c);
    for (uint32_t part = 0; part < c->p->parts && c->slack >= 0; part++)
        c->slack -= has(&any, part) ? 0 : c->taking[part];
    return true;
}

/* ---- Choosing ---- */

static void keep(struct cover *c, const struct parts *covered)
{
    struct proof *p = c->p;
    for (uint32_t part = 0; part < p->parts; part++) {
        if (!has(covered, part))
            p->has[part] = c->free[part];
    }
    for (uint32_t at = 0; at < c->sacks; at++) {
        for (uint32_t way = c->chosen[at]->first_way; way < c->chosen[at]->end_way; way++)
            p->has[p->sacks.part[c->way[way]]] = c->way[way];
    }
    int64_t before = p->limit;
    proof_keep(p);
    c->slack -= before - p->limit;
}

/* What is lost by the parts that are not covered, of those that no later sack has. */
static int64_t due_loss(const struct cover *c, uint32_t at, const struct parts *covered)
{
    int64_t loss = 0;
    for (int word = 0; word < WORDS; word++) {
        uint64_t bits = c->listed[at].due.word[word] & ~covered->word[word];
        for (; bits != 0; bits &= bits - 1) {
            int64_t taking = c->taking[word * 64 + __builtin_ctzll(bits)];
            if (taking == NEVER)
                return NEVER;
            loss += taking;
        }
    }
    return loss;
}

/* False when both have a part. */
static bool join(const struct parts *one, const struct parts *other, struct parts *both)
{
    uint64_t twice = 0;
    for (int word = 0; word < WORDS; word++) {
        twice |= one->word[word] & other->word[word];
        both->word[word] = one->word[word] | other->word[word];
    }
    return twice == 0;
}

/* Each set of this sack, with each of those after it. */
static void choose(struct cover *c, uint32_t at, const struct parts *covered, int64_t loss)
{
    if (at == c->sacks) {
        keep(c, covered);
        return;
    }
    for (uint32_t i = c->listed[at].first; i < c->listed[at].end && c->nodes > 0; i++) {
        const struct set *set = &c->set[i];
        struct parts both;
        if (loss + set->loss > c->slack)
            return; /* those after it lose more */
        c->nodes--;
        if (!join(covered, &set->parts, &both))
            continue;
        int64_t lost = loss + set->loss + due_loss(c, at, &both);
        if (lost > c->slack)
            continue;
        c->chosen[at] = set;
        choose(c, at + 1, &both, lost);
    }
}

bool cover_close(struct proof *p)
{
    struct cover *c = p->covering;
    struct parts none = {{0}};
    c->p = p;
    c->slack = p->limit - p->bound;
    c->nodes = NODES;
    if (p->parts > PARTS || !list_sets(c))
        return false;
    if (c->slack >= 0)
        choose(c, 0, &none, 0);
    uint64_t spent = (uint64_t)(NODES - c->nodes) * NODE_EFFORT;
    p->sacks.effort -= spent < p->sacks.effort ? spent : p->sacks.effort;
    return c->nodes > 0;
}
