/*
 * test_sendmsg_remedy.c: sendmsg() is replaced for the versions of nng that need it, for no other,
 * and does what it does otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/sendmsg_remedy.h"

#include <errno.h>
#include <nng/nng.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* By the library that is loaded. */
static bool needed(void)
{
    return strverscmp(nng_version(), "1.6") < 0;
}

static void test_present_where_needed(void **state)
{
    (void)state;
    assert_int_equal(sendmsg_remedy_present(), needed());
}

static ssize_t send_word(int to)
{
    struct iovec word = {.iov_base = (char[]){"word"}, .iov_len = 4};
    return sendmsg(to, &(struct msghdr){.msg_iov = &word, .msg_iovlen = 1}, MSG_NOSIGNAL);
}

static void test_peer_gone(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[1]);
    assert_int_equal(send_word(ends[0]), needed() ? 4 : -1);
    close(ends[0]);
}

static void test_otherwise_as_ever(void **state)
{
    int ends[2];
    char got[8] = "";
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(send_word(ends[0]), 4);
    assert_int_equal(recv(ends[1], got, sizeof got, 0), 4);
    assert_string_equal(got, "word");
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(send_word(ends[0]), -1);
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present_where_needed),
        cmocka_unit_test(test_peer_gone),
        cmocka_unit_test(test_otherwise_as_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
