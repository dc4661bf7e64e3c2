/*
 * e2e_personal.c: personal data sent to a running daemon is refused, and is afterwards nowhere:
 * neither in any file of its data directory nor in its log, while it runs and after it stopped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/wire.h"
#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/served.h"

#include <dirent.h>
#include <fcntl.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Invented, and in no file but where they are sent to. */
#define NHS_NUMBER "999 765 4323"
#define EMAIL "jo.bloggs@ward.example"
#define TELEPHONE "(01632) 960123"
#define POSTCODE "QX7 3ZZ"
/* Where care is: stated in full, in places meant for it; kept no finer than the sector. */
#define HOME "ZZ1 7QQ"
#define HOME_CARED_FOR "ZZ1 8QQ"
static const char *const secrets[] = {NHS_NUMBER, EMAIL,          TELEPHONE, POSTCODE,
                                      HOME,       HOME_CARED_FOR, "ZZ17QQ",  "ZZ18QQ"};
enum { SECRETS = sizeof secrets / sizeof secrets[0], WAIT_MS = 20000 };
/* What is taken, and so must be found: that looking finds what is there. */
#define TAKEN "taken-and-kept"

static struct served served;
static char log_path[SCRATCH_PATH + 8];

/* ---- Starting, with the log in a file ---- */

static void start(void)
{
    static const char *const options[] = {"--log", "debug", NULL};
    served_make(&served, options);
    snprintf(log_path, sizeof log_path, "%s/log", served.directory);
    int before = dup(STDERR_FILENO);
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(before >= 0 && log >= 0 && dup2(log, STDERR_FILENO) >= 0);
    bool started = served_start(&served);
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    close(log);
    assert_true(started);
}

/* ---- Asking ---- */

/* Sends commands under the numbers from 1 of this client, on a connection of its own; the status of
 * the request, or of the first command when that is PM_OK. The detail in `detail`. */
