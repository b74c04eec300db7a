/* write_all on descriptors that accept part of the bytes. */
#include "common/output/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/unit.h"

enum { SIZE = 1 << 20 };

static void ignore(int number)
{
    (void)number;
}

/* A slow reader, which checks the order of the bytes. */
static pid_t start_reader(const int ends[2])
{
    pid_t child = fork();

    if (child == 0) {
        unsigned char buffer[1000];
        size_t count = 0;
        ssize_t got;

        close(ends[1]);
        while ((got = read(ends[0], buffer, sizeof buffer)) > 0) {
            for (ssize_t i = 0; i < got; i++, count++)
                if (buffer[i] != (unsigned char)(count % 251))
                    _exit(1);
            if (count % 100000 < sizeof buffer)
                usleep(1000);
        }
        _exit(count == SIZE ? 0 : 2);
    }
    return child;
}

/* A timer's signal without SA_RESTART: writes to a full pipe are cut short or interrupted. */
static void signals_and_short_writes_lose_nothing(void **state)
{
    struct sigaction action = {.sa_handler = ignore};
    const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    unsigned char *bytes = malloc(SIZE);
    int ends[2], status;
    pid_t reader;

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)(i % 251);
    assert_int_equal(pipe(ends), 0);
    reader = start_reader(ends);
    close(ends[0]);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_int_equal(write_all(ends[1], bytes, SIZE), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    close(ends[1]);
    while (waitpid(reader, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    assert_int_equal(status, 0);
    free(bytes);
}

static void errors_are_reported(void **state)
{
    int full = open("/dev/full", O_WRONLY);

    (void)state;
    if (full < 0)
        skip();
    assert_int_equal(write_all(full, "x", 0), 0);
    assert_int_equal(write_all(full, "x", 1), -1);
    assert_int_equal(errno, ENOSPC);
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_and_short_writes_lose_nothing),
        cmocka_unit_test(errors_are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
