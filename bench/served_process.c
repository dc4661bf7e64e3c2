/*
 * served_process.c: see served_process.h.
 */
#include "served_process.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_MS = 600000, ARGUMENTS_MAX = 48, ASK_MS = 60000 };

static bool fail(const char *what)
{
    fprintf(stderr, "placemat-bench: %s: %s\n", what, strerror(errno));
    return false;
}

/* ---- Processes ---- */

/* The path of a program beside this one, or of this one. */
static bool find_program(const char *program, char out[SERVED_PATH])
{
    ssize_t size = readlink("/proc/self/exe", out, SERVED_PATH - 1);
    if (size < 0)
        return fail("/proc/self/exe");
    out[size] = '\0';
    char *name = strrchr(out, '/');
    if (program == NULL || name == NULL)
        return name != NULL;
    size_t room = SERVED_PATH - (size_t)(name + 1 - out);
    return (size_t)snprintf(name + 1, room, "%s", program) < room;
}

/* In the child, where nng's threads may hold any lock: system calls alone. */
static _Noreturn void become(const char *path, char *const *argument, int out, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && dup2(out, STDOUT_FILENO) >= 0)
        execv(path, argument);
    _exit(127);
}

/* Takes the first and the last URL of the line that says `ready`. */
static bool take_urls(struct process *process, const char *line)
{
    if (strncmp(line, "ready ", 6) != 0)
        return false;
    const char *first = line + 6, *last = strrchr(line, ' ') + 1;
    snprintf(process->url, sizeof process->url, "%.*s", (int)strcspn(first, " "), first);
    snprintf(process->load_url, sizeof process->load_url, "%s", last);
    return true;
}

/* Reads that line. */
static bool read_ready(int in, struct process *process)
{
    char line[SERVED_PATH];
    size_t used = 0;
    struct pollfd wait = {.fd = in, .events = POLLIN};
    while (used + 1 < sizeof line && poll(&wait, 1, READY_MS) == 1 &&
           read(in, line + used, 1) == 1) {
        if (line[used++] != '\n')
            continue;
        line[used - 1] = '\0';
        return take_urls(process, line);
    }
    return false;
}

bool process_start(struct process *process, const char *program, const char *const *argument)
{
    char path[SERVED_PATH], *given[ARGUMENTS_MAX] = {path};
    int ends[2];
    size_t used = 1;
    *process = (struct process){.pid = 0};
    while (argument[used - 1] != NULL && used + 1 < ARGUMENTS_MAX) {
        memcpy(&given[used], &argument[used - 1], sizeof *given); /* execv's old type */
        used++;
    }
    if (!find_program(program, path) || pipe2(ends, O_CLOEXEC) != 0)
        return fail(program != NULL ? program : "pipe");
    pid_t self = getpid();
    process->pid = fork();
    if (process->pid == 0)
        become(path, given, ends[1], self);
    close(ends[1]);
    bool ready = process->pid > 0 && read_ready(ends[0], process);
    close(ends[0]);
    if (ready)
        return true;
    fprintf(stderr, "placemat-bench: %s does not serve\n", path);
    process_kill(process);
    return false;
}

void process_kill(struct process *process)
{
    if (process->pid > 0) {
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
    }
    process->pid = 0;
}

uint64_t process_resident(const struct process *process)
{
    enum { KIB = 1024 };
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process->pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtoull(line + 6, NULL, 10);
    if (file != NULL)
        fclose(file);
    return kib * KIB;
}

