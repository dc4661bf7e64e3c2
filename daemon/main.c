/*
 * main.c: placematd. Starts its parts in order, waits for a signal, and ends them in order.
 *
 *     nng's threads: receive, decode ─ring─► matcher: apply ─batches─► journal: commit, answer
 *                                        │                        └─► housekeeper: snapshots,
 *                                        └─► rounds: solved           checkpoints
 */
#include "daemon/clock.h"
#include "daemon/committer.h"
#include "daemon/handover.h"
#include "daemon/housekeeper.h"
#include "daemon/http.h"
#include "daemon/idle.h"
#include "daemon/log.h"
#include "daemon/matcher.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/server.h"
#include "daemon/store.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read by jemalloc. The core's tables are large and read all over: huge pages spare most of the
 * misses in translating their addresses. */
extern const char *malloc_conf;
const char *malloc_conf = "thp:always";

enum { EXIT_STOPPED = 0, EXIT_CANNOT = 1, EXIT_USAGE = 2 };

struct daemon {
    struct options options;
    struct stats stats;
    struct store store;
    struct ring *ring;
    struct doorbell *bell;
    struct gate *gate;
    struct server *server;
    struct idle *idle;
    struct metrics_sources metrics;
    struct http *http;
    struct handover *handover;
    struct housekeeper *housekeeper;
    struct committer *committer;
    struct rounds *rounds;
    struct matcher *matcher;
};

static bool cannot(const char *why)
{
    log_error("%s", why);
    return false;
}

/* Signals are taken by main alone, which waits for them; a client gone is no reason to die. */
static void block_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
    sigaddset(out, SIGHUP);
    pthread_sigmask(SIG_BLOCK, out, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ,
           SIG_IGN); /* a file at its size limit is a write that fails, as a full disk is */
    signal(SIGCHLD, SIG_DFL); /* who starts us may ignore it, and then no child can be waited for */
}

/* A second signal: whoever sent it will not wait. All that was acknowledged is durable at any
 * moment. */
static void leave_at_once(int number)
{
    (void)number;
    _exit(EXIT_STOPPED);
}

static bool open_store(struct daemon *daemon)
{
    struct store_error error = {""};
    const struct options *options = &daemon->options;
    if (!store_open(options, &daemon->store, &error))
        return cannot(error.text);
    if (options->keeps && !options->manual_clock &&
        !store_note_outage(&daemon->store, options->data, &error))
        return cannot(error.text);
    for (size_t i = 0; i < options->market.count; i++) {
        if (!store_load_market(&daemon->store, options->market.item[i], options->manual_clock,
                               &error))
            return cannot(error.text);
    }
    if (!options->keeps)
        log_warn("journal %s: nothing is kept after a stop", options->journal);
    return true;
}

static bool open_gate(struct daemon *daemon)
{
    char error[256];
    struct gate_options options = {.insecure = daemon->options.insecure,
                                   .message_max = daemon->options.message_max};
    if (daemon->options.keeps)
        options.directory = daemon->options.data;
    if (options.insecure)
        log_warn("--insecure: whoever connects is believed who they say they are");
    daemon->gate = gate_open(&options, error);
    return daemon->gate ? true : cannot(error);
}

static bool open_server(struct daemon *daemon)
{
    char error[256];
    struct server_options options = {.message_max = daemon->options.message_max,
                                     .queue = daemon->options.queue,
                                     .gate = daemon->gate,
                                     .ipc_mode = daemon->options.ipc_mode,
                                     .tls = daemon->options.tls,
                                     .stats = &daemon->stats};
    options.ring = daemon->ring = ring_create(daemon->options.queue);
    options.bell = daemon->bell = doorbell_create(DOORBELL_SPIN_NS);
    if (!daemon->ring || !daemon->bell)
        return cannot("out of memory");
    daemon->server = server_open(&options, error);
    if (!daemon->server)
        return cannot(error);
    if (daemon->options.idle_seconds == 0)
        return true;
    daemon->idle = idle_start(server_connections(daemon->server), server_streams(daemon->server),
                              daemon->options.idle_seconds);
    return daemon->idle ? true : cannot("out of memory");
}

static bool open_metrics(struct daemon *daemon)
{
    daemon->metrics = (struct metrics_sources){.stats = &daemon->stats,
                                               .ring = daemon->ring,
                                               .connections = server_connections(daemon->server),
                                               .limits = &daemon->store.limits,
                                               .probe = probe_create(daemon->bell)};
    return daemon->metrics.probe ? true : cannot("out of memory");
}

static bool open_handover(struct daemon *daemon)
{
    struct batch *one = batch_create(daemon->options.queue);
    struct batch *other = batch_create(daemon->options.queue);
    if (one && other)
        daemon->handover = handover_create(one, other);
    if (daemon->handover)
        return true;
    batch_destroy(one);
    batch_destroy(other);
    return cannot("out of memory");
}

