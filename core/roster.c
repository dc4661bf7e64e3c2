/* roster.c - services in order of score, with bounds on what blocks of them have. */
#include "roster.h"

#include "pool.h"
#include "state.h"

#include <string.h>

/* Neighbours that together fill no more than half are joined, so that what is used follows from
 * what is there: see roster_blocks_needed(). */
enum { BLOCK_JOIN = ROSTER_BLOCK / 2, CHAPTER_JOIN = ROSTER_CHAPTER / 2 };

/* Where a key is, or would be. */
struct place {
    uint32_t previous, chapter; /* previous 0: the chapter is the first */
    uint32_t block, entry;
};

/* ---- Bounds ---- */

static struct roster_bounds nothing(void)
{
    return (struct roster_bounds){.free = narrow_all(INT16_MIN)};
}

static narrow declared_free(const struct pool *pool)
{
    int32_t amounts[PM_BANDS_MAX];
    pool_free_all(pool, amounts);
    return narrow_greater(narrow_of(amounts), narrow_all(0));
}

struct roster_bounds roster_bounds_of(const struct pm_core *core, uint32_t service)
{
    const struct service *record = service_at(core, service);
    const struct pool *pool = pool_at(core, record->pool);
    return (struct roster_bounds){
        .free = pool->capacity == POOL_DECLARED
                    ? declared_free(pool)
                    : narrow_all(pool->capacity == POOL_LAPSED ? INT16_MIN : INT16_MAX),
        .capabilities = record->capabilities,
        .tiers = (uint8_t)(1u << (record->tier - 1)),
    };
}

struct roster_bounds roster_bounds_at(const struct roster_block *block, uint32_t entry)
{
    return (struct roster_bounds){
        .free = block->free[entry],
        .capabilities = block->capabilities[entry],
        .tiers = block->tiers[entry],
    };
}

static void set_bounds(struct roster_block *block, uint32_t entry,
                       const struct roster_bounds *bounds)
{
    block->free[entry] = bounds->free;
    block->capabilities[entry] = bounds->capabilities;
    block->tiers[entry] = bounds->tiers;
    block->loose = 1;
}

static inline void raise(struct roster_bounds *bounds, const struct roster_bounds *by)
{
    bounds->free = narrow_greater(bounds->free, by->free);
    bounds->capabilities |= by->capabilities;
    bounds->tiers |= by->tiers;
}

static bool are_same(const struct roster_bounds *a, const struct roster_bounds *b)
{
    return narrow_suffices(a->free, b->free) && narrow_suffices(b->free, a->free) &&
           a->capabilities == b->capabilities && a->tiers == b->tiers;
}

static inline bool promises(const struct roster_bounds *bounds, const struct roster_search *search)
{
    return (search->tiers & bounds->tiers) != 0 && (search->needs & ~bounds->capabilities) == 0 &&
           narrow_suffices(bounds->free, search->demand);
}

static void measure_chapter(struct roster_chapter *chapter)
{
    chapter->bounds = nothing();
    for (uint32_t block = 0; block < chapter->count; block++)
        raise(&chapter->bounds, &chapter->block[block]);
}

/* Makes a block's bounds those of its entries; the chapter's follow when they change. */
static void measure_block(struct rosters *rosters, struct roster_chapter *chapter, uint32_t at)
{
    struct roster_block *block = &rosters->blocks[chapter->blocks[at]];
    struct roster_bounds bounds = nothing();
    for (uint32_t entry = 0; entry < block->count; entry++) {
        bounds.free = narrow_greater(bounds.free, block->free[entry]);
        bounds.capabilities |= block->capabilities[entry];
        bounds.tiers |= block->tiers[entry];
    }
    block->loose = 0;
    if (are_same(&bounds, &chapter->block[at]))
        return;
    chapter->block[at] = bounds;
    measure_chapter(chapter);
}

/* ---- Memory ---- */

/*
 * Two neighbouring blocks of a chapter hold at least 9 entries, and two neighbouring chapters at
 * least 9 blocks. So two chapters hold at least 37 entries (1 block and 8), and no two have more
 * than 10 blocks for each 38; what is left over is at most one chapter a roster, with at most one
 * block beyond a third of its entries. The rest is for adding to many rosters at once.
 */
enum { SPARE = PM_LOCALITIES_MAX + 1 };

