/*
 * link.h: requests of one client for each market, many in flight over a few connections, for
 * one thread. A request that is not answered is sent again under the same numbers; one in so many
 * may be sent again although it was answered, as by a client that went before it heard, and must be
 * answered the same.
 */
#ifndef PM_BENCH_LINK_H
#define PM_BENCH_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "placemat.h"

struct link_call {
    struct pm_actor actor;
    struct pm_text market;
    uint32_t at;   /* the market's position */
    bool parks;    /* a watch that waits: it has a lane of its own for each market */
    unsigned deed; /* enum surge_deed, and what it is done to: the caller's own */
    size_t index;
    uint32_t count;       /* of its commands; set by sending it */
    uint64_t intended_ns; /* when it was to be sent */
    uint64_t answered_ns; /* when its answer came; set for `answered` */
};

struct link;
/* What the caller does with an answer, which it may not keep. It may send. */
typedef void link_answered(void *context, const struct link_call *call,
                           const struct pm_reply *reply);

struct link_options {
    const char *url;
    size_t markets;       /* for each, one watch may be in flight beside the others */
    unsigned connections; /* for everything else */
    unsigned repeat;      /* one answered in so many is sent again; 0: none is */
    link_answered *answered;
    void *context;
};

/* NULL, having said why on stderr. */
struct link *link_open(const struct link_options *options);
void link_close(struct link *link);

/* Sends 1..PM_COMMANDS_MAX commands as one request, as soon as one of the connections has room. The
 * commands and the call's texts need live only during the call, but the market's. False, having
 * said why. */
bool link_send(struct link *link, const struct link_call *call, const struct pm_command *command,
               uint32_t count);
/* Hands over what has been answered; returns when something was, or the time has come. False when a
 * request failed, having said why. */
bool link_wait(struct link *link, uint64_t until_ns);
/* Commands, watches aside, that are not answered yet. */
size_t link_in_flight(const struct link *link);

struct link_counts {
    uint64_t repeated; /* sent again although answered */
    uint64_t unlike;   /* of those, answered otherwise */
    uint64_t busy;     /* told so, and sent again */
    size_t in_flight_most;
};
struct link_counts link_counts(const struct link *link);

#endif
