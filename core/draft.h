/*
 * draft.h - a package as it would be: what was sent, found and checked, before anything changes.
 */
#ifndef PM_DRAFT_H
#define PM_DRAFT_H

#include "state.h"

struct draft {
    struct package package;
    struct package_detail detail;
    uint32_t slot; /* of the package amended; 0: it is new */
    bool visits;   /* the visit lines sent are to be kept */
};

/* Whose reference it is: a hospital's own, or whom a broker names. */
static inline struct pm_text draft_referrer(struct pm_actor actor, const struct pm_package *sent)
{
    return sent->referrer.length != 0 ? sent->referrer : actor.name;
}
/* Kind (-1: the market has none of that name), arrangement, reference and referrer. */
uint16_t draft_names(struct pm_actor actor, int kind, const struct pm_package *sent,
                     struct draft *draft);
/* Takes the given fields (enum pm_given) into the draft; the kind is known. A status, when one of
 * them cannot be. */
uint16_t draft_fields(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                      const struct pm_package *sent, uint32_t given, struct draft *draft);

#endif
