#include "common/av/bitstream.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/nal.h"

/* Counts over the units of a packet. */
struct tally {
    int pictures; /* slices that begin a picture */
    int slices, random_access_slices, referenced_slices;
};

/* A bit reader, highest bit of each byte first. Reads zeros behind the end. */
struct bits {
    const uint8_t *data;
    size_t size; /* bytes */
    size_t at;   /* bits */
};

static unsigned read_bit(struct bits *bits)
{
    size_t byte = bits->at / 8;
    unsigned bit = byte < bits->size ? bits->data[byte] >> (7 - bits->at % 8) & 1 : 0;

    bits->at++;
    return bit;
}

static unsigned read_bits(struct bits *bits, int count)
{
    unsigned value = 0;

    while (count--)
        value = value << 1 | read_bit(bits);
    return value;
}

/* Skips a number in Exp-Golomb code. */
static void skip_golomb(struct bits *bits)
{
    int zeros = 0;

    while (zeros < 32 && !read_bit(bits))
        zeros++;
    bits->at += (size_t)zeros;
}

/* Whether the extradata holds the same parameter set, so that it changes nothing. */
static bool is_known(const struct nal_stream *nals, const struct nal *nal)
{
    return memmem(nals->extradata, nals->extradata_size, nal->data, nal->size) != NULL;
}

static bool take_h264(const struct nal_stream *nals, const struct nal *nal, struct tally *tally)
{
    int type = nal_h264_type(nal);

    if (nal->data[0] & 0x80)
        return false;
    if (type == H264_SPS || type == H264_PPS)
        return is_known(nals, nal);
    if (type != H264_SLICE && type != H264_IDR)
        return type >= H264_SEI && type <= H264_FILLER;
    /* first_mb_in_slice, in Exp-Golomb code, is 0. */
    tally->pictures += nal->size > 1 && nal->data[1] & 0x80;
    tally->slices++;
    tally->random_access_slices += type == H264_IDR;
    tally->referenced_slices += nal->data[0] >> 5 != 0; /* nal_ref_idc */
    return tally->pictures == 1;
}

/* False for a PPS of H.265 with output_flag_present_flag: slices then say whether their picture is shown. */
static bool shows_all(const struct nal *nal)
{
    struct bits bits = {nal->data + 2, nal->size > 2 ? nal->size - 2 : 0, 0};

    if (nal_hevc_type(nal) != HEVC_PPS)
        return true;
    skip_golomb(&bits); /* pps_pic_parameter_set_id */
    skip_golomb(&bits); /* pps_seq_parameter_set_id */
    read_bit(&bits);    /* dependent_slice_segments_enabled_flag */
    return !read_bit(&bits);
}

static bool take_hevc(const struct nal_stream *nals, const struct nal *nal, struct tally *tally)
{
    int type, layer;
    bool is_idr;

    if (nal->size < 3 || nal->data[0] & 0x80)
        return false;
    type = nal_hevc_type(nal);
    layer = (nal->data[0] & 1) << 5 | nal->data[1] >> 3;
    if (layer)
        return false;
    if (type >= HEVC_VPS && type <= HEVC_PPS)
        return is_known(nals, nal) && shows_all(nal);
    is_idr = type == HEVC_IDR_W_RADL || type == HEVC_IDR_N_LP;
    if (type > HEVC_RASL_R && !is_idr && type != HEVC_CRA)
        return type == HEVC_AUD || (type >= HEVC_FILLER && type <= HEVC_SEI_SUFFIX);
    if (is_idr && nal->data[2] & 0x40) /* no_output_of_prior_pics_flag */
        return false;
    tally->pictures += nal->data[2] >> 7; /* first_slice_segment_in_pic_flag */
    tally->slices++;
    tally->random_access_slices += is_idr;
    tally->referenced_slices++; /* that depends on temporal layers, which are not looked at */
    return tally->pictures == 1;
}

int bitstream_nal_init(struct nal_stream *nals, bool is_hevc, const uint8_t *extradata, size_t size)
{
    *nals = (struct nal_stream){extradata, size, nal_length_size(is_hevc, extradata, size), is_hevc};
    return nals->length_size >= 0 && (!is_hevc || nal_hevc_extradata_all(extradata, size, shows_all)) ? 0 : -1;
}

void bitstream_nal_kind(const struct nal_stream *nals, const uint8_t *data, size_t size, struct packet_kind *kind)
{
    struct nal_walk walk = {data, data + size, nals->length_size};
    struct tally tally = {0};
    enum nal_result result;
    struct nal nal;

    *kind = (struct packet_kind){0};
    while ((result = nal_next(&walk, &nal)) == NAL_UNIT)
        if (!(nals->is_hevc ? take_hevc : take_h264)(nals, &nal, &tally))
            return;
    kind->is_one_picture = result == NAL_END && tally.pictures == 1;
    kind->is_random_access = kind->is_one_picture && tally.random_access_slices == tally.slices;
    kind->is_droppable = kind->is_one_picture && !tally.referenced_slices;
}

/* Reads the head of a VP9 frame (uncompressed_header of the VP9 specification). False when it is not one. */
static bool read_vp9_frame(const uint8_t *data, size_t size, bool *is_shown, bool *is_key)
{
    struct bits bits = {data, size, 0};
    unsigned profile;

    if (!size || read_bits(&bits, 2) != 2)
        return false;
    profile = read_bit(&bits);
    profile |= read_bit(&bits) << 1;
    if (profile == 3 && read_bit(&bits))
        return false;
    *is_key = false;
    *is_shown = read_bit(&bits); /* show_existing_frame */
    if (!*is_shown) {
        *is_key = !read_bit(&bits); /* frame_type */
        *is_shown = read_bit(&bits);
    }
    return true;
}

