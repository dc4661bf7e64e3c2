/*
 * certificate_file.c: see certificate_file.h. Written as a temporary file, synced, renamed, and its
 * directory synced, so that a file of that name is whole.
 */
#include "certificate_file.h"

#include "core/wire_problem.h"
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* ---- Words ---- */

/* The texts of a document, which point into the problem. */
struct words {
    struct wire_kind kind[PM_KINDS_MAX];
    struct pm_text *item, *part, *service, *pool, *locality, *cap;
    uint8_t *pool_kind;
    char title[WIRE_LABEL_MAX + 1];
};

static void free_words(struct words *words)
{
    free(words->item);
    free(words->part);
    free(words->service);
    free(words->pool);
    free(words->locality);
    free(words->cap);
    free(words->pool_kind);
}

/* Room for each; one more, so that none asks for nothing. */
static bool allocate(struct words *words, const struct solver_problem *solver)
{
    words->item = calloc(solver->items + 1ull, sizeof *words->item);
    words->part = calloc(solver->parts + 1ull, sizeof *words->part);
    words->service = calloc(solver->services + 1ull, sizeof *words->service);
    words->pool = calloc(solver->pools + 1ull, sizeof *words->pool);
    words->locality = calloc(solver->pools + 1ull, sizeof *words->locality);
    words->pool_kind = calloc(solver->pools + 1ull, sizeof *words->pool_kind);
    words->cap = calloc(solver->caps + 1ull, sizeof *words->cap);
    return words->item && words->part && words->service && words->pool && words->locality &&
           words->pool_kind && words->cap;
}

static void take_kinds(const struct round_problem *problem, struct words *words)
{
    for (uint32_t k = 0; k < problem->kinds; k++) {
        const struct round_kind *kind = &problem->kind[k];
        words->kind[k] = (struct wire_kind){
            .name = pm_text(kind->name.text), .unit = kind->unit, .bands = kind->bands};
        for (uint32_t b = 0; b < kind->bands; b++)
            words->kind[k].band[b] = pm_text(kind->band[b].text);
        if (words->kind[k].bands > problem->solver.bands)
            words->kind[k].bands = problem->solver.bands;
    }
}

static void take_words(const struct round_problem *problem, struct words *words)
{
    const struct solver_problem *solver = &problem->solver;
    snprintf(words->title, sizeof words->title, "%s, round %" PRIu64, problem->market.text,
             problem->round);
    take_kinds(problem, words);
    for (uint32_t i = 0; i < solver->parts; i++)
        words->part[i] = pm_text(problem->part[i].reference.text);
    for (uint32_t i = 0; i < solver->services; i++)
        words->service[i] = pm_text(problem->service[i].name.text);
    for (uint32_t i = 0; i < solver->pools; i++) {
        words->pool[i] = pm_text(problem->pool[i].name.text);
        words->locality[i] = pm_text(problem->pool[i].locality.text);
        words->pool_kind[i] = problem->pool[i].kind;
    }
    for (uint32_t i = 0; i < solver->caps; i++)
        words->cap[i] = pm_text(problem->cap[i].name.text);
}

static struct wire_certificate document_of(const struct round_problem *problem,
                                           const struct solver_result *result,
                                           const struct words *words)
{
    return (struct wire_certificate){.problem = {.problem = problem->solver,
                                                 .title = pm_text(words->title),
                                                 .kinds = problem->kinds,
                                                 .kind = words->kind,
                                                 .item = words->item,
                                                 .part = words->part,
                                                 .service = words->service,
                                                 .pool = words->pool,
                                                 .locality = words->locality,
                                                 .pool_kind = words->pool_kind,
                                                 .cap = words->cap},
                                     .result = *result};
}

/* ---- Files ---- */

static bool failed(const char *path)
{
    log_warn("%s: %s", path, strerror(errno));
    return false;
}

static bool write_all(int file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

static bool write_synced(const char *path, const uint8_t *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return failed(path);
    bool good = write_all(file, bytes, size) && fsync(file) == 0;
    if (!good)
        failed(path);
    close(file);
    return good;
}

static bool sync_directory(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0)
        close(directory);
    return good || failed(path);
}

static bool keep(const char *directory, uint64_t round, const uint8_t *bytes, size_t size)
{
    char folder[PATH_SIZE - 64], partial[PATH_SIZE], path[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/rounds", directory);
    snprintf(partial, sizeof partial, "%s/certificate.tmp", folder);
    snprintf(path, sizeof path, "%s/%" PRIu64 ".cbor", folder, round);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return failed(folder);
    if (!write_synced(partial, bytes, size))
        return false;
    if (rename(partial, path) != 0)
        return failed(path);
    return sync_directory(folder);
}

static bool encode_and_keep(const char *directory, uint64_t round,
                            const struct wire_certificate *document, uint64_t hash[4])
{
    struct wire_writer writer = {.size = wire_certificate_bound(&document->problem)};
    writer.bytes = malloc(writer.size);
    if (!writer.bytes)
        return failed("certificate");
    wire_certificate_encode(&writer, document);
    bool good = !writer.overflow && keep(directory, round, writer.bytes, writer.used);
    if (good)
        crypto_generichash((uint8_t *)hash, 4 * sizeof *hash, writer.bytes, writer.used, NULL, 0);
    free(writer.bytes);
    return good;
}

bool certificate_write(const char *directory, const struct round_problem *problem,
                       const struct solver_result *result, uint64_t hash[4])
{
    struct words words = {.item = NULL};
    bool good = allocate(&words, &problem->solver) || failed("certificate");
    if (good) {
        take_words(problem, &words);
        struct wire_certificate document = document_of(problem, result, &words);
        good = encode_and_keep(directory, problem->round, &document, hash);
    }
    free_words(&words);
    return good;
}

long certificate_read(const char *directory, uint64_t round, uint64_t offset, void *bytes,
                      size_t size, uint64_t *whole)
{
    char path[PATH_SIZE];
    struct stat about;
    snprintf(path, sizeof path, "%s/rounds/%" PRIu64 ".cbor", directory, round);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t got = -1;
    if (fstat(file, &about) == 0 && offset <= (uint64_t)about.st_size) {
        *whole = (uint64_t)about.st_size;
        got = pread(file, bytes, size, (off_t)offset);
    }
    close(file);
    return got;
}
