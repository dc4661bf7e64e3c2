/* invariant_tables.c - each table's used and free slots. */
#include "invariant.h"

static const struct row *row_of(const struct table *table, uint32_t slot)
{
    return table_row(table, slot);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    uint8_t all = 0;
    for (size_t i = 0; i < size; i++)
        all |= bytes[i];
    return all == 0;
}

/* A free slot keeps nothing but its place among the free ones. */
static bool is_blank(const struct table *table, uint32_t slot)
{
    const uint8_t *row = table_row(table, slot);
    return is_zero(row + sizeof(struct row), table->row_size - sizeof(struct row)) &&
           (table->detail_size == 0 || is_zero(table_detail(table, slot), table->detail_size));
}

static bool check_rows(const struct check *check, const struct table *table)
{
    uint32_t used = 0;
    for (uint32_t slot = 1; slot <= table->high; slot++) {
        uint32_t next = row_of(table, slot)->next_free;
        if (next != ROW_USED && next > table->high)
            return broken(check, table->name, slot, "the next free slot is outside the table");
        if (next != ROW_USED && !is_blank(table, slot))
            return broken(check, table->name, slot, "it is free but not blank");
        used += next == ROW_USED;
    }
    return used == table->used ||
           broken(check, table->name, used, "not as many are used as counted");
}

static bool check_free(const struct check *check, const struct table *table)
{
    uint32_t count = 0, most = table->high - table->used;
    for (uint32_t slot = table->first_free; slot != 0; slot = row_of(table, slot)->next_free)
        if (slot > table->high || row_of(table, slot)->next_free == ROW_USED || ++count > most)
            return broken(check, table->name, slot, "the list of free slots comes here wrongly");
    return count == most ||
           broken(check, table->name, count, "not all free slots are in their list");
}

bool check_tables(const struct check *check)
{
    for (int at = 0; at < TABLES; at++) {
        const struct table *table = &check->core->table[at];
        if (table->high > table->capacity || table->used > table->high)
            return broken(check, table->name, table->high, "more are used than there is room for");
        if (!check_rows(check, table) || !check_free(check, table))
            return false;
    }
    return true;
}
