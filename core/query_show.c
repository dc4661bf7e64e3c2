/* query_show.c - package.show: all there is about one package. */
#include "query.h"

static void put_demand(const struct query *q, const struct package *package)
{
    const struct pm_kind *kind = &q->rules->kind[package->kind];
    if (!put_key(q, KEY_DEMAND))
        return;
    wire_open_array(q->out);
    for (unsigned b = 0; b < kind->bands; b++)
        if (package->demand[b] != 0) {
            wire_map(q->out, 2);
            put_name(q, KEY_NAME, &kind->band[b].name);
            put_number(q, KEY_NEEDED, package->demand[b]);
        }
    wire_break(q->out);
}

static void put_exclusions(const struct query *q, const struct package *package,
                           const struct package_detail *detail)
{
    if (!put_key(q, KEY_EXCLUSIONS))
        return;
    wire_array(q->out, package->exclusions);
    for (unsigned i = 0; i < package->exclusions; i++)
        wire_name(q->out, &provider_detail_at(q->core, detail->exclusion[i])->name);
}

static void put_preferred(const struct query *q, const struct package *package,
                          const struct package_detail *detail)
{
    if (!put_key(q, KEY_PREFERRED))
        return;
    wire_array(q->out, package->preferences);
    for (unsigned i = 0; i < package->preferences; i++)
        wire_name(q->out, &location_detail_at(q->core, detail->preferred[i])->name);
}

/* The packages it belongs with. */
static void put_related(const struct query *q, const struct package *package,
                        const struct package_detail *detail)
{
    if (detail->follows != 0)
        put_name(q, KEY_FOLLOWS, &package_detail_at(q->core, detail->follows)->reference);
    if (detail->followed_by != 0)
        put_name(q, KEY_FOLLOWED_BY, &package_detail_at(q->core, detail->followed_by)->reference);
    if (package->group == 0)
        return;
    const struct group *group = group_at(q->core, package->group);
    put_name(q, KEY_GROUP, &group->name);
    put_number(q, KEY_GROUP_SIZE, group->size);
    if (put_key(q, KEY_TOGETHER))
        wire_bool(q->out, group->together);
}

static void put_circumstances(const struct query *q, const struct package *package,
                              const struct package_detail *detail)
{
    put_string(q, KEY_INTERIM, pm_interim_name(detail->interim));
    put_string(q, KEY_PAYER, pm_payer_name(detail->payer));
    if (detail->person.text[0] != '\0')
        put_string(q, KEY_PERSON, detail->person.text);
    put_exclusions(q, package, detail);
    if (detail->continuity != 0)
        put_name(q, KEY_CONTINUITY, &provider_detail_at(q->core, detail->continuity)->name);
    put_if_any(q, KEY_PLANNED_END, detail->planned_end);
    put_string(q, KEY_ARRANGEMENT, pm_arrangement_name(package->arrangement));
    put_preferred(q, package, detail);
    put_related(q, package, detail);
}

/* The newest first. */
static void put_offers(const struct query *q, const struct package *package)
{
    if (!put_key(q, KEY_OFFERS))
        return;
    wire_open_array(q->out);
    uint32_t slot = package->first_offer;
    for (; slot != 0 && !q->out->overflow; slot = offer_at(q->core, slot)->next_of_package) {
        wire_open_map(q->out);
        query_offer_keys(q, slot);
        wire_break(q->out);
    }
    wire_break(q->out);
}

static void put_outcome(const struct query *q, uint32_t slot, const struct package *package,
                        const struct package_detail *detail)
{
    char diagnosis[QUERY_DIAGNOSIS];
    uint32_t placement = package->placement != 0 ? package->placement : detail->last_placement;
    if (placement != 0 && put_key(q, KEY_PLACEMENT))
        query_placement_row(q, placement);
    if (package->successor != 0 && put_key(q, KEY_SUCCESSOR))
        query_placement_row(q, package->successor);
    put_if_any(q, KEY_ENDED, detail->ended);
    if (detail->end_reason != 0)
        put_string(q, KEY_REASON, pm_end_reason_name(detail->end_reason));
    if (package->state == PM_WAITING || package->state == PM_OPEN) {
        query_diagnosis(q, slot, diagnosis);
        put_string(q, KEY_DIAGNOSIS, diagnosis);
    }
    if (package->state == PM_WAITING)
        query_misses(q, slot);
}

void query_show(const struct query *q, uint32_t slot)
{
    const struct package *package = package_at(q->core, slot);
    const struct package_detail *detail = package_detail_at(q->core, slot);
    wire_open_map(q->out);
    query_package_keys(q, slot);
    query_care_keys(q, slot);
    put_demand(q, package);
    put_circumstances(q, package, detail);
    put_number(q, KEY_VERSION, package->version);
    put_number(q, KEY_STEP, package->step + 1);
    put_number(q, KEY_PASS, package->pass);
    put_offers(q, package);
    put_outcome(q, slot, package, detail);
    wire_break(q->out);
}
