/* group.c - groups of packages: how they come together, and part. */
#include "group.h"

#include <string.h>

#include "award.h"
#include "demand.h"
#include "find.h"
#include "group_parts.h"
#include "hash.h"
#include "ladder.h"
#include "names.h"
#include "offer.h"
#include "visit.h"

/* ---- Finding ---- */

static uint64_t hash_of(uint32_t market, const struct pm_name *referrer, const struct pm_name *name)
{
    return name_hash(market, MAP_GROUPS, name_text(name)) ^
           pm_hash(referrer, sizeof *referrer, MAP_GROUPS);
}

uint64_t group_hash(const struct group *group)
{
    return hash_of(group->market, &group->referrer, &group->name);
}

static uint32_t find(const struct pm_core *core, uint32_t market, const struct pm_name *referrer,
                     const struct pm_name *name)
{
    const struct map *map = &core->map[MAP_GROUPS];
    struct map_cursor c = map_first(map, hash_of(market, referrer, name));
    for (; c.slot != 0; c = map_more(map, c)) {
        const struct group *group = group_at(core, c.slot);
        if (group->market == market && memcmp(&group->name, name, sizeof *name) == 0 &&
            memcmp(&group->referrer, referrer, sizeof *referrer) == 0)
            break;
    }
    return c.slot;
}

static bool is_complete(const struct group *group)
{
    return group->posted == group->size;
}

static struct group *group_of(const struct pm_core *core, uint32_t package)
{
    uint32_t group = package_at(core, package)->group;
    return group == 0 ? NULL : group_at(core, group);
}

bool group_is_split(const struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    return group != NULL && !group->together;
}

bool group_is_together(const struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    return group != NULL && group->together;
}

uint32_t group_next(const struct pm_core *core, uint32_t package)
{
    return package_detail_at(core, package)->next_in_group;
}

uint32_t group_first(const struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    return group == NULL ? 0 : group->first;
}

/* ---- Posting ---- */

/* A couple is of one kind, in one place, and excludes the same. */
static bool same_place(const struct pm_core *core, uint32_t member, const struct draft *draft)
{
    const struct package *p = package_at(core, member), *q = &draft->package;
    return p->kind == q->kind && p->locality == q->locality && p->sector == q->sector &&
           p->exclusions == q->exclusions &&
           memcmp(package_detail_at(core, member)->exclusion, draft->detail.exclusion,
                  sizeof draft->detail.exclusion) == 0;
}

static bool may_join(const struct pm_core *core, uint32_t slot, const struct draft *draft,
                     const struct group_place *place)
{
    const struct group *group = group_at(core, slot);
    return !is_complete(group) && group->size == place->size &&
           group->together == place->together &&
           (!group->together || same_place(core, group->first, draft));
}

uint16_t group_find(const struct pm_core *core, uint32_t market, const struct draft *draft,
                    const struct pm_package *sent, struct group_place *out)
{
    *out = (struct group_place){
        .named = sent->group.length != 0, .size = sent->group_size, .together = sent->together};
    if (!out->named)
        return sent->group_size == 0 && sent->together == 0 ? PM_OK : PM_BAD_GROUP;
    if (!name_is_good(sent->group))
        return PM_BAD_NAME;
    if (out->size < 2 || out->size > PM_GROUP_MAX || out->together > 1 ||
        draft->package.arrangement != PM_MANAGED)
        return PM_BAD_GROUP;
    name_set(&out->name, sent->group);
    out->group = find(core, market, &draft->detail.referrer, &out->name);
    if (out->group == 0)
        return table_has_room(&core->table[TABLE_GROUPS], 1) ? PM_OK : PM_FULL;
    return may_join(core, out->group, draft, out) ? PM_OK : PM_BAD_GROUP;
}

static uint32_t create(struct pm_core *core, uint32_t package, const struct group_place *place)
{
    uint32_t slot = table_take(&core->table[TABLE_GROUPS]);
    struct group *group = group_at(core, slot);
    group->market = package_at(core, package)->market;
    group->name = place->name;
    group->referrer = package_detail_at(core, package)->referrer;
    group->size = place->size;
    group->together = place->together;
    map_add(&core->map[MAP_GROUPS], group_hash(group), slot);
    return slot;
}

