/*
 * wire.h - the protocol in bytes: placemat.cddl's requests, replies and journal entries to and from
 * the vocabulary of placemat.h. Pure functions over memory the caller gives; nothing is allocated.
 * Used alike by the daemon, the replay of its journal, and the client library.
 */
#ifndef PM_WIRE_H
#define PM_WIRE_H

#include "placemat.h"

struct pm_entry;
struct pm_event_record;

/* ---- Writing ---- */

/* Bytes being written. After an overflow nothing more is written and `overflow` stays set. */
struct wire_writer {
    uint8_t *bytes;
    size_t size, used;
    bool overflow;
};

void wire_uint(struct wire_writer *writer, uint64_t value);
void wire_int(struct wire_writer *writer, int64_t value);
void wire_bool(struct wire_writer *writer, bool value);
void wire_text(struct wire_writer *writer, struct pm_text text);
void wire_name(struct wire_writer *writer, const struct pm_name *name);
void wire_string(struct wire_writer *writer, const char *string); /* NUL-terminated */
void wire_bytes(struct wire_writer *writer, const void *bytes, size_t size);
void wire_array(struct wire_writer *writer, size_t count); /* `count` items follow */
void wire_map(struct wire_writer *writer, size_t pairs);   /* `pairs` keys and values follow */
void wire_open_array(struct wire_writer *writer);          /* items follow until wire_break() */
void wire_open_map(struct wire_writer *writer);
void wire_break(struct wire_writer *writer);
/* Whole items, already encoded. */
void wire_raw(struct wire_writer *writer, const void *cbor, size_t size);

/*
 * Keys of every map of the protocol: one number means one thing everywhere. Requests, replies,
 * events and queries share them, so that anything can be shown with its keys' names. Never
 * renumber.
 */
