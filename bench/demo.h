/*
 * demo.h: the demonstration: a daemon of its own, a real discharge day posted to it, simulated
 * providers who answer, and a report of what came of it. All through libplacemat and a socket, at a
 * clock that it tells the daemon; market, day and seed fix the outcome.
 *
 *     demo.c          the program, in order
 *     demo_options.c  its command line
 *     demo_daemon.c   starting and stopping placematd
 *     demo_link.c     asking it
 *     demo_run.c      the replay: who does what, and when
 *     demo_follow.c   what the daemon's events say came of it
 *     demo_report.c   the figures; demo_reason.c: why packages wait
 *     demo_print.c    the report for people, demo_json.c: for programs
 */
#ifndef PM_BENCH_DEMO_H
#define PM_BENCH_DEMO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "diary.h"
#include "placemat.h"
#include "workload.h"

/* ---- Command line ---- */

struct demo_options {
    const char *market, *data, *trust; /* of argv, or constant */
    int32_t date;
    uint32_t share; /* thousandths */
    uint32_t scale;
    uint64_t seed;
    int port; /* to serve on over tcp too; -1: none, 0: any */
    bool once, json;
};

enum demo_outcome { DEMO_RUN, DEMO_ANSWERED, DEMO_USAGE };
/* DEMO_ANSWERED: --help or --version is on stdout. DEMO_USAGE: stderr says what is wrong. */
enum demo_outcome demo_options_parse(int argc, char **argv, struct demo_options *out);

/* Says something on stderr, after the program's name. Returns false. */
bool demo_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- The daemon ---- */

struct demo_daemon {
    pid_t pid;           /* 0: not running */
    char directory[108]; /* its own, temporary; empty: not made */
    char urls[512];      /* where it serves: the first is over ipc */
    char url[160];       /* that one */
};

/* Starts the placematd beside this program over an empty directory, and waits until it serves.
 * False, having said why, when it does not; then demo_daemon_stop() is needed all the same. */
bool demo_daemon_start(const struct demo_options *options, struct demo_daemon *out);
/* Ends it and removes its directory. False when it did not end well. */
bool demo_daemon_stop(struct demo_daemon *daemon);

/* Signals to stop are blocked, and asked for here: true when one came within so many ms. */
void demo_block_signals(void);
bool demo_stopped(int ms);

/* ---- Asking it ---- */

struct demo_link {
    struct pm_client *client;
    uint64_t commands; /* sent, queries included */
};

bool demo_link_open(const char *url, const struct pm_market *market, uint64_t seed,
                    struct demo_link *out);
void demo_link_close(struct demo_link *link);

extern const struct pm_actor demo_operator, demo_broker;

/* Sends one command. False, having said why, when it was not answered; a refusal is an answer. */
bool demo_do(struct demo_link *link, struct pm_actor actor, const struct pm_command *command,
             struct pm_result *out);
/* Sends one query. NULL, having said why, when there is no body. A new reference. */
json_t *demo_ask(struct demo_link *link, struct pm_actor actor, const struct pm_command *command);
/* All rows of a list, as an array. NULL as above. A new reference. */
json_t *demo_rows(struct demo_link *link, enum pm_verb verb);

/* A member as text ("" when there is none), as a number (0). */
const char *demo_text(const json_t *map, const char *key);
int64_t demo_number(const json_t *map, const char *key);

/* ---- What happens next ---- */

/* What an item of the diary is. index: of the package (arrival, choice) or offer (answer,
 * expiry). */
enum demo_deed { DEMO_ARRIVAL, DEMO_ANSWER, DEMO_EXPIRY, DEMO_CHOICE, DEMO_PROGRESS };

/* demo_note() is diary_add(), and says when memory is short. */
bool demo_note(struct diary *diary, int64_t at, enum demo_deed deed, size_t index);

/* ---- The replay ---- */

struct demo_package {
    const struct workload_arrival *arrival;
    uint16_t posted;             /* status of its post */
    bool known, last_resort;     /* posted and not refused; placed without being offered */
    enum pm_package_state state; /* as the events have it */
    int64_t asked, placed;       /* times of its first offer and its placement; 0: none */
    size_t offer;                /* position + 1 of its newest; 0: none */
};

struct demo_offer {
    uint64_t id;
    size_t package, previous; /* previous: of the package, position + 1 */
    struct pm_name service, provider;
    int64_t made, deadline;
    struct workload_answer answer; /* to come */
    enum pm_offer_state state;
    bool late; /* answered after its deadline, and refused */
};

struct demo_run {
    const struct demo_options *options;
    struct demo_link *link;
    const struct workload *workload;
    struct diary diary;
    struct demo_package *package;
    struct demo_offer *offer;
    size_t packages, offers, offers_room;
    size_t arrived, open; /* packages posted so far; offers open */
    uint64_t cursor;      /* of the events seen */
    int64_t begin, time;
    double seconds;  /* of real time it took */
    FILE *out;       /* for progress */
    size_t shown[3]; /* what progress said last: placed, asking, waiting */
};

/* Replays the day. False, having said why, when it could not be done. Call demo_run_close() after.
 */
bool demo_run(struct demo_run *run);
void demo_run_close(struct demo_run *run);
/* Sets the daemon's clock, and has it do what is due. */
bool demo_move(struct demo_run *run, int64_t time);

/* Takes in the events since the last time; new offers bring their answers onto the diary. */
bool demo_follow(struct demo_run *run);

/* "Tue 08:15", of a time; returns out. */
enum { DEMO_CLOCK = 16 };
char *demo_clock(int64_t time, char out[DEMO_CLOCK]);
/* Seconds of the machine's steady clock. */
double demo_seconds(void);

/* ---- The report ---- */

struct demo_times {
    size_t count;
    int64_t median, p90, most; /* ms */
};

struct demo_kind {
    uint64_t packages, urgency[PM_PRIORITIES];
    uint64_t placed, asking, waiting, refused, last_resort;
    /* accepted: or won; silent: expired; others: tendered, or lost to another */
    uint64_t offers, accepted, declined, silent, open, late, others;
    struct demo_times first_offer, placement;
    int64_t units, cost; /* a week: minutes or places, and pence, as the daemon reports them */
};

struct demo_reason {
    char text[128];
    enum workload_kind kind;
    unsigned count;
    char example[PM_NAME_MAX + 1];
    char *diagnosis; /* of the example */
};

enum { DEMO_ALL = WORKLOAD_KINDS };

struct demo_report {
    struct demo_kind kind[WORKLOAD_KINDS + 1]; /* the last: of all */
    struct demo_reason *reason;                /* the most frequent first */
    size_t reasons;
    char digest[65];
    uint64_t differing; /* packages whose state the daemon lists otherwise than its events told */
    uint64_t missing, strange; /* packages it does not list; lists, and nobody posted */
    uint64_t route[PM_ROUTES]; /* placements agreed, by how they came about */
    uint64_t bands, overfull;  /* bands of declared capacity; those below zero */
};

/* Asks for what it takes. False, having said why, when that failed; then too it is to be closed. */
bool demo_report_make(struct demo_run *run, struct demo_report *out);
void demo_report_close(struct demo_report *report);
/* Did everything the demonstration can check add up? */
bool demo_report_adds_up(const struct demo_report *report);
/* Asks why each package that waits does, and groups the answers. */
bool demo_reasons(struct demo_run *run, struct demo_report *report);

void demo_print(FILE *out, const struct demo_run *run, const struct demo_report *report);
/* A new reference; NULL when out of memory. */
json_t *demo_json(const struct demo_run *run, const struct demo_report *report,
                  uint32_t discharges);

#endif
