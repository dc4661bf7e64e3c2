/*
 * limits.c: see limits.h. Kept as a CBOR array of numbers, in the order of the table here; later
 * versions may add at its end.
 */
#include "limits.h"

#include "core/wire.h"

#include <inttypes.h>
#include <stdio.h>

static const char meta_name[] = "limits";

static const struct row {
    const char *name;
    size_t offset;
} rows[] = {
    {"markets", offsetof(struct pm_limits, markets)},
    {"providers", offsetof(struct pm_limits, providers)},
    {"locations", offsetof(struct pm_limits, locations)},
    {"pools", offsetof(struct pm_limits, pools)},
    {"services", offsetof(struct pm_limits, services)},
    {"packages", offsetof(struct pm_limits, packages)},
    {"offers", offsetof(struct pm_limits, offers)},
    {"placements", offsetof(struct pm_limits, placements)},
    {"waitlists", offsetof(struct pm_limits, waitlists)},
    {"clients", offsetof(struct pm_limits, clients)},
};
enum { ROWS = sizeof rows / sizeof *rows, META_BYTES = ROWS * 5 + 2 };

_Static_assert(ROWS * sizeof(uint32_t) == sizeof(struct pm_limits), "a limit is not in the table");

static uint32_t get(const struct pm_limits *limits, size_t at)
{
    return *(const uint32_t *)((const char *)limits + rows[at].offset);
}

static void set(struct pm_limits *limits, size_t at, uint32_t value)
{
    *(uint32_t *)((char *)limits + rows[at].offset) = value;
}

static bool parse(const uint8_t *bytes, size_t size, struct pm_limits *out)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct wire_item item;
    if (!wire_next(&reader, &item) || item.type != WIRE_ARRAY || item.value != ROWS)
        return false;
    for (size_t i = 0; i < ROWS; i++) {
        if (!wire_next(&reader, &item) || item.type != WIRE_UINT || item.value > UINT32_MAX)
            return false;
        set(out, i, (uint32_t)item.value);
    }
    return true;
}

static bool check(const struct pm_limits *given, const struct pm_limits *kept, char error[512])
{
    for (size_t i = 0; i < ROWS; i++) {
        if (get(given, i) != 0 && get(given, i) != get(kept, i)) {
            snprintf(error, 512,
                     "this data directory was made with --limit-%s %" PRIu32 ", not %" PRIu32
                     ": leave the option out, or make a new directory",
                     rows[i].name, get(kept, i), get(given, i));
            return false;
        }
    }
    return true;
}

static bool keep(struct journal *journal, const struct pm_limits *limits, char error[512])
{
    uint8_t bytes[META_BYTES];
    struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
    struct journal_error why = {""};
    wire_array(&writer, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        wire_uint(&writer, get(limits, i));
    if (journal_meta_set(journal, meta_name, bytes, writer.used, &why) == 0)
        return true;
    snprintf(error, 512, "%s", why.text);
    return false;
}

bool limits_settle(struct journal *journal, const struct pm_limits *given, struct pm_limits *out,
                   char error[512])
{
    uint8_t bytes[JOURNAL_META_SIZE_MAX];
    size_t size;
    struct journal_error why = {""};
    int found = journal_meta_get(journal, meta_name, bytes, &size, &why);
    if (found < 0) {
        snprintf(error, 512, "%s", why.text);
        return false;
    }
    if (found > 0) {
        if (parse(bytes, size, out))
            return check(given, out, error);
        snprintf(error, 512, "the limits kept with the journal are those of another version");
        return false;
    }
    *out = pm_limits_default;
    for (size_t i = 0; i < ROWS; i++) {
        if (get(given, i) != 0)
            set(out, i, get(given, i));
    }
    return keep(journal, out, error);
}
