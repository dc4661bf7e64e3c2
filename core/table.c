/* table.c - fixed tables of records: taking, freeing, ids. */
#include "table.h"

#include <string.h>

static struct row *row_at(const struct table *table, uint32_t slot)
{
    return table_row(table, slot);
}

static void blank(struct table *table, uint32_t slot)
{
    memset((uint8_t *)row_at(table, slot) + sizeof(struct row), 0,
           table->row_size - sizeof(struct row));
    if (table->detail_size != 0)
        memset(table_detail(table, slot), 0, table->detail_size);
}

uint32_t table_take(struct table *table)
{
    uint32_t slot = table->first_free;
    if (slot != 0)
        table->first_free = row_at(table, slot)->next_free;
    else if (table->high < table->capacity)
        slot = ++table->high;
    else
        return 0;
    row_at(table, slot)->next_free = ROW_USED;
    table->used++;
    return slot;
}

uint32_t table_take_for(struct table *table, uint32_t owner)
{
    uint32_t slot = table_take(table);
    if (slot != 0)
        table_own(table, slot, owner);
    return slot;
}

void table_own(struct table *table, uint32_t slot, uint32_t owner)
{
    struct span *span = &table->span[slot / TABLE_SPAN];
    table->owner[slot] = owner;
    span->least = span->most == 0 || owner < span->least ? owner : span->least;
    span->most = owner > span->most ? owner : span->most;
}

void table_free(struct table *table, uint32_t slot)
{
    struct row *row = row_at(table, slot);
    if (table->owner)
        table->owner[slot] = 0;
    blank(table, slot);
    row->generation++;
    row->next_free = table->first_free;
    table->first_free = slot;
    table->used--;
}

uint32_t table_next(const struct table *table, uint32_t slot)
{
    while (slot < table->high)
        if (row_at(table, ++slot)->next_free == ROW_USED)
            return slot;
    return 0;
}

/* Is any of so many the owner's? Without a branch for each, so that the compiler can test them at
 * once. */
enum { AT_ONCE = 16 };
static bool any_is(const uint32_t *owner, uint32_t wanted)
{
    uint32_t found = 0;
    for (unsigned i = 0; i < AT_ONCE; i++)
        found |= owner[i] == wanted;
    return found != 0;
}

/* Among the slots after one, up to another. */
static uint32_t next_within(const struct table *table, uint32_t owner, uint32_t slot, uint32_t last)
{
    while (slot + AT_ONCE <= last && !any_is(&table->owner[slot + 1], owner))
        slot += AT_ONCE;
    while (slot < last)
        if (table->owner[++slot] == owner)
            return slot;
    return 0;
}

/* What a market is loaded with lies together, so most spans are passed over at a glance. */
uint32_t table_next_of(const struct table *table, uint32_t owner, uint32_t slot)
{
    if (!table->owner)
        return table_next(table, slot);
    while (slot < table->high) {
        const struct span *span = &table->span[(slot + 1) / TABLE_SPAN];
        uint32_t last = (slot + 1) | (TABLE_SPAN - 1), found = 0;
        last = last < table->high ? last : table->high;
        if (span->least <= owner && owner <= span->most)
            found = next_within(table, owner, slot, last);
        if (found != 0)
            return found;
        slot = last;
    }
    return 0;
}

uint64_t table_id(const struct table *table, uint32_t slot)
{
    return slot == 0 ? 0 : (uint64_t)row_at(table, slot)->generation << PM_SLOT_BITS | slot;
}

uint32_t table_find(const struct table *table, uint64_t id)
{
    uint32_t slot = (uint32_t)(id & PM_SLOTS_MAX);
    if (!table_is_used(table, slot) || row_at(table, slot)->generation != id >> PM_SLOT_BITS)
        return 0;
    return slot;
}
