/*
 * demo_reason.c: why packages wait, grouped.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "reason.h"

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
    reason_of(explanation, text, sizeof text);
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
