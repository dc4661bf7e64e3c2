/* test_rounds.c - rounds tried beside the matcher: parked, solved, answered; lots of rounds; and
 * certificates that are deleted. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/certificate_file.h"
#include "daemon/rounds.h"
#include "tests/lib/little_market.h"
#include "tests/lib/scratch.h"

static struct little little;
static char directory[SCRATCH_PATH];

static struct rounds *start(struct doorbell **bell)
{
    *bell = doorbell_create(0);
    assert_non_null(*bell);
    struct rounds *rounds = rounds_start(directory, *bell, 60000);
    assert_non_null(rounds);
    return rounds;
}

static void stop(struct rounds *rounds, struct doorbell *bell)
{
    rounds_stop(rounds);
    doorbell_destroy(bell);
}

/* The answer to one, by and by. */
static struct request *wait_for(struct rounds *rounds, struct doorbell *bell,
                                struct wire_writer *out, uint64_t *sequence)
{
    struct request *request;
    rounds_begin(rounds, little.core);
    while ((request = rounds_tried(rounds, out, sequence)) == NULL)
        doorbell_wait(bell, DOORBELL_FOREVER);
    return request;
}

static void they_are_answered_in_turn(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 16];
    struct request request[2] = {{.message = NULL}};
    const struct round_source source = {.market = pm_text("little"),
                                        .tried = {.provider = pm_text("beryl")}};
    struct doorbell *bell;
    struct rounds *rounds = start(&bell);
    assert_int_equal(little_post(&little, "X1", "Alder", 0x1f, 30, NULL).status, PM_OK);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    uint64_t made = little.sequence;
    for (size_t i = 0; i < 2; i++)
        assert_true(rounds_try(rounds, little.core, &source, &request[i]));
    assert_int_equal(little_post(&little, "X2", "Alder", 0x1f, 30, NULL).status, PM_OK);
    for (size_t i = 0; i < 2; i++) {
        struct wire_writer out = {.bytes = bytes, .size = sizeof bytes};
        uint64_t sequence = 0;
        assert_ptr_equal(wait_for(rounds, bell, &out, &sequence), &request[i]);
        assert_int_equal(sequence, made);
        struct look look = {bytes, out.used};
        assert_int_equal(look_number(look, "0"), PM_OK);
        assert_int_equal(look_number(look, "1/round/count"), 1);
        assert_string_equal(look_text(look, "1/rows/0/reference"), "X1");
    }
    assert_null(rounds_leave(rounds));
    stop(rounds, bell);
}

static void so_many_are_parked_and_no_more(void **state)
{
    (void)state;
    struct request request[ROUNDS_PARKED_MAX + 1] = {{.message = NULL}};
    const struct round_source source = {.market = pm_text("little")};
    struct doorbell *bell;
    struct rounds *rounds = start(&bell);
    for (size_t i = 0; i <= ROUNDS_PARKED_MAX; i++)
        assert_int_equal(rounds_try(rounds, little.core, &source, &request[i]),
                         i < ROUNDS_PARKED_MAX);
    rounds_begin(rounds, little.core); /* one is being solved when the end comes */
    for (size_t i = 0; i < ROUNDS_PARKED_MAX; i++)
        assert_ptr_equal(rounds_leave(rounds), &request[i]);
    assert_null(rounds_leave(rounds));
    stop(rounds, bell);
}

/* ---- Lots ---- */

static struct pm_result apply_in(const char *market, enum pm_role role,
                                 const struct pm_command *command)
{
    const struct pm_entry entry = {.sequence = ++little.sequence,
                                   .time = little.time,
                                   .market = pm_text(market),
                                   .actor = {.role = role, .name = pm_text("somebody")},
                                   .command = command};
    return pm_core_apply(little.core, &entry);
}

/* One with the little one's rules, and nothing in it. */
static void load_another(const char *name)
{
    struct pm_market rules = *little_market_load().load.market;
    const struct pm_command load = {.verb = PM_MARKET_LOAD, .load = {.market = &rules}};
    (void)snprintf(rules.name.text, sizeof rules.name.text, "%s", name);
    assert_int_equal(apply_in(name, PM_OPERATOR, &load).status, PM_OK);
}

