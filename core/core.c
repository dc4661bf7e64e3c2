/*
 * core.c - opening and closing the state machine, and applying a command to it. The only file of
 * core/ that allocates, once, in pm_core_open().
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "award.h"
#include "dates.h"
#include "derive.h"
#include "find.h"
#include "market.h"
#include "offer.h"
#include "once.h"
#include "package.h"
#include "placement.h"
#include "plan.h"
#include "pool.h"
#include "priority.h"
#include "round.h"
#include "service.h"
#include "state.h"
#include "suspend.h"
#include "sweep.h"
#include "waitlist.h"

const struct pm_limits pm_limits_default = {
    .markets = 16,
    .providers = 4096,
    .locations = 16384,
    .pools = 16384,
    .services = 32768,
    .packages = 262144,
    .offers = 1048576,
    .placements = 262144,
    .waitlists = 2048,
    .clients = 1024,
};

enum {
    ENTRIES_A_SERVICE = 8, /* rosters a service stands on, on average at the most */
    CONTINUE_STEPS = 50,   /* of one continue */
};

/* ---- Memory ---- */

static void plan_table(struct plan *plan, struct table *table, const char *name, uint32_t capacity,
                       size_t row_size, size_t detail_size)
{
    table->name = name;
    table->capacity = capacity;
    table->row_size = (uint32_t)row_size;
    table->detail_size = (uint32_t)detail_size;
    table->rows = plan_take(plan, capacity + 1ull, row_size);
    table->details = detail_size == 0 ? NULL : plan_take(plan, capacity + 1ull, detail_size);
}

/* Those whose size follows from that of others: each placement may be the first of its cluster, and
 * there is seldom more than one sweep for a service or provider at a time. Of rounds the last are
 * kept. */
static void plan_small_tables(struct plan *plan, struct pm_core *core)
{
    const struct pm_limits *l = &core->limits;
    struct table *t = core->table;
    uint64_t visits = l->packages * UINT64_C(2) + PM_VISITS_MAX; /* a package has one, or two */
    plan_table(plan, &t[TABLE_VISITS], "visits",
               visits < PM_SLOTS_MAX ? (uint32_t)visits : PM_SLOTS_MAX, sizeof(struct visits), 0);
    plan_table(plan, &t[TABLE_CALENDARS], "calendars", l->markets * PM_CALENDARS_MAX,
               sizeof(struct calendar), 0);
    plan_table(plan, &t[TABLE_HOURS], "hours", l->markets * PM_CALENDARS_MAX, sizeof(struct hours),
               0);
    plan_table(plan, &t[TABLE_CLUSTERS], "clusters", l->placements, sizeof(struct cluster), 0);
    plan_table(plan, &t[TABLE_GROUPS], "groups", l->packages / 2 + 1, sizeof(struct group), 0);
    plan_table(plan, &t[TABLE_SWEEPS], "sweeps", l->services + l->providers, sizeof(struct sweep),
               0);
    uint64_t rounds = l->markets * UINT64_C(64);
    plan_table(plan, &t[TABLE_ROUNDS], "rounds",
               rounds < PM_SLOTS_MAX ? (uint32_t)rounds : PM_SLOTS_MAX, sizeof(struct round), 0);
}

static void plan_tables(struct plan *plan, struct pm_core *core)
{
    const struct pm_limits *l = &core->limits;
    struct table *t = core->table;
    plan_table(plan, &t[TABLE_MARKETS], "markets", l->markets, sizeof(struct market), 0);
    plan_table(plan, &t[TABLE_PROVIDERS], "providers", l->providers, sizeof(struct provider),
               sizeof(struct provider_detail));
    plan_table(plan, &t[TABLE_LOCATIONS], "locations", l->locations, sizeof(struct location),
               sizeof(struct location_detail));
    plan_table(plan, &t[TABLE_POOLS], "pools", l->pools, sizeof(struct pool),
               sizeof(struct pool_detail));
    plan_table(plan, &t[TABLE_SERVICES], "services", l->services, sizeof(struct service),
               sizeof(struct service_detail));
    plan_table(plan, &t[TABLE_PACKAGES], "packages", l->packages, sizeof(struct package),
               sizeof(struct package_detail));
    plan_table(plan, &t[TABLE_OFFERS], "offers", l->offers, sizeof(struct offer), 0);
    plan_table(plan, &t[TABLE_PLACEMENTS], "placements", l->placements, sizeof(struct placement),
               sizeof(struct placement_detail));
    plan_table(plan, &t[TABLE_WAITLISTS], "waitlists", l->waitlists, sizeof(struct waitlist), 0);
    plan_table(plan, &t[TABLE_CLIENTS], "clients", l->clients, sizeof(struct client),
               sizeof(struct client_ring));
    plan_table(plan, &t[TABLE_ACTORS], "actors", l->clients, sizeof(struct actor), 0);
    plan_small_tables(plan, core);
}

