#include "common/demo/scene.h"

#include <math.h>

#include "common/demo/canvas.h"
#include "common/demo/frame_code.h"

/* A head at one time: the middle of the face, and the unit of length. */
struct pose {
    AVFrame *picture;
    const struct scene_head *head;
    double x, y, unit; /* pixels; unit is half the head's height */
    double seconds;
};

static double wave(double seconds, double hertz, double phase)
{
    return sin(2 * M_PI * (seconds * hertz + phase));
}

/* Phrases of about three seconds with pauses between them, four to five syllables a second. */
double scene_mouth(const struct scene_head *head, double seconds)
{
    double phrase = fmin(fmax(3 * (wave(seconds, 0.23, head->phase) + 0.6), 0), 1);
    double syllable = fabs(wave(seconds, 2.2, head->phase)) * (0.7 + 0.3 * wave(seconds, 0.9, head->phase));
    return phrase * syllable;
}

/* Eyes are shut for a sixth of a second every three seconds or so. */
static double eye_opening(const struct pose *pose)
{
    double cycle = fmod(pose->seconds / 3.1 + pose->head->phase, 1);
    return cycle < 0.055 ? 0.12 : 1;
}

/* Draws an ellipse of the face; its centre (relative to the middle of the face) and radii are in units. */
static void part(const struct pose *pose, double x, double y, double rx, double ry, struct color color)
{
    canvas_ellipse(pose->picture, pose->x + x * pose->unit, pose->y + y * pose->unit, rx * pose->unit, ry * pose->unit,
                   color, 1);
}

static void draw_eyes(const struct pose *pose, struct color hair)
{
    double open = eye_opening(pose), gaze = 0.05 * wave(pose->seconds, 0.31, pose->head->phase);
    double brow = -0.35 - 0.05 * scene_mouth(pose->head, pose->seconds);
    for (int side = -1; side <= 1; side += 2) {
        part(pose, side * 0.32, -0.1, 0.17, 0.11 * open, color_from_rgb(0xfbfbf7));
        part(pose, side * 0.32 + gaze, -0.1, 0.085, 0.1 * open, color_from_rgb(0x3c2a20));
        part(pose, side * 0.32, brow, 0.2, 0.045, hair);
    }
}

static void draw_mouth(const struct pose *pose)
{
    double open = scene_mouth(pose->head, pose->seconds);
    double width = 0.3 - 0.06 * open, height = 0.05 + 0.16 * open;
    part(pose, 0, 0.5, width, height, color_from_rgb(0xb4504a));
    if (open < 0.1)
        return;
    part(pose, 0, 0.5, width - 0.05, height - 0.045, color_from_rgb(0x4a1418));
    part(pose, 0, 0.5 - 0.5 * (height - 0.045), (width - 0.05) * 0.75, (height - 0.045) * 0.3,
         color_from_rgb(0xf4f1ea));
    part(pose, 0, 0.5 + 0.6 * (height - 0.045), (width - 0.05) * 0.6, (height - 0.045) * 0.32,
         color_from_rgb(0xc8625e));
}

static void draw_head(const struct scene_head *head, AVFrame *picture, double seconds, int number)
{
    struct color skin = color_from_rgb(head->skin), hair = color_from_rgb(head->hair);
    struct color shade = color_mix(skin, color_from_rgb(0x5a2a1a), 0.25);
    struct pose body = {picture, head, head->x, head->y, head->size, seconds}, face = body;
    face.x += 0.12 * head->size * wave(seconds, 0.37, head->phase);
    face.y += 0.05 * head->size * wave(seconds, 0.53, head->phase) - 0.03 * head->size * scene_mouth(head, seconds);

    part(&body, 0, 3.2, 1.45, 2.1, color_from_rgb(head->clothes));
    part(&body, 0, 1.05, 0.34, 0.42, shade);
    part(&face, 0, -0.12, 0.88, 1.0, hair);
    for (int side = -1; side <= 1; side += 2)
        part(&face, side * 0.76, 0.08, 0.13, 0.2, shade);
    part(&face, 0, 0.1, 0.74, 0.92, skin);
    part(&face, 0.12, -0.74, 0.68, 0.33, hair);
    draw_eyes(&face, hair);
    part(&face, 0, 0.17, 0.085, 0.13, shade);
    draw_mouth(&face);

    /* The number does not move, so that a box around the head holds it in all frames. Its place is even. */
    frame_code_draw(picture, (head->x - FRAME_CODE_WIDTH / 2) & ~1, (head->y + head->size * 3 / 2) & ~1, number);
}

/* Large pale discs that drift upwards: every frame differs from its neighbours everywhere, and still takes few bits. */
static void draw_background(const struct scene *scene, AVFrame *picture, double seconds)
{
    enum { DISCS = 7 };
    canvas_gradient(picture, color_from_rgb(scene->top), color_from_rgb(scene->bottom));
    for (int i = 0; i < DISCS; i++) {
        double radius = picture->height * (0.08 + 0.035 * (i * 3 % DISCS));
        double way = picture->height + 2 * radius, speed = picture->height * (0.05 + 0.012 * (i * 2 % 5));
        double y = picture->height + radius - fmod(seconds * speed + way * i * 0.37, way);
        double x = picture->width * ((i * 4 % DISCS + 0.5) / DISCS) + radius * wave(seconds, 0.06, i * 0.21);
        canvas_ellipse(picture, x, y, radius, radius, color_from_rgb(0xffffff), 0.13);
    }
}

void scene_draw(const struct scene *scene, AVFrame *picture, double seconds, int number)
{
    draw_background(scene, picture, seconds);
    for (int i = 0; i < scene->head_count; i++)
        draw_head(&scene->heads[i], picture, seconds, number);
}
