/*
 * invariant_ranges.c - each link leads to a record that is there, each number is in its range, each
 * name is one. After this nothing that walks the records, a list's cycle aside, can leave their
 * memory.
 */
#include "invariant.h"

#include <string.h>

#include "rules.h"
#include "sweep.h"

enum { TIME_MAX_BITS = 53 };
#define ELEMENTS(record, field) (sizeof(((struct record *)0)->field) / (sizeof(uint32_t)))

/* ---- Links ---- */

struct link {
    const char *name;
    uint8_t table, target; /* enum table_of */
    bool detail;           /* it lies in the detail */
    bool required;         /* it may not be 0 */
    uint32_t offset, count;
};
#define LINK(TABLE, record, field, TARGET, detail, required)                                     \
    {                                                                                            \
#field, TABLE_##TABLE, TABLE_##TARGET, detail, required, offsetof(struct record, field), \
            ELEMENTS(record, field)                                                              \
    }
#define NEEDS(TABLE, record, field, TARGET) LINK(TABLE, record, field, TARGET, false, true)
#define MAY(TABLE, record, field, TARGET) LINK(TABLE, record, field, TARGET, false, false)
#define DETAIL_MAY(TABLE, record, field, TARGET) LINK(TABLE, record, field, TARGET, true, false)

static const struct link links[] = {
    MAY(MARKETS, market, first_service, SERVICES),
    MAY(MARKETS, market, waitlist, WAITLISTS),
    MAY(MARKETS, market, calendar, CALENDARS),
    MAY(MARKETS, market, gathered_first, PACKAGES),
    MAY(MARKETS, market, gathered_last, PACKAGES),
    NEEDS(CALENDARS, calendar, market, MARKETS),
    NEEDS(CALENDARS, calendar, hours, HOURS),
    NEEDS(PROVIDERS, provider, market, MARKETS),
    MAY(PROVIDERS, provider, first_offer, OFFERS),
    MAY(PROVIDERS, provider, last_offer, OFFERS),
    MAY(PROVIDERS, provider, first_placement, PLACEMENTS),
    MAY(PROVIDERS, provider, last_placement, PLACEMENTS),
    NEEDS(LOCATIONS, location, market, MARKETS),
    NEEDS(LOCATIONS, location, provider, PROVIDERS),
    NEEDS(POOLS, pool, market, MARKETS),
    NEEDS(POOLS, pool, location, LOCATIONS),
    NEEDS(POOLS, pool, provider, PROVIDERS),
    MAY(POOLS, pool, first_service, SERVICES),
    NEEDS(SERVICES, service, market, MARKETS),
    NEEDS(SERVICES, service, pool, POOLS),
    NEEDS(SERVICES, service, location, LOCATIONS),
    NEEDS(SERVICES, service, provider, PROVIDERS),
    MAY(SERVICES, service, next_in_pool, SERVICES),
    MAY(SERVICES, service, next_in_market, SERVICES),
    MAY(SERVICES, service, agenda_next, SERVICES),
    NEEDS(PACKAGES, package, market, MARKETS),
    MAY(PACKAGES, package, first_offer, OFFERS),
    MAY(PACKAGES, package, chosen, OFFERS),
    MAY(PACKAGES, package, placement, PLACEMENTS),
    MAY(PACKAGES, package, successor, PLACEMENTS),
    MAY(PACKAGES, package, group, GROUPS),
    MAY(PACKAGES, package, wait_next, PACKAGES),
    MAY(PACKAGES, package, wait_previous, PACKAGES),
    DETAIL_MAY(PACKAGES, package_detail, exclusion, PROVIDERS),
    DETAIL_MAY(PACKAGES, package_detail, preferred, LOCATIONS),
    DETAIL_MAY(PACKAGES, package_detail, continuity, PROVIDERS),
    DETAIL_MAY(PACKAGES, package_detail, return_to, SERVICES),
    DETAIL_MAY(PACKAGES, package_detail, follows, PACKAGES),
    DETAIL_MAY(PACKAGES, package_detail, followed_by, PACKAGES),
    DETAIL_MAY(PACKAGES, package_detail, next_in_group, PACKAGES),
    DETAIL_MAY(PACKAGES, package_detail, last_placement, PLACEMENTS),
    DETAIL_MAY(PACKAGES, package_detail, first_visits, VISITS),
    DETAIL_MAY(PACKAGES, package_detail, matched, SERVICES),
    DETAIL_MAY(PACKAGES, package_detail, alone, SERVICES),
    MAY(VISITS, visits, next, VISITS),
    NEEDS(OFFERS, offer, package, PACKAGES),
    NEEDS(OFFERS, offer, service, SERVICES),
    MAY(OFFERS, offer, next_of_package, OFFERS),
    MAY(OFFERS, offer, next_of_provider, OFFERS),
    MAY(OFFERS, offer, previous_of_provider, OFFERS),
    NEEDS(PLACEMENTS, placement, market, MARKETS),
    NEEDS(PLACEMENTS, placement, package, PACKAGES),
    NEEDS(PLACEMENTS, placement, offer, OFFERS),
    NEEDS(PLACEMENTS, placement, service, SERVICES),
    NEEDS(PLACEMENTS, placement, provider, PROVIDERS),
    MAY(PLACEMENTS, placement, older, PLACEMENTS),
    MAY(PLACEMENTS, placement, next_of_provider, PLACEMENTS),
    MAY(PLACEMENTS, placement, previous_of_provider, PLACEMENTS),
    NEEDS(CLUSTERS, cluster, provider, PROVIDERS),
    NEEDS(GROUPS, group, market, MARKETS),
    NEEDS(GROUPS, group, first, PACKAGES),
    NEEDS(SWEEPS, sweep, market, MARKETS),
    MAY(SWEEPS, sweep, provider, PROVIDERS),
    MAY(SWEEPS, sweep, next, SWEEPS),
    MAY(SWEEPS, sweep, location, LOCATIONS),
    MAY(SWEEPS, sweep, service, SERVICES),
    MAY(SWEEPS, sweep, to, SERVICES),
    MAY(SWEEPS, sweep, round, ROUNDS),
    NEEDS(ROUNDS, round, market, MARKETS),
    MAY(ROUNDS, round, next_open, ROUNDS),
    MAY(ROUNDS, round, previous_open, ROUNDS),
    NEEDS(WAITLISTS, waitlist, market, MARKETS),
    MAY(WAITLISTS, waitlist, first, PACKAGES),
    MAY(WAITLISTS, waitlist, last, PACKAGES),
    MAY(CLIENTS, client, in, CLIENTS),
    NEEDS(CLIENTS, client, actor, ACTORS),
    NEEDS(ACTORS, actor, clients, CLIENTS),
};
enum { LINKS = sizeof links / sizeof links[0] };