static void plan_owners(struct plan *plan, struct pm_core *core)
{
    for (unsigned o = 0; o < DERIVE_OWNED; o++) {
        struct table *table = &core->table[derive_owned_table[o]];
        table->owner = plan_take(plan, table->capacity + 1ull, sizeof *table->owner);
        table->span = plan_take(plan, table_spans(table->capacity), sizeof *table->span);
    }
}

static void plan_maps(struct plan *plan, struct pm_core *core)
{
    for (unsigned m = 0; m < MAPS; m++) {
        uint32_t cells = map_cells(core->table[derive_map_table[m]].capacity);
        core->map[m].mask = cells - 1;
        core->map[m].cells = plan_take(plan, cells, sizeof *core->map[m].cells);
    }
}

static void plan_deadlines(struct plan *plan, struct pm_core *core)
{
    size_t owners = 0;
    for (unsigned k = 0; k < DEADLINE_KINDS; k++) {
        size_t slots = core->table[derive_deadline_table[k]].capacity + 1ull;
        core->deadlines.position[k] = plan_take(plan, slots, sizeof(uint32_t));
        owners += slots;
    }
    core->deadlines.heap = plan_take(plan, owners, sizeof(struct deadline));
}

static uint32_t roster_entries(const struct pm_core *core)
{
    return core->limits.services * ENTRIES_A_SERVICE;
}

static void plan_rosters(struct plan *plan, struct pm_core *core)
{
    uint32_t entries = roster_entries(core), lists = core->limits.waitlists;
    uint32_t blocks = roster_blocks_needed(entries, lists);
    struct rosters *rosters = &core->rosters;
    rosters->first = plan_take(plan, lists + 1ull, sizeof *rosters->first);
    rosters->notes =
        plan_take(plan, (core->limits.services + 1ull) * ROSTER_NOTES, sizeof *rosters->notes);
    rosters->blocks = plan_take(plan, blocks, sizeof *rosters->blocks);
    rosters->free_blocks = plan_take(plan, blocks, sizeof *rosters->free_blocks);
    rosters->chapters =
        plan_take(plan, roster_chapters_needed(entries, lists), sizeof *rosters->chapters);
}

static size_t plan_all(struct pm_core *core, uint8_t *base)
{
    struct plan plan = {.base = base};
    plan_tables(&plan, core);
    plan_owners(&plan, core);
    plan_maps(&plan, core);
    plan_deadlines(&plan, core);
    plan_rosters(&plan, core);
    core->scratch = plan_take(&plan, core->limits.services + 1ull, sizeof *core->scratch);
    return plan.used;
}

static bool limits_are_good(const struct pm_limits *limits)
{
    const uint32_t all[] = {limits->markets, limits->providers,  limits->locations,
                            limits->pools,   limits->services,   limits->packages,
                            limits->offers,  limits->placements, limits->waitlists,
                            limits->clients};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] == 0 || all[i] > PM_SLOTS_MAX)
            return false;
    return true;
}

