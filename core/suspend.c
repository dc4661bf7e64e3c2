/* suspend.c - see suspend.h. What follows for each offer and placement is swept: sweep.c. */
#include "suspend.h"

#include "dates.h"
#include "find.h"
#include "provider.h"
#include "sweep.h"

/* What of a provider is meant. */
struct scope {
    uint32_t provider, location;
    int kind, locality; /* -1: none */
};

static uint16_t find_scope(const struct pm_core *core, uint32_t market,
                           const struct pm_suspension *sent, struct scope *out)
{
    const struct pm_market *rules = &market_at(core, market)->rules;
    *out = (struct scope){find_provider(core, market, sent->provider), 0, -1, -1};
    if (out->provider == 0)
        return PM_UNKNOWN_PROVIDER;
    if ((sent->location.length != 0) + (sent->kind.length != 0) + (sent->locality.length != 0) > 1)
        return PM_BAD_VALUE;
    if (sent->location.length != 0) {
        out->location = find_location(core, market, sent->location);
        if (out->location == 0 || location_at(core, out->location)->provider != out->provider)
            return PM_UNKNOWN_LOCATION;
    }
    if (sent->kind.length != 0 && (out->kind = find_kind(rules, sent->kind)) < 0)
        return PM_UNKNOWN_KIND;
    if (sent->locality.length != 0 && (out->locality = find_locality(rules, sent->locality)) < 0)
        return PM_UNKNOWN_LOCALITY;
    return PM_OK;
}

static struct pm_result changed(struct pm_core *core, uint32_t market, uint32_t provider)
{
    event_add(core, PM_EVENT_SUPPLY_CHANGED, market)->provider = provider;
    return (struct pm_result){PM_OK, id_of(core, TABLE_PROVIDERS, provider)};
}

/* The standing that the scope is about; NULL when it is an embargo on a kind or locality. */
static uint8_t *standing_of(const struct pm_core *core, const struct scope *scope)
{
    if (scope->kind >= 0 || scope->locality >= 0)
        return NULL;
    return scope->location != 0 ? &location_at(core, scope->location)->standing
                                : &provider_at(core, scope->provider)->standing;
}

static void note_failure(struct pm_core *core, const struct scope *scope, uint8_t mode,
                         int32_t from)
{
    if (scope->location != 0) {
        location_at(core, scope->location)->failed = mode;
        location_at(core, scope->location)->failed_from = from;
    } else {
        provider_at(core, scope->provider)->failed = mode;
        provider_at(core, scope->provider)->failed_from = from;
    }
}

/* What is to be suspended or resumed, which nothing is that has ceased; *standing as above. */
static uint16_t find_lasting(const struct pm_core *core, uint32_t market,
                             const struct pm_suspension *sent, struct scope *scope,
                             uint8_t **standing)
{
    uint16_t status = find_scope(core, market, sent, scope);
    if (status != PM_OK)
        return status;
    *standing = standing_of(core, scope);
    return *standing != NULL && **standing == PM_CEASED ? PM_WRONG_STATE : PM_OK;
}

static void set_embargo(struct pm_core *core, const struct scope *scope, bool on)
{
    struct provider *provider = provider_at(core, scope->provider);
    uint16_t kind = scope->kind >= 0 ? (uint16_t)(1u << scope->kind) : 0;
    uint64_t locality = scope->locality >= 0 ? UINT64_C(1) << scope->locality : 0;
    if (on) {
        provider->embargo_kinds |= kind;
        provider->embargo_localities |= locality;
    } else {
        provider->embargo_kinds &= (uint16_t)~kind;
        provider->embargo_localities &= ~locality;
    }
}

struct pm_result provider_suspend(struct pm_core *core, uint32_t market,
                                  const struct pm_suspension *suspension)
{
    struct scope scope;
    uint8_t *standing;
    uint16_t status = find_lasting(core, market, suspension, &scope, &standing);
    if (status != PM_OK)
        return refused(status);
    if (!sweep_has_room(core, 1))
        return refused(PM_FULL);
    if (standing != NULL)
        *standing = PM_SUSPENDED;
    set_embargo(core, &scope, true);
    sweep_take_back(core, market, scope.provider);
    return changed(core, market, scope.provider);
}

struct pm_result provider_resume(struct pm_core *core, uint32_t market,
                                 const struct pm_suspension *suspension)
{
    struct scope scope;
    uint8_t *standing;
    uint16_t status = find_lasting(core, market, suspension, &scope, &standing);
    if (status != PM_OK)
        return refused(status);
    if (standing != NULL) {
        *standing = PM_ACTIVE;
        note_failure(core, &scope, 0, 0);
    }
    set_embargo(core, &scope, false);
    provider_refresh(core, market, scope.provider, scope.location);
    return changed(core, market, scope.provider);
}

/* ---- Failure ---- */

