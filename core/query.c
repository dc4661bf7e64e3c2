/* query.c - answers to queries: who may ask what, and of which record. */
#include "query.h"

#include "find.h"
#include "names.h"
#include "rights.h"

bool query_may_see(const struct query *q, uint32_t package)
{
    if (q->actor.role == PM_PROVIDER)
        return false;
    return q->actor.role != PM_HOSPITAL ||
           name_is(&package_detail_at(q->core, package)->referrer, q->actor.name);
}

/* Answers about one package. A hospital that names another referrer learns nothing, not even
 * whether that referrer has such a package. */
static uint16_t about_package(const struct query *q, const struct pm_package_id *id,
                              void (*answer)(const struct query *, uint32_t package))
{
    if (q->actor.role == PM_HOSPITAL && id->referrer.length != 0 &&
        !pm_text_equal(id->referrer, q->actor.name))
        return PM_NOT_ALLOWED;
    struct found_package found =
        find_package(q->core, q->market, id->reference, id->referrer, q->actor);
    if (found.status != PM_OK)
        return found.status;
    if (!query_may_see(q, found.package))
        return PM_NOT_ALLOWED;
    answer(q, found.package);
    return PM_OK;
}

static uint16_t answer(const struct query *q, const struct pm_command *command)
{
    switch (command->verb) {
    case PM_PACKAGE_LIST:
    case PM_OFFERS:
    case PM_PLACEMENTS:
    case PM_CAPACITY:
    case PM_SERVICE_LIST:
    case PM_ROUND_LIST:
        return query_list(q, command->verb, &command->list);
    case PM_PACKAGE_SHOW:
        return about_package(q, &command->id, query_show);
    case PM_EXPLAIN:
        return about_package(q, &command->id, query_explain);
    case PM_MARKET_REPORT:
        query_report(q);
        return PM_OK;
    case PM_ROUND_SHOW:
        return query_round(q, &command->matched);
    case PM_ROUND_CERTIFICATE: /* whose bytes the core has not: only whether there is the round */
        return query_has_round(q, &command->matched) ? PM_OK : PM_UNKNOWN_ROUND;
    case PM_ROUND_TRY:
        return query_tried(q, &command->tried);
    default:
        return PM_UNKNOWN_COMMAND;
    }
}

static uint16_t ask(const struct pm_core *core, const struct pm_entry *entry,
                    struct wire_writer *out)
{
    struct query q = {.core = core, .out = out, .actor = entry->actor};
    q.market = find_market(core, entry->market);
    if (q.market == 0)
        return PM_UNKNOWN_MARKET;
    q.rules = &market_at(core, q.market)->rules;
    if (!rights_do(q.actor.role, entry->command->verb))
        return PM_NOT_ALLOWED;
    if (q.actor.role == PM_PROVIDER) {
        q.provider = find_provider(core, q.market, q.actor.name);
        if (q.provider == 0)
            return PM_UNKNOWN_PROVIDER;
    }
    return answer(&q, entry->command);
}

uint16_t pm_core_query(const struct pm_core *core, const struct pm_entry *entry,
                       struct wire_writer *out)
{
    if (out->overflow)
        return PM_TOO_LARGE;
    size_t before = out->used;
    uint16_t status = ask(core, entry, out);
    if (out->overflow)
        status = PM_TOO_LARGE;
    if (status != PM_OK) {
        out->used = before;
        out->overflow = false; /* there is room again for saying so */
    }
    return status;
}
