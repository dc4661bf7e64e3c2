/* model_failure.c - providers suspended, back, failed; caseloads handed over; rounds: what each
 * command does at once, and what it orders for `continue`. */
#include "tests/lib/model.h"

/* ---- What it will be answered ---- */

static bool given(struct pm_text text)
{
    return text.length != 0;
}

static int expect_suspension(const struct model *model, const struct pm_suspension *s)
{
    int provider = model_find_provider(model, s->provider);
    if (provider == MODEL_NONE)
        return PM_UNKNOWN_PROVIDER;
    if (given(s->location) + given(s->kind) + given(s->locality) > 1)
        return PM_BAD_VALUE;
    int location = model_find_location(model, s->location);
    if (given(s->location) &&
        (location == MODEL_NONE || model->location[location].provider != provider))
        return PM_UNKNOWN_LOCATION;
    if (given(s->kind) && model_kind(model, s->kind) == MODEL_NONE)
        return PM_UNKNOWN_KIND;
    if (given(s->locality) && model_locality(model, s->locality) == MODEL_NONE)
        return PM_UNKNOWN_LOCALITY;
    unsigned standing = given(s->location) ? model->location[location].standing
                                           : model->provider[provider].standing;
    return !given(s->kind) && !given(s->locality) && standing == PM_CEASED ? PM_WRONG_STATE : PM_OK;
}

static int expect_failure(const struct model *model, const struct pm_failure *f)
{
    int provider = model_find_provider(model, f->provider);
    int location = model_find_location(model, f->location);
    if (provider == MODEL_NONE)
        return PM_UNKNOWN_PROVIDER;
    if (given(f->location) &&
        (location == MODEL_NONE || model->location[location].provider != provider))
        return PM_UNKNOWN_LOCATION;
    if (f->mode < PM_FAIL_CEASED || f->mode > PM_FAIL_MANAGED)
        return PM_BAD_VALUE;
    if (f->from != 0 && (f->from < model_today(model) || f->from > MODEL_DATE_MAX))
        return PM_BAD_DATES;
    unsigned standing = given(f->location) ? model->location[location].standing
                                           : model->provider[provider].standing;
    return standing == PM_CEASED && f->mode != PM_FAIL_CEASED ? PM_WRONG_STATE : PM_OK;
}

static int expect_transfer(const struct model *model, const struct pm_transfer *t)
{
    int from = model_find_service(model, t->service), to = model_find_service(model, t->to);
    if (from == MODEL_NONE || to == MODEL_NONE || from == to ||
        model->service[from].kind != model->service[to].kind)
        return PM_UNKNOWN_SERVICE;
    const struct model_location *location = &model->location[model_location_of(model, to)];
    return model->service[to].standing == PM_ACTIVE && location->standing == PM_ACTIVE &&
                   model->provider[location->provider].standing == PM_ACTIVE
               ? PM_OK
               : PM_WRONG_STATE;
}

int model_expect_failure(const struct model *model)
{
    const struct pm_command *c = model->entry->command;
    switch (c->verb) {
    case PM_PROVIDER_SUSPEND:
    case PM_PROVIDER_RESUME:
        return expect_suspension(model, &c->suspension);
    case PM_PROVIDER_FAIL:
        return expect_failure(model, &c->failure);
    default:
        return expect_transfer(model, &c->transfer);
    }
}

/* ---- What it does ---- */

struct model_sweep *model_order(struct model *model, unsigned verb)
{
    if (model->sweeps == MODEL_SWEEPS) {
        model_fail(model, "the model is full");
        return &model->sweep[0];
    }
    struct model_sweep *sweep = &model->sweep[model->sweeps++];
    *sweep = (struct model_sweep){.verb = (uint8_t)verb,
                                  .provider = MODEL_NONE,
                                  .location = MODEL_NONE,
                                  .service = MODEL_NONE,
                                  .to = MODEL_NONE,
                                  .sequence = model->entry->sequence};
    return sweep;
}

