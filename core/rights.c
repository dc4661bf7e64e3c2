/*
 * rights.c - the tables of rights.h.
 *
 * Who may do what. Brokers do the market's business, and have nothing kept from them but what an
 * operator does, so that neither can do the other's work unseen. Providers answer for themselves;
 * hospitals post and follow their own packages; commissioners only look.
 *
 * The council's own (broker, commissioner, operator, daemon) are shown everything. Hospitals and
 * providers are shown what stands here for them, and no key that does not stand here, so that a new
 * one is hidden from them until somebody has thought about it.
 *
 * A provider learns of a package what care is needed, whereabouts and when, and of itself all that
 * is its own: offers, rates, placements, capacity. It learns nothing of the person, of who refers
 * and how urgently, nor anything that lets it work out how it stands to others, which is why its
 * own score, and the step and pass at which it was asked, are left out: with a few of its own
 * scores the weights can be found, and from step and pass that others were asked before.
 *
 * A hospital learns all of its own packages and who provides, and nobody's prices.
 */
#include "rights.h"

#include <string.h>

#define BROKER (1u << PM_BROKER)
#define OPERATOR (1u << PM_OPERATOR)
#define DAEMON (1u << PM_DAEMON)
#define HOSPITAL (1u << PM_HOSPITAL)
#define PROVIDER (1u << PM_PROVIDER)
#define BOTH (HOSPITAL | PROVIDER)
#define OFFICE (BROKER | 1u << PM_COMMISSIONER | OPERATOR)
#define COUNCIL (OFFICE | DAEMON)
#define REFERS (BROKER | HOSPITAL)
#define ANYBODY (OFFICE | BOTH)
#define NOBODY 1u /* role 0: who has not logged in yet */

/* ---- Who may do what ---- */

/* clang-format off */
static const uint8_t allowed[] = {
    [PM_MARKET_LOAD] = OPERATOR, [PM_TICK] = OPERATOR, [PM_CLOCK_ACCEPT] = OPERATOR,
    [PM_CONTINUE] = DAEMON, [PM_ROUND_APPLY] = DAEMON, [PM_OUTAGE] = DAEMON,
    /* Supply. */
    [PM_PROVIDER_PUT] = BROKER, [PM_LOCATION_PUT] = BROKER, [PM_POOL_PUT] = BROKER,
    [PM_SERVICE_PUT] = BROKER, [PM_PROVIDER_SUSPEND] = BROKER, [PM_PROVIDER_RESUME] = BROKER,
    [PM_PROVIDER_FAIL] = BROKER, [PM_SERVICE_TRANSFER] = BROKER,
    [PM_CAPACITY_SET] = BROKER | PROVIDER,
    /* Packages, and what providers say to them. */
    [PM_PACKAGE_POST] = REFERS, [PM_PACKAGE_AMEND] = REFERS, [PM_PACKAGE_WITHDRAW] = REFERS,
    [PM_PACKAGE_PAUSE] = REFERS, [PM_PACKAGE_RESUME] = REFERS,
    [PM_OFFER_ACCEPT] = PROVIDER, [PM_OFFER_TENDER] = PROVIDER, [PM_OFFER_DECLINE] = PROVIDER,
    [PM_PLACEMENT_HANDBACK] = PROVIDER,
    /* What brokers settle. */
    [PM_AWARD_CONFIRM] = BROKER, [PM_AWARD_OVERRIDE] = BROKER, [PM_CHOICE_RECORD] = BROKER,
    [PM_PLACEMENT_START] = BROKER, [PM_PLACEMENT_END] = BROKER,
    [PM_PLACEMENT_IN_HOSPITAL] = BROKER, [PM_PLACEMENT_RESTART] = BROKER,
    [PM_PLACEMENT_IMPORT] = BROKER, [PM_ROUND_OPEN] = BROKER,
    /* Looking. A provider sees nothing of a package but the offers made to it and what became of
     * them; an explanation shows every provider's rates, and so does a round. */
    [PM_PACKAGE_LIST] = OFFICE | HOSPITAL, [PM_PACKAGE_SHOW] = OFFICE | HOSPITAL,
    [PM_MARKET_REPORT] = OFFICE | HOSPITAL,
    [PM_EXPLAIN] = OFFICE, [PM_ROUND_LIST] = OFFICE, [PM_ROUND_SHOW] = OFFICE,
    [PM_ROUND_TRY] = OFFICE, [PM_ROUND_CERTIFICATE] = OFFICE, [PM_DIGEST] = OFFICE, [PM_STATS] = OFFICE,
    [PM_OFFERS] = ANYBODY, [PM_PLACEMENTS] = ANYBODY, [PM_CAPACITY] = ANYBODY,
    [PM_SERVICE_LIST] = ANYBODY, [PM_WATCH] = ANYBODY,
    /* Who may come in. */
    [PM_HELLO] = ANYBODY | NOBODY,
    [PM_TOKEN_CREATE] = OPERATOR, [PM_TOKEN_REVOKE] = OPERATOR, [PM_TOKEN_LIST] = OPERATOR,
};
/* clang-format on */

static unsigned roles_of(unsigned verb)
{
    return verb < sizeof allowed ? allowed[verb] : 0;
}

bool rights_do(unsigned role, unsigned verb)
{
    return role <= PM_DAEMON && (roles_of(verb) >> role & 1u) != 0;
}

static void append(char *out, size_t size, const char *word)
{
    size_t used = strlen(out), length = strlen(word);
    if (length >= size - used)
        length = size - used - 1;
    memcpy(out + used, word, length);
    out[used + length] = '\0';
}