static const uint8_t *record_of(const struct pm_core *core, unsigned table, bool detail,
                                uint32_t slot)
{
    const struct table *of = &core->table[table];
    return detail ? table_detail(of, slot) : table_row(of, slot);
}

static bool link_is_good(const struct pm_core *core, const struct link *link, uint32_t slot)
{
    const uint8_t *record = record_of(core, link->table, link->detail, slot);
    for (uint32_t i = 0; i < link->count; i++) {
        uint32_t to;
        memcpy(&to, record + link->offset + i * sizeof to, sizeof to);
        if (to == 0 ? link->required : !table_is_used(&core->table[link->target], to))
            return false;
    }
    return true;
}

static bool check_links(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (int at = 0; at < LINKS; at++) {
        const struct table *table = &core->table[links[at].table];
        for (uint32_t slot = table_next(table, 0); slot != 0; slot = table_next(table, slot))
            if (!link_is_good(core, &links[at], slot))
                return broken(check, table->name, slot, links[at].name);
    }
    return true;
}

static bool is_there(const struct pm_core *core, enum table_of table, uint32_t slot)
{
    return slot == 0 || table_is_used(&core->table[table], slot);
}

static bool check_header(const struct check *check)
{
    const struct pm_core *core = check->core;
    const struct header *header = &core->header;
    if (header->time < 0 || header->time >> TIME_MAX_BITS != 0)
        return broken(check, "sequence", header->sequence, "its time is out of range");
    return (is_there(core, TABLE_SERVICES, header->agenda_first) &&
            is_there(core, TABLE_SERVICES, header->agenda_last) &&
            is_there(core, TABLE_PACKAGES, header->agenda_cursor) && header->agenda_begun <= 1 &&
            is_there(core, TABLE_SWEEPS, header->sweep_first) &&
            is_there(core, TABLE_SWEEPS, header->sweep_last) &&
            is_there(core, TABLE_ROUNDS, header->round_first) &&
            is_there(core, TABLE_ROUNDS, header->round_last) &&
            is_there(core, TABLE_CLIENTS, header->clients.newest) &&
            is_there(core, TABLE_CLIENTS, header->clients.oldest)) ||
           broken(check, "sequence", header->sequence,
                  "a list of the header begins where nothing is");
}

