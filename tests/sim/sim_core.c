/*
 * sim_core.c - thousands of random histories of small markets against a naive model.
 *
 * After every command every invariant holds, the state is what the model says, every choice is one
 * the model would make, and what was answered before is answered again. At the end of each history
 * its journal, decoded from bytes, gives the same answers and the same state; and so does a
 * snapshot taken at some point with the rest of the journal applied to it.
 *
 *   build/tests/sim_core                                  the histories of the seed below
 *   SIM_SEED=7 SIM_HISTORIES=1 build/tests/sim_core       the one that a failure named
 *   TEST_FULL=1 …                                         four times as many
 *   SIM_SHRINK=60000 …                                    takes a minute to shrink a failure
 *   SIM_CANARY=1 …                                        against a broken model: must fail
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/hash.h"
#include "tests/lib/history.h"
#include "tests/lib/history_seen.h"
#include "tests/lib/told.h"
#include "tests/lib/world.h"

enum {
    HISTORIES = 3000,
    CANARY_HISTORIES = 50,
    ENOUGH = 1000, /* histories in which everything happens at least once */
    ACTIONS = 240,
    MARKETS = 2,
    ENTRIES = 4096,
    LOG_MAX = 1 << 22,
    STATE_MAX = 1 << 22,
    ARENA = 1 << 22,
    SUPPLIES = 256, /* of a load that are left out one by one */
    ROOM = 200,     /* of each table: more than one command takes */
    SHRINK_MILLISECONDS = 6000,
};

/* By these rules all histories from seed 1 on come to this: a hash of what was told in them, in
 * answers and events, and of the states at their ends. Whoever changes that by changing the core
 * raises PM_RULES, or, when only the layout of the state is another, FORMAT (core/snapshot.c), and
 * writes down what the simulation then says; who changes only which histories there are writes that
 * down. */
static const struct {
    int rules;
    uint64_t outcome;
} known = {3, 0xa3f311b5ab96d1b3};

/* What may go wrong, each a result of its own. */
enum aspect { HISTORY, WIRE, REPLAY, SNAPSHOT, ASPECTS };
static const char *const aspect_names[ASPECTS] = {
    "invariants hold, and the state is what the model says",
    "entries are the same after encoding and decoding",
    "a journal gives the same answers and the same state again",
    "a snapshot and the rest of the journal give the same state",
};

static struct sim {
    uint64_t seed;
    struct pm_limits limits;
    struct world world;
    struct history history;
    struct model model[MARKETS];
    int markets;
    struct told told;
    /* The journal: entries in bytes, and what each was answered. */
    uint8_t log[LOG_MAX];
    size_t at[ENTRIES + 1];
    struct pm_result result[ENTRIES];
    uint32_t entries;
    uint8_t digest[PM_DIGEST_SIZE];
    uint64_t outcome; /* so far, over all histories */
    /* A snapshot, after so many entries. */
    uint8_t state[STATE_MAX];
    size_t state_size;
    uint32_t state_entries;
    bool canary;
    bool again;                        /* the journal is done once more, or part of it */
    bool printing;                     /* each entry */
    enum aspect failed;                /* ASPECTS: nothing */
    char error[512], first_error[512]; /* of the failure that is shrunk */
} sim;
static uint8_t arena_bytes[ARENA];
static struct history_seen seen; /* over all histories */

static bool fail(enum aspect aspect, const char *what, const char *detail)
{
    if (sim.failed == ASPECTS) {
        sim.failed = aspect;
        snprintf(sim.error, sizeof sim.error, "%s %s", what, detail);
    }
    return false;
}

/* ---- The journal ---- */

static bool decode(uint32_t entry, struct pm_entry *out)
{
    struct wire_reader reader = {.bytes = sim.log + sim.at[entry],
                                 .size = sim.at[entry + 1] - sim.at[entry]};
    struct wire_arena arena = {.bytes = arena_bytes, .size = sizeof arena_bytes};
    struct wire_error error = {{0}};
    return wire_entry_decode(&reader, &arena, out, &error) || fail(WIRE, "decoding:", error.text);
}

