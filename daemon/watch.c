/*
 * watch.c: see watch.h.
 *
 * Events are in a ring by index, 0, 1, 2, … since the start; their cursors rise with the index.
 * Each knows the one before it of the same market, so that who comes back goes through those of its
 * own market and not of ten thousand others. Parked watchers hang in buckets by what they see
 * (everything of a market, a provider's, a referrer's), so that an event is compared with those it
 * may be for and not with ten thousand others. And they hang in slots by when their wait is over, a
 * wheel that turns once in the longest wait, so that nobody looks at those who are to wait on.
 */
#include "watch.h"

#include "core/hash.h"
#include "core/rights.h"
#include "core/wire.h"
#include "daemon/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 1 << 16,
    EVENT_BYTES_MAX = 512,
    EVENT_FIELDS = 13, /* that are not shown to everybody */
    NS_PER_MS = 1000000,
    EXPIRE_NS = 20 * NS_PER_MS, /* the least between two looks for those whose wait is over; and of
                                   deadlines in one slot, the most between two */
    SLOTS = 1 << 12,
};
static_assert((uint64_t)(SLOTS - 1) * EXPIRE_NS > (uint64_t)WATCH_WAIT_MAX * NS_PER_MS,
              "no two turns of the wheel meet in a slot");

enum audience { EVERYTHING, OF_PROVIDER, OF_REFERRER };

/* What somebody sees; the role only decides how much of it. */
struct view {
    enum audience audience;
    uint8_t role;                /* enum pm_role */
    struct pm_name market, name; /* name: of the provider or referrer; else empty */
};

struct links {
    struct watcher *previous, *next;
};

struct watcher {
    nng_msg *message;
    uint32_t from;
    struct view view;
    uint32_t limit;
    uint32_t session_size; /* 0: it stated who it is */
    uint8_t session[SESSION_KEY];
    uint64_t deadline_ns;
    struct links bucket, slot;
};

struct watch {
    struct pm_event_record *event; /* `events` of them */
    uint64_t *before;              /* by event: 1 + the index of the one before it; 0: none */
    uint64_t newest[BUCKETS];      /* by the market's hash: 1 + the index of the last */
    uint32_t events;
    uint64_t head;     /* index of the next event */
    uint64_t floor;    /* cursors below this are of events that are gone */
    uint64_t sequence; /* last committed */
    watch_answer *answer;
    watch_may *may;
    void *context;
    uint64_t earliest_ns; /* no watcher's deadline is before */
    size_t parked;
    struct watcher *bucket[BUCKETS];
    struct watcher *slot[SLOTS]; /* by deadline */
    uint64_t swept_ns;           /* there are no deadlines before the slot of this one */
    struct wire_writer results, head_bytes;
    /* Indices of the events of one answer, and what they are chosen of, the newest first. */
    uint64_t chosen[PM_ROWS_MAX], met[PM_ROWS_MAX];
};

static uint64_t cursor_of(const struct pm_event_record *event)
{
    return event->sequence * PM_EVENTS_MAX + event->position;
}

/* The cursor of someone who has seen all there is. */
static uint64_t cursor_now(const struct watch *watch)
{
    return watch->sequence * PM_EVENTS_MAX + (PM_EVENTS_MAX - 1);
}

static struct pm_event_record *event_at(const struct watch *watch, uint64_t index)
{
    return &watch->event[index % watch->events];
}

static uint64_t tail(const struct watch *watch)
{
    return watch->head > watch->events ? watch->head - watch->events : 0;
}

static bool alloc_writer(struct wire_writer *writer, size_t size)
{
    *writer = (struct wire_writer){.bytes = malloc(size), .size = size};
    return writer->bytes != NULL;
}

struct watch *watch_create(uint32_t events, uint64_t floor, watch_answer *answer, watch_may *may,
                           void *context)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    watch->event = memory_take_apart(events * sizeof *watch->event); /* touched as used */
    watch->before = memory_take_apart(events * sizeof *watch->before);
    watch->events = events;
    watch->sequence = floor;
    watch->floor = cursor_now(watch);
    watch->answer = answer;
    watch->may = may;
    watch->context = context;
    watch->earliest_ns = UINT64_MAX;
    if (watch->event && watch->before &&
        alloc_writer(&watch->results, (size_t)PM_ROWS_MAX * EVENT_BYTES_MAX) &&
        alloc_writer(&watch->head_bytes, 64))
        return watch;
    watch_destroy(watch);
    return NULL;
}

