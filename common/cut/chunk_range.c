#include "common/cut/chunk_range.h"

#include <inttypes.h>
#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stage/record.h"

static const double SECONDS_MAX = 86400;

/* The time at which the muxer places a packet, in microseconds: pts plus the shift. */
static int64_t muxer_time(const struct cutter *cutter, int64_t pts)
{
    AVRational time_base = cutter->output->streams[cutter->map[cutter->video]]->time_base;
    int64_t shift = cutter_shift_ticks(&cutter->shift, time_base);

    return av_rescale_q_rnd(av_sat_add64(pts, shift), time_base, AV_TIME_BASE_Q, AV_ROUND_DOWN);
}

/* What a seek to the chunk needs, when all of it is known. */
static void add_seek_data(struct chunk_range *range, const struct cutter *cutter, const struct gop *chunk)
{
    int64_t pts = 0, frames;

    if (range->number < cutter->gops.cut_count)
        pts = gop_list_chunk(&cutter->gops, range->number + 1, &frames).pts;
    range->has_sum =
        !cutter->gops.is_unsure && (!range->number || chunk->pts != AV_NOPTS_VALUE) && pts != AV_NOPTS_VALUE;
    if (!range->has_sum)
        return;
    range->sum = chunk->sum;
    range->key_dts = chunk->source_dts;
    if (range->number)
        range->from = muxer_time(cutter, chunk->pts);
    if (range->number < cutter->gops.cut_count)
        range->to = muxer_time(cutter, pts);
}

bool chunk_range_make(struct chunk_range *range, const struct cutter *cutter, double seconds, size_t number)
{
    int64_t frames;
    struct gop chunk = gop_list_chunk(&cutter->gops, number, &frames);

    *range = (struct chunk_range){.source = cutter->stamp,
                                  .seconds = seconds,
                                  .number = number,
                                  .frames = frames,
                                  .key_dts = AV_NOPTS_VALUE,
                                  .to = INT64_MAX};
    add_seek_data(range, cutter, &chunk);
    return frames > 0;
}

static void add_seek_members(json_t **json, const struct chunk_range *range)
{
    char sum[17];

    snprintf(sum, sizeof sum, "%016" PRIx64, range->sum);
    record_add(json, json_pack("{s:s, s:I}", "sum", sum, "from", (json_int_t)range->from));
    if (range->to != INT64_MAX)
        record_add(json, json_pack("{s:I}", "to", (json_int_t)range->to));
    if (range->key_dts != AV_NOPTS_VALUE)
        record_add(json, json_pack("{s:I}", "key_dts", (json_int_t)range->key_dts));
}

json_t *chunk_range_to_json(const struct chunk_range *range)
{
    json_t *json = json_pack("{s:I, s:I, s:f, s:I, s:I}", "size", (json_int_t)range->source.size, "mtime",
                             (json_int_t)range->source.mtime, "seconds", range->seconds, "chunk",
                             (json_int_t)range->number, "frames", (json_int_t)range->frames);

    if (range->has_sum)
        add_seek_members(&json, range);
    return json;
}

static bool read_sum(uint64_t *sum, const char *text)
{
    char *end;

    *sum = strtoull(text, &end, 16);
    return end == text + 16 && !*end;
}

static bool makes_sense(const struct chunk_range *range)
{
    return range->source.size >= 0 && isfinite(range->seconds) && range->seconds > 0 && range->seconds <= SECONDS_MAX &&
           range->frames > 0 && range->from >= 0 && range->to > range->from;
}

int chunk_range_from_json(struct chunk_range *range, const json_t *json, struct error *error)
{
    json_int_t size, mtime, number, frames, from = 0, to = INT64_MAX, key_dts = AV_NOPTS_VALUE;
    const char *sum = NULL;

    if (json_unpack((json_t *)json, "{s:I, s:I, s:F, s:I, s:I, s?s, s?I, s?I, s?I}", "size", &size, "mtime", &mtime,
                    "seconds", &range->seconds, "chunk", &number, "frames", &frames, "sum", &sum, "from", &from, "to",
                    &to, "key_dts", &key_dts))
        return error_set(error, ERROR_IO, "a member of \"range\" is missing or of the wrong kind");
    range->has_sum = sum;
    range->sum = 0;
    range->source = (struct file_stamp){.size = size, .mtime = mtime};
    range->number = (size_t)number;
    range->frames = frames;
    range->from = from;
    range->to = to;
    range->key_dts = key_dts;
    if (number < 0 || number > INT32_MAX || (sum && !read_sum(&range->sum, sum)) || !makes_sense(range))
        return error_set(error, ERROR_IO, "\"range\" holds a number that makes no sense");
    return 0;
}

static const char ADDRESS_HEAD[] = "range:";

char *chunk_range_address(const char *source, const struct chunk_range *range)
{
    json_t *json;
    char *text, *address = NULL;

    if (!range)
        return strdup(source);
    json = chunk_range_to_json(range);
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (text && asprintf(&address, "%s%s:%s", ADDRESS_HEAD, text, source) < 0)
        address = NULL;
    free(text);
    return address;
}

/* The beginning of the range's JSON in address, and *end at its last character. NULL when there is none. */
static const char *find_range(const char *address, const char **end)
{
    if (strncmp(address, ADDRESS_HEAD, strlen(ADDRESS_HEAD)) != 0)
        return NULL;
    address += strlen(ADDRESS_HEAD);
    *end = strstr(address, "}:");
    return *end ? address : NULL;
}

const char *chunk_range_path(const char *address)
{
    const char *end;

    return find_range(address, &end) ? end + 2 : address;
}

int chunk_range_from_address(const char *address, struct chunk_range *range, struct error *error)
{
    const char *end, *text = find_range(address, &end);
    json_t *json;
    int status;

    if (!text)
        return 0;
    json = json_loadb(text, (size_t)(end + 1 - text), JSON_REJECT_DUPLICATES, NULL);
    status = chunk_range_from_json(range, json, error);
    json_decref(json);
    return status ? -1 : 1;
}
