#include "reply.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHORT_RANGE = 64 * 1024, TINY_RANGE = 10 };

/* The bytes that a response sends. */
struct body {
    int fd;
    int64_t start, size; /* within the file, bytes */
    int64_t stop;        /* offset of the fault, -1: none */
    bool stalls, trickles, is_steady;
    int64_t sent; /* bytes that went out */
    struct server *server;
};

static ssize_t read_body(void *context, uint64_t position, char *buffer, size_t max)
{
    struct body *body = context;
    int64_t left = body->size - (int64_t)position;

    if (body->stop >= 0 && (int64_t)position >= body->stop) {
        if (!body->stalls)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        for (;;)
            pause();
    }
    if (body->stop >= 0 && left > body->stop - (int64_t)position)
        left = body->stop - (int64_t)position;
    if (left <= 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (body->trickles) {
        sleep(1);
        left = 1;
    }
    if (body->is_steady)
        usleep(REPLY_BLOCK / 16); /* a byte a microsecond, 16 times */
    ssize_t got = pread(body->fd, buffer, (size_t)left < max ? (size_t)left : max, body->start + (int64_t)position);
    body->sent += got > 0 ? got : 0;
    return got;
}

static void free_body(void *context)
{
    struct body *body = context;
    struct server *server = body->server;

    pthread_mutex_lock(&server->mutex);
    if (server->sent)
        fprintf(server->sent, "%" PRId64 "\n", body->sent);
    if (server->sent)
        fflush(server->sent);
    pthread_mutex_unlock(&server->mutex);
    close(body->fd);
    free(body);
}

static enum MHD_Result send_and_free(const struct request *request, unsigned int status, struct MHD_Response *response)
{
    const char *seconds = request_mode(request, "retry-after");
    char value[16];

    if (!response)
        return MHD_NO;
    if (seconds) {
        snprintf(value, sizeof value, "%ld", strtol(seconds, NULL, 10));
        MHD_add_response_header(response, "Retry-After", value);
    }
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result reply_text(const struct request *request, unsigned int status)
{
    static char text[] = "<!DOCTYPE html><title>no video</title>\n";
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);

    MHD_add_response_header(response, "Content-Type", "text/html");
    return send_and_free(request, status, response);
}

static enum MHD_Result send_redirect(const struct request *request, const char *place)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

    MHD_add_response_header(response, "Location", place);
    return send_and_free(request, 302, response);
}

/* The requested range, limited to the file's size. False when the whole file is to be sent. */
static bool read_range(const struct request *request, const char *etag, int64_t size, int64_t *first, int64_t *last)
{
    const char *range = request_header(request, "Range");
    const char *condition = request_header(request, "If-Range");
    char *end;

    if (!range || strncmp(range, "bytes=", 6) != 0 || request_has(request, "no-range"))
        return false;
    if (condition && strcmp(condition, etag) != 0 && !request_has(request, "blind"))
        return false;
    *first = strtoll(range + 6, &end, 10);
    *last = size - 1;
    if (*end == '-' && end[1] != '\0' && strtoll(end + 1, NULL, 10) < *last)
        *last = strtoll(end + 1, NULL, 10);
    if (request_has(request, "short-range") && *last - *first >= SHORT_RANGE)
        *last = *first + SHORT_RANGE - 1;
    if (request_has(request, "tiny-range") && *last - *first >= TINY_RANGE)
        *last = *first + TINY_RANGE - 1;
    if (request_has(request, "shifted"))
        *first += 1;
    return true;
}

static void describe(const struct request *request, struct MHD_Response *response, const char *etag)
{
    if (!request_has(request, "no-etag")) {
        MHD_add_response_header(response, "ETag", etag);
        MHD_add_response_header(response, "Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT");
    }
    if (!request_has(request, "no-range"))
        MHD_add_response_header(response, "Accept-Ranges", "bytes");
    if (request_has(request, "gzip"))
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    MHD_add_response_header(response, "Content-Type", "video/mp4");
}

/* Sends a Content-Length that the body does not have. */
static void promise(const struct request *request, struct MHD_Response *response, int64_t size)
{
    char length[32];

    if (!request_has(request, "longer") && !request_has(request, "shorter"))
        return;
    snprintf(length, sizeof length, "%" PRId64, request_has(request, "longer") ? size / 2 : 2 * size);
    /* In HTTP/1.0 a body of unknown length ends when the connection closes. */
    MHD_set_response_options(response, MHD_RF_INSANITY_HEADER_CONTENT_LENGTH | MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                             MHD_RO_END);
    MHD_add_response_header(response, "Content-Length", length);
    MHD_add_response_header(response, "Connection", "close");
}

