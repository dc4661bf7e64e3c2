/*
 * fake_daemon.h - a peer that answers the client as a script says, well or badly, and keeps what it
 * was sent.
 */
#ifndef PM_FAKE_DAEMON_H
#define PM_FAKE_DAEMON_H

#include "core/wire.h"

enum fake_act {
    FAKE_ANSWER, /* each command: ok and `id`, counted up; or the body, if there is one */
    FAKE_LATE,   /* the same after `ms` */
    FAKE_TWICE,  /* the same, sent twice */
    FAKE_RESULT, /* each command: `status` */
    FAKE_REFUSE, /* the whole request: `status` and a detail */
    FAKE_SILENT, /* nothing */
    FAKE_DROP,   /* closes the connection */
    FAKE_EMPTY,  /* a message without bytes */
    FAKE_RAW,    /* the bytes of `raw` */
};

/* What is done with one request. */
struct fake_step {
    uint32_t after; /* FAKE_REFUSE: ms to wait; 0: it does not say */
    enum fake_act act;
    uint16_t status;
    uint64_t id;
    unsigned ms;
    void (*body)(struct wire_writer *out); /* writes one item */
    const char *raw;
    size_t raw_size;
};

struct fake_daemon;

/*
 * Listens at an ipc address of its own and takes one step for each request; the last step is for
 * all that come after it. The steps must outlive it. `delay`: ms before it begins to listen. Never
 * NULL: a test that cannot have it fails.
 */
struct fake_daemon *fake_daemon_start(const struct fake_step *steps, size_t count, unsigned delay);
const char *fake_daemon_url(const struct fake_daemon *fake);

/* Ends its thread and connections. What it was sent can be read only then. */
void fake_daemon_stop(struct fake_daemon *fake);
size_t fake_daemon_requests(const struct fake_daemon *fake);
const uint8_t *fake_daemon_request(const struct fake_daemon *fake, size_t at, size_t *size);
/* The request decoded; what it points to lives as long as the fake, or until the next one is
 * decoded. */
struct wire_request fake_daemon_decoded(struct fake_daemon *fake, size_t at);
void fake_daemon_free(struct fake_daemon *fake);

/* Ends nng's threads, so that nothing is left that looks lost: for the teardown of a group. */
int fake_daemon_end_all(void **state);

#endif
