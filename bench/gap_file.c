/*
 * gap_file.c: generalised assignment instances read from text. All numbers are read before anything
 * is made of them, so that a file must be as long as it says it is.
 */
#include "bench/gap_file.h"

#include <ctype.h>
#include <stdlib.h>

struct reading {
    FILE *file;
    char *why;
    uint32_t line;
    int32_t *number; /* of all there are */
    size_t numbers, room;
};

/* ---- Numbers ---- */

static bool refuse(struct reading *reading, const char *what)
{
    (void)snprintf(reading->why, GAP_WHY, "line %u: %s", reading->line, what);
    return false;
}

static int next_character(struct reading *reading)
{
    int c = getc(reading->file);
    if (c == '\n')
        reading->line++;
    return c;
}

static int skip_space(struct reading *reading)
{
    int c = next_character(reading);
    while (c != EOF && isspace(c))
        c = next_character(reading);
    return c;
}

/* A whole number of `least` to `most`, of what `what` says. */
static bool read_number(struct reading *reading, const char *what, int32_t least, int32_t most,
                        int32_t *out)
{
    int64_t value = 0;
    int c = skip_space(reading);
    if (c == EOF)
        return refuse(reading, "the file ends before its last number");
    if (!isdigit(c))
        return refuse(reading, "not a whole number of 0 or more");
    for (; c != EOF && isdigit(c) && value <= most; c = getc(reading->file))
        value = 10 * value + (c - '0');
    if (value < least || value > most) {
        (void)snprintf(reading->why, GAP_WHY, "line %u: %s is not %d to %d", reading->line, what,
                       (int)least, (int)most);
        return false;
    }
    if (c != EOF && !isspace(c))
        return refuse(reading, "not a whole number of 0 or more");
    if (c != EOF)
        ungetc(c, reading->file);
    *out = (int32_t)value;
    return true;
}

static bool keep(struct reading *reading, int32_t number)
{
    if (reading->numbers == reading->room) {
        size_t room = reading->room > 0 ? 2 * reading->room : 1024;
        int32_t *more = realloc(reading->number, room * sizeof *more);
        if (more == NULL)
            return refuse(reading, "there is no memory for so much");
        reading->number = more;
        reading->room = room;
    }
    reading->number[reading->numbers++] = number;
    return true;
}

static bool read_numbers(struct reading *reading, size_t count, const char *what, int32_t most)
{
    int32_t number;
    for (size_t i = 0; i < count; i++) {
        if (!read_number(reading, what, 0, most, &number) || !keep(reading, number))
            return false;
    }
    return true;
}

static bool read_all(struct reading *reading, uint32_t *agents_out, uint32_t *jobs_out)
{
    int32_t agents, jobs;
    if (!read_number(reading, "the number of agents", 1, SOLVER_SERVICES_MAX, &agents) ||
        !read_number(reading, "the number of jobs", 1, SOLVER_PARTS_MAX, &jobs))
        return false;
    if (agents > SOLVER_PAIRS_MAX / jobs)
        return refuse(reading, "there are too many agents and jobs");
    *agents_out = (uint32_t)agents;
    *jobs_out = (uint32_t)jobs;
    size_t pairs = (size_t)agents * (size_t)jobs;
    if (!read_numbers(reading, pairs, "a cost", SOLVER_COST_MAX) ||
        !read_numbers(reading, pairs, "a demand", SOLVER_DEMAND_MAX) ||
        !read_numbers(reading, *agents_out, "a capacity", SOLVER_CAPACITY_MAX))
        return false;
    return skip_space(reading) == EOF || refuse(reading, "more follows the last capacity");
}

/* ---- The problem ---- */

static bool allocate(struct gap_file *gap)
{
    size_t pairs = (size_t)gap->agents * gap->jobs;
    gap->item = calloc(gap->jobs + 1, sizeof *gap->item);
    gap->part = calloc(gap->jobs + 1, sizeof *gap->part);
    gap->pair = calloc(pairs, sizeof *gap->pair);
    gap->service = calloc(gap->agents, sizeof *gap->service);
    gap->demand = calloc(pairs, sizeof *gap->demand);
    gap->pool = calloc(gap->agents, sizeof *gap->pool);
    return gap->item != NULL && gap->part != NULL && gap->pair != NULL && gap->service != NULL &&
           gap->demand != NULL && gap->pool != NULL;
}

static void fill(struct gap_file *gap, const int32_t *number)
{
    size_t pairs = (size_t)gap->agents * gap->jobs;
    for (uint32_t j = 0; j <= gap->jobs; j++) {
        gap->item[j].first_part = j;
        gap->part[j].first_pair = j * gap->agents;
    }
    for (uint32_t i = 0; i < gap->agents; i++) {
        gap->service[i].pool = i;
        gap->pool[i].band[0] = number[2 * pairs + i];
    }
    for (uint32_t agent = 0; agent < gap->agents; agent++) {
        for (uint32_t job = 0; job < gap->jobs; job++) {
            uint32_t at = job * gap->agents + agent;
            size_t from = (size_t)agent * gap->jobs + job;
            gap->pair[at] =
                (struct solver_pair){.service = agent, .demand = at, .cost = number[from]};
            gap->demand[at].band[0] = number[pairs + from];
        }
    }
}

static struct solver_problem problem_of(const struct gap_file *gap)
{
    uint32_t pairs = gap->agents * gap->jobs;
    return (struct solver_problem){
        .items = gap->jobs,
        .parts = gap->jobs,
        .pairs = pairs,
        .services = gap->agents,
        .pools = gap->agents,
        .demands = pairs,
        .bands = 1,
        .item = gap->item,
        .part = gap->part,
        .pair = gap->pair,
        .service = gap->service,
        .demand = gap->demand,
        .pool = gap->pool,
    };
}

bool gap_file_make(uint32_t agents, uint32_t jobs, const int32_t *number, struct gap_file *out)
{
    *out = (struct gap_file){.agents = agents, .jobs = jobs};
    if (!allocate(out)) {
        gap_file_free(out);
        return false;
    }
    fill(out, number);
    out->problem = problem_of(out);
    return true;
}

bool gap_file_read(FILE *file, struct gap_file *out, char why[GAP_WHY])
{
    struct reading reading = {.file = file, .why = why, .line = 1};
    uint32_t agents, jobs;
    *out = (struct gap_file){0};
    bool done = read_all(&reading, &agents, &jobs);
    if (done && !gap_file_make(agents, jobs, reading.number, out))
        done = refuse(&reading, "there is no memory for so much");
    free(reading.number);
    return done;
}

void gap_file_free(struct gap_file *gap)
{
    free(gap->item);
    free(gap->part);
    free(gap->pair);
    free(gap->service);
    free(gap->demand);
    free(gap->pool);
    *gap = (struct gap_file){0};
}