/* clang-format off */
#define WIRE_KEYS(X)                                                                                  \
    X(0, ID, "id") X(1, REFERENCE, "reference") X(2, KIND, "kind") X(3, POSTCODE, "postcode")         \
    X(4, LOCALITY, "locality") X(5, SECTOR, "sector") X(6, VISITS, "visits") X(7, NEEDS, "needs")     \
    X(8, START_FROM, "start_from") X(9, START_BY, "start_by") X(10, PRIORITY, "priority")             \
    X(11, OFFER, "offer") X(12, CODE, "code") X(13, SERVICE, "service") X(14, PROVIDER, "provider")   \
    X(15, RATE, "rate") X(16, STATE, "state") X(17, POOL, "pool") X(18, TIME, "time")                 \
    X(19, DEADLINE, "deadline") X(20, PACKAGE, "package") X(21, PLACEMENT, "placement")               \
    X(22, SEQUENCE, "sequence") X(23, EVENT, "event")                                                 \
    X(24, REFERRER, "referrer") X(25, PLACE_TYPE, "place_type") X(26, INTERIM, "interim")             \
    X(27, PAYER, "payer") X(28, EXCLUSIONS, "exclusions") X(29, CONTINUITY, "continuity")             \
    X(30, PERSON, "person") X(31, PLANNED_END, "planned_end") X(32, GIVEN, "given")                   \
    X(33, REASON, "reason") X(34, TITLE, "title") X(35, STANDING, "standing") X(36, LOCATION, "location") \
    X(37, CQC, "cqc") X(38, RATING, "rating") X(39, SCORE, "score") X(40, MODE, "mode") X(41, LOT, "lot") \
    X(42, TIER, "tier") X(43, CONTRACT, "contract") X(44, LOCALITIES, "localities")                   \
    X(45, SECTORS, "sectors") X(46, CAPABILITIES, "capabilities") X(47, RATES, "rates")               \
    X(48, SPARE, "spare") X(49, AS_OF, "as_of") X(50, VALID_UNTIL, "valid_until")                     \
    X(51, MARKET, "market") X(52, SUPPLY, "supply") X(53, AFTER, "after") X(54, LIMIT, "limit")       \
    X(55, CURSOR, "cursor") X(56, WAIT, "wait") X(57, ROWS, "rows") X(58, NEXT, "next")               \
    X(59, SALT, "salt") X(60, KINDS, "kinds") X(61, PREFIXES, "prefixes") X(62, LOTS, "lots")         \
    X(63, LAPSE, "lapse") X(64, KEEP_DAYS, "keep_days") X(65, QUALITY, "quality") X(66, NAME, "name") \
    X(67, UNIT, "unit") X(68, SHORT_TERM, "short_term") X(69, BANDS, "bands") X(70, STEPS, "steps")   \
    X(71, PASSES, "passes") X(72, RATE_MIN, "rate_min") X(73, RATE_MAX, "rate_max")                   \
    X(74, CEILING, "ceiling") X(75, REFERENCE_RATE, "reference_rate") X(76, UNITS_MAX, "units_max")   \
    X(77, QUALITY_FLOOR, "quality_floor") X(78, WEIGHT_PRICE, "weight_price")                         \
    X(79, WEIGHT_QUALITY, "weight_quality") X(80, NEIGHBOURS, "neighbours") X(81, FROM, "from")       \
    X(82, TO, "to") X(83, DAYS, "days") X(84, ROUTE, "route") X(85, WHERE, "where")                   \
    X(86, TIERS, "tiers") X(87, WINDOW, "window") X(88, DEMAND, "demand") X(89, UNITS, "units")       \
    X(90, OFFERS, "offers") X(91, SERVICES, "services") X(92, FILTER, "filter") X(93, NEEDED, "needed") \
    X(94, FOUND, "found") X(95, BAND, "band") X(96, RANK, "rank") X(97, OUTCOME, "outcome")           \
    X(98, SCORE_PRICE, "score_price") X(99, SCORE_QUALITY, "score_quality") X(100, DECLARED, "declared") \
    X(101, COMMITTED, "committed") X(102, HELD, "held") X(103, FREE, "free")                          \
    X(104, OVERCOMMITTED, "overcommitted") X(105, POSTED, "posted") X(106, STEP, "step")              \
    X(107, PASS, "pass") X(108, VERSION, "version") X(109, RULES, "rules") X(110, COST, "cost")       \
    X(111, AGREED, "agreed") X(112, STARTED, "started") X(113, ENDED, "ended") X(114, MADE, "made")   \
    X(115, ANSWERED, "answered") X(116, DIAGNOSIS, "diagnosis") X(117, COUNT, "count")                \
    X(118, PACKAGES, "packages") X(119, PLACEMENTS, "placements") X(120, WAITING, "waiting")          \
    X(121, PENDING, "pending") X(122, DIGEST, "digest") X(123, EVENTS, "events") X(124, LOST, "lost") \
    X(125, PLACED, "placed") X(126, PROVIDERS, "providers") X(127, LOCATIONS, "locations")            \
    X(128, POOLS, "pools") X(129, MEMORY, "memory") X(130, UPTIME, "uptime") X(131, COMMANDS, "commands") \
    X(132, BATCHES, "batches") X(133, WATCHERS, "watchers") X(134, PRIORITIES, "priorities")          \
    X(135, AWARDED, "awarded") X(136, REMOVED, "removed") X(137, REQUESTS, "requests")                \
    X(138, REFUSED, "refused") X(139, RING, "ring") X(140, CONNECTIONS, "connections")                \
    X(141, COMMIT_US, "commit_us") X(142, SNAPSHOT, "snapshot") X(143, TIME_TO_PLACE, "time_to_place") \
    X(144, WAITED, "waited") X(145, SENTENCE, "sentence") X(146, STEP_WHERE, "step_where")                 \
    X(147, EARLIEST, "earliest") X(148, LATEST, "latest") X(149, MINUTES, "minutes")                  \
    X(150, CARERS, "carers") X(151, CRITICAL, "critical") X(152, ACTOR, "actor") X(153, ROLE, "role") \
    X(154, CLIENT, "client") X(155, NUMBER, "number") X(156, HASH, "hash")                            \
    X(157, UNTIL, "until") X(158, NOTE, "note") X(159, ASSESS_BY, "assess_by")                        \
    X(160, SHIFT, "shift") X(161, DECIDED_BY, "decided_by") X(162, TOP_UP, "top_up")                  \
    X(163, ARRANGEMENT, "arrangement") X(164, PREFERRED, "preferred") X(165, GROUP, "group")          \
    X(166, GROUP_SIZE, "group_size") X(167, TOGETHER, "together") X(168, FOLLOWS, "follows")          \
    X(169, FOLLOWED_BY, "followed_by") X(170, AWARD, "award") X(171, CLOSE, "close")                  \
    X(172, INVITE, "invite") X(173, DECIDE, "decide") X(174, BINDING, "binding")                      \
    X(175, FLOOR, "floor") X(176, CALENDAR, "calendar") X(177, CALENDARS, "calendars")                \
    X(178, OPENINGS, "openings") X(179, SHARE_CAP, "share_cap")                                       \
    X(180, BONUS_CONTINUITY, "bonus_continuity") X(181, BONUS_CLUSTER, "bonus_cluster")               \
    X(182, BONUS_CLUSTER_MOST, "bonus_cluster_most")                                                  \
    X(183, BONUS_PREFERENCE, "bonus_preference") X(184, ASK_AGAIN, "ask_again")                       \
    X(185, RAISE, "raise") X(186, RAISE_AFTER, "raise_after") X(187, UPLIFT, "uplift")                \
    X(188, SCORE_BLOCK, "score_block") X(189, SCORE_CONTINUITY, "score_continuity")                   \
    X(190, SCORE_CLUSTER, "score_cluster") X(191, SCORE_PREFERENCE, "score_preference")               \
    X(192, SUCCESSOR, "successor") X(193, FREED_BY, "freed_by") X(194, OVERDUE, "overdue")            \
    X(195, MISSES, "misses") X(196, START, "start") X(197, PARTS, "parts")      \
    X(198, ROUND, "round") X(199, ASSIGNMENTS, "assignments") X(200, RESULT, "result")                \
    X(201, VALUE, "value") X(202, BOUND, "bound") X(203, ALONE, "alone") X(204, OPTIMAL, "optimal")   \
    X(205, ABANDONED, "abandoned") X(206, OFFSET, "offset") X(207, OPENED, "opened")                  \
    X(208, SOLVED, "solved") X(209, ASKED, "asked") X(210, DROPPED, "dropped")                        \
    X(211, PASSED_ON, "passed_on") X(212, FATE, "fate") X(213, STAGES, "stages")                      \
    X(214, GATHERED, "gathered") X(215, ALONE_COST, "alone_cost") X(216, SCARCE, "scarce")            \
    X(217, PROGRESS, "progress") X(218, BYTES, "bytes") X(219, SIZE, "size")                          \
    X(220, ROUNDS, "rounds")                                                                          \
    X(230, PRICE, "price") X(231, GAINED, "gained")                                                   \
    X(240, TOKEN, "token") X(241, SESSION, "session") X(242, SERVER, "server") X(243, IDLE, "idle")   \
    X(244, COMMANDS_MAX, "commands_max") X(245, ROWS_MAX, "rows_max")                                 \
    X(246, MESSAGE_MAX, "message_max") X(247, EXPIRES, "expires") X(248, CREATED, "created")          \
    X(249, SESSIONS, "sessions") X(250, CLOCK_AHEAD, "clock_ahead")                                   \
    X(251, REPLY_TIMES, "reply_times") X(252, COMMIT_TIMES, "commit_times")                            \
    X(253, WAITING_AGES, "waiting_ages")                                                               \

