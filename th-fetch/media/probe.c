#include "th-fetch/media/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libavformat/avformat.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/av/media_whole.h"
#include "common/output/write_all.h"
#include "th-fetch/media/join.h"

enum { BUFFER_BYTES = 256 * 1024, SHA256_BYTES = 32 };

/* Copies what `from` holds to `to`: by the kernel, or where it cannot (between some file systems), by hand. */
static int copy_bytes(int from, int to, struct job *job, struct error *error)
{
    ssize_t got;
    char buffer[65536];

    while ((got = copy_file_range(from, NULL, to, NULL, 64 << 20, 0)) > 0)
        job_alive(job);
    if (got < 0 && errno == ENOSPC)
        return error_set_errno(error, errno, "cannot copy the resolver's file");
    while ((got = read(from, buffer, sizeof buffer)) > 0) {
        if (write_all(to, buffer, (size_t)got))
            return error_set_errno(error, errno, "cannot copy the resolver's file");
        job_alive(job);
    }
    return got < 0 ? error_set_errno(error, errno, "cannot read the resolver's file") : 0;
}

/* Moves `from` over the border of a file system. */
static int move_file(const struct probe_request *request, struct job *job, struct error *error)
{
    int result = -1;
    int from = open(request->from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int to = open(request->path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

    if (from < 0 || to < 0)
        error_set_errno(error, errno, "cannot copy '%.200s'", request->from);
    else
        result = copy_bytes(from, to, job, error);
    if (result == 0)
        unlink(request->from);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return result;
}

/* Hashes what the file holds. */
static int hash_file(int fd, struct job *job, char sha256[65], struct error *error)
{
    int result = -1;
    unsigned char digest[SHA256_BYTES];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char *buffer = malloc(BUFFER_BYTES);
    ssize_t got;

    if (!context || !buffer || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        error_set(error, ERROR_IO, "cannot set up a hash");
        goto end;
    }
    while ((got = read(fd, buffer, BUFFER_BYTES)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || EVP_DigestUpdate(context, buffer, (size_t)got) != 1) {
            error_set_errno(error, got < 0 ? errno : EIO, "cannot read the file again");
            goto end;
        }
        job_alive(job);
    }
    if (EVP_DigestFinal_ex(context, digest, NULL) != 1) {
        error_set(error, ERROR_IO, "cannot end a hash");
        goto end;
    }
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", digest[i]);
    result = 0;
end:
    free(buffer);
    EVP_MD_CTX_free(context);
    return result;
}

/* Takes every packet out of the file. */
static int read_packets(AVFormatContext *format, int video, struct job *job, struct error *error)
{
    int result = -1, got;
    int64_t count = 0;
    AVPacket *packet = av_packet_alloc();

    if (!packet)
        return error_set(error, ERROR_IO, "out of memory");
    while ((got = av_read_frame(format, packet)) >= 0) {
        bool is_whole = !(packet->flags & AV_PKT_FLAG_CORRUPT);
        count += packet->stream_index == video;
        av_packet_unref(packet);
        if (!is_whole) {
            error_set(error, ERROR_BAD_MEDIA, "the file is damaged or cut off after %" PRId64 " pictures", count);
            goto end;
        }
        job_alive(job);
    }
    if (got != AVERROR_EOF) {
        media_error(error, ERROR_BAD_MEDIA, got, "the file is damaged after %" PRId64 " pictures", count);
        goto end;
    }
    result = count > 0 ? 0 : error_set(error, ERROR_BAD_MEDIA, "the file's video stream is empty");
end:
    av_packet_free(&packet);
    return result;
}

static int look_inside(const char *path, bool is_thorough, struct job *job, struct probe_result *result)
{
    AVFormatContext *format = NULL;
    struct media_facts facts;
    struct error *error = &result->error;
    int video, status = -1;

    if (media_open(&format, path, error) < 0)
        goto end;
    video = media_video_stream(format, error);
    if (video < 0 || media_whole_check_index(format, result->bytes, error) < 0)
        goto end;
    media_facts(format, video, &facts);
    result->width = facts.width;
    result->height = facts.height;
    result->fps = facts.fps.num > 0 ? av_q2d(facts.fps) : 0;
    if (is_thorough && read_packets(format, video, job, error) < 0)
        goto end;
    status = 0;
end:
    media_close(&format);
    return status;
}

/* Makes video and sound one file, after a look at each whether its index goes beyond its end. */
static int join(const struct probe_request *request, struct job *job, struct error *error)
{
    const char *const paths[] = {request->path, request->audio};

    for (size_t i = 0; i < 2; i++) {
        AVFormatContext *format = NULL;
        struct stat facts;
        int result = -1;

        if (stat(paths[i], &facts) < 0)
            error_set_errno(error, errno, "cannot look at '%.200s'", paths[i]);
        else if (media_open(&format, paths[i], error) == 0)
            result = media_whole_check_index(format, facts.st_size, error);
        media_close(&format);
        if (result < 0) {
            error->word = error->word == ERROR_UNREADABLE ? ERROR_BAD_MEDIA : error->word;
            return -1;
        }
    }
    return join_audio(request->path, request->audio, request->joined, job, error);
}

static void probe(const struct probe_request *request, struct job *job, struct probe_result *result)
{
    const char *path = request->audio ? output_file_temporary(request->joined) : request->path;
    struct error *error = &result->error;
    struct stat facts;
    int fd = -1;

    if (request->from && move_file(request, job, error) < 0)
        return;
    if (request->audio && join(request, job, error) < 0)
        return;
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) < 0) {
        error_set_errno(error, errno, "cannot open '%.200s'", path);
        goto end;
    }
    if (!S_ISREG(facts.st_mode)) {
        error_set(error, ERROR_IO, "'%.200s' is not a regular file", path);
        goto end;
    }
    result->bytes = facts.st_size;
    if (request->is_thorough && fsync(fd) < 0) {
        error_set_errno(error, errno, "cannot sync the file");
        goto end;
    }
    if (request->is_thorough && !request->has_no_hash && hash_file(fd, job, result->sha256, error) < 0)
        goto end;
    if (media_whole_check_boxes(fd, facts.st_size, error) == 0)
        look_inside(path, request->is_thorough, job, result);
    if (error->word == ERROR_UNREADABLE || error->word == ERROR_NO_VIDEO)
        error->word = ERROR_BAD_MEDIA;
end:
    if (fd >= 0)
        close(fd);
}

