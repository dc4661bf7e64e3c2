/* gen_command.c - see gen_command.h. */
#include "tests/lib/gen_command.h"

#include <assert.h>
#include <string.h>

#define VERB_NUMBER(number, constant, name, member) PM_##constant,
const uint8_t gen_verbs[] = {PM_VERBS(VERB_NUMBER)};
const size_t gen_verb_count = sizeof gen_verbs;

void gen_start(struct gen *gen, uint64_t seed)
{
    gen->random = (struct random){.state = seed};
    gen->likely = false;
    gen->used = 0;
}

void gen_reset(struct gen *gen)
{
    gen->used = 0;
}

static void *take(struct gen *gen, size_t count, size_t size)
{
    size_t at = (gen->used + 15) & ~(size_t)15;
    assert(at + count * size <= sizeof gen->memory);
    gen->used = at + count * size;
    return count > 0 ? memset(gen->memory + at, 0, count * size) : NULL;
}

static uint32_t between(struct gen *gen, uint32_t least, uint32_t most)
{
    return least + random_below(&gen->random, most - least + 1);
}

/* Often at an end of its range, often small, sometimes anything. */
static uint64_t number(struct gen *gen, uint64_t most)
{
    switch (random_below(&gen->random, 5)) {
    case 0:
        return 0;
    case 1:
        return most;
    case 2:
        return most > 30 ? random_below(&gen->random, 30) : random_next(&gen->random) % (most + 1);
    default:
        return most == UINT64_MAX ? random_next(&gen->random)
                                  : random_next(&gen->random) % (most + 1);
    }
}

/* A number of a list; unless only likely ones are wanted, any that its field holds. */
static uint8_t one_of(struct gen *gen, uint8_t least, uint8_t most)
{
    return (uint8_t)(gen->likely ? between(gen, least, most) : number(gen, UINT8_MAX));
}

static uint16_t minute(struct gen *gen)
{
    return (uint16_t)number(gen, gen->likely ? 1440 : UINT16_MAX);
}

static int32_t signed32(struct gen *gen)
{
    uint32_t value = (uint32_t)number(gen, INT32_MAX);
    return random_percent(&gen->random, 30) ? -1 - (int32_t)value : (int32_t)value;
}

static int64_t signed64(struct gen *gen)
{
    int64_t value = (int64_t)number(gen, INT64_MAX);
    return random_percent(&gen->random, 30) ? -1 - value : value;
}

