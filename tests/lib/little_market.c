/* little_market.c - a market small enough to know by heart. */
#include "little_market.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define T(string)                 \
    {                             \
        string, sizeof string - 1 \
    }
#define WEEKDAYS 0x1f
#define WEEKEND 0x60
#define MARKET "little"

/* ---- Its rules ---- */

#define VISIT_BANDS                                                           \
    {                                                                         \
        {.name = {"morning"}, .days = WEEKDAYS, .from = 360, .to = 720},      \
            {.name = {"evening"}, .days = WEEKDAYS, .from = 720, .to = 1440}, \
            {.name = {"weekend"}, .days = WEEKEND, .from = 360, .to = 1440},  \
    }

static const struct pm_market rules = {
    .name = {MARKET},
    .title = {"A little market (invented)"},
    .salt = 7,
    .kinds = 3,
    .localities = 2,
    .prefixes = 2,
    .capabilities = 2,
    .lots = 1,
    .lapse = PM_LAPSE_EXCLUDE,
    .keep_days = 7,
    .quality = {500, 0, 300, 800, 1000},
    .kind =
        {
            {
                .name = {"homecare"},
                .unit = PM_MINUTES,
                .bands = 3,
                .steps = 2,
                .passes = 1,
                .rate_min = 1500,
                .rate_max = 4000,
                .ceiling = 3000,
                .reference_rate = 2200,
                .units_max = 3360,
                .quality_floor = 250,
                .weight_price = 60,
                .weight_quality = 40,
                .band = VISIT_BANDS,
                .step =
                    {{.route = PM_CALL_OFF, .where = PM_HOME, .tiers = 0x01, .window = 60},
                     {.route = PM_CALL_OFF, .where = PM_NEIGHBOURS, .tiers = 0x03, .window = 60}},
            },
            {
                .name = {"bridging"},
                .unit = PM_MINUTES,
                .short_term = 1,
                .bands = 3,
                .steps = 2,
                .passes = 1,
                .rate_min = 1500,
                .rate_max = 4000,
                .ceiling = 4000,
                .reference_rate = 1500,
                .units_max = 3360,
                .weight_price = 50,
                .weight_quality = 50,
                .band = VISIT_BANDS,
                .step = {{.route = PM_CALL_OFF, .where = PM_HOME, .tiers = 0x01, .window = 30},
                         {.route = PM_LAST_RESORT, .where = PM_EVERYWHERE, .tiers = 0x80}},
            },
            {
                .name = {"residential"},
                .unit = PM_PLACES,
                .bands = 2,
                .steps = 1,
                .passes = 1,
                .rate_min = 50000,
                .rate_max = 200000,
                .ceiling = 150000,
                .reference_rate = 60000,
                .units_max = 1,
                .weight_price = 50,
                .weight_quality = 50,
                .band = {{.name = {"all"}}, {.name = {"nursing"}}},
                .step =
                    {{.route = PM_CALL_OFF, .where = PM_EVERYWHERE, .tiers = 0x01, .window = 1440}},
            },
        },
    .locality = {{{"Alder"}, 0x2}, {{"Birch"}, 0x1}},
    .prefix = {{.code = UINT64_C(0x5a5a310000000000), .locality = 0},
               {.code = UINT64_C(0x5a5a320000000000), .locality = 1}},
    .capability = {{"dementia"}, {"peg"}},
    .lot = {{{"main"}, 0, 47482}},
};

/* ---- Its supply ---- */

static const struct pm_text alder[] = {T("Alder")}, birch[] = {T("Birch")},
                            both[] = {T("Alder"), T("Birch")};
static const struct pm_text capability[] = {T("dementia"), T("peg")};
static const struct pm_rate rates[] = {{0, 2000}, {0, 2200}, {0, 1900},
                                       {0, 2500}, {0, 3000}, {0, 100000}};

#define PROVIDER(a, b)                                                 \
    {                                                                  \
        .verb = PM_PROVIDER_PUT, .provider = { T(a), T(b), PM_ACTIVE } \
    }
