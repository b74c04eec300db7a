#include "th-fetch/transfer/part.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

#define SOURCE "https://h/x"

static int ftruncate_fault, fsync_fault; /* an errno; 0: none */

/* These two replace the C library's. */
int ftruncate(int fd, off_t length)
{
    if (ftruncate_fault)
        errno = ftruncate_fault;
    return ftruncate_fault ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int fsync(int fd)
{
    if (fsync_fault)
        errno = fsync_fault;
    return fsync_fault ? -1 : (int)syscall(SYS_fsync, fd);
}

static struct part *must_open(const char *id, const char *source, const char *format)
{
    struct part *part;
    struct error error;

    if (part_open(&part, &(struct part_name){scratch_dir, id, ".mp4"}, source, format, &error) != 0)
        fail_msg("%s", error.message);
    return part;
}

/* Leaves a part of `size` bytes behind, as a killed run does. */
static void leave(const char *id, const char *validator, int64_t total, const char *bytes)
{
    struct part *part = must_open(id, SOURCE, "137");

    assert_int_equal(part_restart(part, validator, total, NULL), 0);
    assert_int_equal(part_append(part, bytes, strlen(bytes), NULL), 0);
    part_close(&part);
    assert_null(part);
}

static bool exists(const char *name)
{
    return access(scratch_path(name), F_OK) == 0;
}

static void a_part_is_gone_on_with(void **state)
{
    struct part *part;

    (void)state;
    leave("a", "\"v1\"", 10, "12345");
    part = must_open("a", SOURCE, "137");
    assert_int_equal(part_size(part), 5);
    assert_int_equal(part_total(part), 10);
    assert_string_equal(part_validator(part), "\"v1\"");
    assert_int_equal(part_append(part, "67890", 5, NULL), 0);
    assert_int_equal(part_finish(part, NULL), 0);
    part_close(&part);
    assert_true(exists("a.mp4"));
    assert_false(exists("a.mp4.part"));
    assert_false(exists("a.mp4.part.json"));
}

/* Buffered bytes are written, whatever the sizes of the pieces. */
static void blocks_join(void **state)
{
    enum { SIZE = 1000003, PIECE = 16381, CUT = 300000 };
    char *bytes = malloc(SIZE), *read_back = malloc(SIZE);
    struct part *part = must_open("blocks", SOURCE, "137");
    FILE *file;

    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    assert_int_equal(part_restart(part, "\"v1\"", SIZE, NULL), 0);
    for (size_t at = 0; at < SIZE; at += PIECE) {
        if (at <= CUT && at + PIECE > CUT) { /* another run continues it in the middle of a block */
            part_close(&part);
            part = must_open("blocks", SOURCE, "137");
        }
        assert_int_equal(part_size(part), at);
        assert_int_equal(part_append(part, bytes + at, SIZE - at < PIECE ? SIZE - at : PIECE, NULL), 0);
    }
    assert_int_equal(part_flush(part, NULL), 0);
    assert_int_equal(part_finish(part, NULL), 0);
    part_close(&part);
    file = fopen(scratch_path("blocks.mp4"), "r");
    assert_non_null(file);
    assert_int_equal(fread(read_back, 1, SIZE, file), SIZE);
    assert_int_equal(fgetc(file), EOF);
    assert_memory_equal(read_back, bytes, SIZE);
    fclose(file);
    free(bytes);
    free(read_back);
}

/* A failed write is reported, and its bytes no longer count. */
static void a_failed_write_is_told(void **state)
{
    struct rlimit limit = {200000, RLIM_INFINITY}, none;
    char *bytes = calloc(1, 300000);
    struct part *part = must_open("full", SOURCE, "137");
    struct error error = {0};

    (void)state;
    assert_int_equal(part_restart(part, "\"v1\"", 300000, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(part_append(part, bytes, 300000, &error), -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(error.word, ERROR_IO);
    assert_int_equal(part_size(part), 200000);
    part_close(&part);
    part = must_open("full", SOURCE, "137");
    assert_int_equal(part_size(part), 200000);
    part_close(&part);
    free(bytes);
}

static void a_part_of_something_else_is_emptied(void **state)
{
    static const struct {
        const char *source, *format;
    } others[] = {{"https://h/y", "137"}, {SOURCE, "136"}, {SOURCE, NULL}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        leave("b", "\"v1\"", 10, "12345");
        struct part *part = must_open("b", others[i].source, others[i].format);
        assert_int_equal(part_size(part), 0);
        assert_int_equal(part_total(part), -1);
        assert_null(part_validator(part));
        part_close(&part);
        assert_false(exists("b.mp4.part")); /* there is nothing in it */
    }
}

static void a_part_without_validator_is_emptied(void **state)
{
    (void)state;
    leave("c", NULL, 10, "12345");
    assert_false(exists("c.mp4.part")); /* it could not be continued */
    scratch_file("c.mp4.part", "12345", 0);
    struct part *part = must_open("c", SOURCE, "137");
    assert_int_equal(part_size(part), 0);
    part_close(&part);
}

static void a_part_longer_than_the_whole_is_emptied(void **state)
{
    (void)state;
    leave("d", "\"v1\"", 3, "12345");
    struct part *part = must_open("d", SOURCE, "137");
    assert_int_equal(part_size(part), 0);
    part_close(&part);
}

/* Notes that this program did not write. */
static void bad_notes(void **state)
{
    static const char *const notes[] = {
        "",
        "{",
        "[]",
        "5",
        "{\"source\":5,\"format\":\"137\",\"validator\":\"v\"}",
        "{\"source\":\"https://h/x\",\"format\":\"137\"}",
        "{\"source\":\"https://h/x\",\"format\":\"137\",\"validator\":5}",
        "{\"source\":\"https://h/x\",\"format\":\"137\",\"validator\":\"\"}",
        "{\"source\":\"https://h/x\",\"format\":\"137\",\"validator\":\"v\\r\\nX: y\"}",
        "{\"source\":\"https://h/x\",\"format\":\"137\",\"validator\":\"v\",\"validator\":\"w\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        leave("e", "\"v1\"", 10, "12345");
        scratch_file("e.mp4.part.json", notes[i], 0);
        struct part *part = must_open("e", SOURCE, "137");
        assert_int_equal(part_size(part), 0);
        part_close(&part);
    }
}

static void a_restart_forgets_all(void **state)
{
    (void)state;
    leave("f", "\"v1\"", 10, "12345");
    struct part *part = must_open("f", SOURCE, "137");
    assert_int_equal(part_restart(part, "\"v2\"", 20, NULL), 0);
    assert_int_equal(part_size(part), 0);
    assert_int_equal(part_total(part), 20);
    assert_string_equal(part_validator(part), "\"v2\"");
    part_discard(part);
    part_close(&part);
    assert_false(exists("f.mp4.part"));
    assert_false(exists("f.mp4.part.json"));
}

/* A restart that fails names the cause that the failing call gave. */
static void a_failed_restart_says_why(void **state)
{
    static const struct {
        int *fault, number;
        enum error_word word;
        const char *act, *cause;
    } cases[] = {{&ftruncate_fault, EIO, ERROR_IO, "empty", "Input/output error"},
                 {&ftruncate_fault, EDQUOT, ERROR_DISK_FULL, "empty", "Disk quota exceeded"},
                 {&fsync_fault, ENOSPC, ERROR_DISK_FULL, "sync", "No space left on device"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char message[700];
        struct error error = {0};

        leave("r", "\"v1\"", 10, "12345");
        struct part *part = must_open("r", SOURCE, "137");
        *cases[i].fault = cases[i].number;
        assert_int_equal(part_restart(part, "\"v2\"", 20, &error), -1);
        *cases[i].fault = 0;
        snprintf(message, sizeof message, "cannot %s '%s': %s", cases[i].act, scratch_path("r.mp4.part"),
                 cases[i].cause);
        assert_int_equal(error.word, cases[i].word);
        assert_string_equal(error.message, message);
        part_close(&part);
    }
}

/* Tries to open the part of "g" in another process. */
static int open_elsewhere(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct part *part;
        _exit(part_open(&part, &(struct part_name){scratch_dir, "g", ".mp4"}, SOURCE, NULL, NULL) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void one_process_at_a_time(void **state)
{
    (void)state;
    struct part *part = must_open("g", SOURCE, NULL);
    assert_int_equal(open_elsewhere(), 1);
    assert_true(exists("g.mp4.part")); /* the one that was refused leaves it alone */
    part_close(&part);
    assert_int_equal(open_elsewhere(), 0);
}

static void links_are_not_followed(void **state)
{
    struct part *part;
    struct error error;

    (void)state;
    scratch_file("precious", "gold", 0);
    assert_int_equal(symlink("precious", scratch_path("h.mp4.part")), 0);
    struct part_name name = {scratch_dir, "h", ".mp4"};
    assert_int_equal(part_open(&part, &name, SOURCE, NULL, &error), 0);
    assert_int_equal(part_append(part, "lead", 4, &error), 0);
    part_close(&part);
    char gold[5] = "";
    FILE *file = fopen(scratch_path("precious"), "r");
    assert_non_null(file);
    assert_non_null(fgets(gold, sizeof gold, file));
    fclose(file);
    assert_string_equal(gold, "gold");
}

static void a_file_of_the_resolver_is_moved(void **state)
{
    struct error error;

    (void)state;
    struct part *part = must_open("i", SOURCE, NULL);
    char from[600];
    snprintf(from, sizeof from, "%s", scratch_file("own.mp4", "video", 0));
    assert_int_equal(part_take(part, from, &error), 0);
    assert_false(exists("own.mp4"));
    assert_int_equal(part_finish(part, NULL), 0);
    part_close(&part);
    assert_true(exists("i.mp4"));
}

static void other_things_than_files_are_not_moved(void **state)
{
    struct error error;

    (void)state;
    scratch_file("precious", "gold", 0);
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    assert_int_equal(symlink("precious", scratch_path("link")), 0);
    const char *const names[] = {"fifo", "link", "nothing", ""};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct part *part = must_open("j", SOURCE, NULL);
        char from[600];
        snprintf(from, sizeof from, "%s", scratch_path(names[i]));
        assert_int_equal(part_take(part, from, &error), -1);
        assert_int_equal(error.word, ERROR_RESOLVER);
        part_close(&part);
    }
    assert_true(exists("precious"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_gone_on_with),
        cmocka_unit_test(blocks_join),
        cmocka_unit_test(a_failed_write_is_told),
        cmocka_unit_test(a_part_of_something_else_is_emptied),
        cmocka_unit_test(a_part_without_validator_is_emptied),
        cmocka_unit_test(a_part_longer_than_the_whole_is_emptied),
        cmocka_unit_test(bad_notes),
        cmocka_unit_test(a_restart_forgets_all),
        cmocka_unit_test(a_failed_restart_says_why),
        cmocka_unit_test(one_process_at_a_time),
        cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(a_file_of_the_resolver_is_moved),
        cmocka_unit_test(other_things_than_files_are_not_moved),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
