#include "th-fetch/source/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/unit.h"

static int poll_fault; /* an errno; 0: none */

/* Replaces the C library's. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    if (poll_fault) {
        errno = poll_fault;
        return -1;
    }
    return ppoll(fds, count, timeout < 0 ? NULL : &(struct timespec){.tv_nsec = timeout * 1000000L}, NULL);
}

enum outcome { ALL, ENDLESS, FAILED };

/* What becomes of `sh -c script`, run by a child, as command.h demands. */
static enum outcome outcome_of(const char *script)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        const char *const words[] = {"sh", "-c", script, NULL};
        struct command_output output;

        setpgid(0, 0);
        if (command_run(words, -1, NULL, &output))
            _exit(FAILED);
        _exit(output.is_endless ? ENDLESS : ALL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return (enum outcome)WEXITSTATUS(status);
}

static void too_much_is_told_from_a_failure(void **state)
{
    (void)state;
    assert_int_equal(outcome_of("echo {}"), ALL);
    assert_int_equal(outcome_of("yes"), ENDLESS);
    poll_fault = ENOMEM;
    assert_int_equal(outcome_of("echo {}"), FAILED);
    poll_fault = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(too_much_is_told_from_a_failure)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
