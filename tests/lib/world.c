/* world.c - see world.h. */
#include "tests/lib/world.h"

#include <stdio.h>
#include <string.h>

#include "core/state.h"

enum { SETTLE_MAX = 10000 };

const struct pm_limits world_limits = {
    .markets = 3,
    .providers = 24,
    .locations = 24,
    .pools = 24,
    .services = 24,
    .packages = 48,
    .offers = 192,
    .placements = 48,
    .waitlists = 64,
    .clients = 4,
};

bool world_open(struct world *world, const struct pm_limits *limits)
{
    *world = (struct world){.market = pm_text("Ashmere"), .time = WORLD_START, .print_each = 1};
    world->core = pm_core_open(limits);
    return world->core != NULL;
}

void world_close(struct world *world)
{
    pm_core_close(world->core);
    world->core = NULL;
}

void world_print(const struct world *world, uint8_t out[PM_DIGEST_SIZE])
{
    struct header kept = world->core->header;
    world->core->header.sequence = 0;
    world->core->header.time = 0;
    pm_core_digest(world->core, out);
    world->core->header = kept;
}

static void fail(struct world *world, const char *what, const char *detail)
{
    if (!world->failed)
        snprintf(world->error, sizeof world->error, "%s%s", what, detail);
    world->failed = true;
}

/* A market refused for its supply has come and gone: other slots, but nothing left. A number that
 * is remembered changes what is remembered. */
static bool must_change_nothing(const struct pm_entry *entry, struct pm_result result)
{
    return result.status != PM_OK && entry->number == 0 && entry->command->verb != PM_MARKET_LOAD;
}

static void count_used(const struct pm_core *core, uint32_t used[TABLES])
{
    for (unsigned t = 0; t < TABLES; t++)
        used[t] = core->table[t].used;
    used[TABLE_CLIENTS] = used[TABLE_ACTORS] = 0;
}

/* Checks what must be so after any command. */
static void check(struct world *world, const struct pm_entry *entry, struct pm_result result,
                  const uint8_t *before, const uint32_t used[TABLES])
{
    char error[256];
    uint8_t after[PM_DIGEST_SIZE];
    uint32_t used_after[TABLES];
    if (!pm_core_check(world->core, error))
        fail(world, "broken invariant: ", error);
    count_used(world->core, used_after);
    if (result.status == PM_OK)
        return;
    if (memcmp(used, used_after, sizeof used_after) != 0)
        fail(world, "refused, but something is left: ", pm_status_name(result.status));
    if (before == NULL || !must_change_nothing(entry, result))
        return;
    world_print(world, after);
    if (memcmp(before, after, sizeof after) != 0)
        fail(world, "refused, but the state changed: ", pm_status_name(result.status));
}

struct pm_result world_apply(struct world *world, struct pm_entry entry)
{
    uint8_t before[PM_DIGEST_SIZE];
    uint32_t used[TABLES];
    bool print = world->print_each != 0 && world->sequence % world->print_each == 0;
    if (print)
        world_print(world, before);
    count_used(world->core, used);
    entry.sequence = ++world->sequence;
    entry.time = world->time;
    if (entry.market.length == 0)
        entry.market = world->market;
    struct pm_result result = pm_core_apply(world->core, &entry);
    check(world, &entry, result, print ? before : NULL, used);
    if (world->witness != NULL)
        world->witness(world->context, &entry, result);
    return result;
}

struct pm_result world_do(struct world *world, const struct pm_command *command)
{
    struct pm_entry entry = {.actor = {.role = PM_DAEMON, .name = pm_text("placematd")},
                             .command = command};
    return world_apply(world, entry);
}

bool world_settle(struct world *world)
{
    const struct pm_command go_on = {.verb = PM_CONTINUE};
    for (unsigned i = 0; pm_core_next(world->core) < world->time; i++) {
        if (i == SETTLE_MAX)
            fail(world, "continue", " does not come to an end");
        if (world->failed)
            return false;
        world_do(world, &go_on);
    }
    return !world->failed;
}

bool world_advance(struct world *world, int64_t to)
{
    while (world_settle(world) && pm_core_next(world->core) < to)
        world->time = pm_core_next(world->core) + 1;
    world->time = to;
    return world_settle(world);
}

/* ---- The market ---- */

static void name(struct pm_name *out, const char *text)
{
    snprintf(out->text, sizeof out->text, "%s", text);
}

static void timed_bands(struct pm_kind *kind)
{
    static const char *const names[] = {"morning",     "lunch",     "tea",     "bed",
                                        "sat_morning", "sat_lunch", "sat_tea", "sat_bed"};
    static const uint16_t from[] = {360, 660, 900, 1140, 1380};
    for (unsigned b = 0; b < 8; b++) {
        name(&kind->band[b].name, names[b]);
        kind->band[b].days = b < 4 ? 0x1f : 0x60;
        kind->band[b].from = from[b % 4];
        kind->band[b].to = from[b % 4 + 1];
    }
    kind->bands = 8;
}

