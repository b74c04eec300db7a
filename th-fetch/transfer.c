#include "transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "th-fetch/rate.h"
#include "th-fetch/response.h"

enum {
    REDIRECTS_MAX = 10,
    BUFFER_BYTES = 256 * 1024,
    BUFFER_BYTES_LIMITED = 16 * 1024, /* so that a slow transfer comes in small steps */
    LOW_SPEED = 1024,                 /* bytes a second */
    WAIT_MAX_MS = 60000,              /* one wait, when there is nothing to wait for but time */
    REQUESTS_WITHOUT_GAIN = 2
};

struct transfer {
    struct transfer *next;
    struct transfers *all;
    CURL *easy;
    struct curl_slist *headers; /* those of the request, and If-Range */
    char *url, **extra_headers;
    struct part *part;
    void *item;
    int64_t piece;
    int64_t start;        /* of this request in the file, bytes */
    int requests_in_vain; /* on end: those that brought no byte */
    bool may_be_file, has_begun, must_restart;
    bool is_paused; /* until disk and rate allow more */
    double paused_at;
    struct transfer_outcome outcome;
    char detail[CURL_ERROR_SIZE];
};

struct transfers {
    struct transfer_options options;
    transfer_began *began;
    transfer_done *done;
    void *owner;
    CURLM *multi;
    struct transfer *first;
    int running;
    struct rate rate;
};

struct transfers *transfers_alloc(const struct transfer_options *options, transfer_began *began, transfer_done *done,
                                  void *owner)
{
    struct transfers *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    all->options = *options;
    all->began = began;
    all->done = done;
    all->owner = owner;
    rate_init(&all->rate, options->limit_rate, clock_seconds());
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(all);
        return NULL;
    }
    all->multi = curl_multi_init();
    if (!all->multi ||
        curl_multi_setopt(all->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->connections) != CURLM_OK ||
        curl_multi_setopt(all->multi, CURLMOPT_MAXCONNECTS, (long)options->connections) != CURLM_OK)
        transfers_free(&all);
    return all;
}

static void free_headers(char **headers)
{
    for (char **header = headers; header && *header; header++)
        free(*header);
    free(headers);
}

static char **copy_headers(char *const *headers)
{
    size_t count = 0;
    while (headers && headers[count])
        count++;
    char **copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = strdup(headers[i]);
        if (!copy[i]) {
            free_headers(copy);
            return NULL;
        }
    }
    return copy;
}

static void free_transfer(struct transfer *transfer)
{
    if (transfer->easy)
        curl_multi_remove_handle(transfer->all->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    free_headers(transfer->extra_headers);
    free(transfer->url);
    free(transfer);
}

void transfers_free(struct transfers **transfers)
{
    struct transfers *all = *transfers;
    if (!all)
        return;
    while (all->first) {
        struct transfer *transfer = all->first;
        all->first = transfer->next;
        free_transfer(transfer);
    }
    curl_multi_cleanup(all->multi);
    curl_global_cleanup();
    free(all);
    *transfers = NULL;
}

int transfers_running(const struct transfers *transfers)
{
    return transfers->running;
}

/* Compares the response with what the part is a part of, and makes the part ready for its body. 0, or -1 when the body
 * is not to be taken. */
static int begin_body(struct transfer *transfer)
{
    struct response response;
    struct error *error = &transfer->outcome.local;

    transfer->has_begun = true;
    response_read(&response, transfer->easy);
    switch (response_check(&response, part_size(transfer->part), part_validator(transfer->part),
                           part_total(transfer->part), error)) {
    case RESPONSE_CONTINUES:
        return 0;
    case RESPONSE_STARTS_ANEW:
        return part_restart(transfer->part, response.validator[0] ? response.validator : NULL, response.total, error);
    case RESPONSE_DIFFERS:
        transfer->must_restart = true;
        return -1;
    default:
        return -1;
    }
}

static bool must_pause(struct transfer *transfer, size_t size)
{
    double now = clock_seconds();

    if (!space_is_short(transfer->all->options.space, size) && rate_take(&transfer->all->rate, size, now))
        return false;
    transfer->is_paused = true;
    transfer->paused_at = now;
    return true;
}

static size_t take_body(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)one; /* always 1 */
    if (!transfer->has_begun) {
        if (begin_body(transfer) < 0)
            return CURL_WRITEFUNC_ERROR;
        transfer->all->began(transfer->all->owner, transfer->item);
    }
    if (must_pause(transfer, size))
        return CURL_WRITEFUNC_PAUSE; /* and comes again */
    if (part_append(transfer->part, data, size, &transfer->outcome.local) < 0)
        return CURL_WRITEFUNC_ERROR;
    return size;
}

