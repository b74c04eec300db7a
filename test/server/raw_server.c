/* Sends the same bytes to whoever connects, also bytes that are no HTTP, on the loopback interface only.
 *
 *     raw_server PORT_FILE HEAD TAIL
 *
 * It writes its port to PORT_FILE and ends with the process that started it. To each connection, one after the other,
 * it sends the file HEAD once, and the file TAIL (64 KiB at most, may be empty) again and again until the other side
 * closes. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/output/write_all.h"

enum { BYTES_MAX = 1 << 20, TAIL_MAX = 1 << 16 };

static size_t read_file(const char *path, char *bytes, size_t max)
{
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(bytes, 1, max, file) : 0;

    if (!file || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    return length;
}

static int listen_on(const char *port_file)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *file = NULL;

    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 16) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        file = fopen(port_file, "w");
    if (!file || fprintf(file, "%d\n", ntohs(address.sin_port)) < 0 || fclose(file) != 0) {
        perror("raw_server");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    static char head[BYTES_MAX], tail[TAIL_MAX];
    char request[4096];

    if (argc != 4) {
        fprintf(stderr, "usage: raw_server PORT_FILE HEAD TAIL\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    size_t head_length = read_file(argv[2], head, sizeof head);
    size_t tail_length = read_file(argv[3], tail, sizeof tail);
    int server = listen_on(argv[1]);

    for (;;) {
        int fd = accept(server, NULL, NULL);

        if (fd < 0)
            return 1;
        if (read(fd, request, sizeof request) > 0 && write_all(fd, head, head_length) == 0)
            while (tail_length > 0 && write_all(fd, tail, tail_length) == 0)
                ;
        shutdown(fd, SHUT_WR);
        while (read(fd, request, sizeof request) > 0)
            ;
        close(fd);
    }
}
