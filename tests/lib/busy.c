/* busy.c - random life in the little market. */
#include "busy.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE = 60 * 1000, CLIENTS = 20, PACKAGES_MAX = 150 };
static const int64_t DAY = INT64_C(86400000);

static const char *const localities[] = {"Alder", "Birch"};
static const char *const needs[] = {"dementia", "peg"};

void busy_start(struct busy *busy, struct little *little, uint64_t seed)
{
    *busy = (struct busy){.little = little, .random = {seed}};
}

static uint32_t below(struct busy *busy, uint32_t n)
{
    return random_below(&busy->random, n);
}

/* Some are sent twice, some come with a number of long ago. */
static uint64_t next_number(struct busy *busy)
{
    uint32_t odd = below(busy, 50);
    if (odd == 0 && busy->number > 0)
        return busy->number;
    if (odd == 1)
        return 1 + below(busy, (uint32_t)busy->number + 1);
    return ++busy->number;
}

static void apply(struct busy *busy, enum pm_role role, const char *actor,
                  struct pm_command *command)
{
    struct little *little = busy->little;
    pm_core_resolve(little->core, pm_text("little"), command);
    struct pm_entry entry = {
        .sequence = ++little->sequence,
        .time = little->time,
        .market = pm_text("little"),
        .actor = {(uint8_t)role, pm_text(actor)},
        .client = below(busy, CLIENTS),
        .number = next_number(busy),
        .hash = command->verb,
        .command = command,
    };
    pm_core_apply(little->core, &entry);
}

/* ---- Packages ---- */

static struct pm_text reference_of(struct busy *busy, uint32_t package)
{
    snprintf(busy->name[0], sizeof busy->name[0], "P%u", package);
    return pm_text(busy->name[0]);
}

static struct pm_visit some_visit(struct busy *busy)
{
    return (struct pm_visit){
        .earliest = 420,
        .latest = 600,
        .minutes = (uint16_t)(15 + 15 * below(busy, 4)),
        .days = (uint8_t)(1 + below(busy, PM_EVERY_DAY)),
        .carers = (uint8_t)(1 + below(busy, 2)),
    };
}

static void post(struct busy *busy)
{
    struct pm_visit visit = some_visit(busy);
    struct pm_text need = pm_text(needs[below(busy, 2)]), exclusion = pm_text("amber");
    bool place = below(busy, 5) == 0;
    struct pm_command command = {
        .verb = PM_PACKAGE_POST,
        .package = {.reference = reference_of(busy, busy->posted++),
                    .kind = pm_text(place            ? "residential"
                                    : below(busy, 4) ? "homecare"
                                                     : "bridging"),
                    .locality = pm_text(localities[below(busy, 2)]),
                    .place_type = pm_text(place ? "nursing" : ""),
                    .visit = &visit,
                    .visits = place ? 0 : 1,
                    .need = &need,
                    .needs = below(busy, 4) == 0,
                    .exclusion = &exclusion,
                    .exclusions = below(busy, 8) == 0,
                    .person = pm_text("token"),
                    .priority = (uint8_t)below(busy, PM_PRIORITIES)},
    };
    apply(busy, PM_HOSPITAL, "ward", &command);
}

static void amend(struct busy *busy)
{
    static const uint32_t given[] = {PM_GIVEN_PRIORITY, PM_GIVEN_VISITS, PM_GIVEN_PLACE,
                                     PM_GIVEN_NEEDS, PM_GIVEN_PRIORITY | PM_GIVEN_VISITS};
    struct pm_visit visit = some_visit(busy);
    struct pm_command command = {
        .verb = PM_PACKAGE_AMEND,
        .package = {.reference = reference_of(busy, below(busy, busy->posted + 1)),
                    .referrer = pm_text("ward"),
                    .locality = pm_text(localities[below(busy, 2)]),
                    .visit = &visit,
                    .visits = 1,
                    .priority = (uint8_t)below(busy, PM_PRIORITIES),
                    .given = given[below(busy, 5)]},
    };
    if ((command.package.given & PM_GIVEN_VISITS) == 0)
        command.package.visits = 0;
    apply(busy, PM_BROKER, "broker", &command);
}

static void tell_package(struct busy *busy)
{
    static const uint8_t verbs[] = {PM_PACKAGE_WITHDRAW, PM_PACKAGE_PAUSE,   PM_PACKAGE_RESUME,
                                    PM_PACKAGE_RESUME,   PM_PLACEMENT_START, PM_PLACEMENT_START,
                                    PM_PLACEMENT_END};
    struct pm_command command = {
        .verb = verbs[below(busy, sizeof verbs)],
        .id = {.reference = reference_of(busy, below(busy, busy->posted + 1)),
               .referrer = pm_text("ward"),
               .reason = (uint8_t)(1 + below(busy, PM_END_REASONS - 1))},
    };
    apply(busy, PM_BROKER, "broker", &command);
}

/* ---- Offers ---- */

