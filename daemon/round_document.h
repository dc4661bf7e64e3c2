/*
 * round_document.h: a round's problem and what was found, as the document of placemat.cddl.
 */
#ifndef PM_DAEMON_ROUND_DOCUMENT_H
#define PM_DAEMON_ROUND_DOCUMENT_H

#include "core/round_problem.h"
#include "core/wire_problem.h"

#include <stdbool.h>

/* The certificate, and the texts in it, which point into the problem. */
struct round_document {
    struct wire_certificate certificate;
    struct wire_kind kind[PM_KINDS_MAX];
    struct pm_text *item, *part, *service, *pool, *locality, *cap;
    uint8_t *pool_kind;
    char title[WIRE_LABEL_MAX + 1];
};

/* Makes it of a problem and its result, which must outlive it, at its place, where it stays. False
 * when memory is short. Free it in either case. */
bool round_document_make(const struct round_problem *problem, const struct solver_result *result,
                         struct round_document *out);
void round_document_free(struct round_document *document);

#endif
