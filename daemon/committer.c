/*
 * committer.c: see committer.h. The order in commit_batch() is the daemon's promise: append, then
 * tell.
 */
#include "committer.h"

#include "batch.h"
#include "clock.h"
#include "doorbell.h"
#include "log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANSWERED_MAX = 256 };

struct committer {
    struct committer_options options;
    uint32_t answered[ANSWERED_MAX]; /* connections whose replies are to leave, */
    size_t answers;                  /* so many */
    struct watch *watch;
    atomic_bool stopping;
    pthread_t thread;
};

/* Memory is ahead of what is durable, and nobody can tell by how much: nothing may be acknowledged
 * any more, nor may another thread go on. What was acknowledged is in the journal. */
static _Noreturn void fail(const struct committer *committer)
{
    log_error("the journal failed, so the daemon stops: %s",
              journal_problem(committer->options.journal));
    _exit(COMMITTER_EXIT_JOURNAL);
}

/* Returns when the batch's entries are durable. */
static void append(struct committer *committer, const struct batch *batch)
{
    struct stats *stats = committer->options.stats;
    struct journal_batch appended = {.first = batch->first,
                                     .last = batch->last,
                                     .bytes = batch->entries.bytes,
                                     .size = batch->entries.used};
    uint64_t before = clock_steady_ns();
    atomic_store_explicit(&stats->committing_ns, before, memory_order_relaxed);
    if (journal_append(committer->options.journal, &appended) != JOURNAL_OK)
        fail(committer);
    atomic_store_explicit(&stats->committing_ns, 0, memory_order_relaxed);
    histogram_add(&stats->commits, clock_steady_ns() - before);
    stats_add(&stats->batches, 1);
    atomic_store_explicit(&stats->committed, batch->last, memory_order_relaxed);
    if (journal_checkpoint_due(committer->options.journal))
        housekeeper_call(committer->options.housekeeper);
}

/* Lets replies leave: together, as many as a connection has. */
static void flush(struct committer *committer)
{
    for (size_t i = 0; i < committer->answers; i++)
        streams_flush(committer->options.streams, committer->answered[i]);
    committer->answers = 0;
}

/* A reply, or the answer to a watch, is to leave. */
static void answer(void *context, nng_msg *message, uint32_t from)
{
    struct committer *committer = context;
    connections_leave(committer->options.connections, from);
    streams_put(committer->options.streams, from, message);
    committer->answered[committer->answers++] = from;
    if (committer->answers == ANSWERED_MAX)
        flush(committer);
}

static bool may_watch(void *context, struct pm_text session)
{
    const struct committer *committer = context;
    return gate_is_open(committer->options.gate, session);
}

static void answer_requests(struct committer *committer, struct batch *batch)
{
    size_t watches = 0;
    uint64_t now = batch->requests ? clock_steady_ns() : 0;
    for (size_t i = 0; i < batch->requests; i++) {
        struct request *request = batch->request[i];
        if (request->watch) { /* after the batch's events */
            batch->request[watches++] = request;
            continue;
        }
        histogram_add(&committer->options.stats->replies, now - request->came_ns);
        answer(committer, request->message, request->from);
        request->message = NULL;
        request_release(request);
    }
    batch->requests = watches;
}

static void answer_watches(struct committer *committer, struct batch *batch)
{
    uint64_t now = batch->requests ? clock_steady_ns() : 0;
    for (size_t i = 0; i < batch->requests; i++) {
        watch_request(committer->watch, batch->request[i], now);
        request_release(batch->request[i]);
    }
}

static void commit_batch(struct committer *committer, struct batch *batch)
{
    if (batch->first != 0)
        append(committer, batch);
    answer_requests(committer, batch);
    flush(committer);
    if (batch->first != 0)
        watch_tell(committer->watch, batch->event, batch->events, batch->last);
    answer_watches(committer, batch);
    flush(committer);
    if (batch->snapshot)
        housekeeper_snapshot(committer->options.housekeeper, batch->snapshot);
    batch->snapshot = NULL;
    batch_reset(batch);
    atomic_store_explicit(&committer->options.stats->watchers, watch_parked(committer->watch),
                          memory_order_relaxed);
}

/* Expires watchers; returns how long to wait for the next. */
static uint64_t until_next_watcher(struct committer *committer)
{
    if (watch_parked(committer->watch) == 0)
        return DOORBELL_FOREVER;
    uint64_t now = clock_steady_ns();
    uint64_t next = watch_expire(committer->watch, now);
    flush(committer);
    return next == UINT64_MAX ? DOORBELL_FOREVER : next - now;
}

static void *run(void *context)
{
    struct committer *committer = context;
    struct handover *handover = committer->options.handover;
    for (;;) {
        uint64_t wait_ns = until_next_watcher(committer);
        bool stopping = atomic_load(&committer->stopping); /* before the last look for a batch */
        struct batch *batch = handover_take(handover);
        if (batch) {
            commit_batch(committer, batch);
            handover_return(handover, batch);
        } else if (stopping) {
            break;
        } else {
            handover_wait(handover, wait_ns);
        }
    }
    watch_release_all(committer->watch);
    flush(committer);
    return NULL;
}

static void destroy(struct committer *committer)
{
    watch_destroy(committer->watch);
    free(committer);
}

struct committer *committer_start(const struct committer_options *options)
{
    struct committer *committer = calloc(1, sizeof *committer);
    if (!committer)
        return NULL;
    committer->options = *options;
    uint64_t last = journal_last(options->journal);
    atomic_store(&options->stats->committed, last);
    committer->watch = watch_create(options->events, last, answer, may_watch, committer);
    if (!committer->watch || pthread_create(&committer->thread, NULL, run, committer) != 0) {
        destroy(committer);
        return NULL;
    }
    pthread_setname_np(committer->thread, "journal");
    return committer;
}

void committer_stop(struct committer *committer)
{
    if (!committer)
        return;
    atomic_store(&committer->stopping, true);
    handover_call(committer->options.handover);
    pthread_join(committer->thread, NULL);
    destroy(committer);
}
