#include "request.h"

#include <string.h>

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

const char *request_header(const struct request *request, const char *name)
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
    fprintf(server->log, "%s range=%s if-range=%s cookie=%s x-test=%s auth=%s open=%d\n", request->path,
            or_dash(request_header(request, "Range")), or_dash(request_header(request, "If-Range")),
            or_dash(request_header(request, "Cookie")), or_dash(request_header(request, "X-Test")),
            or_dash(request_header(request, "Authorization")), server->connections);
    fflush(server->log);
    pthread_mutex_unlock(&server->mutex);
}

const char *request_mode(const struct request *request, const char *name)
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

bool request_has(const struct request *request, const char *name)
{
    return request_mode(request, name) != NULL;
}

bool request_read(struct request *request)
{
    const char *path = request->path, *slash = strchr(path + 1, '/');

    if (!slash || strstr(slash, ".."))
        return false;
    snprintf(request->modes, sizeof request->modes, "+%.*s+", (int)(slash - path - 1), path + 1);
    snprintf(request->name, sizeof request->name, "%s", slash + 1);
    request->count = count_request(request->server, path);
    log_request(request);
    return true;
}