enum wire_key {
#define WIRE_KEY_ENUM(number, constant, name) KEY_##constant = number,
    WIRE_KEYS(WIRE_KEY_ENUM)
#undef WIRE_KEY_ENUM
};
/* clang-format on */
const char *wire_key_name(uint64_t key); /* NULL when there is none */
static inline void wire_key(struct wire_writer *writer, enum wire_key key)
{
    wire_uint(writer, (uint64_t)key);
}

/* ---- Reading: a pull reader over untrusted bytes ---- */

enum wire_type {
    WIRE_UINT,
    WIRE_NEGATIVE,
    WIRE_BYTES,
    WIRE_TEXT,
    WIRE_ARRAY,
    WIRE_MAP,
    WIRE_BOOL,
    WIRE_NULL,
    WIRE_BREAK,
    WIRE_OTHER
};
struct wire_item {
    enum wire_type type;
    bool open;           /* an array or map of indefinite length */
    uint64_t value;      /* uint; negative: -1 - value; array: items; map: pairs; bool */
    struct pm_text text; /* text (checked UTF-8) or bytes: points into the input */
};
enum { WIRE_DEPTH_MAX = 16 };
struct wire_reader {
    const uint8_t *bytes;
    size_t size, at;
    bool failed;     /* stays set: truncated, malformed, too deep; every later read fails too */
    bool passed;     /* stays set: a tag has been passed over */
    const char *why; /* once failed: what was wrong, a few words for people */
};
bool wire_next(struct wire_reader *reader, struct wire_item *out);
/* One whole item, however nested up to WIRE_DEPTH_MAX. */
bool wire_skip(struct wire_reader *reader);

