/*
 * market_file_check.c - rules of a market against each other and against its services: what no
 * single field can tell.
 */
#include "market_file.h"

bool mf_check_bands(struct reader *reader, const struct field *bands, const struct pm_kind *kind)
{
    for (size_t i = 1; i < kind->bands; i++) {
        const struct pm_band *a = &kind->band[i];
        for (size_t j = 0; j < i; j++) {
            const struct pm_band *b = &kind->band[j];
            if ((a->days & b->days) == 0 || a->from >= b->to || b->from >= a->to)
                continue;
            struct field item = mf_at(reader, bands, i);
            return mf_mistake(reader, &item, "\"%s\" overlaps \"%s\": a visit belongs to one band",
                              a->name.text, b->name.text);
        }
    }
    return true;
}

/* Does the earlier step ask wherever this one does? */
static bool reaches_as_far(const struct pm_step *earlier, const struct pm_step *step)
{
    return earlier->where == step->where || earlier->where == PM_EVERYWHERE;
}

/* Has each tier of step `at` been asked by the same route already, in the same place or everywhere?
 * To wait for a round, or a broker, is not to ask: another one is, only if it is just the same. */
static bool asked_before(const struct pm_kind *kind, size_t at)
{
    const struct pm_step *step = &kind->step[at];
    bool waits = step->route == PM_ROUND || step->route == PM_BROKER_AWARD;
    unsigned asked = 0;
    for (size_t i = 0; i < at; i++) {
        const struct pm_step *earlier = &kind->step[i];
        if (earlier->route != step->route)
            continue;
        if (waits && earlier->where == step->where && earlier->tiers == step->tiers)
            return true;
        if (!waits && reaches_as_far(earlier, step))
            asked |= earlier->tiers;
    }
    return (step->tiers & ~asked) == 0;
}

/* Why no package goes on from here, or NULL. */
static const char *end_of_ladder(const struct pm_step *step)
{
    if (step->route == PM_LAST_RESORT)
        return "the last resort comes before it";
    if (step->route == PM_BROKER_AWARD && step->window == 0)
        return "a broker_award without a window comes before it";
    return NULL;
}

bool mf_check_ladder(struct reader *reader, const struct field *ladder, const struct pm_kind *kind)
{
    for (size_t i = 1; i < kind->steps; i++) {
        struct field item = mf_at(reader, ladder, i);
        const char *end = end_of_ladder(&kind->step[i - 1]);
        if (end != NULL)
            return mf_mistake(reader, &item, "never reached: %s", end);
        if (asked_before(kind, i))
            return mf_mistake(reader, &item,
                              "asks nobody new: earlier steps asked these tiers there already");
    }
    return true;
}

bool mf_check_steps_served(struct reader *reader)
{
    const struct field root = {.file = reader->source->name};
    for (size_t i = 0; i < reader->market->kinds; i++) {
        const struct pm_kind *kind = &reader->market->kind[i];
        const struct field kinds = {.up = &root, .file = root.file, .name = "kinds"};
        const struct field entry = {.up = &kinds, .file = root.file, .name = kind->name.text};
        const struct field ladder = {.up = &entry, .file = root.file, .name = "ladder"};
        for (size_t j = 0; j < kind->steps; j++) {
            struct field step = {.up = &ladder, .file = root.file, .index = j + 1};
            step.line = reader->ladder_line[i][j];
            if ((kind->step[j].tiers & reader->tiers_served[i]) == 0)
                return mf_mistake(reader, &step, "reaches nobody: no service of %s has such a tier",
                                  kind->name.text);
        }
    }
    return true;
}