size_t watch_parked(const struct watch *watch)
{
    return watch->parked;
}

/* ---- Who sees what ---- */

static bool name_equal(const struct pm_name *a, const struct pm_name *b)
{
    return memcmp(a->text, b->text, sizeof a->text) == 0;
}

static bool sees(const struct view *view, const struct pm_event_record *event)
{
    if (!name_equal(&view->market, &event->market))
        return false;
    switch (view->audience) {
    case OF_PROVIDER:
        return name_equal(&view->name, &event->provider);
    case OF_REFERRER:
        return name_equal(&view->name, &event->referrer);
    case EVERYTHING:
        return true;
    }
    return false;
}

/* Whoever floods one bucket with names only slows the search for events in it. */
static uint32_t bucket_of(const struct view *view)
{
    static_assert(offsetof(struct view, name) ==
                      offsetof(struct view, market) + sizeof(struct pm_name),
                  "both names are hashed as one");
    uint64_t hash = pm_hash(&view->market, 2 * sizeof(struct pm_name), view->audience);
    return (uint32_t)(hash >> 32) % BUCKETS;
}

static uint32_t bucket_of_market(const struct pm_name *market)
{
    return (uint32_t)(pm_hash(market, sizeof *market, 0) >> 32) % BUCKETS;
}

static void set_name(struct pm_name *out, struct pm_text text)
{
    *out = (struct pm_name){0};
    assert(text.length <= PM_NAME_MAX);
    memcpy(out->text, text.bytes, text.length);
}

static struct view view_of(const struct wire_request *request)
{
    struct view view = {.audience = EVERYTHING, .role = request->actor.role};
    set_name(&view.market, request->market);
    if (request->actor.role == PM_PROVIDER)
        view.audience = OF_PROVIDER;
    else if (request->actor.role == PM_HOSPITAL)
        view.audience = OF_REFERRER;
    if (view.audience != EVERYTHING)
        set_name(&view.name, request->actor.name);
    return view;
}

/*
 * Where an event stands among those of its command: for who sees them all, its position; for others
 * its place among what they see. The position would tell a provider how many were asked before it.
 */
static uint32_t place_of(const struct watch *watch, const struct view *view, uint64_t index)
{
    const struct pm_event_record *event = event_at(watch, index);
    if (view->audience == EVERYTHING)
        return event->position;
    uint32_t place = 0;
    while (index-- > tail(watch) && event_at(watch, index)->sequence == event->sequence)
        place += sees(view, event_at(watch, index));
    return place;
}

/* The cursor of someone who has seen all up to this event. */
static uint64_t cursor_after(const struct watch *watch, const struct view *view, uint64_t index)
{
    return event_at(watch, index)->sequence * PM_EVENTS_MAX + place_of(watch, view, index);
}

/* Cursors before this are of events that are gone. Places are counted from the first event of a
 * command, so of one that has lost some none are known. */
static uint64_t floor_of(const struct watch *watch, const struct view *view)
{
    if (view->audience == EVERYTHING)
        return watch->floor;
    return watch->floor - watch->floor % PM_EVENTS_MAX + (PM_EVENTS_MAX - 1);
}

/* Where in an event's record there is what is not for a role. */
struct hidden {
    unsigned fields;
    struct field {
        enum wire_key key;
        size_t offset, size;
    } field[EVENT_FIELDS];
};

static struct hidden hidden_from(unsigned role)
{
#define FIELD(key, member)                                \
    {                                                     \
        key, offsetof(struct pm_event_record, member),    \
            sizeof(((struct pm_event_record *)0)->member) \
    }
    static const struct field fields[EVENT_FIELDS] = {
        FIELD(KEY_MARKET, market),       FIELD(KEY_PACKAGE, package),
        FIELD(KEY_REFERENCE, reference), FIELD(KEY_REFERRER, referrer),
        FIELD(KEY_OFFER, offer),         FIELD(KEY_PLACEMENT, placement),
        FIELD(KEY_SERVICE, service),     FIELD(KEY_PROVIDER, provider),
        FIELD(KEY_POOL, pool),           FIELD(KEY_RATE, rate),
        FIELD(KEY_DEADLINE, deadline),   FIELD(KEY_CODE, code),
        FIELD(KEY_ROUND, round),
    };
#undef FIELD
    struct hidden hidden = {.fields = 0};
    for (size_t i = 0; i < EVENT_FIELDS; i++)
        if (!rights_show(role, fields[i].key))
            hidden.field[hidden.fields++] = fields[i];
    return hidden;
}

