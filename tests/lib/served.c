/*
 * served.c - see served.h.
 */
#include "served.h"

#include "little_market.h"
#include "look.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { READY_MS = 60000, ANSWER_MS = 20000, ENDED_MS = 60000, LOOK_MS = 5 };

void served_make(struct served *served, const char *const *options)
{
    *served = (struct served){.pid = 0};
    scratch_make(served->directory);
    snprintf(served->ipc, sizeof served->ipc, "ipc://%s/socket", served->directory);
    for (size_t i = 0; options && options[i] && i < SERVED_OPTIONS_MAX; i++)
        served->option[i] = options[i];
}

void served_expect_hang_ups(void)
{
    char options[512];
    const char *tests = getenv("TESTS_DIR");
    snprintf(options, sizeof options, "print_suppressions=0:suppressions=%s/lsan_hang_up.supp",
             tests ? tests : "tests");
    setenv("LSAN_OPTIONS", options, 1);
}

/* In the child: becomes the daemon, with its stdout into the pipe. */
static _Noreturn void become(const struct served *served, int out)
{
    const char *bin = getenv("BIN");
    char program[512], data[128];
    const char *argument[SERVED_OPTIONS_MAX + 16] = {
        program, "--data", data, "--listen", served->ipc, "--listen", "tcp://127.0.0.1:0",
        "--log", "warn"};
    size_t used = 9;
    snprintf(program, sizeof program, "%s/placematd", bin ? bin : "build/bin");
    snprintf(data, sizeof data, "%s/data", served->directory);
    for (size_t i = 0; served->option[i]; i++)
        argument[used++] = served->option[i];
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves nothing running */
    dup2(out, STDOUT_FILENO);
    char *const *arguments;
    memcpy(&arguments, &(const char **){argument}, sizeof arguments); /* execv's old type */
    execv(program, arguments);
    perror(program);
    _exit(127);
}

/* Reads the one line; false when it does not come. */
static bool read_ready(int in, char *line, size_t size)
{
    size_t used = 0;
    struct pollfd poll_in = {.fd = in, .events = POLLIN};
    while (used + 1 < size && poll(&poll_in, 1, READY_MS) == 1) {
        ssize_t got = read(in, line + used, 1);
        if (got != 1)
            return false;
        if (line[used] == '\n') {
            line[used] = '\0';
            return strncmp(line, "ready ", 6) == 0;
        }
        used++;
    }
    return false;
}

/* The URL that begins so, with the space before it, in the ready line; empty when there is none. */
static bool find_url(const char *line, const char *scheme, char out[128])
{
    const char *url = strstr(line, scheme);
    snprintf(out, 128, "%.*s", url ? (int)strcspn(url + 1, " ") : 0, url ? url + 1 : "");
    return url != NULL;
}

bool served_start(struct served *served)
{
    int ends[2];
    char line[1024];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    served->pid = fork();
    if (served->pid == 0)
        become(served, ends[1]);
    close(ends[1]);
    bool ready = served->pid > 0 && read_ready(ends[0], line, sizeof line);
    close(ends[0]);
    if (!ready)
        return false;
    find_url(line, " http://", served->http);
    find_url(line, " tls+tcp://", served->tls);
    return find_url(line, " tcp://", served->tcp);
}

int served_end(struct served *served, int signal_number)
{
    int status = 0;
    if (served->pid <= 0)
        return -1;
    kill(served->pid, signal_number);
    for (int ms = 0; waitpid(served->pid, &status, WNOHANG) == 0; ms += LOOK_MS) {
        if (ms >= ENDED_MS)
            kill(served->pid, SIGKILL); /* which the caller sees */
        poll(NULL, 0, LOOK_MS);
    }
    served->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct pm_client *open_client(const struct pm_client_options *options)
{
    struct pm_client *client = NULL;
    struct pm_client_error error = {""};
    if (pm_client_open(options, &client, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    return client;
}

struct pm_client *served_client(const char *url, enum pm_role role, const char *name)
{
    return open_client(
        &(struct pm_client_options){.url = url,
                                    .market = "little",
                                    .actor = {.role = (uint8_t)role, .name = pm_text(name)},
                                    .timeout = ANSWER_MS});
}

struct pm_client *served_login(const char *url, const char *token)
{
    return open_client(&(struct pm_client_options){
        .url = url, .market = "little", .token = token, .timeout = ANSWER_MS});
}

void served_token(const struct served *served, const struct pm_token *token, char out[SERVED_TOKEN])
{
    struct pm_client *client = served_client(served->ipc, PM_OPERATOR, "served");
    const struct pm_command create = {.verb = PM_TOKEN_CREATE, .token = *token};
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    if (pm_client_call(client, &create, 1, &reply, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    if (pm_reply_status(reply) != PM_OK)
        fail_msg("%s", pm_reply_detail(reply));
    struct look body;
    body.bytes = pm_reply_body(reply, 0, &body.size);
    snprintf(out, SERVED_TOKEN, "%s", look_text(body, "token"));
    pm_reply_free(reply);
    pm_client_close(client);
}

void served_load_little(const struct served *served)
{
    const struct pm_command load = little_market_load();
    struct pm_client *client = served_client(served->ipc, PM_OPERATOR, "served");
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    if (pm_client_call(client, &load, 1, &reply, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    assert_int_equal(pm_reply_result(reply, 0).status, PM_OK);
    pm_reply_free(reply);
    pm_client_close(client);
}

void served_remove(struct served *served)
{
    served_end(served, SIGKILL);
    if (scratch_remove(served->directory) != 0)
        fprintf(stderr, "cannot remove %s\n", served->directory);
}