void group_join(struct pm_core *core, uint32_t package, const struct group_place *place)
{
    if (!place->named)
        return;
    uint32_t slot = place->group != 0 ? place->group : create(core, package, place);
    struct group *group = group_at(core, slot);
    uint32_t last = group->first;
    while (last != 0 && group_next(core, last) != 0)
        last = group_next(core, last);
    if (last != 0)
        package_detail_at(core, last)->next_in_group = package;
    else
        group->first = package;
    package_at(core, package)->group = slot;
    group->posted++;
}

/* ---- What a group seeks ---- */

void group_own_need(const struct pm_core *core, uint32_t slot, struct package *out)
{
    const struct package *p = package_at(core, slot);
    const struct package_detail *detail = package_detail_at(core, slot);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    struct demand demand = {.units = 1, .band = {[0] = 1}};
    struct pm_visit visit[PM_VISITS_MAX];
    if (kind->unit == PM_MINUTES) {
        visits_read(core, slot, visit);
        demand_of_visits(kind, visit, detail->visits, &demand);
    } else
        demand.band[detail->place_type] = 1;
    memcpy(out->demand, demand.band, sizeof out->demand);
    out->units = demand.units;
    out->needs = detail->needs;
}

/* The lead seeks what all need together; or, `alone`, what it needs itself. */
static void seek_for(struct pm_core *core, uint32_t lead, bool alone)
{
    struct package *p = package_at(core, lead);
    group_own_need(core, lead, p);
    for (uint32_t at = alone ? 0 : group_next(core, lead); at != 0; at = group_next(core, at)) {
        struct package own;
        group_own_need(core, at, &own);
        for (unsigned b = 0; b < PM_BANDS_MAX; b++)
            p->demand[b] += own.demand[b];
        p->units += own.units;
        p->needs |= own.needs;
    }
}

static void begin(struct pm_core *core, const struct group *group)
{
    uint32_t at = group->first;
    if (group->together) {
        seek_for(core, at, false);
        ladder_start(core, at);
        return;
    }
    for (; at != 0; at = group_next(core, at)) {
        const struct package *p = package_at(core, at);
        if (p->state == PM_OPEN && p->waits == WAITS_NOT && p->due == 0)
            ladder_start(core, at);
    }
}

void group_begin(struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    if (group == NULL)
        ladder_start(core, package);
    else if (is_complete(group))
        begin(core, group);
}

/* ---- Parting ---- */

static void dissolve(struct pm_core *core, uint32_t slot)
{
    struct group *group = group_at(core, slot);
    for (uint32_t at = group->first; at != 0;) {
        uint32_t next = group_next(core, at);
        package_detail_at(core, at)->next_in_group = 0;
        package_at(core, at)->group = 0;
        at = next;
    }
    map_remove(&core->map[MAP_GROUPS], group_hash(group), slot);
    table_free(&core->table[TABLE_GROUPS], slot);
}

static void unlink_member(struct pm_core *core, struct group *group, uint32_t package)
{
    uint32_t *link = &group->first;
    while (*link != package)
        link = &package_detail_at(core, *link)->next_in_group;
    *link = group_next(core, package);
    package_detail_at(core, package)->next_in_group = 0;
    package_at(core, package)->group = 0;
    if (is_complete(group)) /* otherwise another may take its place */
        group->size--;
    group->posted--;
}

void group_stop(struct pm_core *core, uint32_t package)
{
    uint32_t lead = group_of(core, package)->first;
    ladder_leave(core, lead);
    offers_over(core, lead, 0, PM_OFFER_IS_STALE, PM_OFFER_IS_STALE);
}

/* What is sought for all is another now, and nobody has been asked for it. */
static void start_lead(struct pm_core *core, uint32_t lead, bool alone)
{
    struct package *p = package_at(core, lead);
    seek_for(core, lead, alone);
    p->need_version = ++p->version;
    if (p->state != PM_PAUSED)
        ladder_start(core, lead);
}

