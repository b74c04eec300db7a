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

#include "common/text.h"

enum { LINES_MAX = 8, LINE_SIZE = 256, SCREEN_SIZE = 8192, DEFAULT_WIDTH = 80 };

/* What the processes share. */
struct shared {
    int drawn; /* lines on the screen at the moment, above the cursor */
    struct {
        pid_t pid; /* 0: free */
        char text[LINE_SIZE];
    } lines[LINES_MAX];
};

struct progress {
    int fd;     /* the terminal */
    int memory; /* descriptor of the shared memory, which is also the lock */
    struct shared *shared;
    int line; /* this process's */
    char name[64];
};

/* Opens the shared memory locked. It may have been removed between the two steps: then once more. */
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

/* Frees the lines of processes that died without leaving. */
static void drop_dead(struct shared *shared)
{
    for (int i = 0; i < LINES_MAX; i++)
        if (shared->lines[i].pid && kill(shared->lines[i].pid, 0) && errno == ESRCH)
            shared->lines[i].pid = 0;
}

/* Takes a free line. The progress is locked. */
static int take_line(struct progress *progress)
{
    drop_dead(progress->shared);
    for (int i = 0; i < LINES_MAX; i++) {
        if (progress->shared->lines[i].pid)
            continue;
        progress->shared->lines[i].pid = getpid();
        progress->shared->lines[i].text[0] = '\0';
        progress->line = i;
        return 0;
    }
    return -1;
}

struct progress *progress_open(int fd)
{
    struct progress *progress;
    struct stat facts;

    if (!isatty(fd) || fstat(fd, &facts))
        return NULL;
    progress = calloc(1, sizeof *progress);
    if (!progress)
        return NULL;
    progress->fd = fd;
    snprintf(progress->name, sizeof progress->name, "/th-progress-%lx-%ld", (unsigned long)facts.st_rdev,
             (long)getpgrp());
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

/* Appends to the NUL-ended screen text as far as there is room. */
static void append_text(char *screen, const char *text)
{
    size_t length = strlen(screen);

    snprintf(screen + length, SCREEN_SIZE - length, "%s", text);
}

/* Appends text cut to `width` characters, so that a line never wraps. */
static void append_cut(char *screen, const char *text, int width)
{
    size_t length = strlen(screen);

    for (; *text && width > 0 && length + 5 < SCREEN_SIZE; width--) {
        size_t bytes = text_character(text);

        memcpy(screen + length, text, bytes ? bytes : 1);
        length += bytes ? bytes : 1;
        text += bytes ? bytes : 1;
    }
    screen[length] = '\0';
}

/* Draws all lines anew below `above` (lines of their own, each ended by a newline; may be empty). The progress is
 * locked.
 */
static void redraw(struct progress *progress, const char *above)
{
    struct shared *shared = progress->shared;
    char screen[SCREEN_SIZE] = "";
    int width = terminal_width(progress->fd) - 1;

    if (shared->drawn > 0)
        snprintf(screen, sizeof screen, "\033[%dA", shared->drawn); /* up to the first line */
    append_text(screen, "\r\033[J");                                /* clear from there */
    if (above) {
        append_text(screen, above);
        append_text(screen, "\n");
    }
    shared->drawn = 0;
    for (int i = 0; i < LINES_MAX; i++) {
        if (!shared->lines[i].pid || !shared->lines[i].text[0])
            continue;
        append_cut(screen, shared->lines[i].text, width);
        append_text(screen, "\n");
        shared->drawn++;
    }
    if (write(progress->fd, screen, strlen(screen)) < 0)
        return; /* a terminal that has gone: there is nobody to tell */
}

void progress_set(struct progress *progress, const char *text, bool last)
{
    char *line = progress->shared->lines[progress->line].text;

    if (flock(progress->memory, LOCK_EX))
        return;
    snprintf(line, LINE_SIZE, "%s", last ? "" : text);
    redraw(progress, last ? text : NULL);
    flock(progress->memory, LOCK_UN);
}

void progress_print(struct progress *progress, const char *text)
{
    if (flock(progress->memory, LOCK_EX))
        return;
    redraw(progress, text);
    flock(progress->memory, LOCK_UN);
}

void progress_close(struct progress **progress)
{
    struct progress *b = *progress;
    bool is_empty = true;

    if (!b)
        return;
    if (!flock(b->memory, LOCK_EX)) {
        bool was_shown = b->shared->lines[b->line].text[0];

        b->shared->lines[b->line].pid = 0;
        if (was_shown)
            redraw(b, NULL);
        drop_dead(b->shared);
        for (int i = 0; i < LINES_MAX; i++)
            is_empty = is_empty && !b->shared->lines[i].pid;
        if (is_empty)
            shm_unlink(b->name);
    }
    munmap(b->shared, sizeof *b->shared);
    close(b->memory); /* and with it the lock */
    free(b);
    *progress = NULL;
}
