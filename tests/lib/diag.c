/* diag.c - see diag.h. */
#include "tests/lib/diag.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct diag {
    const char *start, *at;
    uint8_t *out;
    size_t size, used;
};

static uint64_t put_item(struct diag *diag);

static void mistake(const struct diag *diag, const char *what)
{
    fprintf(stderr, "diag: %s at \"%s\" of %s\n", what, diag->at, diag->start);
    abort();
}

static void put_byte(struct diag *diag, unsigned byte)
{
    if (diag->used == diag->size)
        mistake(diag, "no room");
    diag->out[diag->used++] = (uint8_t)byte;
}

/* The head of an item: its major type and its number, in the fewest bytes. */
static void put_head(struct diag *diag, unsigned major, uint64_t value)
{
    unsigned bytes = value < 24            ? 0
                     : value <= UINT8_MAX  ? 1
                     : value <= UINT16_MAX ? 2
                     : value <= UINT32_MAX ? 4
                                           : 8;
    unsigned more = bytes == 0   ? (unsigned)value
                    : bytes == 1 ? 24
                    : bytes == 2 ? 25
                    : bytes == 4 ? 26
                                 : 27;
    put_byte(diag, major << 5 | more);
    while (bytes-- > 0)
        put_byte(diag, (unsigned)(value >> (8 * bytes)) & 0xff);
}

static void skip_space(struct diag *diag)
{
    while (*diag->at == ' ' || *diag->at == '\n' || *diag->at == ',')
        diag->at++;
}

static bool take(struct diag *diag, const char *word)
{
    skip_space(diag);
    if (strncmp(diag->at, word, strlen(word)) != 0)
        return false;
    diag->at += strlen(word);
    return true;
}

static void put_hex(struct diag *diag, char end)
{
    while (*diag->at != end) {
        char pair[3] = {diag->at[0], diag->at[0] != '\0' ? diag->at[1] : '\0', '\0'};
        char *after;
        unsigned long byte = strtoul(pair, &after, 16);
        if (after != pair + 2)
            mistake(diag, "not hexadecimal");
        put_byte(diag, (unsigned)byte);
        diag->at += 2;
    }
    diag->at++;
}

/* Puts the head before what was written since `from`, once it is known how much that is. */
static void put_head_before(struct diag *diag, size_t from, unsigned major, uint64_t value)
{
    uint8_t head[9];
    size_t end = diag->used;
    put_head(diag, major, value);
    size_t length = diag->used - end;
    memcpy(head, diag->out + end, length);
    memmove(diag->out + from + length, diag->out + from, end - from);
    memcpy(diag->out + from, head, length);
}

static void put_list(struct diag *diag, unsigned major, const char *end)
{
    size_t from = diag->used;
    uint64_t count = 0;
    bool open = take(diag, "_");
    if (open)
        put_byte(diag, major << 5 | 31);
    while (!take(diag, end)) {
        count += put_item(diag);
        if (major == 5 && (!take(diag, ":") || put_item(diag) != 1))
            mistake(diag, "a pair expected");
    }
    if (open)
        put_byte(diag, 0xff);
    else
        put_head_before(diag, from, major, count);
}

static void put_text(struct diag *diag)
{
    const char *end = strchr(diag->at, '"');
    if (end == NULL)
        mistake(diag, "no end of text");
    put_head(diag, 3, (uint64_t)(end - diag->at));
    for (; diag->at < end; diag->at++)
        put_byte(diag, (unsigned char)*diag->at);
    diag->at++;
}

/* A number; or a repeated or tagged item. Returns how many items that is. */
static uint64_t put_number(struct diag *diag)
{
    char *after;
    bool negative = take(diag, "-");
    uint64_t value = strtoull(diag->at, &after, 10);
    if (after == diag->at)
        mistake(diag, "an item expected");
    diag->at = after;
    if (take(diag, "*")) {
        const char *item = diag->at;
        for (uint64_t i = 0; i < value; i++) {
            diag->at = item;
            put_item(diag);
        }
        return value;
    }
    put_head(diag, negative ? 1 : *diag->at == '(' ? 6 : 0, negative ? value - 1 : value);
    if (take(diag, "(") && (put_item(diag) != 1 || !take(diag, ")")))
        mistake(diag, "one tagged item expected");
    return 1;
}

static uint64_t put_item(struct diag *diag)
{
    size_t from = diag->used;
    if (take(diag, "["))
        put_list(diag, 4, "]");
    else if (take(diag, "{"))
        put_list(diag, 5, "}");
    else if (take(diag, "\""))
        put_text(diag);
    else if (take(diag, "<"))
        put_hex(diag, '>');
    else if (take(diag, "true"))
        put_byte(diag, 0xf5);
    else if (take(diag, "null"))
        put_byte(diag, 0xf6);
    else if (take(diag, "h'")) {
        put_hex(diag, '\'');
        put_head_before(diag, from, 2, diag->used - from);
    } else
        return put_number(diag);
    return 1;
}

size_t diag_encode(const char *notation, uint8_t *out, size_t size)
{
    struct diag diag = {.start = notation, .at = notation, .out = out, .size = size};
    do {
        put_item(&diag);
        skip_space(&diag);
    } while (*diag.at != '\0');
    return diag.used;
}
