/*
 * driver.c - runs a fuzz target, which is written for libFuzzer (LLVMFuzzerTestOneInput), without
 * it:
 *
 *   fuzz_<subject> [FILE | DIRECTORY]...
 *
 * gives the target each of those files (by default the corpus of its name, if there is one), then
 * FUZZ_RUNS inputs made from them, from the target's own mutator where it has one, and from
 * nothing. Input number n depends on FUZZ_SEED + n alone; so the seed that a failure names replays
 * it with FUZZ_RUNS=1. A target runs in a process of its own, so that whatever kills it is seen.
 * The last result is of a canary: a target that fails on purpose must be reported, with the right
 * seed.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/random.h"

/* The interface of libFuzzer: of these the target defines the first, and may define the second. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                                                     unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

enum {
    INPUT_MAX = 1 << 16,
    CORPUS_MAX = 4096,
    RUN_SECONDS = 20,
    RUNS = 20000,
    RUNS_FULL = 1000000
};

struct input {
    uint8_t *bytes;
    size_t size;
    char *path;
};

static struct input corpus[CORPUS_MAX];
static size_t corpus_count;
static struct random mutator;

typedef int target(const uint8_t *data, size_t size);

/* ---- Inputs ---- */

static void add_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || corpus_count == CORPUS_MAX) {
        fprintf(stderr, "%s: cannot be taken in\n", path);
        exit(2);
    }
    struct input *input = &corpus[corpus_count++];
    input->bytes = malloc(INPUT_MAX);
    input->path = strdup(path);
    if (input->bytes == NULL || input->path == NULL)
        exit(2);
    input->size = fread(input->bytes, 1, INPUT_MAX, file);
    fclose(file);
}

/* A file, or all files of a directory in the order of their names. False when there is no such
 * directory. */
static bool add_path(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    if (count < 0)
        return false;
    for (int i = 0; i < count; i++) {
        char *each = NULL;
        if (names[i]->d_name[0] != '.' && asprintf(&each, "%s/%s", path, names[i]->d_name) > 0)
            add_file(each);
        free(each);
        free(names[i]);
    }
    free(names);
    return true;
}

static void add_default_corpus(const char *name)
{
    char *path = NULL;
    const char *tests = getenv("TESTS_DIR");
    if (asprintf(&path, "%s/fuzz/corpus/%s", tests != NULL ? tests : "tests", name) > 0)
        add_path(path);
    free(path);
}

static size_t mutate_once(uint8_t *data, size_t size, size_t max)
{
    size_t at = size > 0 ? random_below(&mutator, (uint32_t)size) : 0;
    size_t length = size > 0 ? 1 + random_below(&mutator, (uint32_t)(size - at)) : 0;
    switch (random_below(&mutator, size > 0 ? 6 : 1)) {
    case 0: /* insert a byte */
        if (size == max)
            return size;
        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)random_next(&mutator);
        return size + 1;
    case 1: /* change a bit */
        data[at] ^= (uint8_t)(1u << random_below(&mutator, 8));
        return size;
    case 2: /* change a byte */
        data[at] = (uint8_t)random_next(&mutator);
        return size;
    case 3: /* remove some */
        length = length < 16 ? length : 1 + length % 16;
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 4: /* cut off, sometimes */
        return random_percent(&mutator, 20) ? at : size;
    default: /* copy some to elsewhere */
        memmove(data + random_below(&mutator, (uint32_t)(size - length + 1)), data + at, length);
        return size;
    }
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    for (uint32_t n = 1 + random_below(&mutator, 4); n > 0; n--)
        size = mutate_once(data, size, max);
    return size;
}

static size_t make_input(uint64_t seed, uint8_t *data)
{
    size_t size = 0;
    mutator.state = seed;
    if (corpus_count > 0 && random_percent(&mutator, 50)) {
        const struct input *from = &corpus[random_below(&mutator, (uint32_t)corpus_count)];
        size = from->size;
        memcpy(data, from->bytes, size);
    }
    if (LLVMFuzzerCustomMutator != NULL)
        return LLVMFuzzerCustomMutator(data, size, INPUT_MAX, (unsigned)random_next(&mutator));
    return LLVMFuzzerMutate(data, size, INPUT_MAX);
}

/* ---- Running ---- */

/* What a run of a target tells its parent, in memory shared with it. */
struct progress {
    uint64_t files, seed; /* files done; then the seed of the current input */
};

/* The input ends where its memory does, so that a sanitizer sees a read beyond. */
static void give(target *run, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        exit(2);
    memcpy(copy, bytes, size);
    alarm(RUN_SECONDS);
    run(copy, size);
    alarm(0);
    free(copy);
}

static void run_all(target *run, struct progress *progress, uint64_t seed, uint64_t runs)
{
    static uint8_t data[INPUT_MAX];
    for (size_t i = 0; i < corpus_count; i++, progress->files++)
        give(run, corpus[i].bytes, corpus[i].size);
    for (uint64_t i = 0; i < runs; i++) {
        progress->seed = seed + i;
        give(run, data, make_input(progress->seed, data));
    }
}

/* True when the target survived all its inputs. */
static bool survives(target *run, struct progress *progress, uint64_t seed, uint64_t runs)
{
    int status = 0;
    progress->files = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        exit(2);
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        run_all(run, progress, seed, runs);
        exit(0); /* not _exit(): leaks are looked for there */
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- The canary ---- */

enum { CANARY_RUN = 17 };
static unsigned canary_count;

static int canary(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    if (canary_count++ == corpus_count + CANARY_RUN)
        abort();
    return 0;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/'), *name = slash != NULL ? slash + 1 : argv[0];
    uint64_t seed = number_of("FUZZ_SEED", 1);
    uint64_t runs = number_of("FUZZ_RUNS", getenv("TEST_FULL") != NULL ? RUNS_FULL : RUNS);
    struct progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        return 2;
    for (int i = 1; i < argc; i++) {
        if (!add_path(argv[i]))
            add_file(argv[i]);
    }
    if (argc == 1)
        add_default_corpus(name);
    puts("1..2");
    bool good = survives(LLVMFuzzerTestOneInput, progress, seed, runs);
    if (good)
        printf("ok 1 - %s: %zu files, %llu inputs from seed %llu\n", name, corpus_count,
               (unsigned long long)runs, (unsigned long long)seed);
    else if (progress->files < corpus_count)
        printf("not ok 1 - %s fails on %s\n", name, corpus[progress->files].path);
    else
        printf("not ok 1 - %s fails; replay it with FUZZ_SEED=%llu FUZZ_RUNS=1\n", name,
               (unsigned long long)progress->seed);
    bool seen = !survives(canary, progress, seed, CANARY_RUN + 10) &&
                progress->files == corpus_count && progress->seed == seed + CANARY_RUN;
    printf("%s 2 - %s: a target that fails on purpose is seen to fail\n", seen ? "ok" : "not ok",
           name);
    return good && seen ? 0 : 1;
}