struct pm_text gen_text(struct gen *gen, uint32_t least, uint32_t most)
{
    static const char *const wide[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    uint32_t length = between(gen, least, most), used = 0;
    char *text = take(gen, length + 1, 1);
    while (used < length) {
        const char *character = wide[random_below(&gen->random, 3)];
        size_t size = strlen(character);
        if (random_percent(&gen->random, 4) && used + size <= length) {
            memcpy(text + used, character, size); /* NOLINT: a NUL comes at the end of all */
            used += (uint32_t)size;
        } else {
            text[used++] = (char)between(gen, ' ', '~');
        }
    }
    return (struct pm_text){.bytes = text, .length = length};
}

static struct pm_text name(struct gen *gen)
{
    return random_percent(&gen->random, 20) ? (struct pm_text){0} : gen_text(gen, 1, PM_NAME_MAX);
}

static void fixed_name(struct gen *gen, struct pm_name *out)
{
    struct pm_text text = gen_text(gen, 1, PM_NAME_MAX);
    for (uint32_t i = 0; i < text.length; i++)
        out->text[i] = text.bytes[i];
}

/* None, one that could not be read, or a unit, sector or district. */
static uint64_t postcode(struct gen *gen)
{
    static const char *const some[] = {"RM18 8AB", "RM18 8", "RM18",     "E1 6", "SW1A 1AA",
                                       "M1",       "W1A 1",  "EC2V 7HH", "B33",  "not one"};
    if (random_percent(&gen->random, 20))
        return 0;
    uint64_t code = pm_postcode_parse(pm_text(some[random_below(&gen->random, 10)]));
    if (code == 0 && gen->likely)
        return 0;
    return code != 0 ? code : PM_POSTCODE_BAD;
}

/* A list's length: often none or all. */
static uint8_t some(struct gen *gen, uint32_t most)
{
    return (uint8_t)(random_percent(&gen->random, 20) ? most : between(gen, 0, most / 2));
}

static const struct pm_text *names(struct gen *gen, uint8_t count)
{
    struct pm_text *list = take(gen, count, sizeof *list);
    for (uint8_t i = 0; i < count; i++)
        list[i] = name(gen);
    return list;
}

/* ---- market.load ---- */

static void make_kind(struct gen *gen, struct pm_kind *out)
{
    fixed_name(gen, &out->name);
    out->unit = one_of(gen, 1, 2);
    out->short_term = one_of(gen, 0, 1);
    out->passes = one_of(gen, 0, 8);
    out->bands = some(gen, PM_BANDS_MAX);
    out->steps = some(gen, PM_STEPS_MAX);
    out->rate_min = signed32(gen);
    out->rate_max = signed32(gen);
    out->ceiling = signed32(gen);
    out->reference_rate = signed32(gen);
    out->units_max = signed32(gen);
    out->quality_floor = signed32(gen);
    out->weight_price = signed32(gen);
    out->weight_quality = signed32(gen);
    out->calendar = one_of(gen, 0, PM_CALENDARS_MAX);
    out->rounds = one_of(gen, 0, PM_CALENDARS_MAX);
    out->share_cap = signed32(gen);
    out->bonus_continuity = signed32(gen);
    out->bonus_cluster = signed32(gen);
    out->bonus_cluster_most = signed32(gen);
    out->bonus_preference = signed32(gen);
    out->ask_again = (uint32_t)number(gen, UINT32_MAX);
    for (uint8_t i = 0; i < out->bands; i++) {
        fixed_name(gen, &out->band[i].name);
        out->band[i].from = minute(gen);
        out->band[i].to = minute(gen);
        out->band[i].days = one_of(gen, 0, 127);
    }
    for (uint8_t i = 0; i < out->steps; i++)
        out->step[i] = (struct pm_step){.route = one_of(gen, 1, PM_STEP_ROUTES - 1),
                                        .where = one_of(gen, 1, 3),
                                        .tiers = one_of(gen, 0, 255),
                                        .award = one_of(gen, 0, 1),
                                        .close = one_of(gen, 0, 1),
                                        .invite = one_of(gen, 0, PM_INVITED_MAX),
                                        .binding = one_of(gen, 0, 1),
                                        .window = (uint32_t)number(gen, UINT32_MAX),
                                        .decide = (uint32_t)number(gen, UINT32_MAX),
                                        .floor = signed32(gen),
                                        .ceiling = signed32(gen)};
}

static void make_places(struct gen *gen, struct pm_market *out)
{
    out->localities = some(gen, PM_LOCALITIES_MAX);
    out->prefixes = (uint16_t)between(gen, 0, PM_PREFIXES_MAX);
    for (uint16_t i = 0; i < out->localities; i++) {
        fixed_name(gen, &out->locality[i].name);
        out->locality[i].neighbours = number(gen, UINT64_MAX);
    }
    for (uint16_t i = 0; i < out->prefixes; i++) {
        out->prefix[i].code = pm_postcode_parse(pm_text("RM18 8"));
        out->prefix[i].locality = one_of(gen, 0, 63);
    }
}

static const struct pm_market *make_market(struct gen *gen)
{
    struct pm_market *out = take(gen, 1, sizeof *out);
    struct pm_text title = gen_text(gen, 0, PM_TITLE_MAX);
    fixed_name(gen, &out->name);
    memcpy(out->title.text, title.bytes, title.length + 1);
    out->salt = number(gen, UINT64_MAX);
    out->lapse = one_of(gen, 1, 2);
    out->keep_days = signed32(gen);
    for (uint32_t i = 0; i < PM_RATINGS; i++)
        out->quality[i] = signed32(gen);
    for (uint32_t i = 0; i < PM_INTERIMS; i++)
        out->raise[i] = one_of(gen, 0, 3);
    out->raise_after = (uint32_t)number(gen, UINT32_MAX);
    out->kinds = some(gen, PM_KINDS_MAX);
    for (uint16_t i = 0; i < out->kinds; i++)
        make_kind(gen, &out->kind[i]);
    make_places(gen, out);
    out->capabilities = some(gen, PM_CAPABILITIES_MAX);
    for (uint16_t i = 0; i < out->capabilities; i++)
        fixed_name(gen, &out->capability[i]);
    out->lots = some(gen, PM_LOTS_MAX);
    for (uint16_t i = 0; i < out->lots; i++) {
        fixed_name(gen, &out->lot[i].name);
        out->lot[i].from = signed32(gen);
        out->lot[i].to = signed32(gen);
    }
    return out;
}

static void make_calendars(struct gen *gen, struct pm_load *out)
{
    out->calendars = between(gen, 0, PM_CALENDARS_MAX);
    struct pm_calendar *calendar = take(gen, out->calendars, sizeof *calendar);
    for (uint32_t c = 0; c < out->calendars; c++) {
        fixed_name(gen, &calendar[c].name);
        calendar[c].openings = between(gen, 0, 20);
        struct pm_opening *opening = take(gen, calendar[c].openings, sizeof *opening);
        for (uint32_t o = 0; o < calendar[c].openings; o++)
            opening[o] = (struct pm_opening){signed32(gen), signed32(gen)};
        calendar[c].opening = opening;
    }
    out->calendar = calendar;
}

static void make_load(struct gen *gen, struct pm_load *out)
{
    make_calendars(gen, out);
    out->supplies = random_percent(&gen->random, 30) ? 0 : between(gen, 0, 8);
    if (random_percent(&gen->random, 80))
        out->market = make_market(gen);
    struct pm_command *supply = take(gen, out->supplies, sizeof *supply);
    for (uint32_t i = 0; i < out->supplies; i++)
        gen_command(gen, between(gen, PM_PROVIDER_PUT, PM_CAPACITY_SET), &supply[i]);
    out->supply = supply;
}

/* ---- Everything else ---- */

static void make_service(struct gen *gen, struct pm_service_put *out)
{
    *out = (struct pm_service_put){.service = name(gen),
                                   .pool = name(gen),
                                   .kind = name(gen),
                                   .lot = name(gen),
                                   .tier = one_of(gen, 1, 8),
                                   .contract = one_of(gen, 1, 4),
                                   .standing = one_of(gen, 1, 3),
                                   .uplift = signed32(gen),
                                   .localities = some(gen, PM_LOCALITIES_MAX),
                                   .sectors = some(gen, PM_SECTORS_MAX),
                                   .capabilities = some(gen, PM_CAPABILITIES_MAX),
                                   .rates = some(gen, PM_RATES_MAX)};
    uint64_t *sector = take(gen, out->sectors, sizeof *sector);
    struct pm_rate *rate = take(gen, out->rates, sizeof *rate);
    for (uint8_t i = 0; i < out->sectors; i++)
        do
            sector[i] = postcode(gen);
        while (sector[i] == 0);
    for (uint8_t i = 0; i < out->rates; i++)
        rate[i] = (struct pm_rate){.from = signed32(gen), .pence = signed32(gen)};
    out->locality = names(gen, out->localities);
    out->sector = sector;
    out->capability = names(gen, out->capabilities);
    out->rate = rate;
}

static void make_package(struct gen *gen, struct pm_package *out)
{
    *out =
        (struct pm_package){.reference = name(gen),
                            .referrer = name(gen),
                            .kind = name(gen),
                            .postcode = postcode(gen),
                            .locality = name(gen),
                            .sector = postcode(gen),
                            .place_type = name(gen),
                            .continuity = name(gen),
                            .person = name(gen),
                            .visits = some(gen, PM_VISITS_MAX),
                            .needs = some(gen, PM_NEEDS_MAX),
                            .exclusions = some(gen, PM_EXCLUSIONS_MAX),
                            .priority = one_of(gen, 0, 3),
                            .interim = one_of(gen, 0, 4),
                            .payer = one_of(gen, 0, 3),
                            .preferences = some(gen, PM_PREFERENCES_MAX),
                            .follows = name(gen),
                            .group = name(gen),
                            .arrangement = one_of(gen, 0, 1),
                            .group_size = one_of(gen, 0, PM_GROUP_MAX),
                            .together = one_of(gen, 0, 1),
                            .given = (uint32_t)number(gen, gen->likely ? PM_GIVEN_ALL : UINT32_MAX),
                            .start_from = signed32(gen),
                            .start_by = signed32(gen),
                            .planned_end = signed32(gen)};
    struct pm_visit *visit = take(gen, out->visits, sizeof *visit);
    for (uint8_t i = 0; i < out->visits; i++)
        visit[i] = (struct pm_visit){.earliest = minute(gen),
                                     .latest = minute(gen),
                                     .minutes = minute(gen),
                                     .days = one_of(gen, 0, 127),
                                     .carers = one_of(gen, 0, 2),
                                     .critical = one_of(gen, 0, 1)};
    out->visit = visit;
    out->need = names(gen, out->needs);
    out->exclusion = names(gen, out->exclusions);
    out->preferred = names(gen, out->preferences);
}

static void make_import(struct gen *gen, struct pm_import *out)
{
    struct pm_package *package = take(gen, 1, sizeof *package);
    make_package(gen, package);
    *out = (struct pm_import){.package = random_percent(&gen->random, 90) ? package : NULL,
                              .service = name(gen),
                              .rate = signed32(gen),
                              .started = signed32(gen)};
}

static void make_apply(struct gen *gen, struct pm_round_apply *out)
{
    *out = (struct pm_round_apply){.round = number(gen, UINT64_MAX),
                                   .assignments = some(gen, PM_ASSIGNMENTS_MAX)};
    struct pm_assignment *assignment = take(gen, out->assignments, sizeof *assignment);
    for (uint16_t i = 0; i < out->assignments; i++)
        assignment[i] = (struct pm_assignment){.package = number(gen, UINT64_MAX),
                                               .service = number(gen, UINT64_MAX),
                                               .alone = number(gen, UINT64_MAX),
                                               .version = (uint32_t)number(gen, UINT32_MAX)};
    out->assignment = assignment;
    if (random_percent(&gen->random, 50))
        return;
    struct pm_round_result *result = take(gen, 1, sizeof *result);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++) {
        result->value[stage] = signed64(gen);
        result->bound[stage] = signed64(gen);
        result->alone[stage] = signed64(gen);
    }
    for (int word = 0; word < 4; word++)
        result->hash[word] = number(gen, UINT64_MAX);
    result->optimal = one_of(gen, 0, 31);
    result->abandoned = one_of(gen, 0, 1);
    result->scarces = (uint8_t)some(gen, PM_SCARCE_MAX);
    for (uint8_t i = 0; i < result->scarces; i++)
        result->scarce[i] = (struct pm_scarce){
            .pool = number(gen, UINT64_MAX), .price = signed64(gen), .band = one_of(gen, 0, 7)};
    out->result = result;
}

