/*
 * served.h: what `placemat-bench served` measures: the daemon and the echo, each over all rounds,
 * and the report of it.
 */
#ifndef PM_BENCH_SERVED_H
#define PM_BENCH_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "hist.h"
#include "served_load.h"
#include "served_process.h"

enum { SERVED_ROUNDS_MAX = 99 };

struct served_options {
    enum transport { IPC, TCP, TLS } transport;
    bool json, half;
    uint64_t batch, clients, in_flight, packages, seconds, rounds;
    const char *parent, *journal;
    uint64_t echo_reply;  /* when this process is the echo: bytes of its replies, */
    const char *echo_url; /* and where it serves */
    const char *echo_certificate;
};

/* One side of the comparison, over all rounds. */
struct served_side {
    struct process process;
    struct load *load;
    double rate[SERVED_ROUNDS_MAX];                                  /* messages a second */
    uint64_t p99_ns[SERVED_ROUNDS_MAX], resident[SERVED_ROUNDS_MAX]; /* of each round; bytes */
    uint64_t messages, commands, busy;
    uint64_t server_ns, client_ns; /* processor time, */
    uint64_t machine_ns;           /* and that of all processes of the machine */
    double seconds;
    struct hist latency;
    struct hist paced; /* at half the daemon's rate */
    double paced_rate;
};

struct served_run {
    const struct served_options *options;
    struct directory directory;
    char certificate[SERVED_PATH]; /* and its key; for TLS */
    struct council *council;
    struct served_side served, echo;
    struct daemon_session session;
    double ratio[SERVED_ROUNDS_MAX];
    uint64_t batches, entries, commit_us; /* of the daemon, in the rounds */
    uint64_t commit_p99_us;               /* at half the rate, at most */
    uint64_t live;
    struct load_figures total;
    struct script_totals verbs;
};

/* The transports' names. */
extern const char *const served_transport[];

/* Prints the figures; the exit status. */
int served_report(struct served_run *run);

#endif
