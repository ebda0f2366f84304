#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prints the permutations that test_rng.c expects: Philox4x32-10, Lemire's bounded integers and Durstenfeld's
shuffle, written down from their papers with Python's unbounded integers (any Python 3, no packages)."""

WORD = 2**32


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [p1 // WORD ^ c[1] ^ k[0], p1 % WORD, p0 // WORD ^ c[3] ^ k[1], p0 % WORD]
        k = [(k[0] + 0x9E3779B9) % WORD, (k[1] + 0xBB67AE85) % WORD]
    return c


def words(seed, purpose, epoch, index):
    stream, block = purpose << 56 | epoch << 36 | index, 0
    while True:
        yield from philox([block % WORD, block // WORD, stream % WORD, stream // WORD], [seed % WORD, seed // WORD])
        block += 1


def below(draw, n):
    while True:
        product = next(draw) * n
        if product % WORD >= WORD % n:
            return product // WORD


def shuffle(n, seed, epoch):
    draw, order = words(seed, 2, epoch, 0), list(range(n))
    for i in range(n, 1, -1):
        j = below(draw, i)
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


if __name__ == "__main__":
    # The known answer of Random123 for the digits of pi.
    assert philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]) == [
        0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
    for seed, epoch in (1, 0), (1, 1), (2**32 + 7, 1000):
        print(seed, epoch, shuffle(12, seed, epoch))
