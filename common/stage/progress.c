#include "common/stage/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "common/clock.h"

enum { LINES_MAX = 8, SCREEN_SIZE = 8192, DEFAULT_WIDTH = 80 };

/* A line of a process that has ended stays (KEPT) until no line is in use. */
enum line_state { LINE_FREE, LINE_IN_USE, LINE_KEPT };

/* In shared memory. */
struct shared {
    double began, written;  /* clock_seconds(); written: the newest line in a file */
    int drawn;              /* lines on the screen, above the cursor */
    int lengths[LINES_MAX]; /* their characters */
    struct line {
        enum line_state state;
        pid_t pid;
        struct progress_text text;
    } lines[LINES_MAX];
};

struct progress {
    int fd;
    int memory; /* descriptor of the shared memory, also used for the lock (flock) */
    struct shared *shared;
    int line;        /* of this process */
    double interval; /* seconds between two lines in a file; 0: a terminal, where lines are redrawn */
    bool has_colours;
    char name[80];
};

/* Opens and locks the shared memory. Retries if another process removed it in between. */
static int open_memory(const char *name)
{
    struct stat facts;

    for (;;) {
        int memory = shm_open(name, O_RDWR | O_CREAT, 0600);

        if (memory < 0)
            return -1;
        if (!flock(memory, LOCK_EX) && !fstat(memory, &facts) && facts.st_uid == geteuid()) {
            if (facts.st_nlink > 0 && (facts.st_size > 0 || !ftruncate(memory, sizeof(struct shared))))
                return memory;
            if (facts.st_nlink == 0) {
                close(memory);
                continue;
            }
        }
        close(memory);
        return -1;
    }
}

/* Frees the lines of processes that were killed. Returns whether a line is in use. */
static bool drop_dead(struct shared *shared)
{
    bool is_used = false;

    for (int i = 0; i < LINES_MAX; i++) {
        if (shared->lines[i].state == LINE_IN_USE && kill(shared->lines[i].pid, 0) && errno == ESRCH)
            shared->lines[i].state = LINE_FREE;
        is_used |= shared->lines[i].state == LINE_IN_USE;
    }
    return is_used;
}

/* Takes a free line; call it with the lock held. */
static int take_line(struct progress *progress)
{
    struct shared *shared = progress->shared;

    if (!drop_dead(shared))
        *shared = (struct shared){.began = clock_seconds(), .written = clock_seconds()};
    for (int i = 0; i < LINES_MAX; i++) {
        if (shared->lines[i].state != LINE_FREE)
            continue;
        shared->lines[i] = (struct line){.state = LINE_IN_USE, .pid = getpid()};
        progress->line = i;
        return 0;
    }
    return -1;
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value && *value;
}

struct progress *progress_open(int fd, double interval)
{
    struct progress *progress;
    struct stat facts;
    const char *terminal = getenv("TERM");
    bool can_redraw = isatty(fd) && terminal && *terminal && strcmp(terminal, "dumb") != 0;

    if (fstat(fd, &facts))
        return NULL;
    progress = calloc(1, sizeof *progress);
    if (!progress)
        return NULL;
    progress->fd = fd;
    progress->interval = can_redraw ? 0 : interval;
    progress->has_colours = can_redraw && !is_set("NO_COLOR");
    snprintf(progress->name, sizeof progress->name, "/th-progress-%llx-%llx-%ld", (unsigned long long)facts.st_dev,
             (unsigned long long)facts.st_ino, (long)getpgrp());
    progress->memory = open_memory(progress->name);
    if (progress->memory < 0)
        goto fail;
    progress->shared = mmap(NULL, sizeof *progress->shared, PROT_READ | PROT_WRITE, MAP_SHARED, progress->memory, 0);
    if (progress->shared == MAP_FAILED)
        goto fail;
    if (take_line(progress)) {
        munmap(progress->shared, sizeof *progress->shared);
        goto fail;
    }
    flock(progress->memory, LOCK_UN);
    return progress;
fail:
    if (progress->memory >= 0)
        close(progress->memory);
    free(progress);
    return NULL;
}

static int terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col ? DEFAULT_WIDTH : size.ws_col;
}

/* Sets order to the lines that have text, those of the processes that were started first at the front. Returns their
 * number. A shell starts the members of a pipe in their order. */
static int sort_lines(const struct shared *shared, const struct line **order)
{
    int count = 0;

    for (int i = 0; i < LINES_MAX; i++) {
        const struct line *line = &shared->lines[i];
        int place = count;

        if (line->state == LINE_FREE || !line->text.line[0])
            continue;
        for (; place > 0 && order[place - 1]->pid > line->pid; place--)
            order[place] = order[place - 1];
        order[place] = line;
        count++;
    }
    return count;
}

