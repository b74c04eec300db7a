/* A web server for tests, on the loopback interface only, that misbehaves as the path asks it to:
 *
 *     faulty_server [--log FILE] PORT_FILE FOLDER      serves FOLDER/NAME as /MODE+MODE.../NAME
 *
 * It writes its port to PORT_FILE, each request to the log ("PATH range=.. if-range=.. cookie=.. x-test=.."), with
 * the number of connections that were open, and ends with the process that started it. To the log's name
 * with ".sent" it writes how many bytes each body had when it ended. The modes:
 *
 *     ok               nothing wrong: length, ETag, Last-Modified, ranges, If-Range
 *     once             what follows is wrong with the first request for a path only
 *     status-N         answers with status N        retry-after-N   with such a header
 *     as-X             is FOLDER/X.mp4, whatever the name
 *     cut              closes the connection in the middle of the body
 *     stall            stops in the middle of the body, and stays
 *     trickle          sends a byte a second
 *     steady           sends at most 16 MiB a second, as a network does: what is not read yet is little
 *     changes          from the second request on the file is NAME.new, and so is its ETag
 *     no-range         knows no ranges               no-etag         gives no ETag and no Last-Modified
 *     no-length        does not say how long it is   short-range     sends at most 64 KiB of a range
 *     tiny-range       sends at most 10 bytes of it  no-total        says of a range only where it is
 *     always-new       gives another ETag with each request
 *     blind            sends ranges whatever If-Range says
 *     shifted          sends another range than the one asked for
 *     gzip             says that the body is compressed
 *     longer           promises half of what it sends
 *     shorter          promises twice of what it sends
 *     redirect         to /ok/NAME                   redirect-loop   to itself
 *     chain-N          N redirects, then /ok/NAME
 *     redirect-file    to the file itself            redirect-ftp    to ftp:
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 1024, PATHS_MAX = 4096, SHORT_RANGE = 64 * 1024, TINY_RANGE = 10, BLOCK_BYTES = 64 * 1024 };

/* How often each path was asked for. */
struct counter {
    char path[PATH_BYTES];
    int count;
};

struct server {
    const char *folder;
    char real_folder[4096];
    FILE *log, *sent; /* requests; how many bytes each body had when it ended */
    pthread_mutex_t mutex;
    struct counter *counters; /* PATHS_MAX */
    int paths;
    int connections; /* that are open */
};

/* One request, as far as it is understood. */
struct request {
    struct server *server;
    struct MHD_Connection *connection;
    const char *path;       /* "/MODES/NAME" */
    char modes[PATH_BYTES]; /* "+mode+mode+" */
    char name[PATH_BYTES];
    int count; /* the how manieth of its path, from 1 */
};

/* The bytes that a response sends. */
struct body {
    int fd;
    int64_t start, size; /* within the file, bytes */
    int64_t stop;        /* where the fault comes, -1: never */
    bool stalls, trickles, is_steady;
    int64_t sent; /* bytes that went out */
    struct server *server;
};

static int count_request(struct server *server, const char *path)
{
    int count = 0, at = 0;

    pthread_mutex_lock(&server->mutex);
    while (at < server->paths && strcmp(server->counters[at].path, path) != 0)
        at++;
    if (at < PATHS_MAX) {
        if (at == server->paths)
            snprintf(server->counters[server->paths++].path, PATH_BYTES, "%s", path);
        count = ++server->counters[at].count;
    }
    pthread_mutex_unlock(&server->mutex);
    return count;
}

static const char *header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void log_request(const struct request *request)
{
    struct server *server = request->server;

    if (!server->log)
        return;
    pthread_mutex_lock(&server->mutex);
    fprintf(server->log, "%s range=%s if-range=%s cookie=%s x-test=%s open=%d\n", request->path,
            or_dash(header(request, "Range")), or_dash(header(request, "If-Range")), or_dash(header(request, "Cookie")),
            or_dash(header(request, "X-Test")), server->connections);
    fflush(server->log);
    pthread_mutex_unlock(&server->mutex);
}

