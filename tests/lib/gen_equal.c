/* gen_equal.c - are two commands the same? Written by hand, field by field, to check the codec's
 * table. */
#include <string.h>

#include "tests/lib/gen_command.h"

#define SAME(member) (a->member == b->member)
#define SAME_TEXT(member) pm_text_equal(a->member, b->member)

static bool same_bytes(const void *a, const void *b, size_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

static bool same_texts(const struct pm_text *a, const struct pm_text *b, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++) {
        if (!pm_text_equal(a[i], b[i]))
            return false;
    }
    return true;
}

static bool same_calendars(const struct pm_load *a, const struct pm_load *b)
{
    if (!SAME(calendars))
        return false;
    for (uint32_t i = 0; i < a->calendars; i++) {
        const struct pm_calendar *c = &a->calendar[i], *d = &b->calendar[i];
        if (!same_bytes(&c->name, &d->name, sizeof c->name) || c->openings != d->openings ||
            !same_bytes(c->opening, d->opening, c->openings * sizeof *c->opening))
            return false;
    }
    return true;
}

static bool same_load(const struct pm_load *a, const struct pm_load *b)
{
    if ((a->market == NULL) != (b->market == NULL) || !SAME(supplies) || !same_calendars(a, b))
        return false;
    if (a->market != NULL && !same_bytes(a->market, b->market, sizeof *a->market))
        return false;
    for (uint32_t i = 0; i < a->supplies; i++) {
        if (!gen_equal(&a->supply[i], &b->supply[i]))
            return false;
    }
    return true;
}

static bool same_provider(const struct pm_provider_put *a, const struct pm_provider_put *b)
{
    return SAME_TEXT(provider) && SAME_TEXT(title) && SAME(standing);
}

static bool same_location(const struct pm_location_put *a, const struct pm_location_put *b)
{
    return SAME_TEXT(location) && SAME_TEXT(provider) && SAME_TEXT(title) && SAME_TEXT(cqc) &&
           SAME(standing) && SAME(rating) && SAME(score);
}

static bool same_pool(const struct pm_pool_put *a, const struct pm_pool_put *b)
{
    return SAME_TEXT(pool) && SAME_TEXT(location) && SAME_TEXT(kind) && SAME(mode);
}

static bool same_service(const struct pm_service_put *a, const struct pm_service_put *b)
{
    return SAME_TEXT(service) && SAME_TEXT(pool) && SAME_TEXT(kind) && SAME_TEXT(lot) &&
           SAME(tier) && SAME(contract) && SAME(standing) && SAME(uplift) && SAME(localities) &&
           SAME(sectors) && SAME(capabilities) && SAME(rates) &&
           same_texts(a->locality, b->locality, a->localities) &&
           same_bytes(a->sector, b->sector, a->sectors * sizeof *a->sector) &&
           same_texts(a->capability, b->capability, a->capabilities) &&
           same_bytes(a->rate, b->rate, a->rates * sizeof *a->rate);
}

static bool same_capacity(const struct pm_capacity_set *a, const struct pm_capacity_set *b)
{
    return SAME_TEXT(pool) && SAME(bands) && SAME(as_of) && SAME(valid_until) &&
           same_bytes(a->spare, b->spare, sizeof a->spare);
}

static bool same_package(const struct pm_package *a, const struct pm_package *b)
{
    return SAME_TEXT(reference) && SAME_TEXT(referrer) && SAME_TEXT(kind) && SAME(postcode) &&
           SAME_TEXT(locality) && SAME(sector) && SAME_TEXT(place_type) && SAME_TEXT(continuity) &&
           SAME_TEXT(person) && SAME(visits) && SAME(needs) && SAME(exclusions) && SAME(priority) &&
           SAME(interim) && SAME(payer) && SAME(given) && SAME(start_from) && SAME(start_by) &&
           SAME(planned_end) && same_bytes(a->visit, b->visit, a->visits * sizeof *a->visit) &&
           same_texts(a->need, b->need, a->needs) &&
           same_texts(a->exclusion, b->exclusion, a->exclusions) && SAME(preferences) &&
           same_texts(a->preferred, b->preferred, a->preferences) && SAME_TEXT(follows) &&
           SAME_TEXT(group) && SAME(group_size) && SAME(together) && SAME(arrangement);
}

static bool same_import(const struct pm_import *a, const struct pm_import *b)
{
    return SAME_TEXT(service) && SAME(rate) && SAME(started) &&
           (a->package == NULL) == (b->package == NULL) &&
           (a->package == NULL || same_package(a->package, b->package));
}

static bool same_suspension(const struct pm_suspension *a, const struct pm_suspension *b)
{
    return SAME_TEXT(provider) && SAME_TEXT(location) && SAME_TEXT(kind) && SAME_TEXT(locality) &&
           SAME_TEXT(note);
}