/* Puts an event as it is shown at that place. */
static void put_event(struct watch *watch, const struct pm_event_record *event, uint32_t place,
                      const struct hidden *hidden)
{
    if (hidden->fields == 0 && place == event->position) {
        wire_event_encode(&watch->results, event);
        return;
    }
    struct pm_event_record shown = *event;
    shown.position = place;
    for (unsigned i = 0; i < hidden->fields; i++)
        memset((char *)&shown + hidden->field[i].offset, 0, hidden->field[i].size);
    wire_event_encode(&watch->results, &shown);
}

/* ---- Parking ---- */

static void link_first(struct watcher **list, struct watcher *watcher, size_t which)
{
    struct links *links = (struct links *)((char *)watcher + which);
    links->previous = NULL;
    links->next = *list;
    if (*list)
        ((struct links *)((char *)*list + which))->previous = watcher;
    *list = watcher;
}

static void unlink_from(struct watcher **list, struct watcher *watcher, size_t which)
{
    struct links *links = (struct links *)((char *)watcher + which);
    if (links->previous)
        ((struct links *)((char *)links->previous + which))->next = links->next;
    else
        *list = links->next;
    if (links->next)
        ((struct links *)((char *)links->next + which))->previous = links->previous;
}

static struct watcher **slot_of(struct watch *watch, uint64_t deadline_ns)
{
    return &watch->slot[deadline_ns / EXPIRE_NS % SLOTS];
}

static bool park(struct watch *watch, const struct watcher *draft)
{
    struct watcher *watcher = watch->parked < WATCHERS_MAX ? malloc(sizeof *watcher) : NULL;
    if (!watcher)
        return false;
    *watcher = *draft;
    link_first(&watch->bucket[bucket_of(&watcher->view)], watcher,
               offsetof(struct watcher, bucket));
    link_first(slot_of(watch, watcher->deadline_ns), watcher, offsetof(struct watcher, slot));
    watch->parked++;
    if (watcher->deadline_ns < watch->earliest_ns)
        watch->earliest_ns = watcher->deadline_ns;
    return true;
}

static void unpark(struct watch *watch, struct watcher *watcher)
{
    unlink_from(&watch->bucket[bucket_of(&watcher->view)], watcher,
                offsetof(struct watcher, bucket));
    unlink_from(slot_of(watch, watcher->deadline_ns), watcher, offsetof(struct watcher, slot));
    watch->parked--;
    free(watcher);
}

/* ---- Answering ---- */

static void send(struct watch *watch, const struct watcher *watcher)
{
    wire_reply_begin(&watch->head_bytes, watch->sequence, 1);
    assert(!watch->head_bytes.overflow && !watch->results.overflow);
    /* Out of memory leaves it empty, which is no reply: the client asks again. */
    request_set_reply(watcher->message, &watch->head_bytes, &watch->results);
    watch->answer(watch->context, watcher->message, watcher->from);
}

static void start_answer(struct watch *watch)
{
    watch->results.used = watch->head_bytes.used = 0;
}

static void answer_status(struct watch *watch, const struct watcher *watcher, uint16_t status)
{
    start_answer(watch);
    wire_reply_result(&watch->results, (struct pm_result){.status = status});
    send(watch, watcher);
}

/* Refuses the whole request. */
static void refuse(struct watch *watch, const struct watcher *watcher, uint16_t status)
{
    start_answer(watch);
    wire_reply_refused(&watch->head_bytes, watch->sequence, status, "", 0);
    request_set_reply(watcher->message, &watch->head_bytes, &watch->results);
    watch->answer(watch->context, watcher->message, watcher->from);
}

/* Puts the chosen events: all that the view sees from the first to the last of them. */
static void put_events(struct watch *watch, const struct view *view, size_t count)
{
    const struct hidden hidden = hidden_from(view->role);
    uint32_t place = 0;
    uint64_t sequence = 0; /* no event has this one */
    for (size_t i = 0; i < count; i++) {
        const struct pm_event_record *event = event_at(watch, watch->chosen[i]);
        bool next = event->sequence == sequence && view->audience != EVERYTHING;
        place = next ? place + 1 : place_of(watch, view, watch->chosen[i]);
        sequence = event->sequence;
        put_event(watch, event, place, &hidden);
    }
}

