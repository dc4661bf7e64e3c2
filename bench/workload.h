/*
 * workload.h: a day of a hospital trust's discharges as packages of care, and how providers answer
 * what they are asked. Times, sizes and needs are drawn from published figures (workload.c says
 * which); market, date, number and seed fix all of it, bit for bit: it is drawn in integers alone.
 */
#ifndef PM_BENCH_WORKLOAD_H
#define PM_BENCH_WORKLOAD_H

#include "placemat.h"

/* The kinds of care it draws. The market must have them, by these names. */
enum workload_kind {
    WORKLOAD_HOMECARE,
    WORKLOAD_BRIDGING,
    WORKLOAD_RESIDENTIAL,
    WORKLOAD_KINDS,
};
const char *workload_kind_name(enum workload_kind kind);

enum {
    WORKLOAD_PACKAGES_MAX = 1000000,
    WORKLOAD_VISITS_MAX = 8, /* a day */
};

struct workload_options {
    const struct pm_market *market; /* must outlive the workload */
    uint64_t seed;
    int32_t date;        /* packages arrive on this day, 00:00 to 24:00 UTC */
    uint32_t discharges; /* people discharged on it */
    uint32_t share;      /* thousandths of them who need a package */
    uint32_t scale;      /* times as many */
    uint32_t early;      /* thousandths who are discharged before 17:00; 0: the usual 600 */
};

/* One package as it arrives. Everything it points to belongs to the workload. */
struct workload_arrival {
    int64_t time; /* when it is posted */
    enum workload_kind kind;
    struct pm_text ward; /* the hospital's, that posts it */
    struct pm_package package;
};

struct workload;

/*
 * Draws round(discharges × share × scale) packages. NULL, with a sentence in *error, when the
 * market lacks what they need, there are more than WORKLOAD_PACKAGES_MAX, or memory is short.
 */
struct workload *workload_open(const struct workload_options *options,
                               struct pm_client_error *error);
void workload_close(struct workload *workload);

size_t workload_count(const struct workload *workload);
/* In the order of their times, from 0. */
const struct workload_arrival *workload_at(const struct workload *workload, size_t at);
/* The position of the package of that reference, -1 when it is none of the workload's. */
long workload_find(const struct workload *workload, struct pm_text reference);

/* How soon care of a priority must start, for people: "today or tomorrow". */
const char *workload_urgency(unsigned priority);

/* ---- The figures ---- */

enum { WORKLOAD_DAYS_MAX = 31 };

/* One trust's days. */
struct workload_trust {
    struct pm_name code;
    uint32_t discharges[WORKLOAD_DAYS_MAX]; /* of each day asked for; 0: the file has none */
    uint32_t early[WORKLOAD_DAYS_MAX];      /* thousandths before 17:00; 0: not published */
    uint32_t mean; /* discharges a day, over all days of the file, rounded up */
};

/*
 * Reads from a CSV file (columns date, nhs_trust_code and discharged_total among others, no quotes)
 * how many people trusts discharged on `days` days from `from` on: of one trust, or of all that
 * have figures on these days when `trust` is empty, in the order of the file. *out is the caller's,
 * who frees it with free(). False, with a sentence in *error, when the file cannot be read, is
 * another one, or has no such days.
 */
bool workload_trusts(const char *path, struct pm_text trust, int32_t from, unsigned days,
                     struct workload_trust **out, size_t *count, struct pm_client_error *error);
/* The same of one trust and day. */
bool workload_discharges(const char *path, struct pm_text trust, int32_t date, uint32_t *out,
                         struct pm_client_error *error);

/* ---- Providers ---- */

enum workload_says { WORKLOAD_ACCEPTS, WORKLOAD_DECLINES, WORKLOAD_KEEPS_SILENT };

struct workload_answer {
    enum workload_says says;
    uint8_t code;  /* enum pm_decline_code, when it declines */
    int64_t delay; /* milliseconds from being asked to answering; may be beyond the deadline */
};

/* What one service answers about one package; times: how often it was asked about it before. */
struct workload_answer workload_answer(uint64_t seed, enum workload_kind kind,
                                       struct pm_text reference, struct pm_text service,
                                       unsigned times);

#endif