/* ---- Small numbers ---- */

struct number {
    const char *name;
    uint8_t table;
    bool detail;
    uint8_t least, most;
    uint32_t offset;
};
#define NUMBER(TABLE, record, field, least, most)                                 \
    {                                                                             \
#field, TABLE_##TABLE, false, least, most, offsetof(struct record, field) \
    }
#define DETAIL_NUMBER(TABLE, record, field, least, most)                         \
    {                                                                            \
#field, TABLE_##TABLE, true, least, most, offsetof(struct record, field) \
    }

static const struct number numbers[] = {
    NUMBER(PROVIDERS, provider, standing, PM_ACTIVE, PM_CEASED),
    NUMBER(LOCATIONS, location, standing, PM_ACTIVE, PM_CEASED),
    NUMBER(PROVIDERS, provider, failed, 0, PM_FAILURE_MODES - 1),
    NUMBER(LOCATIONS, location, failed, 0, PM_FAILURE_MODES - 1),
    NUMBER(LOCATIONS, location, rating, 0, PM_RATINGS - 1),
    NUMBER(POOLS, pool, kind, 0, PM_KINDS_MAX - 1),
    NUMBER(POOLS, pool, bands, 1, PM_BANDS_MAX),
    NUMBER(POOLS, pool, mode, PM_DECLARED, PM_ASK),
    NUMBER(POOLS, pool, capacity, POOL_DECLARED, POOL_LAPSED),
    NUMBER(SERVICES, service, kind, 0, PM_KINDS_MAX - 1),
    NUMBER(SERVICES, service, lot, 0, PM_LOTS_MAX - 1),
    NUMBER(SERVICES, service, tier, 1, PM_TIERS_MAX),
    NUMBER(SERVICES, service, contract, PM_FRAMEWORK, PM_IN_HOUSE),
    NUMBER(SERVICES, service, standing, PM_ACTIVE, PM_CEASED),
    NUMBER(SERVICES, service, sectors, 0, PM_SECTORS_MAX),
    NUMBER(SERVICES, service, listed, 0, 1),
    NUMBER(PACKAGES, package, kind, 0, PM_KINDS_MAX - 1),
    NUMBER(PACKAGES, package, locality, 0, PM_LOCALITIES_MAX - 1),
    NUMBER(PACKAGES, package, state, 0, PM_PACKAGE_STATES - 1),
    NUMBER(PACKAGES, package, step, 0, PM_STEPS_MAX - 1),
    NUMBER(PACKAGES, package, priority, 0, PM_PRIORITIES - 1),
    NUMBER(PACKAGES, package, exclusions, 0, PM_EXCLUSIONS_MAX),
    NUMBER(PACKAGES, package, waits, WAITS_NOT, WAITS_GATHERED),
    NUMBER(PACKAGES, package, preferences, 0, PM_PREFERENCES_MAX),
    NUMBER(PACKAGES, package, arrangement, 0, PM_ARRANGEMENTS - 1),
    NUMBER(PACKAGES, package, knows, 0, 1),
    DETAIL_NUMBER(PACKAGES, package_detail, priority, 0, PM_PRIORITIES - 1),
    DETAIL_NUMBER(PACKAGES, package_detail, visits, 0, PM_VISITS_MAX),
    DETAIL_NUMBER(PACKAGES, package_detail, interim, 0, PM_INTERIMS - 1),
    DETAIL_NUMBER(PACKAGES, package_detail, payer, 0, PM_PAYERS - 1),
    DETAIL_NUMBER(PACKAGES, package_detail, place_type, 0, PM_BANDS_MAX - 1),
    DETAIL_NUMBER(PACKAGES, package_detail, end_reason, 0, PM_END_REASONS - 1),
    DETAIL_NUMBER(PACKAGES, package_detail, fate, 0, PM_ROUND_FATES - 1),
    NUMBER(SERVICES, service, on_agenda, 0, 1),
    NUMBER(SERVICES, service, again, 0, 1),
    NUMBER(PLACEMENTS, placement, state, 0, PM_PLACEMENT_STATES - 1),
    NUMBER(PLACEMENTS, placement, end_reason, 0, PM_END_REASONS - 1),
    NUMBER(PLACEMENTS, placement, kind, 0, PM_KINDS_MAX - 1),
    NUMBER(PLACEMENTS, placement, ceases, 0, 1),
    NUMBER(PLACEMENTS, placement, decided_by, 0, PM_DECIDERS - 1),
    NUMBER(PLACEMENTS, placement, negotiated, 0, 1),
    NUMBER(GROUPS, group, together, 0, 1),
    NUMBER(GROUPS, group, size, 2, PM_GROUP_MAX),
    NUMBER(SWEEPS, sweep, purpose, SWEEP_SUSPENSION, SWEEP_PURPOSES - 1),
    NUMBER(SWEEPS, sweep, begun, 0, 1),
    NUMBER(SWEEPS, sweep, priority, 0, PM_PRIORITIES - 1),
    NUMBER(ROUNDS, round, state, 0, PM_ROUND_STATES - 1),
    NUMBER(ROUNDS, round, kind, 0, PM_KINDS_MAX),
    NUMBER(WAITLISTS, waitlist, kind, 0, PM_KINDS_MAX - 1),
    NUMBER(WAITLISTS, waitlist, locality, 0, PM_LOCALITIES_MAX - 1),
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static bool check_numbers(const struct check *check)
{
    for (int at = 0; at < NUMBERS; at++) {
        const struct number *number = &numbers[at];
        const struct table *table = &check->core->table[number->table];
        for (uint32_t slot = table_next(table, 0); slot != 0; slot = table_next(table, slot)) {
            const uint8_t *record = record_of(check->core, number->table, number->detail, slot);
            uint8_t value = record[number->offset];
            if (value < number->least || value > number->most)
                return broken(check, table->name, slot, number->name);
        }
    }
    return true;
}

/* ---- Names and titles ---- */

struct label {
    const char *name;
    uint8_t table;
    bool detail;
    uint32_t offset, size;
};
#define LABEL(TABLE, detail, record, field)                            \
    {                                                                  \
#field, TABLE_##TABLE, detail, offsetof(struct record, field), \
            sizeof((struct record *)0)->field                          \
    }

static const struct label labels[] = {
    LABEL(MARKETS, false, market, rules.name),
    LABEL(MARKETS, false, market, rules.title),
    LABEL(PROVIDERS, true, provider_detail, name),
    LABEL(PROVIDERS, true, provider_detail, title),
    LABEL(LOCATIONS, true, location_detail, name),
    LABEL(LOCATIONS, true, location_detail, cqc),
    LABEL(LOCATIONS, true, location_detail, title),
    LABEL(POOLS, true, pool_detail, name),
    LABEL(SERVICES, true, service_detail, name),
    LABEL(PACKAGES, true, package_detail, reference),
    LABEL(PACKAGES, true, package_detail, referrer),
    LABEL(PACKAGES, true, package_detail, person),
    LABEL(ACTORS, false, actor, name),
    LABEL(CALENDARS, false, calendar, name),
    LABEL(GROUPS, false, group, name),
    LABEL(GROUPS, false, group, referrer),
    LABEL(PLACEMENTS, true, placement_detail, note),
};
enum { LABELS = sizeof labels / sizeof labels[0] };

/* It ends within its size, and is zero from there on. */
static bool label_is_good(const char *text, uint32_t size)
{
    uint32_t end = 0;
    while (end < size && text[end] != '\0')
        end++;
    if (end == size)
        return false;
    while (end < size && text[end] == '\0')
        end++;
    return end == size;
}

static bool check_labels(const struct check *check)
{
    for (int at = 0; at < LABELS; at++) {
        const struct label *label = &labels[at];
        const struct table *table = &check->core->table[label->table];
        for (uint32_t slot = table_next(table, 0); slot != 0; slot = table_next(table, slot)) {
            const uint8_t *record = record_of(check->core, label->table, label->detail, slot);
            if (!label_is_good((const char *)record + label->offset, label->size))
                return broken(check, table->name, slot, label->name);
        }
    }
    return true;
}

/* ---- Larger numbers ---- */

static bool amounts_are_good(const int32_t *amounts)
{
    int32_t any = 0;
    for (int band = 0; band < PM_BANDS_MAX; band++)
        any |= amounts[band];
    return any >= 0;
}

static bool check_amounts(const struct check *check)
{
    const struct pm_core *core = check->core;
    const struct table *table = core->table;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_POOLS], slot)) != 0;) {
        const struct pool *pool = pool_at(core, slot);
        if (!amounts_are_good(pool->declared) || !amounts_are_good(pool->committed) ||
            !amounts_are_good(pool->held))
            return broken(check, "pools", slot, "it has less than nothing");
    }
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PACKAGES], slot)) != 0;)
        if (!amounts_are_good(package_at(core, slot)->demand) || package_at(core, slot)->units < 0)
            return broken(check, "packages", slot, "it takes less than nothing");
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PLACEMENTS], slot)) != 0;)
        if (!amounts_are_good(placement_at(core, slot)->demand))
            return broken(check, "placements", slot, "it takes less than nothing");
    return true;
}