/* What is read back must be written as the same bytes. */
static void check_wire(uint32_t entry)
{
    static uint8_t again[1 << 20];
    struct pm_entry decoded;
    struct wire_writer writer = {.bytes = again, .size = sizeof again};
    size_t size = sim.at[entry + 1] - sim.at[entry];
    if (!decode(entry, &decoded))
        return;
    wire_entry_encode(&writer, &decoded);
    if (writer.overflow || writer.used != size || memcmp(again, sim.log + sim.at[entry], size) != 0)
        fail(WIRE, "decoded and encoded again it is another:", pm_verb_name(decoded.command->verb));
}

static void write_entry(const struct pm_entry *entry, struct pm_result result)
{
    struct wire_writer writer = {
        .bytes = sim.log, .size = sizeof sim.log, .used = sim.at[sim.entries]};
    wire_entry_encode(&writer, entry);
    if (writer.overflow || sim.entries == ENTRIES) {
        fail(WIRE, "the journal", "is too long for the test");
        return;
    }
    sim.result[sim.entries++] = result;
    sim.at[sim.entries] = writer.used;
    check_wire(sim.entries - 1);
}

static bool put_state(void *context, const void *bytes, size_t size)
{
    (void)context;
    if (size > sizeof sim.state - sim.state_size)
        return false;
    memcpy(sim.state + sim.state_size, bytes, size);
    sim.state_size += size;
    return true;
}

static void take_snapshot(void)
{
    sim.state_size = 0;
    sim.state_entries = sim.entries;
    if (!pm_core_save(sim.world.core, put_state, NULL))
        fail(SNAPSHOT, "the state", "is too large for the test");
}

/* Applies the journal from an entry on, and compares the answers and the state it comes to. */
static void replay(struct pm_core *core, uint32_t from, enum aspect aspect)
{
    uint8_t digest[PM_DIGEST_SIZE];
    char error[256];
    struct pm_entry entry;
    for (uint32_t e = from; e < sim.entries && sim.failed == ASPECTS; e++) {
        if (!decode(e, &entry))
            return;
        pm_core_expect(core, entry.command); /* changes nothing */
        struct pm_result result = pm_core_apply(core, &entry);
        if (result.status != sim.result[e].status || result.id != sim.result[e].id)
            fail(aspect, "answered otherwise:", pm_status_name(result.status));
    }
    pm_core_digest(core, digest);
    if (memcmp(digest, sim.digest, sizeof digest) != 0)
        fail(aspect, "another state", "");
    if (!pm_core_check(core, error))
        fail(aspect, "broken invariant:", error);
}

static void replay_all(void)
{
    struct pm_core *core = pm_core_open(&sim.limits);
    if (core == NULL) {
        fail(REPLAY, "no memory", "");
        return;
    }
    replay(core, 0, REPLAY);
    pm_core_close(core);
}

static void replay_snapshot(void)
{
    char error[128] = "";
    struct pm_core *core = pm_core_open(&sim.limits);
    if (core == NULL || !pm_core_restore(core, sim.state, sim.state_size, error))
        fail(SNAPSHOT, "not restored:", error);
    else
        replay(core, sim.state_entries, SNAPSHOT);
    pm_core_close(core);
}

/* ---- One action ---- */

static void note(const struct pm_entry *entry, struct pm_result result)
{
    static char line[1 << 16];
    if (!sim.printing)
        return;
    history_line(entry, result, line, sizeof line);
    printf("#   %s\n", line);
}

/* The market that an entry is for; NULL when there is none of that name. */
static struct model *model_of(const struct pm_entry *entry)
{
    for (int m = 0; m < sim.markets; m++)
        if (pm_text_equal(entry->market, pm_text(sim.model[m].market.text)))
            return &sim.model[m];
    return NULL;
}

/* Might one more command fill a table? */
static bool is_crowded(void)
{
    struct pm_core_usage usage = pm_core_usage(sim.world.core);
    return usage.offers + ROOM > sim.limits.offers ||
           usage.placements + ROOM > sim.limits.placements ||
           usage.packages + ROOM > sim.limits.packages;
}

/* Adds what is told of an entry. */
static void hear(struct pm_result result)
{
    size_t count;
    const struct pm_event *events = pm_core_events(sim.world.core, &count);
    const uint64_t answer[2] = {result.status, result.id};
    sim.outcome = pm_hash(answer, sizeof answer, sim.outcome);
    for (size_t i = 0; i < count; i++) {
        struct pm_event_record record;
        pm_event_describe(sim.world.core, &events[i], (uint32_t)i, &record);
        sim.outcome = pm_hash(&record, sizeof record, sim.outcome);
    }
}