/* ---- Requests, replies, journal entries ---- */

/* Where decoded commands and their arrays are put: from the front, 16-byte aligned. */
struct wire_arena {
    uint8_t *bytes;
    size_t size, used;
};
/* An arena of this size suffices for whatever `size` bytes can decode to. */
size_t wire_arena_bound(size_t size);

/* Bytes of somebody else's. */
struct wire_piece {
    const uint8_t *bytes;
    size_t size;
};
/* A command as it came. */
struct wire_sent {
    uint64_t hash; /* of its bytes (XXH3): see pm_entry.hash */
    /* In the message; of size 0 when they say something that the command does not: an unknown key,
     * a tag, or how a postcode was written. Nothing that was not looked at may be kept. */
    struct wire_piece piece;
};
struct wire_request {
    struct pm_text session; /* its key, or empty: then the actor is stated, or is nobody */
    struct pm_actor actor;  /* as stated; decoded from a session it is nobody yet */
    struct pm_text market;
    uint64_t client, first_number;
    uint32_t count;
    struct pm_command *command; /* in the arena; texts point into the message */
    struct wire_sent *sent;     /* in the arena, by command */
};

/* What was wrong, for people: "command 3: visits: 40 lines, 32 at most". */
struct wire_error {
    char text[160];
};

/* PM_OK, PM_MALFORMED, PM_UNSUPPORTED_VERSION, PM_UNKNOWN_COMMAND or PM_TOO_LARGE; unless OK the
 * error's sentence says what was wrong. A market.load comes alone in its request; `continue` is
 * unknown here. */
uint16_t wire_request_decode(const uint8_t *bytes, size_t size, struct wire_arena *arena,
                             struct wire_request *out, struct wire_error *error);
void wire_request_encode(struct wire_writer *writer, const struct wire_request *request);
/* The same in its two parts: all up to who acts, and all after it. */
void wire_request_encode_who(struct wire_writer *writer, const struct wire_request *request);
void wire_request_encode_what(struct wire_writer *writer, const struct wire_request *request);

/* A command as [name, {fields}]; fields at their default are left out. */
void wire_command_encode(struct wire_writer *writer, const struct pm_command *command);

/* Journal entry: [sequence, time, market, role, actor, client, number, hash, command]. */
void wire_entry_encode(struct wire_writer *writer, const struct pm_entry *entry);
/* Decodes one entry at the reader; entry->command is put into the arena. False when malformed. */
bool wire_entry_decode(struct wire_reader *reader, struct wire_arena *arena, struct pm_entry *out,
                       struct wire_error *error);

/* Reply: [version, sequence, status, results], or with a status that is not PM_OK [version,
 * sequence, status, detail], and behind that, where it says when to come back, milliseconds. A
 * result is [status], [status, id] (id not 0), or of a query [PM_OK, body]. */
void wire_reply_begin(struct wire_writer *writer, uint64_t sequence, size_t results);
void wire_reply_result(struct wire_writer *writer, struct pm_result result);
void wire_reply_refused(struct wire_writer *writer, uint64_t sequence, uint16_t status,
                        const char *detail, uint32_t after_ms);

/* An event as a map. */
void wire_event_encode(struct wire_writer *writer, const struct pm_event_record *event);

#endif
