/*
 * wire_fields.c - the table of all commands' fields: key, form and place of each, and whether it is
 * text that its sender words. A field added here is decoded, encoded and tested; placemat.cddl says
 * the same for people.
 */
#include "core/wire_fields.h"

#define SIZE_U8 1
#define SIZE_U16 2
#define SIZE_U32 4
#define SIZE_U64 8
#define SIZE_I8 1
#define SIZE_I32 4
#define SIZE_I64 8
#define SIZE_TEXT sizeof(struct pm_text)
#define SIZE_LONG sizeof(struct pm_text)
#define SIZE_NAME sizeof(struct pm_name)
#define SIZE_TITLE sizeof(struct pm_title)
#define SIZE_POSTCODE sizeof(uint64_t)

#define SIZE_OF(type, member) sizeof(((struct type *)0)->member)
/* The offset of a member; does not compile when the member has not the size of its form. */
#define AT(type, member, size) \
    (offsetof(struct type, member) + 0 * sizeof(char[SIZE_OF(type, member) == (size) ? 1 : -1]))

/* 0; does not compile when what a pointer points to has not the size of its form. */
#define SAME(type, member, size) (0 * sizeof(char[SIZE_OF(type, member[0]) == (size) ? 1 : -1]))

/* One value. */
#define ONE(name, forms, type, member)                                                    \
    {                                                                                     \
        .key = KEY_##name, .form = FORM_##forms, .offset = AT(type, member, SIZE_##forms) \
    }
