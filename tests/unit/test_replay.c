/*
 * test_replay.c - replaying a journal gives the state that wrote it, however its batches are cut;
 * and what is wrong in it is told, not applied.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "daemon/journal.h"
#include "daemon/replay.h"
#include "tests/lib/little_market.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 10000, BYTES = 4 << 20 };

/* A journal in memory and a core that applied the same. */
struct history {
    struct journal *journal;
    struct pm_core *core;
    struct wire_writer batch;
    uint64_t first, sequence;
};

static struct pm_core *open_core(void)
{
    struct pm_limits limits = pm_limits_default;
    limits.packages = limits.placements = 256;
    limits.offers = 1024;
    limits.clients = 4;
    struct pm_core *core = pm_core_open(&limits);
    assert_non_null(core);
    return core;
}

static void begin(struct history *history)
{
    static const struct journal_options options = {.backend = "memory"};
    struct journal_error error;
    *history = (struct history){.core = open_core(), .first = 1};
    assert_int_equal(journal_open(&options, &history->journal, &error), 0);
    history->batch = (struct wire_writer){.bytes = malloc(BYTES), .size = BYTES};
    assert_non_null(history->batch.bytes);
}

static void end(struct history *history)
{
    journal_close(history->journal);
    pm_core_close(history->core);
    free(history->batch.bytes);
}

static void cut(struct history *history)
{
    struct journal_batch batch = {.first = history->first,
                                  .last = history->sequence,
                                  .bytes = history->batch.bytes,
                                  .size = history->batch.used};
    assert_int_equal(journal_append(history->journal, &batch), JOURNAL_OK);
    history->first = history->sequence + 1;
    history->batch.used = 0;
}

static void enter(struct history *history, const struct pm_command *command)
{
    struct pm_entry entry = {.sequence = ++history->sequence,
                             .time = LITTLE_TIME + (int64_t)history->sequence,
                             .market = pm_text("little"),
                             .actor = {.role = PM_OPERATOR, .name = pm_text("desk")},
                             .client = 7,
                             .number = history->sequence,
                             .hash = history->sequence,
                             .command = command};
    wire_entry_encode(&history->batch, &entry);
    assert_false(history->batch.overflow);
    pm_core_apply(history->core, &entry);
}

/* Posts and withdraws, so that each entry depends on those before. */
static void enter_package(struct history *history, unsigned n)
{
    static const struct pm_visit visit = {
        .earliest = 420, .latest = 600, .minutes = 30, .days = 0x1f, .carers = 1};
    char reference[16];
    snprintf(reference, sizeof reference, "P%u", n / 2 % 100);
    struct pm_command command = {.verb = n % 2 ? PM_PACKAGE_WITHDRAW : PM_PACKAGE_POST};
    if (n % 2)
        command.id = (struct pm_package_id){.reference = pm_text(reference), .reason = PM_MISTAKE};
    else
        command.package = (struct pm_package){.reference = pm_text(reference),
                                              .kind = pm_text("homecare"),
                                              .locality = pm_text("Alder"),
                                              .visit = &visit,
                                              .visits = 1};
    enter(history, &command);
}

/* A history in batches of so many entries. */
static void write_history(struct history *history, unsigned entries_a_batch)
{
    struct pm_command load = little_market_load();
    begin(history);
    enter(history, &load);
    for (unsigned n = 1; n < ENTRIES; n++) {
        if (n % entries_a_batch == 0)
            cut(history);
        enter_package(history, n);
    }
    cut(history);
}

static void assert_same_state(const struct pm_core *core, const struct pm_core *expected)
{
    uint8_t a[PM_DIGEST_SIZE], b[PM_DIGEST_SIZE];
    char error[256];
    pm_core_digest(core, a);
    pm_core_digest(expected, b);
    assert_memory_equal(a, b, sizeof a);
    assert_true(pm_core_check(core, error));
}

static void test_any_cut_gives_the_same(void **state)
{
    static const unsigned cuts[] = {1, 7, 500, 5000, ENTRIES};
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct history history;
        struct replay_error error = {""};
        uint64_t applied = 0;
        write_history(&history, cuts[i]);
        struct pm_core *core = open_core();
        assert_true(replay(history.journal, core, &applied, &error));
        assert_int_equal(applied, ENTRIES);
        assert_same_state(core, history.core);
        /* What is there already is not applied again. */
        assert_true(replay(history.journal, core, &applied, &error));
        assert_int_equal(applied, 0);
        assert_same_state(core, history.core);
        pm_core_close(core);
        end(&history);
    }
}

static void test_empty_journal(void **state)
{
    struct history history;
    struct replay_error error = {""};
    uint64_t applied = 9;
    (void)state;
    begin(&history);
    assert_true(replay(history.journal, history.core, &applied, &error));
    assert_int_equal(applied, 0);
    end(&history);
}

/* Replays into a fresh core, which must fail with these words. */
static void must_fail(struct history *history, const char *words)
{
    struct replay_error error = {""};
    uint64_t applied;
    struct pm_core *core = open_core();
    assert_false(replay(history->journal, core, &applied, &error));
    if (strstr(error.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    pm_core_close(core);
}

static void test_malformed_entry(void **state)
{
    struct history history;
    struct pm_command load = little_market_load();
    (void)state;
    begin(&history);
    enter(&history, &load);
    cut(&history);
    history.sequence++;
    wire_string(&history.batch, "not an entry");
    cut(&history);
    must_fail(&history, "the batch from 2");
    end(&history);
}

static void test_entry_missing(void **state)
{
    (void)state;
    for (unsigned before = 1; before < 20000; before += 9000) { /* in the first slot, and later */
        struct history history;
        struct pm_command load = little_market_load();
        begin(&history);
        enter(&history, &load);
        for (unsigned n = 1; n < before; n++)
            enter_package(&history, n);
        cut(&history);
        size_t whole = history.batch.used;
        enter_package(&history, before);
        history.batch.used = whole; /* numbered, but not written */
        enter_package(&history, before + 1);
        cut(&history);
        must_fail(&history, "follows");
        end(&history);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_cut_gives_the_same),
        cmocka_unit_test(test_empty_journal),
        cmocka_unit_test(test_malformed_entry),
        cmocka_unit_test(test_entry_missing),
    };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