/* Answers with the chosen events. */
static void answer_events(struct watch *watch, const struct watcher *watcher, size_t count,
                          uint64_t cursor)
{
    struct wire_writer *out = &watch->results;
    start_answer(watch);
    wire_array(out, 2);
    wire_uint(out, PM_OK);
    wire_map(out, 2);
    wire_key(out, KEY_CURSOR);
    wire_uint(out, cursor);
    wire_key(out, KEY_EVENTS);
    wire_array(out, count);
    put_events(watch, &watcher->view, count);
    send(watch, watcher);
}

/* Chooses what the watcher sees of the events from index on, the oldest first, as many as it asked
 * for; returns how many there are. */
static size_t choose(struct watch *watch, const struct watcher *watcher, uint64_t index)
{
    size_t count = 0;
    for (uint64_t at = watch->newest[bucket_of_market(&watcher->view.market)]; at > index;
         at = watch->before[(at - 1) % watch->events]) {
        if (sees(&watcher->view, event_at(watch, at - 1)))
            watch->met[count++ % watcher->limit] = at - 1;
    }
    for (size_t i = 0; i < count && i < watcher->limit; i++)
        watch->chosen[i] = watch->met[(count - 1 - i) % watcher->limit];
    return count;
}

/* Answers with what the watcher sees of the events from index on; false when that is nothing. */
static bool answer_from(struct watch *watch, const struct watcher *watcher, uint64_t index)
{
    size_t seen = choose(watch, watcher, index);
    size_t count = seen < watcher->limit ? seen : watcher->limit;
    if (count == 0)
        return false;
    uint64_t last = watch->chosen[count - 1];
    bool all = count < watcher->limit || last + 1 == watch->head;
    answer_events(watch, watcher, count,
                  all ? cursor_now(watch) : cursor_after(watch, &watcher->view, last));
    return true;
}