static uint32_t at_most(uint32_t entries, uint32_t each, uint32_t rosters)
{
    uint64_t sum = (uint64_t)entries / each + (rosters < entries ? rosters : entries) + SPARE;
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

uint32_t roster_blocks_needed(uint32_t entries, uint32_t rosters)
{
    return at_most(entries, 3, rosters);
}

uint32_t roster_chapters_needed(uint32_t entries, uint32_t rosters)
{
    return at_most(entries, 16, rosters) + 1;
}

void rosters_open(struct rosters *rosters, uint32_t entries)
{
    rosters->fresh_chapter = 1;
    rosters->capacity = entries;
}

bool roster_has_room(const struct pm_core *core, uint32_t entries)
{
    return core->rosters.capacity - core->rosters.promised >= entries;
}

void roster_promise(struct pm_core *core, int more)
{
    core->rosters.promised += (uint32_t)more;
}

static uint32_t take_chapter(struct rosters *rosters, uint32_t roster)
{
    uint32_t taken = rosters->first_free_chapter;
    if (taken != 0) {
        rosters->first_free_chapter = rosters->chapters[taken].next;
        rosters->free_chapter_count--;
    } else {
        taken = rosters->fresh_chapter++;
    }
    struct roster_chapter *chapter = &rosters->chapters[taken];
    chapter->next = chapter->count = 0;
    chapter->roster = roster;
    chapter->bounds = nothing();
    return taken;
}

static void free_chapter(struct rosters *rosters, uint32_t freed)
{
    rosters->chapters[freed].next = rosters->first_free_chapter;
    rosters->chapters[freed].roster = 0;
    rosters->first_free_chapter = freed;
    rosters->free_chapter_count++;
}

static uint32_t take_block(struct rosters *rosters)
{
    uint32_t taken = rosters->free_block_count > 0
                         ? rosters->free_blocks[--rosters->free_block_count]
                         : rosters->fresh_block++;
    rosters->blocks[taken].count = 0;
    return taken;
}

static void free_block(struct rosters *rosters, uint32_t freed)
{
    rosters->free_blocks[rosters->free_block_count++] = freed;
}

/* ---- Entries of a block ---- */

/* Copies entries, within a block or from another. */
static void move_entries(struct roster_block *to, uint32_t at, const struct roster_block *source,
                         uint32_t from, uint32_t count)
{
    memmove(&to->free[at], &source->free[from], count * sizeof to->free[0]);
    memmove(&to->tiers[at], &source->tiers[from], count * sizeof to->tiers[0]);
    memmove(&to->capabilities[at], &source->capabilities[from], count * sizeof to->capabilities[0]);
    memmove(&to->key[at], &source->key[from], count * sizeof to->key[0]);
}

/* ---- Blocks of a chapter ---- */

/* Makes a hole at a position of the chapter for one more block, to be filled by the caller. */
static void open_block(struct roster_chapter *chapter, uint32_t at)
{
    uint32_t behind = chapter->count++ - at;
    memmove(&chapter->first[at + 1], &chapter->first[at], behind * sizeof chapter->first[0]);
    memmove(&chapter->block[at + 1], &chapter->block[at], behind * sizeof chapter->block[0]);
    memmove(&chapter->blocks[at + 1], &chapter->blocks[at], behind * sizeof chapter->blocks[0]);
}

static void close_block(struct rosters *rosters, struct roster_chapter *chapter, uint32_t at)
{
    free_block(rosters, chapter->blocks[at]);
    uint32_t behind = --chapter->count - at;
    memmove(&chapter->first[at], &chapter->first[at + 1], behind * sizeof chapter->first[0]);
    memmove(&chapter->block[at], &chapter->block[at + 1], behind * sizeof chapter->block[0]);
    memmove(&chapter->blocks[at], &chapter->blocks[at + 1], behind * sizeof chapter->blocks[0]);
}

/* Appends the blocks [from, count) of one chapter to another. */
static void move_blocks(struct roster_chapter *to, struct roster_chapter *source, uint32_t from)
{
    uint32_t moved = source->count - from;
    memcpy(&to->first[to->count], &source->first[from], moved * sizeof to->first[0]);
    memcpy(&to->block[to->count], &source->block[from], moved * sizeof to->block[0]);
    memcpy(&to->blocks[to->count], &source->blocks[from], moved * sizeof to->blocks[0]);
    to->count += moved;
    source->count = from;
    measure_chapter(to);
    measure_chapter(source);
}

static void split_chapter(struct rosters *rosters, uint32_t full)
{
    struct roster_chapter *chapter = &rosters->chapters[full];
    uint32_t added = take_chapter(rosters, chapter->roster);
    move_blocks(&rosters->chapters[added], chapter, ROSTER_CHAPTER / 2);
    rosters->chapters[added].next = chapter->next;
    chapter->next = added;
}

/* The chapter has room for one more block. */
static void split_block(struct rosters *rosters, struct roster_chapter *chapter, uint32_t at)
{
    open_block(chapter, at + 1);
    uint32_t added = take_block(rosters);
    struct roster_block *full = &rosters->blocks[chapter->blocks[at]],
                        *half = &rosters->blocks[added];
    full->count = half->count = ROSTER_BLOCK / 2;
    move_entries(half, 0, full, ROSTER_BLOCK / 2, ROSTER_BLOCK / 2);
    chapter->blocks[at + 1] = added;
    chapter->first[at + 1] = half->key[0];
    chapter->block[at + 1] = nothing();
    measure_block(rosters, chapter, at);
    measure_block(rosters, chapter, at + 1);
}

/* Joins a block with the next of its chapter if they are few together. */
static bool join_blocks(struct rosters *rosters, struct roster_chapter *chapter, uint32_t at)
{
    if (at + 1 >= chapter->count)
        return false;
    struct roster_block *block = &rosters->blocks[chapter->blocks[at]];
    struct roster_block *next = &rosters->blocks[chapter->blocks[at + 1]];
    if (block->count + next->count > BLOCK_JOIN)
        return false;
    move_entries(block, block->count, next, 0, next->count);
    block->count += next->count;
    raise(&chapter->block[at], &chapter->block[at + 1]);
    close_block(rosters, chapter, at + 1);
    return true;
}

/* Joins a chapter with the next if they are few together. */
static bool join_chapters(struct rosters *rosters, uint32_t at)
{
    struct roster_chapter *chapter = &rosters->chapters[at];
    uint32_t next = chapter->next, seam = chapter->count;
    if (next == 0 || chapter->count + rosters->chapters[next].count > CHAPTER_JOIN)
        return false;
    move_blocks(chapter, &rosters->chapters[next], 0);
    chapter->next = rosters->chapters[next].next;
    free_chapter(rosters, next);
    join_blocks(rosters, chapter, seam - 1);
    return true;
}

/* ---- Adding and removing ---- */

/* The last position whose key is not above this one, or 0. */
static uint32_t last_not_above(const uint64_t *keys, uint32_t count, uint64_t key)
{
    uint32_t at = 0;
    while (at + 1 < count && keys[at + 1] <= key)
        at++;
    return at;
}

/* The roster is not empty. Entry is left at 0. */
static struct place find_block(const struct rosters *rosters, uint32_t roster, uint64_t key)
{
    struct place place = {.chapter = rosters->first[roster]};
    const struct roster_chapter *chapter = &rosters->chapters[place.chapter];
    while (chapter->next != 0 && rosters->chapters[chapter->next].first[0] <= key) {
        place.previous = place.chapter;
        place.chapter = chapter->next;
        chapter = &rosters->chapters[place.chapter];
    }
    place.block = last_not_above(chapter->first, chapter->count, key);
    return place;
}

static struct place find_entry(const struct rosters *rosters, uint32_t roster, uint64_t key)
{
    struct place place = find_block(rosters, roster, key);
    const struct roster_chapter *chapter = &rosters->chapters[place.chapter];
    const struct roster_block *block = &rosters->blocks[chapter->blocks[place.block]];
    while (place.entry < block->count && block->key[place.entry] < key)
        place.entry++;
    return place;
}

static void begin(struct rosters *rosters, uint32_t roster)
{
    uint32_t taken = take_chapter(rosters, roster);
    struct roster_chapter *chapter = &rosters->chapters[taken];
    chapter->count = 1;
    chapter->blocks[0] = take_block(rosters);
    chapter->block[0] = nothing();
    rosters->first[roster] = taken;
}

/* Splits what is full where a key is to go, and says where it goes then. */
static struct place make_place(struct rosters *rosters, uint32_t roster, uint64_t key)
{
    struct place place = find_entry(rosters, roster, key);
    if (rosters->blocks[rosters->chapters[place.chapter].blocks[place.block]].count < ROSTER_BLOCK)
        return place;
    if (rosters->chapters[place.chapter].count == ROSTER_CHAPTER) {
        split_chapter(rosters, place.chapter);
        place = find_entry(rosters, roster, key);
    }
    split_block(rosters, &rosters->chapters[place.chapter], place.block);
    return find_entry(rosters, roster, key);
}

/* Makes an entry's bounds exact, and what is above it no lower. */
static void raise_entry(struct pm_core *core, struct place place, uint32_t service)
{
    struct roster_chapter *chapter = &core->rosters.chapters[place.chapter];
    struct roster_bounds bounds = roster_bounds_of(core, service);
    set_bounds(&core->rosters.blocks[chapter->blocks[place.block]], place.entry, &bounds);
    raise(&chapter->block[place.block], &bounds);
    raise(&chapter->bounds, &bounds);
}

void roster_add(struct pm_core *core, uint32_t roster, uint32_t service)
{
    struct rosters *rosters = &core->rosters;
    uint64_t key = roster_key(service_at(core, service)->score, service);
    if (rosters->first[roster] == 0)
        begin(rosters, roster);
    struct place place = make_place(rosters, roster, key);
    struct roster_chapter *chapter = &rosters->chapters[place.chapter];
    struct roster_block *block = &rosters->blocks[chapter->blocks[place.block]];
    uint32_t behind = block->count++ - place.entry;
    move_entries(block, place.entry + 1, block, place.entry, behind);
    block->key[place.entry] = key;
    chapter->first[place.block] = block->key[0];
    raise_entry(core, place, service);
}

static void drop_chapter(struct rosters *rosters, uint32_t roster, struct place place)
{
    uint32_t next = rosters->chapters[place.chapter].next;
    if (place.previous != 0)
        rosters->chapters[place.previous].next = next;
    else
        rosters->first[roster] = next;
    free_chapter(rosters, place.chapter);
}

/* After something went from a block: an empty block or chapter is freed, a small one joined. */
static void gather(struct rosters *rosters, uint32_t roster, struct place place)
{
    struct roster_chapter *chapter = &rosters->chapters[place.chapter];
    if (rosters->blocks[chapter->blocks[place.block]].count == 0) {
        close_block(rosters, chapter, place.block);
        if (chapter->count == 0) {
            drop_chapter(rosters, roster, place);
            return;
        }
        measure_chapter(chapter);
    } else {
        measure_block(rosters, chapter, place.block);
        if (!join_blocks(rosters, chapter, place.block) && place.block > 0)
            join_blocks(rosters, chapter, place.block - 1);
    }
    while (join_chapters(rosters, place.chapter))
        ;
    while (place.previous != 0 && join_chapters(rosters, place.previous))
        ;
}

void roster_remove(struct pm_core *core, uint32_t roster, uint32_t service)
{
    struct rosters *rosters = &core->rosters;
    if (rosters->first[roster] == 0)
        return;
    uint64_t key = roster_key(service_at(core, service)->score, service);
    struct place place = find_entry(rosters, roster, key);
    struct roster_chapter *chapter = &rosters->chapters[place.chapter];
    struct roster_block *block = &rosters->blocks[chapter->blocks[place.block]];
    if (place.entry == block->count || block->key[place.entry] != key)
        return;
    uint32_t behind = --block->count - place.entry;
    move_entries(block, place.entry, block, place.entry + 1, behind);
    chapter->first[place.block] = block->key[0];
    gather(rosters, roster, place);
}

/* The roster is not empty. Is a key at this place, as the service's note has it? */
static bool is_at(const struct rosters *rosters, uint32_t roster, uint64_t key,
                  const struct roster_note *note)
{
    const struct roster_chapter *chapter = &rosters->chapters[note->chapter];
    if (chapter->roster != roster || note->block >= chapter->count)
        return false;
    const struct roster_block *block = &rosters->blocks[chapter->blocks[note->block]];
    return note->entry < block->count && block->key[note->entry] == key;
}

/* Where a service is on a roster: by its note, or else by searching, which is then noted. False
 * when it is not there. */
static bool find_service(struct rosters *rosters, uint32_t roster, uint64_t key,
                         struct place *place)
{
    struct roster_note *note =
        &rosters->notes[(size_t)roster_key_service(key) * ROSTER_NOTES + roster % ROSTER_NOTES];
    if (!is_at(rosters, roster, key, note)) {
        *place = find_entry(rosters, roster, key);
        *note = (struct roster_note){
            .chapter = place->chapter,
            .block = (uint16_t)place->block,
            .entry = (uint16_t)place->entry,
        };
        return is_at(rosters, roster, key, note);
    }
    *place = (struct place){.chapter = note->chapter, .block = note->block, .entry = note->entry};
    return true;
}

void roster_raise(struct pm_core *core, uint32_t roster, uint32_t service)
{
    struct rosters *rosters = &core->rosters;
    uint64_t key = roster_key(service_at(core, service)->score, service);
    struct place place;
    if (rosters->first[roster] != 0 && find_service(rosters, roster, key, &place))
        raise_entry(core, place, service);
}

/* ---- Searching ---- */

/* A chapter by its number, NULL for 0. */
static struct roster_chapter *chapter_at(const struct rosters *rosters, uint32_t chapter)
{
    return chapter == 0 ? NULL : &rosters->chapters[chapter];
}

void roster_start(struct roster_search *search, const struct pm_core *core, uint32_t roster,
                  const int32_t *demand, uint64_t needs, uint8_t tiers)
{
    *search = (struct roster_search){
        .demand = narrow_of(demand),
        .needs = needs,
        .chapter = chapter_at(&core->rosters, core->rosters.first[roster]),
        .tiers = tiers,
        .floor = INT32_MIN,
    };
}

/* Which entries of a block have the capacity and the tier, as a mask. */
static uint32_t promising(const struct roster_block *block, const struct roster_search *search)
{
    return narrow_which_suffice(block->free, search->demand) &
           bytes_which_meet(block->tiers, search->tiers) & ((1u << block->count) - 1);
}

/* Goes on to the next block that promises something, from the position on; false at the end. */
static bool enter_block(struct roster_search *search, const struct rosters *rosters)
{
    for (; search->chapter != NULL; search->at = 0) {
        const struct roster_chapter *chapter = search->chapter;
        if (search->at == 0 && !promises(&chapter->bounds, search))
            search->at = chapter->count;
        for (; search->at < chapter->count; search->at++) {
            if (promises(&chapter->block[search->at], search)) {
                search->block = &rosters->blocks[chapter->blocks[search->at]];
                search->left = promising(search->block, search);
                return true;
            }
        }
        search->chapter = chapter_at(rosters, chapter->next);
    }
    return false;
}

/* The block has been gone through to its end. */
static void leave_block(struct roster_search *search, struct rosters *rosters)
{
    if (search->block->loose)
        measure_block(rosters, search->chapter, search->at);
    search->block = NULL;
    search->at++;
}

/* Goes on to the next entry of the block that has the capabilities too; false at its end. */
static bool enter_entry(struct roster_search *search)
{
    while (search->left != 0) {
        search->entry = (uint32_t)__builtin_ctz(search->left);
        search->left &= search->left - 1;
        if ((search->needs & ~search->block->capabilities[search->entry]) == 0)
            return true;
    }
    return false;
}

/* The service returned last would not do; false when what comes after it is below the floor: then
 * it may well have done. */
static bool pass_over(const struct roster_search *search, const struct pm_core *core)
{
    struct roster_block *block = search->block;
    uint32_t next = search->entry + 1;
    if (next < block->count && roster_key_score(block->key[next]) < search->floor)
        return false;
    struct roster_bounds bounds =
        roster_bounds_of(core, roster_key_service(block->key[search->entry]));
    set_bounds(block, search->entry, &bounds);
    return true;
}

uint32_t roster_next(struct roster_search *search, struct pm_core *core)
{
    struct rosters *rosters = &core->rosters;
    if (search->block != NULL && !pass_over(search, core))
        return 0;
    while (search->block != NULL || enter_block(search, rosters)) {
        if (enter_entry(search)) {
            uint64_t key = search->block->key[search->entry];
            search->score = roster_key_score(key);
            return search->score < search->floor ? 0 : roster_key_service(key);
        }
        leave_block(search, rosters);
    }
    return 0;
}
