/* A web server for tests, on the loopback interface only. The path says which faults it makes:
 *
 *     faulty_server [--log FILE] PORT_FILE FOLDER      serves FOLDER/NAME as /MODE+MODE.../NAME
 *
 * It writes its port to PORT_FILE and ends with the process that started it. It writes each request to FILE ("PATH
 * range=.. if-range=.. cookie=.. x-test=.. auth=..", with the number of open connections), and to FILE.sent how many
 * bytes of each body were sent. The modes:
 *
 *     ok               nothing wrong: length, ETag, Last-Modified, ranges, If-Range
 *     once             the modes after it apply to the first request for a path only
 *     late-N           answers after N milliseconds
 *     status-N         answers with status N        retry-after-N   with such a header
 *     as-X             serves FOLDER/X.mp4 for any name
 *     cut              closes the connection in the middle of the body
 *     stall            stops in the middle of the body and keeps the connection
 *     trickle          sends a byte a second
 *     steady           sends at most 16 MiB a second, so that little is sent but not read yet
 *     changes          from the second request on the file is NAME.new, and so is its ETag
 *     no-range         knows no ranges               no-etag         gives no ETag and no Last-Modified
 *     no-length        does not say how long it is   short-range     sends at most 64 KiB of a range
 *     tiny-range       sends at most 10 bytes of it  no-total        says of a range only where it is
 *     always-new       gives another ETag with each request
 *     expires          from the second request on the status is 403
 *     blind            sends ranges whatever If-Range says
 *     shifted          sends another range than the one asked for
 *     gzip             says that the body is compressed
 *     longer           promises half of what it sends
 *     shorter          promises twice of what it sends
 *     redirect         to /ok/NAME                   redirect-loop   to itself
 *     redirect-host    to /ok/NAME at the name localhost
 *     chain-N          N redirects, then /ok/NAME
 *     redirect-file    to the file itself            redirect-ftp    to ftp:
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "reply.h"

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct request request = {.server = context, .connection = connection, .path = url};

    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return reply_text(&request, 405);
    return request_read(&request) ? reply_to(&request) : reply_text(&request, 404);
}

static void count_connection(void *context, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int size = REPLY_BLOCK;

    (void)state;
    /* Bytes that wait in the kernel would count as sent. */
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
