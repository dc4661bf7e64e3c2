/*
 * test_memory.c: memory that a forked process does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/memory.h"

enum { SIZE = 100000 };

/* The system reads it for us, and says so when there is none. */
static _Noreturn void look_in_child(int into, const uint8_t *memory)
{
    ssize_t first = write(into, memory, 1);
    bool gone = first < 0 && errno == EFAULT;
    _exit(gone && write(into, memory + SIZE - 1, 1) < 0 && errno == EFAULT ? 0 : 1);
}

static void a_forked_process_does_not_have_it(void **state)
{
    (void)state;
    int ends[2], status = -1;
    uint8_t *memory = memory_take_apart(SIZE);
    assert_non_null(memory);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(memory[i], 0);
    memset(memory, 7, SIZE);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        look_in_child(ends[1], memory);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(memory[0], 7);
    assert_int_equal(memory[SIZE - 1], 7);
    memory_free_apart(memory, SIZE);
    close(ends[0]);
    close(ends[1]);
}

static void memory_that_is_short_is_told_of_and_nothing_is_freed(void **state)
{
    (void)state;
    assert_null(memory_take_apart(SIZE_MAX / 2));
    memory_free_apart(NULL, SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forked_process_does_not_have_it),
        cmocka_unit_test(memory_that_is_short_is_told_of_and_nothing_is_freed),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