#define LOCATION(a, b, its_rating)             \
    {                                          \
        .verb = PM_LOCATION_PUT, .location = { \
            .location = T(a),                  \
            .provider = T(b),                  \
            .title = T("An invented branch"),  \
            .standing = PM_ACTIVE,             \
            .rating = its_rating,              \
            .score = -1                        \
        }                                      \
    }
#define POOL(a, b, its_kind, its_mode)                                     \
    {                                                                      \
        .verb = PM_POOL_PUT, .pool = { T(a), T(b), T(its_kind), its_mode } \
    }
#define SPARE(a, count, ...)                   \
    {                                          \
        .verb = PM_CAPACITY_SET, .capacity = { \
            .pool = T(a),                      \
            .bands = count,                    \
            .spare = {__VA_ARGS__},            \
            .as_of = LITTLE_TIME               \
        }                                      \
    }
#define SERVICE(a, b, its_kind, its_tier, how, places, count, can, at) \
    {                                                                  \
        .verb = PM_SERVICE_PUT, .service = {                           \
            .service = T(a),                                           \
            .pool = T(b),                                              \
            .kind = T(its_kind),                                       \
            .lot = T("main"),                                          \
            .tier = its_tier,                                          \
            .contract = how,                                           \
            .standing = PM_ACTIVE,                                     \
            .localities = count,                                       \
            .locality = places,                                        \
            .capabilities = can,                                       \
            .capability = capability,                                  \
            .rates = 1,                                                \
            .rate = &rates[at]                                         \
        }                                                              \
    }

static const struct pm_command supply[] = {
    PROVIDER("amber", "Amber Care (invented)"),
    PROVIDER("beryl", "Beryl Care (invented)"),
    PROVIDER("coral", "Coral Homes (invented)"),
    PROVIDER("dusk", "The council's own (invented)"),
    LOCATION("amber-branch", "amber", PM_GOOD),
    LOCATION("beryl-branch", "beryl", PM_OUTSTANDING),
    LOCATION("coral-branch", "coral", PM_GOOD),
    LOCATION("dusk-branch", "dusk", PM_REQUIRES_IMPROVEMENT),
    POOL("amber-run", "amber-branch", "homecare", PM_DECLARED),
    POOL("beryl-run", "beryl-branch", "homecare", PM_DECLARED),
    POOL("coral-run", "coral-branch", "homecare", PM_ASK),
    POOL("dusk-run", "dusk-branch", "homecare", PM_DECLARED),
    POOL("coral-home", "coral-branch", "residential", PM_DECLARED),
    SERVICE("hc-amber", "amber-run", "homecare", 1, PM_FRAMEWORK, alder, 1, 1, 0),
    SERVICE("hc-beryl", "beryl-run", "homecare", 1, PM_FRAMEWORK, both, 2, 2, 1),
    SERVICE("hc-coral", "coral-run", "homecare", 2, PM_FRAMEWORK, birch, 1, 0, 2),
    SERVICE("hc-dusk", "dusk-run", "homecare", 1, PM_IN_HOUSE, birch, 1, 0, 3),
    SERVICE("br-dusk", "dusk-run", "bridging", 8, PM_IN_HOUSE, both, 2, 0, 4),
    SERVICE("rs-coral", "coral-home", "residential", 1, PM_SPOT, alder, 1, 0, 5),
    SPARE("amber-run", 3, 600, 600, 300),
    SPARE("beryl-run", 3, 420, 420, 168),
    SPARE("dusk-run", 3, 300, 300, 120),
    SPARE("coral-home", 2, 2, 1),
};

struct pm_command little_market_load(void)
{
    return (struct pm_command){
        .verb = PM_MARKET_LOAD,
        .load = {.market = &rules, .supply = supply, .supplies = sizeof supply / sizeof supply[0]},
    };
}

/* ---- A core with it ---- */

