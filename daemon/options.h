/*
 * options.h: what placematd is told on its command line.
 */
#ifndef PM_DAEMON_OPTIONS_H
#define PM_DAEMON_OPTIONS_H

#include "client/tls.h"
#include "core/core.h"
#include "daemon/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_LIST_MAX = 16 }; /* of a repeatable option */

struct options_list {
    const char *item[OPTIONS_LIST_MAX]; /* into argv */
    size_t count;
};

struct options {
    const char *data;    /* directory of the journal and snapshots */
    const char *journal; /* backend */
    bool keeps;          /* whether that backend keeps anything after a stop */
    struct options_list market, listen;
    uint32_t ipc_mode;    /* of the sockets' files */
    struct tls_files tls; /* for tls+tcp; cert and key are there when one is listened on */
    bool insecure;        /* everybody is who they say; tcp beyond loopback */
    bool manual_clock;
    uint32_t accept_rules;   /* by which a journal of others may be replayed; 0: none */
    bool resident;           /* all memory of the limits is taken at the start */
    uint64_t snapshot_every; /* entries; 0: never */
    uint32_t round_seconds;  /* that the solving of a round may take */
    uint32_t queue;          /* requests in work, a power of two */
    uint32_t events;         /* kept for watchers who come back */
    uint32_t idle_seconds;   /* after which who says nothing is disconnected; 0: never */
    size_t message_max;      /* bytes of a request */
    const char *metrics;     /* where to serve them over HTTP; NULL: nowhere */
    enum log_level log;
    enum log_format log_format;
    struct pm_limits limits; /* 0: not given */
};

enum options_outcome {
    OPTIONS_RUN,  /* *out is filled; its strings are argv's */
    OPTIONS_DONE, /* --help or --version was answered on stdout: exit 0 */
    OPTIONS_WRONG /* said on stderr what is wrong: exit 2 */
};
enum options_outcome options_parse(int argc, char **argv, struct options *out);

/* Whether a URL may be listened on: ipc, tls+tcp, or tcp on a loopback address given as number;
 * `insecure`: on any. Otherwise error says why not. */
bool options_url_allowed(const char *url, bool insecure, char error[256]);

#endif