/* The next of what was found, by and by; it is applied. */
static void take_next(struct rounds *rounds, struct doorbell *bell, const char *market,
                      uint64_t round)
{
    static const uint64_t none[4];
    static uint8_t bytes[1 << 16];
    struct pm_command found;
    struct pm_text of;
    uint64_t whole = 0;
    while (!rounds_next(rounds, &found, &of))
        doorbell_wait(bell, DOORBELL_FOREVER);
    assert_int_equal(found.apply.round, round);
    assert_string_equal(of.bytes, market);
    assert_non_null(found.apply.result);
    assert_memory_not_equal(found.apply.result->hash, none, sizeof none);
    assert_true(certificate_read(directory, round, 0, bytes, sizeof bytes, &whole) > 0);
    assert_int_equal(apply_in(market, PM_DAEMON, &found).status, PM_OK);
}

static void a_lot_has_one_round_of_a_market(void **state)
{
    (void)state;
    static const char *const market[] = {"little", "second", "little", "third"};
    const struct pm_command open = {.verb = PM_ROUND_OPEN};
    struct pm_command found;
    struct pm_text of;
    uint64_t round[4];
    struct doorbell *bell;
    struct rounds *rounds = start(&bell);
    load_another("second");
    load_another("third");
    for (size_t i = 0; i < 4; i++) {
        struct pm_result opened = apply_in(market[i], PM_BROKER, &open);
        assert_int_equal(opened.status, PM_OK);
        round[i] = opened.id;
    }
    for (size_t i = 0; i < 4; i++) {
        rounds_begin(rounds, little.core); /* as the matcher does after each turn */
        take_next(rounds, bell, market[i], round[i]);
        if (i % 2 == 1) /* the lot has come to its end, and only now the next begins */
            assert_false(rounds_next(rounds, &found, &of));
    }
    assert_int_equal(pm_core_round(little.core, 0, NULL), 0);
    stop(rounds, bell);
}

/* ---- Certificates ---- */

enum { OLD = 1000000, YOUNG = 2000000, BEFORE = 1500000 };

static void path_of(char path[SCRATCH_PATH + 32], const char *name)
{
    (void)snprintf(path, SCRATCH_PATH + 32, "%s/rounds/%s", directory, name);
}

static void the_old_of_lapsed_rounds_are_deleted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t written;
        bool stays;
    } files[] = {
        {"1.cbor", OLD, false},    {"2.cbor", OLD, true},     {"3.cbor", YOUNG, true},
        {"77.cbor", OLD, false},   {"notes.cbor", OLD, true}, {"4.txt", OLD, true},
        {"5.cbor.old", OLD, true}, {"6.partial", OLD, false}, {"7.partial", YOUNG, true},
    };
    uint64_t kept[] = {9, 2, 11};
    char path[SCRATCH_PATH + 32];
    path_of(path, "");
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct timespec times[] = {{.tv_sec = files[i].written},
                                         {.tv_sec = files[i].written}};
        path_of(path, files[i].name);
        int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(file >= 0);
        assert_int_equal(futimens(file, times), 0);
        close(file);
    }
    certificate_prune(directory, kept, 3, BEFORE);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        path_of(path, files[i].name);
        if ((access(path, F_OK) == 0) != files[i].stays)
            fail_msg("%s", files[i].name);
    }
}

static int setup(void **state)
{
    (void)state;
    scratch_make(directory);
    little_open(&little);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    little_close(&little);
    return scratch_remove(directory);
}

#define ROUNDS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROUNDS_TEST(they_are_answered_in_turn),
        ROUNDS_TEST(so_many_are_parked_and_no_more),
        ROUNDS_TEST(a_lot_has_one_round_of_a_market),
        ROUNDS_TEST(the_old_of_lapsed_rounds_are_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
