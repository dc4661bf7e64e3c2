/*
 * invariant_lists.c - each list holds what it should, once. A list's members say whose they are,
 * and all the lists of a sort together are as long as there are members: so none is missing, or in
 * two lists, or twice. No walk is longer than there are members, whatever the links are.
 */
#include "invariant.h"

#include <string.h>

#include "eligible.h"
#include "ladder.h"
#include "offer.h"
#include "placement.h"
#include "sweep.h"

/* How many more may come before the lists of a sort are longer than there are members. */
static bool too_many(uint32_t *left)
{
    return (*left)-- == 0;
}

/* ---- Services of pools and of markets ---- */

static bool check_services_of_pools(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = core->table[TABLE_SERVICES].used;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_POOLS], slot)) != 0;) {
        uint32_t service = pool_at(core, slot)->first_service;
        for (; service != 0; service = service_at(core, service)->next_in_pool)
            if (service_at(core, service)->pool != slot || too_many(&left))
                return broken(check, "pools", slot, "its list of services is wrong");
    }
    return left == 0 || broken(check, "services", left, "so many are in no pool's list");
}

static bool check_services_of_markets(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = core->table[TABLE_SERVICES].used;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_MARKETS], slot)) != 0;) {
        uint32_t service = market_at(core, slot)->first_service;
        for (; service != 0; service = service_at(core, service)->next_in_market)
            if (service_at(core, service)->market != slot || too_many(&left))
                return broken(check, "markets", slot, "its list of services is wrong");
    }
    return left == 0 || broken(check, "services", left, "so many are in no market's list");
}

/* ---- Offers and placements of packages and of providers ---- */

static bool check_offers_of_packages(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = core->table[TABLE_OFFERS].used;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;) {
        uint32_t offer = package_at(core, slot)->first_offer;
        int64_t made = INT64_MAX; /* the newest first */
        for (; offer != 0; offer = offer_at(core, offer)->next_of_package) {
            const struct offer *o = offer_at(core, offer);
            if (o->package != slot || o->made > made || too_many(&left))
                return broken(check, "packages", slot, "its list of offers is wrong");
            made = o->made;
        }
    }
    return left == 0 || broken(check, "offers", left, "so many are in no package's list");
}

static uint32_t live_offers(const struct pm_core *core)
{
    uint32_t live = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_OFFERS], slot)) != 0;)
        live += offer_is_live(offer_at(core, slot));
    return live;
}

static bool provider_list_is_good(const struct pm_core *core, uint32_t slot, uint32_t *left)
{
    const struct provider *provider = provider_at(core, slot);
    uint32_t previous = 0;
    for (uint32_t at = provider->first_offer; at != 0; at = offer_at(core, at)->next_of_provider) {
        const struct offer *offer = offer_at(core, at);
        if (offer_provider(core, offer) != slot || !offer_is_live(offer) ||
            offer->previous_of_provider != previous || too_many(left))
            return false;
        previous = at;
    }
    return provider->last_offer == previous;
}

static bool check_offers_of_providers(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = live_offers(core);
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PROVIDERS], slot)) != 0;)
        if (!provider_list_is_good(core, slot, &left))
            return broken(check, "providers", slot, "its list of live offers is wrong");
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_OFFERS], slot)) != 0;) {
        const struct offer *offer = offer_at(core, slot);
        if (!offer_is_live(offer) &&
            (offer->next_of_provider != 0 || offer->previous_of_provider != 0))
            return broken(check, "offers", slot, "it is over but still linked");
    }
    return left == 0 ||
           broken(check, "offers", left, "so many live ones are in no provider's list");
}

static bool check_placements_of_packages(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = core->table[TABLE_PLACEMENTS].used;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;) {
        uint32_t placement = package_detail_at(core, slot)->last_placement;
        for (; placement != 0; placement = placement_at(core, placement)->older)
            if (placement_at(core, placement)->package != slot || too_many(&left))
                return broken(check, "packages", slot, "its list of placements is wrong");
    }
    return left == 0 || broken(check, "placements", left, "so many are in no package's list");
}

