/*
 * test_options.c: placematd's command line, and which addresses it may serve.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/options.h"

#include <string.h>

enum { ARGUMENTS_MAX = 12 };

static enum options_outcome parse(const char *const *arguments, struct options *out)
{
    char *argv[ARGUMENTS_MAX + 2] = {0};
    char text[ARGUMENTS_MAX + 1][64] = {"placematd"};
    int argc = 1;
    argv[0] = text[0];
    for (; arguments[argc - 1]; argc++) {
        assert_true(argc <= ARGUMENTS_MAX && strlen(arguments[argc - 1]) < sizeof text[0]);
        memcpy(text[argc], arguments[argc - 1], strlen(arguments[argc - 1]) + 1);
        argv[argc] = text[argc];
    }
    enum options_outcome outcome = options_parse(argc, argv, out);
    /* Compared here, while the texts live. */
    if (outcome == OPTIONS_RUN)
        assert_string_equal(out->data, "d");
    return outcome;
}

static void test_outcomes(void **state)
{
    (void)state;
    static const struct {
        enum options_outcome outcome;
        const char *arguments[ARGUMENTS_MAX];
    } tries[] = {
        {OPTIONS_WRONG, {NULL}},
        {OPTIONS_RUN, {"--data", "d"}},
        {OPTIONS_DONE, {"--help"}},
        {OPTIONS_DONE, {"--data", "d", "--version"}},
        {OPTIONS_WRONG, {"--data"}},
        {OPTIONS_WRONG, {"--data", "d", "surplus"}},
        {OPTIONS_WRONG, {"--data", "d", "--dat", "e"}},
        {OPTIONS_WRONG, {"--data", "d", "--queue", "100"}},
        {OPTIONS_WRONG, {"--data", "d", "--queue", "8"}},
        {OPTIONS_WRONG, {"--data", "d", "--queue", "-64"}},
        {OPTIONS_WRONG, {"--data", "d", "--queue", "64x"}},
        {OPTIONS_WRONG, {"--data", "d", "--queue", "18446744073709551680"}},
        {OPTIONS_RUN, {"--data", "d", "--queue", "64"}},
        {OPTIONS_WRONG, {"--data", "d", "--limit-packages", "0"}},
        {OPTIONS_WRONG, {"--data", "d", "--limit-packages", "16777216"}},
        {OPTIONS_RUN, {"--data", "d", "--limit-packages", "16777215"}},
        {OPTIONS_WRONG, {"--data", "d", "--clock", "sundial"}},
        {OPTIONS_WRONG, {"--data", "d", "--log", "loud"}},
        {OPTIONS_WRONG, {"--data", "d", "--journal", "paper"}},
        {OPTIONS_WRONG, {"--data", "d", "--listen", "tcp://0.0.0.0:7000"}},
        {OPTIONS_RUN, {"--data", "d", "--listen", "tcp://0.0.0.0:7000", "--insecure"}},
        {OPTIONS_WRONG, {"--data", "d", "--listen", "tls+tcp://0.0.0.0:7000"}},
        {OPTIONS_WRONG, {"--data", "d", "--tls-cert", "c"}},
        {OPTIONS_WRONG, {"--data", "d", "--tls-key", "k"}},
        {OPTIONS_WRONG, {"--data", "d", "--tls-client-ca", "a"}},
        {OPTIONS_RUN, {"--data", "d", "--tls-cert", "c", "--tls-key", "k"}},
        {OPTIONS_RUN,
         {"--data", "d", "--listen", "tls+tcp://0.0.0.0:7000", "--tls-cert", "c", "--tls-key",
          "k"}},
        {OPTIONS_RUN, {"--insecure", "--data", "d"}},
        {OPTIONS_WRONG, {"--data", "d", "--insecure", "yes"}},
        {OPTIONS_RUN, {"--data", "d", "--ipc-mode", "0660"}},
        {OPTIONS_RUN, {"--data", "d", "--ipc-mode", "777"}},
        {OPTIONS_WRONG, {"--data", "d", "--ipc-mode", "1777"}},
        {OPTIONS_WRONG, {"--data", "d", "--ipc-mode", "068"}},
        {OPTIONS_WRONG, {"--data", "d", "--ipc-mode", "-1"}},
        {OPTIONS_WRONG, {"--data", "d", "--ipc-mode", ""}},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct options options;
        if (parse(tries[i].arguments, &options) != tries[i].outcome)
            fail_msg("try %zu", i);
    }
}

