/*
 * watch.h: the recent events, and the requests that wait for the next ones. The journal thread's
 * alone: what it is given is committed.
 *
 * A cursor is the place of the last event a client has seen: sequence * PM_EVENTS_MAX + position;
 * for who does not see everything, its place among what they see of its command. So it is of use to
 * the actor it was given to, not to others. Events are filtered by who asks: a provider is told
 * what names it as provider, a hospital what belongs to packages it refers, others all, of the
 * request's market; and of each event what core/rights.h shows them.
 */
#ifndef PM_DAEMON_WATCH_H
#define PM_DAEMON_WATCH_H

#include "core/event.h"
#include "daemon/connection.h"
#include "daemon/request.h"

#include <nng/nng.h>
#include <stdint.h>

enum {
    WATCHERS_MAX = 1 << 17, /* parked at once; then they are told `busy` */
    WATCH_WAIT_MAX = 60000, /* ms */
    WATCH_LIMIT_DEFAULT = 100,
};

struct watch;

/* Takes a message whose body is the reply, to send it to the connection it came from. */
typedef void watch_answer(void *context, nng_msg *message, uint32_t from);

/* Is the session of that key still open? Who is parked may be revoked meanwhile. */
typedef bool watch_may(void *context, struct pm_text session);

/* Keeps the last `events` (from 1) for watchers who come back. They begin after `floor`, the last
 * sequence of which no events will be given; may: NULL when
 * there are no sessions. NULL when memory is short. Free it with watch_destroy(), which drops who
 * is parked: see watch_release_all(). */
struct watch *watch_create(uint32_t events, uint64_t floor, watch_answer *answer, watch_may *may,
                           void *context);
void watch_destroy(struct watch *watch);

/* Events of committed entries, in order; answers watchers they are for. `sequence` is the last
 * committed, not less than any event's. */
void watch_tell(struct watch *watch, const struct pm_event_record *events, size_t count,
                uint64_t sequence);

/* A watch request: answers it at once or parks its message; the request is only read, but for its
 * message, which is taken. now_ns: steady clock. */
void watch_request(struct watch *watch, struct request *request, uint64_t now_ns);

/* Answers those whose wait is over; returns the next such moment, UINT64_MAX for none. */
uint64_t watch_expire(struct watch *watch, uint64_t now_ns);

/* Answers everybody. */
void watch_release_all(struct watch *watch);

/* How many are parked. */
size_t watch_parked(const struct watch *watch);

#endif
