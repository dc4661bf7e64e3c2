/*
 * intake.c: see intake.h. Who acts has been found by daemon/gate.c. The form of a request, its
 * numbers among it, was checked in decoding.
 */
#include "intake.h"

#include "core/personal.h"
#include "core/rights.h"
#include "core/wire_fields.h"
#include "daemon/gate.h"

#include <stdio.h>
#include <string.h>

static uint16_t refuse(struct wire_error *error, uint16_t status, const char *why)
{
    snprintf(error->text, sizeof error->text, "%s", why);
    return status;
}

static uint16_t check_actor(const struct pm_actor *actor, struct wire_error *error)
{
    if (actor->role > PM_OPERATOR)
        return refuse(error, PM_NOT_ALLOWED,
                      "a role is 1 broker, 2 hospital, 3 provider, 4 commissioner or 5 operator");
    if (actor->role != 0 && (actor->name.length < 1 || actor->name.length > PM_NAME_MAX))
        return refuse(error, PM_MALFORMED, "the actor's name has 1 to 31 bytes");
    return PM_OK;
}

/* ---- Personal data ---- */

/* What was found, and the fields that lead there: `within` has the text, or the structure with it.
 */
struct finding {
    enum personal sort;
    const struct wire_field *within, *field;
};

static bool look_into(const struct wire_shape *shape, const char *base, struct finding *out);

/* Looks through a text that its sender words, or the structure behind that has such texts. */
static bool look_at(const struct wire_field *field, const void *at, struct finding *out)
{
    const char *behind;
    if (field->form != FORM_SHAPE) {
        const struct pm_text *text = at;
        out->field = field;
        out->sort = text->length > 0 ? personal_find(*text) : PERSONAL_NONE;
        return out->sort != PERSONAL_NONE;
    }
    memcpy(&behind, at, sizeof behind);
    if (!behind || !look_into(field->shape, behind, out))
        return false;
    out->within = field;
    return true;
}

static bool look_into(const struct wire_shape *shape, const char *base, struct finding *out)
{
    const struct wire_field *field = shape->field;
    for (uint32_t left = shape->fields; left > 0; left--, field++) {
        if (field->free && look_at(field, base + field->offset, out))
            return true;
    }
    return false;
}

static uint16_t check_texts(const struct wire_request *request, uint32_t at,
                            struct wire_error *error)
{
    const struct pm_command *command = &request->command[at];
    struct finding found = {.sort = PERSONAL_NONE};
    if (!look_into(wire_verb_shape(command->verb), (const char *)command + WIRE_MEMBER, &found))
        return PM_OK;
    snprintf(error->text, sizeof error->text, "command %u (%s): %s%s%s: looks like %s", at + 1,
             pm_verb_name(command->verb), found.within ? wire_key_name(found.within->key) : "",
             found.within ? ": " : "", wire_key_name(found.field->key), personal_name(found.sort));
    return PM_PERSONAL_DATA;
}

/* ---- The whole ---- */

static uint16_t refuse_role(const struct wire_request *request, uint32_t at,
                            struct wire_error *error)
{
    uint8_t verb = request->command[at].verb;
    char roles[80];
    if (request->actor.role == 0)
        return PM_UNAUTHENTICATED;
    snprintf(error->text, sizeof error->text, "command %u (%s) is for the role %s, not %s", at + 1,
             pm_verb_name(verb), rights_say(verb, roles, sizeof roles),
             pm_role_name(request->actor.role));
    return PM_NOT_ALLOWED;
}

static uint16_t check_command(const struct wire_request *request, uint32_t at,
                              struct wire_error *error)
{
    uint8_t verb = request->command[at].verb;
    if (!rights_do(request->actor.role, verb))
        return refuse_role(request, at, error);
    if ((verb == PM_WATCH || verb == PM_ROUND_TRY || gate_answers(verb)) && request->count != 1)
        return refuse(error, PM_MALFORMED,
                      "it stands alone: watch, round.try, hello and those about tokens");
    return check_texts(request, at, error);
}

uint16_t intake_check(const struct wire_request *request, struct wire_error *error)
{
    uint16_t status = check_actor(&request->actor, error);
    if (status != PM_OK)
        return status;
    if (request->market.length > PM_NAME_MAX)
        return refuse(error, PM_MALFORMED, "a market's name has 31 bytes at most");
    if (request->count == 0)
        return refuse(error, PM_MALFORMED, "a request has at least one command");
    for (uint32_t i = 0; i < request->count && status == PM_OK; i++)
        status = check_command(request, i, error);
    return status;
}
