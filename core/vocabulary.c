/*
 * vocabulary.c - the words of placemat.h as text: names of statuses, verbs, states and codes, and
 * the small texts that are numbers inside: postcodes and dates. Pure functions, for any thread.
 */
#include <string.h>

#include "event.h"
#include "placemat.h"

/* ---- Names ---- */

struct pm_text pm_text(const char *string)
{
    return (struct pm_text){.bytes = string, .length = string ? (uint32_t)strlen(string) : 0};
}

bool pm_text_equal(struct pm_text a, struct pm_text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* Defines a function that gives the name of a number, NULL where the list has none. */
#define NAMES(function, parameter, ...)                                                \
    const char *function(unsigned parameter)                                           \
    {                                                                                  \
        static const char *const names[] = {__VA_ARGS__};                              \
        return (parameter) < sizeof names / sizeof names[0] ? names[parameter] : NULL; \
    }

#define BY_NUMBER(number, constant, name) [number] = name,
#define BY_CONSTANT(number, constant, name, member) [PM_##constant] = name,

NAMES(pm_role_name,
      role, [PM_BROKER] = "broker", [PM_HOSPITAL] = "hospital", [PM_PROVIDER] = "provider",
      [PM_COMMISSIONER] = "commissioner", [PM_OPERATOR] = "operator", [PM_DAEMON] = "daemon")
NAMES(pm_unit_name, unit, [PM_MINUTES] = "minutes", [PM_PLACES] = "places")
NAMES(pm_route_name, route, [PM_CALL_OFF] = "call_off", [PM_LAST_RESORT] = "last_resort",
      [PM_OPEN_OFFER] = "open_offer", [PM_SPOT_OFFER] = "spot_offer", [PM_CHOICE] = "choice",
      [PM_ROUND] = "round", [PM_BROKER_AWARD] = "broker_award", [PM_INTRODUCTION] = "introduction",
      [PM_IMPORTED] = "imported", [PM_TRANSFERRED] = "transferred")
NAMES(pm_award_mode_name, mode, [PM_AUTOMATIC] = "automatic", [PM_CONFIRMED] = "confirmed")
NAMES(pm_close_name, close, [PM_AT_WINDOW] = "at_window", [PM_AT_FIRST] = "at_first")
NAMES(pm_failure_mode_name, mode, [PM_FAIL_CEASED] = "ceased", [PM_FAIL_MANAGED] = "managed")
NAMES(pm_arrangement_name,
      arrangement, [PM_MANAGED] = "managed", [PM_DIRECT_PAYMENT] = "direct_payment")
NAMES(
    pm_decider_name,
    decider, [PM_THE_PERSON] = "person", [PM_THE_FAMILY] = "family", [PM_AN_ADVOCATE] = "advocate",
    [PM_AN_ATTORNEY] = "attorney", [PM_BEST_INTERESTS] = "best_interests")
NAMES(pm_where_name,
      where, [PM_HOME] = "home", [PM_NEIGHBOURS] = "neighbours", [PM_EVERYWHERE] = "everywhere")
NAMES(pm_lapse_name, lapse, [PM_LAPSE_ASK] = "ask", [PM_LAPSE_EXCLUDE] = "exclude")
NAMES(pm_rating_name, rating, [PM_UNRATED] = "unrated", [PM_INADEQUATE] = "inadequate",
      [PM_REQUIRES_IMPROVEMENT] = "requires_improvement", [PM_GOOD] = "good",
      [PM_OUTSTANDING] = "outstanding")
NAMES(pm_standing_name,
      standing, [PM_ACTIVE] = "active", [PM_SUSPENDED] = "suspended", [PM_CEASED] = "ceased")
NAMES(pm_pool_mode_name, mode, [PM_DECLARED] = "declared", [PM_ASK] = "ask")
NAMES(pm_contract_name, contract, [PM_FRAMEWORK] = "framework", [PM_BLOCK] = "block",
      [PM_SPOT] = "spot", [PM_IN_HOUSE] = "in_house")
NAMES(pm_interim_name, interim, [PM_NO_COVER] = "no_cover", [PM_FAMILY] = "family",
      [PM_IN_HOSPITAL] = "in_hospital", [PM_BRIDGED] = "bridged", [PM_ON_NOTICE] = "on_notice")
NAMES(pm_payer_name, payer, [PM_COUNCIL] = "council", [PM_HEALTH] = "health",
      [PM_SECTION_117] = "section_117", [PM_SELF_FUNDER] = "self_funder")
NAMES(pm_decline_code_name, code, [PM_NO_CAPACITY] = "no_capacity",
      [PM_CANNOT_MEET_NEED] = "cannot_meet_need", [PM_TIMES_UNSUITABLE] = "times_unsuitable",
      [PM_TOO_FAR] = "too_far", [PM_RATE_TOO_LOW] = "rate_too_low", [PM_OTHER] = "other")
NAMES(pm_end_reason_name, reason, [PM_COMPLETED] = "completed", [PM_DIED] = "died",
      [PM_READMITTED] = "readmitted", [PM_CHOSE_OTHERWISE] = "chose_otherwise",
      [PM_MOVED_AWAY] = "moved_away", [PM_MISTAKE] = "mistake", [PM_HANDED_BACK] = "handed_back",
      [PM_PROVIDER_FAILED] = "provider_failed", [PM_REPLACED] = "replaced",
      [PM_STAY_LAPSED] = "stay_lapsed", [PM_ARRANGED] = "arranged")
NAMES(pm_package_state_name,
      state, [PM_OPEN] = "open", [PM_OFFERED] = "offered", [PM_PLACED] = "placed",
      [PM_ENDED] = "ended", [PM_PAUSED] = "paused", [PM_WAITING] = "waiting",
      [PM_WITHDRAWN] = "withdrawn", [PM_CHOOSING] = "choosing", [PM_TO_CONFIRM] = "to_confirm")
NAMES(pm_offer_state_name, state, [PM_OFFER_OPEN] = "open", [PM_OFFER_ACCEPTED] = "accepted",
      [PM_OFFER_DECLINED] = "declined", [PM_OFFER_IS_EXPIRED] = "expired",
      [PM_OFFER_IS_WITHDRAWN] = "withdrawn", [PM_OFFER_IS_STALE] = "stale",
      [PM_OFFER_TENDERED] = "tendered", [PM_OFFER_WON] = "won", [PM_OFFER_LOST] = "lost")
NAMES(pm_placement_state_name, state, [PM_AGREED] = "agreed", [PM_STARTED] = "started",
      [PM_PLACEMENT_ENDED] = "ended", [PM_NOTICE] = "notice", [PM_IN_STAY] = "in_hospital")
NAMES(pm_round_state_name, state, [PM_SOLVING] = "solving", [PM_PASSING_ON] = "passing_on",
      [PM_APPLIED] = "applied", [PM_ABANDONED] = "abandoned")
NAMES(pm_round_fate_name, fate, [PM_NOT_MATCHED] = "none", [PM_MATCHED] = "placed",
      [PM_MATCH_ASKED] = "asked", [PM_DROPPED] = "dropped", [PM_PASSED_ON] = "passed_on")
NAMES(pm_event_name, kind, PM_EVENTS(BY_NUMBER))
NAMES(pm_verb_name, verb, PM_VERBS(BY_CONSTANT))

int pm_name_parse(const char *(*name_of)(unsigned), struct pm_text name)
{
    for (unsigned number = 0; number <= UINT8_MAX; number++) {
        const char *each = name_of(number);
        if (each != NULL && pm_text_equal(pm_text(each), name))
            return (int)number;
    }
    return -1;
}

#define STATUS_NAME(number, constant, name, sentence) [number] = name,
#define STATUS_SENTENCE(number, constant, name, sentence) [number] = sentence,

const char *pm_status_name(unsigned status)
{
    static const char *const names[] = {PM_STATUSES(STATUS_NAME)};
    bool known = status < PM_STATUS_COUNT && names[status] != NULL;
    return known ? names[status] : "unknown_status";
}

const char *pm_status_sentence(unsigned status)
{
    static const char *const sentences[] = {PM_STATUSES(STATUS_SENTENCE)};
    bool known = status < PM_STATUS_COUNT && sentences[status] != NULL;
    return known ? sentences[status] : "unknown_status";
}

/*
 * Verbs are looked up once a command, so by a perfect hash: verb_slot() gives each name another
 * slot, and VERB_SLOTS says whose slot it is. The unit test of this file fails when a new verb is
 * missing or collides; then choose other factors and write the table anew.
 */
enum { VERB_LENGTH_MIN = 4, VERB_SLOTS = 128 };

static unsigned verb_slot(const char *name, uint32_t length)
{
    return (length * 1u + (unsigned char)name[length - 1] * 12u +
            (unsigned char)name[length - 4] * 9u + (unsigned char)name[0] * 15u +
            (unsigned char)name[length / 2]) %
           VERB_SLOTS;
}

unsigned pm_verb_parse(struct pm_text name)
{
    static const uint8_t verbs[VERB_SLOTS] = {
        [3] = PM_ROUND_APPLY,
        [4] = PM_TOKEN_CREATE,
        [5] = PM_ROUND_SHOW,
        [7] = PM_PACKAGE_AMEND,
        [15] = PM_PROVIDER_PUT,
        [17] = PM_PLACEMENT_START,
        [19] = PM_PACKAGE_RESUME,
        [25] = PM_PLACEMENT_RESTART,
        [27] = PM_STATS,
        [32] = PM_PACKAGE_SHOW,
        [34] = PM_ROUND_LIST,
        [36] = PM_SERVICE_TRANSFER,
        [37] = PM_CLOCK_ACCEPT,
        [39] = PM_PACKAGE_PAUSE,
        [40] = PM_PROVIDER_FAIL,
        [43] = PM_CONTINUE,
        [44] = PM_TOKEN_REVOKE,
        [47] = PM_PACKAGE_WITHDRAW,
        [51] = PM_CHOICE_RECORD,
        [55] = PM_OFFER_TENDER,
        [56] = PM_OUTAGE,
        [57] = PM_SERVICE_PUT,
        [59] = PM_WATCH,
        [61] = PM_PACKAGE_LIST,
        [64] = PM_TOKEN_LIST,
        [70] = PM_PLACEMENT_HANDBACK,
        [74] = PM_HELLO,
        [75] = PM_TICK,
        [79] = PM_PLACEMENT_IN_HOSPITAL,
        [80] = PM_PLACEMENT_END,
        [81] = PM_AWARD_CONFIRM,
        [82] = PM_EXPLAIN,
        [84] = PM_POOL_PUT,
        [86] = PM_DIGEST,
        [88] = PM_PROVIDER_RESUME,
        [89] = PM_OFFER_ACCEPT,
        [91] = PM_CAPACITY_SET,
        [93] = PM_LOCATION_PUT,
        [94] = PM_MARKET_LOAD,
        [95] = PM_CAPACITY,
        [97] = PM_PACKAGE_POST,
        [101] = PM_ROUND_TRY,
        [102] = PM_OFFERS,
        [104] = PM_ROUND_CERTIFICATE,
        [106] = PM_SERVICE_LIST,
        [110] = PM_PROVIDER_SUSPEND,
        [113] = PM_AWARD_OVERRIDE,
        [116] = PM_PLACEMENT_IMPORT,
        [117] = PM_ROUND_OPEN,
        [120] = PM_PLACEMENTS,
        [122] = PM_OFFER_DECLINE,
        [126] = PM_MARKET_REPORT,
    };
    if (name.length < VERB_LENGTH_MIN || name.length > PM_NAME_MAX)
        return 0;
    unsigned verb = verbs[verb_slot(name.bytes, name.length)];
    const char *candidate = pm_verb_name(verb);
    return candidate != NULL && pm_text_equal(pm_text(candidate), name) ? verb : 0;
}

/* ---- Postcodes ---- */

enum { POSTCODE_SIZE = 8, OUTWARD_MIN = 2, OUTWARD_MAX = 4, INWARD_SIZE = 3 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Upper case, spaces trimmed, at most one between: into out, NUL-terminated. False when it cannot
 * be a postcode. */
static bool squeeze(struct pm_text text, char out[POSTCODE_SIZE + 1])
{
    size_t used = 0;
    bool space = false;
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];
        if (c == ' ' || c == '\t') {
            space = used > 0;
            continue;
        }
        if (c < ' ' || used + space >= POSTCODE_SIZE)
            return false;
        if (space)
            out[used++] = ' ';
        space = false;
        out[used++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    out[used] = '\0';
    return used > 0;
}

/* A district: A9, A99, AA9, AA99, A9A or AA9A. */
static bool is_outward(const char *text, size_t length)
{
    if (length < OUTWARD_MIN || length > OUTWARD_MAX || !is_letter(text[0]))
        return false;
    size_t area = is_letter(text[1]) ? 2 : 1;
    if (length <= area || length > area + 2 || !is_digit(text[area]))
        return false;
    return length == area + 1 || is_digit(text[area + 1]) || is_letter(text[area + 1]);
}

/* The end of a unit: digit, letter, letter. */
static bool is_inward(const char *text)
{
    return is_digit(text[0]) && is_letter(text[1]) && is_letter(text[2]);
}

static uint64_t postcode_number(const char *outward, size_t outward_length, const char *inward,
                                size_t inward_length)
{
    uint8_t bytes[POSTCODE_SIZE] = {0};
    memcpy(bytes, outward, outward_length);
    if (inward_length > 0) {
        bytes[outward_length] = ' ';
        memcpy(bytes + outward_length + 1, inward, inward_length);
    }
    uint64_t code = 0;
    for (size_t i = 0; i < POSTCODE_SIZE; i++)
        code = code << 8 | bytes[i];
    return code;
}

uint64_t pm_postcode_parse(struct pm_text text)
{
    char squeezed[POSTCODE_SIZE + 1];
    if (!squeeze(text, squeezed))
        return 0;
    size_t length = strlen(squeezed);
    const char *space = strchr(squeezed, ' ');
    const char *inward = space != NULL ? space + 1 : squeezed + length;
    size_t outward = space != NULL ? (size_t)(space - squeezed) : length;
    if (space == NULL && length > INWARD_SIZE && is_inward(squeezed + length - INWARD_SIZE)) {
        outward = length - INWARD_SIZE;
        inward = squeezed + outward;
    }
    size_t inward_length = strlen(inward);
    bool inward_good = inward_length == 0 || (inward_length == 1 && is_digit(inward[0])) ||
                       (inward_length == INWARD_SIZE && is_inward(inward));
    if (!is_outward(squeezed, outward) || !inward_good)
        return 0;
    return postcode_number(squeezed, outward, inward, inward_length);
}

char *pm_postcode_text(uint64_t code, char out[9])
{
    if (code == PM_POSTCODE_BAD) {
        memcpy(out, "?", sizeof "?");
        return out;
    }
    for (unsigned i = 0; i < POSTCODE_SIZE; i++)
        out[i] = (char)(code >> (56 - 8 * i) & 0xff);
    out[POSTCODE_SIZE] = '\0';
    return out;
}

/* The first `count` bytes of the text of a code. */
static uint64_t postcode_head(uint64_t code, unsigned count)
{
    return count >= POSTCODE_SIZE ? code : code & ~(UINT64_MAX >> (8 * count));
}

/* Where the space is, or -1. */
static int postcode_space(uint64_t code)
{
    for (unsigned i = 0; i < POSTCODE_SIZE; i++) {
        if ((code >> (56 - 8 * i) & 0xff) == ' ')
            return (int)i;
    }
    return -1;
}

uint64_t pm_postcode_sector(uint64_t code)
{
    int space = postcode_space(code);
    return space < 0 ? 0 : postcode_head(code, (unsigned)space + 2);
}

uint64_t pm_postcode_district(uint64_t code)
{
    int space = postcode_space(code);
    return space < 0 ? code : postcode_head(code, (unsigned)space);
}

/* ---- Dates ---- */

enum { YEAR_MIN = 1970, YEAR_MAX = 2200, DATE_SIZE = 10, DAYS_TO_1970 = 719162 };

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 0001-01-01 to the first day of a year. */
static int days_before_year(int year)
{
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

/* Days of a year before a month, 0 for January; of month 12 the whole year. */
static int days_before_month(int year, int month)
{
    static const int16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return before[month] + (month > 1 && is_leap(year));
}

static int number_at(const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(digits[i]))
            return -1;
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

int32_t pm_date_parse(struct pm_text text)
{
    if (text.length != DATE_SIZE || text.bytes[4] != '-' || text.bytes[7] != '-')
        return INT32_MIN;
    int year = number_at(text.bytes, 4);
    int month = number_at(text.bytes + 5, 2) - 1;
    int day = number_at(text.bytes + 8, 2);
    if (year < YEAR_MIN || year > YEAR_MAX || month < 0 || month > 11 || day < 1 ||
        day > days_before_month(year, month + 1) - days_before_month(year, month))
        return INT32_MIN;
    return days_before_year(year) - DAYS_TO_1970 + days_before_month(year, month) + day - 1;
}

static void write_number(char *out, int value, size_t digits)
{
    for (size_t i = digits; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
}

char *pm_date_text(int32_t date, char out[11])
{
    int first = days_before_year(YEAR_MIN) - DAYS_TO_1970;
    int last = days_before_year(YEAR_MAX + 1) - DAYS_TO_1970 - 1;
    if (date < first || date > last) {
        memcpy(out, "?", sizeof "?");
        return out;
    }
    int year = YEAR_MIN + date / 366; /* never later than the year it is */
    while (days_before_year(year + 1) - DAYS_TO_1970 <= date)
        year++;
    int day = date - (days_before_year(year) - DAYS_TO_1970), month = 0;
    while (days_before_month(year, month + 1) <= day)
        month++;
    memcpy(out, "0000-00-00", DATE_SIZE + 1);
    write_number(out, year, 4);
    write_number(out + 5, month + 1, 2);
    write_number(out + 8, day - days_before_month(year, month) + 1, 2);
    return out;
}

int32_t pm_date_of(int64_t time)
{
    const int64_t day = INT64_C(86400000);
    int64_t date = time / day - (time % day < 0);
    if (date > INT32_MAX)
        return INT32_MAX;
    return date < INT32_MIN ? INT32_MIN : (int32_t)date;
}