/* Reads the sizes of the frames of a superframe, a packet that ends in an index of its frames (VP9 specification, annex
 * B). Their number; 0 when there is no index; -1 when it is not valid. */
static int read_vp9_index(const uint8_t *data, size_t size, size_t *sizes)
{
    int marker = size ? data[size - 1] : 0, count = (marker & 7) + 1, bytes = (marker >> 3 & 3) + 1;
    size_t index_size = 2 + (size_t)bytes * (size_t)count, sum = 0;
    const uint8_t *at;

    if ((marker & 0xe0) != 0xc0 || size < index_size || data[size - index_size] != marker)
        return 0;
    at = data + size - index_size + 1;
    for (int i = 0; i < count; i++) {
        sizes[i] = 0;
        for (int byte = 0; byte < bytes; byte++)
            sizes[i] |= (size_t)*at++ << 8 * byte;
        sum += sizes[i];
    }
    return sum + index_size == size ? count : -1;
}

void bitstream_vp9_kind(const uint8_t *data, size_t size, struct packet_kind *kind)
{
    size_t sizes[8] = {size}, at = 0;
    int count = read_vp9_index(data, size, sizes), shown = 0;

    *kind = (struct packet_kind){0};
    if (count < 0)
        return;
    for (int i = 0; i < (count ? count : 1); i++) {
        bool is_shown, is_key;

        if (!read_vp9_frame(data + at, sizes[i], &is_shown, &is_key))
            return;
        shown += is_shown;
        kind->is_random_access |= !i && is_key && is_shown;
        at += sizes[i];
    }
    kind->is_one_picture = shown == 1;
    kind->is_random_access &= kind->is_one_picture;
}

struct bitstream {
    const AVCodecParameters *parameters;
    bool is_known;
    /* H.264 and H.265: */
    struct nal_stream nals;
    AVCodecParserContext *parser; /* tells the order of pictures and whether they are fields */
    AVCodecContext *codec;        /* for the parser; never opened */
};

struct bitstream *bitstream_alloc(const AVCodecParameters *parameters)
{
    struct bitstream *bitstream = calloc(1, sizeof *bitstream);
    bool is_hevc = parameters->codec_id == AV_CODEC_ID_HEVC;

    if (!bitstream)
        return NULL;
    bitstream->parameters = parameters;
    bitstream->is_known = parameters->codec_id == AV_CODEC_ID_VP9;
    if (!is_hevc && parameters->codec_id != AV_CODEC_ID_H264)
        return bitstream;
    bitstream->codec = avcodec_alloc_context3(NULL);
    if (!bitstream->codec || avcodec_parameters_to_context(bitstream->codec, parameters) < 0) {
        bitstream_free(&bitstream);
        return NULL;
    }
    bitstream->parser = av_parser_init(parameters->codec_id);
    if (!bitstream->parser)
        return bitstream;
    bitstream->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    bitstream->is_known =
        !bitstream_nal_init(&bitstream->nals, is_hevc, parameters->extradata, (size_t)parameters->extradata_size);
    return bitstream;
}

void bitstream_free(struct bitstream **bitstream)
{
    if (!*bitstream)
        return;
    if ((*bitstream)->parser)
        av_parser_close((*bitstream)->parser);
    avcodec_free_context(&(*bitstream)->codec);
    free(*bitstream);
    *bitstream = NULL;
}

bool bitstream_is_known(const struct bitstream *bitstream)
{
    return bitstream->is_known;
}

/* Sets order. False when the parser does not find exactly one frame of the stream's size. */
static bool parse(struct bitstream *bitstream, const AVPacket *packet, int *order)
{
    AVCodecParserContext *parser = bitstream->parser;
    uint8_t *data = NULL;
    int size = 0;

    parser->picture_structure = AV_PICTURE_STRUCTURE_UNKNOWN;
    parser->width = 0;
    av_parser_parse2(parser, bitstream->codec, &data, &size, packet->data, packet->size, packet->pts, packet->dts, 0);
    *order = parser->output_picture_number;
    if (parser->width != bitstream->parameters->width || parser->height != bitstream->parameters->height)
        return false;
    return bitstream->parameters->codec_id != AV_CODEC_ID_H264 ||
           parser->picture_structure == AV_PICTURE_STRUCTURE_FRAME;
}

struct packet_kind bitstream_kind(struct bitstream *bitstream, const AVPacket *packet)
{
    struct packet_kind kind = {0};

    if (!bitstream->is_known || packet->size <= 0 || packet->flags & (AV_PKT_FLAG_CORRUPT | AV_PKT_FLAG_DISCARD) ||
        av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL) ||
        av_packet_get_side_data(packet, AV_PKT_DATA_PARAM_CHANGE, NULL))
        return kind;
    if (bitstream->parameters->codec_id == AV_CODEC_ID_VP9) {
        bitstream_vp9_kind(packet->data, (size_t)packet->size, &kind);
    } else {
        bitstream_nal_kind(&bitstream->nals, packet->data, (size_t)packet->size, &kind);
        kind.is_one_picture = kind.is_one_picture && parse(bitstream, packet, &kind.order);
    }
    return kind;
}
