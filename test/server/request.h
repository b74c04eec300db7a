/* A request: which file, and which faults. */
#ifndef TEST_SERVER_REQUEST_H
#define TEST_SERVER_REQUEST_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

enum { PATH_BYTES = 1024, PATHS_MAX = 4096 };

/* Shared by the threads of all connections. */
struct server {
    const char *folder;
    char real_folder[4096];
    FILE *log, *sent; /* requests; how many bytes each body had when it ended; NULL: not wanted */
    pthread_mutex_t mutex;
    struct counter {
        char path[PATH_BYTES];
        int count; /* of requests for this path */
    } * counters;  /* PATHS_MAX */
    int paths;
    int connections; /* open ones */
};

/* One request. */
struct request {
    struct server *server;
    struct MHD_Connection *connection;
    const char *path;       /* "/MODES/NAME" */
    char modes[PATH_BYTES]; /* "+mode+mode+" */
    char name[PATH_BYTES];
    int count; /* of requests for its path, this one included */
};

/* Parses the path, counts and logs the request. False when the path has another form. */
bool request_read(struct request *request);

/* The value of the header, NULL when there is none. */
const char *request_header(const struct request *request, const char *name);

/* The value of a mode ("503" of "status-503"), or NULL without that mode. */
const char *request_mode(const struct request *request, const char *name);

/* True when the request has that mode. */
bool request_has(const struct request *request, const char *name);

#endif