static void make_award(struct gen *gen, struct pm_command *out)
{
    if (out->verb == PM_AWARD_OVERRIDE)
        out->award = (struct pm_override){.reference = name(gen),
                                          .referrer = name(gen),
                                          .service = name(gen),
                                          .rate = signed32(gen),
                                          .note = gen_text(gen, 0, PM_TITLE_MAX)};
    else if (out->verb == PM_CHOICE_RECORD)
        out->choice = (struct pm_choice){.reference = name(gen),
                                         .referrer = name(gen),
                                         .offer = number(gen, UINT64_MAX),
                                         .decided_by = one_of(gen, 1, PM_DECIDERS - 1),
                                         .top_up = one_of(gen, 0, 1)};
    else if (out->verb == PM_ROUND_APPLY)
        make_apply(gen, &out->apply);
    else
        out->round = (struct pm_round){.kind = name(gen)};
}

/* What providers say, and how they fail. */
static void make_saying(struct gen *gen, struct pm_command *out)
{
    if (out->verb == PM_OFFER_TENDER)
        out->tender = (struct pm_tender){.offer = number(gen, UINT64_MAX),
                                         .rate = signed32(gen),
                                         .start = signed32(gen),
                                         .assess_by = signed32(gen),
                                         .shift = signed32(gen)};
    else if (out->verb == PM_PLACEMENT_HANDBACK)
        out->handback = (struct pm_handback){.placement = number(gen, UINT64_MAX),
                                             .until = signed32(gen),
                                             .code = one_of(gen, 1, PM_DECLINE_CODES - 1),
                                             .note = gen_text(gen, 0, PM_TITLE_MAX)};
    else if (out->verb == PM_PLACEMENT_IN_HOSPITAL)
        out->stay =
            (struct pm_stay){.reference = name(gen), .referrer = name(gen), .until = signed32(gen)};
    else if (out->verb == PM_SERVICE_TRANSFER)
        out->transfer = (struct pm_transfer){
            .service = name(gen), .to = name(gen), .note = gen_text(gen, 0, PM_TITLE_MAX)};
    else if (out->verb == PM_PROVIDER_FAIL)
        out->failure = (struct pm_failure){.provider = name(gen),
                                           .location = name(gen),
                                           .from = signed32(gen),
                                           .mode = one_of(gen, 1, 2),
                                           .note = gen_text(gen, 0, PM_TITLE_MAX)};
    else
        out->suspension = (struct pm_suspension){.provider = name(gen),
                                                 .location = name(gen),
                                                 .kind = name(gen),
                                                 .locality = name(gen),
                                                 .note = gen_text(gen, 0, PM_TITLE_MAX)};
}

