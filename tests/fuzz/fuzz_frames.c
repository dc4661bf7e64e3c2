/*
 * fuzz_frames.c - any bytes as what comes over a connection, in pieces of any size: the messages
 * taken of it, and whether it is ended, must be what a reader finds that has all of it before it.
 */
#include <endian.h>
#include <string.h>

#include "daemon/frames.h"
#include "tests/lib/fuzz.h"
#include "tests/lib/random.h"

enum { MOST = 6000, PLACE = 4 /* bytes of the pieces' seed */ };

/* What is left, of all that came. */
struct rest {
    const uint8_t *bytes;
    size_t size;
    bool ipc, greeted;
};

/* The naive reader: the next message's header and body, in one. */
static enum frames_result expect(struct rest *rest, const uint8_t **at, size_t *size,
                                 size_t *header)
{
    static const uint8_t greeting[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
    uint64_t length;
    size_t head = 8 + (size_t)rest->ipc;
    if (!rest->greeted && rest->size < sizeof greeting)
        return FRAMES_MORE;
    if (!rest->greeted) {
        if (memcmp(rest->bytes, greeting, sizeof greeting) != 0)
            return FRAMES_BAD;
        rest->greeted = true;
        rest->bytes += sizeof greeting;
        rest->size -= sizeof greeting;
    }
    if (rest->size < head)
        return FRAMES_MORE;
    memcpy(&length, rest->bytes + rest->ipc, sizeof length);
    length = be64toh(length);
    if ((rest->ipc && rest->bytes[0] != 1) || length > MOST)
        return FRAMES_BAD;
    if (rest->size - head < length)
        return FRAMES_MORE;
    *at = rest->bytes + head;
    *size = (size_t)length;
    rest->bytes += head + length;
    rest->size -= head + length;
    for (*header = 4; *header <= 32 && *header <= length; *header += 4)
        if (((*at)[*header - 4] & 0x80) != 0)
            return FRAMES_MESSAGE;
    return FRAMES_BAD;
}

/* Takes what there is; false once the connection is ended. */
static bool take(struct frames *frames, struct rest *rest)
{
    nng_msg *message;
    const uint8_t *at = NULL;
    size_t size = 0, header = 0;
    enum frames_result result;
    while ((result = frames_next(frames, &message)) == FRAMES_MESSAGE) {
        must(expect(rest, &at, &size, &header) == FRAMES_MESSAGE, "a message that is none");
        must(nng_msg_header_len(message) == header &&
                 memcmp(nng_msg_header(message), at, header) == 0,
             "other numbers");
        must(nng_msg_len(message) == size - header &&
                 memcmp(nng_msg_body(message), at + header, size - header) == 0,
             "another body");
        nng_msg_free(message);
    }
    return result == FRAMES_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < PLACE)
        return 0;
    struct random pieces = {.state = data[0] | (uint64_t)data[1] << 8 | (uint64_t)data[2] << 16};
    struct rest rest = {.bytes = data + PLACE, .size = size - PLACE, .ipc = (data[3] & 1) != 0};
    struct frames frames = {.ipc = rest.ipc, .most = MOST};
    const uint8_t *from = rest.bytes, *end = data + size;
    bool open = true;
    while (open && from < end) {
        size_t room, piece = 1 + random_below(&pieces, 1 << random_below(&pieces, 14));
        uint8_t *to = frames_room(&frames, &room);
        must(to != NULL && room > 0, "no room");
        piece = piece < room ? piece : room;
        piece = piece < (size_t)(end - from) ? piece : (size_t)(end - from);
        memcpy(to, from, piece);
        from += piece;
        frames_came(&frames, piece);
        open = take(&frames, &rest);
    }
    const uint8_t *at;
    size_t length, header;
    must(expect(&rest, &at, &length, &header) == (open ? FRAMES_MORE : FRAMES_BAD),
         open ? "a message is kept back" : "ended for nothing");
    frames_reset(&frames);
    must(frames.bytes == NULL && frames.large == NULL, "something is kept");
    return 0;
}

/* A greeting and messages of all sizes, seldom spoiled. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    struct random random = {.state = seed};
    size_t used = PLACE + FRAMES_GREETING;
    if (size >= used && seed % 4 == 0)
        return LLVMFuzzerMutate(data, size, max);
    for (size_t i = 0; i < PLACE; i++)
        data[i] = (uint8_t)random_next(&random);
    bool ipc = (data[3] & 1) != 0;
    memcpy(data + PLACE, (const uint8_t[]){0, 'S', 'P', 0, 0, 0x30, 0, 0}, FRAMES_GREETING);
    while (random_percent(&random, 90)) {
        size_t length = random_below(&random, random_percent(&random, 80) ? 200 : MOST + 2);
        if (used + FRAMES_HEAD + length > max)
            break;
        used += frames_head(ipc, length, data + used);
        for (size_t i = 0; i < length; i++)
            data[used + i] = (uint8_t)(i < 4 && random_percent(&random, 95) ? 0x80 : i);
        used += length;
    }
    return used;
}
