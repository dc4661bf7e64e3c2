/*
 * demo_daemon.c: a placematd of the demonstration's own, in a temporary directory.
 */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"

/* ---- Signals ---- */

static sigset_t stop_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void demo_block_signals(void)
{
    sigset_t set = stop_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool demo_stopped(int ms)
{
    sigset_t set = stop_signals();
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    return sigtimedwait(&set, NULL, &wait) > 0;
}

/* ---- Its directory ---- */

static bool make_directory(struct demo_daemon *daemon)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] != '/' || strlen(parent) > 70) /* paths of sockets are short */
        parent = "/tmp";
    char path[sizeof daemon->directory];
    snprintf(path, sizeof path, "%s/placemat-demo.XXXXXX", parent);
    if (mkdtemp(path) == NULL)
        return demo_say("cannot make a directory in %s: %s.", parent, strerror(errno));
    memcpy(daemon->directory, path, sizeof path);
    return true;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

/* ---- Its process ---- */

/* The path of placematd: beside this program. */
static bool find_program(char path[PATH_MAX])
{
    static const char name[] = "placematd";
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof name);
    if (length < 0)
        return demo_say("cannot find where this program is: %s.", strerror(errno));
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    memcpy(slash != NULL ? slash + 1 : path, name, sizeof name);
    return true;
}

/* In the child. A group of its own: Ctrl-C is for the demonstration, which then ends it in order.
 */
static void become(const char *program, char **arguments, int output)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (dup2(output, STDOUT_FILENO) >= 0)
        execv(program, arguments);
    demo_say("cannot run %s: %s.", program, strerror(errno));
    _exit(127);
}

/* Starts it; its output comes out of *output. */
static bool spawn(const char *program, char **arguments, struct demo_daemon *daemon, int *output)
{
    int ends[2];
    if (pipe(ends) != 0)
        return demo_say("cannot make a pipe: %s.", strerror(errno));
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become(program, arguments, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return demo_say("cannot start a process: %s.", strerror(errno));
    }
    daemon->pid = pid;
    *output = ends[0];
    return true;
}

/* Waits for the line "ready URL ..." and keeps its URLs. */
static bool await_ready(struct demo_daemon *daemon, int output)
{
    static const char ready[] = "ready ";
    char line[sizeof daemon->urls] = "";
    FILE *file = fdopen(output, "r");
    if (file == NULL) {
        close(output);
        return demo_say("cannot read: %s.", strerror(errno));
    }
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file); /* it writes nothing more */
    if (!read || strncmp(line, ready, strlen(ready)) != 0)
        return demo_say("placematd did not start; what it said is above.");
    line[strcspn(line, "\n")] = '\0';
    snprintf(daemon->urls, sizeof daemon->urls, "%s", line + strlen(ready));
    return true;
}

bool demo_daemon_start(const struct demo_options *options, struct demo_daemon *out)
{
    char program[PATH_MAX], data[128], market[PATH_MAX], tcp[32];
    int output = -1;
    *out = (struct demo_daemon){.pid = 0};
    if (!make_directory(out) || !find_program(program))
        return false;
    snprintf(data, sizeof data, "%s/data", out->directory);
    snprintf(out->url, sizeof out->url, "ipc://%s/socket", out->directory);
    snprintf(market, sizeof market, "%s", options->market);
    snprintf(tcp, sizeof tcp, "tcp://127.0.0.1:%d", options->port);
    char words[8][12] = {"placematd", "--data", "--market", "--clock",
                         "manual",    "--log",  "warn",     "--listen"};
    char *arguments[] = {words[0], words[1], data,     words[2], market,   words[3], words[4],
                         words[5], words[6], words[7], out->url, words[7], tcp,      NULL};
    if (options->port < 0)
        arguments[11] = NULL;
    return spawn(program, arguments, out, &output) && await_ready(out, output);
}

bool demo_daemon_stop(struct demo_daemon *daemon)
{
    enum { OPEN_AT_ONCE = 8 };
    int status = 0;
    if (daemon->pid != 0) {
        kill(daemon->pid, SIGTERM);
        while (waitpid(daemon->pid, &status, 0) < 0 && errno == EINTR)
            continue;
        daemon->pid = 0;
    }
    if (daemon->directory[0] != '\0')
        nftw(daemon->directory, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return demo_say("placematd did not end well (status %#x).", (unsigned)status);
}
