/*
 * fuzz_snapshot.c - states from hostile hands. The input says what is changed in a good one: its
 * first byte which, then, of four bytes each, where and to what. What is restored must be a state
 * in which everything holds, be saved as the same bytes, and live on.
 */
#include <string.h>

#include "tests/lib/busy.h"
#include "tests/lib/fuzz.h"

enum { STATES = 4, STEPS = 300, EDIT = 4, CONTINUES = 20, ROOM = 1 << 20 };

static struct state {
    uint8_t bytes[ROOM];
    size_t size;
    struct pm_limits limits;
} states[STATES], saved;

static bool append(void *context, const void *bytes, size_t size)
{
    struct state *to = context;
    must(to->size + size <= ROOM, "a state grows too much");
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
    return true;
}

/* As it is after some life, which differs. */
static struct state *good_state(unsigned which)
{
    struct state *state = &states[which];
    struct little little;
    struct busy busy;
    if (state->size != 0)
        return state;
    little_open(&little);
    busy_start(&busy, &little, which);
    for (int step = 0; step < STEPS; step++)
        busy_step(&busy);
    state->limits = little.core->limits;
    must(pm_core_save(little.core, append, state), "a good state is not saved");
    little_close(&little);
    return state;
}

static void live_on(struct pm_core *core)
{
    static const struct pm_command go_on = {.verb = PM_CONTINUE};
    char why[256];
    struct pm_entry entry = {.sequence = pm_core_sequence(core),
                             .time = pm_core_time(core) + 86400000,
                             .actor = {.role = PM_DAEMON, .name = pm_text("fuzz")},
                             .command = &go_on};
    for (int i = 0; i < CONTINUES; i++) {
        entry.sequence++;
        (void)pm_core_apply(core, &entry);
    }
    (void)pm_core_check(core, why); /* whatever it says, it comes back */
}

static void restore(const struct state *state, const uint8_t *bytes)
{
    char why[256] = "";
    struct pm_core *core = pm_core_open(&state->limits);
    must(core != NULL, "no memory");
    if (pm_core_restore(core, bytes, state->size, why)) {
        saved.size = 0;
        must(pm_core_save(core, append, &saved), "it is not saved");
        must(saved.size == state->size && memcmp(saved.bytes, bytes, saved.size) == 0,
             "it is saved as something else");
        live_on(core);
    } else {
        must(why[0] != '\0', "refused without a sentence");
    }
    pm_core_close(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t changed[ROOM];
    if (size == 0)
        return 0;
    const struct state *state = good_state(data[0] % STATES);
    memcpy(changed, state->bytes, state->size);
    for (size_t at = 1; at + EDIT <= size; at += EDIT) {
        size_t place = data[at] | (size_t)data[at + 1] << 8 | (size_t)data[at + 2] << 16;
        changed[place % state->size] = data[at + 3];
    }
    restore(state, changed);
    return 0;
}
