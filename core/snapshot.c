/*
 * snapshot.c - the state as canonical bytes: written, restored, and hashed.
 *
 * The bytes: what wrote them (struct head), the header, then each table: its numbers (struct
 * table_head), its rows and its details from slot 1 to the highest ever used. Of clients' details,
 * which are large, only the answers that are there. Records have no padding and what is unused is
 * zero, so equal states give equal bytes. Integers as they lie in memory: least significant byte
 * first on every machine this is built for.
 */
#include <sodium.h>
#include <string.h>

#include "derive.h"
#include "invariant.h"
#include "text.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the canonical bytes are little-endian");

enum { FORMAT = 10 };

/* Of which program the bytes are: another's are refused. */
struct head {
    char magic[8];
    uint32_t format, rules, ring, statuses, header_size;
    uint32_t row_size[TABLES], detail_size[TABLES];
};
struct table_head {
    uint32_t high, used, first_free, zero;
};

static struct head head_of(const struct pm_core *core)
{
    struct head head = {
        .magic = {'P', 'L', 'A', 'C', 'E', 'M', 'A', 'T'},
        .format = FORMAT,
        .rules = PM_RULES,
        .ring = CLIENT_RING,
        .statuses = PM_STATUS_COUNT,
        .header_size = sizeof(struct header),
    };
    for (int table = 0; table < TABLES; table++) {
        head.row_size[table] = core->table[table].row_size;
        head.detail_size[table] = core->table[table].detail_size;
    }
    return head;
}

/* ---- Writing ---- */

struct sink {
    bool (*put)(void *context, const void *bytes, size_t size);
    void *context;
};

static bool put(const struct sink *sink, const void *bytes, size_t size)
{
    return size == 0 || sink->put(sink->context, bytes, size);
}

static bool put_answers(const struct sink *sink, const struct client_ring *ring)
{
    uint32_t count = 0;
    for (int at = 0; at < CLIENT_RING; at++)
        count += ring->answer[at].number != 0;
    if (!put(sink, &count, sizeof count))
        return false;
    for (int at = 0; at < CLIENT_RING; at++)
        if (ring->answer[at].number != 0 && !put(sink, &ring->answer[at], sizeof ring->answer[at]))
            return false;
    return true;
}

static bool put_rings(const struct sink *sink, const struct table *clients)
{
    for (uint32_t slot = 0; (slot = table_next(clients, slot)) != 0;)
        if (!put_answers(sink, table_detail(clients, slot)))
            return false;
    return true;
}

static bool put_table(const struct sink *sink, const struct pm_core *core, int which)
{
    const struct table *table = &core->table[which];
    struct table_head head = {table->high, table->used, table->first_free, 0};
    if (!put(sink, &head, sizeof head) ||
        !put(sink, table_row(table, 1), (size_t)table->high * table->row_size))
        return false;
    if (which == TABLE_CLIENTS)
        return put_rings(sink, table);
    return table->detail_size == 0 ||
           put(sink, table_detail(table, 1), (size_t)table->high * table->detail_size);
}

bool pm_core_save(const struct pm_core *core,
                  bool (*to)(void *context, const void *bytes, size_t size), void *context)
{
    const struct sink sink = {to, context};
    struct head head = head_of(core);
    if (!put(&sink, &head, sizeof head) || !put(&sink, &core->header, sizeof core->header))
        return false;
    for (int table = 0; table < TABLES; table++)
        if (!put_table(&sink, core, table))
            return false;
    return true;
}

static bool hash_more(void *state, const void *bytes, size_t size)
{
    return crypto_generichash_update(state, bytes, size) == 0;
}

void pm_core_digest(const struct pm_core *core, uint8_t out[PM_DIGEST_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, PM_DIGEST_SIZE);
    pm_core_save(core, hash_more, &state);
    crypto_generichash_final(&state, out, PM_DIGEST_SIZE);
}

/* ---- Reading ---- */

struct source {
    const uint8_t *bytes;
    size_t left;
};

static bool take(struct source *source, void *out, size_t size)
{
    if (size > source->left)
        return false;
    if (size > 0)
        memcpy(out, source->bytes, size);
    source->bytes += size;
    source->left -= size;
    return true;
}

/* Each in its place and in order, so that no other bytes mean the same. */
static bool take_answers(struct source *source, struct client_ring *ring)
{
    uint32_t count;
    int64_t last = -1;
    if (!take(source, &count, sizeof count) || count > CLIENT_RING)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct client_answer answer;
        if (!take(source, &answer, sizeof answer))
            return false;
        int64_t at = (int64_t)(answer.number % CLIENT_RING);
        if (answer.number == 0 || at <= last || answer.status >= PM_STATUS_COUNT)
            return false;
        ring->answer[at] = answer;
        last = at;
    }
    return true;
}

/* Slots are not checked yet: whether one is used is asked only of slots that are in the table. */
static bool take_rings(struct source *source, const struct table *clients)
{
    for (uint32_t slot = 0; (slot = table_next(clients, slot)) != 0;)
        if (!take_answers(source, table_detail(clients, slot)))
            return false;
    return true;
}

static bool take_table(struct source *source, struct pm_core *core, int which)
{
    struct table *table = &core->table[which];
    struct table_head head;
    if (!take(source, &head, sizeof head) || head.high > table->capacity || head.used > head.high ||
        head.first_free > head.high || head.zero != 0)
        return false;
    table->high = head.high;
    table->used = head.used;
    table->first_free = head.first_free;
    if (!take(source, table_row(table, 1), (size_t)table->high * table->row_size))
        return false;
    if (which == TABLE_CLIENTS)
        return take_rings(source, table);
    return table->detail_size == 0 ||
           take(source, table_detail(table, 1), (size_t)table->high * table->detail_size);
}

static bool fail(char error[128], const char *sentence)
{
    struct text text = text_over(error, 128);
    text_add(&text, sentence);
    return false;
}

static bool take_all(struct pm_core *core, struct source *source, char error[128])
{
    struct head head, own = head_of(core);
    if (!take(source, &head, sizeof head) || memcmp(&head, &own, sizeof head) != 0)
        return fail(error, "It is not a state that this version of the program wrote.");
    if (!take(source, &core->header, sizeof core->header))
        return fail(error, "It ends too early.");
    for (int table = 0; table < TABLES; table++)
        if (!take_table(source, core, table))
            return fail(error, "A table is cut short, damaged, or larger than the limits allow.");
    return source->left == 0 || fail(error, "It goes on after its end.");
}

bool pm_core_restore(struct pm_core *core, const uint8_t *bytes, size_t size, char error[128])
{
    struct source source = {bytes, size};
    const struct check check = {core, error, 128};
    if (!take_all(core, &source, error))
        return false;
    /* Nothing that later walks these records may leave their memory, or walk for ever. */
    if (!check_tables(&check) || !check_ranges(&check) || !check_relations(&check) ||
        !check_lists(&check) || !check_rounds(&check) || !check_packages(&check))
        return false;
    return derive_all(core) ||
           fail(error, "Its services need more room on the rosters than there is.");
}
