/*
 * reason.c: see reason.h.
 */
#include "reason.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text != NULL ? text : "";
}

/* What the services of an explanation came to. */
struct tally {
    unsigned asked, short_of_capacity, lacking;
    const char *band;       /* of the first that is short */
    const char *capability; /* what the one lacks that lacks the least; NULL: nobody lacks any */
    unsigned capabilities;  /* how many those are */
};

static unsigned count_items(const char *list)
{
    unsigned items = 1;
    for (; *list != '\0'; list++)
        items += *list == ',';
    return items;
}

static void note_lacking(struct tally *tally, const json_t *row)
{
    static const char lacks[] = "lacks a capability: ";
    const char *sentence = text_of(row, "sentence");
    tally->lacking++;
    if (strncmp(sentence, lacks, strlen(lacks)) != 0)
        return;
    unsigned items = count_items(sentence + strlen(lacks));
    if (tally->capability != NULL && items >= tally->capabilities)
        return;
    tally->capability = sentence + strlen(lacks);
    tally->capabilities = items;
}

static struct tally tally_services(const json_t *services)
{
    struct tally tally = {.asked = 0};
    size_t at;
    const json_t *row;
    json_array_foreach(services, at, row)
    {
        const char *filter = text_of(row, "filter");
        if (json_object_get(row, "outcome") != NULL) {
            tally.asked++;
        } else if (strcmp(filter, "capacity") == 0) {
            if (tally.short_of_capacity++ == 0)
                tally.band = text_of(row, "band");
        } else if (strcmp(filter, "needs") == 0) {
            note_lacking(&tally, row);
        }
    }
    return tally;
}

static void put_reason(const struct tally *tally, char *out, size_t size)
{
    if (tally->asked != 0 && tally->short_of_capacity != 0)
        snprintf(out, size, "some declined or did not answer; the others are full (%s)",
                 tally->band);
    else if (tally->short_of_capacity != 0)
        snprintf(out, size, "everyone who does this is full (%s)", tally->band);
    else if (tally->asked != 0)
        snprintf(out, size, "everyone who does this was asked and declined or did not answer");
    else if (tally->lacking != 0)
        snprintf(out, size, "nobody does all that is needed (the nearest lacks %s)",
                 tally->capability != NULL ? tally->capability : "something");
    else
        snprintf(out, size, "nobody serves the place, or may be asked there");
}

void reason_of(const json_t *explanation, char *out, size_t size)
{
    struct tally tally = tally_services(json_object_get(explanation, "services"));
    put_reason(&tally, out, size);
}
