/*
 * batch.h: what the matcher has done and the journal thread makes durable in one commit: journal
 * entries, the requests to be answered when they are durable, and the events to be told then.
 *
 * There are two batches, that change hands: while one is committed the other fills. So a batch
 * belongs to one thread at a time, and its memory is taken once.
 */
#ifndef PM_DAEMON_BATCH_H
#define PM_DAEMON_BATCH_H

#include "core/core.h"
#include "daemon/request.h"
#include "daemon/saver.h"

enum {
    BATCH_ENTRIES = 16384, /* a batch is full at this, */
    BATCH_EVENTS = 16384,  /* or this, */
    BATCH_BYTES = 4 << 20, /* or this; one entry may go beyond */
};

struct batch {
    uint64_t first, last; /* sequences of its entries; 0: it has none */
    struct wire_writer entries;
    struct request **request;
    size_t requests, requests_max;
    struct pm_event_record *event; /* room for a full batch and one entry's more */
    size_t events;
    struct saver *snapshot; /* of the state after it; NULL: none */
};

/* A batch for `requests_max` requests, as many as can be in work; NULL when memory is short. */
struct batch *batch_create(size_t requests_max);
void batch_destroy(struct batch *batch);

/* Empties it for its next use; the requests and the snapshot must have been taken. */
void batch_reset(struct batch *batch);

bool batch_empty(const struct batch *batch);

/* Whether it must be handed over before another entry. */
bool batch_full(const struct batch *batch);

/* Appends an entry's bytes. False when memory is short. The sequence must follow the last. */
bool batch_add_entry(struct batch *batch, const struct pm_entry *entry);

/* Appends an answered request. */
void batch_add_request(struct batch *batch, struct request *request);

/* Appends the events of the entry just applied. */
void batch_add_events(struct batch *batch, const struct pm_core *core);

#endif
