/* Finds the NAL units of an H.264 or H.265 packet without decoding. Pure functions. */
#ifndef COMMON_AV_NAL_H
#define COMMON_AV_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* nal_unit_type of H.264 (5 bits), ITU-T H.264 table 7-1. */
enum { H264_SLICE = 1, H264_IDR = 5, H264_SEI = 6, H264_SPS = 7, H264_PPS = 8, H264_FILLER = 12 };

/* nal_unit_type of H.265 (6 bits), ITU-T H.265 table 7-1. */
enum {
    HEVC_RASL_R = 9,
    HEVC_IDR_W_RADL = 19,
    HEVC_IDR_N_LP = 20,
    HEVC_CRA = 21,
    HEVC_VPS = 32,
    HEVC_SPS = 33,
    HEVC_PPS = 34,
    HEVC_AUD = 35,
    HEVC_FILLER = 38,
    HEVC_SEI_SUFFIX = 40
};

/* One unit: header and payload, with emulation prevention bytes, without the zeros that may follow it. */
struct nal {
    const uint8_t *data; /* the caller's buffer */
    size_t size;         /* at least 1 */
};

/* A walk over the units of a buffer. */
struct nal_walk {
    const uint8_t *next, *end;
    int length_size; /* bytes of the length before each unit, 1 to 4; 0: start codes separate them */
};

enum nal_result { NAL_UNIT, NAL_END, NAL_BROKEN };

/* Finds the next unit. NAL_BROKEN: the rest of the buffer does not consist of whole units. Where units have lengths,
 * nothing behind the length is read, so the buffer may hold less than `end` says. */
enum nal_result nal_next(struct nal_walk *walk, struct nal *nal);

static inline int nal_h264_type(const struct nal *nal)
{
    return nal->data[0] & 31;
}

static inline int nal_hevc_type(const struct nal *nal)
{
    return nal->data[0] >> 1 & 63;
}

/* The length_size for a walk over the stream's packets, from its extradata: avcC or hvcC (ISO/IEC 14496-15), or units
 * with start codes. -1 when it is none of them. */
int nal_length_size(bool is_hevc, const uint8_t *extradata, size_t size);

/* Whether accept returns true for every unit that the extradata of an H.265 stream holds: parameter sets, SEI. False
 * also where the extradata cannot be read to its end. */
bool nal_hevc_extradata_all(const uint8_t *extradata, size_t size, bool (*accept)(const struct nal *nal));

#endif
