/*
 * round_document.c: see round_document.h.
 */
#include "round_document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void round_document_free(struct round_document *words)
{
    free(words->item);
    free(words->part);
    free(words->service);
    free(words->pool);
    free(words->locality);
    free(words->cap);
    free(words->pool_kind);
}

/* Room for each; one more, so that none asks for nothing. */
static bool allocate(struct round_document *words, const struct solver_problem *solver)
{
    words->item = calloc(solver->items + 1ull, sizeof *words->item);
    words->part = calloc(solver->parts + 1ull, sizeof *words->part);
    words->service = calloc(solver->services + 1ull, sizeof *words->service);
    words->pool = calloc(solver->pools + 1ull, sizeof *words->pool);
    words->locality = calloc(solver->pools + 1ull, sizeof *words->locality);
    words->pool_kind = calloc(solver->pools + 1ull, sizeof *words->pool_kind);
    words->cap = calloc(solver->caps + 1ull, sizeof *words->cap);
    return words->item && words->part && words->service && words->pool && words->locality &&
           words->pool_kind && words->cap;
}

static void take_kinds(const struct round_problem *problem, struct round_document *words)
{
    for (uint32_t k = 0; k < problem->kinds; k++) {
        const struct round_kind *kind = &problem->kind[k];
        words->kind[k] = (struct wire_kind){
            .name = pm_text(kind->name.text), .unit = kind->unit, .bands = kind->bands};
        for (uint32_t b = 0; b < kind->bands; b++)
            words->kind[k].band[b] = pm_text(kind->band[b].text);
        if (words->kind[k].bands > problem->solver.bands)
            words->kind[k].bands = problem->solver.bands;
    }
}

static void take_words(const struct round_problem *problem, struct round_document *words)
{
    const struct solver_problem *solver = &problem->solver;
    snprintf(words->title, sizeof words->title, "%s, round %" PRIu64, problem->market.text,
             problem->round);
    take_kinds(problem, words);
    for (uint32_t i = 0; i < solver->parts; i++)
        words->part[i] = pm_text(problem->part[i].reference.text);
    for (uint32_t i = 0; i < solver->services; i++)
        words->service[i] = pm_text(problem->service[i].name.text);
    for (uint32_t i = 0; i < solver->pools; i++) {
        words->pool[i] = pm_text(problem->pool[i].name.text);
        words->locality[i] = pm_text(problem->pool[i].locality.text);
        words->pool_kind[i] = problem->pool[i].kind;
    }
    for (uint32_t i = 0; i < solver->caps; i++)
        words->cap[i] = pm_text(problem->cap[i].name.text);
}

static struct wire_certificate certificate_of(const struct round_problem *problem,
                                              const struct solver_result *result,
                                              const struct round_document *words)
{
    return (struct wire_certificate){.problem = {.problem = problem->solver,
                                                 .title = pm_text(words->title),
                                                 .kinds = problem->kinds,
                                                 .kind = words->kind,
                                                 .item = words->item,
                                                 .part = words->part,
                                                 .service = words->service,
                                                 .pool = words->pool,
                                                 .locality = words->locality,
                                                 .pool_kind = words->pool_kind,
                                                 .cap = words->cap},
                                     .result = *result};
}

bool round_document_make(const struct round_problem *problem, const struct solver_result *result,
                         struct round_document *out)
{
    *out = (struct round_document){.item = NULL};
    if (!allocate(out, &problem->solver))
        return false;
    take_words(problem, out);
    out->certificate = certificate_of(problem, result, out);
    return true;
}