/* Options that all requests of a transfer share. */
static bool set_up(struct transfer *transfer)
{
    const struct transfer_options *options = &transfer->all->options;
    CURL *easy = transfer->easy;
    /* As the curl program has it. */
    const char *authorities = getenv("CURL_CA_BUNDLE") ? getenv("CURL_CA_BUNDLE") : getenv("SSL_CERT_FILE");
    const char *protocols = transfer->may_be_file ? "http,https,file" : "http,https";
    bool ok = true;

#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK
    SET(CURLOPT_URL, transfer->url);
    SET(CURLOPT_PROTOCOLS_STR, protocols);
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 1L);
    SET(CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    SET(CURLOPT_FAILONERROR, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_USERAGENT, "th-fetch/" TH_VERSION);
    SET(CURLOPT_BUFFERSIZE, (long)(options->limit_rate > 0 ? BUFFER_BYTES_LIMITED : BUFFER_BYTES));
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(options->connect_timeout * 1000));
    SET(CURLOPT_ERRORBUFFER, transfer->detail);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_VERBOSE, options->verbose ? 1L : 0L);
    if (authorities)
        SET(CURLOPT_CAINFO, authorities);
    if (options->proxy)
        SET(CURLOPT_PROXY, options->proxy);
    if (options->cookies)
        SET(CURLOPT_COOKIEFILE, options->cookies);
    if (options->low_speed_time > 0) {
        SET(CURLOPT_LOW_SPEED_LIMIT, options->limit_rate > 0 ? 1L : (long)LOW_SPEED);
        SET(CURLOPT_LOW_SPEED_TIME, options->low_speed_time < 1 ? 1L : (long)options->low_speed_time);
    }
#undef SET
    return ok;
}

static bool add_header(struct transfer *transfer, const char *header)
{
    struct curl_slist *more = curl_slist_append(transfer->headers, header);
    if (!more)
        return false;
    transfer->headers = more;
    return true;
}

/* Headers and range of the next request: from where the part ends, as far as the piece goes. */
static bool set_range(struct transfer *transfer)
{
    char range[64], if_range[RESPONSE_TEXT_MAX + 16];
    int64_t start = part_size(transfer->part);
    const char *validator = part_validator(transfer->part);
    bool is_ranged = start > 0 || transfer->piece > 0;

    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    for (char **header = transfer->extra_headers; *header; header++)
        if (!add_header(transfer, *header))
            return false;
    if (start > 0 && validator) {
        snprintf(if_range, sizeof if_range, "If-Range: %s", validator);
        if (!add_header(transfer, if_range))
            return false;
    }
    if (transfer->piece > 0)
        snprintf(range, sizeof range, "%" PRId64 "-%" PRId64, start, start + transfer->piece - 1);
    else
        snprintf(range, sizeof range, "%" PRId64 "-", start);
    transfer->start = start;
    return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
           curl_easy_setopt(transfer->easy, CURLOPT_RANGE, is_ranged ? range : NULL) == CURLE_OK;
}

/* Sends the next request of a transfer. 0, or -1. */
static int send_request(struct transfer *transfer)
{
    transfer->has_begun = false;
    transfer->must_restart = false;
    transfer->outcome = (struct transfer_outcome){0};
    transfer->detail[0] = '\0';
    if (!set_range(transfer) || curl_multi_add_handle(transfer->all->multi, transfer->easy) != CURLM_OK)
        return error_set(&transfer->outcome.local, ERROR_IO, "cannot set up a transfer");
    return 0;
}

int transfers_start(struct transfers *all, const struct transfer_request *request, struct part *part, void *item,
                    struct error *error)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer)
        return error_set(error, ERROR_IO, "out of memory");
    transfer->all = all;
    transfer->part = part;
    transfer->item = item;
    transfer->piece = request->piece;
    transfer->may_be_file = request->may_be_file;
    transfer->url = strdup(request->url);
    transfer->extra_headers = copy_headers(request->headers);
    transfer->easy = curl_easy_init();
    if (!transfer->url || !transfer->extra_headers || !transfer->easy || !set_up(transfer) ||
        send_request(transfer) < 0) {
        free_transfer(transfer);
        return error_set(error, ERROR_IO, "cannot set up a transfer");
    }
    transfer->next = all->first;
    all->first = transfer;
    all->running++;
    return 0;
}

static void end_transfer(struct transfer *transfer)
{
    struct transfers *all = transfer->all;
    struct transfer **link = &all->first;
    while (*link != transfer)
        link = &(*link)->next;
    *link = transfer->next;
    all->running--;
    snprintf(transfer->outcome.detail, sizeof transfer->outcome.detail, "%s", transfer->detail);
    all->done(all->owner, transfer->item, &transfer->outcome);
    free_transfer(transfer);
}

