#include "common/stage/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/line.h"
#include "common/memory.h"
#include "common/stage/record_path.h"
#include "common/text.h"

enum {
    READ_SIZE = 1 << 16,
    LOOK_SIZE = 4 /* bytes that distinguish media from text */
};

struct manifest_reader {
    char *const *files;
    int count, next; /* files, and the one to open next */
    int fd;          /* -1: none open */
    const char *file;
    long number;   /* of the last line returned */
    bool at_end;   /* the open file has been read to its end */
    bool too_long; /* skipping the rest of a line that is too long */
    char *buffer;  /* [begin, end) is read and not returned; [begin, scanned) holds no newline */
    size_t begin, scanned, end, room;
    json_t *record; /* of the last line returned */
};

struct manifest_reader *manifest_reader_alloc(char *const *files, int count)
{
    static char standard_input[] = "-";
    static char *const only_stdin[] = {standard_input};
    struct manifest_reader *reader = calloc(1, sizeof *reader);

    if (!reader)
        return NULL;
    reader->files = count ? files : only_stdin;
    reader->count = count ? count : 1;
    reader->fd = -1;
    return reader;
}

static void close_file(struct manifest_reader *reader)
{
    if (reader->fd > STDIN_FILENO)
        close(reader->fd);
    reader->fd = -1;
}

void manifest_reader_free(struct manifest_reader **reader)
{
    if (!*reader)
        return;
    close_file(*reader);
    json_decref((*reader)->record);
    free((*reader)->buffer);
    free(*reader);
    *reader = NULL;
}

static int open_next(struct manifest_reader *reader, struct error *error)
{
    const char *file = reader->files[reader->next++];
    bool is_stdin = !strcmp(file, "-");

    reader->number = 0;
    reader->begin = reader->scanned = reader->end = 0;
    reader->at_end = reader->too_long = false;
    reader->file = is_stdin ? "stdin" : file;
    /* O_NONBLOCK: opening a named pipe must not wait for its writer. */
    reader->fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (reader->fd < 0)
        return error_set_errno(error, errno, "cannot open %s", file);
    return 0;
}

/* Moves unread bytes to the front of the buffer and makes room for READ_SIZE more bytes and a NUL. */
static void make_room(struct manifest_reader *reader)
{
    size_t left = reader->end - reader->begin;
    char *more;

    if (reader->begin) {
        memmove(reader->buffer, reader->buffer + reader->begin, left);
        reader->scanned -= reader->begin;
        reader->begin = 0;
        reader->end = left;
    }
    if (reader->room - left > READ_SIZE)
        return;
    more = realloc(reader->buffer, left + READ_SIZE + 1);
    if (!more)
        memory_is_out();
    reader->buffer = more;
    reader->room = left + READ_SIZE + 1;
}

/* Whether a file is text, by its first bytes. Otherwise a video would cause an error for each of thousands of lines. */
static bool begins_as_text(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && i < LOOK_SIZE; i++)
        if ((unsigned char)bytes[i] < ' ' && bytes[i] != '\t' && bytes[i] != '\n' && bytes[i] != '\r')
            return false;
    return true;
}

/* 1 when what was read first may be lines, otherwise -1 and error. */
static int check_beginning(struct manifest_reader *reader, struct error *error)
{
    reader->buffer[reader->end] = '\0'; /* make_room leaves room for it */
    if (!begins_as_text(reader->buffer, reader->end))
        return error_set(error, ERROR_IO, "%s is no text, so it is not read as lines; the path of a video is a line",
                         reader->file);
    if (text_is_web_page(reader->buffer))
        return error_set(error, ERROR_IO, "%s is a web page, not a list; download the list again", reader->file);
    return 1;
}

/* Reads once. 1 when there were bytes or the end of file, 0 when none are available now, -1 and error when reading
 * failed. */
static int read_more(struct manifest_reader *reader, struct error *error)
{
    struct pollfd ready = {.fd = reader->fd, .events = POLLIN};
    bool is_first = !reader->number && !reader->end;
    ssize_t got;

    if (poll(&ready, 1, 0) == 0)
        return 0;
    make_room(reader);
    got = read(reader->fd, reader->buffer + reader->end, READ_SIZE);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got < 0)
        return error_set_errno(error, errno, "cannot read %s", reader->file);
    reader->at_end = got == 0;
    reader->end += (size_t)got;
    return is_first ? check_beginning(reader, error) : 1;
}

/* Removes the next whole line from the buffer: *text and *length without the newline. False when there is none. */
static bool next_whole_line(struct manifest_reader *reader, char **text, size_t *length)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    char *newline = NULL;
    size_t stop;

    if (reader->scanned < reader->begin)
        reader->scanned = reader->begin;
    if (reader->scanned < reader->end)
        newline = memchr(reader->buffer + reader->scanned, '\n', reader->end - reader->scanned);
    reader->scanned = reader->end;
    if (!newline && !(reader->at_end && (reader->begin < reader->end || reader->too_long)))
        return false;
    stop = newline ? (size_t)(newline - reader->buffer) : reader->end;
    *text = reader->buffer + reader->begin;
    *length = stop - reader->begin;
    reader->begin = newline ? stop + 1 : stop;
    reader->scanned = reader->begin;
    (*text)[*length] = '\0'; /* make_room leaves room for it */
    if (*length && (*text)[*length - 1] == '\r')
        (*text)[--*length] = '\0';
    reader->number++;
    if (reader->number == 1 && !strncmp(*text, byte_order_mark, sizeof byte_order_mark - 1)) {
        *text += sizeof byte_order_mark - 1;
        *length -= sizeof byte_order_mark - 1;
    }
    return true;
}

