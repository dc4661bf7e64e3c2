/* draft.c - from what was sent of a package to what is kept. */
#include "draft.h"

#include <string.h>

#include "dates.h"
#include "demand.h"
#include "find.h"
#include "package.h"

static uint16_t draft_place(const struct pm_market *rules, const struct pm_package *sent,
                            struct draft *draft)
{
    if (sent->postcode == PM_POSTCODE_BAD || sent->sector == PM_POSTCODE_BAD ||
        (sent->sector != 0 && pm_postcode_sector(sent->sector) != sent->sector))
        return PM_BAD_POSTCODE;
    int locality = sent->postcode != 0 ? -1 : find_locality(rules, sent->locality);
    if (locality < 0)
        return PM_UNKNOWN_LOCALITY;
    draft->package.locality = (uint8_t)locality;
    draft->package.sector = sent->sector;
    return PM_OK;
}

static void draft_demand(struct draft *draft, const struct demand *demand)
{
    memcpy(draft->package.demand, demand->band, sizeof demand->band);
    draft->package.units = demand->units;
}

static uint16_t draft_visits(const struct pm_kind *kind, const struct pm_package *sent,
                             struct draft *draft)
{
    struct demand demand;
    uint16_t status = demand_of_visits(kind, sent->visit, sent->visits, &demand);
    if (status != PM_OK)
        return status;
    draft->visits = true;
    draft_demand(draft, &demand);
    return PM_OK;
}

static uint16_t draft_place_type(const struct pm_kind *kind, const struct pm_package *sent,
                                 struct draft *draft)
{
    struct demand demand;
    unsigned band;
    uint16_t status = demand_of_place(kind, sent->place_type, &demand, &band);
    if (status != PM_OK)
        return status;
    draft->detail.place_type = (uint8_t)band;
    draft_demand(draft, &demand);
    return PM_OK;
}

/* Care is stated as the kind is counted, in visits or as a place; the other must not be given. */
static uint16_t draft_care(const struct pm_kind *kind, const struct pm_package *sent,
                           uint32_t given, struct draft *draft)
{
    bool minutes = kind->unit == PM_MINUTES;
    if (minutes ? sent->place_type.length != 0 : sent->visits != 0)
        return PM_NOTHING_NEEDED;
    if (minutes && (given & PM_GIVEN_VISITS) != 0)
        return draft_visits(kind, sent, draft);
    if (!minutes && (given & PM_GIVEN_PLACE_TYPE) != 0)
        return draft_place_type(kind, sent, draft);
    return PM_OK;
}

static uint16_t draft_needs(const struct pm_market *rules, const struct pm_package *sent,
                            struct draft *draft)
{
    uint64_t needs = 0;
    for (unsigned i = 0; i < sent->needs; i++) {
        int capability = find_capability(rules, sent->need[i]);
        if (capability < 0)
            return PM_UNKNOWN_CAPABILITY;
        needs |= 1ull << capability;
    }
    draft->package.needs = draft->detail.needs = needs;
    return PM_OK;
}

static uint16_t draft_exclusions(const struct pm_core *core, uint32_t market,
                                 const struct pm_package *sent, struct draft *draft)
{
    if (sent->exclusions > PM_EXCLUSIONS_MAX)
        return PM_BAD_VALUE;
    memset(draft->detail.exclusion, 0, sizeof draft->detail.exclusion);
    for (unsigned i = 0; i < sent->exclusions; i++)
        if ((draft->detail.exclusion[i] = find_provider(core, market, sent->exclusion[i])) == 0)
            return PM_UNKNOWN_PROVIDER;
    draft->package.exclusions = sent->exclusions;
    return PM_OK;
}

static bool date_is_good(int32_t date)
{
    return date >= 0 && date <= DATE_MAX;
}

static uint16_t draft_dates(const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    struct package_detail *d = &draft->detail;
    if ((given & PM_GIVEN_START) != 0) {
        d->start_from = sent->start_from;
        d->start_by = sent->start_by;
    }
    if ((given & PM_GIVEN_PLANNED_END) != 0)
        d->planned_end = sent->planned_end;
    bool good =
        date_is_good(d->start_from) && date_is_good(d->start_by) && date_is_good(d->planned_end) &&
        (d->start_by == 0 || d->start_by >= d->start_from) &&
        (d->planned_end == 0 || (d->planned_end >= d->start_from && d->planned_end >= d->start_by));
    return good ? PM_OK : PM_BAD_DATES;
}

static uint16_t draft_person(const struct pm_core *core, uint32_t market,
                             const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    if ((given & PM_GIVEN_PERSON) != 0) {
        if (sent->person.length != 0 && !token_is_good(sent->person))
            return PM_BAD_NAME;
        title_set(&draft->detail.person, sent->person);
    }
    if ((given & PM_GIVEN_CONTINUITY) != 0) {
        bool known = sent->continuity.length != 0;
        draft->detail.continuity = known ? find_provider(core, market, sent->continuity) : 0;
        if (known && draft->detail.continuity == 0)
            return PM_UNKNOWN_PROVIDER;
        draft->package.knows = known;
    }
    return PM_OK;
}