static void make_supply(struct gen *gen, struct pm_command *out)
{
    switch (out->verb) {
    case PM_PROVIDER_PUT:
        out->provider = (struct pm_provider_put){.provider = name(gen),
                                                 .title = gen_text(gen, 0, PM_TITLE_MAX),
                                                 .standing = one_of(gen, 1, 3)};
        break;
    case PM_LOCATION_PUT:
        out->location = (struct pm_location_put){.location = name(gen),
                                                 .provider = name(gen),
                                                 .title = gen_text(gen, 0, PM_TITLE_MAX),
                                                 .cqc = name(gen),
                                                 .standing = one_of(gen, 1, 3),
                                                 .rating = one_of(gen, 0, 4),
                                                 .score = (int8_t)one_of(gen, 0, 100)};
        break;
    case PM_POOL_PUT:
        out->pool = (struct pm_pool_put){
            .pool = name(gen), .location = name(gen), .kind = name(gen), .mode = one_of(gen, 1, 2)};
        break;
    case PM_SERVICE_PUT:
        make_service(gen, &out->service);
        break;
    default:
        out->capacity = (struct pm_capacity_set){.pool = name(gen),
                                                 .bands = some(gen, PM_BANDS_MAX),
                                                 .as_of = signed64(gen),
                                                 .valid_until = signed64(gen)};
        for (uint8_t i = 0; i < out->capacity.bands; i++)
            out->capacity.spare[i] = signed32(gen);
        break;
    }
}

