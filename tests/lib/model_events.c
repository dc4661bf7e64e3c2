/* model_events.c - what the core told of the entry at hand, held against what the model foresees.
 */
#include "tests/lib/model.h"

void model_hear(struct model *model, const struct pm_core *core)
{
    size_t count;
    const struct pm_event *events = pm_core_events(core, &count);
    model->core = core;
    model->events = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct pm_event_record *record = &model->event[model->events];
        pm_event_describe(core, &events[i], i, record);
        if (!model_same(&record->market, &model->market))
            continue;
        model->told[model->events++] = false;
    }
}

static int find(const struct model *model, enum pm_event_kind kind, uint64_t package,
                uint64_t about)
{
    for (uint32_t i = 0; i < model->events; i++) {
        const struct pm_event_record *e = &model->event[i];
        if (!model->told[i] && e->kind == kind && e->package == package &&
            (about == 0 || e->offer == about || e->placement == about))
            return (int)i;
    }
    return MODEL_NONE;
}

const struct pm_event_record *model_will_be_told(const struct model *model, enum pm_event_kind kind,
                                                 uint64_t package, uint64_t about)
{
    int at = find(model, kind, package, about);
    return at == MODEL_NONE ? NULL : &model->event[at];
}

const struct pm_event_record *model_told(struct model *model, enum pm_event_kind kind,
                                         uint64_t package, uint64_t about)
{
    static const struct pm_event_record nothing;
    int at = find(model, kind, package, about);
    if (at == MODEL_NONE) {
        model_fail(model, "no %s was made of package %llu, %llu", pm_event_name(kind),
                   (unsigned long long)package, (unsigned long long)about);
        return &nothing;
    }
    model->told[at] = true;
    return &model->event[at];
}
