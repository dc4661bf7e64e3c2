/*
 * wire_request.c - what is around commands: requests, journal entries, replies and events.
 */
#include <string.h>

#include "core/core.h"
#include "core/hash.h"
#include "core/wire_decode.h"

/* Of each byte of input, bytes of memory at most: a command's smallest form becomes a whole
 * structure and what is noted of its bytes, and a text of one byte (an empty one) a struct pm_text,
 * in memory that is aligned to 16. */
enum {
    GROWTH_COMMANDS =
        (sizeof(struct pm_command) + sizeof(struct wire_sent)) / DECODE_COMMAND_MIN + 1,
    GROWTH_ELEMENTS = sizeof(struct pm_text),
    ARENA_SLACK = 64,
};
_Static_assert(sizeof(struct pm_visit) <= 7 * sizeof(struct pm_text),
               "a visit is at least 7 bytes");
_Static_assert(sizeof(struct pm_rate) <= 3 * sizeof(struct pm_text), "a rate is at least 3 bytes");
_Static_assert(sizeof(struct pm_opening) <= 3 * sizeof(struct pm_text),
               "an opening is at least 3 bytes");
_Static_assert(sizeof(struct pm_package) <= GROWTH_ELEMENTS * 2 * DECODE_COMMAND_MIN,
               "an import, which has a package behind it, has a name of more than 14 bytes");

size_t wire_arena_bound(size_t size)
{
    size_t growth = GROWTH_COMMANDS + GROWTH_ELEMENTS,
           fixed = sizeof(struct pm_market) + PM_CALENDARS_MAX * sizeof(struct pm_calendar) +
                   ARENA_SLACK;
    return size > (SIZE_MAX - fixed) / growth ? SIZE_MAX : size * growth + fixed;
}

/* ---- Requests ---- */

/* The path of a part around the commands, such as "market"; the first element of it. */
static void enter(struct decoding *decoding, const char *name)
{
    decoding->path[0].name = name;
    decoding->path[0].number = 0;
    decoding->path[0].verb = 0;
    decoding->depth = 1;
}

static bool refuse(struct decoding *decoding, uint16_t status, const char *words)
{
    decode_refuse(decoding, status);
    decode_say(decoding, words);
    return false;
}

/* The version comes before anything else: the rest is of the form that it says. */
static bool decode_version(struct decoding *decoding)
{
    struct wire_item array, version;
    enter(decoding, "request");
    if (!decode_item(decoding, WIRE_ARRAY, &array))
        return false;
    enter(decoding, "version");
    if (!decode_item(decoding, WIRE_UINT, &version))
        return false;
    if (version.value != PM_PROTOCOL) {
        decode_refuse(decoding, PM_UNSUPPORTED_VERSION);
        decode_say_number(decoding, version.value);
        decode_say(decoding, " given, the daemon speaks ");
        decode_say_number(decoding, PM_PROTOCOL);
        return false;
    }
    enter(decoding, "request");
    if (array.open || array.value != 6)
        return refuse(decoding, PM_MALFORMED, "an array of 6 expected");
    return true;
}

static bool decode_actor(struct decoding *decoding, struct pm_actor *out)
{
    uint64_t role;
    if (!decode_array(decoding, 2) || !decode_uint(decoding, 0, UINT8_MAX, &role) ||
        !decode_text(decoding, PM_NAME_MAX, &out->name))
        return false;
    out->role = (uint8_t)role;
    return true;
}

static bool decode_session(struct decoding *decoding, struct pm_text *out)
{
    struct wire_item key;
    if (!decode_item(decoding, WIRE_BYTES, &key))
        return false;
    if (key.text.length > PM_SESSION_MAX)
        return refuse(decoding, PM_MALFORMED, "longer than a session's key is");
    *out = key.text;
    return true;
}

/* A session's key, none (empty bytes), or an actor as stated. */
static bool decode_who(struct decoding *decoding, struct wire_request *out)
{
    struct wire_reader ahead = *decoding->reader;
    struct wire_item item;
    enter(decoding, "actor");
    if (wire_next(&ahead, &item) && item.type == WIRE_BYTES)
        return decode_session(decoding, &out->session);
    return decode_actor(decoding, &out->actor);
}

static bool decode_part_text(struct decoding *decoding, const char *name, struct pm_text *out)
{
    enter(decoding, name);
    return decode_text(decoding, PM_NAME_MAX, out);
}

static bool decode_part_uint(struct decoding *decoding, const char *name, uint64_t least,
                             uint64_t *out)
{
    enter(decoding, name);
    return decode_uint(decoding, least, UINT64_MAX, out);
}

