/*
 * test_logins.c - failed logins slow down where they come from, and nobody else for long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/logins.h"

static struct logins logins;

static void begin(void)
{
    logins = (struct logins){.secret = 0x5eed};
}

static uint32_t connection_waits(uint64_t connection, uint32_t now)
{
    return logins_wait_of_connection(&logins, connection, now);
}

static uint32_t address_waits(uint64_t address, uint32_t now)
{
    return logins_wait_of_address(&logins, address, now);
}

static void test_connection(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < LOGINS_OF_CONNECTION; i++) {
        assert_int_equal(connection_waits(1, 100), 0);
        logins_failed(&logins, 1, 9, 100);
    }
    assert_int_equal(connection_waits(1, 100), LOGINS_LEAK);
    assert_int_equal(connection_waits(1, 100 + LOGINS_LEAK - 1), 1);
    assert_int_equal(connection_waits(2, 100), 0); /* another of the same address */
    assert_int_equal(address_waits(9, 100), 0);
    assert_int_equal(connection_waits(1, 100 + LOGINS_LEAK), 0);
    logins_failed(&logins, 1, 9, 100 + LOGINS_LEAK);
    assert_int_equal(connection_waits(1, 100 + LOGINS_LEAK), LOGINS_LEAK);
}

/* Always from a new connection. */
static void test_address(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < LOGINS_OF_ADDRESS; i++) {
        assert_int_equal(address_waits(9, 100), 0);
        logins_failed(&logins, 1000 + i, 9, 100);
    }
    assert_int_equal(address_waits(9, 100), LOGINS_LEAK);
    assert_int_equal(address_waits(8, 100), 0); /* another address */
    assert_int_equal(connection_waits(5000, 100), 0);
}

/* However fast it tries, so many a second are counted. */
static void test_rate(void **state)
{
    (void)state;
    enum { SECONDS = 600 };
    unsigned tried = 0;
    begin();
    for (uint32_t now = 1; now <= SECONDS; now++) {
        for (unsigned i = 0; i < 50; i++) {
            if (address_waits(9, now) > 0)
                continue;
            logins_failed(&logins, now * 100 + i, 9, now);
            tried++;
        }
    }
    assert_in_range(tried, SECONDS / LOGINS_LEAK, SECONDS / LOGINS_LEAK + LOGINS_OF_ADDRESS);
    assert_int_equal(address_waits(9, SECONDS + LOGINS_LEAK), 0);
}

/* All is forgotten in time; and a clock that stands, or begins at 1, does no harm. */
static void test_forgotten(void **state)
{
    (void)state;
    begin();
    assert_int_equal(connection_waits(1, 1), 0);
    for (unsigned i = 0; i < 1000; i++)
        logins_failed(&logins, 1, 1, 1);
    assert_in_range(connection_waits(1, 1), 900 * LOGINS_LEAK, 1000 * LOGINS_LEAK);
    assert_int_equal(connection_waits(1, 1 + 1000 * LOGINS_LEAK), 0);
    assert_int_equal(connection_waits(1, UINT32_MAX), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_address),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
