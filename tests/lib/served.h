/*
 * served.h - a placematd of its own for an end-to-end test: started, killed, started again over the
 * same directory.
 */
#ifndef PM_TEST_SERVED_H
#define PM_TEST_SERVED_H

#include <placemat.h>
#include <stdbool.h>
#include <sys/types.h>

#include "scratch.h"

enum { SERVED_OPTIONS_MAX = 24 };

struct served {
    char directory[SCRATCH_PATH]; /* holds data/ and the socket; removed by served_remove() */
    char ipc[128];                /* URL */
    char tcp[128];                /* URL; the port may change with each start */
    char tls[128];                /* the same over TLS; empty when the options tell of none */
    char http[128];               /* the same of its metrics; empty: it serves none */
    const char *option[SERVED_OPTIONS_MAX + 1]; /* beside those for the above; NULL-terminated */
    pid_t pid;                                  /* 0: not running */
};

/* Makes its directory below TMPDIR. `options` are kept, NULL-terminated; may be NULL. */
void served_make(struct served *served, const char *const *options);

/* For a test whose clients break off connections with requests under way: what nng loses then is no
 * leak of the daemon's. Before served_start(). */
void served_expect_hang_ups(void);

/* Starts $BIN/placematd and waits until it is ready. False when it is not within a minute. */
bool served_start(struct served *served);

/* Ends it with a signal and waits. Returns the exit code, or -1 when a signal ended it. */
int served_end(struct served *served, int signal_number);

/* A client of a daemon with the little market, that waits at most 20 s for an answer; to be closed.
 * Fails the test when there is none. */
struct pm_client *served_client(const char *url, enum pm_role role, const char *name);

/* Loads the little market, over ipc, as an operator. Fails the test when it is refused. */
void served_load_little(const struct served *served);

/* Has a token made, over ipc; its text in out. Fails the test when it is refused. */
enum { SERVED_TOKEN = PM_TITLE_MAX + 1 };
void served_token(const struct served *served, const struct pm_token *token,
                  char out[SERVED_TOKEN]);
/* As served_client(), by a token. */
struct pm_client *served_login(const char *url, const char *token);

/* Kills what still runs and removes the directory. */
void served_remove(struct served *served);

#endif