/* Where the value of a mode begins ("503" of "status-503"), or NULL when the request does not ask for it. */
static const char *mode(const struct request *request, const char *name)
{
    char wanted[64];
    const char *once = strstr(request->modes, "+once+");

    snprintf(wanted, sizeof wanted, "+%s", name);
    const char *found = strstr(request->modes, wanted);
    if (!found || (once && found > once && request->count > 1))
        return NULL;
    found += strlen(wanted);
    return *found == '+' || *found == '-' ? found + (*found == '-') : NULL;
}

static bool has(const struct request *request, const char *name)
{
    return mode(request, name) != NULL;
}

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
        usleep(BLOCK_BYTES / 16); /* a byte a microsecond, 16 times */
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
    const char *seconds = mode(request, "retry-after");
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

static enum MHD_Result send_text(const struct request *request, unsigned int status)
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

/* The range that is asked for, cut to the file's size. False when the whole is to be sent. */
static bool read_range(const struct request *request, const char *etag, int64_t size, int64_t *first, int64_t *last)
{
    const char *range = header(request, "Range");
    const char *condition = header(request, "If-Range");
    char *end;

    if (!range || strncmp(range, "bytes=", 6) != 0 || has(request, "no-range"))
        return false;
    if (condition && strcmp(condition, etag) != 0 && !has(request, "blind"))
        return false;
    *first = strtoll(range + 6, &end, 10);
    *last = size - 1;
    if (*end == '-' && end[1] != '\0' && strtoll(end + 1, NULL, 10) < *last)
        *last = strtoll(end + 1, NULL, 10);
    if (has(request, "short-range") && *last - *first >= SHORT_RANGE)
        *last = *first + SHORT_RANGE - 1;
    if (has(request, "tiny-range") && *last - *first >= TINY_RANGE)
        *last = *first + TINY_RANGE - 1;
    if (has(request, "shifted"))
        *first += 1;
    return true;
}

static void describe(const struct request *request, struct MHD_Response *response, const char *etag)
{
    if (!has(request, "no-etag")) {
        MHD_add_response_header(response, "ETag", etag);
        MHD_add_response_header(response, "Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT");
    }
    if (!has(request, "no-range"))
        MHD_add_response_header(response, "Accept-Ranges", "bytes");
    if (has(request, "gzip"))
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    MHD_add_response_header(response, "Content-Type", "video/mp4");
}

/* Says another length than the body has. */
static void promise(const struct request *request, struct MHD_Response *response, int64_t size)
{
    char length[32];

    if (!has(request, "longer") && !has(request, "shorter"))
        return;
    snprintf(length, sizeof length, "%" PRId64, has(request, "longer") ? size / 2 : 2 * size);
    /* A body of unknown length in HTTP/1.0 has no other header that says where it ends. */
    MHD_set_response_options(response, MHD_RF_INSANITY_HEADER_CONTENT_LENGTH | MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                             MHD_RO_END);
    MHD_add_response_header(response, "Content-Length", length);
    MHD_add_response_header(response, "Connection", "close");
}

static enum MHD_Result send_file(const struct request *request, int fd, int64_t size)
{
    char etag[32], content_range[96], total[32];
    int version = has(request, "always-new") ? request->count : has(request, "changes") && request->count > 1 ? 2 : 1;
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
        return send_text(request, 416);
    }
    *body = (struct body){.fd = fd, .start = first, .size = last - first + 1, .stop = -1, .server = request->server};
    body->stalls = has(request, "stall");
    body->trickles = has(request, "trickle");
    body->is_steady = has(request, "steady");
    if (body->stalls || has(request, "cut"))
        body->stop = body->size / 2;
    bool is_untrue = has(request, "longer") || has(request, "shorter");
    uint64_t length = is_untrue || has(request, "no-length") ? MHD_SIZE_UNKNOWN : (uint64_t)body->size;
    struct MHD_Response *response = MHD_create_response_from_callback(length, BLOCK_BYTES, read_body, body, free_body);
    describe(request, response, etag);
    promise(request, response, body->size);
    if (is_range) {
        snprintf(content_range, sizeof content_range, "bytes %" PRId64 "-%" PRId64 "/%s", first, last,
                 has(request, "no-total") ? "*" : total);
        MHD_add_response_header(response, "Content-Range", content_range);
    }
    return send_and_free(request, is_range ? 206 : 200, response);
}