static unsigned send_as(enum pm_role role, uint64_t client_id, const struct pm_command *commands,
                        size_t count, char detail[160])
{
    struct pm_client_options options = {.url = served.ipc,
                                        .market = "little",
                                        .actor = {.role = (uint8_t)role, .name = pm_text("ward")},
                                        .client = client_id,
                                        .timeout = WAIT_MS};
    struct pm_client *client = NULL;
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    if (pm_client_open(&options, &client, &error) != PM_CALL_DONE ||
        pm_client_call(client, commands, count, &reply, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    unsigned status = pm_reply_status(reply);
    snprintf(detail, 160, "%s", status == PM_OK ? "" : pm_reply_detail(reply));
    if (status == PM_OK)
        status = pm_reply_result(reply, 0).status;
    pm_reply_free(reply);
    pm_client_close(client);
    return status;
}

/* Refused, with a sentence that says where and does not repeat the text. */
static void expect_refused(enum pm_role role, struct pm_command command, const char *where)
{
    char detail[160];
    unsigned status = send_as(role, 77, &command, 1, detail);
    if (status != PM_PERSONAL_DATA)
        fail_msg("%s: %s", where, pm_status_name(status));
    if (strstr(detail, where) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", detail, where);
    for (size_t i = 0; i < SECRETS; i++)
        assert_null(strstr(detail, secrets[i]));
}

/* ---- Looking for it ---- */

/* How often a text is in a file. */
static size_t count_in_file(const char *path, const char *text)
{
    size_t found = 0, length = strlen(text);
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL)
        return 0; /* a socket, or gone meanwhile */
    assert_int_equal(fstat(fileno(file), &status), 0);
    char *bytes = malloc((size_t)status.st_size + 1);
    assert_non_null(bytes);
    size_t size = fread(bytes, 1, (size_t)status.st_size, file);
    fclose(file);
    for (const char *at = bytes;
         (at = memmem(at, size - (size_t)(at - bytes), text, length)) != NULL; at++)
        found++;
    free(bytes);
    return found;
}

static size_t count_in_files(const char *directory, const char *text)
{
    size_t found = 0;
    DIR *open = opendir(directory);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        found += entry->d_type == DT_DIR ? count_in_files(path, text) : count_in_file(path, text);
    }
    closedir(open);
    return found;
}

/* Of all files of the daemon, its log among them. */
static void expect_nowhere(void)
{
    for (size_t i = 0; i < SECRETS; i++)
        if (count_in_files(served.directory, secrets[i]) != 0)
            fail_msg("\"%s\" is in a file of the daemon", secrets[i]);
    assert_true(count_in_files(served.directory, TAKEN) > 0);
    assert_true(count_in_file(log_path, "serving at sequence") > 0);
}

/* ---- Tests ---- */

static void test_refused(void **state)
{
    (void)state;
    struct pm_command command = little_package(NHS_NUMBER);
    expect_refused(PM_HOSPITAL, command, "command 1 (package.post): reference: looks like an NHS");
    command = little_package("p1");
    command.package.person = pm_text(EMAIL);
    expect_refused(PM_BROKER, command, "person: looks like an e-mail address");
    command = little_package("p1");
    command.package.group = pm_text(TELEPHONE);
    expect_refused(PM_BROKER, command, "group: looks like a telephone number");
    command = (struct pm_command){.verb = PM_PLACEMENT_HANDBACK,
                                  .handback = {.note = pm_text("moved to " POSTCODE)}};
    expect_refused(PM_PROVIDER, command, "(placement.handback): note: looks like a full postcode");
    struct pm_package imported = little_package("p1").package;
    imported.follows = pm_text(NHS_NUMBER);
    command = (struct pm_command){.verb = PM_PLACEMENT_IMPORT, .import = {.package = &imported}};
    expect_refused(PM_BROKER, command, "(placement.import): package: follows: looks like an NHS");
    command = (struct pm_command){
        .verb = PM_PROVIDER_SUSPEND,
        .suspension = {.provider = pm_text("amber"), .note = pm_text("ring " TELEPHONE)}};
    expect_refused(PM_BROKER, command, "note: looks like a telephone number");
}

/* The whole request, and its numbers are as if it had never come. */
static void test_not_remembered(void **state)
{
    (void)state;
    char detail[160];
    struct pm_command both[] = {little_package("good-one"), little_package(NHS_NUMBER)};
    struct pm_command show = {.verb = PM_PACKAGE_SHOW, .id = {.reference = pm_text("good-one")}};
    assert_int_equal(send_as(PM_HOSPITAL, 5, both, 2, detail), PM_PERSONAL_DATA);
    assert_non_null(strstr(detail, "command 2 (package.post)"));
    assert_int_equal(send_as(PM_HOSPITAL, 6, &show, 1, detail), PM_UNKNOWN_PACKAGE);
    struct pm_command taken = little_package(TAKEN);
    assert_int_equal(send_as(PM_HOSPITAL, 5, &taken, 1, detail), PM_OK);
    assert_int_equal(send_as(PM_HOSPITAL, 5, both, 1, detail), PM_NUMBER_REUSED);
}

/* ---- Requests that are none ---- */

static nng_socket raw;

/* Sends bytes as they are; the answer has these words, and repeats nothing. */
static void expect_not_repeated(const uint8_t *bytes, size_t size, const char *words)
{
    uint8_t answer[512];
    size_t got = sizeof answer;
    assert_int_equal(nng_send(raw, (void *)(uintptr_t)bytes, size, 0), 0);
    assert_int_equal(nng_recv(raw, answer, &got, 0), 0);
    assert_non_null(memmem(answer, got, words, strlen(words)));
    for (size_t i = 0; i < SECRETS; i++)
        assert_null(memmem(answer, got, secrets[i], strlen(secrets[i])));
}

static struct wire_writer encode(struct pm_command *command, uint8_t bytes[512])
{
    struct wire_writer writer = {.bytes = bytes, .size = 512};
    struct wire_request request = {.actor = {.role = PM_BROKER, .name = pm_text("ward")},
                                   .market = pm_text("little"),
                                   .first_number = 1,
                                   .count = 1,
                                   .command = command};
    wire_request_encode(&writer, &request);
    assert_false(writer.overflow);
    return writer;
}

/* A request that is cut off anywhere behind a text; a text in place of a command's name. */
static void test_malformed(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct pm_command command = little_package(NHS_NUMBER), stats = {.verb = PM_STATS};
    command.package.person = pm_text(EMAIL);
    assert_int_equal(nng_req0_open(&raw), 0);
    nng_socket_set_ms(raw, NNG_OPT_RECVTIMEO, WAIT_MS);
    assert_int_equal(nng_dial(raw, served.ipc, NULL, 0), 0);
    size_t size = encode(&command, bytes).used;
    expect_not_repeated(bytes, size, "looks like an NHS number");
    while (--size > 0)
        expect_not_repeated(bytes, size, "");
    size = encode(&stats, bytes).used; /* …, "stats", {}]] */
    static const char name[] = "\x6c" NHS_NUMBER "\xa0";
    memcpy(bytes + size - strlen("_stats{"), name, strlen(name));
    expect_not_repeated(bytes, size - strlen("_stats{") + strlen(name),
                        "what is named there is no command");
    nng_close(raw);
}

/* A postcode where one belongs is taken, and its sector alone is kept: of care that is sought, and
 * of care that goes on already. */
static void test_postcodes_are_resolved(void **state)
{
    char detail[160];
    (void)state;
    struct pm_command sought = little_package("H1");
    sought.package.locality = (struct pm_text){0};
    sought.package.postcode = pm_postcode_parse(pm_text(HOME));
    assert_int_equal(send_as(PM_BROKER, 31, &sought, 1, detail), PM_OK);
    struct pm_command given = little_package("H2");
    given.package.locality = (struct pm_text){0};
    given.package.postcode = pm_postcode_parse(pm_text(HOME_CARED_FOR));
    const struct pm_command import = {
        .verb = PM_PLACEMENT_IMPORT,
        .import = {.package = &given.package, .service = pm_text("hc-amber")}};
    assert_int_equal(send_as(PM_BROKER, 32, &import, 1, detail), PM_OK);
}

static void test_nowhere(void **state)
{
    (void)state;
    expect_nowhere();
    assert_int_equal(served_end(&served, SIGTERM), 0);
    expect_nowhere();
}

/* ---- */

static int set_up(void **state)
{
    char detail[160];
    struct pm_command load = little_market_load();
    (void)state;
    start();
    return send_as(PM_OPERATOR, 1, &load, 1, detail) == PM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    served_remove(&served);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_not_remembered),
        cmocka_unit_test(test_malformed), cmocka_unit_test(test_postcodes_are_resolved),
        cmocka_unit_test(test_nowhere),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