static uint16_t draft_preferred(const struct pm_core *core, uint32_t market,
                                const struct pm_package *sent, struct draft *draft)
{
    if (sent->preferences > PM_PREFERENCES_MAX)
        return PM_BAD_VALUE;
    memset(draft->detail.preferred, 0, sizeof draft->detail.preferred);
    for (unsigned i = 0; i < sent->preferences; i++)
        if ((draft->detail.preferred[i] = find_location(core, market, sent->preferred[i])) == 0)
            return PM_UNKNOWN_LOCATION;
    draft->package.preferences = sent->preferences;
    return PM_OK;
}

/* Would following that one close a circle, or make the chain longer than it may be? */
static bool chain_is_bad(const struct pm_core *core, uint32_t package, uint32_t followed)
{
    uint32_t at = followed, before = 0;
    for (; at != 0 && at != package && before < PM_CHAIN_MAX; before++)
        at = package_detail_at(core, at)->follows;
    return at != 0;
}

/* Has all the care it is to get begun? Then no start of it would end what it follows. */
static bool has_begun(const struct pm_core *core, const struct package *package)
{
    return package->state == PM_PLACED && package->successor == 0 &&
           placement_at(core, package->placement)->started != 0;
}

/* The package this one follows: one that is there, is not over, is followed by no other, and does
 * not come after this one; before this one's care begins. */
static uint16_t draft_follows(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_package *sent, struct draft *draft)
{
    uint32_t before = draft->detail.follows;
    draft->detail.follows = 0;
    if (sent->follows.length == 0)
        return PM_OK;
    struct found_package found =
        find_package(core, market, sent->follows, (struct pm_text){0}, actor);
    if (found.status != PM_OK)
        return found.status;
    const struct package *p = package_at(core, found.package);
    bool taken =
        package_detail_at(core, found.package)->followed_by != 0 && found.package != before;
    bool in_vain = found.package != before && has_begun(core, &draft->package);
    if (package_is_over(p) || taken || in_vain || chain_is_bad(core, draft->slot, found.package))
        return PM_BAD_FOLLOWS;
    draft->detail.follows = found.package;
    return PM_OK;
}

static uint16_t draft_small(const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    if ((given & PM_GIVEN_PRIORITY) != 0)
        draft->detail.priority = sent->priority;
    if ((given & PM_GIVEN_INTERIM) != 0)
        draft->detail.interim = sent->interim;
    if ((given & PM_GIVEN_PAYER) != 0)
        draft->detail.payer = sent->payer;
    if (draft->detail.priority >= PM_PRIORITIES)
        return PM_BAD_PRIORITY;
    return draft->detail.interim < PM_INTERIMS && draft->detail.payer < PM_PAYERS ? PM_OK
                                                                                  : PM_BAD_VALUE;
}

/* Which status comes first follows the order here. */
uint16_t draft_fields(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                      const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    const struct pm_market *rules = &market_at(core, market)->rules;
    uint16_t status = PM_OK;
    if ((given & PM_GIVEN_PLACE) != 0)
        status = draft_place(rules, sent, draft);
    if (status == PM_OK)
        status = draft_care(&rules->kind[draft->package.kind], sent, given, draft);
    if (status == PM_OK && (given & PM_GIVEN_NEEDS) != 0)
        status = draft_needs(rules, sent, draft);
    if (status == PM_OK)
        status = draft_dates(sent, given, draft);
    if (status == PM_OK)
        status = draft_small(sent, given, draft);
    if (status == PM_OK && (given & PM_GIVEN_EXCLUSIONS) != 0)
        status = draft_exclusions(core, market, sent, draft);
    if (status == PM_OK)
        status = draft_person(core, market, sent, given, draft);
    if (status == PM_OK && (given & PM_GIVEN_PREFERRED) != 0)
        status = draft_preferred(core, market, sent, draft);
    if (status == PM_OK && (given & PM_GIVEN_FOLLOWS) != 0)
        status = draft_follows(core, market, actor, sent, draft);
    return status;
}

uint16_t draft_names(struct pm_actor actor, int kind, const struct pm_package *sent,
                     struct draft *draft)
{
    struct pm_text referrer = draft_referrer(actor, sent);
    if (!name_is_good(sent->reference) || !name_is_good(referrer))
        return PM_BAD_NAME;
    if (actor.role == PM_HOSPITAL && !pm_text_equal(referrer, actor.name))
        return PM_NOT_ALLOWED;
    if (kind < 0)
        return PM_UNKNOWN_KIND;
    if (sent->arrangement >= PM_ARRANGEMENTS)
        return PM_BAD_VALUE;
    draft->package.arrangement = sent->arrangement;
    draft->package.kind = (uint8_t)kind;
    name_set(&draft->detail.reference, sent->reference);
    name_set(&draft->detail.referrer, referrer);
    return PM_OK;
}
