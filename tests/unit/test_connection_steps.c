/*
 * test_connection_steps.c: the table of connections under the interleavings of its steps (see
 * tests/lib/steps.h). Calls made at the same time must give what the same calls, made one after
 * another in some order, give of a plain model, and leave what they leave.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/steps.h"

#define CONNECTION_STEP() steps_step()
#define connections_create stepped_connections_create
#define connections_destroy stepped_connections_destroy
#define connections_add stepped_connections_add
#define connections_marked stepped_connections_marked
#define connections_remove stepped_connections_remove
#define connections_enter stepped_connections_enter
#define connections_leave stepped_connections_leave
#define connections_count stepped_connections_count
#define connections_capacity stepped_connections_capacity
#define connections_find_idle stepped_connections_find_idle
#define connections_outstanding stepped_connections_outstanding
#include "../../daemon/connection.c" /* NOLINT: the code under test, with its hooks */

enum {
    TASKS = 3,
    CALLS = 2,    /* of a task, at most */
    IDS = 3,      /* 1 and 2, */
    CAPACITY = 2, /* which have the same place in a table of that */
};

/*
 * What is tried: the parameters of one test, a row of the table at the end. Calls are a letter and
 * an id each: `a` add, `r` remove, `e` enter, `i` look for idle ones, of which there
 * may be that id alone, `l` leave, `m` marked. Before them id 1 is there and has entered so many
 * times, unless that is 0. An id is added only when the other has been removed.
 */
struct scenario {
    const char *name;
    int entered;
    const char *calls[TASKS];
};

/* What the table should hold; of an id, and how many there are. */
struct model {
    struct {
        bool there, quiet;
        int outstanding;
    } connection[IDS];
    int count;
};

static struct {
    const struct scenario *scenario;
    struct connections *connections;
    struct model before;
    uint64_t result[TASKS][CALLS];
} run;

static uint32_t id_of(int id)
{
    return (uint32_t)id * CAPACITY;
}

/* ---- The model ---- */

static uint64_t model_enter(struct model *model, int id)
{
    if (!model->connection[id].there)
        return CONNECTION_GONE;
    model->connection[id].quiet = false;
    if (model->connection[id].outstanding < CONNECTION_OUTSTANDING_MAX) {
        model->connection[id].outstanding++;
        return CONNECTION_ADMITTED;
    }
    return CONNECTION_BUSY;
}

/* Whether it is found. */
static bool model_look(struct model *model, int id)
{
    bool idle = model->connection[id].there && model->connection[id].outstanding == 0;
    bool found = idle && model->connection[id].quiet;
    model->connection[id].quiet = model->connection[id].quiet || idle;
    return found;
}

static uint64_t model_call(struct model *model, char what, int id)
{
    bool there = model->connection[id].there;
    switch (what) {
    case 'a':
        model->count++;
        model->connection[id].there = true;
        return 0;
    case 'r':
        model->count -= there;
        memset(&model->connection[id], 0, sizeof model->connection[id]);
        return 0;
    case 'e':
        return model_enter(model, id);
    case 'i':
        return model_look(model, id);
    case 'l':
        model->connection[id].outstanding -= model->connection[id].outstanding > 0;
        return 0;
    default:
        return there ? id_of(id) : 0;
    }
}

/* ---- The table ---- */

static void found(void *context, uint32_t id)
{
    *(uint64_t *)context = id != 0;
}

static uint64_t table_call(char what, int id)
{
    uint64_t any = false;
    switch (what) {
    case 'a':
        connections_add(run.connections, id_of(id), id_of(id));
        return 0;
    case 'r':
        connections_remove(run.connections, id_of(id));
        return 0;
    case 'e':
        return connections_enter(run.connections, id_of(id));
    case 'i':
        connections_find_idle(run.connections, found, &any);
        return any;
    case 'l':
        connections_leave(run.connections, id_of(id));
        return 0;
    default:
        return connections_marked(run.connections, id_of(id));
    }
}

