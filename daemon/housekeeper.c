/*
 * housekeeper.c: see housekeeper.h.
 */
#include "housekeeper.h"

#include "alive.h"
#include "clock.h"
#include "doorbell.h"
#include "log.h"
#include "snapshot_file.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

struct housekeeper {
    const char *directory;
    bool lives; /* says in the directory that the daemon is there */
    struct journal *journal;
    struct stats *stats;
    struct doorbell *bell;
    _Atomic(struct batch_snapshot *) waiting;
    atomic_bool stopping;
    pthread_t thread;
};

static int write_file(const char *directory, const struct batch_snapshot *snapshot,
                      struct journal_error *error)
{
    struct snapshot_file *file;
    if (snapshot_file_begin(directory, snapshot->sequence, &file, error) < 0)
        return -1;
    if (snapshot_file_write(file, snapshot->bytes, snapshot->size, error) < 0) {
        snapshot_file_abandon(file);
        return -1;
    }
    return snapshot_file_commit(file, error);
}

/* Writes what waits. A failure loses nothing: the journal has it all, and the next restart takes
 * longer. */
static void write_snapshot(struct housekeeper *housekeeper)
{
    struct journal_error error = {""};
    uint64_t before = clock_steady_ns();
    struct batch_snapshot *snapshot =
        atomic_exchange_explicit(&housekeeper->waiting, NULL, memory_order_acquire);
    if (!snapshot)
        return;
    if (write_file(housekeeper->directory, snapshot, &error) < 0) {
        log_warn("snapshot at %" PRIu64 ": %s", snapshot->sequence, error.text);
    } else {
        atomic_store_explicit(&housekeeper->stats->snapshot, snapshot->sequence,
                              memory_order_relaxed);
        log_info("snapshot at %" PRIu64 ": %zu bytes, written in %" PRIu64 " ms",
                 snapshot->sequence, snapshot->size, (clock_steady_ns() - before) / 1000000);
    }
    free(snapshot);
}

/* A failed checkpoint loses nothing: the log grows, and the next may succeed. */
static void checkpoint(struct housekeeper *housekeeper)
{
    struct journal_error error = {""};
    if (journal_checkpoint_due(housekeeper->journal) &&
        journal_checkpoint(housekeeper->journal, &error) < 0)
        log_warn("checkpoint of the journal: %s", error.text);
}

static void *run(void *context)
{
    struct housekeeper *housekeeper = context;
    for (;;) {
        bool stopping = atomic_load(&housekeeper->stopping); /* before the last look */
        write_snapshot(housekeeper);
        checkpoint(housekeeper);
        if (housekeeper->lives)
            alive_write(housekeeper->directory, clock_wall_ms());
        if (stopping)
            return NULL;
        doorbell_wait(housekeeper->bell, ALIVE_EVERY_S * UINT64_C(1000000000));
    }
}

struct housekeeper *housekeeper_start(const char *directory, bool lives, struct journal *journal,
                                      struct stats *stats)
{
    struct housekeeper *housekeeper = calloc(1, sizeof *housekeeper);
    if (!housekeeper)
        return NULL;
    housekeeper->directory = directory;
    housekeeper->lives = lives;
    housekeeper->journal = journal;
    housekeeper->stats = stats;
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
    free(atomic_load(&housekeeper->waiting));
    free(housekeeper);
}

void housekeeper_snapshot(struct housekeeper *housekeeper, struct batch_snapshot *snapshot)
{
    /* Release: the housekeeper's acquire sees what the snapshot holds. Acquire: we free the older.
     */
    free(atomic_exchange_explicit(&housekeeper->waiting, snapshot, memory_order_acq_rel));
    doorbell_ring(housekeeper->bell);
}

void housekeeper_call(struct housekeeper *housekeeper)
{
    doorbell_ring(housekeeper->bell);
}
