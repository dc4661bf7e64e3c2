/*
 * test_core.c - the core as a state machine, by the scripts in tests/scripts: each file is a
 * subject, each `test` in it a case of its own. The last cases show that between them the scripts
 * reach every status and make every event that the core can give.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/script.h"

enum { CASES = 1024, FILES = 64 };

/* A case: what all of its file begin with, and its own lines. */
struct script_case {
    char name[128];
    char *setup, *lines;
    unsigned line; /* of the file, where it begins */
};

static struct {
    struct script_case item[CASES];
    size_t count;
    char *text[FILES];
    size_t texts;
    uint32_t seen[PM_STATUS_COUNT], events[PM_EVENT_KINDS];
    bool failed;
} all;

/* ---- Reading the scripts ---- */

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (file == NULL || getdelim(&text, &size, '\0', file) < 0) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    return text;
}

/* Where a line was ended to cut, its end counts as one. */
static unsigned lines_before(const char *text, const char *at)
{
    unsigned lines = 0;
    for (; text < at; text++)
        lines += *text == '\n' || *text == '\0';
    return lines;
}

/* Cuts a file at its lines "test NAME". What comes before the first is the setup of each. */
static void cut(const char *file, char *text)
{
    char *setup = text, *at = strncmp(text, "test ", 5) == 0 ? text : strstr(text, "\ntest ");
    const char *from = text;
    unsigned line = 1;
    while (at != NULL && all.count < CASES) {
        struct script_case *item = &all.item[all.count++];
        if (*at == '\n')
            *at++ = '\0';
        size_t name = strcspn(at, "\n");
        snprintf(item->name, sizeof item->name, "%s: %.*s", file, (int)name - 5, at + 5);
        item->line = line += lines_before(from, at);
        from = at;
        item->setup = setup == at ? NULL : setup;
        item->lines = at + name;
        at = strstr(at + name, "\ntest ");
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_scripts(void)
{
    const char *tests = getenv("TESTS_DIR");
    char directory[1024], path[2048];
    char *names[FILES];
    size_t count = 0;
    snprintf(directory, sizeof directory, "%s/scripts", tests != NULL ? tests : "tests");
    DIR *open = opendir(directory);
    for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length > 4 && strcmp(entry->d_name + length - 4, ".pms") == 0 && count < FILES)
            names[count++] = strdup(entry->d_name);
    }
    if (open != NULL)
        closedir(open);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        all.text[all.texts] = read_text(path);
        names[i][strlen(names[i]) - 4] = '\0';
        cut(names[i], all.text[all.texts++]);
        free(names[i]);
    }
}

/* ---- Running them ---- */

/* A state's bytes, as they are saved. */
struct saved {
    uint8_t *bytes;
    size_t size, room;
};

static bool put(void *context, const void *bytes, size_t size)
{
    struct saved *saved = context;
    if (saved->room - saved->size < size) {
        saved->room = 2 * (saved->size + size);
        saved->bytes = realloc(saved->bytes, saved->room);
        assert_non_null(saved->bytes);
    }
    memcpy(saved->bytes + saved->size, bytes, size);
    saved->size += size;
    return true;
}

/* What is saved at the end of a script and restored goes on as the one that stays: what both do in
 * the next weeks leaves the same bytes. */
static void restored_it_goes_on_alike(struct script *script)
{
    enum { WEEKS = 6 };
    const int64_t to = script->world.time + WEEKS * INT64_C(604800000);
    struct saved saved = {0};
    char error[128];
    uint8_t one[PM_DIGEST_SIZE], other[PM_DIGEST_SIZE];
    struct world restored = script->world;
    script->world.witness = restored.witness = NULL;
    restored.core = pm_core_open(&script->limits);
    assert_non_null(restored.core);
    assert_true(pm_core_save(script->world.core, put, &saved));
    if (!pm_core_restore(restored.core, saved.bytes, saved.size, error))
        fail_msg("not restored: %s", error);
    assert_true(world_advance(&script->world, to));
    assert_true(world_advance(&restored, to));
    pm_core_digest(script->world.core, one);
    pm_core_digest(restored.core, other);
    assert_memory_equal(one, other, sizeof one);
    world_close(&restored);
    free(saved.bytes);
}

static void run_case(void **state)
{
    const struct script_case *item = *state;
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    bool good =
        (item->setup == NULL || script_run(script, item->setup)) && script_run(script, item->lines);
    for (unsigned s = 0; s < PM_STATUS_COUNT; s++)
        all.seen[s] += script->seen[s];
    for (unsigned e = 0; e < PM_EVENT_KINDS; e++)
        all.events[e] += script->event_count[e];
    char error[sizeof script->error];
    memcpy(error, script->error, sizeof error);
    if (good && script->world.core != NULL)
        restored_it_goes_on_alike(script);
    script_close(script);
    free(script);
    all.failed |= !good;
    if (!good)
        fail_msg("(from line %u of the file)\n%s", item->line, error);
}

static void every_status_is_reached(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (unsigned s = 0; s < PM_STATUS_COUNT; s++) {
        bool reached = all.seen[s] > 0;
        if (strcmp(pm_status_name(s), "unknown_status") == 0)
            continue;
        if (reached == world_only_daemon_says(s))
            print_error("%s script reaches %s\n", reached ? "a" : "no", pm_status_name(s));
        wrong += reached == world_only_daemon_says(s);
    }
    assert_int_equal(wrong, 0);
}

static void every_event_is_made(void **state)
{
    (void)state;
    for (unsigned e = 1; e < PM_EVENT_KINDS; e++) {
        if (all.events[e] == 0)
            print_error("no script makes %s\n", pm_event_name(e));
        assert_true(all.events[e] > 0);
    }
}

int main(void)
{
    static struct CMUnitTest tests[CASES + 2];
    read_scripts();
    for (size_t i = 0; i < all.count; i++)
        tests[i] = (struct CMUnitTest){all.item[i].name, run_case, NULL, NULL, &all.item[i]};
    tests[all.count] = (struct CMUnitTest)cmocka_unit_test(every_status_is_reached);
    tests[all.count + 1] = (struct CMUnitTest)cmocka_unit_test(every_event_is_made);
    int failed = _cmocka_run_group_tests("core", tests, all.count + 2, NULL, NULL);
    while (all.texts > 0)
        free(all.text[--all.texts]);
    return failed;
}
