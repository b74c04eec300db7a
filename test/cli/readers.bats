# Readers of training code find each frame of a clip when they seek to it.

bats_require_minimum_version 1.5.0

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir chunks
    make -f lavfi -i testsrc2=s=192x144:r=30:d=4 -c:v libx264 -preset veryfast -g 30 -bf 3 chunks/a_0000.mp4
    echo 'a_0000, 144, 192, 7, 106, 13, 15, 114, 98' > rows
}

# exact READER CLIP: in a random order, each frame that was sought is the one that reading from the beginning gives.
exact() {
    python3 - "$@" << 'END'
import random
import sys


def frames_of_cv2(path):
    import cv2

    video = cv2.VideoCapture(path)
    straight = []
    while True:
        got, picture = video.read()
        if not got:
            break
        straight.append(picture.tobytes())

    def seek(number):
        video.set(cv2.CAP_PROP_POS_FRAMES, number)
        return video.read()[1].tobytes()

    return straight, seek


def frames_of_av(path):
    import av

    def picture(frame):
        return frame.to_ndarray(format="rgb24").tobytes()

    with av.open(path) as container:
        decoded = list(container.decode(video=0))
        times = [frame.pts for frame in decoded]
        straight = [picture(frame) for frame in decoded]

    def seek(number):
        with av.open(path) as container:
            container.seek(times[number], stream=container.streams.video[0])
            for frame in container.decode(video=0):
                if frame.pts == times[number]:
                    return picture(frame)

    return straight, seek


straight, seek = globals()["frames_of_" + sys.argv[1]](sys.argv[2])
order = list(range(len(straight)))
random.Random(1).shuffle(order)
wrong = [number for number in order if seek(number) != straight[number]]
print(len(straight), "frames, wrong:", *wrong)
sys.exit(bool(wrong) or len(straight) < 80)
END
}

@test "OpenCV and PyAV seek exactly in default clips and in those of the recipe for training" {
    found=
    for reader in cv2 av; do
        python3 -c "import $reader" 2> /dev/null || continue
        found=$reader
        for recipe in '' '--size 512 --fps 25 --gop 12'; do
            # shellcheck disable=SC2086 # several words, or none
            "$TH_BIN/th-crop" -q -f -i chunks -o out --preset ultrafast $recipe rows > record
            exact $reader "$(jq -r .path record)"
        done
    done
    [ -n "$found" ] || skip "neither python3-opencv nor python3-av is installed"
}