static void suspension(struct model *model, const struct pm_suspension *s, bool on)
{
    int at = model_find_provider(model, s->provider);
    struct model_provider *provider = &model->provider[at];
    uint64_t kind = model_bit(model_kind(model, s->kind));
    uint64_t locality = model_bit(model_locality(model, s->locality));
    if (given(s->kind))
        provider->no_kinds = on ? provider->no_kinds | kind : provider->no_kinds & ~kind;
    else if (given(s->locality))
        provider->no_localities =
            on ? provider->no_localities | locality : provider->no_localities & ~locality;
    else if (given(s->location)) {
        struct model_location *location = &model->location[model_find_location(model, s->location)];
        location->standing = on ? PM_SUSPENDED : PM_ACTIVE;
        location->failed = on ? location->failed : 0;
    } else {
        provider->standing = on ? PM_SUSPENDED : PM_ACTIVE;
        provider->failed = on ? provider->failed : 0;
    }
    if (on)
        model_order(model, PM_PROVIDER_SUSPEND)->provider = at;
}

static void failure(struct model *model, const struct pm_failure *f)
{
    int at = model_find_provider(model, f->provider);
    uint8_t standing = f->mode == PM_FAIL_CEASED ? PM_CEASED : PM_SUSPENDED;
    if (given(f->location)) {
        struct model_location *location = &model->location[model_find_location(model, f->location)];
        location->standing = standing;
        location->failed = f->mode;
        location->failed_from = f->from;
    } else {
        model->provider[at].standing = standing;
        model->provider[at].failed = f->mode;
        model->provider[at].failed_from = f->from;
    }
    model_order(model, PM_PROVIDER_SUSPEND)->provider = at;
    struct model_sweep *sweep = model_order(model, PM_PROVIDER_FAIL);
    sweep->provider = at;
    sweep->location = given(f->location) ? model_find_location(model, f->location) : MODEL_NONE;
    sweep->from = f->from;
    sweep->mode = f->mode;
}

void model_import_failed(struct model *model, int service)
{
    int at = model_location_of(model, service);
    const struct model_location *location = &model->location[at];
    const struct model_provider *provider = &model->provider[location->provider];
    /* The one by which care ceases first; the provider's, if both go on. */
    bool whole =
        location->failed == 0 ||
        (provider->failed == PM_FAIL_CEASED &&
         (location->failed != PM_FAIL_CEASED || provider->failed_from <= location->failed_from)) ||
        (provider->failed == PM_FAIL_MANAGED && location->failed == PM_FAIL_MANAGED);
    int of = whole ? MODEL_NONE : at;
    if (provider->failed == 0 && location->failed == 0)
        return;
    for (int i = 0; i < model->sweeps; i++)
        if (model->sweep[i].verb == PM_PROVIDER_FAIL && model->sweep[i].location == of &&
            model->sweep[i].provider == location->provider &&
            model_is_queued(model, &model->sweep[i], true))
            return;
    struct model_sweep *sweep = model_order(model, PM_PROVIDER_FAIL);
    sweep->provider = location->provider;
    sweep->location = of;
    sweep->from = whole ? provider->failed_from : location->failed_from;
    if (sweep->from < model_today(model))
        sweep->from = 0;
    sweep->mode = whole ? provider->failed : location->failed;
    sweep->late = true;
}

void model_do_failure(struct model *model)
{
    const struct pm_command *c = model->entry->command;
    switch (c->verb) {
    case PM_PROVIDER_SUSPEND:
    case PM_PROVIDER_RESUME:
        suspension(model, &c->suspension, c->verb == PM_PROVIDER_SUSPEND);
        break;
    case PM_PROVIDER_FAIL:
        failure(model, &c->failure);
        break;
    default: {
        struct model_sweep *sweep = model_order(model, PM_SERVICE_TRANSFER);
        sweep->service = model_find_service(model, c->transfer.service);
        sweep->to = model_find_service(model, c->transfer.to);
        break;
    }
    }
}
