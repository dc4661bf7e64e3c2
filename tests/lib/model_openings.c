/* model_openings.c - rounds that nobody opens by hand: as a calendar opens, and after a failure. */
#include "tests/lib/model.h"

#include "core/state.h"

/* The calendar opens: a round of this kind is the first of those, or goes with them. */
static bool is_scheduled(struct model *model, int kind)
{
    unsigned position = model->rules.kind[kind].rounds;
    if (position == 0)
        return false;
    bool with = model->opened_by == position && model->opened_at == model->entry->sequence &&
                (model->opened_kinds & model_bit(kind)) == 0;
    if (!with && model->opens[position - 1] >= model->time)
        return false;
    if (!with) {
        model->opens[position - 1] = model_opens(model, position - 1, model->time);
        model->opened_by = position;
        model->opened_at = model->entry->sequence;
        model->opened_kinds = 0;
    }
    model->opened_kinds |= model_bit(kind);
    return true;
}

static bool comes_of_failure(struct model *model, int kind)
{
    for (int i = 0; i < model->sweeps; i++) {
        struct model_sweep *sweep = &model->sweep[i];
        if (sweep->verb != PM_PROVIDER_FAIL || (sweep->kinds & model_bit(kind)) == 0 ||
            model_is_queued(model, sweep, false))
            continue;
        sweep->kinds &= ~model_bit(kind);
        return true;
    }
    return false;
}

static bool is_gathered(const struct model *model, int package, int kind)
{
    const struct model_package *p = &model->package[package];
    return !p->gone && p->gathered && p->kind == kind;
}

bool model_opening_explains(struct model *model, const struct pm_event_record *event)
{
    uint32_t slot = event->kind == PM_EVENT_ROUND_OPENED
                        ? table_find(&model->core->table[TABLE_ROUNDS], event->round)
                        : 0;
    int kind = slot == 0 ? MODEL_NONE : round_at(model->core, slot)->kind - 1;
    if (kind == MODEL_NONE || (!is_scheduled(model, kind) && !comes_of_failure(model, kind)))
        return false;
    bool any = false;
    for (int i = 0; i < model->packages; i++)
        any |= is_gathered(model, i, kind);
    if (!any)
        model_fail(model, "a round was opened for nobody");
    model_open_round(model, event->round, kind);
    return true;
}

/* Is there a round that it is, or was, in? */
static bool has_round(const struct model *model, int package)
{
    for (int r = 0; r < model->rounds; r++)
        if (model->round[r].state == PM_SOLVING && model_is_in_round(model, r, package))
            return true;
    return false;
}

static void check(struct model *model, int kind, int64_t gathered_on, uint64_t gathered_at)
{
    for (int i = 0; i < model->packages; i++) {
        const struct model_package *p = &model->package[i];
        if (is_gathered(model, i, kind) && p->gathered_on <= gathered_on &&
            p->gathered_at >= gathered_at && !has_round(model, i))
            model_fail(model, "%s: there should have been a round", p->reference.text);
    }
}

void model_openings_end(struct model *model)
{
    for (unsigned c = 0; c < model->calendars; c++) {
        if (model->opens[c] >= model->time)
            continue;
        for (int kind = 0; kind < model->rules.kinds; kind++)
            if (model->rules.kind[kind].rounds == c + 1)
                check(model, kind, model->opens[c], 0);
        model->opens[c] = model_opens(model, c, model->time - 1);
    }
}

void model_failure_ends(struct model *model, const struct model_sweep *failure)
{
    for (int kind = 0; kind < model->rules.kinds; kind++)
        if ((failure->kinds & model_bit(kind)) != 0)
            check(model, kind, model->time, failure->sequence + 1);
}