/* What the request that has ended leaves to be done: true when another one has been sent. */
static bool goes_on(struct transfer *transfer)
{
    struct error *error = &transfer->outcome.local;
    struct part *part = transfer->part;
    bool is_good = transfer->outcome.curl_code == CURLE_OK && error->word == ERROR_NONE;

    if (is_good && !transfer->has_begun) /* an empty body */
        is_good = begin_body(transfer) == 0;
    if (is_good)
        is_good = part_flush(part, error) == 0;
    /* 416: the file has become shorter than the part. */
    if (transfer->start > 0 && transfer->outcome.status == 416)
        transfer->must_restart = true;
    if (!is_good && !transfer->must_restart)
        return false;
    if (part_total(part) >= 0 && part_size(part) > part_total(part)) {
        part_discard(part);
        error_set(error, ERROR_BAD_MEDIA, "the server sent more than it said");
        return false;
    }
    if (is_good && (part_total(part) < 0 || part_size(part) == part_total(part)))
        return false;
    transfer->requests_in_vain = part_size(part) > transfer->start ? 0 : transfer->requests_in_vain + 1;
    if (transfer->requests_in_vain >= REQUESTS_WITHOUT_GAIN) {
        error_set(error, ERROR_SERVER, "the server sends less than it says");
        return false;
    }
    if (transfer->must_restart && part_restart(part, NULL, -1, error) < 0)
        return false;
    return send_request(transfer) == 0;
}

static void end_request(struct transfer *transfer, CURLcode code)
{
    struct transfer_outcome *outcome = &transfer->outcome;
    curl_off_t retry_after = 0;

    outcome->curl_code = (int)code;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &outcome->status);
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
    outcome->retry_after = (double)retry_after;
    curl_multi_remove_handle(transfer->all->multi, transfer->easy);
    if (!goes_on(transfer))
        end_transfer(transfer);
}

static void end_requests(struct transfers *all)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(all->multi, &left))) {
        struct transfer *transfer = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        end_request(transfer, code);
    }
}

/* The one that has been paused for longest, or NULL. */
static struct transfer *longest_paused(const struct transfers *all)
{
    struct transfer *longest = NULL;

    for (struct transfer *transfer = all->first; transfer; transfer = transfer->next)
        if (transfer->is_paused && (!longest || transfer->paused_at < longest->paused_at))
            longest = transfer;
    return longest;
}

/* Seconds until a paused transfer may go on; 0 when it may now. */
static double pause_left(const struct transfers *all)
{
    return space_is_short(all->options.space, 0) ? SPACE_WAIT : rate_wait(&all->rate, clock_seconds());
}

/* Lets paused transfers go on, as far as disk and rate allow. */
static void unpause(struct transfers *all)
{
    struct transfer *transfer;

    while ((transfer = longest_paused(all)) && pause_left(all) <= 0) {
        transfer->is_paused = false;
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT); /* a failure ends the transfer, and is told then */
    }
}

/* Milliseconds of the next wait. */
static int wait_time(const struct transfers *all, int timeout_ms)
{
    int longest = timeout_ms < 0 || timeout_ms > WAIT_MAX_MS ? WAIT_MAX_MS : timeout_ms;
    double pause = longest_paused(all) ? ceil(pause_left(all) * 1000) : longest;

    return pause < longest ? (int)pause : longest;
}

static short wait_events(short events)
{
    return (short)((events & POLLIN ? CURL_WAIT_POLLIN : 0) | (events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
}

/* curl_multi_poll says neither POLLERR nor POLLHUP of the caller's descriptors; poll() itself, without waiting, does.
 */
static int look_again(struct pollfd *fds, size_t count)
{
    int ready = poll(fds, count, 0);
    return ready < 0 && errno == EINTR ? 0 : ready;
}

int transfers_wait(struct transfers *all, struct pollfd *fds, size_t count, int timeout_ms)
{
    int running;
    if (all->running == 0)
        return poll(fds, count, timeout_ms);
    struct curl_waitfd *waits = calloc(count, sizeof *waits);
    unsigned int used = 0;
    if (!waits)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (fds[i].fd >= 0)
            waits[used++] = (struct curl_waitfd){.fd = fds[i].fd, .events = wait_events(fds[i].events)};
    CURLMcode code = curl_multi_poll(all->multi, waits, used, wait_time(all, timeout_ms), NULL);
    free(waits);
    unpause(all);
    if (code == CURLM_OK)
        code = curl_multi_perform(all->multi, &running);
    if (code != CURLM_OK) {
        errno = EIO;
        return -1;
    }
    end_requests(all);
    return look_again(fds, count);
}
