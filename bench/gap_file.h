/*
 * gap_file.h: generalised assignment instances in the text form of the OR-Library: the numbers of
 * agents and jobs; what each agent asks for each job, agent by agent; what each job takes of each
 * agent, agent by agent; what each agent has. Whole numbers, parted by white space.
 */
#ifndef PM_BENCH_GAP_FILE_H
#define PM_BENCH_GAP_FILE_H

#include <stdio.h>

#include "core/solver.h"

/*
 * An instance as a round's problem: each job is an item of class 0 with one part, whose pairs are
 * the agents in order; agent i is service i with pool i, which has one band. So the pair of job j
 * and agent i is number j * agents + i, and so is its row of demands. Lists belong to this.
 */
struct gap_file {
    uint32_t agents, jobs;
    struct solver_problem problem; /* without flaw; points to the lists */
    struct solver_item *item;
    struct solver_part *part;
    struct solver_pair *pair;
    struct solver_service *service;
    struct solver_amounts *demand, *pool;
};

enum { GAP_WHY = 128 };

/* Reads all of a file. False when it is no such file, a number is beyond solver.h's limits, or
 * memory fails: `why` then says where and what, and there is nothing to free. Takes memory in
 * proportion to what it has read, whatever the file promises. */
bool gap_file_read(FILE *file, struct gap_file *out, char why[GAP_WHY]);

/* The instance of so many agents and jobs with these numbers, in the order of a file: costs, what
 * is taken, capacities; all within solver.h's limits. False when memory fails; then there is
 * nothing to free. */
bool gap_file_make(uint32_t agents, uint32_t jobs, const int32_t *number, struct gap_file *out);

/* Gives back its lists; the struct is blank then. */
void gap_file_free(struct gap_file *gap);

#endif