const char *rights_say(unsigned verb, char *out, size_t size)
{
    out[0] = '\0';
    for (unsigned role = PM_BROKER, left = roles_of(verb) >> PM_BROKER; left != 0; role++) {
        bool may = (left & 1u) != 0;
        left >>= 1;
        if (may && out[0] != '\0')
            append(out, size, left != 0 ? ", " : " or ");
        if (may)
            append(out, size, pm_role_name(role));
    }
    return out;
}

/* ---- Who is shown what ---- */

/* clang-format off */
static const uint8_t shown[] = {
    /* Around the rows, and of events. */
    [KEY_ROWS] = BOTH, [KEY_NEXT] = BOTH, [KEY_CURSOR] = BOTH, [KEY_EVENTS] = BOTH,
    [KEY_EVENT] = BOTH, [KEY_SEQUENCE] = BOTH, [KEY_TIME] = BOTH, [KEY_MARKET] = BOTH,
    /* Which record, and how it is with it. */
    [KEY_ID] = BOTH, [KEY_STATE] = BOTH, [KEY_PACKAGE] = BOTH, [KEY_OFFER] = BOTH,
    [KEY_PLACEMENT] = BOTH, [KEY_REFERENCE] = BOTH,
    /* What care is needed, whereabouts and when. */
    [KEY_KIND] = BOTH, [KEY_LOCALITY] = BOTH, [KEY_SECTOR] = BOTH, [KEY_UNITS] = BOTH,
    [KEY_PARTS] = BOTH,  [KEY_VISITS] = BOTH, [KEY_PLACE_TYPE] = BOTH, [KEY_NEEDS] = BOTH, [KEY_START_FROM] = BOTH,
    [KEY_START_BY] = BOTH, [KEY_PLANNED_END] = BOTH,
    /* Of the person, of who refers, and of how the package fares. */
    [KEY_REFERRER] = HOSPITAL, [KEY_PRIORITY] = HOSPITAL, [KEY_POSTED] = HOSPITAL,
    [KEY_INTERIM] = HOSPITAL, [KEY_PAYER] = HOSPITAL, [KEY_PERSON] = HOSPITAL,
    [KEY_EXCLUSIONS] = HOSPITAL, [KEY_CONTINUITY] = HOSPITAL, [KEY_PREFERRED] = HOSPITAL,
    [KEY_ARRANGEMENT] = HOSPITAL, [KEY_GROUP] = HOSPITAL, [KEY_GROUP_SIZE] = HOSPITAL,
    [KEY_TOGETHER] = HOSPITAL, [KEY_FOLLOWS] = HOSPITAL, [KEY_FOLLOWED_BY] = HOSPITAL,
    [KEY_DECIDED_BY] = HOSPITAL, [KEY_SUCCESSOR] = HOSPITAL, [KEY_VERSION] = HOSPITAL,
    [KEY_DEMAND] = HOSPITAL, [KEY_NEEDED] = HOSPITAL, [KEY_DIAGNOSIS] = HOSPITAL,
    [KEY_OFFERS] = HOSPITAL, [KEY_STEP] = HOSPITAL, [KEY_PASS] = HOSPITAL,
    /* Who provides, and what has been agreed. */
    [KEY_SERVICE] = BOTH, [KEY_PROVIDER] = BOTH, [KEY_LOCATION] = BOTH, [KEY_ROUTE] = BOTH,
    [KEY_MADE] = BOTH, [KEY_DEADLINE] = BOTH, [KEY_ANSWERED] = BOTH, [KEY_CODE] = BOTH,
    [KEY_START] = BOTH, [KEY_ASSESS_BY] = BOTH, [KEY_SHIFT] = BOTH, [KEY_AGREED] = BOTH,
    [KEY_STARTED] = BOTH, [KEY_ENDED] = BOTH, [KEY_REASON] = BOTH, [KEY_UNTIL] = BOTH,
    [KEY_RULES] = BOTH,
    /* For what. */
    [KEY_RATE] = PROVIDER, [KEY_COST] = PROVIDER, [KEY_UPLIFT] = PROVIDER,
    /* Supply. */
    [KEY_POOL] = BOTH, [KEY_LOT] = BOTH, [KEY_TIER] = BOTH, [KEY_CONTRACT] = BOTH,
    [KEY_STANDING] = BOTH, [KEY_LOCALITIES] = BOTH, [KEY_SECTORS] = BOTH,
    [KEY_CAPABILITIES] = BOTH, [KEY_MODE] = BOTH, [KEY_AS_OF] = BOTH, [KEY_VALID_UNTIL] = BOTH,
    [KEY_BANDS] = BOTH, [KEY_NAME] = BOTH, [KEY_DECLARED] = BOTH, [KEY_COMMITTED] = BOTH,
    [KEY_HELD] = BOTH, [KEY_FREE] = BOTH, [KEY_OVERCOMMITTED] = BOTH,
    /* The market in numbers. */
    [KEY_TITLE] = HOSPITAL, [KEY_PACKAGES] = HOSPITAL, [KEY_KINDS] = HOSPITAL,
    [KEY_UNIT] = HOSPITAL, [KEY_COUNT] = HOSPITAL, [KEY_PLACED] = HOSPITAL,
    [KEY_WAITING] = HOSPITAL, [KEY_TIME_TO_PLACE] = HOSPITAL, [KEY_PROVIDERS] = HOSPITAL,
    [KEY_LOCATIONS] = HOSPITAL, [KEY_POOLS] = HOSPITAL, [KEY_SERVICES] = HOSPITAL,
};
/* clang-format on */

bool rights_show(unsigned role, enum wire_key key)
{
    unsigned roles = COUNCIL | ((unsigned)key < sizeof shown ? shown[key] : 0u);
    return role <= PM_DAEMON && (roles >> role & 1u) != 0;
}
