/*
 * served_process.h: the processes that benchmarks measure: the daemon with a data directory of its
 * own, and the echo. What the caller leaves behind dies with it.
 */
#ifndef PM_BENCH_SERVED_PROCESS_H
#define PM_BENCH_SERVED_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "council.h"

enum { SERVED_PATH = 256 };

struct process {
    pid_t pid;                  /* 0: none */
    char url[SERVED_PATH];      /* the first it serves at; of a daemon ipc */
    char load_url[SERVED_PATH]; /* the last: over the transport that is measured */
};

/* Starts a program that is found beside this one (NULL: this one itself) and waits until it says
 * that it serves. argument: all but the program's name, NULL at the end. False, having said why on
 * stderr. */
bool process_start(struct process *process, const char *program, const char *const *argument);
/* Kills it and waits until it is gone. A process never started is allowed. */
void process_kill(struct process *process);
/* The processor time it has taken, in ns; 0 when that cannot be known. */
uint64_t process_cpu_ns(const struct process *process);
/* Bytes of memory that it has resident; 0 likewise. */
uint64_t process_resident(const struct process *process);

/* A directory for one benchmark: sockets and data. */
struct directory {
    char path[SERVED_PATH / 2];
    bool on_disk; /* what is synced in it survives a power cut, as far as the disk keeps its word */
};
/* Made within `parent`; NULL is TMPDIR or /var/tmp. False, having said why on stderr. */
bool directory_make(struct directory *directory, const char *parent);
void directory_remove(const struct directory *directory);

/* The daemon, on the directory's data. */
struct daemon_options {
    const struct directory *directory;
    bool tcp;
    const char *journal;     /* backend */
    uint64_t snapshot_every; /* as the daemon's; UINT64_MAX: its default */
    const char *const *more; /* its options beside these, NULL at the end; NULL: none */
};
bool daemon_start(struct process *process, const struct daemon_options *options);

/* One command or query as an operator of the council. Its answer's body as JSON, to be released;
 * NULL, having said why on stderr, when there is none or it is refused. */
json_t *daemon_ask(const struct process *process, const struct pm_command *command);
/* Makes a broker's token and logs in with it. False, having said why on stderr. */
struct daemon_session {
    uint8_t key[PM_SESSION_MAX];
    uint32_t size;
};
bool daemon_login(const struct process *process, struct daemon_session *out);
/* Of market.report: packages neither ended nor withdrawn. */
bool daemon_live(const struct process *process, uint64_t *live);

#endif
