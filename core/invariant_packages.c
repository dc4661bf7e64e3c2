/* invariant_packages.c - the states of packages, offers and placements agree. */
#include "invariant.h"
#include "offer.h"
#include "placement.h"

/* What follows from a package's state. */
struct expectation {
    bool invited, tendered; /* may it have open offers, tendered ones? */
    bool chosen;            /* must an offer be chosen? */
    uint8_t waits;          /* which list it stands on, if any */
};
static const struct expectation expected[PM_PACKAGE_STATES] = {
    [PM_OPEN] = {.waits = WAITS_GATHERED},
    [PM_OFFERED] = {.invited = true, .tendered = true},
    [PM_WAITING] = {.waits = WAITS_LISTED},
    [PM_CHOOSING] = {.tendered = true},
    [PM_TO_CONFIRM] = {.tendered = true, .chosen = true},
};

static bool counts_are_good(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    uint32_t open = 0, tendered = 0;
    for (uint32_t at = package->first_offer; at != 0; at = offer_at(core, at)->next_of_package) {
        open += offer_at(core, at)->state == PM_OFFER_OPEN;
        tendered += offer_at(core, at)->state == PM_OFFER_TENDERED;
    }
    return open == package->invited && tendered == package->tendered;
}

static bool state_is_good(const struct package *package)
{
    const struct expectation *e = &expected[package->state];
    if ((package->invited != 0 && !e->invited) || (package->tendered != 0 && !e->tendered) ||
        (package->chosen != 0) != e->chosen)
        return false;
    bool asked = package->invited + package->tendered != 0;
    if ((e->invited || e->tendered) && !asked)
        return false;
    return package->waits == e->waits || (package->state == PM_OPEN && package->waits == WAITS_NOT);
}

static bool chosen_is_good(const struct pm_core *core, uint32_t slot)
{
    uint32_t chosen = package_at(core, slot)->chosen;
    return chosen == 0 || (offer_at(core, chosen)->package == slot &&
                           offer_at(core, chosen)->state == PM_OFFER_TENDERED);
}

static bool is_current_of(const struct pm_core *core, uint32_t placement, uint32_t package)
{
    return placement == 0 || (placement_at(core, placement)->package == package &&
                              placement_is_current(placement_at(core, placement)));
}

/* At most a current one and a successor, which is not begun; and no others that have not ended. */
static bool placements_are_good(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    uint32_t current = 0, at = package_detail_at(core, slot)->last_placement;
    for (; at != 0; at = placement_at(core, at)->older)
        current += placement_is_current(placement_at(core, at));
    if (!is_current_of(core, package->placement, slot) ||
        !is_current_of(core, package->successor, slot) ||
        current != (uint32_t)(package->placement != 0) + (package->successor != 0))
        return false;
    if (package->successor != 0 &&
        (package->placement == 0 || placement_at(core, package->successor)->state != PM_AGREED ||
         package->state != PM_PLACED))
        return false;
    return package->placement != 0 || package->state != PM_PLACED;
}

static bool check_package(const struct check *check, uint32_t slot)
{
    const struct pm_core *core = check->core;
    const struct package *package = package_at(core, slot);
    const struct package_detail *detail = package_detail_at(core, slot);
    bool over = package->state == PM_ENDED || package->state == PM_WITHDRAWN;
    if (!counts_are_good(core, slot))
        return broken(check, "packages", slot, "it has not as many live offers as counted");
    if (!state_is_good(package) || !chosen_is_good(core, slot))
        return broken(check, "packages", slot, "its state and its offers or its waiting disagree");
    if (!placements_are_good(core, slot))
        return broken(check, "packages", slot, "its state and its placements disagree");
    if ((package->knows != 0) != (detail->continuity != 0))
        return broken(check, "packages", slot, "who knows the person is known and is not");
    if (!over && (detail->ended != 0 || detail->end_reason != 0))
        return broken(check, "packages", slot, "it has ended and has not");
    if (over && (detail->end_reason == 0 || package->placement != 0 || package->group != 0))
        return broken(check, "packages", slot, "it is over for no reason, or not wholly");
    return package->need_version <= package->version ||
           broken(check, "packages", slot, "its needs are newer than itself");
}

static bool check_offer(const struct check *check, uint32_t slot)
{
    const struct offer *offer = offer_at(check->core, slot);
    if ((offer->state == PM_OFFER_DECLINED) != (offer->code != 0))
        return broken(check, "offers", slot, "its state and its decline code disagree");
    if (offer->holds && !offer_is_live(offer))
        return broken(check, "offers", slot, "it is over but still holds");
    if (offer->route == PM_CALL_OFF && offer_is_live(offer) && !offer->holds)
        return broken(check, "offers", slot, "it is a call-off but holds nothing");
    return true;
}

static bool check_placement(const struct check *check, uint32_t slot)
{
    const struct placement *placement = placement_at(check->core, slot);
    bool begun = placement->state == PM_STARTED || placement->state == PM_NOTICE ||
                 placement->state == PM_IN_STAY;
    if ((placement->state == PM_PLACEMENT_ENDED) != (placement->end_reason != 0))
        return broken(check, "placements", slot, "its state and its end disagree");
    return !begun || placement->started != 0 ||
           broken(check, "placements", slot, "it goes on but never began");
}

/* Follower and followed know of each other. */
static bool check_chain(const struct check *check, uint32_t slot)
{
    const struct pm_core *core = check->core;
    const struct package_detail *detail = package_detail_at(core, slot);
    bool good =
        (detail->follows == 0 || package_detail_at(core, detail->follows)->followed_by == slot) &&
        (detail->followed_by == 0 || package_detail_at(core, detail->followed_by)->follows == slot);
    if (!good)
        return broken(check, "packages", slot, "what it follows, or who follows it, is wrong");
    uint32_t at = detail->follows, left = core->table[TABLE_PACKAGES].used;
    while (at != 0 && at != slot && left-- > 0)
        at = package_detail_at(core, at)->follows;
    return at == 0 || broken(check, "packages", slot, "it comes after itself");
}

/* Parts of a split group wait together, but for those that are paused. */
static bool check_parts(const struct check *check, uint32_t slot)
{
    const struct pm_core *core = check->core;
    const struct group *group = group_at(core, slot);
    unsigned waiting = 0, sought = 0;
    for (uint32_t at = group->first; at != 0; at = package_detail_at(core, at)->next_in_group) {
        waiting += package_at(core, at)->state == PM_WAITING;
        sought += package_at(core, at)->state != PM_PAUSED;
    }
    return group->together || waiting == 0 || waiting == sought ||
           broken(check, "groups", slot, "some of its parts wait, and others are sought");
}

bool check_packages(const struct check *check)
{
    const struct table *table = check->core->table;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PACKAGES], slot)) != 0;)
        if (!check_package(check, slot) || !check_chain(check, slot))
            return false;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_GROUPS], slot)) != 0;)
        if (!check_parts(check, slot))
            return false;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_OFFERS], slot)) != 0;)
        if (!check_offer(check, slot))
            return false;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PLACEMENTS], slot)) != 0;)
        if (!check_placement(check, slot))
            return false;
    return true;
}
