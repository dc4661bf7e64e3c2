/* script_answer.c - lines of a script about what exists: answers, awards, the life of a placement.
 */
#include <stdio.h>
#include <string.h>

#include "tests/lib/script_parts.h"

void script_make_id(struct script *script, struct pm_command *out, uint8_t verb)
{
    out->verb = verb;
    script_reference(script, &out->id.reference, &out->id.referrer);
    char *reason = script_next(script);
    if (reason != NULL)
        out->id.reason = script_named(script, pm_end_reason_name, reason);
}

/* ---- Answers ---- */

/* The nth offer of a package, 0: the last; of a service alone, when one is named. */
static const struct script_offer *nth_offer(const struct script *script, struct pm_text reference,
                                            int64_t nth, const char *service)
{
    const struct script_offer *found = NULL;
    int64_t count = 0;
    for (uint32_t i = 0; i < script->offers; i++) {
        const struct script_offer *each = &script->offer[i];
        if (pm_text_equal(pm_text(each->reference.text), reference) &&
            (service == NULL || strcmp(each->service.text, service) == 0) &&
            (++count == nth || nth == 0))
            found = each;
    }
    return found;
}

bool script_offer_id(struct script *script, const char *word, const struct script_offer **offer,
                     uint64_t *id)
{
    const char *slash = strchr(word, '/'), *at = strchr(word, '@');
    int64_t number = 0;
    *offer = NULL;
    if (*word == '=') {
        script_number(script, word + 1, &number);
        *id = (uint64_t)number;
        return true;
    }
    struct pm_text name = pm_text(word);
    if (slash != NULL) {
        name.length = (uint32_t)(slash - word);
        script_number(script, slash + 1, &number);
    } else if (at != NULL)
        name.length = (uint32_t)(at - word);
    *offer = nth_offer(script, name, number, at != NULL ? at + 1 : NULL);
    *id = *offer != NULL ? (*offer)->id : 0;
    return *offer != NULL || script_wrong(script, "no such offer was made: %s", word);
}

void script_make_answer(struct script *script, struct pm_command *out, uint8_t verb)
{
    const struct script_offer *offer;
    out->verb = verb;
    script_offer_id(script, script_need(script, "an offer"), &offer, &out->answer.offer);
    char *code = verb == PM_OFFER_DECLINE ? script_next(script) : NULL;
    if (code != NULL)
        out->answer.code = script_named(script, pm_decline_code_name, code);
}

void script_make_tender(struct script *script, struct pm_command *out)
{
    const struct script_offer *offer;
    struct pm_tender *tender = &out->tender;
    int64_t shift = 0;
    out->verb = PM_OFFER_TENDER;
    script_offer_id(script, script_need(script, "an offer"), &offer, &tender->offer);
    for (char *option; (option = script_next(script)) != NULL;) {
        char *value = script_need(script, option);
        if (strcmp(option, "rate") == 0)
            tender->rate = script_pence(script, value);
        else if (strcmp(option, "start") == 0)
            tender->start = script_date(script, value);
        else if (strcmp(option, "assess") == 0)
            tender->assess_by = script_date(script, value);
        else if (strcmp(option, "shift") == 0 && script_number(script, value, &shift))
            tender->shift = (int32_t)shift;
        else
            script_wrong(script, "a tender has no \"%s\"", option);
    }
}

/* ---- Awards ---- */

void script_make_override(struct script *script, struct pm_command *out)
{
    struct pm_override *award = &out->award;
    out->verb = PM_AWARD_OVERRIDE;
    script_reference(script, &award->reference, &award->referrer);
    award->service = pm_text(script_need(script, "a service"));
    for (char *option; (option = script_next(script)) != NULL;) {
        char *value = script_need(script, option);
        if (strcmp(option, "rate") == 0)
            award->rate = script_pence(script, value);
        else if (strcmp(option, "note") == 0)
            award->note = pm_text(value);
        else
            script_wrong(script, "an override has no \"%s\"", option);
    }
}

void script_make_choice(struct script *script, struct pm_command *out)
{
    const struct script_offer *offer;
    struct pm_choice *choice = &out->choice;
    out->verb = PM_CHOICE_RECORD;
    script_reference(script, &choice->reference, &choice->referrer);
    script_offer_id(script, script_need(script, "an offer"), &offer, &choice->offer);
    choice->decided_by = script_named(script, pm_decider_name, script_need(script, "a decider"));
    choice->top_up = script_take(script, "top-up");
}

/* ---- Placements ---- */

void script_make_handback(struct script *script, struct pm_command *out)
{
    struct pm_handback *handback = &out->handback;
    out->verb = PM_PLACEMENT_HANDBACK;
    handback->placement = script_placement_id(script, script_need(script, "a placement"));
    handback->code = script_named(script, pm_decline_code_name, script_need(script, "a code"));
    if (script_take(script, "until"))
        handback->until = script_date(script, script_need(script, "a date"));
}

void script_make_stay(struct script *script, struct pm_command *out)
{
    out->verb = PM_PLACEMENT_IN_HOSPITAL;
    script_reference(script, &out->stay.reference, &out->stay.referrer);
    out->stay.until = script_date(script, script_need(script, "a date"));
}