static bool decode_each(struct decoding *decoding, struct wire_request *out)
{
    struct wire_reader *reader = decoding->reader;
    for (uint32_t i = 0; i < out->count; i++) {
        size_t from = reader->at;
        reader->passed = decoding->lossy = false;
        enter(decoding, "command");
        decoding->path[0].number = i + 1;
        if (!decode_command(decoding, &out->command[i]))
            return false;
        if (out->command[i].verb == PM_MARKET_LOAD && out->count > 1)
            return refuse(decoding, PM_MALFORMED, "it needs a request of its own");
        struct wire_piece piece = {reader->bytes + from, reader->at - from};
        out->sent[i].hash = pm_hash(piece.bytes, piece.size, 0);
        if (!reader->passed && !decoding->lossy)
            out->sent[i].piece = piece;
    }
    return true;
}

static bool decode_commands(struct decoding *decoding, struct wire_request *out)
{
    void *commands, *sent;
    bool closed;
    enter(decoding, "commands");
    if (!decode_list(decoding, PM_COMMANDS_MAX, DECODE_COMMAND_MIN, PM_TOO_LARGE, &out->count,
                     &closed) ||
        !decode_allocate(decoding, out->count, sizeof(struct pm_command), &commands) ||
        !decode_allocate(decoding, out->count, sizeof(struct wire_sent), &sent))
        return false;
    if (out->first_number > UINT64_MAX - out->count)
        return refuse(decoding, PM_MALFORMED, "their numbers go beyond 64 bits");
    out->command = commands;
    out->sent = sent;
    if (!decode_each(decoding, out))
        return false;
    enter(decoding, "commands");
    return decode_list_end(decoding, closed);
}

static bool decode_request(struct decoding *decoding, struct wire_request *out)
{
    if (!decode_version(decoding) || !decode_who(decoding, out) ||
        !decode_part_text(decoding, "market", &out->market) ||
        !decode_part_uint(decoding, "client", 0, &out->client) ||
        !decode_part_uint(decoding, "first number", 1, &out->first_number) ||
        !decode_commands(decoding, out))
        return false;
    if (decoding->reader->at == decoding->reader->size)
        return true;
    enter(decoding, "request");
    return refuse(decoding, PM_MALFORMED, "bytes follow its end");
}

uint16_t wire_request_decode(const uint8_t *bytes, size_t size, struct wire_arena *arena,
                             struct wire_request *out, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = {
        .reader = &reader, .arena = arena, .error = error, .from_client = true};
    memset(out, 0, sizeof *out);
    error->text[0] = '\0';
    return decode_request(&decoding, out) ? PM_OK : decoding.status;
}

void wire_request_encode_who(struct wire_writer *writer, const struct wire_request *request)
{
    wire_array(writer, 6);
    wire_uint(writer, PM_PROTOCOL);
    bool nobody = request->actor.role == 0 && request->actor.name.length == 0;
    if (request->session.length > 0 || nobody) {
        wire_bytes(writer, request->session.bytes, request->session.length);
        return;
    }
    wire_array(writer, 2);
    wire_uint(writer, request->actor.role);
    wire_text(writer, request->actor.name);
}

void wire_request_encode_what(struct wire_writer *writer, const struct wire_request *request)
{
    wire_text(writer, request->market);
    wire_uint(writer, request->client);
    wire_uint(writer, request->first_number);
    wire_array(writer, request->count);
    for (uint32_t i = 0; i < request->count; i++)
        wire_command_encode(writer, &request->command[i]);
}

void wire_request_encode(struct wire_writer *writer, const struct wire_request *request)
{
    wire_request_encode_who(writer, request);
    wire_request_encode_what(writer, request);
}

/* ---- Journal entries ---- */

void wire_entry_encode(struct wire_writer *writer, const struct pm_entry *entry)
{
    wire_array(writer, 9);
    wire_uint(writer, entry->sequence);
    wire_int(writer, entry->time);
    wire_text(writer, entry->market);
    wire_uint(writer, entry->actor.role);
    wire_text(writer, entry->actor.name);
    wire_uint(writer, entry->client);
    wire_uint(writer, entry->number);
    wire_uint(writer, entry->hash);
    if (entry->sent.size > 0)
        wire_raw(writer, entry->sent.bytes, entry->sent.size);
    else
        wire_command_encode(writer, entry->command);
}

static bool decode_entry_head(struct decoding *decoding, struct pm_entry *out)
{
    uint64_t role;
    enter(decoding, "entry");
    if (!decode_array(decoding, 9) || !decode_part_uint(decoding, "sequence", 0, &out->sequence))
        return false;
    enter(decoding, "time");
    if (!decode_int(decoding, INT64_MIN, INT64_MAX, &out->time) ||
        !decode_part_text(decoding, "market", &out->market))
        return false;
    enter(decoding, "role");
    if (!decode_uint(decoding, 0, UINT8_MAX, &role))
        return false;
    out->actor.role = (uint8_t)role;
    return decode_part_text(decoding, "actor", &out->actor.name) &&
           decode_part_uint(decoding, "client", 0, &out->client) &&
           decode_part_uint(decoding, "number", 0, &out->number) &&
           decode_part_uint(decoding, "hash", 0, &out->hash);
}

