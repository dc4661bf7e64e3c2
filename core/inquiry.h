/*
 * inquiry.h - one package held against the services of its market: what explanation and diagnosis
 * share.
 *
 * A package is judged at the step where it was offered or placed, otherwise at the step it has come
 * to. One that waits has been through its whole ladder: each service is judged at the step where it
 * got furthest.
 */
#ifndef PM_INQUIRY_H
#define PM_INQUIRY_H

#include "eligible.h"
#include "query.h"
#include "text.h"

/* A question about one package. */
struct inquiry {
    const struct query *q;
    uint32_t package; /* slot */
    const struct package *p;
    const struct pm_kind *kind;
    unsigned first_step, last_step; /* positions */
};
struct inquiry inquire(const struct query *q, uint32_t package);

struct judgement {
    struct verdict verdict;
    unsigned step; /* where the service got furthest */
};
/* Judges a service by these filters: a mask as for eligible(). */
struct judgement judge(const struct inquiry *inquiry, uint32_t service, unsigned filters);

/* The newest offer of the package to a service; 0: never asked. */
uint32_t newest_offer(const struct inquiry *inquiry, uint32_t service);

/* The order between two services that may both be asked: the higher score, then as ties are
 * settled. */
bool ranks_before(const struct inquiry *inquiry, uint32_t a, uint32_t b);

/* What the services of the package's kind came to. */
struct tally {
    uint32_t services, filter[FILTERS], outcome[PM_OFFER_STATES]; /* of those asked */
    uint32_t lacking[PM_CAPABILITIES_MAX]; /* services that lack it, of those that lack something */
    /* Services that miss by the least: capacity, the ceiling, their share; 0: none. */
    uint32_t nearest, cheapest, least_awarded;
    struct verdict miss[FILTERS]; /* of these */
};
void tally_services(const struct inquiry *inquiry, struct tally *out);

/* "weekday morning needs 420, free 180": of FILTER_CAPACITY. */
void say_shortage(const struct inquiry *inquiry, struct verdict verdict, struct text *text);

#endif
