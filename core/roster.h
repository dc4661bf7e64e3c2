/*
 * roster.h - the services of one kind in one locality, best base score first, so that a search for
 * the best may stop at the first that will do.
 *
 * A roster is a list of chapters, a chapter up to 16 blocks, a block up to 16 services. Entry,
 * block and chapter know what their services have at the most: free capacity in each band, and all
 * capabilities and tiers together. A search passes over what cannot serve it, so that it looks at
 * the records only of services that most likely can. These bounds may be too high (capacity shrinks
 * without telling them) but never too low: they are raised at once when capacity grows, and made
 * exact again by a search that found nothing where they promised something. They decide how fast a
 * search is, never what it finds.
 *
 * Rosters are known by their waitlist's slot. Derived: built anew when a state is restored.
 */
#ifndef PM_ROSTER_H
#define PM_ROSTER_H

#include "narrow.h"
#include "placemat.h"

enum { ROSTER_BLOCK = SIXTEEN, ROSTER_CHAPTER = 16 };

/*
 * The most that any service below has. In each band the pool's free amount, but 0 when it is less
 * (no bound decides whether an overcommitted band matters to a package that does not need it);
 * INT16_MAX when it is more, or nothing is declared; INT16_MIN where the declaration lapsed and
 * such are excluded.
 */
struct roster_bounds {
    narrow free;
    uint64_t capabilities;
    uint8_t tiers; /* mask */
    uint8_t zero[7];
};
/* Services in order, each with bounds of its own. What is alike lies together, so that a search
 * tests the sixteen at once. */
struct roster_block {
    narrow free[ROSTER_BLOCK];
    uint8_t tiers[ROSTER_BLOCK];
    uint64_t capabilities[ROSTER_BLOCK];
    uint64_t key[ROSTER_BLOCK]; /* [0, count), rising: see roster_key() */
    uint32_t count;
    uint32_t loose; /* 1: bounds of an entry were set since the block's were made exact */
};
struct roster_chapter {
    struct roster_bounds bounds; /* over its blocks */
    uint32_t next;               /* chapter; also in the list of free ones */
    uint32_t count;
    uint32_t roster; /* whose; 0: free */
    uint32_t zero;
    uint64_t first[ROSTER_CHAPTER];             /* key that each block begins with, [0, count) */
    struct roster_bounds block[ROSTER_CHAPTER]; /* of each block */
    uint32_t blocks[ROSTER_CHAPTER];
};
/* Where a service was found last on a roster. It may since have moved: whoever goes by it looks
 * whether it is there. */
struct roster_note {
    uint32_t chapter;
    uint16_t block, entry;
};
enum { ROSTER_NOTES = 8 }; /* of a service, by roster modulo: one cache line */

struct rosters {
    struct roster_note *notes;       /* by service, not cleared with the rest */
    uint32_t *first;                 /* by roster, 0 not used: its first chapter, 0: empty */
    struct roster_chapter *chapters; /* 0 not used */
    struct roster_block *blocks;
    uint32_t *free_blocks; /* stack of those given back, as many as blocks */
    uint32_t free_block_count, free_chapter_count, first_free_chapter;
    /* From there on none was ever taken, so that memory is touched only as it is used. */
    uint32_t fresh_block, fresh_chapter;
    uint32_t capacity; /* entries there is room for */
    uint32_t promised; /* entries that services may take: see roster_promise() */
};

struct pm_core;

/* A place in the order: score downwards, then slot upwards. */
static inline uint64_t roster_key(int32_t score, uint32_t service)
{
    return (uint64_t)((uint32_t)score ^ INT32_MAX) << 32 | service;
}
static inline uint32_t roster_key_service(uint64_t key)
{
    return (uint32_t)key;
}
static inline int32_t roster_key_score(uint64_t key)
{
    return (int32_t)((uint32_t)(key >> 32) ^ INT32_MAX);
}

/* Elements of `blocks` (and of free_blocks) and of `chapters` for this many entries on this many
 * rosters, however they come and go. `first` has rosters + 1 elements. */
uint32_t roster_blocks_needed(uint32_t entries, uint32_t rosters);
uint32_t roster_chapters_needed(uint32_t entries, uint32_t rosters);
/* All rosters are empty. Their memory is what the functions above asked for with the same numbers,
 * and is zero. */
void rosters_open(struct rosters *rosters, uint32_t entries);

/*
 * Room is promised to a service for every roster it may stand on, listed or not, so that it can be
 * listed when its rate takes effect; and whether there is room depends on nothing but the promises.
 * More is above 0 when it may come to stand on more, below on fewer.
 */
bool roster_has_room(const struct pm_core *core, uint32_t entries);
void roster_promise(struct pm_core *core, int more);

/* Adds a service by its present score; it is not on that roster, and room was promised. */
void roster_add(struct pm_core *core, uint32_t roster, uint32_t service);
/* Takes a service away; its score is still what it was added with. Nothing happens if it is not
 * there. */
void roster_remove(struct pm_core *core, uint32_t roster, uint32_t service);
/* A service's capacity or capabilities grew; its score is what it was added with. */
void roster_raise(struct pm_core *core, uint32_t roster, uint32_t service);

/* What one service has, as bounds are reckoned; and what its entry says of it. */
struct roster_bounds roster_bounds_of(const struct pm_core *core, uint32_t service);
struct roster_bounds roster_bounds_at(const struct roster_block *block, uint32_t entry);

/* A search through a roster for services that may have this capacity and these capabilities.
 * Nothing may be added or removed while it goes on. */
struct roster_search {
    narrow demand;
    uint64_t needs;
    struct roster_chapter *chapter; /* NULL: over */
    struct roster_block *block;     /* that the search is in; NULL: it goes on at the position */
    uint32_t at;                    /* position in the chapter */
    uint32_t left;  /* entries of the block that promise something and come next, a mask */
    uint32_t entry; /* position in the block of the service returned last */
    uint8_t tiers;
    uint8_t zero[3];
    int32_t score; /* of the service returned last */
    int32_t floor; /* set by the caller, INT32_MIN at the start: lesser scores are of no interest */
};
void roster_start(struct roster_search *search, const struct pm_core *core, uint32_t roster,
                  const int32_t *demand, uint64_t needs, uint8_t tiers);
/*
 * The next service that may do, best score first; 0 when there is none. The caller asks for the
 * next when the last would not do: what the search has gone past gets exact bounds, hence core is
 * not const.
 */
uint32_t roster_next(struct roster_search *search, struct pm_core *core);

#endif