static bool placements_are_good(const struct pm_core *core, uint32_t slot, uint32_t *left)
{
    const struct provider *provider = provider_at(core, slot);
    uint32_t previous = 0, at = provider->first_placement;
    for (; at != 0; at = placement_at(core, at)->next_of_provider) {
        const struct placement *placement = placement_at(core, at);
        if (placement->provider != slot || !placement_is_current(placement) ||
            placement->previous_of_provider != previous || too_many(left))
            return false;
        previous = at;
    }
    return provider->last_placement == previous;
}

static bool check_placements_of_providers(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PLACEMENTS], slot)) != 0;) {
        const struct placement *placement = placement_at(core, slot);
        left += placement_is_current(placement);
        if (!placement_is_current(placement) &&
            (placement->next_of_provider != 0 || placement->previous_of_provider != 0))
            return broken(check, "placements", slot, "it has ended but is still linked");
    }
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PROVIDERS], slot)) != 0;)
        if (!placements_are_good(core, slot, &left))
            return broken(check, "providers", slot, "its list of placements is wrong");
    return left == 0 ||
           broken(check, "placements", left, "so many current ones are in no provider's list");
}

static bool check_visits_of_packages(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = core->table[TABLE_VISITS].used;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;) {
        const struct package_detail *detail = package_detail_at(core, slot);
        unsigned lines = 0;
        for (uint32_t at = detail->first_visits; at != 0; at = visits_at(core, at)->next) {
            lines += VISITS_A_RECORD;
            if (too_many(&left))
                return broken(check, "packages", slot, "its list of visits is wrong");
        }
        if (lines < detail->visits || lines >= (unsigned)detail->visits + VISITS_A_RECORD)
            return broken(check, "packages", slot, "it has not as many visits as counted");
    }
    return left == 0 || broken(check, "visits", left, "so many are no package's");
}

/* ---- Groups ---- */

static bool check_groups(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t members = 0, left = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;)
        left += package_at(core, slot)->group != 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_GROUPS], slot)) != 0;) {
        const struct group *group = group_at(core, slot);
        members = 0;
        for (uint32_t at = group->first; at != 0; at = package_detail_at(core, at)->next_in_group) {
            if (package_at(core, at)->group != slot || too_many(&left))
                return broken(check, "groups", slot, "its list of packages is wrong");
            members++;
        }
        if (members != group->posted || group->posted > group->size || members == 0)
            return broken(check, "groups", slot, "it has not as many packages as counted");
    }
    return left == 0 || broken(check, "packages", left, "so many are in no group's list");
}

/* ---- Sweeps ---- */

static bool check_sweeps(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = core->table[TABLE_SWEEPS].used, last = 0;
    for (uint32_t at = core->header.sweep_first; at != 0; at = sweep_at(core, at)->next) {
        const struct sweep *sweep = sweep_at(core, at);
        if (too_many(&left) || (last != 0 && sweep->begun) || (!sweep->begun && sweep->cursor != 0))
            return broken(check, "sweeps", at, "the queue comes here wrongly");
        last = at;
    }
    return (left == 0 && core->header.sweep_last == last) ||
           broken(check, "sweeps", last, "the queue ends here wrongly");
}

/* ---- Packages that wait ---- */

static uint32_t waiting_packages(const struct pm_core *core)
{
    uint32_t waiting = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;)
        waiting += package_at(core, slot)->waits == WAITS_LISTED;
    return waiting;
}

static bool waits_here(const struct pm_core *core, const struct package *package, uint32_t list)
{
    return package->waits == WAITS_LISTED &&
           market_at(core, package->market)->waitlist[package->kind][package->locality] == list;
}

