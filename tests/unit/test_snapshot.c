/*
 * test_snapshot.c - the state as bytes: what is restored is what was saved, and lives on as it
 * would have; garbage is refused or at least harmless; and every invariant is seen when it is
 * broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/busy.h"

struct bytes {
    uint8_t *bytes;
    size_t size, room;
};

static bool append(void *context, const void *bytes, size_t size)
{
    struct bytes *to = context;
    if (to->size + size > to->room) {
        to->room = 2 * (to->size + size);
        to->bytes = realloc(to->bytes, to->room);
        assert_non_null(to->bytes);
    }
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
    return true;
}

static struct bytes save(const struct pm_core *core)
{
    struct bytes saved = {NULL, 0, 0};
    assert_true(pm_core_save(core, append, &saved));
    return saved;
}

static void must_hold(const struct pm_core *core, uint64_t seed, int step)
{
    char error[256];
    if (!pm_core_check(core, error))
        fail_msg("seed %llu, step %d: %s", (unsigned long long)seed, step, error);
}

static void must_be_equal(const struct pm_core *a, const struct pm_core *b, uint64_t seed, int step)
{
    uint8_t digest_a[PM_DIGEST_SIZE], digest_b[PM_DIGEST_SIZE];
    pm_core_digest(a, digest_a);
    pm_core_digest(b, digest_b);
    if (memcmp(digest_a, digest_b, PM_DIGEST_SIZE) != 0)
        fail_msg("seed %llu, step %d: the digests differ", (unsigned long long)seed, step);
}

static struct pm_core *restore(const struct pm_core *like, const struct bytes *saved, uint64_t seed)
{
    char error[128];
    struct pm_core *core = pm_core_open(&like->limits);
    assert_non_null(core);
    if (!pm_core_restore(core, saved->bytes, saved->size, error))
        fail_msg("seed %llu: %s", (unsigned long long)seed, error);
    return core;
}

static void a_restored_state_lives_on_the_same(void **state)
{
    (void)state;
    static struct little one, other;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct busy busy, same;
        little_open(&one);
        busy_start(&busy, &one, seed);
        for (int step = 0; step < 600; step++) {
            busy_step(&busy);
            if (step % 10 == 0)
                must_hold(one.core, seed, step);
        }
        struct bytes saved = save(one.core);
        other = one;
        other.core = restore(one.core, &saved, seed);
        same = busy;
        same.little = &other;
        must_hold(other.core, seed, 600);
        must_be_equal(one.core, other.core, seed, 600);
        for (int step = 601; step < 900; step++) {
            busy_step(&busy);
            busy_step(&same);
            must_be_equal(one.core, other.core, seed, step);
        }
        must_hold(other.core, seed, 900);
        free(saved.bytes);
        little_close(&one);
        little_close(&other);
    }
}

/* The same at every step: nothing is in a core that is not in its bytes. */
static void nothing_is_lost_at_any_step(void **state)
{
    (void)state;
    static struct little little;
    struct busy busy;
    little_open(&little);
    busy_start(&busy, &little, 77);
    for (int step = 0; step < 400; step++) {
        busy_step(&busy);
        struct bytes saved = save(little.core);
        struct pm_core *core = restore(little.core, &saved, 77);
        must_hold(core, 77, step);
        must_be_equal(core, little.core, 77, step);
        if (pm_core_next(core) != pm_core_next(little.core))
            fail_msg("step %d: another thing is due next", step);
        pm_core_close(little.core);
        little.core = core; /* and on with the restored one */
        free(saved.bytes);
    }
    little_close(&little);
}

