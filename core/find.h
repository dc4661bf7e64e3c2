/* find.h - records by name, within a market. Slots; 0 when there is none. */
#ifndef PM_FIND_H
#define PM_FIND_H

#include "state.h"

/* 1 to 31 bytes (a token: to 63), printable, no space at either end. */
bool name_is_good(struct pm_text text);
bool token_is_good(struct pm_text text);
void name_set(struct pm_name *name, struct pm_text text); /* text is good, or empty */
/* What is too long is cut, at a character. */
void title_set(struct pm_title *title, struct pm_text text);
bool name_is(const struct pm_name *name, struct pm_text text);

uint32_t find_market(const struct pm_core *core, struct pm_text name);
uint32_t find_provider(const struct pm_core *core, uint32_t market, struct pm_text name);
uint32_t find_location(const struct pm_core *core, uint32_t market, struct pm_text name);
uint32_t find_pool(const struct pm_core *core, uint32_t market, struct pm_text name);
uint32_t find_service(const struct pm_core *core, uint32_t market, struct pm_text name);

/* A package by reference and referrer. For a hospital the referrer is always itself; for others an
 * empty referrer is whichever has that reference, when only one does. */
struct found_package {
    uint16_t status; /* PM_OK, PM_UNKNOWN_PACKAGE, PM_AMBIGUOUS_REFERENCE */
    uint32_t package;
};
struct found_package find_package(const struct pm_core *core, uint32_t market,
                                  struct pm_text reference, struct pm_text referrer,
                                  struct pm_actor actor);

/* Positions in the market's rules; -1 when there is none of that name. */
int find_kind(const struct pm_market *rules, struct pm_text name);
int find_locality(const struct pm_market *rules, struct pm_text name);
int find_capability(const struct pm_market *rules, struct pm_text name);
int find_lot(const struct pm_market *rules, struct pm_text name);
/* By longest prefix: unit, sector, district. */
int find_postcode(const struct pm_market *rules, uint64_t code);

#endif
