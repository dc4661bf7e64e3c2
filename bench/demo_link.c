/*
 * demo_link.c: asking the daemon, by libplacemat.
 */
#include <stdlib.h>

#include "demo.h"
#include "random.h"

const struct pm_actor demo_operator = {.role = PM_OPERATOR, .name = {.bytes = "demo", .length = 4}};
const struct pm_actor demo_broker = {.role = PM_BROKER, .name = {.bytes = "demo", .length = 4}};

/* The client's id comes from the seed, since the journal keeps it: the digest depends on it. */
bool demo_link_open(const char *url, const struct pm_market *market, uint64_t seed,
                    struct demo_link *out)
{
    struct pm_client_error error;
    *out = (struct demo_link){.client = NULL};
    struct pm_client_options options = {.url = url,
                                        .market = market->name.text,
                                        .actor = demo_operator,
                                        .client = random_next(&seed) >> 1 | 1};
    if (pm_client_open(&options, &out->client, &error) == PM_CALL_DONE)
        return true;
    return demo_say("%s", error.text);
}

void demo_link_close(struct demo_link *link)
{
    pm_client_close(link->client);
}

static bool call(struct demo_link *link, struct pm_actor actor, const struct pm_command *command,
                 struct pm_reply **out)
{
    struct pm_client_error error;
    pm_client_act_as(link->client, actor);
    if (pm_client_call(link->client, command, 1, out, &error) != PM_CALL_DONE)
        return demo_say("%s: %s", pm_verb_name(command->verb), error.text);
    link->commands++;
    unsigned status = pm_reply_status(*out);
    if (status == PM_OK && pm_reply_count(*out) == 1)
        return true;
    demo_say("%s: %s %s", pm_verb_name(command->verb), pm_status_sentence(status),
             pm_reply_detail(*out));
    pm_reply_free(*out);
    return false;
}

bool demo_do(struct demo_link *link, struct pm_actor actor, const struct pm_command *command,
             struct pm_result *out)
{
    struct pm_reply *reply;
    if (!call(link, actor, command, &reply))
        return false;
    *out = pm_reply_result(reply, 0);
    pm_reply_free(reply);
    return true;
}

json_t *demo_ask(struct demo_link *link, struct pm_actor actor, const struct pm_command *command)
{
    struct pm_reply *reply;
    json_t *body = NULL;
    if (!call(link, actor, command, &reply))
        return NULL;
    unsigned status = pm_reply_result(reply, 0).status;
    char *text = status == PM_OK ? pm_reply_json(reply, 0) : NULL;
    if (text != NULL)
        body = json_loads(text, 0, NULL);
    if (status != PM_OK)
        demo_say("%s: %s", pm_verb_name(command->verb), pm_status_sentence(status));
    else if (body == NULL)
        demo_say("%s: out of memory.", pm_verb_name(command->verb));
    free(text);
    pm_reply_free(reply);
    return body;
}

json_t *demo_rows(struct demo_link *link, enum pm_verb verb)
{
    struct pm_command command = {.verb = (uint8_t)verb, .list = {.limit = PM_ROWS_MAX}};
    json_t *rows = json_array();
    do {
        json_t *page = demo_ask(link, demo_broker, &command);
        if (page == NULL || json_array_extend(rows, json_object_get(page, "rows")) != 0) {
            json_decref(page);
            json_decref(rows);
            return NULL;
        }
        command.list.after = (uint64_t)demo_number(page, "next");
        json_decref(page);
    } while (command.list.after != 0);
    return rows;
}

const char *demo_text(const json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text != NULL ? text : "";
}

int64_t demo_number(const json_t *map, const char *key)
{
    return json_integer_value(json_object_get(map, key));
}