static void witness(void *context, const struct pm_entry *entry, struct pm_result result)
{
    (void)context;
    note(entry, result);
    if (!sim.again) {
        write_entry(entry, result);
        hear(result);
    }
    for (int m = 0; m < sim.markets; m++) {
        sim.model[m].blind |= is_crowded();
        model_follow(&sim.model[m], sim.world.core, entry, result);
    }
    if (!sim.again)
        history_seen_entry(&seen, &sim.model[0], result);
}

/* Tables that are full refuse what the model would take. */
static bool as_expected(int expected, struct pm_result result)
{
    return expected == MODEL_UNSURE || result.status == expected || result.status == PM_FULL;
}

/* Applies an entry, for the first time or once more, and holds the answer against what was told
 * before or else against the model. */
static void apply(struct pm_entry *entry, struct pm_command *command)
{
    struct pm_result told, result;
    struct model *model = model_of(entry);
    entry->command = command;
    entry->time = sim.world.time;
    pm_core_resolve(sim.world.core, entry->market, command);
    bool before = entry->number != 0 && told_before(&sim.told, entry, &told);
    int expected = before || model == NULL ? MODEL_UNSURE : model_expect(model, entry);
    result = world_apply(&sim.world, *entry);
    if (before && (result.status != told.status || result.id != told.id))
        fail(HISTORY, "answered otherwise than before:", pm_status_name(result.status));
    if (!as_expected(expected, result)) {
        char text[128];
        snprintf(text, sizeof text, "%s, not %s", pm_status_name(result.status),
                 pm_status_name((unsigned)expected));
        fail(HISTORY, "not answered as the model expects:", text);
    }
    if (!before && entry->number != 0 && entry->actor.name.length <= PM_NAME_MAX)
        told_now(&sim.told, entry, result);
}

/* Sends an earlier entry again, or its number with another command. */
static void resend(void)
{
    struct pm_entry entry;
    if (sim.entries == 0 || !decode(random_below(&sim.history.random, sim.entries), &entry) ||
        entry.number == 0)
        return;
    if (random_percent(&sim.history.random, 10))
        entry.hash++;
    struct pm_command command = *entry.command;
    apply(&entry, &command);
}

/* Time goes on: to a millisecond before or after what is due next, some minutes, or some hours. */
static void pass_time(void)
{
    struct random *random = &sim.history.random;
    int64_t next = pm_core_next(sim.world.core), to = sim.world.time;
    uint32_t dice = random_below(random, 10);
    if (dice < 5 && next != INT64_MAX && next >= to)
        to = next + random_below(random, 2);
    else if (dice < 8)
        to += (int64_t)random_below(random, 240) * 60000;
    else
        to += (int64_t)random_below(random, 40) * 3600000;
    world_advance(&sim.world, to);
}

static void act(void)
{
    struct random *random = &sim.history.random;
    static struct pm_command command;
    struct pm_entry entry;
    uint32_t dice = random_below(random, 100);
    struct model *model = &sim.model[random_below(random, (uint32_t)sim.markets)];
    if (dice < 6) {
        pass_time();
    } else if (dice < 11) {
        resend();
    } else {
        history_next(&sim.history, model, &entry, &command);
        apply(&entry, &command);
    }
    if (random_percent(random, 85))
        world_settle(&sim.world);
}

/* ---- One history ---- */

static void compare_models(void)
{
    bool settled = pm_core_next(sim.world.core) >= sim.world.time;
    for (int m = 0; m < sim.markets; m++) {
        if (!sim.model[m].failed)
            model_compare(&sim.model[m], sim.world.core, settled);
        if (sim.model[m].failed)
            fail(HISTORY, sim.model[m].market.text, sim.model[m].error);
    }
    if (sim.world.failed)
        fail(HISTORY, sim.world.error, "");
}

