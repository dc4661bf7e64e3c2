/* model_rounds.c - rounds: who is in one, what an assignment comes to, who is passed on. */
#include "tests/lib/model.h"

#include "core/state.h"

static int find_round(const struct model *model, uint64_t id)
{
    for (int r = 0; r < model->rounds; r++)
        if (model->round[r].id == id)
            return r;
    return MODEL_NONE;
}

bool model_is_in_round(const struct model *model, int round, int package)
{
    const struct model_package *p = &model->package[package];
    const struct model_round *r = &model->round[round];
    return !p->gone && p->gathered && p->gathered_at <= r->sequence &&
           (r->kind == MODEL_NONE || r->kind == p->kind) &&
           model_step(model, package, p->step)->route == PM_ROUND;
}

/* ---- What is answered ---- */

static bool is_negative(const int64_t amount[PM_ROUND_STAGES])
{
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++)
        if (amount[stage] < 0)
            return true;
    return false;
}

static int expect_apply(const struct model *model, const struct pm_round_apply *apply)
{
    int round = find_round(model, apply->round);
    const struct pm_round_result *result = apply->result;
    if (model->entry->actor.role != PM_DAEMON)
        return PM_NOT_ALLOWED;
    if (round == MODEL_NONE)
        return PM_UNKNOWN_ROUND;
    if (model->round[round].state != PM_SOLVING)
        return PM_WRONG_STATE;
    if (result != NULL &&
        (is_negative(result->value) || is_negative(result->bound) || is_negative(result->alone) ||
         result->abandoned > 1 || result->optimal > 31))
        return PM_BAD_VALUE;
    return PM_OK;
}

int model_expect_round(const struct model *model)
{
    const struct pm_command *c = model->entry->command;
    if (c->verb == PM_ROUND_APPLY)
        return expect_apply(model, &c->apply);
    return c->round.kind.length != 0 && model_kind(model, c->round.kind) == MODEL_NONE
               ? PM_UNKNOWN_KIND
               : PM_OK;
}

/* ---- Assignments ---- */

struct unit {
    int round, parts;
    int part[PM_GROUP_MAX], service[PM_GROUP_MAX]; /* service MODEL_NONE: none of that id */
    int listed;                                    /* parts that have their assignment */
    bool nothing;                                  /* they are given none */
};

static int find_service_id(const struct model *model, uint64_t id)
{
    uint32_t slot = table_find(&model->core->table[TABLE_SERVICES], id);
    return slot == 0 ? MODEL_NONE
                     : model_find_service(model,
                                          pm_text(service_detail_at(model->core, slot)->name.text));
}

static void find_parts(const struct model *model, int package, struct unit *unit)
{
    if (!model_is_in_round(model, unit->round, package))
        return;
    unit->part[unit->parts++] = package;
    if (!model_is_split(model, package))
        return;
    const struct model_group *group = &model->group[model->package[package].group];
    unit->parts = 0;
    for (unsigned m = 0; m < group->members; m++)
        if (model_is_in_round(model, unit->round, group->member[m]))
            unit->part[unit->parts++] = group->member[m];
}

static struct unit unit_at(const struct model *model, int round, int package,
                           const struct pm_assignment *assignment, int left)
{
    struct unit unit = {.round = round, .nothing = true};
    find_parts(model, package, &unit);
    for (; unit.listed < unit.parts && unit.listed < left; unit.listed++) {
        const struct pm_assignment *a = &assignment[unit.listed];
        if (a->package != model->package[unit.part[unit.listed]].id)
            break;
        unit.service[unit.listed] = find_service_id(model, a->service);
        unit.nothing &= a->service == 0;
    }
    unit.nothing &= unit.listed == unit.parts;
    return unit;
}

/* Units that the parts up to this one would be awarded with its provider, of its kind. */
static bool share_suffices(const struct model *model, const struct unit *unit, int at)
{
    const struct model_service *s = &model->service[unit->service[at]];
    int provider = model_provider_of(model, unit->service[at]);
    int32_t cap = model->rules.kind[s->kind].share_cap;
    int64_t units = model_awarded(model, provider, (unsigned)s->kind);
    for (int i = 0; i <= at; i++)
        if (model_provider_of(model, unit->service[i]) == provider &&
            model->service[unit->service[i]].kind == s->kind)
            units += model->package[unit->part[i]].need.units;
    return cap == 0 || units <= cap;
}

/* Each beside those before it. */
static bool fits(struct model *model, const struct unit *unit,
                 const struct pm_assignment *assignment)
{
    int lent = 0;
    bool all = unit->listed == unit->parts;
    for (; all && lent < unit->parts; lent++) {
        const struct model_package *p = &model->package[unit->part[lent]];
        all = assignment[lent].version >= p->need_version && unit->service[lent] != MODEL_NONE &&
              model_eligible(model, unit->part[lent], unit->service[lent], p->step, MODEL_ALL) &&
              share_suffices(model, unit, lent);
        if (!all)
            break;
        model_lend(model, unit->service[lent], unit->part[lent], 1);
    }
    for (int i = 0; i < lent; i++)
        model_lend(model, unit->service[i], unit->part[i], -1);
    return all;
}

static void count_given(struct model *model, int round, int package)
{
    model->package[package].round = round;
    if (model->package[package].state == PM_PLACED)
        model->round[round].placed++;
    else
        model->round[round].asked++;
}

static void take_up(struct model *model, const struct unit *unit)
{
    struct model_group kept = {0};
    if (model_is_together(model, unit->part[0]))
        kept = model->group[model->package[unit->part[0]].group];
    for (int i = 0; i < unit->parts; i++)
        model_ladder_give(model, unit->part[i], unit->service[i]);
    for (int i = 0; i < unit->parts; i++)
        count_given(model, unit->round, unit->part[i]);
    for (unsigned m = 0; m < kept.members; m++)
        if (kept.member[m] != unit->part[0])
            count_given(model, unit->round, kept.member[m]);
}