static void test_values(void **state)
{
    (void)state;
    struct options options;
    const char *none[] = {"--data", "d", NULL};
    assert_int_equal(parse(none, &options), OPTIONS_RUN);
    assert_int_equal(options.listen.count, 1);
    assert_string_equal(options.listen.item[0], "ipc:///tmp/placemat.ipc");
    assert_int_equal(options.market.count, 0);
    assert_false(options.manual_clock);
    assert_true(options.keeps);
    assert_int_equal(options.queue, 4096);
    assert_int_equal(options.ipc_mode, 0600);
    assert_false(options.insecure);
    assert_int_equal(options.snapshot_every, 1000000);
    assert_int_equal(options.limits.packages, 0);
    const char *some[] = {"--clock",          "manual",   "--data",         "d",
                          "--listen",         "ipc:///x", "--limit-offers", "12",
                          "--snapshot-every", "0",        "--journal",      "null"};
    const char *ended[ARGUMENTS_MAX + 1] = {0};
    memcpy(ended, some, sizeof some);
    assert_int_equal(parse(ended, &options), OPTIONS_RUN);
    assert_true(options.manual_clock);
    assert_false(options.keeps);
    assert_int_equal(options.listen.count, 1);
    assert_int_equal(options.limits.offers, 12);
    assert_int_equal(options.snapshot_every, 0);
}

static void test_addresses(void **state)
{
    (void)state;
    static const char *const allowed[] = {
        "ipc:///tmp/a",          "tcp://127.0.0.1:0",     "tcp://127.9.8.7:80",
        "tcp://[::1]:7000",      "tls+tcp://127.0.0.1:0", "tls+tcp://broker.quaymouth.invalid:7000",
        "tls+tcp://0.0.0.0:7000"};
    static const char *const refused[] = {"",
                                          "ipc://",
                                          "ipc:///",
                                          "ipc://relative",
                                          "tcp://0.0.0.0:1",
                                          "tcp://:7000",
                                          "tcp://*:7000",
                                          "tcp://10.0.0.1:1",
                                          "tcp://[::]:1",
                                          "tcp://127.0.0.1",
                                          "tcp://127.0.0.1:",
                                          "tcp://127.0.0.1:http",
                                          "tcp://localhost:1",
                                          "ws://127.0.0.1:1",
                                          "http://127.0.0.1:1",
                                          "tcp://127.0.0.1.example:1",
                                          "tcp://[::1:7000",
                                          "inproc://a",
                                          "tls+tcp://127.0.0.1",
                                          "tls+ipc:///tmp/a",
                                          "tls://127.0.0.1:1"};
    char error[256];
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        assert_true(options_url_allowed(allowed[i], false, error));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        error[0] = '\0';
        if (options_url_allowed(refused[i], false, error))
            fail_msg("%s is allowed", refused[i]);
        assert_true(error[0] != '\0');
    }
    /* Beyond loopback when told; but no other form. */
    assert_true(options_url_allowed("tcp://0.0.0.0:7000", true, error));
    assert_true(options_url_allowed("tcp://[::]:7000", true, error));
    assert_true(options_url_allowed("ipc:///tmp/a", true, error));
    assert_false(options_url_allowed("tcp://0.0.0.0", true, error));
    assert_false(options_url_allowed("ws://127.0.0.1:1", true, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
