#!/usr/bin/env python3
"""Make the table of byte pairs by which the matcher judges how common a string is in clean data.

usage: gram_costs.py OUT.cc FILE_OR_FOLDER...

Counts which byte follows which in programs (ELF files) and in everything else, apart, mixes the two
evenly with a little of pure noise, and writes for each pair how many bits its second byte costs
after its first: quarters of a bit, one printable character each. The last line is for first bytes.
"""
import array
import math
import os
import sys
from collections import Counter

FILE_BYTES_MAX = 4 << 20
KIND_BYTES_MAX = 120 << 20
NOISE = 0.05
STEPS_PER_BIT = 4
STEPS_MAX = 63
PROGRAM, OTHER = range(2)


def files_of(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                full = os.path.join(folder, name)
                if os.path.isfile(full) and not os.path.islink(full):
                    yield full


def count(paths):
    pairs = [Counter(), Counter()]
    seen = [0, 0]
    for path in files_of(paths):
        with open(path, "rb") as file:
            data = file.read(FILE_BYTES_MAX)
        kind = PROGRAM if data[:4] == b"\x7fELF" else OTHER
        if seen[kind] > KIND_BYTES_MAX:
            continue
        seen[kind] += len(data)
        for start in range(2):  # the pairs at even places, then those at odd ones
            end = len(data) - (len(data) - start) % 2
            pairs[kind].update(array.array("H", data[start:end]))
    print("programs %d bytes, others %d bytes" % tuple(seen), file=sys.stderr)
    return pairs


def shares(pairs):
    """P(second | first) and P(first) of one kind, with a little smoothing."""
    rows = [[0.5 / 256] * 256 for _ in range(256)]
    for pair, times in pairs.items():
        rows[pair & 255][pair >> 8] += times  # little-endian: the first byte is the low one
    total = sum(map(sum, rows))
    first = [sum(row) / total for row in rows]
    return [[cell / sum(row) for cell in row] for row in rows] + [first]


def letter(share):
    steps = round(-math.log2(share) * STEPS_PER_BIT)
    return chr(ord("0") + min(max(steps, 0), STEPS_MAX))


def main(out, paths):
    kinds = [shares(pairs) for pairs in count(paths)]
    with open(out, "w", encoding="ascii") as file:
        file.write("// Made by tools/gram_costs.py from the files of a Debian system: do not edit.\n\n"
                   '#include "amanat/match/gram_costs.h"\n\n'
                   "namespace amanat::match {\n\n// clang-format off\n"
                   "const std::array<std::string_view, 257> kGramCosts = {\n")
        for row in range(257):
            line = "".join(
                letter((1 - NOISE) * sum(kind[row][second] for kind in kinds) / len(kinds)
                       + NOISE / 256) for second in range(256))
            for start in range(0, 256, 64):
                end = "," if start == 192 else ""
                file.write('    R"(%s)"%s\n' % (line[start:start + 64], end))
        file.write("};\n// clang-format on\n\n}  // namespace amanat::match\n")


main(sys.argv[1], sys.argv[2:])
