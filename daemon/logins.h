/*
 * logins.h: slows down who tries tokens that are none. Each failed login fills a bucket of where it
 * came from, its connection's and its address's, by one; buckets leak with time. Tokens cannot be
 * guessed: this spares the daemon work and its log lines.
 *
 * From a connection whose bucket is full nothing is looked at. Behind an address are many, and one
 * script with a token that was revoked must not keep a hospital out: so from there a token that is
 * good still is.
 *
 * The buckets are a table of fixed size, in which a place is found by a hash with a secret, so that
 * nobody can choose to share another's. One thread at a time: the caller has a lock.
 */
#ifndef PM_DAEMON_LOGINS_H
#define PM_DAEMON_LOGINS_H

#include <stdint.h>

enum {
    LOGINS_OF_CONNECTION = 4, /* that may fail at once */
    LOGINS_OF_ADDRESS = 16,   /* the same of an address, behind which may be many */
    LOGINS_LEAK = 2,          /* s in which one is forgotten */
    LOGINS_PLACES = 1 << 12,
};

struct logins {
    uint64_t secret; /* random */
    struct {
        uint32_t since; /* s: when it began to leak what is in it */
        uint32_t failed;
    } bucket[LOGINS_PLACES];
};

/* Seconds until a bucket is no longer full; 0: it is not. connection and address are any numbers
 * that tell connections, and addresses, apart. now: seconds of a steady clock. */
uint32_t logins_wait_of_connection(struct logins *logins, uint64_t connection, uint32_t now);
uint32_t logins_wait_of_address(struct logins *logins, uint64_t address, uint32_t now);

/* A login from there has failed. */
void logins_failed(struct logins *logins, uint64_t connection, uint64_t address, uint32_t now);

#endif