/* The world as it is before the first entry. What the seed decides about it stays. */
static bool open_world(void)
{
    static const char *const names[MARKETS] = {"Ashmere", "Brackwater"};
    sim.failed = ASPECTS;
    for (int m = 0; m < MARKETS; m++) {
        model_start(&sim.model[m], names[m]);
        sim.model[m].canary = sim.canary;
    }
    told_start(&sim.told, sim.limits.clients);
    if (!world_open(&sim.world, &sim.limits))
        return fail(HISTORY, "the core does not open", "");
    sim.world.print_each = sim.again ? 0 : 8;
    sim.world.witness = witness;
    return true;
}

static bool begin(uint64_t seed, bool canary)
{
    sim.seed = seed;
    sim.canary = canary;
    sim.again = false;
    sim.entries = sim.state_entries = 0;
    sim.state_size = 0;
    sim.limits = world_limits;
    sim.limits.offers = 4096;
    sim.limits.placements = 512;
    sim.limits.packages = 256;
    sim.limits.clients = seed % 2 == 0 ? 4 : 16; /* of which a share is none, or two */
    history_start(&sim.history, seed);
    sim.limits.services = MARKETS * (sim.history.services + 4);
    if (random_percent(&sim.history.random, 8)) {
        sim.limits.packages = sim.limits.placements = 6;
        sim.limits.offers = 14;
        sim.limits.services = 9;
    }
    sim.markets = random_percent(&sim.history.random, 20) ? 2 : 1;
    history_seen_begin(&seen);
    return open_world();
}

/* Runs one; true when all went well. */
static bool run_history(uint64_t seed, bool canary)
{
    if (!begin(seed, canary))
        return false;
    uint32_t snapshot = random_below(&sim.history.random, ACTIONS);
    uint32_t actions = 20 + random_below(&sim.history.random, ACTIONS - 20);
    for (uint32_t a = 0; a < actions && sim.failed == ASPECTS; a++) {
        if (a == snapshot % actions)
            take_snapshot();
        act();
        compare_models();
    }
    pm_core_digest(sim.world.core, sim.digest);
    sim.outcome = pm_hash(sim.digest, sizeof sim.digest, sim.outcome);
    if (sim.failed == ASPECTS)
        replay_all();
    if (sim.failed == ASPECTS)
        replay_snapshot();
    world_close(&sim.world);
    return sim.failed == ASPECTS;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- The shortest history that fails ---- */

/* Leaves the supply of a load that is kept; what is beyond the flags stays. */
static void thin_out(struct pm_load *load, const bool *kept)
{
    static struct pm_command left[SUPPLIES];
    if (load->supplies > SUPPLIES)
        return;
    uint32_t count = 0;
    for (uint32_t i = 0; i < load->supplies; i++)
        if (kept[i])
            left[count++] = load->supply[i];
    load->supply = left;
    load->supplies = count;
}

/* Do two sentences tell the same, of whatever numbers? */
static bool same_sentence(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        a += strspn(a, "0123456789-");
        b += strspn(b, "0123456789-");
        if (*a != *b)
            return false;
        if (*a != '\0') {
            a++;
            b++;
        }
    }
    return *a == *b;
}

/* The entries that are kept, and after them the supply that is, from the start on an empty world:
 * does it fail in the same way? What falls due between them is done when it does. */
