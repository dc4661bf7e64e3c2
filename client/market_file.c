/*
 * market_file.c - reading a market file: the entry, who owns what, and the files on disk.
 */
#include "market_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Mistakes ---- */

static void put(struct pm_client_error *error, size_t *used, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
static void put(struct pm_client_error *error, size_t *used, const char *format, va_list arguments)
{
    size_t room = sizeof error->text - *used;
    int length = vsnprintf(error->text + *used, room, format, arguments);
    if (length > 0)
        *used += (size_t)length < room ? (size_t)length : room - 1;
}

static void putf(struct pm_client_error *error, size_t *used, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void putf(struct pm_client_error *error, size_t *used, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(error, used, format, arguments);
    va_end(arguments);
}

/* "kinds.homecare.ladder[2].window", after ": " when there is any. As deep as the tree may be. */
static void put_path(struct pm_client_error *error, size_t *used, const struct field *field,
                     bool first)
{
    bool named = field->index != 0 || field->name != NULL;
    if (!named)
        return;
    bool top = field->up == NULL || (field->up->index == 0 && field->up->name == NULL);
    if (!top)
        put_path(error, used, field->up, first);
    else if (first)
        putf(error, used, ": ");
    if (field->index != 0)
        putf(error, used, "[%zu]", field->index);
    else
        putf(error, used, "%s%.*s", top ? "" : ".", mf_shown(pm_text(field->name)), field->name);
}

/* A sentence cut short must not end inside a character. */
static void end_whole(char *text)
{
    size_t length = strlen(text);
    size_t from = length;
    while (from > 0 && ((unsigned char)text[from - 1] & 0xc0) == 0x80)
        from--;
    if (from == 0)
        return;
    unsigned char lead = (unsigned char)text[from - 1];
    size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (from - 1 + size > length)
        text[from - 1] = '\0';
}

bool mf_mistake(struct reader *reader, const struct field *field, const char *format, ...)
{
    struct pm_client_error *error = reader->error;
    size_t used = 0;
    const char *slash = strrchr(field->file, '/');
    const char *name = slash != NULL && slash[1] != '\0' ? slash + 1 : field->file;
    putf(error, &used, "%.*s", mf_shown(pm_text(name)), name);
    if (field->line != 0)
        putf(error, &used, ":%zu", field->line);
    put_path(error, &used, field, true);
    putf(error, &used, ": ");
    va_list arguments;
    va_start(arguments, format);
    put(error, &used, format, arguments);
    va_end(arguments);
    end_whole(error->text);
    return false;
}

bool mf_out_of_memory(struct reader *reader)
{
    struct field whole = {.file = reader->source->name};
    return mf_mistake(reader, &whole, "out of memory");
}

int mf_shown(struct pm_text text)
{
    uint32_t length = text.length;
    if (length <= 40)
        return (int)length;
    length = 40;
    while (length > 0 && ((unsigned char)text.bytes[length] & 0xc0) == 0x80)
        length--;
    return (int)length;
}

/* ---- Memory ---- */

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

void *mf_arena_take(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size = (size + align - 1) / align * align;
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t room = size > 65536 ? size : 65536;
        chunk = malloc(sizeof *chunk + room);
        if (chunk == NULL)
            return NULL;
        *chunk = (struct arena_chunk){.next = arena->chunks, .size = room};
        arena->chunks = chunk;
    }
    void *taken = chunk->bytes + chunk->used;
    chunk->used += size;
    return taken;
}

static void arena_free(struct arena *arena)
{
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
}

bool mf_keep_text(struct reader *reader, struct pm_text text, struct pm_text *out)
{
    *out = (struct pm_text){.bytes = "", .length = 0};
    if (text.length == 0)
        return true;
    char *bytes = mf_arena_take(&reader->file->arena, text.length);
    if (bytes == NULL)
        return mf_out_of_memory(reader);
    memcpy(bytes, text.bytes, text.length);
    *out = (struct pm_text){.bytes = bytes, .length = text.length};
    return true;
}

struct pm_command *mf_supply_add(struct reader *reader, enum pm_verb verb)
{
    struct pm_market_file *file = reader->file;
    if (file->supplies == file->room) {
        size_t room = file->room == 0 ? 256 : file->room * 2;
        struct pm_command *supply = reallocarray(file->supply, room, sizeof *supply);
        if (supply == NULL) {
            (void)mf_out_of_memory(reader);
            return NULL;
        }
        file->supply = supply;
        file->room = room;
    }
    struct pm_command *command = &file->supply[file->supplies++];
    memset(command, 0, sizeof *command);
    command->verb = (uint8_t)verb;
    return command;
}

/* ---- Names met so far ---- */

/* FNV-1a: the names come from the market's own operator. */
static size_t name_hash(struct pm_text name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char)name.bytes[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot where a name is or belongs. The table has at least one empty slot. */
static struct index_entry *index_slot(const struct name_index *index, struct pm_text name)
{
    size_t at = name_hash(name) & (index->slots - 1);
    while (index->entries[at].name.length != 0 && !pm_text_equal(index->entries[at].name, name))
        at = (at + 1) & (index->slots - 1);
    return &index->entries[at];
}

const struct index_entry *mf_index_find(const struct name_index *index, struct pm_text name)
{
    if (index->used == 0 || name.length == 0)
        return NULL;
    const struct index_entry *entry = index_slot(index, name);
    return entry->name.length != 0 ? entry : NULL;
}

static bool index_grow(struct name_index *index)
{
    struct name_index larger = {.slots = index->slots == 0 ? 64 : index->slots * 2};
    larger.entries = calloc(larger.slots, sizeof *larger.entries);
    if (larger.entries == NULL)
        return false;
    larger.used = index->used;
    for (size_t i = 0; i < index->slots; i++) {
        if (index->entries[i].name.length != 0)
            *index_slot(&larger, index->entries[i].name) = index->entries[i];
    }
    free(index->entries);
    *index = larger;
    return true;
}

bool mf_index_add(struct name_index *index, struct pm_text name, uint32_t value, size_t line)
{
    if (index->used + 1 > index->slots / 4 * 3 && !index_grow(index))
        return false;
    *index_slot(index, name) = (struct index_entry){.name = name, .value = value, .line = line};
    index->used++;
    return true;
}

void mf_index_free(struct name_index *index)
{
    free(index->entries);
    *index = (struct name_index){0};
}

/* ---- The whole ---- */

static bool read_tree(struct reader *reader)
{
    struct field root;
    struct field files;
    if (!mf_root(reader, &root) || !mf_rules_read(reader, &root))
        return false;
    /* Without files it is the rules alone, for a market that is loaded already. */
    if (!mf_find(reader, &root, "files", &files))
        return true;
    return mf_supply_read(reader, &files) && mf_check_steps_served(reader);
}

static bool read_market(struct reader *reader)
{
    struct field whole = {.file = reader->source->name};
    char why[80] = "";
    char *bytes = NULL;
    size_t size = 0;
    if (!reader->source->fetch(reader->source->context, NULL, MARKET_YAML_SIZE_MAX, &bytes, &size,
                               why))
        return mf_mistake(reader, &whole, "%s", why);
    yaml_document_t document;
    bool done = mf_tree(reader, bytes, size, &document);
    if (done) {
        reader->document = &document;
        done = read_tree(reader);
        yaml_document_delete(&document);
    }
    free(bytes);
    return done;
}

bool mf_read(const struct market_source *source, struct pm_market_file **out,
             struct pm_client_error *error)
{
    *out = NULL;
    error->text[0] = '\0';
    struct reader reader = {.source = source, .error = error};
    reader.file = calloc(1, sizeof *reader.file);
    if (reader.file == NULL)
        return mf_out_of_memory(&reader);
    reader.market = &reader.file->market;
    bool done = read_market(&reader);
    mf_index_free(&reader.providers);
    mf_index_free(&reader.locations);
    mf_index_free(&reader.pools);
    mf_index_free(&reader.services);
    struct pm_market_file *file = reader.file;
    if (!done) {
        pm_market_file_free(file);
        return false;
    }
    file->command.verb = PM_MARKET_LOAD;
    file->command.load = (struct pm_load){.market = &file->market,
                                          .calendar = file->calendar,
                                          .supply = file->supply,
                                          .calendars = file->calendars,
                                          .supplies = (uint32_t)file->supplies};
    *out = file;
    return true;
}

const struct pm_command *pm_market_file_command(const struct pm_market_file *file)
{
    return &file->command;
}

void pm_market_file_free(struct pm_market_file *file)
{
    if (file == NULL)
        return;
    arena_free(&file->arena);
    free(file->supply);
    free(file);
}

/* ---- Files on disk ---- */

static bool because(char why[80], const char *reason)
{
    snprintf(why, 80, "%s", reason);
    return false;
}

/* Reads all of an open regular file of at most limit bytes. */
static bool read_all(int fd, size_t limit, char **bytes, size_t *size, char why[80])
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return because(why, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return because(why, "not a regular file");
    if (status.st_size > (off_t)limit) {
        snprintf(why, 80, "larger than %zu MiB", limit >> 20);
        return false;
    }
    size_t wanted = (size_t)status.st_size;
    char *read_into = malloc(wanted + 1);
    if (read_into == NULL)
        return because(why, "out of memory");
    size_t have = 0;
    ssize_t got = 1;
    while (have < wanted && got > 0) {
        got = read(fd, read_into + have, wanted - have);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            have += (size_t)got;
    }
    if (got < 0) {
        int code = errno;
        free(read_into);
        return because(why, strerror(code));
    }
    *bytes = read_into;
    *size = have;
    return true;
}

/* context: the path of the market file. Names are relative to its directory. */
static bool fetch_from_disk(void *context, const char *name, size_t limit, char **bytes,
                            size_t *size, char why[80])
{
    const char *path = context;
    const char *slash = strrchr(path, '/');
    char *joined = NULL;
    if (name == NULL || name[0] == '/' || slash == NULL)
        joined = strdup(name == NULL ? path : name);
    else if (asprintf(&joined, "%.*s/%s", (int)(slash - path), path, name) < 0)
        joined = NULL;
    if (joined == NULL)
        return because(why, "out of memory");
    /* Not to hang on a named pipe. */
    int fd = open(joined, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    free(joined);
    if (fd < 0)
        return because(why, strerror(errno));
    bool done = read_all(fd, limit, bytes, size, why);
    close(fd);
    return done;
}

bool pm_market_file_read(const char *path, struct pm_market_file **out,
                         struct pm_client_error *error)
{
    char *owned = strdup(path);
    struct market_source source = {.name = path, .fetch = fetch_from_disk, .context = owned};
    if (owned == NULL) {
        *out = NULL;
        snprintf(error->text, sizeof error->text, "out of memory");
        return false;
    }
    bool done = mf_read(&source, out, error);
    free(owned);
    return done;
}