static bool table_is(const struct model *model)
{
    bool same = connections_count(run.connections) == (uint32_t)model->count;
    for (int id = 1; id < IDS; id++) {
        uint64_t word =
            atomic_load(&run.connections->place[place_of(run.connections, id_of(id))].word);
        bool there = word_id(word) == id_of(id);
        word = there ? word : 0;
        same = same && there == model->connection[id].there &&
               (word & COUNT_MASK) == (uint64_t)model->connection[id].outstanding &&
               ((word & QUIET) != 0) == model->connection[id].quiet;
    }
    return same;
}

/* ---- Running ---- */

static void task(int id)
{
    const char *calls = run.scenario->calls[id];
    for (int i = 0; calls[2 * i]; i++)
        run.result[id][i] = table_call(calls[2 * i], calls[2 * i + 1] - '0');
}

static void begin(void)
{
    run.connections = connections_create(CAPACITY);
    assert_non_null(run.connections);
    run.before = (struct model){.count = 0};
    if (run.scenario->entered == 0)
        return;
    table_call('a', 1);
    model_call(&run.before, 'a', 1);
    for (int i = 0; i < run.scenario->entered; i++)
        assert_int_equal(table_call('e', 1), model_call(&run.before, 'e', 1));
}

/* Whether the model can come from here to what was seen, by the calls that are left: of each task
 * those from its `at` on. */
static bool explained(const struct model *model, const int at[TASKS])
{
    bool left = false;
    for (int id = 0; id < TASKS; id++) {
        const char *call = run.scenario->calls[id] ? run.scenario->calls[id] + 2 * at[id] : "";
        struct model next = *model;
        int next_at[TASKS];
        if (!*call)
            continue;
        left = true;
        memcpy(next_at, at, sizeof next_at);
        if (model_call(&next, call[0], call[1] - '0') != run.result[id][next_at[id]++])
            continue;
        if (explained(&next, next_at))
            return true;
    }
    return !left && table_is(model);
}

static void end(void)
{
    static const int from_start[TASKS];
    steps_check(explained(&run.before, from_start),
                "no order of the calls explains what came of them");
    connections_destroy(run.connections);
}

static void walk(void **state)
{
    run.scenario = *state;
    struct steps steps = {.preemptions = -1, .begin = begin, .task = task, .end = end};
    while (steps.tasks < TASKS && run.scenario->calls[steps.tasks])
        steps.tasks++;
    assert_true(steps_walk(&steps) > 1);
}

static struct scenario scenarios[] = {
    {"two requests", 1, {"e1", "e1"}},
    {"room for one request", 63, {"e1", "e1", "e1"}},
    {"an answer, and requests at the limit", 64, {"l1", "e1", "e1"}},
    {"an answer, and one that goes on", 64, {"l1", "e1e1"}},
    {"gone while it asks and is answered", 1, {"r1", "e1", "l1"}},
    {"a late answer, and a successor that asks", 1, {"l1", "r1a2", "e2"}},
    {"a late answer, and a successor that goes", 1, {"l1l1", "r1a2", "r2"}},
    {"a late request, and a successor", 1, {"e1", "r1a2"}},
    {"gone twice, and a successor", 1, {"r1", "r1a2"}},
    {"the mark of a successor", 1, {"m1", "r1a2"}},
    {"the mark of a first", 0, {"m1", "a1r1"}},
    {"looked for while it is answered and asks", 1, {"i1i1", "l1e1"}},
    {"looked for while it is answered and goes", 1, {"i1i1", "l1r1"}},
    {"looked for as it comes", 0, {"i1i1", "a1e1"}},
};

int main(void)
{
    struct CMUnitTest tests[sizeof scenarios / sizeof scenarios[0]] = {0};
    if (!steps_possible())
        return 0;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tests[i].name = scenarios[i].name;
        tests[i].test_func = walk;
        tests[i].initial_state = &scenarios[i];
    }
    return cmocka_run_group_tests_name("connection steps", tests, NULL, NULL);
}
