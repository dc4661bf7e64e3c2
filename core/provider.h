/* provider.h - organisations, and their registered branches and homes. */
#ifndef PM_PROVIDER_H
#define PM_PROVIDER_H

#include "state.h"

/* Each creates or replaces, whole or not at all. The id of the result is the record's. */
struct pm_result provider_put(struct pm_core *core, uint32_t market,
                              const struct pm_provider_put *put);
struct pm_result location_put(struct pm_core *core, uint32_t market,
                              const struct pm_location_put *put);

/* Counts units placed with the provider, of the quarter that today is in. */
void provider_award(struct pm_core *core, uint32_t provider, uint8_t kind, int32_t units);
/* Takes back units that were counted when they were agreed, if that was this quarter. */
void provider_unaward(struct pm_core *core, uint32_t provider, uint8_t kind, int32_t units,
                      int64_t agreed);
/* The quarter that a date is in, as years * 4 + 0..3; and the first day of the next. */
int32_t provider_quarter(int32_t date);
int32_t provider_next_quarter(int32_t date);
/* Takes up a change in every service of the provider, or of one location. */
void provider_refresh(struct pm_core *core, uint32_t market, uint32_t provider, uint32_t location);
/* Units placed with it so far this quarter. */
int64_t provider_awarded(const struct pm_core *core, uint32_t provider, uint8_t kind);

/* 0..1000: what the market gives the rating, averaged with the council's inspection when there is
 * one. */
int32_t quality_of(const struct pm_market *rules, uint8_t rating, int8_t score);

#endif
