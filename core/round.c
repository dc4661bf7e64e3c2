/* round.c - see round.h: who is gathered, and rounds opened and closed. */
#include "round.h"

#include "calendar.h"
#include "find.h"
#include "group_parts.h"
#include "ladder.h"
#include "names.h"
#include "priority.h"
#include "sweep.h"

void round_gather(struct pm_core *core, uint32_t package)
{
    package_at(core, package)->state = PM_OPEN;
    package_detail_at(core, package)->gathered = core->header.sequence;
    round_stand(core, package);
    if (core->failing)
        sweep_at(core, core->header.sweep_first)->kinds |= UINT64_C(1)
                                                           << package_at(core, package)->kind;
    event_add(core, PM_EVENT_PACKAGE_GATHERED, package_at(core, package)->market)->package =
        package;
}

void round_stand(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct market *market = market_at(core, p->market);
    p->waits = WAITS_GATHERED;
    p->priority = priority_now(core, package);
    uint32_t last = market->gathered_last[p->priority];
    p->wait_previous = last;
    p->wait_next = 0;
    if (last != 0)
        package_at(core, last)->wait_next = package;
    else
        market->gathered_first[p->priority] = package;
    market->gathered_last[p->priority] = package;
    market->gathered[p->kind]++;
    deadline_set(&core->deadlines, DEADLINE_PRIORITY, package, priority_next(core, package));
}

void round_leave(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct market *market = market_at(core, p->market);
    sweep_passes(core, SWEEP_GATHERED, package, p->wait_next);
    if (p->wait_previous != 0)
        package_at(core, p->wait_previous)->wait_next = p->wait_next;
    else
        market->gathered_first[p->priority] = p->wait_next;
    if (p->wait_next != 0)
        package_at(core, p->wait_next)->wait_previous = p->wait_previous;
    else
        market->gathered_last[p->priority] = p->wait_previous;
    p->wait_next = p->wait_previous = 0;
    p->waits = WAITS_NOT;
    market->gathered[p->kind]--;
    deadline_clear(&core->deadlines, DEADLINE_PRIORITY, package);
}

/* ---- Who is in a round ---- */

bool round_has(const struct pm_core *core, const struct round *round, uint32_t package)
{
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    return p->waits == WAITS_GATHERED && p->market == round->market &&
           (round->kind == 0 || round->kind == p->kind + 1) &&
           package_detail_at(core, package)->gathered <= round->sequence && p->step < kind->steps &&
           kind->step[p->step].route == PM_ROUND;
}

uint32_t round_unit(const struct pm_core *core, const struct round *round, uint32_t package,
                    uint32_t part[PM_GROUP_MAX])
{
    uint32_t parts = 0;
    if (!round_has(core, round, package))
        return 0;
    part[0] = package;
    if (!group_is_split(core, package))
        return 1;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        if (round_has(core, round, at))
            part[parts++] = at;
    return parts;
}

/* ---- Opening ---- */

static void queue(struct pm_core *core, uint32_t slot)
{
    struct header *header = &core->header;
    round_at(core, slot)->previous_open = header->round_last;
    if (header->round_last != 0)
        round_at(core, header->round_last)->next_open = slot;
    else
        header->round_first = slot;
    header->round_last = slot;
    header->rounds_open++;
}

void round_unqueue(struct pm_core *core, uint32_t slot)
{
    struct header *header = &core->header;
    struct round *round = round_at(core, slot);
    if (round->previous_open != 0)
        round_at(core, round->previous_open)->next_open = round->next_open;
    else
        header->round_first = round->next_open;
    if (round->next_open != 0)
        round_at(core, round->next_open)->previous_open = round->previous_open;
    else
        header->round_last = round->previous_open;
    round->next_open = round->previous_open = 0;
    header->rounds_open--;
}

uint64_t pm_core_round(const struct pm_core *core, uint64_t after, struct pm_text *market)
{
    uint32_t slot = table_find(&core->table[TABLE_ROUNDS], after);
    slot = slot == 0 ? core->header.round_first : round_at(core, slot)->next_open;
    if (slot != 0 && market != NULL)
        *market = name_text(&market_at(core, round_at(core, slot)->market)->rules.name);
    return id_of(core, TABLE_ROUNDS, slot);
}

