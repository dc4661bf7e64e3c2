/*
 * doorbell.c: the doorbell of doorbell.h: one word with three values, and a futex on it.
 *
 *            ring: any → RUNG, and wake if it was ASLEEP
 *            wait: RUNG → QUIET (true), else QUIET → ASLEEP, sleep, any → QUIET
 *
 * Why no wake-up is lost. The usual arrangement, a producer that pushes and then reads a flag
 * "asleep", and a consumer that sets the flag and then looks into the ring, is Dekker's: each side
 * stores, then loads what the other stored, and sequentially consistent fences between the two
 * are needed to rule out that both miss. Here neither side loads what it could miss: every access
 * that decides is a read-modify-write of the one word, which always reads the latest value in the
 * word's single modification order. So each ring falls in one of two places:
 *
 *  - before a wait's exchange (or compare-and-swap): the wait reads RUNG and returns true. It
 *    acquires, and all the rings since the last wait's own write form one release sequence, being
 *    nothing but read-modify-writes, so it sees every push made before any of those rings.
 *  - after it: the ring reads QUIET, and leaves RUNG for the next step of this wait or for the
 *    next wait; or it reads ASLEEP, leaves RUNG and wakes. The futex sleeps only if the kernel,
 *    under its own lock, still finds ASLEEP, and the wake takes that lock too: either the sleeper
 *    is queued and woken, or it finds RUNG and does not sleep.
 *
 * A ring may not be skipped because a plain load shows RUNG already: that load may be satisfied
 * before the push is visible, and the consumer may take the earlier ring, see nothing, and sleep.
 * That is Dekker's case again. With a fence before the load it would hold, and a push under the
 * full load of four producers would cost some 45 ns less; but ThreadSanitizer does not understand
 * fences, and what this word alone decides is easier to be sure of.
 */
#include "doorbell.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DOORBELL_LINE 128 /* bytes; a place of its own, as in ring.c */
#define NS_PER_S 1000000000u

/* Before each access to shared memory; a test defines it to try the interleavings. */
#ifndef DOORBELL_STEP
#define DOORBELL_STEP() ((void)0)
#endif

enum { QUIET, RUNG, ASLEEP };

struct doorbell {
    alignas(DOORBELL_LINE) _Atomic uint32_t state;

    /* The consumer's own. */
    alignas(DOORBELL_LINE) uint64_t spin_ns; /* the next wait's spin */
    uint64_t spin_min_ns;                    /* never 0 unless the maximum is: so it can grow */
    uint64_t spin_max_ns;
};

static_assert(sizeof(_Atomic uint32_t) == 4, "the kernel's futex word is 32 bits");

/* The test that tries every interleaving brings its own clock and futex. */
#ifndef DOORBELL_OWN_KERNEL
static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/*
 * Sleeps while `word` is `value`, until woken, interrupted or CLOCK_MONOTONIC reaches
 * `deadline_ns` (DOORBELL_FOREVER: no deadline). Returns false if the deadline passed.
 */
static bool futex_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
    struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / NS_PER_S),
                                .tv_nsec = (long)(deadline_ns % NS_PER_S)};
    struct timespec *until = deadline_ns == DOORBELL_FOREVER ? NULL : &deadline;
    /* The BITSET form because its deadline is absolute: an interrupted sleep is resumed as is. */
    long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value, until, NULL,
                      FUTEX_BITSET_MATCH_ANY);
    return !(rc == -1 && errno == ETIMEDOUT);
}

static void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}
#endif

static void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

struct doorbell *doorbell_create(uint64_t spin_ns)
{
    struct doorbell *bell = aligned_alloc(DOORBELL_LINE, sizeof(*bell));
    if (bell == NULL)
        return NULL;
    atomic_init(&bell->state, QUIET);
    bell->spin_max_ns = spin_ns;
    bell->spin_min_ns = spin_ns / 8 + (spin_ns != 0);
    bell->spin_ns = spin_ns;
    return bell;
}

void doorbell_destroy(struct doorbell *bell)
{
    free(bell);
}

void doorbell_ring(struct doorbell *bell)
{
    DOORBELL_STEP();
    /*
     * Release: our push is seen by the wait that reads this. Acquire is not needed by us, who
     * read nothing after; the rings before ours stay visible through the release sequence.
     */
    uint32_t before = atomic_exchange_explicit(&bell->state, RUNG, memory_order_release);
    if (before == ASLEEP) {
        DOORBELL_STEP();
        futex_wake(&bell->state);
    }
}

/* Takes the ring, if there was one, and makes the bell quiet. */
static bool take(struct doorbell *bell)
{
    DOORBELL_STEP();
    /*
     * Acquire: we see the pushes of every ring we take. Nothing of ours needs releasing, but the
     * pops that follow must not move up before this, and acquire forbids that.
     */
    return atomic_exchange_explicit(&bell->state, QUIET, memory_order_acquire) == RUNG;
}

/*
 * Spins until rung or `until_ns`; returns whether rung. The next spin is doubled if this one
 * served, halved if not: on few cores a spin takes time from the producers it waits for.
 */
static bool spin(struct doorbell *bell, uint64_t until_ns)
{
    do {
        for (int i = 0; i < 16; i++) {
            /* Relaxed: only a hint; take() acquires. */
            if (atomic_load_explicit(&bell->state, memory_order_relaxed) == RUNG) {
                uint64_t more = bell->spin_ns * 2;
                bell->spin_ns = more < bell->spin_max_ns ? more : bell->spin_max_ns;
                return true;
            }
            pause_cpu();
        }
    } while (now_ns() < until_ns);
    uint64_t less = bell->spin_ns / 2;
    bell->spin_ns = less > bell->spin_min_ns ? less : bell->spin_min_ns;
    return false;
}

/* Sleeps until rung or `deadline_ns`. The state is QUIET or RUNG before and after. */
static bool sleep_until(struct doorbell *bell, uint64_t deadline_ns)
{
    uint32_t expected = QUIET;
    DOORBELL_STEP();
    /* Relaxed both ways: whichever it was, take() below acquires before we look at anything. */
    if (atomic_compare_exchange_strong_explicit(&bell->state, &expected, ASLEEP,
                                                memory_order_relaxed, memory_order_relaxed)) {
        bool in_time = true;
        /* Relaxed: only decides whether to sleep again after an interruption. */
        while (in_time && atomic_load_explicit(&bell->state, memory_order_relaxed) == ASLEEP) {
            DOORBELL_STEP();
            in_time = futex_sleep(&bell->state, ASLEEP, deadline_ns);
        }
    }
    return take(bell);
}

bool doorbell_wait(struct doorbell *bell, uint64_t timeout_ns)
{
    if (take(bell))
        return true;
    if (timeout_ns == 0)
        return false;
    uint64_t now = now_ns();
    /* A deadline past the end of the clock, or of what the kernel takes, is no deadline. */
    uint64_t deadline =
        timeout_ns < (uint64_t)INT64_MAX - now ? now + timeout_ns : DOORBELL_FOREVER;
    uint64_t spin_until = now + bell->spin_ns;
    if (bell->spin_ns != 0 && spin(bell, spin_until < deadline ? spin_until : deadline))
        return take(bell);
    return sleep_until(bell, deadline);
}