static enum MHD_Result send_file(const struct request *request, int fd, int64_t size)
{
    char etag[32], content_range[96], total[32];
    int version = request_has(request, "always-new")                      ? request->count
                  : request_has(request, "changes") && request->count > 1 ? 2
                                                                          : 1;
    int64_t first = 0, last = size - 1;
    struct body *body = calloc(1, sizeof *body);

    if (!body) {
        close(fd);
        return MHD_NO;
    }
    snprintf(etag, sizeof etag, "\"v%d\"", version);
    snprintf(total, sizeof total, "%" PRId64, size);
    bool is_range = read_range(request, etag, size, &first, &last);
    if (is_range && first >= size) {
        close(fd);
        free(body);
        return reply_text(request, 416);
    }
    *body = (struct body){.fd = fd, .start = first, .size = last - first + 1, .stop = -1, .server = request->server};
    body->stalls = request_has(request, "stall");
    body->trickles = request_has(request, "trickle");
    body->is_steady = request_has(request, "steady");
    if (body->stalls || request_has(request, "cut"))
        body->stop = body->size / 2;
    bool is_untrue = request_has(request, "longer") || request_has(request, "shorter");
    uint64_t length = is_untrue || request_has(request, "no-length") ? MHD_SIZE_UNKNOWN : (uint64_t)body->size;
    struct MHD_Response *response = MHD_create_response_from_callback(length, REPLY_BLOCK, read_body, body, free_body);
    describe(request, response, etag);
    promise(request, response, body->size);
    if (is_range) {
        snprintf(content_range, sizeof content_range, "bytes %" PRId64 "-%" PRId64 "/%s", first, last,
                 request_has(request, "no-total") ? "*" : total);
        MHD_add_response_header(response, "Content-Range", content_range);
    }
    return send_and_free(request, is_range ? 206 : 200, response);
}

/* Writes the target of a redirect to place, of size bytes. False when there is no redirect. */
static bool find_redirect(const struct request *request, char *place, size_t size)
{
    const char *hops = request_mode(request, "chain");
    const char *host = request_header(request, "Host"), *port = host ? strchr(host, ':') : NULL;
    long left = hops ? strtol(hops, NULL, 10) : 0;

    if (request_has(request, "redirect-loop"))
        snprintf(place, size, "%s", request->path);
    else if (request_has(request, "redirect-host"))
        snprintf(place, size, "http://localhost%s/ok/%s", port ? port : "", request->name);
    else if (request_has(request, "redirect-ftp"))
        snprintf(place, size, "ftp://127.0.0.1/x.mp4");
    else if (request_has(request, "redirect-file"))
        snprintf(place, size, "file://%s/%s", request->server->real_folder, request->name);
    else if (left > 1)
        snprintf(place, size, "/chain-%ld/%s", left - 1, request->name);
    else if (request_has(request, "redirect") || hops)
        snprintf(place, size, "/ok/%s", request->name);
    else
        return false;
    return true;
}

enum MHD_Result reply_to(struct request *request)
{
    const char *status = request_mode(request, "status"), *other = request_mode(request, "as");
    const char *late = request_mode(request, "late");
    char path[2 * PATH_BYTES + 4096];
    struct stat facts;
    int fd;

    if (late)
        usleep((useconds_t)strtoul(late, NULL, 10) * 1000);
    if (status)
        return reply_text(request, (unsigned int)strtoul(status, NULL, 10));
    if (request_has(request, "expires") && request->count > 1)
        return reply_text(request, 403);
    if (find_redirect(request, path, sizeof path))
        return send_redirect(request, path);
    if (other)
        snprintf(request->name, sizeof request->name, "%.*s.mp4", (int)strcspn(other, "+"), other);
    snprintf(path, sizeof path, "%s/%s%s", request->server->folder, request->name,
             request_has(request, "changes") && request->count > 1 ? ".new" : "");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode)) {
        if (fd >= 0)
            close(fd);
        return reply_text(request, 404);
    }
    return send_file(request, fd, facts.st_size);
}
