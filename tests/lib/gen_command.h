/*
 * gen_command.h - random commands that the wire can carry, the same ones for the same seed: any
 * text, number and list that fits its field, whether or not a core would take it. And an
 * independent comparison, to see that what was decoded is what was encoded.
 */
#ifndef PM_TEST_GEN_COMMAND_H
#define PM_TEST_GEN_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "placemat.h"
#include "tests/lib/random.h"

enum { GEN_MEMORY = 1 << 18 };

/* What was made points into the memory here, until the next gen_reset(). */
struct gen {
    struct random random;
    bool likely; /* only numbers that their lists have: to be set after gen_start() */
    size_t used;
    _Alignas(16) unsigned char memory[GEN_MEMORY];
};

void gen_start(struct gen *gen, uint64_t seed);
void gen_reset(struct gen *gen); /* forgets what was made, not where the numbers are */

/* Some text of printable ASCII and other characters, `least` to `most` bytes, and a NUL after it.
 */
struct pm_text gen_text(struct gen *gen, uint32_t least, uint32_t most);

/* A command of that verb; of a verb that is none, of any verb. */
void gen_command(struct gen *gen, unsigned verb, struct pm_command *out);

/* Is it one that the daemon keeps for itself, so that no client may send it? */
static inline bool gen_is_daemons(unsigned verb)
{
    return verb == PM_CONTINUE || verb == PM_ROUND_APPLY || verb == PM_OUTAGE;
}

/* Is every field the same, texts and lists by what they hold? */
bool gen_equal(const struct pm_command *a, const struct pm_command *b);

/* All verbs, and how many. */
extern const uint8_t gen_verbs[];
extern const size_t gen_verb_count;

#endif
