/* history_rounds.c - rounds opened, and whatever may come of them: good assignments and bad ones.
 */
#include "core/find.h"
#include "core/state.h"
#include "tests/lib/history.h"

#define below history_below
#define percent history_percent

enum { LISTED_MAX = 24 };

static uint64_t service_id(const struct model *model, int service)
{
    const struct pm_core *core = model->core;
    uint32_t market = find_market(core, pm_text(model->market.text));
    return id_of(core, TABLE_SERVICES,
                 find_service(core, market, pm_text(model->service[service].name.text)));
}

/* Mostly one that could have it. */
static uint64_t some_service(struct history *h, const struct model *model, int package)
{
    int service = (int)below(h, (uint32_t)model->services);
    unsigned step = model->package[package].step;
    if (percent(h, 6))
        return percent(h, 50) ? 0 : random_next(&h->random);
    for (int tries = 0; tries < model->services && percent(h, 95); tries++) {
        if (model_eligible(model, package, service, step, MODEL_ALL))
            break;
        service = (service + 1) % model->services;
    }
    return service_id(model, service);
}

static void list_package(struct history *h, const struct model *model, int package,
                         struct pm_assignment *list, uint16_t *count)
{
    const struct model_package *p = &model->package[package];
    if (*count == LISTED_MAX)
        return;
    list[(*count)++] =
        (struct pm_assignment){.package = p->id,
                               .service = some_service(h, model, package),
                               .alone = some_service(h, model, package),
                               .version = p->version - (percent(h, 5) ? below(h, 2) : 0)};
}

/* With the other parts of its group, most of the time. */
static void list_unit(struct history *h, const struct model *model, int round, int package,
                      struct pm_assignment *list, uint16_t *count)
{
    int group = model->package[package].group;
    if (!model_is_split(model, package) || percent(h, 10)) {
        list_package(h, model, package, list, count);
        return;
    }
    for (unsigned m = 0; m < model->group[group].members; m++)
        if (model_is_in_round(model, round, model->group[group].member[m]))
            list_package(h, model, model->group[group].member[m], list, count);
}

static uint16_t list_some(struct history *h, const struct model *model, int round,
                          struct pm_assignment *list)
{
    uint16_t count = 0;
    if (model->packages == 0 || model->services == 0)
        return 0;
    int start = (int)below(h, (uint32_t)model->packages);
    for (int i = 0; i < model->packages && count < LISTED_MAX; i++) {
        int package = (start + i) % model->packages;
        if (model->package[package].gone)
            continue;
        if (model_is_in_round(model, round, package) ? percent(h, 80) : percent(h, 2))
            list_unit(h, model, round, package, list, &count);
    }
    return count;
}

static const struct pm_round_result *some_result(struct history *h)
{
    struct pm_round_result *result = history_memory(h, 1, sizeof *result);
    result->abandoned = percent(h, 6);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++)
        result->value[stage] = (int64_t)below(h, 1000) - (percent(h, 1) ? 1000 : 0);
    result->optimal = (uint8_t)below(h, percent(h, 98) ? 32 : 256);
    return result;
}

static int some_round(struct history *h, const struct model *model)
{
    for (int r = 0; r < model->rounds; r++)
        if (model->round[r].state == PM_SOLVING && percent(h, 85))
            return r;
    return (int)below(h, (uint32_t)model->rounds);
}

void history_round(struct history *h, const struct model *model, struct pm_entry *entry,
                   struct pm_command *out)
{
    if (model->rounds == 0 || percent(h, 25)) {
        out->verb = PM_ROUND_OPEN;
        if (percent(h, 30))
            out->round.kind =
                percent(h, 90) ? pm_text(model->rules.kind[below(h, model->rules.kinds)].name.text)
                               : pm_text("gardening");
        return;
    }
    struct pm_assignment *list = history_memory(h, LISTED_MAX, sizeof *list);
    int round = some_round(h, model);
    out->verb = PM_ROUND_APPLY;
    out->apply.round = percent(h, 97) ? model->round[round].id : below(h, 10);
    out->apply.assignments = list_some(h, model, round, list);
    out->apply.assignment = list;
    out->apply.result = percent(h, 70) ? some_result(h) : NULL;
    if (percent(h, 98))
        entry->actor = (struct pm_actor){PM_DAEMON, pm_text("placematd")};
}