uint64_t process_cpu_ns(const struct process *process)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(process->pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* ---- Directories ---- */

static bool is_on_disk(const char *path)
{
    struct statfs where;
    return statfs(path, &where) == 0 && (unsigned long)where.f_type != TMPFS_MAGIC &&
           (unsigned long)where.f_type != RAMFS_MAGIC;
}

bool directory_make(struct directory *directory, const char *parent)
{
    if (parent == NULL)
        parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0')
        parent = "/var/tmp";
    int size =
        snprintf(directory->path, sizeof directory->path, "%s/placemat-bench.XXXXXX", parent);
    if (size >= (int)sizeof directory->path || mkdtemp(directory->path) == NULL)
        return fail(parent);
    directory->on_disk = is_on_disk(directory->path);
    return true;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

void directory_remove(const struct directory *directory)
{
    enum { OPEN_AT_ONCE = 8 };
    nftw(directory->path, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
}

/* ---- The daemon ---- */

bool daemon_start(struct process *process, const struct daemon_options *options)
{
    char data[SERVED_PATH], url[SERVED_PATH], every[24];
    snprintf(data, sizeof data, "%s/data", options->directory->path);
    snprintf(url, sizeof url, "ipc://%s/daemon", options->directory->path);
    snprintf(every, sizeof every, "%" PRIu64, options->snapshot_every);
    const char *argument[ARGUMENTS_MAX] = {"--data",         data,    "--listen", url, "--journal",
                                           options->journal, "--log", "warn"};
    size_t used = 8;
    if (options->tcp) {
        argument[used++] = "--listen";
        argument[used++] = "tcp://127.0.0.1:0";
    }
    if (options->snapshot_every != UINT64_MAX) {
        argument[used++] = "--snapshot-every";
        argument[used++] = every;
    }
    for (const char *const *more = options->more; more != NULL && *more != NULL; more++)
        if (used + 1 < ARGUMENTS_MAX)
            argument[used++] = *more;
    return process_start(process, "placematd", argument);
}

static json_t *read_answer(const struct pm_reply *reply, const char *verb)
{
    unsigned status = pm_reply_status(reply);
    if (status == PM_OK)
        status = pm_reply_result(reply, 0).status;
    if (status != PM_OK) {
        fprintf(stderr, "placemat-bench: %s: %s\n", verb, pm_status_sentence(status));
        return NULL;
    }
    char *text = pm_reply_json(reply, 0);
    json_t *answer = text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    free(text);
    return answer;
}

json_t *daemon_ask(const struct process *process, const struct pm_command *command)
{
    struct pm_client_options options = {.url = process->url,
                                        .market = "council",
                                        .actor = {.role = PM_OPERATOR, .name = {"bench", 5}},
                                        .timeout = ASK_MS,
                                        .resend = ASK_MS};
    struct pm_client *client = NULL;
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    json_t *answer = NULL;
    if (pm_client_open(&options, &client, &error) == PM_CALL_DONE &&
        pm_client_call(client, command, 1, &reply, &error) == PM_CALL_DONE) {
        answer = read_answer(reply, pm_verb_name(command->verb));
        pm_reply_free(reply);
    } else {
        fprintf(stderr, "placemat-bench: %s\n", error.text);
    }
    pm_client_close(client);
    return answer;
}

/* The bytes of a hexadecimal text. */
static bool read_session(const char *text, struct daemon_session *out)
{
    char digits[3] = "", *end = digits;
    out->size = 0;
    for (; text != NULL && text[0] != '\0' && text[1] != '\0' && out->size < sizeof out->key;
         text += 2) {
        memcpy(digits, text, 2);
        out->key[out->size++] = (uint8_t)strtoul(digits, &end, 16);
        if (*end != '\0' || end == digits)
            return false;
    }
    return out->size > 0;
}

bool daemon_login(const struct process *process, struct daemon_session *out)
{
    const struct pm_command create = {.verb = PM_TOKEN_CREATE,
                                      .token = {.name = pm_text("bench"), .role = PM_BROKER}};
    json_t *made = daemon_ask(process, &create);
    const char *token = json_string_value(json_object_get(made, "token"));
    struct pm_command hello = {.verb = PM_HELLO};
    hello.hello.token = pm_text(token != NULL ? token : "");
    json_t *session = token != NULL ? daemon_ask(process, &hello) : NULL;
    bool done = read_session(json_string_value(json_object_get(session, "session")), out);
    json_decref(session);
    json_decref(made);
    return done;
}

bool daemon_live(const struct process *process, uint64_t *live)
{
    json_t *report = daemon_ask(process, &(struct pm_command){.verb = PM_MARKET_REPORT});
    json_t *states = json_object_get(report, "packages"), *state;
    size_t i;
    *live = 0;
    json_array_foreach(states, i, state)
    {
        const char *name = json_string_value(json_object_get(state, "state"));
        if (name != NULL && strcmp(name, "ended") != 0 && strcmp(name, "withdrawn") != 0)
            *live += (uint64_t)json_integer_value(json_object_get(state, "count"));
    }
    json_decref(report);
    return report != NULL;
}
