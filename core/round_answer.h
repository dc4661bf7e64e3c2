/* round_answer.h - answers about rounds: what round.show and round.try say alike, and the latter
 * whole. */
#ifndef PM_ROUND_ANSWER_H
#define PM_ROUND_ANSWER_H

#include "round_problem.h"
#include "wire.h"

/* Keys and values, for the map of a round: what it reached, stage by stage. */
void round_put_stages(struct wire_writer *out, const struct pm_round_result *result);
/* One row of what is scarce: a pool and its kind, and which of its bands at what price. */
void round_put_scarce(struct wire_writer *out, const struct round_pool *pool,
                      const struct round_kind *kind, const struct pm_scarce *scarce);

/* The answer to round.try: of the problem, the choices of its parts (0: none), and the result,
 * whose pools are of the problem. Of more than PM_ROWS_MAX packages, the most urgent. */
void round_put_tried(struct wire_writer *out, const struct round_problem *problem,
                     const uint32_t *choice, const struct pm_round_result *result);

#endif
