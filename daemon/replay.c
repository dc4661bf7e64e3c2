/*
 * replay.c: see replay.h.
 *
 * The reader fills two slots in turn with decoded entries, the caller's thread empties them in the
 * same order. A slot has its own copy of the bytes its entries' texts point into.
 */
#include "replay.h"

#include "log.h"

#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2, SLOT_ENTRIES = 4096, PROGRESS = 2000000 /* entries between two lines of log */ };

struct slot {
    struct pm_entry entry[SLOT_ENTRIES];
    size_t entries;
    struct wire_arena arena;
    uint8_t *bytes;
    size_t room;
};

struct replay {
    struct journal *journal;
    uint64_t from; /* sequence */
    struct slot slot[SLOTS];
    unsigned filling;          /* the reader's: slots passed on */
    bool has_slot;             /* the reader's: that slot is in its hands */
    sem_t empty, filled;       /* slots */
    atomic_bool given_up;      /* the caller's thread wants no more */
    bool failed;               /* the reader's, read after its end */
    struct replay_error error; /* with failed */
};

static void say(struct replay_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct replay_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
}

/* ---- The reader ---- */

/* Makes sure of so many bytes; what was there is gone. */
static bool reserve(uint8_t **bytes, size_t *room, size_t size)
{
    if (*room >= size)
        return true;
    free(*bytes);
    *bytes = malloc(size);
    *room = *bytes ? size : 0;
    return *bytes != NULL;
}

/* Decodes entries from the beginning of these bytes until the slot has enough; how many bytes they
 * took, 0 when they are malformed. The arena has room for twice what these bytes can need, so while
 * half of it is free the next entry fits. */
static size_t fill(struct slot *slot, const uint8_t *bytes, size_t size, struct wire_error *error)
{
    memcpy(slot->bytes, bytes, size);
    struct wire_reader reader = {.bytes = slot->bytes, .size = size};
    slot->entries = slot->arena.used = 0;
    while (reader.at < size && slot->entries < SLOT_ENTRIES &&
           slot->arena.used <= slot->arena.size / 2)
        if (!wire_entry_decode(&reader, &slot->arena, &slot->entry[slot->entries++], error))
            return 0;
    return reader.at;
}

static struct slot *take_slot(struct replay *replay)
{
    if (!replay->has_slot)
        sem_wait(&replay->empty);
    replay->has_slot = true;
    return &replay->slot[replay->filling % SLOTS];
}

static void pass_slot(struct replay *replay)
{
    replay->has_slot = false;
    replay->filling++;
    sem_post(&replay->filled);
}

static int read_batch(void *context, const struct journal_batch *batch)
{
    struct replay *replay = context;
    struct wire_error why = {""};
    for (size_t at = 0; at < batch->size;) {
        struct slot *slot = take_slot(replay);
        if (atomic_load(&replay->given_up))
            return 1;
        size_t size = batch->size - at, taken = 0;
        if (!reserve(&slot->bytes, &slot->room, size) ||
            !reserve(&slot->arena.bytes, &slot->arena.size, 2 * wire_arena_bound(size)))
            say(&replay->error, "out of memory");
        else if ((taken = fill(slot, batch->bytes + at, size, &why)) == 0)
            say(&replay->error, "the batch from %" PRIu64 ": %s", batch->first, why.text);
        if (taken == 0)
            return 1;
        at += taken;
        pass_slot(replay);
    }
    return 0;
}

/* The last slot it passes on is an empty one. */
static void *read_all(void *context)
{
    struct replay *replay = context;
    struct journal_error why = {""};
    int result = journal_replay(replay->journal, replay->from, read_batch, replay, &why);
    if (result < 0)
        say(&replay->error, "%s", why.text);
    replay->failed = result != 0;
    take_slot(replay)->entries = 0;
    pass_slot(replay);
    return NULL;
}

/* ---- The caller ---- */

static bool apply(struct pm_core *core, const struct slot *slot, uint64_t *applied,
                  struct replay_error *error)
{
    for (size_t i = 0; i < slot->entries; i++) {
        const struct pm_entry *entry = &slot->entry[i];
        uint64_t reached = pm_core_sequence(core);
        if (entry->sequence <= reached)
            continue; /* the snapshot has it */
        if (entry->sequence != reached + 1) {
            say(error, "entry %" PRIu64 " follows %" PRIu64, entry->sequence, reached);
            return false;
        }
        if (i + PM_EXPECT_AHEAD < slot->entries)
            pm_core_expect(core, entry[PM_EXPECT_AHEAD].command);
        pm_core_apply(core, entry); /* refusals were journalled too, and are the same again */
        if (++*applied % PROGRESS == 0)
            log_info("replayed %" PRIu64 " commands", *applied);
    }
    return true;
}

static bool apply_all(struct replay *replay, struct pm_core *core, uint64_t *applied,
                      struct replay_error *error)
{
    for (unsigned emptying = 0;; emptying++) {
        sem_wait(&replay->filled);
        const struct slot *slot = &replay->slot[emptying % SLOTS];
        if (slot->entries == 0)
            return true;
        if (!apply(core, slot, applied, error)) {
            atomic_store(&replay->given_up, true);
            sem_post(&replay->empty);
            return false;
        }
        sem_post(&replay->empty);
    }
}

static bool run(struct replay *replay, struct pm_core *core, uint64_t *applied,
                struct replay_error *error)
{
    pthread_t reader;
    if (pthread_create(&reader, NULL, read_all, replay) != 0) {
        say(error, "cannot start a thread");
        return false;
    }
    bool whole = apply_all(replay, core, applied, error);
    pthread_join(reader, NULL);
    if (whole && replay->failed)
        *error = replay->error;
    return whole && !replay->failed;
}

bool replay(struct journal *journal, struct pm_core *core, uint64_t *applied,
            struct replay_error *error)
{
    struct replay *replay = calloc(1, sizeof *replay);
    *applied = 0;
    if (!replay) {
        say(error, "out of memory");
        return false;
    }
    replay->journal = journal;
    replay->from = pm_core_sequence(core) + 1;
    sem_init(&replay->empty, 0, SLOTS);
    sem_init(&replay->filled, 0, 0);
    bool done = run(replay, core, applied, error);
    for (unsigned i = 0; i < SLOTS; i++) {
        free(replay->slot[i].bytes);
        free(replay->slot[i].arena.bytes);
    }
    sem_destroy(&replay->empty);
    sem_destroy(&replay->filled);
    free(replay);
    return done;
}
