/*
 * housekeeper.c: see housekeeper.h.
 */
#include "housekeeper.h"

#include "alive.h"
#include "clock.h"
#include "doorbell.h"
#include "log.h"
#include "memory.h"
#include "saver.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#define SECOND_NS UINT64_C(1000000000)
#define LOOK_EVERY_NS (SECOND_NS / 20) /* at a snapshot that is being written */

struct housekeeper {
    struct housekeeper_options options;
    struct doorbell *bell;
    atomic_bool saving; /* a snapshot has been begun, */
    _Atomic(struct saver *) given;
    uint64_t given_ns; /* and when it was seen that it is, */
    uint64_t late_ns;  /* and when it is late */
    atomic_bool stopping;
    pthread_t thread;
};

/* One that never ends holds off all others, and nothing else would tell. */
static void watch_out(struct housekeeper *housekeeper, const struct saver *saver, uint64_t now)
{
    if (now < housekeeper->late_ns)
        return;
    housekeeper->late_ns = now + housekeeper->options.late_ns;
    log_warn("the snapshot at %" PRIu64 " has been written for %" PRIu64 " s by process %d, and no "
             "other is begun meanwhile: see whether its disk is slow or it was stopped; it can be "
             "killed without loss",
             saver_sequence(saver), (now - housekeeper->given_ns) / SECOND_NS,
             (int)saver_process(saver));
}

/* Publishes what is written. A failure loses nothing: the journal has it all, and the next restart
 * takes longer. Is one still being written? */
static bool see_to_snapshot(struct housekeeper *housekeeper)
{
    struct journal_error error = {""};
    struct saver *saver = atomic_load_explicit(&housekeeper->given, memory_order_acquire);
    uint64_t bytes, now = clock_steady_ns();
    if (!saver)
        return false;
    if (housekeeper->given_ns == 0) {
        housekeeper->given_ns = now;
        housekeeper->late_ns = now + housekeeper->options.late_ns;
    }
    if (!saver_ended(saver)) {
        watch_out(housekeeper, saver, now);
        return true;
    }
    uint64_t sequence = saver_sequence(saver);
    if (saver_publish(saver, &bytes, &error) < 0) {
        log_warn("no snapshot at %" PRIu64 ": %s", sequence, error.text);
    } else {
        atomic_store_explicit(&housekeeper->options.stats->snapshot, sequence,
                              memory_order_relaxed);
        log_info("snapshot at %" PRIu64 ": %" PRIu64 " bytes, written in %" PRIu64 " ms", sequence,
                 bytes, (clock_steady_ns() - housekeeper->given_ns) / 1000000);
    }
    if (!atomic_load(&housekeeper->stopping)) /* at the end it is not worth it */
        memory_mend(housekeeper->options.core);
    housekeeper->given_ns = 0;
    housekeeper_snapshot(housekeeper, NULL);
    return false;
}

/* A failed checkpoint loses nothing: the log grows, and the next may succeed. */
static void checkpoint(struct housekeeper *housekeeper)
{
    struct journal_error error = {""};
    if (journal_checkpoint_due(housekeeper->options.journal) &&
        journal_checkpoint(housekeeper->options.journal, &error) < 0)
        log_warn("checkpoint of the journal: %s", error.text);
}

/* What is still being written then is abandoned. */
static void finish_snapshot(struct housekeeper *housekeeper)
{
    uint64_t until = clock_steady_ns() + housekeeper->options.farewell_ns;
    bool saving;
    while ((saving = see_to_snapshot(housekeeper)) && clock_steady_ns() < until)
        doorbell_wait(housekeeper->bell, LOOK_EVERY_NS);
    if (saving)
        log_warn("a snapshot is not written yet, and left out: the next start takes longer");
}

static void *run(void *context)
{
    struct housekeeper *housekeeper = context;
    for (;;) {
        bool stopping = atomic_load(&housekeeper->stopping); /* before the last look */
        bool saving = !stopping && see_to_snapshot(housekeeper);
        checkpoint(housekeeper);
        if (housekeeper->options.lives)
            alive_write(housekeeper->options.directory, clock_wall_ms());
        if (stopping) {
            finish_snapshot(housekeeper);
            return NULL;
        }
        doorbell_wait(housekeeper->bell, saving ? LOOK_EVERY_NS : ALIVE_EVERY_S * SECOND_NS);
    }
}

struct housekeeper *housekeeper_start(const struct housekeeper_options *options)
{
    struct housekeeper *housekeeper = calloc(1, sizeof *housekeeper);
    if (!housekeeper)
        return NULL;
    housekeeper->options = *options;
    if (options->late_ns == 0)
        housekeeper->options.late_ns = HOUSEKEEPER_LATE_NS;
    if (options->farewell_ns == 0)
        housekeeper->options.farewell_ns = HOUSEKEEPER_FAREWELL_NS;
    housekeeper->bell = doorbell_create(0);
    if (!housekeeper->bell || pthread_create(&housekeeper->thread, NULL, run, housekeeper) != 0) {
        doorbell_destroy(housekeeper->bell);
        free(housekeeper);
        return NULL;
    }
    pthread_setname_np(housekeeper->thread, "housekeeper");
    return housekeeper;
}

void housekeeper_stop(struct housekeeper *housekeeper)
{
    if (!housekeeper)
        return;
    atomic_store(&housekeeper->stopping, true);
    doorbell_ring(housekeeper->bell);
    pthread_join(housekeeper->thread, NULL);
    doorbell_destroy(housekeeper->bell);
    saver_abandon(atomic_load(&housekeeper->given));
    free(housekeeper);
}

bool housekeeper_begin_snapshot(struct housekeeper *housekeeper)
{
    return !atomic_exchange_explicit(&housekeeper->saving, true, memory_order_acquire);
}

void housekeeper_snapshot(struct housekeeper *housekeeper, struct saver *snapshot)
{
    /* Release: the housekeeper's acquire sees what the saver holds. */
    atomic_store_explicit(&housekeeper->given, snapshot, memory_order_release);
    if (snapshot)
        doorbell_ring(housekeeper->bell);
    else
        atomic_store_explicit(&housekeeper->saving, false, memory_order_release);
}

void housekeeper_call(struct housekeeper *housekeeper)
{
    doorbell_ring(housekeeper->bell);
}
