#include "th-crop/decode/packet_kind.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>
#include <string.h>

#include "th-crop/decode/bitstream.h"

struct packet_judge {
    const AVCodecParameters *parameters;
    struct units units; /* H.264, H.265 */
    AVCodecParserContext *parser;
    AVCodecContext *codec;    /* the parser's; never opened */
    enum AVFieldOrder fields; /* of the first picture */
    bool has_parsed;
    bool can;
};

/* The library's parser tells the order of pictures and whether they are fields. */
static int open_parser(struct packet_judge *judge)
{
    judge->codec = avcodec_alloc_context3(NULL);
    if (!judge->codec || avcodec_parameters_to_context(judge->codec, judge->parameters) < 0)
        return -1;
    judge->parser = av_parser_init(judge->parameters->codec_id);
    if (judge->parser)
        judge->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    return 0;
}

struct packet_judge *packet_judge_alloc(const AVCodecParameters *parameters)
{
    struct packet_judge *judge = calloc(1, sizeof *judge);

    if (!judge)
        return NULL;
    judge->parameters = parameters;
    switch (parameters->codec_id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
        if (open_parser(judge)) {
            packet_judge_free(&judge);
            return NULL;
        }
        judge->can = judge->parser && !units_init(&judge->units, parameters->codec_id == AV_CODEC_ID_HEVC,
                                                  parameters->extradata, (size_t)parameters->extradata_size);
        break;
    case AV_CODEC_ID_VP9:
        judge->can = true;
        break;
    default:
        break;
    }
    return judge;
}

void packet_judge_free(struct packet_judge **judge)
{
    if (!*judge)
        return;
    if ((*judge)->parser)
        av_parser_close((*judge)->parser);
    avcodec_free_context(&(*judge)->codec);
    free(*judge);
    *judge = NULL;
}

bool packet_judge_can(const struct packet_judge *judge)
{
    return judge->can;
}

/* Asks the parser. False when it finds no whole picture. */
static bool parse(struct packet_judge *judge, const AVPacket *packet, int *order)
{
    AVCodecParserContext *parser = judge->parser;
    uint8_t *data = NULL;
    int size = 0;

    parser->picture_structure = AV_PICTURE_STRUCTURE_UNKNOWN;
    parser->width = 0;
    av_parser_parse2(parser, judge->codec, &data, &size, packet->data, packet->size, packet->pts, packet->dts, 0);
    *order = parser->output_picture_number;
    if (parser->width != judge->parameters->width || parser->height != judge->parameters->height)
        return false;
    return judge->parameters->codec_id != AV_CODEC_ID_H264 || parser->picture_structure == AV_PICTURE_STRUCTURE_FRAME;
}

struct packet_kind packet_judge(struct packet_judge *judge, const AVPacket *packet)
{
    struct packet_kind kind = {0};

    if (!judge->can || packet->size <= 0 || packet->flags & (AV_PKT_FLAG_CORRUPT | AV_PKT_FLAG_DISCARD) ||
        av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL) ||
        av_packet_get_side_data(packet, AV_PKT_DATA_PARAM_CHANGE, NULL))
        return kind;
    if (judge->parameters->codec_id == AV_CODEC_ID_VP9) {
        vp9_packet_kind(packet->data, (size_t)packet->size, &kind);
    } else {
        units_packet_kind(&judge->units, packet->data, (size_t)packet->size, &kind);
        kind.is_sound = kind.is_sound && parse(judge, packet, &kind.order);
    }
    return kind;
}
