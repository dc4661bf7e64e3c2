/*
 * expect.c - looks ahead. What a command is about may not have been touched for long, and one thing
 * leads to the next: a reference to a package, an offer to its package. Waited for one after the
 * other they take as long as all the rest; so, while other commands are applied, each call fetches
 * where the command expected will begin, and what lies behind that for the one of EXPECTED calls
 * before: memory may take as long as a command does, or longer. Has no other effect: what is
 * expected and never comes was fetched in vain.
 */
#include <string.h>

#include "core.h"
#include "find.h"

/* What the command calls a package; nothing, if it is about none or about many. */
static struct pm_text reference_in(const struct pm_command *command)
{
    switch (command->verb) {
    case PM_PACKAGE_POST:
    case PM_PACKAGE_AMEND:
        return command->package.reference;
    case PM_PACKAGE_WITHDRAW:
    case PM_PACKAGE_PAUSE:
    case PM_PACKAGE_RESUME:
    case PM_AWARD_CONFIRM:
    case PM_PLACEMENT_START:
    case PM_PLACEMENT_RESTART:
    case PM_PLACEMENT_END:
        return command->id.reference;
    case PM_PLACEMENT_IN_HOSPITAL:
        return command->stay.reference;
    case PM_AWARD_OVERRIDE:
        return command->award.reference;
    case PM_CHOICE_RECORD:
        return command->choice.reference;
    default:
        return (struct pm_text){"", 0};
    }
}

static uint64_t offer_in(const struct pm_command *command)
{
    switch (command->verb) {
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
        return command->answer.offer;
    case PM_OFFER_TENDER:
        return command->tender.offer;
    default:
        return 0;
    }
}

/* Where the command will begin: at its offer, or at the reference's place in the map. It is taken
 * to be for the same market as the last. */
FETCHING struct expected fetch_first(const struct pm_core *core, const struct pm_command *command)
{
    struct expected next = {.offer = (uint32_t)(offer_in(command) & PM_SLOTS_MAX)};
    struct pm_text reference = reference_in(command);
    if (next.offer > core->table[TABLE_OFFERS].high)
        next.offer = 0;
    if (next.offer != 0)
        fetch(offer_at(core, next.offer), sizeof(struct offer));
    if (reference.length == 0)
        return next;
    next.reference = name_hash(core->market_noted, MAP_PACKAGES, reference);
    map_fetch(&core->map[MAP_PACKAGES], next.reference);
    return next;
}

/* The package that was begun with: of one that an offer is of, no more than is matched by. */
FETCHING void fetch_then(const struct pm_core *core, struct expected next)
{
    uint32_t package = 0;
    if (next.offer != 0)
        package = offer_at(core, next.offer)->package;
    else if (next.reference != 0)
        package = map_first(&core->map[MAP_PACKAGES], next.reference).slot;
    if (package == 0)
        return;
    fetch(package_at(core, package), sizeof(struct package));
    fetch(&core->deadlines.position[DEADLINE_PACKAGE][package], sizeof(uint32_t));
    if (next.reference != 0)
        fetch(package_detail_at(core, package), sizeof(struct package_detail));
}

void pm_core_expect(struct pm_core *core, const struct pm_command *command)
{
    struct expected *last = core->expected;
    fetch_then(core, last[EXPECTED - 1]);
    memmove(&last[1], &last[0], (EXPECTED - 1) * sizeof *last);
    last[0] = fetch_first(core, command);
}
