/* The pictures of the demo videos: talking heads with the frame's number on the chest, in front of a moving background.
 */
#ifndef COMMON_DEMO_SCENE_H
#define COMMON_DEMO_SCENE_H

#include <libavutil/frame.h>
#include <stdint.h>

struct scene_head {
    int x, y; /* where the head's middle is at rest, pixels */
    int size; /* half the head's height, pixels; at least 40, so that the number fits on the chest */
    uint32_t skin, hair, clothes; /* 0xRRGGBB */
    double phase;                 /* 0..1: offset of movement and speech, different for the heads of a scene */
};

enum { SCENE_HEADS_MAX = 4 };

struct scene {
    uint32_t top, bottom; /* the background's colours, 0xRRGGBB */
    int head_count;
    struct scene_head heads[SCENE_HEADS_MAX];
};

/* How far a head's mouth is open at a time in seconds: 0 closed to 1. */
double scene_mouth(const struct scene_head *head, double seconds);

/* Draws the scene as it is at a time in seconds, with number on each head's chest. picture is yuv420p. */
void scene_draw(const struct scene *scene, AVFrame *picture, double seconds, int number);

#endif
