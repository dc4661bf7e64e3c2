/*
 * workload_answer.c: how providers answer. There is no public record of it, so the chances are
 * invented: about half of what is asked is accepted, a sixth never answered, and most answers come
 * in the first part of the time there is for them. The same service says the same of the same
 * package whatever else happens, so that two policies can be compared on one day.
 */
#include "workload.h"

#include "random.h"

enum { ANSWER_MINUTE = 60 * 1000, ANSWER_HOUR = 60 * ANSWER_MINUTE }; /* ms */

/* Out of a hundred times; and the delay, least and most. */
static const struct manner {
    uint8_t accepts, declines;
    int32_t soonest, spread; /* ms */
} manners[WORKLOAD_KINDS] = {
    [WORKLOAD_HOMECARE] = {45, 38, 10 * ANSWER_MINUTE, 6 * ANSWER_HOUR},
    [WORKLOAD_BRIDGING] = {65, 23, 2 * ANSWER_MINUTE, 24 * ANSWER_MINUTE},
    [WORKLOAD_RESIDENTIAL] = {40, 42, 2 * ANSWER_HOUR, 40 * ANSWER_HOUR},
};

/* FNV-1a */
static uint64_t mix(uint64_t hash, struct pm_text text)
{
    for (uint32_t i = 0; i < text.length; i++)
        hash = (hash ^ (uint8_t)text.bytes[i]) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3); /* between two texts */
}

/* A product of two equal chances: half are within a fifth of the spread, one in seven beyond half.
 */
static int64_t draw_delay(uint64_t *random, const struct manner *manner)
{
    enum { PARTS = 1 << 15 };
    int64_t product = (int64_t)random_below(random, PARTS) * random_below(random, PARTS);
    return manner->soonest + (manner->spread * product >> 30);
}

struct workload_answer workload_answer(uint64_t seed, enum workload_kind kind,
                                       struct pm_text reference, struct pm_text service,
                                       unsigned times)
{
    static const uint16_t codes[PM_DECLINE_CODES] = {
        [PM_NO_CAPACITY] = 55, [PM_CANNOT_MEET_NEED] = 12, [PM_TIMES_UNSUITABLE] = 18,
        [PM_TOO_FAR] = 8,      [PM_RATE_TOO_LOW] = 3,      [PM_OTHER] = 4};
    const struct manner *manner = &manners[kind];
    uint64_t random = mix(mix(seed ^ UINT64_C(0xcbf29ce484222325), reference), service) + times;
    struct workload_answer answer = {.says = WORKLOAD_KEEPS_SILENT};
    uint32_t luck = random_below(&random, 100);
    answer.delay = draw_delay(&random, manner);
    if (luck < manner->accepts) {
        answer.says = WORKLOAD_ACCEPTS;
    } else if (luck < (uint32_t)manner->accepts + manner->declines) {
        answer.says = WORKLOAD_DECLINES;
        answer.code = (uint8_t)random_pick(&random, codes, PM_DECLINE_CODES);
    }
    return answer;
}