uint32_t pm_core_rounds(const struct pm_core *core, uint64_t *out, uint32_t room)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_ROUNDS], slot)) != 0; count++)
        if (count < room)
            out[count] = id_of(core, TABLE_ROUNDS, slot);
    return count;
}

int32_t pm_core_keep_days(const struct pm_core *core)
{
    int32_t most = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_MARKETS], slot)) != 0;)
        if (market_at(core, slot)->rules.keep_days > most)
            most = market_at(core, slot)->rules.keep_days;
    return most;
}

/* Of the rounds that are done with the one opened first; 0: there is none. */
static uint32_t first_done(const struct pm_core *core)
{
    uint32_t first = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_ROUNDS], slot)) != 0;) {
        const struct round *round = round_at(core, slot);
        if ((round->state == PM_APPLIED || round->state == PM_ABANDONED) &&
            (first == 0 || round->sequence < round_at(core, first)->sequence))
            first = slot;
    }
    return first;
}

static bool make_room(struct pm_core *core)
{
    struct table *rounds = &core->table[TABLE_ROUNDS];
    if (table_has_room(rounds, 1))
        return true;
    uint32_t first = first_done(core);
    if (first != 0)
        table_free(rounds, first);
    return first != 0;
}

static void tell(struct pm_core *core, enum pm_event_kind kind, uint32_t slot)
{
    event_add(core, kind, round_at(core, slot)->market)->round = slot;
}

/* `kind` is -1 for all. */
static struct pm_result open_round(struct pm_core *core, uint32_t market, int kind)
{
    if (!make_room(core))
        return refused(PM_FULL);
    uint32_t slot = table_take_for(&core->table[TABLE_ROUNDS], market);
    struct round *round = round_at(core, slot);
    round->market = market;
    round->kind = (uint8_t)(kind + 1);
    round->sequence = core->header.sequence;
    round->opened = core->header.time;
    queue(core, slot);
    tell(core, PM_EVENT_ROUND_OPENED, slot);
    return (struct pm_result){PM_OK, id_of(core, TABLE_ROUNDS, slot)};
}

struct pm_result round_open(struct pm_core *core, uint32_t market, const struct pm_round *sent)
{
    int kind = -1;
    if (sent->kind.length != 0 &&
        (kind = find_kind(&market_at(core, market)->rules, sent->kind)) < 0)
        return refused(PM_UNKNOWN_KIND);
    return open_round(core, market, kind);
}

/* Of each kind in the mask. Where there is no room for a round, all stay gathered for the next. */
static void open_rounds(struct pm_core *core, uint32_t market, uint64_t kinds)
{
    for (int kind = 0; kind < market_at(core, market)->rules.kinds; kind++)
        if ((kinds >> kind & 1) != 0 && market_at(core, market)->gathered[kind] != 0)
            (void)open_round(core, market, kind);
}

void rounds_fall_due(struct pm_core *core, uint32_t calendar)
{
    struct calendar *c = calendar_at(core, calendar);
    const struct market *market = market_at(core, c->market);
    uint64_t kinds = 0;
    for (unsigned kind = 0; kind < market->rules.kinds; kind++) {
        uint8_t position = market->rules.kind[kind].rounds;
        if (position != 0 && market->calendar[position - 1] == calendar)
            kinds |= UINT64_C(1) << kind;
    }
    open_rounds(core, c->market, kinds);
    c->due = calendar_opens(core, calendar, core->header.time);
    deadline_set(&core->deadlines, DEADLINE_ROUNDS, calendar, c->due);
}

void rounds_after_failure(struct pm_core *core, const struct sweep *failure)
{
    open_rounds(core, failure->market, failure->kinds);
}

/* ---- Closing ---- */

bool round_pass_on(struct pm_core *core, uint32_t round, uint32_t package)
{
    if (!round_has(core, round_at(core, round), package))
        return false;
    struct package_detail *detail = package_detail_at(core, package);
    detail->round = id_of(core, TABLE_ROUNDS, round);
    detail->fate = PM_PASSED_ON;
    detail->matched = 0;
    detail->matched_cost = 0;
    round_at(core, round)->passed_on++;
    ladder_leave(core, package);
    ladder_pass_on(core, package);
    return true;
}

void round_applied(struct pm_core *core, uint32_t slot)
{
    round_at(core, slot)->state = PM_APPLIED;
    round_at(core, slot)->closed = core->header.time;
    tell(core, PM_EVENT_ROUND_APPLIED, slot);
}
