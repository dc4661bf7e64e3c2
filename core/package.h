/* package.h - packages of care: posted, amended, paused, withdrawn, and gone some days after their
 * end. */
#ifndef PM_PACKAGE_H
#define PM_PACKAGE_H

#include "state.h"

struct pm_result package_post(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_package *post);
struct pm_result package_amend(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package *amend);
struct pm_result package_withdraw(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                  const struct pm_package_id *id);
struct pm_result package_pause(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id);
struct pm_result package_resume(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                const struct pm_package_id *id);

/* A package as it is posted, of which nothing is asked yet; its kind as a position, -1 when the
 * market has none of that name. The id of the result is its own. */
struct pm_result package_add(struct pm_core *core, uint32_t market, struct pm_actor actor, int kind,
                             const struct pm_package *sent);
/* Out of the matching, in again, or out of it for good, without looking whether it may be. */
void package_pause_at(struct pm_core *core, uint32_t package);
void package_resume_at(struct pm_core *core, uint32_t package);
void package_withdraw_at(struct pm_core *core, uint32_t package, uint8_t reason);
/* Where care goes on, others are sought, and the care fits what is needed again, it stays: nobody
 * is sought any longer. False: it is otherwise. */
bool package_stays(struct pm_core *core, uint32_t package);
/* Has it come to its end? It is kept for a while. */
static inline bool package_is_over(const struct package *package)
{
    return package->state == PM_ENDED || package->state == PM_WITHDRAWN;
}
/* What it follows, if anything, may be followed by another. */
void package_stop_following(struct pm_core *core, uint32_t package);
/* Ends all there is of it: offers, waiting, placements. */
void package_finish(struct pm_core *core, uint32_t package, enum pm_package_state state,
                    uint8_t reason);
/* The package is over, with nothing left of it: it stays for the market's keep_days, then it goes
 * with all of its offers and placements. */
void package_end(struct pm_core *core, uint32_t package, enum pm_package_state state,
                 uint8_t reason);
int64_t package_lapse_time(const struct pm_core *core, uint32_t package);
/* Its deadline is over: an answer's, a decision's, its own. */
void package_fall_due(struct pm_core *core, uint32_t package);

/* outage: nobody could answer for some time, so what was to be answered or decided in it or after
 * it may be by so much later. All at once, whatever there is: it comes once, after a start. */
struct pm_result package_outage(struct pm_core *core, struct pm_actor actor,
                                const struct pm_tick *since);

/* The event of a command about a package, and the command's result. */
struct pm_result package_done(struct pm_core *core, uint32_t package, enum pm_event_kind kind);

#endif
