/* What a transfer receives: the headers and the body of each response. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "th-fetch/transfer/partial.h"
#include "th-fetch/transfer/response.h"
#include "th-fetch/transfer/transfer_internal.h"

enum { HEADER_BYTES_MAX = 1 << 20 };

static int check_length(struct transfer *transfer, int64_t bytes)
{
    int64_t max = transfer->all->settings->max_filesize;

    return bytes <= max ? 0
                        : error_set(&transfer->outcome.local, ERROR_NO_FORMAT,
                                    "the file has more than %" PRId64 " bytes (--max-filesize)", max);
}

static int check_time(struct transfer *transfer)
{
    double max = transfer->all->settings->max_time;

    return max <= 0 || clock_seconds() - transfer->began_at <= max
               ? 0
               : error_set(&transfer->outcome.local, ERROR_TIMEOUT,
                           "the download has taken more than %.0f seconds (--max-time)", max);
}

/* Why all of a partial's file has to be downloaded after a response that begins anew; NULL: it has not. */
static const char *reason_for_whole(const struct transfer *transfer, const struct response *response)
{
    const char *validator = part_validator(transfer->part);

    if (response->status != 206)
        return validator && strcmp(validator, response->validator) != 0 ? "the file has changed at the server"
                                                                        : "the server sends no ranges";
    if (response->total < 0)
        return "the server does not say how long the file is";
    return response->validator[0] ? NULL : "the server gives no ETag or date";
}

/* Prepares a partial for a response that begins anew. 0, or -1 when its body is refused: it is not all of a file that
 * has to be downloaded whole. */
static int start_partial(struct transfer *transfer, const struct response *response)
{
    const char *reason = reason_for_whole(transfer, response);

    if (!reason)
        return 0;
    transfer->outcome.whole = reason;
    transfer->start = 0;
    transfer->end = INT64_MAX;
    if (partial_make_whole(transfer->part, &transfer->outcome.local) < 0)
        return -1;
    transfer->must_restart = response->status == 206;
    return transfer->must_restart ? -1 : 0;
}

/* libcurl gives no headers for a file: URL. */
static void describe_file(const struct transfer *transfer, struct response *response)
{
    const struct stat *file = &transfer->request.file;

    response->status = 206;
    response->first = transfer->start;
    response->total = file->st_size;
    snprintf(response->validator, sizeof response->validator, "%" PRId64 " bytes of %" PRId64 ".%09ld",
             (int64_t)file->st_size, (int64_t)file->st_mtim.tv_sec, file->st_mtim.tv_nsec);
}

int transfer_start_body(struct transfer *transfer)
{
    struct response response;
    struct error *error = &transfer->outcome.local;

    transfer->has_begun = true;
    response_read(&response, transfer->easy);
    if (part_is_partial(transfer->part) && transfer->request.may_be_file)
        describe_file(transfer, &response);
    if (check_length(transfer, response.total) < 0)
        return -1;
    switch (response_check(&response, part_size(transfer->part), transfer->start, part_validator(transfer->part),
                           part_total(transfer->part), error)) {
    case RESPONSE_CONTINUES:
        return 0;
    case RESPONSE_STARTS_ANEW:
        if (part_is_partial(transfer->part) && start_partial(transfer, &response) < 0)
            return -1;
        return part_restart(transfer->part, response.validator[0] ? response.validator : NULL, response.total, error);
    case RESPONSE_DIFFERS:
        transfer->must_restart = true;
        return -1;
    default:
        return -1;
    }
}

/* libcurl cannot pause a file: URL; space for all of it was there at the start. */
static bool must_pause(struct transfer *transfer, size_t size)
{
    double now = clock_seconds();

    if (transfer->request.may_be_file)
        return false;
    if (!space_is_short(transfer->all->space, size) && rate_take(&transfer->all->rate, size, now))
        return false;
    transfer->is_paused = true;
    transfer->paused_at = now;
    return true;
}

static int check_end(struct transfer *transfer, size_t size)
{
    return (int64_t)size <= transfer->end - part_offset(transfer->part)
               ? 0
               : error_set(&transfer->outcome.local, ERROR_SERVER, "the server sends more than the range");
}

size_t transfer_write(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)one; /* always 1 */
    if (!transfer->has_begun) {
        if (transfer_start_body(transfer) < 0)
            return CURL_WRITEFUNC_ERROR;
        if (!transfer->all->began(transfer->all->owner, transfer->item))
            return CURL_WRITEFUNC_ERROR;
    }
    if (check_time(transfer) < 0)
        return CURL_WRITEFUNC_ERROR;
    if (must_pause(transfer, size))
        return CURL_WRITEFUNC_PAUSE; /* curl delivers the same bytes again */
    if (check_length(transfer, part_offset(transfer->part) + (int64_t)size) < 0 || check_end(transfer, size) < 0)
        return CURL_WRITEFUNC_ERROR;
    if (part_append(transfer->part, data, size, &transfer->outcome.local) < 0)
        return CURL_WRITEFUNC_ERROR;
    console_received(transfer->all->space->console, (int64_t)size);
    return size;
}

/* libcurl keeps all headers, and does not limit trailers. */
size_t transfer_count_header(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)data;
    (void)one; /* always 1 */
    transfer->header_bytes += size;
    if (transfer->header_bytes <= HEADER_BYTES_MAX)
        return size;
    error_set(&transfer->outcome.local, ERROR_SERVER, "the server sends more than %d bytes of headers",
              HEADER_BYTES_MAX);
    return 0;
}
