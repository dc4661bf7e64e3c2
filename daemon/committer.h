/*
 * committer.h: the journal thread. Makes batches durable, and only then lets replies and events
 * out.
 */
#ifndef PM_DAEMON_COMMITTER_H
#define PM_DAEMON_COMMITTER_H

#include "daemon/connection.h"
#include "daemon/gate.h"
#include "daemon/handover.h"
#include "daemon/housekeeper.h"
#include "daemon/journal.h"
#include "daemon/stats.h"
#include "daemon/streams.h"
#include "daemon/watch.h"

enum { COMMITTER_EXIT_JOURNAL = 4 }; /* the daemon's exit code when the journal fails */

struct committer;

struct committer_options {
    struct journal *journal; /* the thread's own from start to stop */
    struct handover *handover;
    struct housekeeper *housekeeper;
    struct gate *gate; /* of whom the watchers' sessions are */
    struct streams *streams;
    struct connections *connections;
    struct stats *stats;
    uint32_t events; /* kept for watchers who come back */
};

/* Starts the thread; what the options name must outlive it. Events are told from the journal's last
 * sequence on. NULL when it cannot. */
struct committer *committer_start(const struct committer_options *options);

/* The matcher has ended: commits what is published, answers, releases the watchers, ends. NULL is
 * allowed. */
void committer_stop(struct committer *committer);

#endif
