#include "th-fetch/media/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libavformat/avformat.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/av/media_whole.h"

enum { BUFFER_BYTES = 256 * 1024, SHA256_BYTES = 32 };

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

/* Reads every packet of the file. */
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

static int check_streams(const struct probe_request *request, struct job *job, struct probe_result *result)
{
    AVFormatContext *format = NULL;
    struct media_facts facts;
    struct error *error = &result->error;
    int video, status = -1;

    if (media_open(&format, request->path, error) < 0)
        goto end;
    video = media_video_stream(format, error);
    if (video < 0 || media_whole_check_index(format, result->bytes, error) < 0)
        goto end;
    media_facts(format, video, &facts);
    result->width = facts.width;
    result->height = facts.height;
    result->fps = facts.fps.num > 0 ? av_q2d(facts.fps) : 0;
    result->has_sound = av_find_best_stream(format, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0) >= 0;
    if (request->is_thorough && read_packets(format, video, job, error) < 0)
        goto end;
    status = 0;
end:
    avformat_close_input(&format);
    return status;
}

void probe_file(const struct probe_request *request, struct job *job, struct probe_result *result)
{
    struct error *error = &result->error;
    struct stat facts;
    /* A download is never a link. A file that was there before may be one. */
    int follow = request->is_thorough ? O_NOFOLLOW : 0;
    int fd = open(request->path, O_RDONLY | follow | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &facts) < 0) {
        error_set_errno(error, errno, "cannot open '%.200s'", request->path);
        goto end;
    }
    if (!S_ISREG(facts.st_mode)) {
        error_set(error, ERROR_IO, "'%.200s' is not a regular file", request->path);
        goto end;
    }
    result->bytes = facts.st_size;
    if (request->is_thorough && fsync(fd) < 0) {
        error_set_errno(error, errno, "cannot sync the file");
        goto end;
    }
    if (request->is_hashed && hash_file(fd, job, result->sha256, error) < 0)
        goto end;
    if (media_whole_check_boxes(fd, facts.st_size, error) == 0)
        check_streams(request, job, result);
    if (error->word == ERROR_UNREADABLE || error->word == ERROR_NO_VIDEO)
        error->word = ERROR_BAD_MEDIA;
end:
    if (fd >= 0)
        close(fd);
}
