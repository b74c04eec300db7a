/* A request as a test makes it: which file, and what is to go wrong. */
#ifndef TEST_SERVER_REQUEST_H
#define TEST_SERVER_REQUEST_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

enum { PATH_BYTES = 1024, PATHS_MAX = 4096 };

/* What the threads of all connections share. */
struct server {
    const char *folder;
    char real_folder[4096];
    FILE *log, *sent; /* requests; how many bytes each body had when it ended; NULL: not wanted */
    pthread_mutex_t mutex;
    struct counter {
        char path[PATH_BYTES];
        int count; /* how often it was asked for */
    } * counters;  /* PATHS_MAX */
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
    int count; /* of requests for its path, this one included */
};

/* Takes the path apart, counts and logs the request. False when the path is of another form. */
bool request_read(struct request *request);

/* The value of the header, NULL when there is none. */
const char *request_header(const struct request *request, const char *name);

/* Where the value of a mode begins ("503" of "status-503"), or NULL when the request does not ask for it. */
const char *request_mode(const struct request *request, const char *name);

/* Whether the request asks for that mode. */
bool request_has(const struct request *request, const char *name);

#endif