static bool fails_with(const bool *kept)
{
    if (!open_world())
        return false;
    for (uint32_t e = 0; e < sim.entries && sim.failed == ASPECTS; e++) {
        struct pm_entry entry;
        static struct pm_command command;
        if (!kept[e] || !decode(e, &entry))
            continue;
        command = *entry.command;
        if (command.verb == PM_MARKET_LOAD)
            thin_out(&command.load, kept + sim.entries);
        if (entry.time > sim.world.time)
            world_advance(&sim.world, entry.time);
        compare_models();
        if (sim.failed == ASPECTS)
            apply(&entry, &command);
        compare_models();
    }
    world_close(&sim.world);
    return sim.failed == HISTORY && same_sentence(sim.error, sim.first_error);
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Leaves out runs of so many entries, wherever it fails without them. True when any could go. */
static bool leave_out(bool *kept, uint32_t run, int64_t until)
{
    static bool tried[ENTRIES + SUPPLIES];
    bool any = false;
    for (uint32_t from = sim.entries + SUPPLIES; from > 0 && milliseconds() < until;) {
        uint32_t left = run, at = from;
        memcpy(tried, kept, sizeof tried);
        for (; at > 0 && left > 0; at--) {
            left -= tried[at - 1];
            tried[at - 1] = false;
        }
        if (left < run && fails_with(tried)) {
            memcpy(kept, tried, sizeof tried);
            any = true;
        }
        from = at;
    }
    return any;
}

/* Shrinks the history that has failed, by halves, quarters and so on, and prints what is left. */
static void shrink(void)
{
    static bool kept[ENTRIES + SUPPLIES];
    int64_t most = (int64_t)number_from("SIM_SHRINK", SHRINK_MILLISECONDS);
    int64_t until = milliseconds() + most;
    uint32_t size = sim.entries + SUPPLIES;
    sim.again = true;
    memcpy(sim.first_error, sim.error, sizeof sim.error);
    memset(kept, true, sizeof kept);
    if (sim.failed != HISTORY || most == 0 || !fails_with(kept)) {
        printf("# it fails only as a whole\n");
        return;
    }
    for (uint32_t run = size / 2; run > 0; run = run > 1 ? run / 2 : 0)
        while (leave_out(kept, run, until) && run == 1)
            ;
    sim.printing = true;
    printf("# the shortest history that fails:\n");
    fails_with(kept);
    sim.printing = false;
    printf("#   %s\n", sim.error);
}

/* ---- All ---- */

static void explain(void)
{
    printf("# %s\n# SIM_SEED=%llu SIM_HISTORIES=1 build/tests/sim_core\n", sim.error,
           (unsigned long long)sim.seed);
    shrink();
}

/* A broken model must be noticed, or nothing above means anything. */
static bool notices(uint64_t seed)
{
    for (uint64_t i = 0; i < CANARY_HISTORIES; i++)
        if (!run_history(seed + i, true))
            return sim.failed == HISTORY;
    return false;
}

/* Enough histories see everything happen. */
static bool saw_everything(uint64_t histories)
{
    return history_seen_all(&seen) || histories < ENOUGH;
}

/* Are these the rules that they are called? Says so; what was not run whole cannot say. */
static bool tell_rules(uint64_t outcome)
{
    bool same = known.rules == PM_RULES && known.outcome == outcome;
    if (outcome == 0) {
        printf("ok %d - the rules are those of PM_RULES # skip not all histories of seed 1\n",
               ASPECTS + 3);
        return true;
    }
    printf("%s %d - the rules are those of PM_RULES\n", same ? "ok" : "not ok", ASPECTS + 3);
    if (!same)
        printf("# by rules %d it all comes to 0x%016llx, and by rules %d it came to 0x%016llx:\n"
               "# read what stands at `known` in tests/sim/sim_core.c\n",
               PM_RULES, (unsigned long long)outcome, known.rules,
               (unsigned long long)known.outcome);
    return same;
}

int main(void)
{
    uint64_t seed = number_from("SIM_SEED", 1), choices = 0, entries = 0, run = 0;
    uint64_t count =
        number_from("SIM_HISTORIES", HISTORIES * (getenv("TEST_FULL") != NULL ? 4u : 1u));
    bool canary = number_from("SIM_CANARY", 0) != 0, good = true;
    uint64_t outcome = 0;
    for (; run < count && good; run++) {
        good = run_history(seed + run, canary);
        entries += sim.entries;
        choices += sim.model[0].choices + sim.model[1].choices;
        if (run + 1 == HISTORIES && seed == 1)
            outcome = sim.outcome;
    }
    printf("1..%d\n", ASPECTS + 3);
    printf("# seed %llu: %llu histories, %llu entries, %llu choices compared\n",
           (unsigned long long)seed, (unsigned long long)run, (unsigned long long)entries,
           (unsigned long long)choices);
    enum aspect failed = sim.failed;
    for (int a = 0; a < ASPECTS; a++)
        printf("%s %d - %s\n", !good && (int)failed == a ? "not ok" : "ok", a + 1, aspect_names[a]);
    if (!good)
        explain();
    bool all = saw_everything(run) || !good, noticed = notices(seed);
    printf("%s %d - everything came about\n", all ? "ok" : "not ok", ASPECTS + 1);
    printf("%s %d - a broken model is noticed\n", noticed ? "ok" : "not ok", ASPECTS + 2);
    return tell_rules(outcome) && good && all && noticed ? 0 : 1;
}
