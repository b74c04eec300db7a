#include "common/stage/progress.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

static struct progress_text text_of(const char *line)
{
    struct progress_text text = {0};

    snprintf(text.line, sizeof text.line, "%s", line);
    return text;
}

/* A stage in a process of its own, which ends before this returns. */
static void run_stage(int fd, const char *line)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct progress *progress = progress_open(fd, 60);
        struct progress_text text = text_of(line);

        if (!progress)
            _exit(1);
        progress_set(progress, &text, true);
        progress_close(&progress);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void read_file(int fd, char *out, size_t size)
{
    ssize_t got = pread(fd, out, size - 1, 0);

    assert_true(got >= 0);
    out[got] = '\0';
}

/* Sets the seconds of the line of progress to 00, because they depend on the speed of the machine. */
static void forget_seconds(char *said)
{
    static const char before[] = "progress after 0:";
    char *line = strstr(said, before);

    assert_non_null(line);
    memcpy(line + strlen(before), "00", 2);
}

static void a_file_gets_one_line_for_all_stages(void **state)
{
    struct progress_text text = text_of("th-fetch 1/2");
    const char *path = scratch_path(__func__);
    char said[400];
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    struct progress *progress = progress_open(fd, 60);

    (void)state;

    assert_non_null(progress);
    for (int i = 0; i < 1000; i++)
        progress_set(progress, &text, false);
    run_stage(fd, "th-split 2/2");
    progress_print(progress, "a message");
    read_file(fd, said, sizeof said);
    assert_string_equal(said, "a message\n");
    text = text_of("th-fetch 2/2");
    progress_set(progress, &text, true);
    progress_close(&progress);
    read_file(fd, said, sizeof said);
    forget_seconds(said);
    assert_string_equal(said, "a message\nprogress after 0:00: th-fetch 2/2 | th-split 2/2\n");
    close(fd);
}

static void the_interval_is_that_of_all_stages_together(void **state)
{
    struct progress_text text = text_of("th-crop 1/2");
    const char *path = scratch_path(__func__);
    char said[400];
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    struct progress *progress = progress_open(fd, 1e-9);

    (void)state;

    run_stage(fd, "th-verify 1/2"); /* not the last one: silent */
    read_file(fd, said, sizeof said);
    assert_string_equal(said, "");
    progress_set(progress, &text, false);
    read_file(fd, said, sizeof said);
    forget_seconds(said);
    assert_string_equal(said, "progress after 0:00: th-crop 1/2 | th-verify 1/2\n");
    progress_close(&progress);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_gets_one_line_for_all_stages),
                                       cmocka_unit_test(the_interval_is_that_of_all_stages_together)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
