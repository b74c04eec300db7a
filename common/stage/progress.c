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

struct board {
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

/* Takes a free line. The board is locked. */
static int take_line(struct board *board)
{
    drop_dead(board->shared);
    for (int i = 0; i < LINES_MAX; i++) {
        if (board->shared->lines[i].pid)
            continue;
        board->shared->lines[i].pid = getpid();
        board->shared->lines[i].text[0] = '\0';
        board->line = i;
        return 0;
    }
    return -1;
}

struct board *board_open(int fd)
{
    struct board *board;
    struct stat facts;

    if (!isatty(fd) || fstat(fd, &facts))
        return NULL;
    board = calloc(1, sizeof *board);
    if (!board)
        return NULL;
    board->fd = fd;
    snprintf(board->name, sizeof board->name, "/th-progress-%lx-%ld", (unsigned long)facts.st_rdev, (long)getpgrp());
    board->memory = open_memory(board->name);
    if (board->memory < 0)
        goto fail;
    board->shared = mmap(NULL, sizeof *board->shared, PROT_READ | PROT_WRITE, MAP_SHARED, board->memory, 0);
    if (board->shared == MAP_FAILED)
        goto fail;
    if (take_line(board)) {
        munmap(board->shared, sizeof *board->shared);
        goto fail;
    }
    flock(board->memory, LOCK_UN);
    return board;
fail:
    if (board->memory >= 0)
        close(board->memory);
    free(board);
    return NULL;
}

static int terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col ? DEFAULT_WIDTH : size.ws_col;
}

/* Appends to the NUL-ended screen text as far as there is room. */
static void append(char *screen, const char *text)
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

/* Draws all lines anew below `above` (lines of their own, each ended by a newline; may be empty). The board is locked.
 */
static void redraw(struct board *board, const char *above)
{
    struct shared *shared = board->shared;
    char screen[SCREEN_SIZE] = "";
    int width = terminal_width(board->fd) - 1;

    if (shared->drawn > 0)
        snprintf(screen, sizeof screen, "\033[%dA", shared->drawn); /* up to the first line */
    append(screen, "\r\033[J");                                     /* clear from there */
    if (above) {
        append(screen, above);
        append(screen, "\n");
    }
    shared->drawn = 0;
    for (int i = 0; i < LINES_MAX; i++) {
        if (!shared->lines[i].pid || !shared->lines[i].text[0])
            continue;
        append_cut(screen, shared->lines[i].text, width);
        append(screen, "\n");
        shared->drawn++;
    }
    if (write(board->fd, screen, strlen(screen)) < 0)
        return; /* a terminal that has gone: there is nobody to tell */
}

void board_set(struct board *board, const char *text, bool last)
{
    char *line = board->shared->lines[board->line].text;

    if (flock(board->memory, LOCK_EX))
        return;
    snprintf(line, LINE_SIZE, "%s", last ? "" : text);
    redraw(board, last ? text : NULL);
    flock(board->memory, LOCK_UN);
}

void board_print(struct board *board, const char *text)
{
    if (flock(board->memory, LOCK_EX))
        return;
    redraw(board, text);
    flock(board->memory, LOCK_UN);
}

void board_close(struct board **board)
{
    struct board *b = *board;
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
    *board = NULL;
}
