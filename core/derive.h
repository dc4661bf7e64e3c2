/*
 * derive.h - what follows from the records: under which hash the maps find each, when each is due,
 * and all that is built from these when a state is restored.
 */
#ifndef PM_DERIVE_H
#define PM_DERIVE_H

#include "state.h"

/* Whose names a map holds, and whose deadlines a kind of deadline is. */
extern const uint8_t derive_map_table[MAPS];                /* enum table_of */
extern const uint8_t derive_deadline_table[DEADLINE_KINDS]; /* enum table_of */

/* Tables whose records can be gone through market by market. */
enum { DERIVE_OWNED = 7 };
extern const uint8_t derive_owned_table[DERIVE_OWNED]; /* enum table_of */
/* The market of a record in one of them. */
uint32_t derive_owner(const struct table *table, uint32_t slot);

/* Under which hash a map finds a record. */
uint64_t derive_hash(const struct pm_core *core, enum map_of map, uint32_t slot);
/* When a record is due; INT64_MAX: never. */
int64_t derive_due(const struct pm_core *core, enum deadline_kind kind, uint32_t slot);
/* How many entries the services may take on the rosters. */
uint64_t derive_promised(const struct pm_core *core);

/* The date and the quarter that the core's time is in, after it changed. */
void derive_day(struct pm_core *core);
/* Builds date, owners, maps, deadlines and rosters in a core that has only records. False when its
 * rosters have no room for the services. */
bool derive_all(struct pm_core *core);

#endif
