/*
 * asking.h - asking a core with the little market in it, and what it should answer: for tests of
 * queries. Whatever is not as expected is a cmocka failure that says what was there instead.
 */
#ifndef PM_TEST_ASKING_H
#define PM_TEST_ASKING_H

#include "tests/lib/little_market.h"

enum { WEEKDAYS = 0x1f, WEEK = 0x7f };

extern struct little little; /* one for the whole program */

/* Setup and teardown of a test: a little market of its own. */
int open_market(void **state);
int close_market(void **state);
#define MARKET_TEST(name) cmocka_unit_test_setup_teardown(name, open_market, close_market)

/* A list without filters; a query or command about one package. */
struct pm_command list_of(unsigned verb);
struct pm_command about(unsigned verb, const char *reference);

/* Asks, as somebody or as a broker; the answer is in little.body, and must be one whole item. */
void ask_as(enum pm_role role, const char *name, const struct pm_command *command);
void ask_list(unsigned verb);
void ask_about(unsigned verb, const char *reference);

/* What is at a path of the answer. */
void expect_number(const char *path, int64_t expected);
void expect_text(const char *path, const char *expected);
void expect_count(const char *path, size_t expected);
void expect_none(const char *path);

/* Posts a package as little_post() does, and does not expect to be refused. */
void post(const char *reference, const char *locality, uint8_t days, uint16_t minutes,
          const char *need);
/* Time passes, and what falls due is done. */
void wait_minutes(int64_t minutes);

#endif
