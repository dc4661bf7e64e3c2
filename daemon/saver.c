/*
 * saver.c: see saver.h.
 *
 * The child is a copy of the forking thread alone, in memory that other threads may have been at:
 * it takes no lock and no memory, touches nothing but the core and the file, and ends without
 * cleaning up. It closes all else that it has inherited: a client whose connection it held would
 * not see that end, nor would the lock on the directory go with its daemon.
 */
#include "saver.h"

#include "snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NICE = 10,                 /* whoever waits for an answer comes first */
    STATUS_MAX = 255,          /* of an exit; errors are below */
    UNKNOWN = STATUS_MAX << 8, /* as waitpid() tells that status */
};

struct saver {
    uint64_t sequence;
    struct snapshot_file *file;
    pid_t child; /* 0: it has ended, */
    int status;  /* so */
};

struct writing {
    struct snapshot_file *file;
    struct journal_error error;
};

static bool put(void *context, const void *bytes, size_t size)
{
    struct writing *writing = context;
    return snapshot_file_write(writing->file, bytes, size, &writing->error) == 0;
}

/* When memory is short, this is what can be spared: without it everything goes on. */
static void go_first(void)
{
    static const char most[] = "1000";
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return;
    (void)!write(file, most, sizeof most - 1);
    close(file);
}

/* The child's whole life; its status is the error. */
static _Noreturn void write_state(struct snapshot_file *file, const struct pm_core *core)
{
    struct writing writing = {.file = file};
    snapshot_file_keep_alone(file);
    (void)!nice(NICE);
    go_first();
    errno = 0;
    bool done =
        pm_core_save(core, put, &writing) && snapshot_file_finish(file, &writing.error) == 0;
    _exit(done ? 0 : errno > 0 && errno < STATUS_MAX ? errno : STATUS_MAX);
}

struct saver *saver_start(const char *directory, const struct pm_core *core,
                          struct journal_error *err)
{
    struct saver *saver = calloc(1, sizeof *saver);
    if (!saver) {
        journal_fail(err, "out of memory");
        return NULL;
    }
    saver->sequence = pm_core_sequence(core);
    if (snapshot_file_begin(directory, saver->sequence, &saver->file, err) < 0) {
        free(saver);
        return NULL;
    }
    saver->child = fork();
    if (saver->child == 0)
        write_state(saver->file, core);
    if (saver->child > 0)
        return saver;
    journal_fail(err, "cannot start a process that writes it: %s", strerror(errno));
    saver->child = 0;
    saver_abandon(saver);
    return NULL;
}

uint64_t saver_sequence(const struct saver *saver)
{
    return saver->sequence;
}

pid_t saver_process(const struct saver *saver)
{
    return saver->child;
}

static bool reap(struct saver *saver, int options)
{
    pid_t ended = 0;
    if (saver->child == 0)
        return true;
    do {
        ended = waitpid(saver->child, &saver->status, options);
    } while (ended < 0 && errno == EINTR);
    if (ended < 0) /* nobody else waits for it, so this cannot be; nothing is known of it then */
        saver->status = UNKNOWN;
    if (ended == 0)
        return false;
    saver->child = 0;
    return true;
}

bool saver_ended(struct saver *saver)
{
    return reap(saver, WNOHANG);
}

static int check(const struct saver *saver, struct journal_error *err)
{
    if (WIFSIGNALED(saver->status))
        return journal_fail(err, "the process that wrote it was ended by signal %d",
                            WTERMSIG(saver->status));
    int error = WEXITSTATUS(saver->status);
    if (error == STATUS_MAX)
        return journal_fail(err, "the process that wrote it failed");
    return error == 0 ? 0 : journal_fail(err, "cannot write it: %s", strerror(error));
}

int saver_publish(struct saver *saver, uint64_t *bytes, struct journal_error *err)
{
    if (check(saver, err) < 0) {
        saver_abandon(saver);
        return -1;
    }
    *bytes = snapshot_file_size(saver->file);
    int published = snapshot_file_publish(saver->file, err);
    free(saver);
    return published;
}

void saver_abandon(struct saver *saver)
{
    if (!saver)
        return;
    if (saver->child != 0) {
        kill(saver->child, SIGKILL);
        reap(saver, 0);
    }
    snapshot_file_abandon(saver->file);
    free(saver);
}
