/* solved.c - see solved.h. */
#include "tests/lib/solved.h"

#include <stdlib.h>
#include <string.h>

static void *memory_of(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
    if (memory == NULL)
        abort();
    return memory;
}

static void take_result(struct solved *solved)
{
    struct pm_round_result *result = &solved->result;
    if (!solver_values(&solved->problem.solver, solved->found.choice, result->value))
        abort();
    memcpy(result->alone, solved->problem.alone_value, sizeof result->alone);
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        result->bound[stage] = solved->found.stage[stage].bound;
        result->optimal |= (uint8_t)(solved->found.stage[stage].optimal << stage);
    }
}

bool solved_source(const struct pm_core *core, const struct round_source *source,
                   struct solved *out)
{
    const struct solver_options options = {0};
    size_t size = round_problem_bound(core, source);
    memset(out, 0, sizeof *out);
    if (size == 0)
        return false;
    out->memory = memory_of(size);
    round_problem_build(core, source, out->memory, &out->problem);
    if (solver_flaw(&out->problem.solver) != NULL)
        abort();
    out->workspace = memory_of(solver_workspace(&out->problem.solver));
    solver_solve(&out->problem.solver, &options, out->workspace, &out->found);
    take_result(out);
    return true;
}

bool solved_open(const struct pm_core *core, struct solved *out)
{
    const struct round_source source = {.round = pm_core_round(core, 0, NULL)};
    return source.round != 0 && solved_source(core, &source, out);
}

void solved_close(struct solved *solved)
{
    free(solved->workspace);
    free(solved->memory);
}

bool solved_next(struct solved *solved, struct pm_command *out)
{
    if (solved->over)
        return false;
    memset(out, 0, sizeof *out);
    out->verb = PM_ROUND_APPLY;
    out->apply.round = solved->problem.round;
    out->apply.assignment = solved->assignment;
    out->apply.assignments = round_problem_piece(&solved->problem, solved->found.choice,
                                                 &solved->item, solved->assignment);
    solved->over = solved->item == solved->problem.solver.items;
    out->apply.result = solved->over ? &solved->result : NULL;
    return true;
}