static void other_limits_change_no_digest(void **state)
{
    (void)state;
    static struct little little;
    struct busy busy;
    char error[128];
    little_open(&little);
    busy_start(&busy, &little, 5);
    for (int step = 0; step < 300; step++)
        busy_step(&busy);
    struct bytes saved = save(little.core);
    struct pm_limits limits = little.core->limits;
    limits.packages *= 2;
    limits.services *= 3;
    struct pm_core *core = pm_core_open(&limits);
    assert_true(pm_core_restore(core, saved.bytes, saved.size, error));
    must_be_equal(core, little.core, 5, 300);
    pm_core_close(core);
    limits.packages = 1;
    core = pm_core_open(&limits);
    assert_false(pm_core_restore(core, saved.bytes, saved.size, error));
    assert_non_null(strstr(error, "limits"));
    pm_core_close(core);
    free(saved.bytes);
    little_close(&little);
}

static void an_empty_state_is_saved_too(void **state)
{
    (void)state;
    struct pm_core *core = pm_core_open(&(struct pm_limits){1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    must_hold(core, 0, 0);
    struct bytes saved = save(core);
    struct pm_core *copy = restore(core, &saved, 0);
    must_be_equal(core, copy, 0, 0);
    pm_core_close(copy);
    pm_core_close(core);
    free(saved.bytes);
}

static bool stop(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return ++*(int *)context < 3;
}

static void saving_stops_when_told(void **state)
{
    (void)state;
    static struct little little;
    int calls = 0;
    little_open(&little);
    assert_false(pm_core_save(little.core, stop, &calls));
    assert_int_equal(calls, 3);
    little_close(&little);
}

/* ---- Garbage ---- */

static bool try_restore(const struct pm_limits *limits, const uint8_t *bytes, size_t size)
{
    char error[256];
    struct pm_core *core = pm_core_open(limits);
    assert_non_null(core);
    memset(error, 'x', sizeof error);
    bool restored = pm_core_restore(core, bytes, size, error);
    if (restored)
        pm_core_check(core, error); /* whatever it says, it comes back */
    else
        assert_non_null(memchr(error, '\0', 128));
    pm_core_close(core);
    return restored;
}

static struct bytes busy_bytes(uint64_t seed, struct pm_limits *limits)
{
    static struct little little;
    struct busy busy;
    little_open(&little);
    busy_start(&busy, &little, seed);
    for (int step = 0; step < 500; step++)
        busy_step(&busy);
    struct bytes saved = save(little.core);
    *limits = little.core->limits;
    little_close(&little);
    return saved;
}

static void refuses_what_is_cut_short_or_too_long(void **state)
{
    (void)state;
    struct pm_limits limits;
    struct bytes saved = busy_bytes(21, &limits);
    assert_true(try_restore(&limits, saved.bytes, saved.size));
    for (size_t size = 0; size < saved.size; size += 1 + saved.size / 150)
        assert_false(try_restore(&limits, saved.bytes, size));
    assert_false(try_restore(&limits, saved.bytes, saved.size - 1));
    append(&saved, "", 1);
    assert_false(try_restore(&limits, saved.bytes, saved.size));
    free(saved.bytes);
}

static void garbage_is_harmless(void **state)
{
    (void)state;
    struct pm_limits limits;
    struct bytes saved = busy_bytes(22, &limits);
    uint8_t *copy = malloc(saved.size);
    struct random random = {23};
    uint32_t refused = 0;
    assert_non_null(copy);
    for (int i = 0; i < 500; i++) {
        memcpy(copy, saved.bytes, saved.size);
        for (uint32_t flips = 1 + random_below(&random, 3); flips > 0; flips--)
            copy[random_below(&random, (uint32_t)saved.size)] ^=
                (uint8_t)(1 + random_below(&random, 255));
        refused += !try_restore(&limits, copy, saved.size);
    }
    assert_true(refused > 50);
    free(copy);
    free(saved.bytes);
}

/* ---- Every invariant is seen when it is broken ---- */

static struct pm_core *victim;

static uint32_t package_in(enum pm_package_state wanted)
{
    for (uint32_t slot = 0; (slot = table_next(&victim->table[TABLE_PACKAGES], slot)) != 0;)
        if (package_at(victim, slot)->state == wanted)
            return slot;
    fail_msg("no package is in state %d", (int)wanted);
    return 0;
}

static struct package *offered(void)
{
    return package_at(victim, package_in(PM_OFFERED));
}

static struct package_detail *offered_detail(void)
{
    return package_detail_at(victim, package_in(PM_OFFERED));
}

static struct package *placed(void)
{
    return package_at(victim, package_in(PM_PLACED));
}

static struct package *waiting(void)
{
    return package_at(victim, package_in(PM_WAITING));
}

static struct waitlist *a_waitlist(void)
{
    const struct package *package = waiting();
    return waitlist_at(
        victim, market_at(victim, package->market)->waitlist[package->kind][package->locality]);
}

static struct offer *open_offer(void)
{
    return offer_at(victim, offered()->first_offer);
}

static struct pool *pool_of(const struct offer *offer)
{
    return pool_at(victim, service_at(victim, offer->service)->pool);
}

static struct roster_chapter *a_chapter(void)
{
    for (uint32_t slot = 1; slot <= victim->table[TABLE_WAITLISTS].high; slot++)
        if (victim->rosters.first[slot] != 0)
            return &victim->rosters.chapters[victim->rosters.first[slot]];
    fail_msg("all rosters are empty");
    return NULL;
}

#define BREAKS(X)                                                                            \
    X(victim->table[TABLE_PACKAGES].used--, "counted")                                       \
    X(victim->table[TABLE_POOLS].high = victim->limits.pools + 1, "room")                    \
    X(victim->table[TABLE_MARKETS].first_free = 1, "free slots")                             \
    X(offered()->wait_next = 5000, "wait_next")                                              \
    X(offered()->state = 99, "state")                                                        \
    X(offered()->priority = 4, "priority")                                                   \
    X(offered()->kind = 3, "do not know")                                                    \
    X(offered()->demand[0] = -1, "less than nothing")                                        \
    X(offered()->state = PM_PAUSED, "offers or its waiting disagree")                        \
    X(offered()->invited = 0, "live offers as counted")                                      \
    X(offered()->need_version = offered()->version + 1, "newer")                             \
    X(offered_detail()->ended = 1, "has ended and has not")                                  \
    X(offered()->demand[1] += 10, "does not hold")                                           \
    X(offered()->exclusions++, "exclusions")                                                 \
    X(offered()->first_offer = 0, "in no package's list")                                    \
    X(open_offer()->next_of_package = offered()->first_offer, "list of offers")              \
    X(open_offer()->next_of_provider = offered()->first_offer, "list of live offers")        \
    X(open_offer()->state = PM_OFFER_IS_EXPIRED, "list of live offers")                      \
    X(open_offer()->holds = 0, "holds nothing")                                              \
    X(open_offer()->code = PM_OTHER, "decline code")                                         \
    X(offered()->due++, "deadline")                                                          \
    X(open_offer()->service = 9999, "service")                                               \
    X(pool_of(open_offer())->held[0]++, "does not hold")                                     \
    X(pool_of(open_offer())->committed[0]++, "has not committed")                            \
    X(pool_of(open_offer())->held[7] = 1, "does not hold")                                   \
    X(pool_of(open_offer())->declared[7] = 1, "band it has not")                             \
    X(pool_of(open_offer())->first_service = 0, "pool's list")                               \
    X(placed()->placement = 0, "placements disagree")                                        \
    X(placement_at(victim, placed()->placement)->state = PM_PLACEMENT_ENDED, "still linked") \
    X(placement_at(victim, placed()->placement)->end_reason = PM_DIED, "its end disagree")   \
    X(placement_at(victim, placed()->placement)->demand[2] += 1, "has not committed")        \
    X(waiting()->waits = 0, "list of packages")                                              \
    X(waiting()->wait_previous = package_in(PM_OFFERED), "list of packages")                 \
    X(a_waitlist()->waiting++, "list of packages")                                           \
    X(victim->header.agenda_cursor = package_in(PM_OFFERED), "round is not")                 \
    X(service_at(victim, 1)->again = 1, "not on the agenda")                                 \
    X(victim->header.agenda_last = 0 * (victim->header.agenda_first = 1), "agenda")          \
    X(victim->header.clients.oldest = 0, "last use")                                         \
    X(client_at(victim, victim->header.clients.newest)->in[CLIENTS_OF_ALL].newer =           \
          1 + (victim->header.clients.newest == 1),                                          \
      "last use")                                                                            \
    X(client_at(victim, 1)->actor = 0, "actor")                                              \
    X(client_at(victim, 1)->in[CLIENTS_OF_ACTOR].newer = 1, "list of its clients")           \
    X(actor_at(victim, 1)->count++, "list of its clients")                                   \
    X(actor_at(victim, 1)->clients.oldest = 0, "clients")                                    \
    X(actor_at(victim, 1)->role ^= 1, "map")                                                 \
    X(actor_at(victim, 1)->name.text[PM_NAME_MAX] = 'x', "name")                             \
    X(market_at(victim, 1)->first_service = 0, "market's list")                              \
    X(market_at(victim, 1)->rules.kinds = 17, "rules")                                       \
    X(market_at(victim, 1)->waitlist[0][0] = 2, "waitlists")                                 \
    X(service_at(victim, 1)->lot = 1, "do not know")                                         \
    X(service_at(victim, 1)->score++, "sum of its parts")                                    \
    X(service_at(victim, 1)->listed = 0, "roster")                                           \
    X(service_detail_at(victim, 1)->rates = 5, "rates")                                      \
    X(service_detail_at(victim, 1)->name.text[0] ^= 1, "map")                                \
    X(provider_detail_at(victim, 2)->name = provider_detail_at(victim, 1)->name, "map")      \
    X(provider_at(victim, 1)->standing = 0, "standing")                                      \
    X(location_at(victim, 1)->quality = 1001, "quality")                                     \
    X(location_at(victim, 1)->provider = 2, "another's")                                     \
    X(a_chapter()->block[0].free[0] = INT16_MIN, "roster")                                   \
    X(a_chapter()->bounds.free[0] = INT16_MIN, "roster")                                     \
    X(a_chapter()->first[0]++, "roster")                                                     \
    X(victim->rosters.promised++, "promised")                                                \
    X(victim->map[MAP_POOLS].cells[0].slot ^= 1, "map")                                      \
    X(victim->deadlines.count--, "deadline")                                                 \
    X(victim->today++, "today")                                                              \
    X(victim->header.time = -1, "time")

static void must_see(const char *what, const char *words)
{
    char error[256];
    if (pm_core_check(victim, error))
        fail_msg("not seen: %s", what);
    if (strstr(error, words) == NULL)
        fail_msg("%s: it says \"%s\", not \"%s\"", what, error, words);
}

/* Breaks the victim in one way; false when there are no more. */
static bool break_it(unsigned way, const char **what, const char **words)
{
    unsigned at = 0;
#define BREAK(how, seen) \
    if (at++ == way) {   \
        how;             \
        *what = #how;    \
        *words = seen;   \
        return true;     \
    }
    BREAKS(BREAK)
#undef BREAK
    return false;
}

static void every_broken_invariant_is_seen(void **state)
{
    (void)state;
    static struct little little;
    const char *what, *words;
    bool more = true;
    for (unsigned way = 0; more; way++) {
        struct busy busy;
        little_open(&little);
        busy_start(&busy, &little, 2);
        for (int step = 0; step < 250; step++)
            busy_step(&busy);
        victim = little.core;
        must_hold(victim, 2, 250);
        more = break_it(way, &what, &words);
        if (more)
            must_see(what, words);
        little_close(&little);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_state_lives_on_the_same),
        cmocka_unit_test(nothing_is_lost_at_any_step),
        cmocka_unit_test(other_limits_change_no_digest),
        cmocka_unit_test(an_empty_state_is_saved_too),
        cmocka_unit_test(saving_stops_when_told),
        cmocka_unit_test(refuses_what_is_cut_short_or_too_long),
        cmocka_unit_test(garbage_is_harmless),
        cmocka_unit_test(every_broken_invariant_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