/* Discards the bytes of a line that is too long. True when it did. */
static bool drop_long_line(struct manifest_reader *reader)
{
    if (reader->end - reader->begin <= LINE_BYTES_MAX)
        return false;
    reader->begin = reader->scanned = reader->end;
    reader->too_long = true;
    return true;
}

static enum manifest_result parse_line(struct manifest_reader *reader, char *text, size_t length,
                                       struct manifest_line *line, struct error *error)
{
    json_error_t fault;

    line->text = NULL;
    line->record = NULL;
    if (reader->too_long || length > LINE_BYTES_MAX) {
        reader->too_long = false;
        error_set(error, ERROR_IO, "the line is longer than %d bytes", LINE_BYTES_MAX);
        return MANIFEST_BAD;
    }
    if (strlen(text) != length) {
        error_set(error, ERROR_IO, "the line holds a NUL byte");
        return MANIFEST_BAD;
    }
    if (*text != '{') {
        line->text = text;
        return MANIFEST_LINE;
    }
    reader->record = json_loadb(text, length, JSON_REJECT_DUPLICATES, &fault);
    if (!reader->record) {
        error_set(error, ERROR_IO, "this is not a JSON object: %s at column %d", fault.text, fault.column);
        return MANIFEST_BAD;
    }
    if (record_path_resolve(reader->record, reader->file)) {
        error_set(error, ERROR_IO, "out of memory");
        return MANIFEST_BAD;
    }
    line->record = reader->record;
    return MANIFEST_LINE;
}

enum manifest_result manifest_next(struct manifest_reader *reader, struct manifest_line *line, struct error *error)
{
    char *text;
    size_t length;
    bool has_read = false;

    json_decref(reader->record);
    reader->record = NULL;
    for (;;) {
        int got;

        if (reader->fd < 0) {
            if (reader->next == reader->count)
                return MANIFEST_END;
            got = open_next(reader, error);
            if (got < 0)
                break;
        }
        while (next_whole_line(reader, &text, &length)) {
            if (!reader->too_long && (text[0] == '#' || length == strspn(text, " \t")))
                continue;
            line->file = reader->file;
            line->number = reader->number;
            return parse_line(reader, text, length, line, error);
        }
        if (reader->at_end) {
            close_file(reader);
            continue;
        }
        if (has_read && !drop_long_line(reader))
            return MANIFEST_WAIT;
        got = read_more(reader, error);
        if (got == 0)
            return MANIFEST_WAIT;
        if (got < 0)
            break;
        has_read = true;
    }
    close_file(reader);
    line->file = reader->file;
    line->number = 0;
    return MANIFEST_BAD;
}

int manifest_reader_fd(const struct manifest_reader *reader)
{
    return reader->fd;
}

bool manifest_reader_buffered(const struct manifest_reader *reader)
{
    return reader->fd < 0 || reader->at_end ||
           (reader->begin < reader->end && memchr(reader->buffer + reader->begin, '\n', reader->end - reader->begin));
}

/* Waits until fd is writable or stop_fd is readable. */
static enum write_result wait_writable(int fd, int stop_fd, struct error *error)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLOUT}, {.fd = stop_fd, .events = POLLIN}};

    while (poll(fds, 2, -1) < 0)
        if (errno != EINTR) {
            error_set_errno(error, errno, "cannot wait for the output");
            return WRITE_FAILED;
        }
    return fds[1].revents ? WRITE_STOPPED : WRITE_DONE;
}

enum write_result manifest_write(int fd, int stop_fd, const json_t *record, struct error *error)
{
    enum write_result result = WRITE_DONE;
    char *text = json_dumps(record, JSON_REAL_PRECISION(15)); /* 0.04, not 0.040000000000000001 */
    size_t length, done = 0;

    if (!text) {
        error_set(error, ERROR_IO, "out of memory");
        return WRITE_FAILED;
    }
    length = strlen(text);
    text[length++] = '\n'; /* replaces the NUL */
    while (done < length && (result = wait_writable(fd, stop_fd, error)) == WRITE_DONE) {
        /* A pipe that polls writable takes PIPE_BUF bytes without blocking (pipe(7)). */
        size_t part = length - done < PIPE_BUF ? length - done : PIPE_BUF;
        ssize_t put = write(fd, text + done, part);

        if (put >= 0) {
            done += (size_t)put;
        } else if (errno != EINTR && errno != EAGAIN) {
            if (errno == EPIPE)
                error_set(error, ERROR_IO, "stdout was closed by its reader");
            else
                error_set_errno(error, errno, "cannot write a record");
            result = WRITE_FAILED;
            break;
        }
    }
    free(text);
    return result;
}
