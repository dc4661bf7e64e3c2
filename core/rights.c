/*
 * rights.c - the table of rights.h.
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

#define COUNCIL (1u << PM_BROKER | 1u << PM_COMMISSIONER | 1u << PM_OPERATOR | 1u << PM_DAEMON)
#define HOSPITAL (1u << PM_HOSPITAL)
#define PROVIDER (1u << PM_PROVIDER)
#define BOTH (HOSPITAL | PROVIDER)

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
