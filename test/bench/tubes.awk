# tubes.awk -v counts='9 3' [-v seed=N]: tube rows of chunks bench_0000, bench_0001, ... with that many tubes each, in
# pictures of 1280x720 and over 1800 frames; always the same for the same arguments.
#
# The mix is that of the train list's first 7,684 tubes, in 852 chunks:
#   a chunk's tubes   9 (1 to 53), 1,314 frames long all together, which cover 1,022 frames; the last one ends at 1,427
#   length            146 frames, half of them under 70, a tenth over 295, at least 30
#   before the next   nothing for 41%, an overlap for 26%, a gap for a third, of some 60 frames
#   at the same time  one in 76% of the chunks, two in 13%, at most six; four in most of those with more than 30 tubes
#   first frame       0 for half of the chunks, 156 on average
#   box               359 x 361 pixels, four in five of them 272 to 544 wide, square for 80%

function random() {
    state = (state * 16807) % 2147483647
    return state / 2147483647
}

function exponential(mean) {
    return -mean * log(1 - random())
}

# About normal: the sum of twelve is.
function normal(   i, sum) {
    for (i = 0; i < 12; i++) sum += random()
    return sum - 6
}

# That many frames without a tube, as far as they are left to the person.
function gap(mean,   frames) {
    frames = int(exponential(mean))
    if (frames > spare) frames = spare
    spare -= frames
    return frames
}

# The tubes of one person, one after the other. total: frames that they take.
function person(name, count, total,   i, sum, share, length_, start, size, high, left, top) {
    if (total < 30 * count) total = 30 * count
    sum = 0
    for (i = 0; i < count; i++) sum += share[i] = exp(1.3 * normal())
    spare = 1800 - total
    start = random() < 0.5 ? 0 : gap(300)
    for (i = 0; i < count; i++) {
        length_ = 30 + int(share[i] / sum * (total - 30 * count))
        size = 2 * int(112 + exponential(68))
        if (size > 700) size = 700
        high = random() < 0.8 ? size : int(size * (0.8 + 0.4 * random()))
        if (high > 719) high = 719
        left = int(random() * (1280 - size))
        top = int(random() * (720 - high))
        printf "%s, 720, 1280, %d, %d, %d, %d, %d, %d\n", name, start, start + length_ - 1, left, top, left + size, top + high
        start += length_
        if (random() < 0.45) start += gap(110)
    }
}

# Most chunks show one head at a time; in some two or three speak all along, in those with the most tubes four.
function chunk(name, count,   people, total, i) {
    total = (760 + 33 * count) * exp(0.45 * normal() - 0.1)
    if (total > 1700) total = 1700
    people = count > 30 ? 4 : random() < 0.77 ? 1 : random() < 0.6 ? 2 : 3
    if (people > count) people = count
    for (i = 0; i < people; i++) person(name, int((count + i) / people), total)
}

BEGIN {
    state = seed ? seed : 1
    for (number = split(counts, each, " "); number; number--) all[number] = each[number]
    for (number = 1; number in all; number++) chunk(sprintf("bench_%04d", number - 1), all[number])
}
