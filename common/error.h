/* Error words: the manifest's reasons why an item failed or was skipped.
 *
 * ERROR_WORDS is their only table. Tests compare common/th-manifest.5 with it. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stdbool.h>

/* X(identifier, word, class, sentence) */
#define ERROR_WORDS(X)                                                                                                 \
    X(GONE, "gone", PERMANENT, "the video has been removed or made private")                                           \
    X(LOGIN_REQUIRED, "login_required", PERMANENT, "the video is shown only to those who are logged in")               \
    X(RELICENSED, "relicensed", PERMANENT, "the video's page no longer gives a Creative Commons licence")              \
    X(NO_FORMAT, "no_format", PERMANENT, "the source offers no video format that can be used")                         \
    X(FORBIDDEN, "forbidden", PERMANENT, "the source refuses to give the video")                                       \
    X(NO_VIDEO, "no_video", PERMANENT, "the file holds no video stream")                                               \
    X(UNREADABLE, "unreadable", PERMANENT, "the file cannot be read as video")                                         \
    X(NO_SUCH_CHUNK, "no_such_chunk", PERMANENT, "the video has no chunk of this name")                                \
    X(OUT_OF_RANGE, "out_of_range", PERMANENT, "the chunk ends before the tube's last frame")                          \
    X(OUTSIDE_PICTURE, "outside_picture", PERMANENT, "the box is not inside the picture")                              \
    X(ASPECT_MISMATCH, "aspect_mismatch", PERMANENT, "the picture's shape is not the listed one")                      \
    X(EMPTY_BOX, "empty_box", PERMANENT, "the box holds no pixel")                                                     \
    X(BAD_TUBE, "bad_tube", PERMANENT, "the tube row makes no sense")                                                  \
    X(BAD_ID, "bad_id", PERMANENT, "the name cannot be used as a file name")                                           \
    X(NETWORK, "network", TRANSIENT, "the connection failed")                                                          \
    X(TIMEOUT, "timeout", TRANSIENT, "the other side did not answer in time")                                          \
    X(RATE_LIMITED, "rate_limited", TRANSIENT, "the source asks for fewer requests")                                   \
    X(SERVER, "server", TRANSIENT, "the server reported a fault of its own")                                           \
    X(RESOLVER, "resolver", TRANSIENT, "the resolver gave no usable answer")                                           \
    X(BAD_MEDIA, "bad_media", TRANSIENT, "what arrived is not a whole video file")                                     \
    X(LICENSE_UNKNOWN, "license_unknown", TRANSIENT, "the video's page does not state its licence")                    \
    X(LOW_QUALITY, "low_quality", TRANSIENT, "the source offers only a picture that is too low")                       \
    X(DISK_FULL, "disk_full", TRANSIENT, "no space is left on the disk")                                               \
    X(CRASHED, "crashed", TRANSIENT, "the working process died")                                                       \
    X(STALLED, "stalled", TRANSIENT, "the working process made no progress")                                           \
    X(IO, "io", TRANSIENT, "reading or writing failed")                                                                \
    X(NOT_SELECTED, "not_selected", PERMANENT, "the options leave it out")                                             \
    X(DRY_RUN, "dry_run", TRANSIENT, "nothing is done in a dry run")                                                   \
    X(MISSING, "missing", VERDICT, "the clip is not there")                                                            \
    X(FRAME_COUNT, "frame_count", VERDICT, "the clip has not the frames that its name says")                           \
    X(WRONG_SIZE, "wrong_size", VERDICT, "the clip has not the size that its tube asks for")                           \
    X(BAD_TIMES, "bad_times", VERDICT, "the times of the frames do not start at 0 or have gaps")                       \
    X(DECODE_ERROR, "decode_error", VERDICT, "a frame of the clip does not decode")                                    \
    X(FROZEN, "frozen", VERDICT, "the clip shows one picture throughout")                                              \
    X(DIFFERS_FROM_SOURCE, "differs_from_source", VERDICT, "the clip does not show the frames that its tube names")

enum error_word {
    ERROR_NONE = 0,
#define X(identifier, word, class, sentence) ERROR_##identifier,
    ERROR_WORDS(X)
#undef X
        ERROR_WORD_COUNT
};

/* PERMANENT: the same call will fail again. TRANSIENT: the same call may succeed later.
 * VERDICT: th-verify's; a rerun of the pipe makes the clip again. */
enum error_class { ERROR_CLASS_PERMANENT, ERROR_CLASS_TRANSIENT, ERROR_CLASS_VERDICT };

/* Why something failed. Owns nothing, may be copied by assignment. word is ERROR_NONE when nothing failed. */
struct error {
    enum error_word word;
    char message[480]; /* one line; UTF-8 if its parts were */
};

/* Sets error (may be NULL) and returns -1, so that `return error_set(...)` leaves a function. A long message is cut
 * between characters; control characters become `?`. */
int error_set(struct error *error, enum error_word word, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Like error_set, from an errno: appends ": strerror(number)". The word is disk_full for ENOSPC and EDQUOT, otherwise
 * io. */
int error_set_errno(struct error *error, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "gone" for ERROR_GONE; "" for ERROR_NONE. Never NULL. */
const char *error_word_name(enum error_word word);

/* The word of that name; ERROR_NONE when it is unknown or NULL. */
enum error_word error_word_from_name(const char *name);

/* The class of the table; PERMANENT for ERROR_NONE. */
enum error_class error_word_class(enum error_word word);

/* The table's sentence for the word. Never NULL. */
const char *error_word_sentence(enum error_word word);

#endif