static void make_query(struct gen *gen, struct pm_command *out)
{
    if (out->verb == PM_WATCH)
        out->watch = (struct pm_watch){.cursor = number(gen, UINT64_MAX),
                                       .wait = (uint32_t)number(gen, UINT32_MAX),
                                       .limit = (uint32_t)number(gen, UINT32_MAX)};
    else if (out->verb == PM_ROUND_SHOW || out->verb == PM_ROUND_CERTIFICATE)
        out->matched = (struct pm_round_query){.round = number(gen, UINT64_MAX),
                                               .after = number(gen, UINT64_MAX),
                                               .offset = number(gen, UINT64_MAX),
                                               .limit = (uint32_t)number(gen, UINT32_MAX)};
    else if (out->verb == PM_ROUND_TRY)
        out->tried =
            (struct pm_round_try){.kind = name(gen), .provider = name(gen), .location = name(gen)};
    else if (out->verb != PM_MARKET_REPORT && out->verb != PM_CLOCK_ACCEPT &&
             out->verb != PM_DIGEST && out->verb != PM_STATS)
        out->list = (struct pm_list){.provider = name(gen),
                                     .kind = name(gen),
                                     .state = one_of(gen, 0, 7),
                                     .after = number(gen, UINT64_MAX),
                                     .limit = (uint32_t)number(gen, UINT32_MAX)};
}

