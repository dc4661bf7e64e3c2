/* council.c - an invented market of any size for benchmarks. */
#include "council.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VISIT_SETS = 256, SPARE_SETS = 1024, VISITS = 4, NAME = 24 };

struct council {
    struct council_options options;
    struct pm_market market;
    struct pm_command load;
    struct pm_command *supply; /* provider, location, pool, service, capacity of each */
    char (*name)[NAME];        /* of each provider, and of its location, pool and service */
    struct pm_text *locality;  /* of each service */
    struct pm_rate *rate;
    struct pm_visit visit[VISIT_SETS][VISITS];
    uint8_t visits[VISIT_SETS];
    int32_t spare[SPARE_SETS][PM_BANDS_MAX]; /* that pools state in turn */
    struct pm_text need;
};

uint64_t council_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void set_name(struct pm_name *name, const char *text)
{
    memset(name, 0, sizeof *name);
    snprintf(name->text, sizeof name->text, "%s", text);
}

/* ---- The rules ---- */

static const struct {
    const char *name;
    uint16_t from, to;
} day_parts[] = {
    {"morning", 360, 660}, {"lunch", 660, 900}, {"tea", 900, 1140}, {"bed", 1140, 1380}};

static void set_bands(struct pm_kind *kind)
{
    kind->bands = PM_BANDS_MAX;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        char name[PM_NAME_MAX + 1];
        snprintf(name, sizeof name, "%s %s", b < 4 ? "weekday" : "weekend", day_parts[b % 4].name);
        set_name(&kind->band[b].name, name);
        kind->band[b].days = b < 4 ? 0x1f : 0x60;
        kind->band[b].from = day_parts[b % 4].from;
        kind->band[b].to = day_parts[b % 4].to;
    }
}

static void set_kind(struct pm_kind *kind)
{
    set_name(&kind->name, "homecare");
    kind->unit = PM_MINUTES;
    kind->passes = 1;
    kind->rate_min = 1200;
    kind->rate_max = 4500;
    kind->ceiling = 3300;
    kind->reference_rate = 2400;
    kind->units_max = 20160;
    kind->weight_price = 60;
    kind->weight_quality = 40;
    kind->steps = 2;
    kind->step[0] =
        (struct pm_step){.route = PM_CALL_OFF, .where = PM_HOME, .tiers = 3, .window = 240};
    kind->step[1] =
        (struct pm_step){.route = PM_CALL_OFF, .where = PM_NEIGHBOURS, .tiers = 7, .window = 240};
    set_bands(kind);
}

static void set_market(struct pm_market *market, const struct council_options *options)
{
    static const int32_t quality[PM_RATINGS] = {500, 0, 400, 800, 1000};
    set_name(&market->name, "council");
    market->salt = options->seed;
    market->lapse = PM_LAPSE_ASK;
    memcpy(market->quality, quality, sizeof quality);
    market->kinds = market->lots = market->capabilities = 1;
    market->localities = (uint16_t)options->localities;
    set_kind(&market->kind[0]);
    if (options->invite > 0)
        market->kind[0].step[0] = (struct pm_step){.route = PM_OPEN_OFFER,
                                                   .where = PM_EVERYWHERE,
                                                   .tiers = 7,
                                                   .window = 240,
                                                   .invite = (uint8_t)options->invite};
    set_name(&market->capability[0], "dementia");
    set_name(&market->lot[0].name, "lot 1");
    market->lot[0].to = 80000;
    for (unsigned l = 0; l < options->localities; l++) {
        char name[PM_NAME_MAX + 1];
        snprintf(name, sizeof name, "locality %u", l);
        set_name(&market->locality[l].name, name);
        market->locality[l].neighbours =
            (l > 0 ? 1ull << (l - 1) : 0) | (l + 1 < options->localities ? 1ull << (l + 1) : 0);
    }
}

/* ---- Supply ---- */

/* Minutes a week that the packages meant for one service take of a band, on average: 35 minutes
 * and 1.17 carers a visit, every package a morning, three of four a lunch, half a tea, a quarter a
 * bed. */
static uint32_t load_of(const struct council *council, unsigned band)
{
    uint32_t packages = council->options.packages / council->options.localities + 1;
    uint32_t days = band < 4 ? 5 : 2, share = 4 - band % 4;
    return (uint32_t)((uint64_t)packages * 41 * days * share / 4 /
                      council->options.services_per_locality);
}

static void set_spare(struct council *council, unsigned set, uint64_t *random)
{
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        council->spare[set][b] = (int32_t)(council_random(random) %
                                           (load_of(council, b) / 3 + council->options.room + 1));
}