/* Appends text to screen, cut to its size. */
static void append_text(char *screen, const char *text)
{
    size_t length = strlen(screen);

    snprintf(screen + length, SCREEN_SIZE - length, "%s", text);
}

/* Appends the line's characters from..to-1, as far as they are within the width. */
static void append_span(char *screen, const struct progress_text *text, int from, int to, int width)
{
    size_t length = strlen(screen);

    to = to < width ? to : width;
    if (from < to)
        snprintf(screen + length, SCREEN_SIZE - length, "%.*s", to - from, text->line + from);
}

/* Appends the line, cut to `width` characters, so that it never wraps. */
static void append_line(const struct progress *progress, char *screen, const struct progress_text *text, int width)
{
    bool is_coloured = progress->has_colours && text->red < text->red_end;

    append_span(screen, text, 0, text->red, width);
    append_text(screen, is_coloured ? "\033[31m" : "");
    append_span(screen, text, text->red, text->red_end, width);
    append_text(screen, is_coloured ? "\033[m" : "");
    append_span(screen, text, text->red_end, (int)strlen(text->line), width);
    append_text(screen, "\n");
}

/* The rows that the drawn lines take up. A terminal that was narrowed since has wrapped the longer ones. */
static int rows_drawn(const struct shared *shared, int width)
{
    int rows = 0;

    for (int i = 0; i < shared->drawn; i++)
        rows += shared->lengths[i] > width ? (shared->lengths[i] + width - 1) / width : 1;
    return rows;
}

/* Redraws all lines, below the text `above` (NULL: none). Call it with the lock held. */
static void redraw(struct progress *progress, const char *above)
{
    struct shared *shared = progress->shared;
    const struct line *order[LINES_MAX];
    char screen[SCREEN_SIZE] = "";
    int width = terminal_width(progress->fd), count = sort_lines(shared, order);

    if (shared->drawn > 0)
        snprintf(screen, sizeof screen, "\033[%dA", rows_drawn(shared, width)); /* up to the first line */
    append_text(screen, "\r\033[J");                                            /* clear from there */
    if (above) {
        append_text(screen, above);
        append_text(screen, "\n");
    }
    for (int i = 0; i < count; i++) {
        int length = (int)strlen(order[i]->text.line);

        append_line(progress, screen, &order[i]->text, width - 1);
        shared->lengths[i] = length < width ? length : width - 1;
    }
    shared->drawn = count;
    if (write(progress->fd, screen, strlen(screen)) < 0)
        return; /* the terminal has gone */
}

/* Writes one line for all stages: "progress after 1:02: th-fetch  12/28 videos | th-split  11/28 videos". Call it with
 * the lock held. */
static void write_line(struct progress *progress)
{
    struct shared *shared = progress->shared;
    const struct line *order[LINES_MAX];
    char line[SCREEN_SIZE] = "", clock[32];
    int count = sort_lines(shared, order);

    shared->written = clock_seconds();
    if (!count)
        return;
    progress_text_clock(clock, sizeof clock, shared->written - shared->began);
    snprintf(line, sizeof line, "progress after %s: ", clock);
    for (int i = 0; i < count; i++) {
        append_text(line, i > 0 ? " | " : "");
        append_text(line, order[i]->text.line);
    }
    dprintf(progress->fd, "%s\n", line);
}

void progress_set(struct progress *progress, const struct progress_text *text, bool last)
{
    struct shared *shared = progress->shared;
    struct line *line = &shared->lines[progress->line];

    if (flock(progress->memory, LOCK_EX))
        return;
    line->text = *text;
    line->state = last ? LINE_KEPT : LINE_IN_USE;
    if (progress->interval <= 0)
        redraw(progress, NULL);
    else if (!last && clock_seconds() - shared->written >= progress->interval)
        write_line(progress);
    flock(progress->memory, LOCK_UN);
}

void progress_print(struct progress *progress, const char *text)
{
    if (flock(progress->memory, LOCK_EX))
        return;
    if (progress->interval > 0)
        dprintf(progress->fd, "%s\n", text);
    else
        redraw(progress, text);
    flock(progress->memory, LOCK_UN);
}

void progress_close(struct progress **progress)
{
    struct progress *p = *progress;

    if (!p)
        return;
    if (!flock(p->memory, LOCK_EX)) {
        struct line *line = &p->shared->lines[p->line];

        /* Without a last text the line is removed. */
        if (line->state == LINE_IN_USE) {
            line->state = LINE_FREE;
            if (p->interval <= 0 && line->text.line[0])
                redraw(p, NULL);
        }
        if (!drop_dead(p->shared)) {
            if (p->interval > 0)
                write_line(p);
            shm_unlink(p->name);
        }
    }
    munmap(p->shared, sizeof *p->shared);
    close(p->memory); /* also releases the lock */
    free(p);
    *progress = NULL;
}