/* One text that its sender words. */
#define FREE(name, forms, type, member)                        \
    {                                                          \
        .key = KEY_##name, .form = FORM_##forms, .free = true, \
        .offset = AT(type, member, SIZE_##forms)               \
    }
/* One number that is `missing` when it is left out. */
#define ONE_OR(name, forms, type, member, missing)                    \
    {                                                                 \
        .key = KEY_##name, .form = FORM_##forms, .absent = (missing), \
        .offset = AT(type, member, SIZE_##forms)                      \
    }
#define COUNTED(type, count) \
    .count_size = SIZE_OF(type, count), .count_offset = offsetof(struct type, count)
/* A list that the structure points to: of a simple form; of structures. */
#define APART(name, forms, type, member, count, limit)                                 \
    {                                                                                  \
        .key = KEY_##name, .form = FORM_##forms, .many = MANY_APART,                   \
        .offset = AT(type, member, sizeof(void *)) + SAME(type, member, SIZE_##forms), \
        COUNTED(type, count), .most = (limit)                                          \
    }
#define SHAPES_APART(name, shapes, type, member, count, limit)                             \
    {                                                                                      \
        .key = KEY_##name, .form = FORM_SHAPE, .many = MANY_APART,                         \
        .offset = AT(type, member, sizeof(void *)), COUNTED(type, count), .most = (limit), \
        .shape = &(shapes)                                                                 \
    }
/* A list in the structure: of a simple form; of structures; always full. */
#define INLINE(name, forms, type, member, count, limit)                                         \
    {                                                                                           \
        .key = KEY_##name, .form = FORM_##forms, .many = MANY_INLINE,                           \
        .offset = AT(type, member, (limit)*SIZE_##forms), COUNTED(type, count), .most = (limit) \
    }
#define SHAPES_INLINE(name, shapes, type, member, count, limit)                             \
    {                                                                                       \
        .key = KEY_##name, .form = FORM_SHAPE, .many = MANY_INLINE,                         \
        .offset = AT(type, member, (limit)*SIZE_OF(type, member[0])), COUNTED(type, count), \
        .most = (limit), .shape = &(shapes)                                                 \
    }
#define FULL(name, forms, type, member, limit)                            \
    {                                                                     \
        .key = KEY_##name, .form = FORM_##forms, .many = MANY_INLINE,     \
        .offset = AT(type, member, (limit)*SIZE_##forms), .most = (limit) \
    }

#define COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))
/* A structure's fields, and how many; does not compile when a mask of 64 bits does not hold them.
 */
#define FIELDS(fields) (fields), COUNT(fields) + 0 * sizeof(char[COUNT(fields) <= 64 ? 1 : -1])
#define MAP_OF(type, fields)                         \
    {                                                \
        FIELDS(fields), .size = sizeof(struct type), \
    }
/* One in which there is ONE_OR(). */
#define MAP_OR(type, fields)                                           \
    {                                                                  \
        FIELDS(fields), .defaults = true, .size = sizeof(struct type), \
    }
#define TUPLE_OF(type, fields)                                      \
    {                                                               \
        FIELDS(fields), .tuple = true, .size = sizeof(struct type), \
    }

/* ---- The market ---- */

static const struct wire_field band_fields[] = {
    ONE(NAME, NAME, pm_band, name),
    ONE(DAYS, U8, pm_band, days),
    ONE(FROM, U16, pm_band, from),
    ONE(TO, U16, pm_band, to),
};
static const struct wire_shape band_shape = MAP_OF(pm_band, band_fields);

static const struct wire_field step_fields[] = {
    ONE(ROUTE, U8, pm_step, route),      ONE(WHERE, U8, pm_step, where),
    ONE(TIERS, U8, pm_step, tiers),      ONE(WINDOW, U32, pm_step, window),
    ONE(AWARD, U8, pm_step, award),      ONE(CLOSE, U8, pm_step, close),
    ONE(INVITE, U8, pm_step, invite),    ONE(BINDING, U8, pm_step, binding),
    ONE(DECIDE, U32, pm_step, decide),   ONE(FLOOR, I32, pm_step, floor),
    ONE(CEILING, I32, pm_step, ceiling),
};
static const struct wire_shape step_shape = MAP_OF(pm_step, step_fields);

static const struct wire_field kind_fields[] = {
    ONE(NAME, NAME, pm_kind, name),
    ONE(UNIT, U8, pm_kind, unit),
    ONE(SHORT_TERM, U8, pm_kind, short_term),
    ONE(PASSES, U8, pm_kind, passes),
    ONE(RATE_MIN, I32, pm_kind, rate_min),
    ONE(RATE_MAX, I32, pm_kind, rate_max),
    ONE(CEILING, I32, pm_kind, ceiling),
    ONE(REFERENCE_RATE, I32, pm_kind, reference_rate),
    ONE(UNITS_MAX, I32, pm_kind, units_max),
    ONE(QUALITY_FLOOR, I32, pm_kind, quality_floor),
    ONE(WEIGHT_PRICE, I32, pm_kind, weight_price),
    ONE(WEIGHT_QUALITY, I32, pm_kind, weight_quality),
    ONE(CALENDAR, U8, pm_kind, calendar),
    ONE(ROUNDS, U8, pm_kind, rounds),
    ONE(SHARE_CAP, I32, pm_kind, share_cap),
    ONE(BONUS_CONTINUITY, I32, pm_kind, bonus_continuity),
    ONE(BONUS_CLUSTER, I32, pm_kind, bonus_cluster),
    ONE(BONUS_CLUSTER_MOST, I32, pm_kind, bonus_cluster_most),
    ONE(BONUS_PREFERENCE, I32, pm_kind, bonus_preference),
    ONE(ASK_AGAIN, U32, pm_kind, ask_again),
    SHAPES_INLINE(BANDS, band_shape, pm_kind, band, bands, PM_BANDS_MAX),
    SHAPES_INLINE(STEPS, step_shape, pm_kind, step, steps, PM_STEPS_MAX),
};
static const struct wire_shape kind_shape = MAP_OF(pm_kind, kind_fields);

static const struct wire_field locality_fields[] = {
    ONE(NAME, NAME, pm_locality, name),
    ONE(NEIGHBOURS, U64, pm_locality, neighbours),
};
static const struct wire_shape locality_shape = MAP_OF(pm_locality, locality_fields);

static const struct wire_field prefix_fields[] = {
    ONE(POSTCODE, POSTCODE, pm_prefix, code),
    ONE(LOCALITY, U8, pm_prefix, locality),
};
static const struct wire_shape prefix_shape = TUPLE_OF(pm_prefix, prefix_fields);

static const struct wire_field lot_fields[] = {
    ONE(NAME, NAME, pm_lot, name),
    ONE(FROM, I32, pm_lot, from),
    ONE(TO, I32, pm_lot, to),
};
static const struct wire_shape lot_shape = MAP_OF(pm_lot, lot_fields);

static const struct wire_field market_fields[] = {
    ONE(NAME, NAME, pm_market, name),
    ONE(TITLE, TITLE, pm_market, title),
    ONE(SALT, U64, pm_market, salt),
    ONE(LAPSE, U8, pm_market, lapse),
    ONE(KEEP_DAYS, I32, pm_market, keep_days),
    FULL(QUALITY, I32, pm_market, quality, PM_RATINGS),
    FULL(RAISE, U8, pm_market, raise, PM_INTERIMS),
    ONE(RAISE_AFTER, U32, pm_market, raise_after),
    SHAPES_INLINE(KINDS, kind_shape, pm_market, kind, kinds, PM_KINDS_MAX),
    SHAPES_INLINE(LOCALITIES, locality_shape, pm_market, locality, localities, PM_LOCALITIES_MAX),
    SHAPES_INLINE(PREFIXES, prefix_shape, pm_market, prefix, prefixes, PM_PREFIXES_MAX),
    INLINE(CAPABILITIES, NAME, pm_market, capability, capabilities, PM_CAPABILITIES_MAX),
    SHAPES_INLINE(LOTS, lot_shape, pm_market, lot, lots, PM_LOTS_MAX),
};
static const struct wire_shape market_shape = MAP_OF(pm_market, market_fields);

static const struct wire_field opening_fields[] = {
    ONE(FROM, I32, pm_opening, from),
    ONE(TO, I32, pm_opening, to),
};
static const struct wire_shape opening_shape = TUPLE_OF(pm_opening, opening_fields);

static const struct wire_field calendar_fields[] = {
    ONE(NAME, NAME, pm_calendar, name),
    SHAPES_APART(OPENINGS, opening_shape, pm_calendar, opening, openings, PM_OPENINGS_MAX),
};
static const struct wire_shape calendar_shape = MAP_OF(pm_calendar, calendar_fields);

static const struct wire_field load_fields[] = {
    {.key = KEY_MARKET,
     .form = FORM_SHAPE,
     .many = MANY_BEHIND,
     .offset = offsetof(struct pm_load, market),
     .shape = &market_shape},
    SHAPES_APART(CALENDARS, calendar_shape, pm_load, calendar, calendars, PM_CALENDARS_MAX),
    {.key = KEY_SUPPLY,
     .form = FORM_COMMAND,
     .many = MANY_APART,
     .offset = offsetof(struct pm_load, supply),
     COUNTED(pm_load, supplies),
     .most = UINT32_MAX},
};
static const struct wire_shape load_shape = MAP_OF(pm_load, load_fields);

/* ---- Supply ---- */

static const struct wire_field provider_fields[] = {
    ONE(PROVIDER, TEXT, pm_provider_put, provider),
    ONE(TITLE, LONG, pm_provider_put, title),
    ONE(STANDING, U8, pm_provider_put, standing),
};
static const struct wire_shape provider_shape = MAP_OF(pm_provider_put, provider_fields);

static const struct wire_field location_fields[] = {
    ONE(LOCATION, TEXT, pm_location_put, location), ONE(PROVIDER, TEXT, pm_location_put, provider),
    ONE(TITLE, LONG, pm_location_put, title),       ONE(CQC, TEXT, pm_location_put, cqc),
    ONE(STANDING, U8, pm_location_put, standing),   ONE(RATING, U8, pm_location_put, rating),
    ONE_OR(SCORE, I8, pm_location_put, score, -1),
};
static const struct wire_shape location_shape = MAP_OR(pm_location_put, location_fields);

static const struct wire_field pool_fields[] = {
    ONE(POOL, TEXT, pm_pool_put, pool),
    ONE(LOCATION, TEXT, pm_pool_put, location),
    ONE(KIND, TEXT, pm_pool_put, kind),
    ONE(MODE, U8, pm_pool_put, mode),
};
static const struct wire_shape pool_shape = MAP_OF(pm_pool_put, pool_fields);

static const struct wire_field rate_fields[] = {
    ONE(FROM, I32, pm_rate, from),
    ONE(RATE, I32, pm_rate, pence),
};
static const struct wire_shape rate_shape = TUPLE_OF(pm_rate, rate_fields);

static const struct wire_field service_fields[] = {
    ONE(SERVICE, TEXT, pm_service_put, service),
    ONE(POOL, TEXT, pm_service_put, pool),
    ONE(KIND, TEXT, pm_service_put, kind),
    ONE(LOT, TEXT, pm_service_put, lot),
    ONE(TIER, U8, pm_service_put, tier),
    ONE(CONTRACT, U8, pm_service_put, contract),
    ONE(STANDING, U8, pm_service_put, standing),
    ONE(UPLIFT, I32, pm_service_put, uplift),
    APART(LOCALITIES, TEXT, pm_service_put, locality, localities, PM_LOCALITIES_MAX),
    APART(SECTORS, POSTCODE, pm_service_put, sector, sectors, PM_SECTORS_MAX),
    APART(CAPABILITIES, TEXT, pm_service_put, capability, capabilities, PM_CAPABILITIES_MAX),
    SHAPES_APART(RATES, rate_shape, pm_service_put, rate, rates, PM_RATES_MAX),
};
static const struct wire_shape service_shape = MAP_OF(pm_service_put, service_fields);

static const struct wire_field capacity_fields[] = {
    ONE(POOL, TEXT, pm_capacity_set, pool),
    INLINE(SPARE, I32, pm_capacity_set, spare, bands, PM_BANDS_MAX),
    ONE(AS_OF, I64, pm_capacity_set, as_of),
    ONE(VALID_UNTIL, I64, pm_capacity_set, valid_until),
};
static const struct wire_shape capacity_shape = MAP_OF(pm_capacity_set, capacity_fields);

static const struct wire_field suspension_fields[] = {
    ONE(PROVIDER, TEXT, pm_suspension, provider), ONE(LOCATION, TEXT, pm_suspension, location),
    ONE(KIND, TEXT, pm_suspension, kind),         ONE(LOCALITY, TEXT, pm_suspension, locality),
    FREE(NOTE, LONG, pm_suspension, note),
};
static const struct wire_shape suspension_shape = MAP_OF(pm_suspension, suspension_fields);

static const struct wire_field failure_fields[] = {
    ONE(PROVIDER, TEXT, pm_failure, provider), ONE(LOCATION, TEXT, pm_failure, location),
    ONE(FROM, I32, pm_failure, from),          ONE(MODE, U8, pm_failure, mode),
    FREE(NOTE, LONG, pm_failure, note),
};
static const struct wire_shape failure_shape = MAP_OF(pm_failure, failure_fields);

static const struct wire_field transfer_fields[] = {
    ONE(SERVICE, TEXT, pm_transfer, service),
    ONE(TO, TEXT, pm_transfer, to),
    FREE(NOTE, LONG, pm_transfer, note),
};
static const struct wire_shape transfer_shape = MAP_OF(pm_transfer, transfer_fields);

/* ---- Demand ---- */

static const struct wire_field visit_fields[] = {
    ONE(DAYS, U8, pm_visit, days),      ONE(EARLIEST, U16, pm_visit, earliest),
    ONE(LATEST, U16, pm_visit, latest), ONE(MINUTES, U16, pm_visit, minutes),
    ONE(CARERS, U8, pm_visit, carers),  ONE(CRITICAL, U8, pm_visit, critical),
};
static const struct wire_shape visit_shape = TUPLE_OF(pm_visit, visit_fields);

static const struct wire_field package_fields[] = {
    FREE(REFERENCE, TEXT, pm_package, reference),
    FREE(REFERRER, TEXT, pm_package, referrer),
    ONE(KIND, TEXT, pm_package, kind),
    ONE(POSTCODE, POSTCODE, pm_package, postcode),
    ONE(LOCALITY, TEXT, pm_package, locality),
    ONE(SECTOR, POSTCODE, pm_package, sector),
    SHAPES_APART(VISITS, visit_shape, pm_package, visit, visits, PM_VISITS_MAX),
    ONE(PLACE_TYPE, TEXT, pm_package, place_type),
    APART(NEEDS, TEXT, pm_package, need, needs, PM_NEEDS_MAX),
    ONE(START_FROM, I32, pm_package, start_from),
    ONE(START_BY, I32, pm_package, start_by),
    ONE(PRIORITY, U8, pm_package, priority),
    ONE(INTERIM, U8, pm_package, interim),
    ONE(PAYER, U8, pm_package, payer),
    APART(EXCLUSIONS, TEXT, pm_package, exclusion, exclusions, PM_EXCLUSIONS_MAX),
    ONE(CONTINUITY, TEXT, pm_package, continuity),
    FREE(PERSON, LONG, pm_package, person),
    ONE(PLANNED_END, I32, pm_package, planned_end),
    ONE(GIVEN, U32, pm_package, given),
    ONE(ARRANGEMENT, U8, pm_package, arrangement),
    APART(PREFERRED, TEXT, pm_package, preferred, preferences, PM_PREFERENCES_MAX),
    FREE(FOLLOWS, TEXT, pm_package, follows),
    FREE(GROUP, TEXT, pm_package, group),
    ONE(GROUP_SIZE, U8, pm_package, group_size),
    ONE(TOGETHER, U8, pm_package, together),
};
static const struct wire_shape package_shape = MAP_OF(pm_package, package_fields);

static const struct wire_field id_fields[] = {
    FREE(REFERENCE, TEXT, pm_package_id, reference),
    FREE(REFERRER, TEXT, pm_package_id, referrer),
    ONE(REASON, U8, pm_package_id, reason),
};
static const struct wire_shape id_shape = MAP_OF(pm_package_id, id_fields);

static const struct wire_field answer_fields[] = {
    ONE(OFFER, U64, pm_answer, offer),
    ONE(CODE, U8, pm_answer, code),
};
static const struct wire_shape answer_shape = MAP_OF(pm_answer, answer_fields);

static const struct wire_field tender_fields[] = {
    ONE(OFFER, U64, pm_tender, offer), ONE(RATE, I32, pm_tender, rate),
    ONE(START, I32, pm_tender, start), ONE(ASSESS_BY, I32, pm_tender, assess_by),
    ONE(SHIFT, I32, pm_tender, shift),
};
static const struct wire_shape tender_shape = MAP_OF(pm_tender, tender_fields);

static const struct wire_field handback_fields[] = {
    ONE(PLACEMENT, U64, pm_handback, placement),
    ONE(UNTIL, I32, pm_handback, until),
    ONE(CODE, U8, pm_handback, code),
    FREE(NOTE, LONG, pm_handback, note),
};
static const struct wire_shape handback_shape = MAP_OF(pm_handback, handback_fields);

/* ---- Awards ---- */

static const struct wire_field choice_fields[] = {
    FREE(REFERENCE, TEXT, pm_choice, reference), FREE(REFERRER, TEXT, pm_choice, referrer),
    ONE(OFFER, U64, pm_choice, offer),           ONE(DECIDED_BY, U8, pm_choice, decided_by),
    ONE(TOP_UP, U8, pm_choice, top_up),
};
static const struct wire_shape choice_shape = MAP_OF(pm_choice, choice_fields);

static const struct wire_field award_fields[] = {
    FREE(REFERENCE, TEXT, pm_override, reference), FREE(REFERRER, TEXT, pm_override, referrer),
    ONE(SERVICE, TEXT, pm_override, service),      ONE(RATE, I32, pm_override, rate),
    FREE(NOTE, LONG, pm_override, note),
};
static const struct wire_shape award_shape = MAP_OF(pm_override, award_fields);

static const struct wire_field stay_fields[] = {
    FREE(REFERENCE, TEXT, pm_stay, reference),
    FREE(REFERRER, TEXT, pm_stay, referrer),
    ONE(UNTIL, I32, pm_stay, until),
};
static const struct wire_shape stay_shape = MAP_OF(pm_stay, stay_fields);

static const struct wire_field import_fields[] = {
    {.key = KEY_PACKAGE,
     .form = FORM_SHAPE,
     .many = MANY_BEHIND,
     .free = true,
     .offset = offsetof(struct pm_import, package),
     .shape = &package_shape},
    ONE(SERVICE, TEXT, pm_import, service),
    ONE(RATE, I32, pm_import, rate),
    ONE(STARTED, I32, pm_import, started),
};
static const struct wire_shape import_shape = MAP_OF(pm_import, import_fields);

static const struct wire_field round_fields[] = {
    ONE(KIND, TEXT, pm_round, kind),
};
static const struct wire_shape round_shape = MAP_OF(pm_round, round_fields);

static const struct wire_field assignment_fields[] = {
    ONE(PACKAGE, U64, pm_assignment, package),
    ONE(VERSION, U32, pm_assignment, version),
    ONE(SERVICE, U64, pm_assignment, service),
    ONE(ALONE, U64, pm_assignment, alone),
};
static const struct wire_shape assignment_shape = TUPLE_OF(pm_assignment, assignment_fields);

static const struct wire_field scarce_fields[] = {
    ONE(POOL, U64, pm_scarce, pool),
    ONE(BAND, U8, pm_scarce, band),
    ONE(PRICE, I64, pm_scarce, price),
};
static const struct wire_shape scarce_shape = TUPLE_OF(pm_scarce, scarce_fields);

static const struct wire_field result_fields[] = {
    FULL(VALUE, I64, pm_round_result, value, PM_ROUND_STAGES),
    FULL(BOUND, I64, pm_round_result, bound, PM_ROUND_STAGES),
    FULL(ALONE, I64, pm_round_result, alone, PM_ROUND_STAGES),
    FULL(HASH, U64, pm_round_result, hash, 4),
    ONE(OPTIMAL, U8, pm_round_result, optimal),
    ONE(ABANDONED, U8, pm_round_result, abandoned),
    SHAPES_INLINE(SCARCE, scarce_shape, pm_round_result, scarce, scarces, PM_SCARCE_MAX),
};
static const struct wire_shape result_shape = MAP_OF(pm_round_result, result_fields);

static const struct wire_field apply_fields[] = {
    ONE(ROUND, U64, pm_round_apply, round),
    SHAPES_APART(ASSIGNMENTS, assignment_shape, pm_round_apply, assignment, assignments,
                 PM_ASSIGNMENTS_MAX),
    {.key = KEY_RESULT,
     .form = FORM_SHAPE,
     .many = MANY_BEHIND,
     .offset = offsetof(struct pm_round_apply, result),
     .shape = &result_shape},
};
static const struct wire_shape apply_shape = MAP_OF(pm_round_apply, apply_fields);

/* ---- Time and queries ---- */

static const struct wire_field tick_fields[] = {
    ONE(TIME, I64, pm_tick, time),
};
static const struct wire_shape tick_shape = MAP_OF(pm_tick, tick_fields);

static const struct wire_field list_fields[] = {
    ONE(PROVIDER, TEXT, pm_list, provider), ONE(KIND, TEXT, pm_list, kind),
    ONE(STATE, U8, pm_list, state),         ONE(AFTER, U64, pm_list, after),
    ONE(LIMIT, U32, pm_list, limit),
};
static const struct wire_shape list_shape = MAP_OF(pm_list, list_fields);

static const struct wire_field watch_fields[] = {
    ONE(CURSOR, U64, pm_watch, cursor),
    ONE(WAIT, U32, pm_watch, wait),
    ONE(LIMIT, U32, pm_watch, limit),
};
static const struct wire_shape watch_shape = MAP_OF(pm_watch, watch_fields);

static const struct wire_field matched_fields[] = {
    ONE(ROUND, U64, pm_round_query, round),
    ONE(AFTER, U64, pm_round_query, after),
    ONE(OFFSET, U64, pm_round_query, offset),
    ONE(LIMIT, U32, pm_round_query, limit),
};
static const struct wire_shape matched_shape = MAP_OF(pm_round_query, matched_fields);

static const struct wire_field tried_fields[] = {
    ONE(KIND, TEXT, pm_round_try, kind),
    ONE(PROVIDER, TEXT, pm_round_try, provider),
    ONE(LOCATION, TEXT, pm_round_try, location),
};
static const struct wire_shape tried_shape = MAP_OF(pm_round_try, tried_fields);

/* ---- Who may come in ---- */

static const struct wire_field hello_fields[] = {
    ONE(TOKEN, LONG, pm_hello, token),
};
static const struct wire_shape hello_shape = MAP_OF(pm_hello, hello_fields);

static const struct wire_field token_fields[] = {
    FREE(NAME, TEXT, pm_token, name),        ONE(ROLE, U8, pm_token, role),
    ONE(PROVIDER, TEXT, pm_token, provider), FREE(REFERRER, TEXT, pm_token, referrer),
    ONE(MARKET, TEXT, pm_token, market),     ONE(EXPIRES, I32, pm_token, expires),
};
static const struct wire_shape token_shape = MAP_OF(pm_token, token_fields);

static const struct wire_field token_name_fields[] = {
    FREE(NAME, TEXT, pm_token_name, name),
};
static const struct wire_shape token_name_shape = MAP_OF(pm_token_name, token_name_fields);

static const struct wire_shape none_shape = {.field = NULL, .fields = 0, .size = 0};

const struct wire_shape *wire_verb_shape(unsigned verb)
{
#define VERB_SHAPE(number, constant, name, member) [PM_##constant] = &member##_shape,
    static const struct wire_shape *const shapes[] = {PM_VERBS(VERB_SHAPE)};
    return verb < sizeof shapes / sizeof shapes[0] ? shapes[verb] : NULL;
}

/* ---- Values in memory ---- */

size_t wire_form_size(const struct wire_field *field)
{
    static const uint8_t sizes[] = {
        [FORM_U8] = SIZE_U8,     [FORM_U16] = SIZE_U16,     [FORM_U32] = SIZE_U32,
        [FORM_U64] = SIZE_U64,   [FORM_I8] = SIZE_I8,       [FORM_I32] = SIZE_I32,
        [FORM_I64] = SIZE_I64,   [FORM_TEXT] = SIZE_TEXT,   [FORM_LONG] = SIZE_LONG,
        [FORM_NAME] = SIZE_NAME, [FORM_TITLE] = SIZE_TITLE, [FORM_POSTCODE] = SIZE_POSTCODE,
        [FORM_SHAPE] = 0,        [FORM_COMMAND] = 0,
    };
    if (field->form == FORM_SHAPE)
        return field->shape->size;
    return field->form == FORM_COMMAND ? sizeof(struct pm_command) : sizes[field->form];
}

int64_t wire_load(enum wire_form form, const void *from)
{
    switch (form) {
    case FORM_U8:
        return *(const uint8_t *)from;
    case FORM_U16:
        return *(const uint16_t *)from;
    case FORM_U32:
        return *(const uint32_t *)from;
    case FORM_I8:
        return *(const int8_t *)from;
    case FORM_I32:
        return *(const int32_t *)from;
    default:
        return *(const int64_t *)from;
    }
}

void wire_store(enum wire_form form, void *to, int64_t value)
{
    switch (form) {
    case FORM_U8:
        *(uint8_t *)to = (uint8_t)value;
        break;
    case FORM_U16:
        *(uint16_t *)to = (uint16_t)value;
        break;
    case FORM_U32:
        *(uint32_t *)to = (uint32_t)value;
        break;
    case FORM_I8:
        *(int8_t *)to = (int8_t)value;
        break;
    case FORM_I32:
        *(int32_t *)to = (int32_t)value;
        break;
    default:
        *(int64_t *)to = value;
        break;
    }
}
