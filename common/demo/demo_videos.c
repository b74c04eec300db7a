/* Makes the source videos of the demo set: demo_videos DIR writes DIR/ID.mp4 for each video that is missing. */
#include <libavutil/log.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/demo/movie.h"
#include "common/demo/scene.h"
#include "common/name.h"
#include "common/output/output_file.h"
#include "common/stage/stage.h"

struct demo_video {
    const char *id;
    struct movie_format format;
    int frames;
    struct scene scene;
};

/* data_list/demo_video_tubes.txt is written for these pictures: a head that moves needs other tubes. */
static const struct demo_video videos[] = {
    /* Two heads, 24 seconds. */
    {"--demo_talk",
     {640, 360, {25, 1}, 75, false},
     600,
     {0x27506b,
      0x0d1a2b,
      2,
      {{184, 150, 84, 0xe8b48f, 0x3a2417, 0x2f6f8f, 0.0}, {456, 156, 84, 0x8d5a3c, 0x17110e, 0xc98a2b, 0.4}}}},
    /* Another picture size and frame rate, and sound that follows the mouth. */
    {"-demo_sound",
     {480, 360, {30000, 1001}, 90, true},
     600,
     {0x7a4a5e, 0x2a1626, 1, {{240, 150, 88, 0xf0c8a8, 0xb0682c, 0x4f7a4a, 0.2}}}},
    /* Two and a half minutes with a key frame every 37 frames: chunks begin at frames 0, 777 and 1517. */
    {"demo_long_1",
     {640, 360, {25, 2}, 37, false},
     1875,
     {0x4f7d5c,
      0x17302a,
      3,
      {{116, 132, 64, 0xd9a074, 0x54402c, 0x7b3f61, 0.1},
       {322, 152, 70, 0xf2d0b4, 0xd8b45a, 0x2d4f86, 0.55},
       {526, 126, 62, 0x6f4630, 0x221a18, 0xb5483a, 0.8}}}},
};

/* A hummed voice; its volume follows the mouth of the first head. */
static float voice(const void *context, int64_t sample)
{
    const struct demo_video *video = context;
    double seconds = (double)sample / MOVIE_SAMPLE_RATE, tone = 0;
    for (int harmonic = 1; harmonic <= 5; harmonic++)
        tone += sin(2 * M_PI * 130 * harmonic * seconds) / harmonic;
    return (float)(0.25 * tone * scene_mouth(&video->scene.heads[0], seconds));
}

static int make_video(const struct demo_video *video, const char *path, struct error *error)
{
    struct movie *movie = NULL;
    int result = -1;
    if (movie_begin(&movie, path, &video->format, error) < 0)
        return -1;
    for (int number = 0; number < video->frames; number++) {
        AVFrame *picture = movie_picture(movie);
        if (!picture) {
            error_set_errno(error, ENOMEM, "cannot draw a picture");
            goto end;
        }
        scene_draw(&video->scene, picture, number * av_q2d(av_inv_q(video->format.fps)), number);
        if (movie_add(movie, voice, video, error) < 0)
            goto end;
    }
    result = movie_finish(&movie, error);
end:
    movie_abandon(&movie);
    return result;
}

static int make_missing(const struct demo_video *video, const char *dir)
{
    struct error error = {0};
    int result = -1;
    char *path = name_path(dir, video->id, ".mp4");
    if (!path)
        error_set_errno(&error, ENOMEM, "cannot make %s", video->id);
    else
        result = access(path, F_OK) == 0 ? 0 : make_video(video, path, &error);
    if (result < 0)
        fprintf(stderr, "demo_videos: %s: %s\n", path ? path : video->id, error.message);
    free(path);
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: demo_videos DIR\n");
        return EXIT_USAGE;
    }
    struct error error = {0};
    if (output_file_sweep(argv[1], &error) < 0) {
        fprintf(stderr, "demo_videos: %s: %s\n", argv[1], error.message);
        return EXIT_CANNOT;
    }
    av_log_set_level(AV_LOG_ERROR);
    for (size_t i = 0; i < sizeof(videos) / sizeof(videos[0]); i++) {
        if (make_missing(&videos[i], argv[1]) < 0)
            return EXIT_CANNOT;
    }
    return EXIT_DONE;
}