bool wire_entry_decode(struct wire_reader *reader, struct wire_arena *arena, struct pm_entry *out,
                       struct wire_error *error)
{
    struct decoding decoding = {.reader = reader, .arena = arena, .error = error};
    void *command;
    memset(out, 0, sizeof *out);
    error->text[0] = '\0';
    if (!decode_entry_head(&decoding, out))
        return false;
    enter(&decoding, "command");
    if (!decode_allocate(&decoding, 1, sizeof(struct pm_command), &command) ||
        !decode_command(&decoding, command))
        return false;
    out->command = command;
    return true;
}

/* ---- Replies ---- */

static void reply_head(struct wire_writer *writer, size_t parts, uint64_t sequence, uint16_t status)
{
    wire_array(writer, parts);
    wire_uint(writer, PM_PROTOCOL);
    wire_uint(writer, sequence);
    wire_uint(writer, status);
}

void wire_reply_begin(struct wire_writer *writer, uint64_t sequence, size_t results)
{
    reply_head(writer, 4, sequence, PM_OK);
    wire_array(writer, results);
}

void wire_reply_result(struct wire_writer *writer, struct pm_result result)
{
    wire_array(writer, result.id != 0 ? 2 : 1);
    wire_uint(writer, result.status);
    if (result.id != 0)
        wire_uint(writer, result.id);
}

void wire_reply_refused(struct wire_writer *writer, uint64_t sequence, uint16_t status,
                        const char *detail, uint32_t after_ms)
{
    reply_head(writer, after_ms > 0 ? 5 : 4, sequence, status);
    wire_string(writer, detail);
    if (after_ms > 0)
        wire_uint(writer, after_ms);
}

/* ---- Events ---- */

static unsigned put_number(struct wire_writer *writer, enum wire_key key, uint64_t value)
{
    if (value == 0)
        return 0;
    wire_key(writer, key);
    wire_uint(writer, value);
    return 1;
}

static unsigned put_text(struct wire_writer *writer, enum wire_key key, struct pm_text text)
{
    if (text.length == 0)
        return 0;
    wire_key(writer, key);
    wire_text(writer, text);
    return 1;
}

static unsigned put_name(struct wire_writer *writer, enum wire_key key, const struct pm_name *name)
{
    if (name->text[0] == '\0')
        return 0;
    wire_key(writer, key);
    wire_name(writer, name);
    return 1;
}

/* What an event's code means depends on the event. */
static unsigned put_code(struct wire_writer *writer, const struct pm_event_record *event)
{
    if (event->kind == PM_EVENT_OFFER_DECLINED)
        return put_text(writer, KEY_CODE, pm_text(pm_decline_code_name(event->code)));
    return put_text(writer, KEY_REASON, pm_text(pm_end_reason_name(event->code)));
}

void wire_event_encode(struct wire_writer *writer, const struct pm_event_record *event)
{
    size_t at = writer->used;
    unsigned pairs = 4;
    wire_map(writer, 0);
    wire_key(writer, KEY_EVENT);
    wire_string(writer, pm_event_name(event->kind));
    wire_key(writer, KEY_CURSOR);
    wire_uint(writer, event->sequence * PM_EVENTS_MAX + event->position);
    wire_key(writer, KEY_SEQUENCE);
    wire_uint(writer, event->sequence);
    wire_key(writer, KEY_TIME);
    wire_int(writer, event->time);
    pairs += put_name(writer, KEY_MARKET, &event->market);
    pairs += put_number(writer, KEY_PACKAGE, event->package);
    pairs += put_name(writer, KEY_REFERENCE, &event->reference);
    pairs += put_name(writer, KEY_REFERRER, &event->referrer);
    pairs += put_number(writer, KEY_OFFER, event->offer);
    pairs += put_number(writer, KEY_PLACEMENT, event->placement);
    pairs += put_number(writer, KEY_ROUND, event->round);
    pairs += put_name(writer, KEY_SERVICE, &event->service);
    pairs += put_name(writer, KEY_PROVIDER, &event->provider);
    pairs += put_name(writer, KEY_POOL, &event->pool);
    pairs += put_number(writer, KEY_RATE, event->rate > 0 ? (uint64_t)event->rate : 0);
    pairs += put_number(writer, KEY_DEADLINE, event->deadline > 0 ? (uint64_t)event->deadline : 0);
    pairs += put_code(writer, event);
    if (!writer->overflow)
        writer->bytes[at] = (uint8_t)(writer->bytes[at] + pairs);
}