/* What a sweep comes to next is in the list it goes along. */
static bool check_cursors(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SWEEPS], slot)) != 0;) {
        const struct sweep *sweep = sweep_at(core, slot);
        enum table_of table = sweep->purpose == SWEEP_SUSPENSION ? TABLE_OFFERS
                              : sweep->purpose == SWEEP_ROUND    ? TABLE_PACKAGES
                                                                 : TABLE_PLACEMENTS;
        bool placed = sweep->purpose == SWEEP_TRANSFER || sweep->purpose == SWEEP_UPLIFT;
        if (!is_there(core, table, sweep->cursor) ||
            (sweep->purpose == SWEEP_ROUND ? sweep->round == 0 : sweep->provider == 0) ||
            (placed && sweep->service == 0) || (sweep->purpose == SWEEP_TRANSFER && sweep->to == 0))
            return broken(check, "sweeps", slot, "what it goes over is not there");
    }
    return true;
}

/* Their numbers are bits, some of which could hold more. */
static bool check_offer_numbers(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_OFFERS], slot)) != 0;) {
        const struct offer *offer = offer_at(core, slot);
        if (offer->state >= PM_OFFER_STATES || offer->code >= PM_DECLINE_CODES ||
            offer->route < PM_CALL_OFF || offer->route >= PM_ROUTES ||
            offer->decided_by >= PM_DECIDERS)
            return broken(check, "offers", slot, "its state, code, route or decider is none");
    }
    return true;
}