/* From the journal backwards, so that each part finds what it hands on to. */
static bool start_threads(struct daemon *daemon)
{
    struct connections *connections = server_connections(daemon->server);
    atomic_store(&daemon->stats.snapshot, daemon->store.snapshot_last);
    daemon->housekeeper = housekeeper_start(&(struct housekeeper_options){
        .directory = daemon->options.data,
        .journal = daemon->store.journal,
        .core = daemon->store.core,
        .stats = &daemon->stats,
        .lives = daemon->options.keeps && !daemon->options.manual_clock,
    });
    if (!daemon->housekeeper)
        return cannot("cannot start the housekeeper's thread");
    daemon->committer = committer_start(&(struct committer_options){
        .journal = daemon->store.journal,
        .handover = daemon->handover,
        .housekeeper = daemon->housekeeper,
        .gate = daemon->gate,
        .streams = server_streams(daemon->server),
        .connections = connections,
        .stats = &daemon->stats,
        .events = daemon->options.events,
    });
    if (!daemon->committer)
        return cannot("cannot start the journal's thread");
    daemon->rounds =
        rounds_start(daemon->options.data, daemon->bell, daemon->options.round_seconds * 1000);
    if (!daemon->rounds)
        return cannot("cannot start the thread that solves rounds");
    daemon->matcher = matcher_start(&(struct matcher_options){
        .core = daemon->store.core,
        .ring = daemon->ring,
        .bell = daemon->bell,
        .handover = daemon->handover,
        .housekeeper = daemon->housekeeper,
        .directory = daemon->options.data,
        .rounds = daemon->rounds,
        .stats = &daemon->stats,
        .connections_max = connections_capacity(connections),
        .metrics = &daemon->metrics,
        .probe = daemon->metrics.probe,
        .manual_clock = daemon->options.manual_clock,
        .snapshot_every = daemon->options.keeps ? daemon->options.snapshot_every : 0,
        .snapshot_last = daemon->store.snapshot_last,
    });
    return daemon->matcher ? true : cannot("cannot start the matcher's thread");
}

/* Listens everywhere, then says so in one line, by which others know that it serves. */
static bool serve(struct daemon *daemon)
{
    const struct options_list *listen = &daemon->options.listen;
    char ready[(OPTIONS_LIST_MAX + 1) * 256 + 16] = "ready", error[256];
    size_t used = strlen(ready);
    for (size_t i = 0; i < listen->count; i++) {
        char url[256];
        if (!server_listen(daemon->server, listen->item[i], url, error))
            return cannot(error);
        used += (size_t)snprintf(ready + used, sizeof ready - used, " %s", url);
    }
    if (daemon->options.metrics) {
        daemon->http = http_open(daemon->options.metrics, &daemon->metrics, error);
        if (!daemon->http)
            return cannot(error);
        snprintf(ready + used, sizeof ready - used, " %s", http_url(daemon->http));
    }
    puts(ready);
    fflush(stdout);
    notify("READY=1\nSTATUS=Serving");
    log_info("serving at sequence %" PRIu64 ", %s clock", stats_read(&daemon->stats.committed),
             daemon->options.manual_clock ? "manual" : "system");
    return true;
}

static bool start(struct daemon *daemon)
{
    return open_store(daemon) && open_gate(daemon) && open_server(daemon) && open_metrics(daemon) &&
           open_handover(daemon) && start_threads(daemon) && serve(daemon);
}

/* In the order of the flow, so that each part ends with nothing left to come. False when threads of
 * nng still run, and may use what it uses: then the gate stays, and the process must leave at once.
 */
static bool stop(struct daemon *daemon)
{
    if (daemon->server)
        server_refuse_all(daemon->server);
    http_close(daemon->http); /* before the matcher, whom it asks */
    matcher_stop(daemon->matcher);
    rounds_stop(daemon->rounds);
    committer_stop(daemon->committer);
    idle_stop(daemon->idle);
    bool ended = server_close(daemon->server);
    if (ended)
        gate_close(daemon->gate);
    housekeeper_stop(daemon->housekeeper);
    handover_destroy(daemon->handover);
    probe_destroy(daemon->metrics.probe);
    doorbell_destroy(daemon->bell);
    ring_destroy(daemon->ring);
    store_close(&daemon->store);
    return ended;
}

/* All is stopped and closed; what exit() would run must not run beside threads of nng. */
static int leave(struct daemon *daemon, int status)
{
    bool ended = stop(daemon);
    log_info("stopped");
    if (!ended)
        _exit(status);
    return status;
}

/* Until a signal that ends the daemon, which comes back; nothing here waits for anything else. */
static int serve_on(struct daemon *daemon, const sigset_t *signals)
{
    int number = SIGHUP;
    while (sigwait(signals, &number) == 0 && number == SIGHUP) {
        log_info("%s", strsignal(number));
        server_renew_tls(daemon->server);
    }
    return number;
}

int main(int argc, char **argv)
{
    static struct daemon daemon;
    sigset_t signals;
    enum options_outcome outcome = options_parse(argc, argv, &daemon.options);
    if (outcome != OPTIONS_RUN)
        return outcome == OPTIONS_DONE ? EXIT_STOPPED : EXIT_USAGE;
    log_set(daemon.options.log, daemon.options.log_format);
    daemon.stats.started_ns = clock_steady_ns();
    block_signals(&signals);
    if (!start(&daemon))
        return leave(&daemon, EXIT_CANNOT);
    int number = serve_on(&daemon, &signals);
    log_info("%s: draining", strsignal(number));
    signal(SIGHUP, SIG_IGN);
    notify("STOPPING=1\nSTATUS=Draining");
    signal(SIGTERM, leave_at_once);
    signal(SIGINT, leave_at_once);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    return leave(&daemon, EXIT_STOPPED);
}
