/*
 * group.h - packages of one referrer that are placed all or none: a couple with one service, or the
 * parts of a package that nobody can take whole.
 *
 * Until all are posted nobody is asked. A group `together` is brokered by its first package, the
 * lead, which seeks what all need; the others stay open. The parts of a split one are each brokered
 * by themselves, and each that is settled is held, to be confirmed, until all are. Once placed, or
 * when only one package is left of it, a group is no more.
 */
#ifndef PM_GROUP_H
#define PM_GROUP_H

#include "draft.h"
#include "state.h"

/* ---- Posting ---- */

struct group_place {
    uint32_t group; /* 0: a new one, if it is named */
    bool named;     /* the package is in a group */
    uint8_t size, together;
    struct pm_name name;
};
/* Where the package that is drafted belongs. PM_OK, PM_BAD_GROUP, PM_BAD_NAME, PM_FULL. */
uint16_t group_find(const struct pm_core *core, uint32_t market, const struct draft *draft,
                    const struct pm_package *sent, struct group_place *out);
void group_join(struct pm_core *core, uint32_t package, const struct group_place *place);
/* A package is posted: its matching begins, or its group's if that is complete. */
void group_begin(struct pm_core *core, uint32_t package);
/* A package is withdrawn: the others go on without it. */
void group_leave(struct pm_core *core, uint32_t package);

/* ---- What may be done to a member ---- */

bool group_is_split(const struct pm_core *core, uint32_t package);
bool group_is_together(const struct pm_core *core, uint32_t package);
/* Is it in a group of which not all are posted, so that nobody is asked? */
bool group_is_incomplete(const struct pm_core *core, uint32_t package);
/* Is it one through which its group is brokered, or alone? */
bool group_may_pause(const struct pm_core *core, uint32_t package);
uint16_t group_may_amend(const struct pm_core *core, const struct draft *before,
                         const struct draft *after);
/* What the package itself needs; the lead of a group seeks more. */
void group_own_need(const struct pm_core *core, uint32_t package, struct package *out);
/* A member of a group together is to be amended in its care: what is offered for all is no longer.
 * And: it was, and the group starts again, if it was stopped, with what all need now. */
void group_stop(struct pm_core *core, uint32_t package);
void group_go_on(struct pm_core *core, uint32_t package, bool stopped);

/* ---- Placing ---- */

/* How many placements an award to this package makes. */
uint32_t group_parts(const struct pm_core *core, uint32_t package);
/* Agrees all that is brokered by the offer, which is accepted or won and holds. */
void group_agree(struct pm_core *core, uint32_t offer);
/* A part is settled: places all if all are and nobody need confirm it. */
void group_settled(struct pm_core *core, uint32_t package);
/* A part is settled no longer: the others that are wait for it, however long. */
void group_unsettled(struct pm_core *core, uint32_t package);
/* A broker confirms all parts, or none of them. */
uint16_t group_confirm(struct pm_core *core, uint32_t package);
/* Time to confirm is over: none is placed, all go on. */
void group_lapse(struct pm_core *core, uint32_t package);

/* A package that was amended or resumed is sought again. A part of a split group of which others
 * wait joins them, and all try again; any other package begins its ladder. */
void group_seek_again(struct pm_core *core, uint32_t package);
/* The ladder of a part is spent: all parts wait. False when it is no part of a group. */
bool group_is_spent(struct pm_core *core, uint32_t package);
/* Could all parts that wait be served at once? True when it is no part of a group. */
bool group_could_be_served(struct pm_core *core, uint32_t package);
/* A part no longer waits: nor do the others. */
void group_woken(struct pm_core *core, uint32_t package);
/* A part no longer waits because something else became of it: the others may be served without. */
void group_retry(struct pm_core *core, uint32_t package);

/* The hash by which MAP_GROUPS finds one. */
uint64_t group_hash(const struct group *group);

#endif