void little_open(struct little *little)
{
    static const struct pm_limits limits = {
        .markets = 4,
        .providers = 64,
        .locations = 64,
        .pools = 64,
        .services = 64,
        .packages = 400,
        .offers = 800,
        .placements = 400,
        .waitlists = 64,
        .clients = 16,
    };
    *little = (struct little){.core = pm_core_open(&limits), .time = LITTLE_TIME};
    assert_non_null(little->core);
    struct pm_command load = little_market_load();
    struct pm_result result = little_apply(little, PM_OPERATOR, "operator", &load);
    if (result.status != PM_OK)
        fail_msg("loading: %s, item %u", pm_status_name(result.status), (unsigned)result.id);
}

void little_close(struct little *little)
{
    pm_core_close(little->core);
}

static struct pm_entry entry_of(const struct little *little, enum pm_role role, const char *name,
                                const struct pm_command *command)
{
    return (struct pm_entry){
        .sequence = little->sequence,
        .time = little->time,
        .market = T(MARKET),
        .actor = {(uint8_t)role, pm_text(name)},
        .command = command,
    };
}

struct pm_result little_apply(struct little *little, enum pm_role role, const char *name,
                              const struct pm_command *command)
{
    little->sequence++;
    struct pm_entry entry = entry_of(little, role, name, command);
    return pm_core_apply(little->core, &entry);
}

void little_settle(struct little *little)
{
    static const struct pm_command go_on = {.verb = PM_CONTINUE};
    while (pm_core_next(little->core) < little->time)
        little_apply(little, PM_DAEMON, "daemon", &go_on);
}

uint16_t little_ask(struct little *little, enum pm_role role, const char *name,
                    const struct pm_command *command)
{
    struct wire_writer out = {.bytes = little->answer, .size = sizeof little->answer};
    struct pm_entry entry = entry_of(little, role, name, command);
    uint16_t status = pm_core_query(little->core, &entry, &out);
    little->body = (struct look){little->answer, out.used};
    return status;
}

struct pm_result little_post(struct little *little, const char *reference, const char *locality,
                             uint8_t days, uint16_t minutes, const char *need)
{
    struct pm_visit visit = {420, 600, minutes, days, 1, 0, 0};
    struct pm_text needed = pm_text(need == NULL ? "" : need);
    struct pm_command post = {
        .verb = PM_PACKAGE_POST,
        .package = {.reference = pm_text(reference),
                    .kind = T("homecare"),
                    .locality = pm_text(locality),
                    .visit = &visit,
                    .visits = 1,
                    .need = &needed,
                    .needs = need != NULL,
                    .priority = 1},
    };
    return little_apply(little, PM_HOSPITAL, "ward", &post);
}

struct pm_command little_package(const char *reference)
{
    static const struct pm_visit visit = {420, 600, 30, 0x1f, 1, 0, 0};
    return (struct pm_command){
        .verb = PM_PACKAGE_POST,
        .package = {.reference = pm_text(reference),
                    .kind = T("homecare"),
                    .locality = T("Alder"),
                    .visit = &visit,
                    .visits = 1},
    };
}

uint64_t little_offer(struct little *little, const char *provider)
{
    struct pm_command ask = {.verb = PM_OFFERS, .list = {.state = 1 + PM_OFFER_OPEN}};
    assert_int_equal(little_ask(little, PM_PROVIDER, provider, &ask), PM_OK);
    assert_int_equal(look_count(little->body, "rows"), 1);
    return (uint64_t)look_number(little->body, "rows/0/id");
}

struct pm_result little_accept(struct little *little, const char *provider)
{
    struct pm_command answer = {.verb = PM_OFFER_ACCEPT};
    answer.answer.offer = little_offer(little, provider);
    return little_apply(little, PM_PROVIDER, provider, &answer);
}

struct pm_result little_decline(struct little *little, const char *provider,
                                enum pm_decline_code code)
{
    struct pm_command answer = {.verb = PM_OFFER_DECLINE};
    answer.answer = (struct pm_answer){little_offer(little, provider), (uint8_t)code};
    return little_apply(little, PM_PROVIDER, provider, &answer);
}
