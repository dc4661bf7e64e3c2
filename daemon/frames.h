/*
 * frames.h: the requests in the bytes that come over a connection, as nng's REQ sends them: a
 * greeting of eight bytes, then messages, each after its length; over ipc a byte 1 before that. A
 * message begins with the numbers by which its answer is known: some words of four bytes, the last
 * with its highest bit set. For one thread at a time; whatever comes is bounded before it is kept.
 */
#ifndef PM_DAEMON_FRAMES_H
#define PM_DAEMON_FRAMES_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAMES_GREETING = 8, /* bytes */
    FRAMES_HEAD = 9,     /* before a message, at most */
};
extern const uint8_t frames_greeting[FRAMES_GREETING]; /* ours, REP's */

struct frames {
    bool ipc;     /* set by the owner */
    size_t most;  /* bytes of a message; likewise */
    bool greeted; /* the greeting has come */
    uint8_t *bytes;
    size_t size, begin, end; /* of bytes; what is from begin to end is not taken yet */
    nng_msg *large;          /* a message that comes in parts, */
    size_t have;             /* of which so much is there */
};

enum frames_result {
    FRAMES_MESSAGE, /* a message, for the caller to free: its numbers are its header */
    FRAMES_MORE,    /* more must come first */
    FRAMES_BAD,     /* it is not nng's REQ, or too long: end the connection */
    FRAMES_MEMORY,  /* memory is short: likewise */
};

/* Where the next bytes are to be put, and how many there is room for: some. NULL when memory is
 * short. */
uint8_t *frames_room(struct frames *frames, size_t *size);
/* So many bytes have been put there. */
void frames_came(struct frames *frames, size_t count);
/* The next message that is complete. */
enum frames_result frames_next(struct frames *frames, nng_msg **out);
/* Gives up what it holds, to be used for another connection. */
void frames_reset(struct frames *frames);

/* What goes before a message of so many bytes with its numbers; its size. */
size_t frames_head(bool ipc, uint64_t size, uint8_t out[FRAMES_HEAD]);

#endif
