/* invariant_packages.c - the states of packages, offers and placements agree. */
#include "invariant.h"

static bool is_offered(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    return package->open_offer != 0 && offer_at(core, package->open_offer)->package == slot &&
           offer_at(core, package->open_offer)->state == PM_OFFER_OPEN;
}

static bool is_placed(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    return package->placement != 0 && placement_at(core, package->placement)->package == slot &&
           placement_at(core, package->placement)->state != PM_PLACEMENT_ENDED;
}

static bool check_package(const struct check *check, uint32_t slot)
{
    const struct pm_core *core = check->core;
    const struct package *package = package_at(core, slot);
    bool over = package->state == PM_ENDED || package->state == PM_WITHDRAWN;
    if ((package->state == PM_OFFERED) != (package->open_offer != 0))
        return broken(check, "packages", slot, "its state and its open offer disagree");
    if ((package->open_offer != 0) != is_offered(core, slot))
        return broken(check, "packages", slot, "its open offer is not open, or not its own");
    if ((package->state == PM_PLACED) != is_placed(core, slot))
        return broken(check, "packages", slot, "its state and its placement disagree");
    if ((package->state == PM_WAITING) != (package->waits != 0))
        return broken(check, "packages", slot, "its state and its waiting disagree");
    if (!over && (package->ended != 0 || package_detail_at(core, slot)->end_reason != 0))
        return broken(check, "packages", slot, "it has ended and has not");
    if (over && package_detail_at(core, slot)->end_reason == 0)
        return broken(check, "packages", slot, "it is over for no reason");
    return package->need_version <= package->version ||
           broken(check, "packages", slot, "its needs are newer than itself");
}

/* An open offer is its package's: so a package has one at most. */
static bool check_offer(const struct check *check, uint32_t slot)
{
    const struct pm_core *core = check->core;
    const struct offer *offer = offer_at(core, slot);
    if (offer->state == PM_OFFER_OPEN && package_at(core, offer->package)->open_offer != slot)
        return broken(check, "offers", slot, "it is open but its package knows of another");
    if (offer->state == PM_OFFER_OPEN && offer->route != PM_CALL_OFF)
        return broken(check, "offers", slot, "it is open though nobody was asked");
    if ((offer->state == PM_OFFER_DECLINED) != (offer->code != 0))
        return broken(check, "offers", slot, "its state and its decline code disagree");
    return true;
}

static bool check_placement(const struct check *check, uint32_t slot)
{
    const struct placement *placement = placement_at(check->core, slot);
    return (placement->state == PM_PLACEMENT_ENDED) == (placement->end_reason != 0) ||
           broken(check, "placements", slot, "its state and its end disagree");
}

bool check_packages(const struct check *check)
{
    const struct table *table = check->core->table;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PACKAGES], slot)) != 0;)
        if (!check_package(check, slot))
            return false;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_OFFERS], slot)) != 0;)
        if (!check_offer(check, slot))
            return false;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PLACEMENTS], slot)) != 0;)
        if (!check_placement(check, slot))
            return false;
    return true;
}
