#include "common/text.h"

#include <libavutil/avstring.h>
#include <stdint.h>
#include <string.h>

static bool is_control(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;

    return (length == 1 && (byte[0] < 0x20 || byte[0] == 0x7F)) ||
           (length == 2 && byte[0] == 0xC2 && byte[1] < 0xA0); /* C1: U+0080..U+009F */
}

size_t text_character(const char *text)
{
    const uint8_t *byte = (const uint8_t *)text, *next = byte, *end = byte + strnlen(text, 4);
    int32_t code;

    if (!*text)
        return 1;
    return av_utf8_decode(&code, &next, end, AV_UTF8_FLAG_ACCEPT_NON_CHARACTERS) < 0 ? 0 : (size_t)(next - byte);
}

bool text_is_utf8(const char *text)
{
    size_t length;

    for (; *text; text += length) {
        length = text_character(text);
        if (!length)
            return false;
    }
    return true;
}

/* Whether text is the beginning of a character that was cut off. */
static bool is_cut_off(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t left = strlen(text);

    if (left > 3 || byte[0] < 0xC2)
        return false;
    for (size_t i = 1; i < left; i++)
        if ((byte[i] & 0xC0) != 0x80)
            return false;
    return true;
}

bool text_is_one_line(const char *text)
{
    for (; *text; text++)
        if (is_control(text, 1))
            return false;
    return true;
}

void text_make_plain(char *text)
{
    char *out = text;

    while (*text) {
        size_t length = text_character(text);

        if (length && !is_control(text, length)) {
            memmove(out, text, length);
            out += length;
        } else if (!length && is_cut_off(text)) {
            break;
        } else {
            *out++ = '?';
        }
        text += length ? length : 1;
    }
    *out = '\0';
}