int probe_run(const struct probe_request *request, struct job *job)
{
    struct probe_result result = {0};

    probe(request, job, &result);
    return job_report(job, json_pack("{s:s, s:s, s:I, s:s, s:i, s:i, s:f}", "error", error_word_name(result.error.word),
                                     "message", result.error.message, "bytes", (json_int_t)result.bytes, "sha256",
                                     result.sha256, "width", result.width, "height", result.height, "fps", result.fps));
}

json_t *probe_order(const struct probe_request *request)
{
    return request->from || request->audio ? NULL
                                           : json_pack("{s:s, s:b, s:b}", "path", request->path, "thorough",
                                                       (int)request->is_thorough, "no_hash", (int)request->has_no_hash);
}

int probe_serve(struct job *job, const json_t *order)
{
    const struct probe_request request = {.path = json_string_value(json_object_get(order, "path")),
                                          .is_thorough = json_is_true(json_object_get(order, "thorough")),
                                          .has_no_hash = json_is_true(json_object_get(order, "no_hash"))};

    return request.path ? probe_run(&request, job) : -1;
}

void probe_read_report(const json_t *report, const struct error *fault, struct probe_result *result)
{
    const char *sha256 = json_string_value(json_object_get(report, "sha256"));
    const char *message = json_string_value(json_object_get(report, "message"));
    enum error_word word = error_word_from_name(json_string_value(json_object_get(report, "error")));

    *result = (struct probe_result){
        .bytes = json_integer_value(json_object_get(report, "bytes")),
        .width = (int)json_integer_value(json_object_get(report, "width")),
        .height = (int)json_integer_value(json_object_get(report, "height")),
        .fps = json_number_value(json_object_get(report, "fps")),
    };
    if (fault)
        result->error = *fault;
    else if (!report)
        error_set(&result->error, ERROR_CRASHED, "the child process ended without a report");
    else if (word != ERROR_NONE)
        error_set(&result->error, word, "%s", message ? message : "");
    snprintf(result->sha256, sizeof result->sha256, "%s", sha256 ? sha256 : "");
}
