/* Error words: the manifest's reasons why an item failed or was skipped.
 *
 * ERROR_WORDS is their only table. Tests compare common/th-manifest.5 with it. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stdbool.h>

/* X(identifier, word, class, sentence, advice). records_table.awk reads this table, too: an advice is one literal. */
#define ERROR_WORDS(X)                                                                                                 \
    X(GONE, "gone", PERMANENT, "the video has been removed or made private",                                           \
      "Nothing brings it back. Clips made of it before: the driver deletes them (SET recheck, SET prune).")            \
    X(LOGIN_REQUIRED, "login_required", PERMANENT, "the video is shown only to those who are logged in",               \
      "Give th-fetch the cookies of an account that may see it: --cookies FILE.")                                      \
    X(RELICENSED, "relicensed", PERMANENT, "the video's page no longer gives a Creative Commons licence",              \
      "Delete what you made of it (SET recheck, SET prune of the driver). --license any takes it all the same.")       \
    X(NO_FORMAT, "no_format", PERMANENT, "the source offers no video format that can be used",                         \
      "Try a current yt-dlp: sh common/install-yt-dlp.sh --update. If that changes nothing, leave it out.")            \
    X(FORBIDDEN, "forbidden", PERMANENT, "the source refuses to give the video",                                       \
      "Check --cookies and the address of the archive; the source wants other rights.")                                \
    X(NO_VIDEO, "no_video", PERMANENT, "the file holds no video stream",                                               \
      "Delete the file, and fetch the video again.")                                                                   \
    X(UNREADABLE, "unreadable", PERMANENT, "the file cannot be read as video",                                         \
      "Delete the file, and run again: it is then made anew.")                                                         \
    X(NO_SUCH_CHUNK, "no_such_chunk", PERMANENT, "the video has no chunk of this name",                                \
      "The video is shorter than when the list was made; leave the tube out.")                                         \
    X(OUT_OF_RANGE, "out_of_range", PERMANENT, "the chunk ends before the tube's last frame",                          \
      "The video differs from the one that the list was made from; leave the tube out.")                               \
    X(OUTSIDE_PICTURE, "outside_picture", PERMANENT, "the box is not inside the picture",                              \
      "Correct the row of the tube list, or leave it out.")                                                            \
    X(ASPECT_MISMATCH, "aspect_mismatch", PERMANENT, "the picture's shape is not the listed one",                      \
      "The video differs from the one that the list was made from; leave it out.")                                     \
    X(EMPTY_BOX, "empty_box", PERMANENT, "the box holds no pixel",                                                     \
      "Correct the row of the tube list, or leave it out.")                                                            \
    X(BAD_TUBE, "bad_tube", PERMANENT, "the tube row makes no sense",                                                  \
      "Correct the row of the tube list; data_list/README.md describes its fields.")                                   \
    X(BAD_ID, "bad_id", PERMANENT, "the name cannot be used as a file name",                                           \
      "Correct the id in the list: it must not hold a slash or a control character.")                                  \
    X(NETWORK, "network", TRANSIENT, "the connection failed",                                                          \
      "Check the network and the proxy (--proxy), then run again.")                                                    \
    X(TIMEOUT, "timeout", TRANSIENT, "the other side did not answer in time",                                          \
      "Run again later; --connect-timeout and --resolver-timeout give more time.")                                     \
    X(RATE_LIMITED, "rate_limited", TRANSIENT, "the source asks for fewer requests",                                   \
      "Wait an hour and run again with --sleep-interval 24 --max-sleep-interval 60, or with --cookies FILE.")          \
    X(SERVER, "server", TRANSIENT, "the server reported a fault of its own",                                           \
      "Run again later; the fault is the server's.")                                                                   \
    X(RESOLVER, "resolver", TRANSIENT, "the resolver gave no usable answer",                                           \
      "Update yt-dlp: sh common/install-yt-dlp.sh --update. Then run again.")                                          \
    X(BAD_MEDIA, "bad_media", TRANSIENT, "what arrived is not a whole video file",                                     \
      "Run again; if it comes back, look at the file at the source.")                                                  \
    X(LICENSE_UNKNOWN, "license_unknown", TRANSIENT, "the video's page does not state its licence",                    \
      "Update yt-dlp and run again, or take it with --license any.")                                                   \
    X(LOW_QUALITY, "low_quality", TRANSIENT, "the source offers only a picture that is too low",                       \
      "Run again later, or lower --min-height.")                                                                       \
    X(DISK_FULL, "disk_full", TRANSIENT, "no space is left on the disk",                                               \
      "Free space on the disk or move the set (--data), then run again. --no-chunks needs less.")                      \
    X(CRASHED, "crashed", TRANSIENT, "the working process died",                                                       \
      "Run again with fewer --jobs; if it comes back, report it with the video's id.")                                 \
    X(STALLED, "stalled", TRANSIENT, "the working process made no progress",                                           \
      "Run again; --stall-timeout gives more time on a slow disk.")                                                    \
    X(IO, "io", TRANSIENT, "reading or writing failed",                                                                \
      "Check that the disk or the archive is mounted, readable and writable, then run again.")                         \
    X(NOT_FETCHED, "not_fetched", TRANSIENT, "the part of the video that is needed is not on the disk",                \
      "Run all stages, which downloads it; with --needed, for the same lists.")                                        \
    X(NOT_SELECTED, "not_selected", PERMANENT, "the options leave it out",                                             \
      "Nothing, if that was meant; else change --min-size or the other options that select.")                          \
    X(DRY_RUN, "dry_run", TRANSIENT, "nothing is done in a dry run", "Run the same command again, without --dry-run.") \
    X(MISSING, "missing", VERDICT, "the clip is not there", "Run crop and verify again, which makes the clip.")        \
    X(FRAME_COUNT, "frame_count", VERDICT, "the clip has not the frames that its name says",                           \
      "Run crop and verify again, which makes it anew.")                                                               \
    X(WRONG_SIZE, "wrong_size", VERDICT, "the clip has not the size that its tube asks for",                           \
      "Run crop and verify again, which makes it anew.")                                                               \
    X(BAD_TIMES, "bad_times", VERDICT, "the times of the frames do not start at 0 or have gaps",                       \
      "Run crop and verify again, which makes it anew.")                                                               \
    X(DECODE_ERROR, "decode_error", VERDICT, "a frame of the clip does not decode",                                    \
      "Run crop and verify again, which makes it anew. If it comes back, check the disk.")                             \
    X(FROZEN, "frozen", VERDICT, "the clip shows one picture throughout",                                              \
      "Run crop and verify again. If it comes back, the video itself shows a still picture there.")                    \
    X(DIFFERS_FROM_SOURCE, "differs_from_source", VERDICT, "the clip does not show the frames that its tube names",    \
      "Run split, crop and verify again with --force: the chunk may have changed since.")

enum error_word {
    ERROR_NONE = 0,
#define X(identifier, word, class, sentence, advice) ERROR_##identifier,
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

/* What a user can do about the word. Never NULL. */
const char *error_word_advice(enum error_word word);

#endif