static void answer(struct busy *busy)
{
    const struct table *offers = &busy->little->core->table[TABLE_OFFERS];
    uint32_t slot = offers->high == 0 ? 0 : below(busy, offers->high);
    for (; (slot = table_next(offers, slot)) != 0;)
        if (offer_at(busy->little->core, slot)->state == PM_OFFER_OPEN)
            break;
    struct pm_command command = {
        .verb = below(busy, 3) ? PM_OFFER_ACCEPT : PM_OFFER_DECLINE,
        .answer = {slot == 0 ? 0 : table_id(offers, slot),
                   (uint8_t)(1 + below(busy, PM_DECLINE_CODES - 1))},
    };
    apply(busy, PM_BROKER, "broker", &command);
}

/* ---- Supply and rules ---- */

static void state_capacity(struct busy *busy)
{
    static const char *const pools[] = {"amber-run", "beryl-run", "coral-run", "dusk-run"};
    struct pm_command command = {
        .verb = PM_CAPACITY_SET,
        .capacity = {.pool = pm_text(pools[below(busy, 4)]),
                     .bands = 3,
                     .as_of = busy->little->time},
    };
    for (int band = 0; band < 3; band++)
        command.capacity.spare[band] = (int32_t)below(busy, 500);
    if (below(busy, 2))
        command.capacity.valid_until = busy->little->time + 1 + below(busy, 600) * MINUTE;
    apply(busy, PM_BROKER, "broker", &command);
}

/* A new service, or the same with other rates, some of a later day. */
static void put_service(struct busy *busy)
{
    struct pm_text serves[2] = {pm_text("Alder"), pm_text("Birch")};
    int32_t today = pm_date_of(busy->little->time);
    struct pm_rate rates[2] = {
        {today + (int32_t)below(busy, 2), 1600 + 100 * (int32_t)below(busy, 10)},
        {today + 2 + (int32_t)below(busy, 5), 2000}};
    uint32_t which = below(busy, 8);
    snprintf(busy->name[1], sizeof busy->name[1], "hc-more-%u", which);
    struct pm_command command = {
        .verb = PM_SERVICE_PUT,
        .service = {.service = pm_text(busy->name[1]),
                    .pool = pm_text(which % 2 ? "amber-run" : "dusk-run"),
                    .kind = pm_text("homecare"),
                    .lot = pm_text("main"),
                    .tier = 1,
                    .contract = PM_FRAMEWORK,
                    .standing = (uint8_t)(below(busy, 6) ? PM_ACTIVE : PM_SUSPENDED),
                    .localities = (uint8_t)(1 + below(busy, 2)),
                    .locality = serves,
                    .rates = (uint8_t)(1 + below(busy, 2)),
                    .rate = rates},
    };
    apply(busy, PM_OPERATOR, "operator", &command);
}

static void rate_location(struct busy *busy)
{
    struct pm_command command = {
        .verb = PM_LOCATION_PUT,
        .location = {.location = pm_text("beryl-branch"),
                     .provider = pm_text("beryl"),
                     .standing = (uint8_t)(below(busy, 4) ? PM_ACTIVE : PM_SUSPENDED),
                     .rating = (uint8_t)below(busy, PM_RATINGS),
                     .score = (int8_t)((int)below(busy, 102) - 1)},
    };
    apply(busy, PM_BROKER, "broker", &command);
}

static void load_rules(struct busy *busy)
{
    struct pm_market rules = *little_market_load().load.market;
    rules.keep_days = (int32_t)below(busy, 10);
    rules.kind[LITTLE_HOMECARE].weight_price = 10 + (int32_t)below(busy, 90);
    rules.lapse = (uint8_t)(below(busy, 2) ? PM_LAPSE_ASK : PM_LAPSE_EXCLUDE);
    struct pm_command command = {.verb = PM_MARKET_LOAD, .load = {.market = &rules}};
    apply(busy, PM_OPERATOR, "operator", &command);
}

/* ---- Time ---- */

static void go_on(struct busy *busy)
{
    struct pm_command command = {.verb = PM_CONTINUE};
    apply(busy, PM_DAEMON, "daemon", &command);
}

static void pass_time(struct busy *busy)
{
    busy->little->time += below(busy, 10) ? (int64_t)below(busy, 40) * MINUTE
                                          : (int64_t)below(busy, 3 * 24) * (DAY / 24);
}

void busy_step(struct busy *busy)
{
    uint32_t chance = below(busy, 100);
    bool full = busy->little->core->table[TABLE_PACKAGES].used >= PACKAGES_MAX;
    if (chance < 25 && !full)
        post(busy);
    else if (chance < 32)
        amend(busy);
    else if (chance < 45)
        tell_package(busy);
    else if (chance < 62)
        answer(busy);
    else if (chance < 67)
        state_capacity(busy);
    else if (chance < 70)
        put_service(busy);
    else if (chance < 72)
        rate_location(busy);
    else if (chance < 73)
        load_rules(busy);
    else if (chance < 90)
        go_on(busy);
    else
        pass_time(busy);
}