static bool priority_is_good(const struct pm_core *core, uint32_t slot, unsigned priority,
                             uint32_t *left)
{
    const struct waitlist *list = waitlist_at(core, slot);
    uint32_t previous = 0;
    for (uint32_t at = list->first[priority]; at != 0; at = package_at(core, at)->wait_next) {
        const struct package *package = package_at(core, at);
        if (!waits_here(core, package, slot) || package->priority != priority ||
            package->wait_previous != previous || too_many(left))
            return false;
        previous = at;
    }
    return list->last[priority] == previous;
}

static bool waitlist_is_good(const struct pm_core *core, uint32_t slot, uint32_t *left)
{
    const struct waitlist *list = waitlist_at(core, slot);
    uint32_t before = *left;
    for (unsigned priority = 0; priority < PM_PRIORITIES; priority++)
        if (!priority_is_good(core, slot, priority, left))
            return false;
    return before - *left == list->waiting;
}

/* `kinds` counts how many there are of each. */
static bool gathered_are_good(const struct pm_core *core, uint32_t slot, unsigned priority,
                              uint32_t kinds[PM_KINDS_MAX], uint32_t *left)
{
    const struct market *market = market_at(core, slot);
    uint32_t previous = 0, at = market->gathered_first[priority];
    for (; at != 0; at = package_at(core, at)->wait_next) {
        const struct package *package = package_at(core, at);
        if (package->market != slot || package->waits != WAITS_GATHERED ||
            package->priority != priority || package->wait_previous != previous || too_many(left))
            return false;
        kinds[package->kind]++;
        previous = at;
    }
    return market->gathered_last[priority] == previous;
}

static bool all_gathered_are_good(const struct pm_core *core, uint32_t slot, uint32_t *left)
{
    uint32_t kinds[PM_KINDS_MAX] = {0};
    for (unsigned priority = 0; priority < PM_PRIORITIES; priority++)
        if (!gathered_are_good(core, slot, priority, kinds, left))
            return false;
    return memcmp(kinds, market_at(core, slot)->gathered, sizeof kinds) == 0;
}

static bool check_gathered(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;)
        left += package_at(core, slot)->waits == WAITS_GATHERED;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_MARKETS], slot)) != 0;)
        if (!all_gathered_are_good(core, slot, &left))
            return broken(check, "markets", slot, "its list of gathered packages is wrong");
    return left == 0 || broken(check, "packages", left, "so many are gathered but in no list");
}

static bool check_waitlists(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = waiting_packages(core);
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_WAITLISTS], slot)) != 0;)
        if (!waitlist_is_good(core, slot, &left))
            return broken(check, "waitlists", slot, "its list of packages is wrong");
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;) {
        const struct package *package = package_at(core, slot);
        if (!package->waits && (package->wait_next != 0 || package->wait_previous != 0))
            return broken(check, "packages", slot, "it does not wait but is still linked");
    }
    if (core->header.waiting != waiting_packages(core))
        return broken(check, "packages", core->header.waiting,
                      "so many are counted as waiting, but others wait");
    return left == 0 || broken(check, "packages", left, "so many wait but are in no list");
}

/* ---- Services on the agenda ---- */

static uint32_t on_agenda(const struct pm_core *core)
{
    uint32_t on = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SERVICES], slot)) != 0;)
        on += service_at(core, slot)->on_agenda;
    return on;
}

static bool check_round(const struct check *check)
{
    const struct header *header = &check->core->header;
    bool begun = header->agenda_begun != 0;
    if ((begun && header->agenda_first == 0) || (!begun && header->agenda_cursor != 0) ||
        (header->agenda_cursor != 0 &&
         package_at(check->core, header->agenda_cursor)->waits != WAITS_LISTED))
        return broken(check, "packages", header->agenda_cursor,
                      "the agenda's round is not at one who waits");
    return true;
}

