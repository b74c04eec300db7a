#include "common/demo/frame_code.h"

#include <libavutil/crc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Column 0 is a dark bar and the last column alternates: the finder. The 8 columns between hold 4 bytes, a row each:
 * the number and its checksum, highest bit first. */
enum { LAST_COLUMN = FRAME_CODE_COLUMNS - 1, PAYLOAD_BYTES = FRAME_CODE_ROWS };

/* Luma in the limited range, and the smallest difference between light and dark after encoding. */
enum { LUMA_DARK = 32, LUMA_LIGHT = 224, CHROMA_NONE = 128, CONTRAST_MIN = 64 };

static void payload_of(int number, uint8_t payload[PAYLOAD_BYTES])
{
    payload[0] = (uint8_t)(number >> 8);
    payload[1] = (uint8_t)number;
    /* The start value is not 0, so that a picture without a pattern is not read as number 0. */
    uint32_t crc = av_crc(av_crc_get_table(AV_CRC_16_CCITT), 0x5a5a, payload, 2);
    payload[2] = (uint8_t)(crc >> 8);
    payload[3] = (uint8_t)crc;
}

/* column and row from -1 (the margin) on. */
static bool cell_is_light(const uint8_t payload[PAYLOAD_BYTES], int column, int row)
{
    if (column < 0 || row < 0 || column >= FRAME_CODE_COLUMNS || row >= FRAME_CODE_ROWS)
        return true;
    if (column == 0)
        return false;
    if (column == LAST_COLUMN)
        return row % 2 == 0;
    return payload[row] >> (8 - column) & 1;
}

static void fill(uint8_t *data, int stride, int x, int y, int width, int height, int value)
{
    for (int row = 0; row < height; row++)
        memset(data + (ptrdiff_t)(y + row) * stride + x, value, (size_t)width);
}

void frame_code_draw(AVFrame *picture, int x, int y, int number)
{
    uint8_t payload[PAYLOAD_BYTES];
    payload_of(number, payload);
    for (int row = -1; row <= FRAME_CODE_ROWS; row++) {
        for (int column = -1; column <= FRAME_CODE_COLUMNS; column++)
            fill(picture->data[0], picture->linesize[0], x + (column + 1) * FRAME_CODE_CELL,
                 y + (row + 1) * FRAME_CODE_CELL, FRAME_CODE_CELL, FRAME_CODE_CELL,
                 cell_is_light(payload, column, row) ? LUMA_LIGHT : LUMA_DARK);
    }
    for (int plane = 1; plane <= 2; plane++)
        fill(picture->data[plane], picture->linesize[plane], x / 2, y / 2, FRAME_CODE_WIDTH / 2, FRAME_CODE_HEIGHT / 2,
             CHROMA_NONE);
}

/* Mean luma in the middle of a cell, where encoding blurs least. */
static int cell_luma(const AVFrame *picture, int x, int y, int column, int row)
{
    int left = x + (column + 1) * FRAME_CODE_CELL + FRAME_CODE_CELL / 2 - 1;
    int top = y + (row + 1) * FRAME_CODE_CELL + FRAME_CODE_CELL / 2 - 1;
    const uint8_t *upper = picture->data[0] + (ptrdiff_t)top * picture->linesize[0] + left;
    const uint8_t *lower = upper + picture->linesize[0];
    return (upper[0] + upper[1] + lower[0] + lower[1]) / 4;
}

/* The luma between light and dark cells of a finder whose pattern begins at x, y; -1 when there is no finder. */
static int finder_threshold(const AVFrame *picture, int x, int y)
{
    int lightest_dark = 0, darkest_light = 255;
    for (int row = 0; row < FRAME_CODE_ROWS; row++) {
        int margin = cell_luma(picture, x, y, -1, row), bar = cell_luma(picture, x, y, 0, row);
        int end = cell_luma(picture, x, y, LAST_COLUMN, row);
        if (margin < darkest_light)
            darkest_light = margin;
        if (bar > lightest_dark)
            lightest_dark = bar;
        if (row % 2 == 0 && end < darkest_light)
            darkest_light = end;
        if (row % 2 == 1 && end > lightest_dark)
            lightest_dark = end;
        if (darkest_light - lightest_dark < CONTRAST_MIN)
            return -1;
    }
    return (darkest_light + lightest_dark) / 2;
}

static int read_at(const AVFrame *picture, int x, int y)
{
    int threshold = finder_threshold(picture, x, y);
    if (threshold < 0)
        return -1;
    uint8_t found[PAYLOAD_BYTES] = {0}, expected[PAYLOAD_BYTES];
    for (int row = 0; row < FRAME_CODE_ROWS; row++) {
        for (int column = 1; column < LAST_COLUMN; column++)
            found[row] = (uint8_t)(found[row] << 1 | (cell_luma(picture, x, y, column, row) > threshold));
    }
    int number = found[0] << 8 | found[1];
    payload_of(number, expected);
    return memcmp(found, expected, sizeof(found)) == 0 ? number : -1;
}

int frame_code_read(const AVFrame *picture, struct frame_code_place *place)
{
    int x_max = picture->width - FRAME_CODE_WIDTH, y_max = picture->height - FRAME_CODE_HEIGHT;
    if (place->x >= 0 && place->y >= 0 && place->x <= x_max && place->y <= y_max) {
        int number = read_at(picture, place->x, place->y);
        if (number >= 0)
            return number;
    }
    for (int y = 0; y <= y_max; y++) {
        for (int x = 0; x <= x_max; x++) {
            int number = read_at(picture, x, y);
            if (number >= 0) {
                *place = (struct frame_code_place){x, y};
                return number;
            }
        }
    }
    return -1;
}
