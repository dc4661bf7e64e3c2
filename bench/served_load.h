/*
 * served_load.h: the client of the served benchmark: many requests in flight over a few raw REQ
 * connections, in a closed loop: a lane sends its next request when the last one is answered.
 *
 * The calls are for one thread. Between them nothing is in flight.
 */
#ifndef PM_BENCH_SERVED_LOAD_H
#define PM_BENCH_SERVED_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "council.h"
#include "hist.h"
#include "served_script.h"

enum { LOAD_CONNECTIONS_MAX = 256, LOAD_IN_FLIGHT_MAX = 4096 };

struct load_options {
    const char *url;
    uint32_t connections;   /* requests are spread over them evenly, */
    uint32_t in_flight;     /* at most 64 on each */
    uint32_t batch;         /* commands of a request */
    uint32_t live;          /* packages kept alive by all lanes together */
    bool filled;            /* the packages need not be posted first: the server keeps nothing */
    struct pm_text session; /* its key, with every request; lives as long as the load */
    const struct council *council;
};

/* What was answered. */
struct load_figures {
    uint64_t messages, commands, reply_bytes;
    uint64_t refused; /* commands with a status that is not PM_OK, */
    unsigned status;  /* of the last of them */
    uint64_t busy;    /* requests told so, and sent again */
    double seconds;
};

struct load;

/* Connects. NULL, having said why on stderr. */
struct load *load_open(const struct load_options *options);
void load_close(struct load *load);

/* Posts the packages that are to live. False, having said why on stderr: no answer came, or one
 * that is none. So of the next. */
bool load_fill(struct load *load);
/* Goes on for so many seconds; what was answered in them, not counting what was then still in
 * flight. */
bool load_run(struct load *load, double seconds, struct load_figures *out);

/* The same in open loop: so many requests a second, each due at its time whether or not those
 * before are answered; times count from when it was due. All are answered at the end. To be called
 * after load_run(). */
bool load_run_paced(struct load *load, double seconds, double rate, struct load_figures *out);

/* Times from request to reply, in ns, since the last clear. */
void load_latency(const struct load *load, struct hist *out);
void load_clear_latency(struct load *load);
/* Everything answered since the load was opened. */
void load_totals(const struct load *load, struct load_figures *out);
void load_count(const struct load *load, struct script_totals *out);

#endif
