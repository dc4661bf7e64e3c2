/*
 * round_check.h - checks the certificate of a round without trusting whoever made it: that the
 * choices are an assignment, that the values are what it comes to, and that the prices prove the
 * bounds. Shares no code with the solver, and is short enough to be read beside placemat.cddl.
 */
#ifndef PM_ROUND_CHECK_H
#define PM_ROUND_CHECK_H

#include "core/wire_problem.h"

enum { ROUND_FAULT_MAX = 256 };

/* What was found out about a stage, whatever the certificate claims. */
struct round_stage {
    int64_t value; /* what the choices come to; items not placed, or pence a week */
    int64_t bound; /* what the prices prove: no assignment that keeps the stages before has less */
    bool proven;   /* nothing less is possible, since the bound is the value */
};

struct round_check {
    /* Incomplete when the choices are no assignment. */
    struct round_stage stage[SOLVER_STAGES];
    char fault[ROUND_FAULT_MAX]; /* the first thing that does not hold; empty: all does */
};

/*
 * Checks a certificate as wire_certificate_decode() gives it. False only when there is no memory.
 * That a stage is claimed to be optimal where the bound does not prove it is no fault: it is what
 * the solver's search says.
 */
bool round_check(const struct wire_certificate *certificate, struct round_check *out);

/* "class 0" to "class 3", "cost". */
const char *round_stage_name(int stage);

/* A document's text: "X1"; where there is none, what it is of and its number from 1, "item 3". It
 * is as it came: whoever prints it takes care of what a terminal would obey. */
void round_label(char *out, size_t size, struct pm_text text, const char *what, uint32_t position);

#endif