static void add_service(struct council *council, uint32_t n, uint64_t *random)
{
    struct pm_command *put = &council->supply[n * 5ul];
    struct pm_text name, market_kind = pm_text("homecare");
    snprintf(council->name[n], NAME, "invented-%u", n);
    name = pm_text(council->name[n]);
    council->locality[n] =
        pm_text(council->market.locality[n / council->options.services_per_locality].name.text);
    council->rate[n] =
        (struct pm_rate){.from = 0, .pence = 1900 + (int32_t)(council_random(random) % 1300)};
    put[0] = (struct pm_command){.verb = PM_PROVIDER_PUT};
    put[0].provider =
        (struct pm_provider_put){.provider = name, .title = name, .standing = PM_ACTIVE};
    put[1] = (struct pm_command){.verb = PM_LOCATION_PUT};
    put[1].location = (struct pm_location_put){.location = name,
                                               .provider = name,
                                               .standing = PM_ACTIVE,
                                               .rating = PM_GOOD,
                                               .score = (int8_t)(council_random(random) % 101)};
    put[2] = (struct pm_command){.verb = PM_POOL_PUT};
    put[2].pool = (struct pm_pool_put){
        .pool = name, .location = name, .kind = market_kind, .mode = PM_DECLARED};
    put[3] = (struct pm_command){.verb = PM_SERVICE_PUT};
    put[3].service = (struct pm_service_put){.service = name,
                                             .pool = name,
                                             .kind = market_kind,
                                             .lot = pm_text("lot 1"),
                                             .tier = (uint8_t)(1 + n % 3),
                                             .contract = PM_FRAMEWORK,
                                             .standing = PM_ACTIVE,
                                             .localities = 1,
                                             .locality = &council->locality[n],
                                             .capabilities = council_random(random) % 4 != 0,
                                             .capability = &council->need,
                                             .rates = 1,
                                             .rate = &council->rate[n]};
    put[4] = (struct pm_command){.verb = PM_CAPACITY_SET};
    put[4].capacity = (struct pm_capacity_set){.pool = name, .bands = PM_BANDS_MAX};
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        put[4].capacity.spare[b] = (int32_t)(load_of(council, b) * 7 / 6 + council->options.room);
}

/* ---- Demand ---- */

/* Visits of 15, 30, 45 and 60 minutes as often as 1.6, 72, 18 and 8 in a hundred; a sixth
 * double-handed; more mornings than beds. */
static void set_visits(struct council *council, unsigned set, uint64_t *random)
{
    unsigned wanted = 1 + (unsigned)(council_random(random) % VISITS);
    uint8_t carers = council_random(random) % 6 == 0 ? 2 : 1;
    for (unsigned v = 0; v < wanted; v++) {
        unsigned percent = (unsigned)(council_random(random) % 1000);
        uint16_t minutes = percent < 16 ? 15 : percent < 736 ? 30 : percent < 916 ? 45 : 60;
        council->visit[set][v] = (struct pm_visit){.earliest = (uint16_t)(day_parts[v].from + 30),
                                                   .latest = (uint16_t)(day_parts[v].from + 150),
                                                   .minutes = minutes,
                                                   .days = PM_EVERY_DAY,
                                                   .carers = carers};
    }
    council->visits[set] = (uint8_t)wanted;
}

struct pm_command council_post(const struct council *council, uint32_t n, struct pm_text reference)
{
    uint64_t random = council->options.seed ^ (n + 1ull) << 20;
    uint64_t bits = council_random(&random);
    unsigned set = bits % VISIT_SETS;
    const struct pm_market *market = &council->market;
    unsigned locality = (unsigned)(bits >> 16) % council->options.localities;
    struct pm_command command = {.verb = PM_PACKAGE_POST};
    command.package = (struct pm_package){.reference = reference,
                                          .kind = pm_text("homecare"),
                                          .locality = pm_text(market->locality[locality].name.text),
                                          .visit = council->visit[set],
                                          .visits = council->visits[set],
                                          .needs = (bits >> 40) % 4 == 0,
                                          .need = &council->need,
                                          .priority = (uint8_t)((bits >> 48) % PM_PRIORITIES)};
    return command;
}

struct pm_command council_capacity(const struct council *council, uint32_t n, int64_t now)
{
    uint32_t services = council->options.localities * council->options.services_per_locality;
    struct pm_command command = {.verb = PM_CAPACITY_SET};
    command.capacity = (struct pm_capacity_set){
        .pool = pm_text(council->name[n % services]), .bands = PM_BANDS_MAX, .as_of = now};
    memcpy(command.capacity.spare, council->spare[n % SPARE_SETS], sizeof command.capacity.spare);
    return command;
}

/* ---- The whole ---- */

static bool reserve(struct council *council, uint32_t services)
{
    council->supply = calloc(services * 5ul, sizeof *council->supply);
    council->name = calloc(services, sizeof *council->name);
    council->locality = calloc(services, sizeof *council->locality);
    council->rate = calloc(services, sizeof *council->rate);
    return council->supply != NULL && council->name != NULL && council->locality != NULL &&
           council->rate != NULL;
}

struct council *council_new(const struct council_options *options)
{
    struct council *council = calloc(1, sizeof *council);
    uint32_t services = options->localities * options->services_per_locality;
    uint64_t random = options->seed;
    if (council == NULL || !reserve(council, services)) {
        council_free(council);
        return NULL;
    }
    council->options = *options;
    council->need = pm_text("dementia");
    set_market(&council->market, options);
    for (uint32_t n = 0; n < services; n++)
        add_service(council, n, &random);
    for (unsigned set = 0; set < VISIT_SETS; set++)
        set_visits(council, set, &random);
    for (unsigned set = 0; set < SPARE_SETS; set++)
        set_spare(council, set, &random);
    council->load = (struct pm_command){.verb = PM_MARKET_LOAD};
    council->load.load = (struct pm_load){
        .market = &council->market, .supply = council->supply, .supplies = services * 5};
    return council;
}

void council_free(struct council *council)
{
    if (council == NULL)
        return;
    free(council->supply);
    free(council->name);
    free(council->locality);
    free(council->rate);
    free(council);
}

const struct pm_command *council_load(const struct council *council)
{
    return &council->load;
}