static void by_the_hour(struct pm_kind *kind)
{
    kind->unit = PM_MINUTES;
    kind->rate_min = 1000;
    kind->rate_max = 5000;
    kind->ceiling = 3000;
    kind->reference_rate = 2000;
    kind->units_max = 6720;
    timed_bands(kind);
}

static void by_the_place(struct pm_kind *kind)
{
    static const char *const names[] = {"all", "residential", "dementia", "nursing"};
    kind->unit = PM_PLACES;
    kind->rate_min = 50000;
    kind->rate_max = 200000;
    kind->ceiling = 120000;
    kind->reference_rate = 90000;
    kind->units_max = 1;
    kind->bands = 4;
    for (unsigned b = 0; b < 4; b++)
        name(&kind->band[b].name, names[b]);
}

static void kinds(struct pm_market *out)
{
    static const char *const names[] = {"homecare", "bridging", "residential"};
    out->kinds = 3;
    for (unsigned k = 0; k < 3; k++) {
        struct pm_kind *kind = &out->kind[k];
        name(&kind->name, names[k]);
        kind->passes = 1;
        kind->quality_floor = 300;
        kind->weight_price = 60;
        kind->weight_quality = 40;
        if (k < 2)
            by_the_hour(kind);
        else
            by_the_place(kind);
    }
    out->kind[0].steps = out->kind[1].steps = 2;
    out->kind[2].steps = 1;
    out->kind[0].step[0] =
        (struct pm_step){.route = PM_CALL_OFF, .where = PM_HOME, .tiers = 0x1, .window = 240};
    out->kind[0].step[1] =
        (struct pm_step){.route = PM_CALL_OFF, .where = PM_NEIGHBOURS, .tiers = 0x3, .window = 120};
    out->kind[1].step[0] =
        (struct pm_step){.route = PM_CALL_OFF, .where = PM_HOME, .tiers = 0x3, .window = 60};
    out->kind[1].step[1] =
        (struct pm_step){.route = PM_LAST_RESORT, .where = PM_EVERYWHERE, .tiers = 0x4};
    out->kind[2].step[0] = (struct pm_step){
        .route = PM_CALL_OFF, .where = PM_EVERYWHERE, .tiers = 0x1, .window = 1440};
    out->kind[1].short_term = 1;
}

static void places(struct pm_market *out)
{
    static const char *const names[] = {"east", "west", "north"};
    static const uint64_t neighbours[] = {0x2, 0x5, 0x2};
    static const struct {
        const char *code;
        uint8_t locality;
    } prefixes[] = {{"QX3", 2}, {"QX1", 0}, {"QX2", 1}, {"QX1 9", 1}, {"QX3 1AA", 0}};
    out->localities = 3;
    for (unsigned l = 0; l < 3; l++) {
        name(&out->locality[l].name, names[l]);
        out->locality[l].neighbours = neighbours[l];
    }
    out->prefixes = sizeof prefixes / sizeof *prefixes;
    for (unsigned p = 0; p < out->prefixes; p++) {
        out->prefix[p].code = pm_postcode_parse(pm_text(prefixes[p].code));
        out->prefix[p].locality = prefixes[p].locality;
    }
}

static void lots(struct pm_market *out)
{
    static const char *const lots[][3] = {{"main", "2024-01-01", "2025-12-31"},
                                          {"later", "2025-02-01", "2026-01-31"},
                                          {"old", "2020-01-01", "2023-12-31"}};
    out->lots = 3;
    for (unsigned l = 0; l < 3; l++) {
        name(&out->lot[l].name, lots[l][0]);
        out->lot[l].from = pm_date_parse(pm_text(lots[l][1]));
        out->lot[l].to = pm_date_parse(pm_text(lots[l][2]));
    }
}

void world_rules(struct pm_market *out)
{
    static const int32_t quality[PM_RATINGS] = {500, 0, 400, 700, 1000};
    static const char *const capabilities[] = {"dementia", "hoist", "peg"};
    memset(out, 0, sizeof *out);
    name(&out->name, "Ashmere");
    snprintf(out->title.text, sizeof out->title.text, "Ashmere Borough Council");
    out->salt = 1;
    out->lapse = PM_LAPSE_ASK;
    out->keep_days = 30;
    memcpy(out->quality, quality, sizeof quality);
    out->capabilities = 3;
    for (unsigned c = 0; c < 3; c++)
        name(&out->capability[c], capabilities[c]);
    kinds(out);
    places(out);
    lots(out);
}

bool world_only_daemon_says(unsigned status)
{
    static const uint16_t those[] = {
        PM_BUSY,         PM_MALFORMED,    PM_UNSUPPORTED_VERSION, PM_TOO_LARGE,
        PM_STOPPING,     PM_RESYNC,       PM_PERSONAL_DATA,       PM_UNAUTHENTICATED,
        PM_LOGIN_PAUSED, PM_TOKEN_EXISTS, PM_UNKNOWN_TOKEN,
    };
    for (size_t i = 0; i < sizeof those / sizeof *those; i++)
        if (those[i] == status)
            return true;
    return strcmp(pm_status_name(status), "unknown_status") == 0; /* a number left free */
}