static bool check_agenda(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t left = on_agenda(core), last = 0;
    for (uint32_t at = core->header.agenda_first; at != 0; at = service_at(core, at)->agenda_next) {
        if (!service_at(core, at)->on_agenda || too_many(&left))
            return broken(check, "services", at, "it is on the agenda wrongly");
        last = at;
    }
    if (left != 0 || core->header.agenda_last != last)
        return broken(check, "services", last, "the agenda ends here wrongly");
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SERVICES], slot)) != 0;) {
        const struct service *service = service_at(core, slot);
        if (!service->on_agenda && (service->agenda_next != 0 || service->again != 0))
            return broken(check, "services", slot, "it is not on the agenda but linked as if");
    }
    return check_round(check);
}

/* ---- Nobody waits whom some service could take ---- */

static bool could_take(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    for (unsigned step = 0; step < kind->steps; step++)
        if (ladder_asks(p, &kind->step[step]) && may_be_asked(core, package, service, step))
            return true;
    return false;
}

/* Of a split group none is served before all can be. */
static bool waits_alone(const struct pm_core *core, const struct package *package)
{
    return package->waits == WAITS_LISTED &&
           (package->group == 0 || group_at(core, package->group)->together);
}

/* Unless that service is yet on the agenda, something is yet due, or there is no room for another
 * offer. */
bool check_nobody_waits_needlessly(const struct check *check)
{
    const struct pm_core *core = check->core;
    if (deadline_next(&core->deadlines) < core->header.time ||
        !table_has_room(&core->table[TABLE_OFFERS], PM_GROUP_MAX) ||
        !table_has_room(&core->table[TABLE_PLACEMENTS], PM_GROUP_MAX))
        return true;
    for (uint32_t package = 0;
         (package = table_next(&core->table[TABLE_PACKAGES], package)) != 0;) {
        const struct package *p = package_at(core, package);
        uint32_t service = waits_alone(core, p) ? market_at(core, p->market)->first_service : 0;
        for (; service != 0; service = service_at(core, service)->next_in_market)
            if (!service_at(core, service)->on_agenda && could_take(core, package, service))
                return broken(check, "packages", package,
                              "it waits though a service could take it");
    }
    return true;
}

/* ---- Clients by last use ---- */

/* From the newest to the oldest there are so many, each of that actor (0: of any). */
static bool uses_are_good(const struct pm_core *core, const struct uses *uses, unsigned list,
                          uint32_t actor, uint32_t left)
{
    uint32_t newer = 0;
    for (uint32_t at = uses->newest; at != 0; at = client_at(core, at)->in[list].older) {
        const struct client *client = client_at(core, at);
        if (client->in[list].newer != newer || (actor != 0 && client->actor != actor) ||
            too_many(&left))
            return false;
        newer = at;
    }
    return left == 0 && uses->oldest == newer;
}

static bool check_clients(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t used = core->table[TABLE_CLIENTS].used, of_actors = 0;
    if (!uses_are_good(core, &core->header.clients, CLIENTS_OF_ALL, 0, used))
        return broken(check, "clients", core->header.clients.newest,
                      "the list by last use is wrong");
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_ACTORS], slot)) != 0;) {
        const struct actor *actor = actor_at(core, slot);
        if (!uses_are_good(core, &actor->clients, CLIENTS_OF_ACTOR, slot, actor->count))
            return broken(check, "actors", slot, "the list of its clients is wrong");
        of_actors += actor->count;
    }
    return of_actors == used || broken(check, "clients", 0, "one is in no actor's list");
}

bool check_lists(const struct check *check)
{
    return check_services_of_pools(check) && check_services_of_markets(check) &&
           check_offers_of_packages(check) && check_offers_of_providers(check) &&
           check_placements_of_packages(check) && check_placements_of_providers(check) &&
           check_visits_of_packages(check) && check_groups(check) && check_sweeps(check) &&
           check_waitlists(check) && check_gathered(check) && check_agenda(check) &&
           check_clients(check);
}
