/* model_copy.c - a model that does not foretell: it only copies what the core has, so that
 * histories can be made of it. */
#include "tests/lib/model.h"

#include "core/find.h"
#include "core/state.h"

static void copy_packages(struct model *model, uint32_t market)
{
    model->packages = 0;
    for (uint32_t slot = 0; (slot = table_next(&model->core->table[TABLE_PACKAGES], slot)) != 0;) {
        const struct package *package = package_at(model->core, slot);
        if (package->market != market || model->packages == MODEL_PACKAGES)
            continue;
        model->package[model->packages++] =
            (struct model_package){.reference = package_detail_at(model->core, slot)->reference,
                                   .referrer = package_detail_at(model->core, slot)->referrer,
                                   .id = id_of(model->core, TABLE_PACKAGES, slot),
                                   .kind = package->kind,
                                   .state = package->state,
                                   .first_offer = MODEL_NONE,
                                   .chosen = MODEL_NONE,
                                   .placement = MODEL_NONE,
                                   .successor = MODEL_NONE,
                                   .return_to = MODEL_NONE,
                                   .group = MODEL_NONE,
                                   .round = MODEL_NONE};
    }
}

static int service_of(const struct model *model, uint32_t slot)
{
    return model_find_service(model, pm_text(service_detail_at(model->core, slot)->name.text));
}

static void copy_offers(struct model *model)
{
    model->offers = 0;
    for (uint32_t slot = 0; (slot = table_next(&model->core->table[TABLE_OFFERS], slot)) != 0;) {
        const struct offer *offer = offer_at(model->core, slot);
        int package = model_find_package(model, id_of(model->core, TABLE_PACKAGES, offer->package));
        if (package == MODEL_NONE || model->offers == MODEL_OFFERS)
            continue;
        model->offer[model->offers++] =
            (struct model_offer){.id = id_of(model->core, TABLE_OFFERS, slot),
                                 .package = package,
                                 .service = service_of(model, offer->service),
                                 .older = MODEL_NONE,
                                 .state = offer->state,
                                 .route = offer->route};
    }
}

static void copy_placements(struct model *model)
{
    model->placements = 0;
    for (uint32_t slot = 0;
         (slot = table_next(&model->core->table[TABLE_PLACEMENTS], slot)) != 0;) {
        const struct placement *placement = placement_at(model->core, slot);
        int package =
            model_find_package(model, id_of(model->core, TABLE_PACKAGES, placement->package));
        if (package == MODEL_NONE || model->placements == MODEL_PLACEMENTS)
            continue;
        model->placement[model->placements++] =
            (struct model_placement){.id = id_of(model->core, TABLE_PLACEMENTS, slot),
                                     .package = package,
                                     .service = service_of(model, placement->service),
                                     .state = placement->state};
    }
}

static void copy_supply(struct model *model, struct pm_result result)
{
    const struct pm_command *command = model->entry->command;
    if (result.status != PM_OK || model->events == 0)
        return;
    if (command->verb == PM_MARKET_LOAD)
        model_load(model, &command->load);
    else if (command->verb <= PM_CAPACITY_SET)
        model_supply(model, command);
}

void model_copy(struct model *model, struct pm_result result)
{
    uint32_t market = find_market(model->core, pm_text(model->market.text));
    copy_supply(model, result);
    if (market == 0)
        return;
    model->groups = model->sweeps = model->rounds = 0;
    copy_packages(model, market);
    copy_offers(model);
    copy_placements(model);
}