static uint16_t failure_status(const struct pm_core *core, const struct pm_failure *failure)
{
    if (failure->mode == 0 || failure->mode >= PM_FAILURE_MODES)
        return PM_BAD_VALUE;
    if (failure->from != 0 && (failure->from < core->today || failure->from > DATE_MAX))
        return PM_BAD_DATES;
    return sweep_has_room(core, 2) ? PM_OK : PM_FULL;
}

struct pm_result provider_fail(struct pm_core *core, uint32_t market,
                               const struct pm_failure *failure)
{
    struct scope scope;
    struct pm_suspension named = {.provider = failure->provider, .location = failure->location};
    uint16_t status = find_scope(core, market, &named, &scope);
    if (status == PM_OK)
        status = failure_status(core, failure);
    if (status == PM_OK && *standing_of(core, &scope) == PM_CEASED &&
        failure->mode != PM_FAIL_CEASED)
        status = PM_WRONG_STATE;
    if (status != PM_OK)
        return refused(status);
    *standing_of(core, &scope) = failure->mode == PM_FAIL_CEASED ? PM_CEASED : PM_SUSPENDED;
    note_failure(core, &scope, failure->mode, failure->from);
    sweep_take_back(core, market, scope.provider);
    sweep_order(core, &(struct sweep){.market = market,
                                      .provider = scope.provider,
                                      .location = scope.location,
                                      .from = failure->from,
                                      .mode = failure->mode,
                                      .purpose = SWEEP_FAILURE});
    return changed(core, market, scope.provider);
}

/* After which date nobody gives care there; DATE_MAX + 1: somebody will, + 2: it has not failed. */
static int32_t ceases_after(uint8_t mode, int32_t from)
{
    return mode == 0 ? DATE_MAX + 2 : mode == PM_FAIL_CEASED ? from : DATE_MAX + 1;
}

/* The failure of a service's provider or location since it was last active, as it is to be swept
 * for who comes late; mode 0: there was none. Of two, the one by which care ceases first. */
static struct sweep failure_of(const struct pm_core *core, uint32_t service)
{
    const struct service *s = service_at(core, service);
    const struct provider *provider = provider_at(core, s->provider);
    const struct location *location = location_at(core, s->location);
    bool local = ceases_after(location->failed, location->failed_from) <
                 ceases_after(provider->failed, provider->failed_from);
    int32_t from = local ? location->failed_from : provider->failed_from;
    return (struct sweep){.market = s->market,
                          .provider = s->provider,
                          .location = local ? s->location : 0,
                          .from = from < core->today ? 0 : from,
                          .mode = local ? location->failed : provider->failed,
                          .late = 1,
                          .purpose = SWEEP_FAILURE};
}

/* Will a sweep of the same failure, late or not, yet go over everything? */
static bool is_to_come(const struct pm_core *core, const struct sweep *failure)
{
    for (uint32_t slot = core->header.sweep_first; slot != 0; slot = sweep_at(core, slot)->next) {
        const struct sweep *sweep = sweep_at(core, slot);
        if (sweep->purpose == SWEEP_FAILURE && !sweep->begun &&
            sweep->provider == failure->provider && sweep->location == failure->location)
            return true;
    }
    return false;
}

bool failure_may_reach(const struct pm_core *core, uint32_t service)
{
    const struct sweep failure = failure_of(core, service);
    return failure.mode == 0 || is_to_come(core, &failure) || sweep_has_room(core, 1);
}

void failure_reaches(struct pm_core *core, uint32_t service)
{
    const struct sweep failure = failure_of(core, service);
    if (failure.mode != 0 && !is_to_come(core, &failure))
        sweep_order(core, &failure);
}

/* ---- A caseload handed over, with its carers ---- */

static bool is_active(const struct pm_core *core, uint32_t slot)
{
    const struct service *service = service_at(core, slot);
    return service->standing == PM_ACTIVE &&
           location_at(core, service->location)->standing == PM_ACTIVE &&
           provider_at(core, service->provider)->standing == PM_ACTIVE;
}

struct pm_result service_transfer(struct pm_core *core, uint32_t market,
                                  const struct pm_transfer *transfer)
{
    uint32_t service = find_service(core, market, transfer->service);
    uint32_t to = find_service(core, market, transfer->to);
    if (service == 0 || to == 0 || service == to ||
        service_at(core, service)->kind != service_at(core, to)->kind)
        return refused(PM_UNKNOWN_SERVICE);
    if (!is_active(core, to))
        return refused(PM_WRONG_STATE);
    if (!sweep_has_room(core, 1))
        return refused(PM_FULL);
    sweep_order(core, &(struct sweep){.market = market,
                                      .provider = service_at(core, service)->provider,
                                      .service = service,
                                      .to = to,
                                      .purpose = SWEEP_TRANSFER});
    struct pm_event *event = event_add(core, PM_EVENT_SUPPLY_CHANGED, market);
    event->service = to;
    event->provider = service_at(core, to)->provider;
    return (struct pm_result){PM_OK, id_of(core, TABLE_SERVICES, to)};
}