struct pm_core *pm_core_open(const struct pm_limits *limits)
{
    struct pm_core *core = limits_are_good(limits) ? calloc(1, sizeof *core) : NULL;
    if (core == NULL)
        return NULL;
    core->limits = *limits;
    core->bytes = plan_all(core, NULL);
    core->memory = calloc(core->bytes / ALIGNMENT + 1, ALIGNMENT);
    if (core->memory == NULL) {
        free(core);
        return NULL;
    }
    uintptr_t base = ((uintptr_t)core->memory + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    plan_all(core, (uint8_t *)base);
    rosters_open(&core->rosters, roster_entries(core));
    derive_day(core);
    return core;
}

void pm_core_close(struct pm_core *core)
{
    if (core == NULL)
        return;
    free(core->memory);
    free(core);
}

void *pm_core_memory(struct pm_core *core, size_t *bytes)
{
    *bytes = core->bytes;
    return core->memory;
}

/* ---- Before the journal ---- */

/* The package that a command states; it is the command's own, and may be written to. */
static struct pm_package *package_of(struct pm_command *command)
{
    if (command->verb == PM_PACKAGE_POST || command->verb == PM_PACKAGE_AMEND)
        return &command->package;
    return command->verb == PM_PLACEMENT_IMPORT
               ? (struct pm_package *)(uintptr_t)command->import.package
               : NULL;
}

/* Is some of the sector in the locality of that name? Its units may be in several. */
static bool sector_reaches(const struct pm_market *rules, uint64_t sector, struct pm_text locality)
{
    for (unsigned p = 0; p < rules->prefixes; p++)
        if (pm_postcode_sector(rules->prefix[p].code) == sector &&
            name_is(&rules->locality[rules->prefix[p].locality].name, locality))
            return true;
    return false;
}

void pm_core_resolve(const struct pm_core *core, struct pm_text market, struct pm_command *command)
{
    struct pm_package *package = package_of(command);
    if (package == NULL || package->postcode == PM_POSTCODE_BAD)
        return;
    uint64_t code = package->postcode != 0 ? package->postcode : package->sector;
    if (code == 0 || (package->postcode == 0 && pm_postcode_sector(code) != code))
        return; /* what is no sector is refused as it is */
    uint32_t slot = find_market(core, market);
    const struct pm_market *rules = slot == 0 ? NULL : &market_at(core, slot)->rules;
    int locality = rules == NULL ? -1 : find_postcode(rules, code);
    package->sector = pm_postcode_sector(code);
    if (locality < 0) {
        package->postcode = package->postcode == 0 ? 0 : pm_postcode_district(package->postcode);
        return;
    }
    struct pm_text name = name_text(&rules->locality[locality].name);
    bool named = package->locality.length > 0;
    bool elsewhere =
        named && !pm_text_equal(package->locality, name) &&
        (package->postcode != 0 || !sector_reaches(rules, package->sector, package->locality));
    package->postcode = elsewhere ? PM_POSTCODE_BAD : 0;
    package->locality = named && package->postcode == 0 ? package->locality : name;
}

/* ---- Applying ---- */

struct pm_result refused(uint16_t status)
{
    return (struct pm_result){.status = status};
}

static void fall_due(struct pm_core *core)
{
    struct deadline due = deadline_pop(&core->deadlines);
    switch (due.kind) {
    case DEADLINE_PACKAGE:
        package_fall_due(core, due.slot);
        break;
    case DEADLINE_PRIORITY:
        priority_raise(core, due.slot);
        break;
    case DEADLINE_PLACEMENT:
        placement_fall_due(core, due.slot);
        break;
    case DEADLINE_ROUNDS:
        rounds_fall_due(core, due.slot);
        break;
    case DEADLINE_POOL:
        pool_lapse(core, due.slot);
        break;
    default:
        service_refresh(core, due.slot);
        break;
    }
}

/* Does a bounded part of what is due: deadlines before now, then what commands ordered for many,
 * then packages that may have been woken. */
static struct pm_result go_on(struct pm_core *core)
{
    for (unsigned step = 0;
         step < CONTINUE_STEPS && core->event_count + EVENTS_A_STEP <= PM_EVENTS_MAX; step++) {
        if (deadline_next(&core->deadlines) < core->header.time)
            fall_due(core);
        else if (!sweep_is_none(core))
            sweep_step(core);
        else if (!agenda_is_empty(core))
            agenda_step(core);
        else
            break;
    }
    return (struct pm_result){.status = PM_OK};
}

static struct pm_result apply_placement(struct pm_core *core, uint32_t market,
                                        const struct pm_entry *entry)
{
    const struct pm_command *command = entry->command;
    switch (command->verb) {
    case PM_PLACEMENT_START:
        return placement_start(core, market, entry->actor, &command->id);
    case PM_PLACEMENT_END:
        return placement_end(core, market, entry->actor, &command->id);
    case PM_PLACEMENT_HANDBACK:
        return placement_handback(core, market, entry->actor, &command->handback);
    case PM_PLACEMENT_IN_HOSPITAL:
        return placement_in_hospital(core, market, entry->actor, &command->stay);
    case PM_PLACEMENT_RESTART:
        return placement_restart(core, market, entry->actor, &command->id);
    case PM_PLACEMENT_IMPORT:
        return placement_import(core, market, entry->actor, &command->import);
    default:
        return market_put(core, market, entry->actor, command);
    }
}

static struct pm_result apply_in(struct pm_core *core, uint32_t market,
                                 const struct pm_entry *entry)
{
    const struct pm_command *command = entry->command;
    switch (command->verb) {
    case PM_PACKAGE_POST:
        return package_post(core, market, entry->actor, &command->package);
    case PM_PACKAGE_AMEND:
        return package_amend(core, market, entry->actor, &command->package);
    case PM_PACKAGE_WITHDRAW:
        return package_withdraw(core, market, entry->actor, &command->id);
    case PM_PACKAGE_PAUSE:
        return package_pause(core, market, entry->actor, &command->id);
    case PM_PACKAGE_RESUME:
        return package_resume(core, market, entry->actor, &command->id);
    case PM_OFFER_ACCEPT:
        return offer_accept(core, market, entry->actor, &command->answer);
    case PM_OFFER_TENDER:
        return offer_tender(core, market, entry->actor, &command->tender);
    case PM_OFFER_DECLINE:
        return offer_decline(core, market, entry->actor, &command->answer);
    case PM_AWARD_CONFIRM:
        return award_confirm(core, market, entry->actor, &command->id);
    case PM_AWARD_OVERRIDE:
        return award_override(core, market, entry->actor, &command->award);
    case PM_CHOICE_RECORD:
        return choice_record(core, market, entry->actor, &command->choice);
    case PM_ROUND_OPEN:
        return round_open(core, market, &command->round);
    case PM_ROUND_APPLY:
        return round_apply(core, market, entry->actor, &command->apply);
    default:
        return apply_placement(core, market, entry);
    }
}

static struct pm_result apply(struct pm_core *core, const struct pm_entry *entry)
{
    if (entry->command->verb == PM_CONTINUE)
        return go_on(core);
    if (entry->command->verb == PM_OUTAGE)
        return package_outage(core, entry->actor, &entry->command->tick);
    if (entry->command->verb == PM_MARKET_LOAD)
        return market_load(core, entry->actor, &entry->command->load);
    uint32_t market = find_market(core, entry->market);
    if (market == 0)
        return (struct pm_result){.status = PM_UNKNOWN_MARKET};
    core->market_noted = market;
    return apply_in(core, market, entry);
}

/* Is the time within the date? Most commands come on the day of the last. */
static bool date_holds(int32_t date, int64_t time)
{
    return (uint64_t)time - (uint64_t)date * (uint64_t)DAY < (uint64_t)DAY;
}

struct pm_result pm_core_apply(struct pm_core *core, const struct pm_entry *entry)
{
    struct pm_result result;
    core->header.sequence = entry->sequence;
    if (entry->time > core->header.time)
        core->header.time = entry->time;
    if (!date_holds(core->today, core->header.time))
        derive_day(core);
    core->event_count = 0;
    uint32_t client = once_client(core, entry);
    if (once_recall(core, client, entry, &result))
        return result;
    result = apply(core, entry);
    once_remember(core, client, entry, result);
    return result;
}

/* ---- Looking ---- */

int64_t pm_core_next(const struct pm_core *core)
{
    return agenda_is_empty(core) && sweep_is_none(core) ? deadline_next(&core->deadlines)
                                                        : INT64_MIN;
}

uint64_t pm_core_sequence(const struct pm_core *core)
{
    return core->header.sequence;
}

int64_t pm_core_time(const struct pm_core *core)
{
    return core->header.time;
}

bool pm_core_has_market(const struct pm_core *core, struct pm_text market)
{
    return find_market(core, market) != 0;
}

static uint32_t record_bytes(const struct pm_core *core, enum table_of table)
{
    return core->table[table].row_size + core->table[table].detail_size;
}

struct pm_core_usage pm_core_usage(const struct pm_core *core)
{
    struct pm_core_usage usage = {
        .packages = core->table[TABLE_PACKAGES].used,
        .offers = core->table[TABLE_OFFERS].used,
        .placements = core->table[TABLE_PLACEMENTS].used,
        .services = core->table[TABLE_SERVICES].used,
        .waiting = core->header.waiting,
        .bytes = core->bytes,
        .package_bytes = record_bytes(core, TABLE_PACKAGES),
        .visits_bytes = record_bytes(core, TABLE_VISITS),
        .offer_bytes = record_bytes(core, TABLE_OFFERS),
        .placement_bytes = record_bytes(core, TABLE_PLACEMENTS),
    };
    return usage;
}
