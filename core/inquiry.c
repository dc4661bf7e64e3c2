/* inquiry.c - one package held against the services of its market. */
#include "inquiry.h"

#include "ladder.h"
#include "rank.h"

struct inquiry inquire(const struct query *q, uint32_t package)
{
    const struct package *p = package_at(q->core, package);
    struct inquiry inquiry = {q, package, p, &q->rules->kind[p->kind], 0, 0};
    uint32_t offer = query_standing_offer(q, package);
    unsigned steps = inquiry.kind->steps;
    unsigned step = offer != 0 ? offer_at(q->core, offer)->step : p->step;
    if (p->state == PM_WAITING || step >= steps) /* newer rules may have fewer steps */
        step = steps - 1;
    inquiry.first_step = p->state == PM_WAITING ? 0 : step;
    inquiry.last_step = step;
    return inquiry;
}

static bool got_further(uint8_t filter, uint8_t than)
{
    return than != FILTER_NONE && (filter == FILTER_NONE || filter > than);
}

struct judgement judge(const struct inquiry *inquiry, uint32_t service, unsigned filters)
{
    struct judgement best = {.step = inquiry->first_step};
    bool judged = false;
    for (unsigned step = inquiry->first_step; step <= inquiry->last_step; step++) {
        if (inquiry->p->state == PM_WAITING && !ladder_asks(inquiry->p, &inquiry->kind->step[step]))
            continue;
        struct verdict next = eligible(inquiry->q->core, inquiry->package, service, step, filters);
        if (!judged || got_further(next.filter, best.verdict.filter))
            best = (struct judgement){next, step};
        judged = true;
    }
    if (!judged) /* by a ladder that asks nobody it is judged all the same */
        best.verdict =
            eligible(inquiry->q->core, inquiry->package, service, inquiry->first_step, filters);
    return best;
}

uint32_t newest_offer(const struct inquiry *inquiry, uint32_t service)
{
    uint32_t slot = inquiry->p->first_offer;
    while (slot != 0 && offer_at(inquiry->q->core, slot)->service != service)
        slot = offer_at(inquiry->q->core, slot)->next_of_package;
    return slot;
}

bool ranks_before(const struct inquiry *inquiry, uint32_t a, uint32_t b)
{
    const struct pm_core *core = inquiry->q->core;
    struct score left = score_for(core, inquiry->package, a);
    struct score right = score_for(core, inquiry->package, b);
    return rank_before(core, inquiry->package, (struct ranked){a, score_sum(&left)},
                       (struct ranked){b, score_sum(&right)});
}

void say_shortage(const struct inquiry *inquiry, struct verdict verdict, struct text *text)
{
    text_add(text, inquiry->kind->band[verdict.band].name.text);
    text_add(text, " needs ");
    text_add_number(text, verdict.needed);
    text_add(text, ", free ");
    text_add_number(text, verdict.found);
}