/* It was settled but for the others. */
static void confirm_alone(struct pm_core *core, uint32_t package)
{
    uint32_t chosen = package_at(core, package)->chosen;
    uint16_t status = award_waits_for_broker(core, chosen) ? PM_FULL : award_status(core, chosen);
    if (status == PM_OK)
        award_place(core, chosen);
    else if (status == PM_FULL)
        award_due(core, package);
    else
        award_lapse(core, package);
}

/* The last of a group is brokered alone from here on. */
static void go_alone(struct pm_core *core, uint32_t package, bool together)
{
    const struct package *p = package_at(core, package);
    if (together)
        start_lead(core, package, true);
    else if (p->state == PM_WAITING)
        ladder_retry(core, package);
    else if (p->state == PM_TO_CONFIRM)
        confirm_alone(core, package);
}

/* The parts that are left may be all settled, or be served without the one that left. */
static void go_on_without(struct pm_core *core, uint32_t first)
{
    group_settled(core, first);
    if (package_at(core, first)->group != 0)
        group_retry_from(core, first, 0);
}

void group_leave(struct pm_core *core, uint32_t package)
{
    struct group *group = group_of(core, package);
    if (group == NULL)
        return;
    uint32_t slot = package_at(core, package)->group;
    bool together = group->together != 0;
    if (together && group->first == package)
        seek_for(core, package, true); /* its offers are over, as it is */
    else if (together)
        group_stop(core, package);
    unlink_member(core, group, package);
    uint32_t first = group->first;
    if (group->posted == 0 || (group->posted == 1 && is_complete(group))) {
        dissolve(core, slot);
        if (first != 0)
            go_alone(core, first, together);
    } else if (is_complete(group)) {
        if (together)
            start_lead(core, first, false);
        else
            go_on_without(core, first);
    }
}

/* ---- Members ---- */

bool group_is_incomplete(const struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    return group != NULL && !is_complete(group);
}

bool group_may_pause(const struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    return group == NULL || (is_complete(group) && (!group->together || group->first == package));
}

uint16_t group_may_amend(const struct pm_core *core, const struct draft *before,
                         const struct draft *after)
{
    const struct package *p = &before->package, *q = &after->package;
    if (!group_is_together(core, before->slot))
        return PM_OK;
    bool stays =
        p->locality == q->locality && p->sector == q->sector && p->exclusions == q->exclusions &&
        memcmp(before->detail.exclusion, after->detail.exclusion, sizeof after->detail.exclusion) ==
            0;
    return stays ? PM_OK : PM_BAD_GROUP;
}

void group_go_on(struct pm_core *core, uint32_t package, bool stopped)
{
    const struct group *group = group_of(core, package);
    if (is_complete(group) && stopped)
        start_lead(core, group->first, false);
    else if (is_complete(group))
        seek_for(core, group->first, false);
}

/* ---- Placed together ---- */

uint32_t group_parts(const struct pm_core *core, uint32_t package)
{
    const struct group *group = group_of(core, package);
    return group != NULL && group->together ? group->size : 1;
}

void group_agree_together(struct pm_core *core, uint32_t slot)
{
    uint32_t lead = offer_at(core, slot)->package, group = package_at(core, lead)->group;
    uint32_t service = offer_at(core, slot)->service;
    struct package before = *package_at(core, lead);
    uint32_t member[PM_GROUP_MAX], members = 0;
    for (uint32_t at = group_next(core, lead); at != 0; at = group_next(core, at))
        member[members++] = at;
    seek_for(core, lead, true);
    dissolve(core, group);
    offer_takes(core, slot, before.demand);
    placement_agree(core, slot);
    for (uint32_t i = 0; i < members; i++) {
        const struct offer *won = offer_at(core, slot);
        uint32_t own = offer_instant(core, member[i], service, won->rate, won->route);
        offer_at(core, own)->made = won->made; /* its days are counted from then */
        offer_at(core, own)->decided_by = won->decided_by;
        offer_at(core, own)->start_in = won->start_in;
        offer_at(core, own)->assess_in = won->assess_in;
        offer_at(core, own)->shift = won->shift;
        placement_agree(core, own);
    }
}

void group_dissolve(struct pm_core *core, uint32_t package)
{
    dissolve(core, package_at(core, package)->group);
}
