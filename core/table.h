/*
 * table.h - fixed tables of records. A record is known by its slot, a small number that stays its
 * own until it is freed; slot 0 is never used, so 0 means none. A freed slot is used again under
 * the next generation, so that an id (generation and slot together) never comes to mean another
 * record.
 *
 * A table may have details: a second record at the same slot for what matching does not read, so
 * that what it reads lies close together. Both are zero when a slot is taken and again when it is
 * freed.
 */
#ifndef PM_TABLE_H
#define PM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PM_SLOT_BITS = 24, PM_SLOTS_MAX = (1 << PM_SLOT_BITS) - 1 };

/* The head of every record. */
struct row {
    uint32_t generation;
    uint32_t next_free; /* slot, in a free record; ROW_USED in a used one */
};
#define ROW_USED UINT32_MAX

/* Of the slots of a span, the owners there have been: none is outside. */
struct span {
    uint32_t least, most; /* 0, 0: there was none */
};
enum { TABLE_SPAN = 256 };

struct table {
    const char *name;
    uint8_t *rows, *details; /* details NULL when detail_size is 0 */
    uint32_t *owner;         /* derived: of each slot, 0 when it is free; NULL: records have none */
    struct span *span;       /* derived: of each TABLE_SPAN slots; with owners */
    uint32_t row_size, detail_size;
    uint32_t capacity;   /* slots 1..capacity */
    uint32_t high;       /* slots 1..high have been used at some time */
    uint32_t first_free; /* the last freed first; 0: none */
    uint32_t used;
};

/* Takes a slot, or 0 when the table is full; for an owner, a number of the caller's but 0, by which
 * the table can then be gone through. */
uint32_t table_take(struct table *table);
uint32_t table_take_for(struct table *table, uint32_t owner);
/* Notes the owner of a slot that has been taken. */
void table_own(struct table *table, uint32_t slot, uint32_t owner);
static inline uint32_t table_spans(uint32_t capacity)
{
    return capacity / TABLE_SPAN + 1;
}
void table_free(struct table *table, uint32_t slot);

static inline void *table_row(const struct table *table, uint32_t slot)
{
    return table->rows + (size_t)slot * table->row_size;
}
static inline void *table_detail(const struct table *table, uint32_t slot)
{
    return table->details + (size_t)slot * table->detail_size;
}
static inline bool table_is_used(const struct table *table, uint32_t slot)
{
    return slot > 0 && slot <= table->high &&
           ((struct row *)table_row(table, slot))->next_free == ROW_USED;
}
/* Room for n more. */
static inline bool table_has_room(const struct table *table, uint32_t n)
{
    return table->capacity - table->used >= n;
}
/* The next used slot after this one, 0 when there is none. */
uint32_t table_next(const struct table *table, uint32_t slot);
/* The same of an owner's; takes a fraction of the time, and in a table without owners as long. */
uint32_t table_next_of(const struct table *table, uint32_t owner, uint32_t slot);

/* Ids for the world, and back: 0 when no such record is there now. */
uint64_t table_id(const struct table *table, uint32_t slot);
uint32_t table_find(const struct table *table, uint64_t id);

#endif
