/*
 * sessions.c: see sessions.h. A table of two cache lines a session. A key's low bits say where in
 * it the session is, and are no secret; the others are random, and all are compared as one.
 *
 * Who finds a session copies it and looks at its version before and after: odd while it is being
 * written, another when it was. Either way there is then no such session: what was there is over,
 * and the key of what comes has not been told to anybody. Words are read by acquiring loads and
 * written by releasing stores, so neither passes the version's.
 */
#include "sessions.h"

#include <assert.h>
#include <sodium.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_WORDS = SESSION_KEY / sizeof(uint64_t),
    WORDS = sizeof(struct principal) / sizeof(uint64_t),
};

struct session {
    alignas(64) _Atomic uint32_t version;
    _Atomic uint32_t used; /* s */
    _Atomic uint64_t ends; /* s; 0: there is no session here */
    _Atomic uint64_t key[KEY_WORDS];
    _Atomic uint64_t word[WORDS]; /* of its principal */
};

_Static_assert(sizeof(struct principal) % sizeof(uint64_t) == 0 && sizeof(struct session) == 128,
               "whole words, two cache lines");
_Static_assert((int)SESSION_KEY <= (int)PM_SESSION_MAX, "fits a request");

struct sessions {
    uint32_t capacity;
    struct session session[];
};

struct sessions *sessions_create(uint32_t capacity)
{
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0);
    size_t size = sizeof(struct sessions) + (size_t)capacity * sizeof(struct session);
    struct sessions *sessions = aligned_alloc(64, size);
    if (!sessions)
        return NULL;
    memset(sessions, 0, size);
    sessions->capacity = capacity;
    return sessions;
}

void sessions_destroy(struct sessions *sessions)
{
    free(sessions);
}

/* ---- Finding ---- */

static bool is_over(uint32_t used, uint64_t ends, uint32_t now)
{
    return now >= ends || (now > used && now - used > SESSION_IDLE);
}

static uint64_t word_at(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

/* In the same time for every key. */
static bool has_key(const struct session *session, const uint64_t key[KEY_WORDS])
{
    uint64_t differs = 0;
    for (size_t i = 0; i < KEY_WORDS; i++)
        differs |= word_at(&session->key[i]) ^ key[i];
    return differs == 0;
}

bool sessions_find(struct sessions *sessions, struct pm_text text, uint32_t now,
                   struct principal *out)
{
    uint64_t key[KEY_WORDS], word[WORDS];
    if (text.length != SESSION_KEY)
        return false;
    memcpy(key, text.bytes, sizeof key);
    struct session *session = &sessions->session[key[0] & (sessions->capacity - 1)];
    uint32_t version = atomic_load_explicit(&session->version, memory_order_acquire);
    uint32_t used = atomic_load_explicit(&session->used, memory_order_acquire);
    bool found = has_key(session, key) && !is_over(used, word_at(&session->ends), now);
    for (size_t i = 0; i < WORDS; i++)
        word[i] = word_at(&session->word[i]);
    if (!found || (version & 1) != 0 ||
        atomic_load_explicit(&session->version, memory_order_relaxed) != version)
        return false;
    if (used != now) /* not for every request: the line stays shared among the threads */
        atomic_store_explicit(&session->used, now, memory_order_relaxed);
    memcpy(out, word, sizeof *out);
    return true;
}

/* ---- Opening and ending ---- */

static uint64_t token_of(const struct session *session)
{
    return word_at(&session->word[offsetof(struct principal, token) / sizeof(uint64_t)]);
}

static bool is_open(const struct session *session, uint32_t now)
{
    return !is_over(atomic_load(&session->used), word_at(&session->ends), now);
}

/* Writes a session; with `ends` 0, that there is none. */
static void write(struct session *session, const uint64_t key[KEY_WORDS],
                  const struct principal *principal, uint32_t now, uint32_t ends)
{
    uint64_t word[WORDS];
    uint32_t version = atomic_load_explicit(&session->version, memory_order_relaxed);
    memcpy(word, principal, sizeof word);
    atomic_store_explicit(&session->version, version + 1, memory_order_relaxed);
    atomic_store_explicit(&session->used, now, memory_order_release);
    atomic_store_explicit(&session->ends, ends, memory_order_release);
    for (size_t i = 0; i < KEY_WORDS; i++)
        atomic_store_explicit(&session->key[i], key[i], memory_order_release);
    for (size_t i = 0; i < WORDS; i++)
        atomic_store_explicit(&session->word[i], word[i], memory_order_release);
    atomic_store_explicit(&session->version, version + 2, memory_order_release);
}

/* Longer unused than the best so far? */
static bool is_older(const struct sessions *sessions, size_t at, size_t best)
{
    return best == sessions->capacity ||
           atomic_load(&sessions->session[at].used) < atomic_load(&sessions->session[best].used);
}

/* Where the next goes: to the token's own one longest unused when it has too many, to a free place,
 * or to the one longest unused of all. */
static size_t choose_place(const struct sessions *sessions, uint64_t token, uint32_t now)
{
    size_t none = sessions->capacity, free_place = none, oldest = none, own = none;
    uint32_t owned = 0;
    for (size_t i = 0; i < sessions->capacity; i++) {
        const struct session *session = &sessions->session[i];
        if (!is_open(session, now)) {
            if (free_place == none)
                free_place = i;
            continue;
        }
        if (is_older(sessions, i, oldest))
            oldest = i;
        if (token_of(session) == token && ++owned && is_older(sessions, i, own))
            own = i;
    }
    if (owned >= SESSIONS_OF_TOKEN_MAX)
        return own;
    return free_place < none ? free_place : oldest;
}

void sessions_open(struct sessions *sessions, const struct principal *principal, uint32_t now,
                   uint32_t ends, uint8_t key[SESSION_KEY])
{
    uint64_t words[KEY_WORDS];
    size_t place = choose_place(sessions, principal->token, now);
    randombytes_buf(words, sizeof words);
    words[0] = (words[0] & ~(uint64_t)(sessions->capacity - 1)) | place;
    write(&sessions->session[place], words, principal, now, ends);
    memcpy(key, words, sizeof words);
}

void sessions_end(struct sessions *sessions, uint64_t token)
{
    static const struct principal nobody;
    static const uint64_t no_key[KEY_WORDS];
    for (size_t i = 0; i < sessions->capacity; i++) {
        if (token_of(&sessions->session[i]) == token)
            write(&sessions->session[i], no_key, &nobody, 0, 0);
    }
}

uint32_t sessions_count(const struct sessions *sessions, uint64_t token, uint32_t now)
{
    uint32_t count = 0;
    for (size_t i = 0; i < sessions->capacity; i++)
        count += is_open(&sessions->session[i], now) && token_of(&sessions->session[i]) == token;
    return count;
}