static void drop(struct model *model, int round, int package)
{
    struct model_package *p = &model->package[package];
    if (model_is_in_round(model, round, package)) {
        p->gathered_at = model->entry->sequence;
        p->gathered_on = model->time;
    }
    p->round = round;
    model->round[round].dropped++;
    model_told(model, PM_EVENT_ROUND_DROPPED, p->id, 0);
}

/* Returns how many assignments it was. */
static int assign(struct model *model, int round, const struct pm_assignment *assignment, int left)
{
    int package = model_find_package(model, assignment->package);
    if (package == MODEL_NONE || model->package[package].gone ||
        model->package[package].round == round)
        return 1;
    struct unit unit = unit_at(model, round, package, assignment, left);
    if (unit.parts == 0 && assignment->service != 0)
        drop(model, round, package);
    else if (unit.parts > 0 && !unit.nothing && fits(model, &unit, assignment))
        take_up(model, &unit);
    else if (unit.parts > 0 && !unit.nothing)
        for (int i = 0; i < unit.parts; i++)
            drop(model, round, unit.part[i]);
    return unit.listed > 0 ? unit.listed : 1;
}

/* ---- The commands ---- */

void model_open_round(struct model *model, uint64_t id, int kind)
{
    if (model->rounds == MODEL_ROUNDS) {
        model_fail(model, "the model is full");
        return;
    }
    model_told(model, PM_EVENT_ROUND_OPENED, 0, 0);
    model->round[model->rounds++] =
        (struct model_round){.id = id, .sequence = model->entry->sequence, .kind = kind};
}

void model_do_round(struct model *model, struct pm_result result)
{
    const struct pm_round_apply *apply = &model->entry->command->apply;
    if (model->entry->command->verb == PM_ROUND_OPEN) {
        model_open_round(model, result.id, model_kind(model, model->entry->command->round.kind));
        return;
    }
    int round = find_round(model, apply->round);
    for (int i = 0; i < apply->assignments;)
        i += assign(model, round, &apply->assignment[i], apply->assignments - i);
    if (apply->result == NULL)
        return;
    bool abandoned = apply->result->abandoned != 0;
    model->round[round].state = abandoned ? PM_ABANDONED : PM_PASSING_ON;
    model_told(model, abandoned ? PM_EVENT_ROUND_ABANDONED : PM_EVENT_ROUND_SOLVED, 0, 0);
}

/* ---- Those who got nothing ---- */

static bool is_before(const struct model_package *a, const struct model_package *b)
{
    return a->priority != b->priority ? a->priority < b->priority : a->place < b->place;
}

/* The more urgent come first. */
static void check_order(struct model *model, int round, int package)
{
    for (int i = 0; i < model->packages; i++)
        if (model_is_in_round(model, round, i) &&
            is_before(&model->package[i], &model->package[package]))
            model_fail(model, "%s: the round should have come to %s before",
                       model->package[package].reference.text, model->package[i].reference.text);
}

static bool may_come_of_others(unsigned kind)
{
    return kind == PM_EVENT_PACKAGE_WAITING || kind == PM_EVENT_OFFER_WITHDRAWN ||
           kind == PM_EVENT_OFFER_LOST;
}

/* Whom the event is about; or, as a part may wait because of another, the most urgent of its group
 * that is in the round. */
static int passed_on(const struct model *model, int round, const struct pm_event_record *event)
{
    int package = model_find_package(model, event->package), first = MODEL_NONE;
    for (int i = 0; package != MODEL_NONE && i < model->packages; i++) {
        int group = model->package[package].group;
        bool with = may_come_of_others(event->kind) && group != MODEL_NONE &&
                    model->package[i].group == group;
        if ((i == package || with) && model_is_in_round(model, round, i) &&
            (first == MODEL_NONE || is_before(&model->package[i], &model->package[first])))
            first = i;
    }
    return first;
}

static bool is_applied(struct model *model, int round, const struct pm_event_record *event)
{
    if (event->kind != PM_EVENT_ROUND_APPLIED || event->round != model->round[round].id)
        return false;
    model_told(model, PM_EVENT_ROUND_APPLIED, 0, 0);
    model->round[round].state = PM_APPLIED;
    for (int i = 0; i < model->packages; i++)
        if (model_is_in_round(model, round, i))
            model_fail(model, "%s: the round passed it over", model->package[i].reference.text);
    return true;
}

bool model_round_explains(struct model *model, const struct pm_event_record *event)
{
    for (int r = 0; r < model->rounds; r++) {
        if (model->round[r].state != PM_PASSING_ON)
            continue;
        if (is_applied(model, r, event))
            return true;
        int package = passed_on(model, r, event);
        if (package == MODEL_NONE)
            continue;
        check_order(model, r, package);
        model->package[package].round = r;
        model->round[r].passed_on++;
        model_ladder_pass_on(model, package);
        return true;
    }
    return false;
}

void model_compare_rounds(struct model *model)
{
    for (int i = 0; i < model->rounds; i++) {
        const struct model_round *r = &model->round[i];
        uint32_t slot = table_find(&model->core->table[TABLE_ROUNDS], r->id);
        const struct round *round = slot == 0 ? NULL : round_at(model->core, slot);
        if (round == NULL || round->state != r->state || round->placed != r->placed ||
            round->asked != r->asked || round->dropped != r->dropped ||
            round->passed_on != r->passed_on)
            model_fail(model, "round %llu has come to something else", (unsigned long long)r->id);
    }
}
