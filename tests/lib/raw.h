/*
 * raw.h - nng's framing over plain sockets, for tests that send what no client would: an 8-byte
 * hello from each side, then messages of an 8-byte length, a 4-byte request id with the high bit
 * set, and the body.
 */
#ifndef PM_TEST_RAW_H
#define PM_TEST_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RAW_HELLO = 8,
    RAW_FRAME = 9 + 8 + 4, /* before a body over ipc; tcp has no leading byte */
    RAW_WAIT_MS = 20000,   /* for what must come */
};
extern const uint8_t raw_hello[RAW_HELLO];

/* Connects to ipc://PATH; -1 when nobody listens there. */
int raw_connect_ipc(const char *url);
/* Sends our hello and waits for theirs; false when it does not come. */
bool raw_shake_hands(int fd);

/* As much as the peer takes; it may hang up at any moment. */
void raw_put(int fd, const void *bytes, size_t size);
/* Exactly so many bytes; false when the peer hangs up or nothing comes. */
bool raw_get(int fd, void *bytes, size_t size);

/* Writes what stands before a message of so many bytes, its id included; returns how long it is. */
size_t raw_frame(uint8_t *out, bool ipc, uint64_t size, uint32_t id);
/* Sends a message over ipc. */
void raw_put_message(int fd, uint32_t id, const uint8_t *body, size_t size);
/* The next message over ipc, its id without the high bit; -1 when the connection ends, or it is
 * longer than there is room for. */
int64_t raw_get_message(int fd, uint32_t *id, uint8_t *body, size_t room);

#endif