static bool same_failure(const struct pm_failure *a, const struct pm_failure *b)
{
    return SAME_TEXT(provider) && SAME_TEXT(location) && SAME(from) && SAME(mode) &&
           SAME_TEXT(note);
}

static bool same_transfer(const struct pm_transfer *a, const struct pm_transfer *b)
{
    return SAME_TEXT(service) && SAME_TEXT(to) && SAME_TEXT(note);
}

static bool same_tender(const struct pm_tender *a, const struct pm_tender *b)
{
    return SAME(offer) && SAME(rate) && SAME(start) && SAME(assess_by) && SAME(shift);
}

static bool same_handback(const struct pm_handback *a, const struct pm_handback *b)
{
    return SAME(placement) && SAME(until) && SAME(code) && SAME_TEXT(note);
}

static bool same_choice(const struct pm_choice *a, const struct pm_choice *b)
{
    return SAME_TEXT(reference) && SAME_TEXT(referrer) && SAME(offer) && SAME(decided_by) &&
           SAME(top_up);
}

static bool same_award(const struct pm_override *a, const struct pm_override *b)
{
    return SAME_TEXT(reference) && SAME_TEXT(referrer) && SAME_TEXT(service) && SAME(rate) &&
           SAME_TEXT(note);
}

static bool same_stay(const struct pm_stay *a, const struct pm_stay *b)
{
    return SAME_TEXT(reference) && SAME_TEXT(referrer) && SAME(until);
}

static bool same_round(const struct pm_round *a, const struct pm_round *b)
{
    return SAME_TEXT(kind);
}

static bool same_results(const struct pm_round_result *a, const struct pm_round_result *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return same_bytes(a->value, b->value, sizeof a->value) &&
           same_bytes(a->bound, b->bound, sizeof a->bound) &&
           same_bytes(a->alone, b->alone, sizeof a->alone) &&
           same_bytes(a->hash, b->hash, sizeof a->hash) && SAME(optimal) && SAME(abandoned) &&
           SAME(scarces) && same_bytes(a->scarce, b->scarce, sizeof a->scarce);
}

static bool same_apply(const struct pm_round_apply *a, const struct pm_round_apply *b)
{
    return SAME(round) && SAME(assignments) &&
           same_bytes(a->assignment, b->assignment, a->assignments * sizeof *a->assignment) &&
           same_results(a->result, b->result);
}

static bool same_matched(const struct pm_round_query *a, const struct pm_round_query *b)
{
    return SAME(round) && SAME(after) && SAME(offset) && SAME(limit);
}

static bool same_tried(const struct pm_round_try *a, const struct pm_round_try *b)
{
    return SAME_TEXT(kind) && SAME_TEXT(provider) && SAME_TEXT(location);
}

static bool same_id(const struct pm_package_id *a, const struct pm_package_id *b)
{
    return SAME_TEXT(reference) && SAME_TEXT(referrer) && SAME(reason);
}

static bool same_answer(const struct pm_answer *a, const struct pm_answer *b)
{
    return SAME(offer) && SAME(code);
}

static bool same_tick(const struct pm_tick *a, const struct pm_tick *b)
{
    return SAME(time);
}

static bool same_list(const struct pm_list *a, const struct pm_list *b)
{
    return SAME_TEXT(provider) && SAME_TEXT(kind) && SAME(state) && SAME(after) && SAME(limit);
}

static bool same_watch(const struct pm_watch *a, const struct pm_watch *b)
{
    return SAME(cursor) && SAME(wait) && SAME(limit);
}

static bool same_hello(const struct pm_hello *a, const struct pm_hello *b)
{
    return SAME_TEXT(token);
}

static bool same_token(const struct pm_token *a, const struct pm_token *b)
{
    return SAME_TEXT(name) && SAME(role) && SAME_TEXT(provider) && SAME_TEXT(referrer) &&
           SAME_TEXT(market) && SAME(expires);
}

static bool same_token_name(const struct pm_token_name *a, const struct pm_token_name *b)
{
    return SAME_TEXT(name);
}

static bool same_none(const char *a, const char *b)
{
    (void)a;
    (void)b;
    return true;
}

bool gen_equal(const struct pm_command *a, const struct pm_command *b)
{
#define SAME_MEMBER(number, constant, name, member) \
    case PM_##constant:                             \
        return same_##member(&a->member, &b->member);
    if (a->verb != b->verb)
        return false;
    switch (a->verb) {
        PM_VERBS(SAME_MEMBER) /* NOLINT(bugprone-branch-clone): verbs share members */
    default:
        return false;
    }
}