/* The first event at a cursor or after. */
static uint64_t index_from(const struct watch *watch, uint64_t cursor)
{
    uint64_t low = tail(watch), high = watch->head;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (cursor_of(event_at(watch, middle)) >= cursor)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first event that somebody with this cursor may not have seen. */
static uint64_t index_after(const struct watch *watch, const struct view *view, uint64_t cursor)
{
    if (view->audience == EVERYTHING)
        return index_from(watch, cursor + 1);
    uint64_t sequence = cursor / PM_EVENTS_MAX, seen = cursor % PM_EVENTS_MAX + 1;
    uint64_t index = index_from(watch, sequence * PM_EVENTS_MAX);
    while (index < watch->head && seen > 0 && event_at(watch, index)->sequence == sequence)
        seen -= sees(view, event_at(watch, index++));
    return index;
}

static void keep_session(struct watcher *watcher, struct pm_text session)
{
    watcher->session_size = session.length < SESSION_KEY ? session.length : SESSION_KEY;
    if (session.length > 0)
        memcpy(watcher->session, session.bytes, watcher->session_size);
}

/* Still, since it was parked. */
static bool is_let_in(const struct watch *watch, const struct watcher *watcher)
{
    struct pm_text session = {(const char *)watcher->session, watcher->session_size};
    return watcher->session_size == 0 || !watch->may || watch->may(watch->context, session);
}

void watch_request(struct watch *watch, struct request *request, uint64_t now_ns)
{
    const struct pm_watch *asked = &request->wire.command[0].watch;
    uint32_t wait = asked->wait < WATCH_WAIT_MAX ? asked->wait : WATCH_WAIT_MAX;
    struct watcher draft = {
        .message = request->message,
        .from = request->from,
        .view = view_of(&request->wire),
        .limit = asked->limit ? asked->limit : WATCH_LIMIT_DEFAULT,
        .deadline_ns = now_ns + (uint64_t)wait * NS_PER_MS,
    };
    uint64_t cursor = asked->cursor;
    keep_session(&draft, request->wire.session);
    if (draft.limit > PM_ROWS_MAX)
        draft.limit = PM_ROWS_MAX;
    request->message = NULL;
    if (cursor == 0) /* the order of the questions matters: NOLINTNEXTLINE(bugprone-branch-clone) */
        answer_events(watch, &draft, 0, cursor_now(watch));
    else if (cursor < floor_of(watch, &draft.view) || cursor > cursor_now(watch))
        answer_status(watch, &draft, PM_RESYNC);
    else if (answer_from(watch, &draft, index_after(watch, &draft.view, cursor)))
        return;
    else if (wait == 0)
        answer_events(watch, &draft, 0, cursor_now(watch));
    else if (!park(watch, &draft))
        answer_status(watch, &draft, PM_BUSY);
}

/* Answers those of one view whom the event is for, with all they see from index on. */
static void wake(struct watch *watch, const struct view *view, uint64_t index)
{
    struct watcher *next, *watcher = watch->bucket[bucket_of(view)];
    for (; watcher; watcher = next) {
        next = watcher->bucket.next;
        if (watcher->view.audience == view->audience &&
            name_equal(&watcher->view.market, &view->market) &&
            name_equal(&watcher->view.name, &view->name)) {
            if (is_let_in(watch, watcher))
                answer_from(watch, watcher, index);
            else
                refuse(watch, watcher, PM_UNAUTHENTICATED);
            unpark(watch, watcher);
        }
    }
}

static void wake_for(struct watch *watch, uint64_t index)
{
    const struct pm_event_record *event = event_at(watch, index);
    struct view view = {.audience = EVERYTHING, .market = event->market};
    wake(watch, &view, index);
    if (event->provider.text[0]) {
        view.audience = OF_PROVIDER;
        view.name = event->provider;
        wake(watch, &view, index);
    }
    if (event->referrer.text[0]) {
        view.audience = OF_REFERRER;
        view.name = event->referrer;
        wake(watch, &view, index);
    }
}

static void keep(struct watch *watch, const struct pm_event_record *event)
{
    struct pm_event_record *place = event_at(watch, watch->head);
    if (watch->head >= watch->events)
        watch->floor = cursor_of(place);
    *place = *event;
    uint64_t *newest = &watch->newest[bucket_of_market(&event->market)];
    watch->before[watch->head % watch->events] = *newest;
    *newest = ++watch->head;
}

void watch_tell(struct watch *watch, const struct pm_event_record *events, size_t count,
                uint64_t sequence)
{
    uint64_t first = watch->head;
    for (size_t i = 0; i < count; i++)
        keep(watch, &events[i]);
    watch->sequence = sequence;
    if (first < tail(watch))
        first = tail(watch); /* more at once than are kept: batches are far smaller */
    for (uint64_t index = first; index < watch->head && watch->parked > 0; index++)
        wake_for(watch, index);
}

/* ---- Those whose wait is over ---- */

/* Answers those in a slot whose deadline is not after. */
static void expire_slot(struct watch *watch, struct watcher *watcher, uint64_t now_ns)
{
    struct watcher *next;
    for (; watcher; watcher = next) {
        next = watcher->slot.next;
        if (watcher->deadline_ns <= now_ns) {
            answer_events(watch, watcher, 0, cursor_now(watch));
            unpark(watch, watcher);
        }
    }
}

/* UINT64_MAX: nobody is parked. It is in the first slot that has any, seen from where was swept. */
static uint64_t first_deadline(struct watch *watch)
{
    uint64_t first = UINT64_MAX;
    for (uint64_t turned = 0; watch->parked > 0 && first == UINT64_MAX && turned < SLOTS;
         turned++) {
        const struct watcher *watcher = *slot_of(watch, watch->swept_ns + turned * EXPIRE_NS);
        for (; watcher; watcher = watcher->slot.next)
            first = watcher->deadline_ns < first ? watcher->deadline_ns : first;
    }
    return first;
}

uint64_t watch_expire(struct watch *watch, uint64_t now_ns)
{
    if (now_ns < watch->earliest_ns)
        return watch->earliest_ns;
    uint64_t slots = now_ns / EXPIRE_NS - watch->swept_ns / EXPIRE_NS + 1;
    for (uint64_t turned = 0; turned < slots && turned < SLOTS; turned++)
        expire_slot(watch, *slot_of(watch, watch->swept_ns + turned * EXPIRE_NS), now_ns);
    watch->swept_ns = now_ns;
    uint64_t first = first_deadline(watch);
    watch->earliest_ns = first < now_ns + EXPIRE_NS ? now_ns + EXPIRE_NS : first;
    return watch->earliest_ns;
}

void watch_release_all(struct watch *watch)
{
    for (size_t i = 0; i < SLOTS; i++)
        expire_slot(watch, watch->slot[i], UINT64_MAX);
}

static void drop_slot(struct watch *watch, struct watcher *watcher)
{
    struct watcher *next;
    for (; watcher; watcher = next) {
        next = watcher->slot.next;
        nng_msg_free(watcher->message);
        unpark(watch, watcher);
    }
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        drop_slot(watch, watch->slot[i]);
    memory_free_apart(watch->event, watch->events * sizeof *watch->event);
    memory_free_apart(watch->before, watch->events * sizeof *watch->before);
    free(watch->results.bytes);
    free(watch->head_bytes.bytes);
    free(watch);
}