static bool check_counts(const struct check *check)
{
    const struct pm_core *core = check->core;
    const struct table *table = core->table;
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_MARKETS], slot)) != 0;)
        if (!rules_are_good(&market_at(core, slot)->rules))
            return broken(check, "markets", slot, "its rules are not consistent");
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_SERVICES], slot)) != 0;)
        if (service_detail_at(core, slot)->rates > PM_RATES_MAX)
            return broken(check, "services", slot, "it has too many rates");
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_HOURS], slot)) != 0;)
        if (hours_at(core, slot)->openings == 0 || hours_at(core, slot)->openings > PM_OPENINGS_MAX)
            return broken(check, "hours", slot, "it has too many openings, or none");
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_LOCATIONS], slot)) != 0;)
        if (location_at(core, slot)->quality < 0 || location_at(core, slot)->quality > 1000)
            return broken(check, "locations", slot, "its quality is out of range");
    for (uint32_t slot = 0; (slot = table_next(&table[TABLE_PACKAGES], slot)) != 0;)
        if (package_detail_at(core, slot)->ended < 0 ||
            package_detail_at(core, slot)->ended > core->header.time)
            return broken(check, "packages", slot, "its end is not in the past");
    return true;
}

bool check_ranges(const struct check *check)
{
    return check_header(check) && check_links(check) && check_numbers(check) &&
           check_labels(check) && check_amounts(check) && check_counts(check) &&
           check_cursors(check) && check_offer_numbers(check);
}
