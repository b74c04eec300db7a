#include "th-fetch/policy/room.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* A room of 100 bytes, whose finished videos come from the named pipe at *pipe; *writer is its other end. */
static void open_room(struct room *room, struct console **console, int *writer)
{
    struct error error;

    unlink(scratch_path("finished"));
    assert_int_equal(mkfifo(scratch_path("finished"), 0600), 0);
    *console = console_alloc("test", -1, PROGRESS_NEVER);
    assert_int_equal(room_init(room, 100, scratch_path("finished"), *console, &error), 0);
    *writer = open(scratch_path("finished"), O_WRONLY);
    assert_true(*writer >= 0);
}

static void close_room(struct room *room, struct console **console, int writer)
{
    room_clear(room);
    console_free(console);
    close(writer);
}

static void tell(int writer, const char *lines)
{
    assert_int_equal(write(writer, lines, strlen(lines)), (ssize_t)strlen(lines));
}

static void videos_wait_until_others_are_finished(void **state)
{
    struct console *console;
    struct room room;
    int writer;

    (void)state;
    open_room(&room, &console, &writer);
    assert_true(room_take(&room, "a", 60));
    assert_false(room_take(&room, "b", 50));
    assert_false(room_take(&room, "c", 10)); /* would fit, but b asked first */
    tell(writer, "unknown\na\n");
    room_read(&room);
    assert_true(room_take(&room, "b", 50));
    assert_true(room_take(&room, "c", 10));
    assert_int_equal(room.taken, 60);
    close_room(&room, &console, writer);
}

static void a_larger_video_goes_alone(void **state)
{
    struct console *console;
    struct room room;
    int writer;

    (void)state;
    open_room(&room, &console, &writer);
    assert_true(room_take(&room, "a", 1));
    assert_false(room_take(&room, "big", 500));
    room_leave(&room, "a");
    assert_true(room_take(&room, "big", 500));
    assert_false(room_take(&room, "b", 1));
    tell(writer, "big\n");
    room_read(&room);
    assert_true(room_take(&room, "b", 1));
    close_room(&room, &console, writer);
}

/* Two that began with lengths not known, and neither fits beside the other: one waits for the other. */
static void lengths_that_become_known(void **state)
{
    struct console *console;
    struct room room;
    int writer;

    (void)state;
    open_room(&room, &console, &writer);
    assert_true(room_take(&room, "a", 0));
    assert_true(room_take(&room, "b", 0));
    assert_false(room_take(&room, "a", 150));
    assert_false(room_take(&room, "b", 150)); /* a is first */
    assert_true(room_take(&room, "a", 150));
    assert_false(room_take(&room, "b", 150));
    assert_true(room_take(&room, "a", 200)); /* with its sound */
    room_leave(&room, "a");
    assert_true(room_take(&room, "b", 150));
    room_grow(&room, "b", 170);
    room_grow(&room, "b", 20);
    assert_int_equal(room.taken, 170);
    close_room(&room, &console, writer);
}

static void one_that_waits_no_longer_is_passed_over(void **state)
{
    struct console *console;
    struct room room;
    int writer;

    (void)state;
    open_room(&room, &console, &writer);
    assert_true(room_take(&room, "a", 60));
    assert_false(room_take(&room, "b", 50));
    room_leave(&room, "b");
    assert_true(room_take(&room, "c", 40));
    close_room(&room, &console, writer);
}

/* Before there is a writer, nothing is over; after it has gone, nothing waits. */
static void without_a_writer_nothing_waits(void **state)
{
    struct console *console;
    struct room room;
    int writer;

    (void)state;
    open_room(&room, &console, &writer);
    assert_true(room_take(&room, "a", 60));
    tell(writer, "incomplete");
    room_read(&room);
    assert_false(room_take(&room, "b", 50));
    close(writer);
    room_read(&room);
    assert_int_equal(room.fd, -1);
    assert_true(room_take(&room, "b", 50));
    close_room(&room, &console, -1);
}

/* An id comes in pieces, and a line that no id can be is dropped. */
static void lines_come_in_pieces(void **state)
{
    char line[1000];
    struct console *console;
    struct room room;
    int writer;

    (void)state;
    open_room(&room, &console, &writer);
    assert_true(room_take(&room, "--a_", 60));
    memset(line, 'x', sizeof line);
    assert_int_equal(write(writer, line, sizeof line), sizeof line);
    tell(writer, "\n--");
    room_read(&room);
    assert_int_equal(room.taken, 60);
    tell(writer, "a_\n");
    room_read(&room);
    assert_int_equal(room.taken, 0);
    close_room(&room, &console, writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(videos_wait_until_others_are_finished),
        cmocka_unit_test(a_larger_video_goes_alone),
        cmocka_unit_test(lengths_that_become_known),
        cmocka_unit_test(one_that_waits_no_longer_is_passed_over),
        cmocka_unit_test(without_a_writer_nothing_waits),
        cmocka_unit_test(lines_come_in_pieces),
    };

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