/* Who may come in. */
static void make_entry(struct gen *gen, struct pm_command *out)
{
    if (out->verb == PM_HELLO)
        out->hello = (struct pm_hello){.token = gen_text(gen, 0, PM_TITLE_MAX)};
    else if (out->verb == PM_TOKEN_REVOKE)
        out->token_name = (struct pm_token_name){.name = name(gen)};
    else
        out->token = (struct pm_token){.name = name(gen),
                                       .role = one_of(gen, 1, PM_OPERATOR),
                                       .provider = name(gen),
                                       .referrer = name(gen),
                                       .market = name(gen),
                                       .expires = signed32(gen)};
}

void gen_command(struct gen *gen, unsigned verb, struct pm_command *out)
{
    if (pm_verb_name(verb) == NULL)
        verb = gen_verbs[random_below(&gen->random, (uint32_t)gen_verb_count)];
    memset(out, 0, sizeof *out);
    out->verb = (uint8_t)verb;
    switch (verb) {
    case PM_MARKET_LOAD:
        make_load(gen, &out->load);
        break;
    case PM_PACKAGE_POST:
    case PM_PACKAGE_AMEND:
        make_package(gen, &out->package);
        break;
    case PM_PACKAGE_WITHDRAW:
    case PM_PACKAGE_PAUSE:
    case PM_PACKAGE_RESUME:
    case PM_PLACEMENT_START:
    case PM_PLACEMENT_RESTART:
    case PM_PLACEMENT_END:
    case PM_AWARD_CONFIRM:
    case PM_PACKAGE_SHOW:
    case PM_EXPLAIN:
        out->id = (struct pm_package_id){
            .reference = name(gen), .referrer = name(gen), .reason = one_of(gen, 0, 6)};
        break;
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
        out->answer =
            (struct pm_answer){.offer = number(gen, UINT64_MAX), .code = one_of(gen, 0, 6)};
        break;
    case PM_PLACEMENT_IMPORT:
        make_import(gen, &out->import);
        break;
    case PM_AWARD_OVERRIDE:
    case PM_CHOICE_RECORD:
    case PM_ROUND_OPEN:
    case PM_ROUND_APPLY:
        make_award(gen, out);
        break;
    case PM_OFFER_TENDER:
    case PM_PLACEMENT_HANDBACK:
    case PM_PLACEMENT_IN_HOSPITAL:
    case PM_SERVICE_TRANSFER:
    case PM_PROVIDER_FAIL:
    case PM_PROVIDER_SUSPEND:
    case PM_PROVIDER_RESUME:
        make_saying(gen, out);
        break;
    case PM_HELLO:
    case PM_TOKEN_CREATE:
    case PM_TOKEN_REVOKE:
        make_entry(gen, out);
        break;
    case PM_CONTINUE:
    case PM_OUTAGE:
    case PM_TICK:
        out->tick.time = signed64(gen);
        break;
    default:
        if (verb >= PM_QUERY_FIRST)
            make_query(gen, out);
        else
            make_supply(gen, out);
        break;
    }
}
