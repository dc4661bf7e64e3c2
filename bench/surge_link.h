/*
 * surge_link.h: requests of one client for each market, many in flight over a few connections, for
 * one thread. A request that is not answered is sent again under the same numbers; one in so many
 * is sent again although it was answered, as by a client that went before it heard, and must be
 * answered the same.
 */
#ifndef PM_BENCH_SURGE_LINK_H
#define PM_BENCH_SURGE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "placemat.h"

struct surge_call {
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

struct surge_link;
/* What the caller does with an answer, which it may not keep. It may send. */
typedef void surge_answered(void *context, const struct surge_call *call,
                            const struct pm_reply *reply);

struct surge_link_options {
    const char *url;
    size_t markets;       /* for each, one watch may be in flight beside the others */
    unsigned connections; /* for everything else */
    surge_answered *answered;
    void *context;
};

/* NULL, having said why on stderr. */
struct surge_link *surge_link_open(const struct surge_link_options *options);
void surge_link_close(struct surge_link *link);

/* Sends 1..PM_COMMANDS_MAX commands as one request, as soon as one of the connections has room. The
 * commands and the call's texts need live only during the call, but the market's. False, having
 * said why. */
bool surge_link_send(struct surge_link *link, const struct surge_call *call,
                     const struct pm_command *command, uint32_t count);
/* Hands over what has been answered; returns when something was, or the time has come. False when a
 * request failed, having said why. */
bool surge_link_wait(struct surge_link *link, uint64_t until_ns);
/* Commands, watches aside, that are not answered yet. */
size_t surge_link_in_flight(const struct surge_link *link);

struct surge_link_counts {
    uint64_t repeated; /* sent again although answered */
    uint64_t unlike;   /* of those, answered otherwise */
    uint64_t busy;     /* told so, and sent again */
    size_t in_flight_most;
};
struct surge_link_counts surge_link_counts(const struct surge_link *link);

#endif