static enum MHD_Result send_what_is_asked(struct request *request)
{
    char path[2 * PATH_BYTES + 4096];
    struct stat facts;
    const char *status = mode(request, "status");

    if (status)
        return send_text(request, (unsigned int)strtoul(status, NULL, 10));
    if (has(request, "redirect-loop"))
        return send_redirect(request, request->path);
    if (has(request, "redirect-ftp"))
        return send_redirect(request, "ftp://127.0.0.1/x.mp4");
    if (has(request, "redirect-file")) {
        snprintf(path, sizeof path, "file://%s/%s", request->server->real_folder, request->name);
        return send_redirect(request, path);
    }
    const char *hops = mode(request, "chain");
    if (hops && strtol(hops, NULL, 10) > 1) {
        snprintf(path, sizeof path, "/chain-%ld/%s", strtol(hops, NULL, 10) - 1, request->name);
        return send_redirect(request, path);
    }
    if (has(request, "redirect") || hops) {
        snprintf(path, sizeof path, "/ok/%s", request->name);
        return send_redirect(request, path);
    }
    const char *other = mode(request, "as");
    if (other) {
        snprintf(path, sizeof path, "%.*s.mp4", (int)strcspn(other, "+"), other);
        snprintf(request->name, sizeof request->name, "%.*s", PATH_BYTES - 1, path);
    }
    snprintf(path, sizeof path, "%s/%s%s", request->server->folder, request->name,
             has(request, "changes") && request->count > 1 ? ".new" : "");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode)) {
        if (fd >= 0)
            close(fd);
        return send_text(request, 404);
    }
    return send_file(request, fd, facts.st_size);
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct request request = {.server = context, .connection = connection, .path = url};
    const char *slash = strchr(url + 1, '/');

    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return send_text(&request, 405);
    if (!slash || strstr(slash, ".."))
        return send_text(&request, 404);
    snprintf(request.modes, sizeof request.modes, "+%.*s+", (int)(slash - url - 1), url + 1);
    snprintf(request.name, sizeof request.name, "%s", slash + 1);
    request.count = count_request(request.server, url);
    log_request(&request);
    return send_what_is_asked(&request);
}

static void count_connection(void *context, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int size = BLOCK_BYTES;

    (void)state;
    /* What waits in the kernel would count as sent. */
    if (info && code == MHD_CONNECTION_NOTIFY_STARTED)
        setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    pthread_mutex_lock(&server->mutex);
    server->connections += code == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1;
    pthread_mutex_unlock(&server->mutex);
}

static bool write_port(const char *path, struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    char temporary[4096];

    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *file = info ? fopen(temporary, "w") : NULL;
    if (!file)
        return false;
    fprintf(file, "%u\n", (unsigned int)info->port);
    return fclose(file) == 0 && rename(temporary, path) == 0;
}

int main(int argc, char **argv)
{
    struct server server = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char sent[4096];
    bool has_log = argc == 5 && strcmp(argv[1], "--log") == 0;

    if (argc != 3 && !has_log) {
        fprintf(stderr, "usage: faulty_server [--log FILE] PORT_FILE FOLDER\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    server.folder = argv[argc - 1];
    server.log = has_log ? fopen(argv[2], "a") : NULL;
    if (has_log) {
        snprintf(sent, sizeof sent, "%s.sent", argv[2]);
        server.sent = fopen(sent, "a");
    }
    server.counters = calloc(PATHS_MAX, sizeof *server.counters);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, serve, &server,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_CONNECTION,
                         count_connection, &server, MHD_OPTION_END);
    if (!realpath(server.folder, server.real_folder) || (has_log && !server.log) || !server.counters || !daemon ||
        !write_port(argv[argc - 2], daemon)) {
        fprintf(stderr, "faulty_server: cannot start: %s\n", strerror(errno));
        return 1;
    }
    for (;;)
        pause();
}
