/*
 * frames.c: see frames.h. What comes is read into a buffer, many messages at a time, and each
 * copied into one of its own. A message for which the buffer is too small is read into its own
 * memory at once.
 */
#include "frames.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_FIRST = 2048,    /* thousands of connections say little */
    BUFFER_MOST = 64 << 10, /* of one that sends much */
    LENGTH = 8,
    WORD = 4,      /* bytes of a number before a message */
    WORDS_MAX = 8, /* of them: one, and one for each device on its way */
};

const uint8_t frames_greeting[FRAMES_GREETING] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};
static const uint8_t theirs[FRAMES_GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};

void frames_reset(struct frames *frames)
{
    nng_msg_free(frames->large);
    free(frames->bytes);
    *frames = (struct frames){.most = frames->most};
}

size_t frames_head(bool ipc, uint64_t size, uint8_t out[FRAMES_HEAD])
{
    uint64_t length = htobe64(size);
    out[0] = 1;
    memcpy(out + ipc, &length, LENGTH);
    return LENGTH + (size_t)ipc;
}

/* ---- Room for what comes ---- */

static bool grow(struct frames *frames)
{
    size_t size = frames->size == 0 ? BUFFER_FIRST : 2 * frames->size;
    uint8_t *bytes = size <= BUFFER_MOST ? realloc(frames->bytes, size) : NULL;
    if (bytes == NULL)
        return false;
    frames->bytes = bytes;
    frames->size = size;
    return true;
}

uint8_t *frames_room(struct frames *frames, size_t *size)
{
    if (frames->large) {
        *size = nng_msg_len(frames->large) - frames->have;
        return (uint8_t *)nng_msg_body(frames->large) + frames->have;
    }
    /* Full at the last reading, so there may be much more; or new. */
    bool full = frames->end == frames->size;
    if (frames->begin > 0)
        memmove(frames->bytes, frames->bytes + frames->begin, frames->end - frames->begin);
    frames->end -= frames->begin;
    frames->begin = 0;
    if (full && !grow(frames) && frames->size == frames->end)
        return NULL;
    *size = frames->size - frames->end;
    return frames->bytes + frames->end;
}

void frames_came(struct frames *frames, size_t count)
{
    if (frames->large)
        frames->have += count;
    else
        frames->end += count;
}

/* ---- Messages ---- */

/* Moves the numbers before a message into its header. */
static enum frames_result split(nng_msg *message, nng_msg **out)
{
    for (int words = 0; words < WORDS_MAX && nng_msg_len(message) >= WORD; words++) {
        uint8_t word[WORD];
        memcpy(word, nng_msg_body(message), WORD);
        if (nng_msg_header_append(message, word, WORD) != 0)
            break;
        nng_msg_trim(message, WORD);
        if ((word[0] & 0x80) != 0) {
            *out = message;
            return FRAMES_MESSAGE;
        }
    }
    nng_msg_free(message);
    return FRAMES_BAD;
}

static enum frames_result greet(struct frames *frames)
{
    if (frames->end - frames->begin < FRAMES_GREETING)
        return FRAMES_MORE;
    frames->greeted = memcmp(frames->bytes + frames->begin, theirs, FRAMES_GREETING) == 0;
    frames->begin += FRAMES_GREETING;
    return frames->greeted ? FRAMES_MESSAGE : FRAMES_BAD;
}

/* Takes a message of this length, of which some is there. */
static enum frames_result take(struct frames *frames, size_t length, nng_msg **out)
{
    nng_msg *message;
    size_t there = frames->end - frames->begin;
    if (there < length && frames->size - FRAMES_HEAD >= length)
        return FRAMES_MORE; /* it fits, once it is all there */
    size_t taken = there < length ? there : length;
    if (nng_msg_alloc(&message, length) != 0)
        return FRAMES_MEMORY;
    memcpy(nng_msg_body(message), frames->bytes + frames->begin, taken);
    frames->begin += taken;
    if (taken == length)
        return split(message, out);
    frames->large = message;
    frames->have = taken;
    return FRAMES_MORE;
}

static enum frames_result go_on(struct frames *frames, nng_msg **out)
{
    nng_msg *message = frames->large;
    if (frames->have < nng_msg_len(message))
        return FRAMES_MORE;
    frames->large = NULL;
    return split(message, out);
}

enum frames_result frames_next(struct frames *frames, nng_msg **out)
{
    uint64_t length;
    size_t head = LENGTH + (size_t)frames->ipc;
    enum frames_result greeted = frames->greeted ? FRAMES_MESSAGE : greet(frames);
    if (greeted != FRAMES_MESSAGE)
        return greeted;
    if (frames->large)
        return go_on(frames, out);
    if (frames->end - frames->begin < head)
        return FRAMES_MORE;
    const uint8_t *at = frames->bytes + frames->begin;
    memcpy(&length, at + frames->ipc, LENGTH);
    length = be64toh(length);
    if ((frames->ipc && at[0] != 1) || length > frames->most)
        return FRAMES_BAD;
    frames->begin += head;
    enum frames_result result = take(frames, (size_t)length, out);
    if (result == FRAMES_MORE && !frames->large)
        frames->begin -= head; /* to be looked at once more */
    return result;
}
