/*
 * demo_reason.c: why packages wait, grouped: what stood in the way of the services that came
 * nearest to taking them, as `explain` has it.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"

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
    const char *sentence = demo_text(row, "sentence");
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
        const char *filter = demo_text(row, "filter");
        if (json_object_get(row, "outcome") != NULL) {
            tally.asked++;
        } else if (strcmp(filter, "capacity") == 0) {
            if (tally.short_of_capacity++ == 0)
                tally.band = demo_text(row, "band");
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

/* The reason of that kind and text, made when it is new. NULL when out of memory. */
static struct demo_reason *find(struct demo_report *report, enum workload_kind kind,
                                const char *text)
{
    for (size_t i = 0; i < report->reasons; i++)
        if (report->reason[i].kind == kind && strcmp(report->reason[i].text, text) == 0)
            return &report->reason[i];
    struct demo_reason *reason =
        realloc(report->reason, (report->reasons + 1) * sizeof *report->reason);
    if (reason == NULL)
        return NULL;
    report->reason = reason;
    reason += report->reasons++;
    *reason = (struct demo_reason){.kind = kind};
    snprintf(reason->text, sizeof reason->text, "%s", text);
    return reason;
}

static bool note(struct demo_report *report, const struct demo_package *package,
                 const json_t *explanation)
{
    char text[sizeof report->reason->text];
    struct pm_text reference = package->arrival->package.reference;
    struct tally tally = tally_services(json_object_get(explanation, "services"));
    put_reason(&tally, text, sizeof text);
    struct demo_reason *reason = find(report, package->arrival->kind, text);
    if (reason != NULL && reason->count++ == 0) {
        snprintf(reason->example, sizeof reason->example, "%.*s", (int)reference.length,
                 reference.bytes);
        reason->diagnosis = strdup(demo_text(explanation, "diagnosis"));
    }
    return reason != NULL && reason->diagnosis != NULL ? true : demo_say("out of memory.");
}

/* The most frequent first; of equals, the one met first. */
static int compare(const void *a, const void *b)
{
    const struct demo_reason *x = a, *y = b;
    if (x->count != y->count)
        return (x->count < y->count) - (x->count > y->count);
    return strcmp(x->example, y->example);
}

bool demo_reasons(struct demo_run *run, struct demo_report *report)
{
    bool good = true;
    for (size_t i = 0; good && i < run->packages; i++) {
        const struct demo_package *package = &run->package[i];
        if (!package->known || package->state != PM_WAITING)
            continue;
        struct pm_command query = {.verb = PM_EXPLAIN,
                                   .id = {.reference = package->arrival->package.reference}};
        json_t *body = demo_ask(run->link, demo_broker, &query);
        good = body != NULL && note(report, package, body);
        json_decref(body);
    }
    if (report->reasons > 0)
        qsort(report->reason, report->reasons, sizeof *report->reason, compare);
    return good;
}
