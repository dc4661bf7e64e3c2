/*
 * wire_decode.h - decoding in progress: the parts (wire_parts.c) of which wire_decode.c makes
 * commands and wire_request.c what is around them. On false the error's text says where and what,
 * and status is set; nothing can go on then.
 */
#ifndef PM_WIRE_DECODE_H
#define PM_WIRE_DECODE_H

#include "core/wire.h"

enum { DECODE_PATH_MAX = 8 };

struct decoding {
    struct wire_reader *reader;
    struct wire_arena *arena;
    struct wire_error *error;
    uint16_t status;
    bool from_client; /* commands that the daemon keeps for itself are unknown */
    bool nested;      /* inside a market.load */
    bool lossy;       /* something of the command's bytes is not in what they were decoded to */
    uint32_t depth;   /* of the path */
    struct {
        const char *name;    /* "command", "visits"; NULL leaves the element out */
        uint32_t number;     /* from 1; 0: none */
        uint8_t verb;        /* its name is added in brackets; 0: none */
    } path[DECODE_PATH_MAX]; /* where we are, for the error */
};

/* Sets the status and begins the error with the path. The caller adds what is wrong, and returns
 * false. */
void decode_refuse(struct decoding *decoding, uint16_t status);
void decode_say(struct decoding *decoding, const char *words);
void decode_say_number(struct decoding *decoding, uint64_t number);
/* Text of the sender's: control characters are made visible. */
void decode_say_text(struct decoding *decoding, struct pm_text text);
/* At most so many bytes of a text, not through the middle of a character. */
struct pm_text decode_clip(struct pm_text text, size_t most);

/* Refuse what the reader failed at; an item of another type than expected. Both return false. */
bool decode_refuse_bytes(struct decoding *decoding);
bool decode_refuse_type(struct decoding *decoding, const char *expected, enum wire_type given);

/* Next item, whatever it is; or of a type. `out` is set either way when true. */
bool decode_any(struct decoding *decoding, struct wire_item *out);
bool decode_item(struct decoding *decoding, enum wire_type type, struct wire_item *out);
/* An array of exactly so many items. */
bool decode_array(struct decoding *decoding, uint64_t count);
/* An unsigned number, or any number, within bounds. */
bool decode_uint(struct decoding *decoding, uint64_t least, uint64_t most, uint64_t *out);
bool decode_int(struct decoding *decoding, int64_t least, int64_t most, int64_t *out);
/* Text of so many bytes at most. */
bool decode_text(struct decoding *decoding, uint32_t most, struct pm_text *out);
/* The count of the list that begins here; its items follow when there are no more than `most`,
 * otherwise the list is refused with `status`. `closed` is false when a break follows the items. */
bool decode_list(struct decoding *decoding, uint32_t most, size_t item_size_min, uint16_t status,
                 uint32_t *count, bool *closed);
bool decode_list_end(struct decoding *decoding, bool closed);
/* Zeroed memory of the arena. */
bool decode_allocate(struct decoding *decoding, size_t count, size_t size, void **out);

/* One command, [name, {fields}]. */
bool decode_command(struct decoding *decoding, struct pm_command *out);

/* The fewest bytes that can be a command: an array of a name and an empty map. */
enum { DECODE_COMMAND_MIN = 7 };

#endif
