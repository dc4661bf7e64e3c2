/*
 * sessions.h: who has logged in. A session is a random key and what it stands for. They are in
 * memory alone: a restart forgets them, and clients log in again.
 *
 * Finding is for every request, on any thread, and takes no lock; the rest is for one thread at a
 * time: the caller has a lock.
 */
#ifndef PM_DAEMON_SESSIONS_H
#define PM_DAEMON_SESSIONS_H

#include "placemat.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SESSION_KEY = 24,             /* bytes */
    SESSION_IDLE = 3600,          /* s without a request after which it is over */
    SESSION_LONGEST = 24 * 3600,  /* s after which it is over in any case */
    SESSIONS_OF_TOKEN_MAX = 1024, /* then the token's own one longest unused does */
};

/* What a session stands for. */
struct principal {
    struct pm_name name;   /* of the actor */
    struct pm_name market; /* the only one it may name; empty: any */
    uint64_t token;        /* its id */
    uint64_t salt; /* sets the numbers of clients apart where tokens act by one name; or 0 */
    uint64_t role; /* enum pm_role */
};

struct sessions;

/* Room for so many, a power of two; then the one longest unused gives way. NULL when memory is
 * short. Free with sessions_destroy(). */
struct sessions *sessions_create(uint32_t capacity);
void sessions_destroy(struct sessions *sessions);

/* Opens one, which is over at `ends` at the latest, and gives its key. now, ends: seconds of a
 * steady clock. */
void sessions_open(struct sessions *sessions, const struct principal *principal, uint32_t now,
                   uint32_t ends, uint8_t key[SESSION_KEY]);

/* What the session of that key stands for, and that it was used now. False when there is none, or
 * it is over. Any thread. */
bool sessions_find(struct sessions *sessions, struct pm_text key, uint32_t now,
                   struct principal *out);

/* Ends all sessions of a token. */
void sessions_end(struct sessions *sessions, uint64_t token);

/* How many of a token are open. */
uint32_t sessions_count(const struct sessions *sessions, uint64_t token, uint32_t now);

#endif
