/* invariant_rounds.c - rounds, open and solved, and what they say. */
#include "invariant.h"
#include "sweep.h"

static bool round_is_good(const struct pm_core *core, const struct round *round)
{
    const struct pm_round_result *result = &round->result;
    bool good = result->abandoned == (round->state == PM_ABANDONED) &&
                result->optimal < 1u << PM_ROUND_STAGES && round->opened <= core->header.time &&
                (round->state == PM_SOLVING) == (round->closed == 0) &&
                round->kind <= market_at(core, round->market)->rules.kinds;
    good &= result->scarces <= PM_SCARCE_MAX;
    for (unsigned i = 0; i < result->scarces && good; i++)
        good &= result->scarce[i].band < PM_BANDS_MAX && result->scarce[i].price > 0;
    for (unsigned i = 0; i < PM_ROUND_STAGES; i++)
        good &= result->value[i] >= 0 && result->bound[i] >= 0 && result->alone[i] >= 0;
    return good;
}

/* Each that is being passed on has its sweep. */
static bool check_passing_on(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_ROUNDS], slot)) != 0;)
        left += round_at(core, slot)->state == PM_PASSING_ON;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SWEEPS], slot)) != 0;) {
        const struct sweep *sweep = sweep_at(core, slot);
        if (sweep->purpose != SWEEP_ROUND)
            continue;
        if (round_at(core, sweep->round)->state != PM_PASSING_ON || left-- == 0 ||
            round_at(core, sweep->round)->market != sweep->market)
            return broken(check, "sweeps", slot, "its round is not being passed on");
    }
    return left == 0 || broken(check, "rounds", left, "so many are passed on by no sweep");
}

/* Those to be solved, and no others, stand in the queue in the order they were opened. */
static bool check_queue(const struct check *check, uint32_t open)
{
    const struct pm_core *core = check->core;
    uint32_t left = open, last = 0;
    for (uint32_t at = core->header.round_first; at != 0; at = round_at(core, at)->next_open) {
        const struct round *round = round_at(core, at);
        if (left-- == 0 || round->state != PM_SOLVING || round->previous_open != last ||
            (last != 0 && round_at(core, last)->sequence > round->sequence))
            return broken(check, "rounds", at, "the queue comes here wrongly");
        last = at;
    }
    return (left == 0 && core->header.round_last == last && core->header.rounds_open == open) ||
           broken(check, "rounds", last, "the queue ends here wrongly");
}

bool check_rounds(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t open = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_ROUNDS], slot)) != 0;) {
        const struct round *round = round_at(core, slot);
        bool solving = round->state == PM_SOLVING;
        if (!round_is_good(core, round))
            return broken(check, "rounds", slot, "its state, kind or result is wrong");
        if (!solving && (round->next_open != 0 || round->previous_open != 0))
            return broken(check, "rounds", slot, "it is done with, and in the queue");
        open += solving;
    }
    return check_queue(check, open) && check_passing_on(check);
}
