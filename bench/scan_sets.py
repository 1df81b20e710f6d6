#!/usr/bin/env python3
"""Make the signature sets that bench/scan compares scanners with.

usage: bench/scan_sets.py FOLDER --training FOLDER [--sets NAME,NAME]

  test          one SHA-256: the program inside Debian's clamav-testfiles
  real          all ClamAV-format files of $AMANAT_SHARED/data/threats (or --threats)
  bodies_100k   100,000 body signatures with the statistics of real ones: the literals of the real
                sets and, beyond them, literals of an order-2 Markov chain over those; lengths as real
                ones; a quarter with ??, {n}, {n-m}, {-n} or *; 40 % any target, 40 % PE, 10 % ELF,
                HTML and text; only literals that clean files hardly hold (bench_rare_literals)
  bodies_200k   200,000 of them
  hashes_5m     5,000,000 SHA-256 with sizes
  phone         bodies_200k and hashes_5m together: what a phone has to hold
  official      the official databases' shape: real logical signatures, six variants of each, 4 M
                section hashes, 3.5 M SHA-256, 112,000 body signatures (8 M in all)

Each set is a folder of ClamAV files, and beside it `NAME.literals` (for Vectorscan) and `NAME.yar`
(for YARA: what it can express; NAME.txt counts). Without real sets the Markov chain learns from
random bytes. Deterministic.
"""
import argparse
import collections
import hashlib
import math
import os
import random
import re
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.environ.get("AMANAT_SHARED", os.path.join(TREE, "..", "shared"))
BIN = os.environ.get("AMANAT_BIN", os.path.join(TREE, "build", "release", "bin"))
TEST_FILE = "71e7b604d18aefd839e51a39c88df8383bb4c071dc31f87f00a2b5df580d4495:544:ClamAV-Test-File"
REAL_KINDS = (".ldb", ".ndb", ".hdb", ".hsb", ".fp", ".ign2")
SETS = ("test", "real", "bodies_100k", "bodies_200k", "hashes_5m", "phone", "official")
GATE_LIMIT, BODY_BYTES_MAX = 64, 200


def real_files(threats):
    return sorted(os.path.join(f, n) for f, _, names in os.walk(threats) for n in names if n.endswith(REAL_KINDS))


def bodies_of(path):
    """The body of every body signature and of every body subsignature."""
    with open(path, errors="replace") as file:
        for line in file:
            line = line.strip()
            if line.startswith("#"):
                continue
            if path.endswith(".ldb"):
                for part in line.split(";")[3:]:
                    if not re.search(r"[/#$]|fuzzy", part):
                        yield part.split("::")[0].split(":")[-1]
            elif line.count(":") >= 3:
                yield line.split(":")[3]


def longest_literal(body):
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}", "|", body)
    runs = [r.lower() for r in re.split(r"[^0-9a-fA-F]+", plain) if r and len(r) % 2 == 0]
    return max(runs, key=len, default="")


class Chain:
    """Which byte follows two others, learnt from literals; and how long literals are."""

    def __init__(self, literals, dice):
        self.dice, self.follow, self.sizes, self.starts = dice, collections.defaultdict(list), [], []
        for text in map(bytes.fromhex, literals):
            self.sizes.append(len(text))
            self.starts.append(text[:2])
            for at in range(min(len(text), 64) - 2):
                self.follow[text[at:at + 2]].append(text[at + 2])

    def make(self):
        size = max(11, min(self.dice.choice(self.sizes), BODY_BYTES_MAX))
        out = bytearray(self.dice.choice(self.starts))
        while len(out) < size:
            options = self.follow.get(bytes(out[-2:]))
            out.append(self.dice.choice(options) if options and self.dice.random() > 0.08 else self.dice.randrange(256))
        return out[:size].hex()


def rare_literals(threats, training, count):
    """`count` distinct literals, real ones first, that clean files hardly hold."""
    pool = sorted({longest_literal(b) for p in real_files(threats) for b in bodies_of(p) if p.endswith((".ldb", ".ndb"))},
                  key=lambda h: hashlib.md5(h.encode()).digest())
    pool = [h[:2 * BODY_BYTES_MAX] for h in pool if len(h) >= 22]
    if not pool:
        pool = [hashlib.shake_256(b"%d" % i).hexdigest(8 + i % 60) for i in range(5000)]
    chain, seen = Chain(pool, random.Random(1)), dict.fromkeys(pool)
    while len(seen) < count * 5 // 4:
        seen[chain.make()] = None
    gate = subprocess.run(["nice", os.path.join(BIN, "bench_rare_literals"), str(GATE_LIMIT), training], input="\n".join(seen),
                          capture_output=True, text=True, check=True)
    return gate.stdout.split()[:count]


def body_line(number, literal, dice):
    if dice.random() < 0.25 and len(literal) >= 32:
        at = dice.randrange(11, len(literal) // 2 - 2) * 2
        literal = literal[:at] + dice.choice(("??", "????", "{4}", "{-32}", "{2-10}", "*")) + literal[at + 2:]
    target = dice.choices((0, 1, 6, 3, 7), (40, 40, 10, 5, 5))[0]
    return "Made.Body-%d:%d:*:%s\n" % (number, target, literal)


def hash_size(dice):
    return int(min(5e7, max(200, math.exp(dice.gauss(12.2, 1.6)))))


def write_hashes(path, count):
    dice = random.Random(2)
    with open(path, "w") as file:
        for n in range(count):
            file.write("%s:%d:Made.Hash-%d\n" % (hashlib.sha256(b"file %d" % n).hexdigest(), hash_size(dice), n))


def write_sections(path, count):
    dice = random.Random(3)
    with open(path, "w") as file:
        for n in range(count):
            file.write("%d:%s:Made.Section-%d\n" % ((hash_size(dice) // 512 + 1) * 512,
                                                    hashlib.md5(b"section %d" % n).hexdigest(), n))


def write_bodies(path, literals):
    dice = random.Random(4)
    with open(path, "w") as file:
        for n, literal in enumerate(literals):
            file.write(body_line(n, literal, dice))


def write_variants(path, source, count):
    """Logical signatures with half of the bytes of each long literal replaced."""
    dice = random.Random(5)

    def change(match):
        text = match[0]
        return "".join("%02x" % dice.randrange(256) if dice.random() < 0.5 else text[i:i + 2] for i in range(0, len(text), 2))

    with open(path, "w") as out, open(source, errors="replace") as file:
        for line in file:
            fields = line.rstrip("\n").split(";")
            if len(fields) < 4 or line.startswith("#"):
                continue
            for n in range(count):
                parts = [p if re.search(r"[/#$]|fuzzy", p) else
                         re.sub(r"(?<![\w{(\[])(?:[0-9a-fA-F]{2}){6,}(?![\w})\]])", change, p) for p in fields[3:]]
                out.write(";".join(["%s-V%d" % (fields[0], n), *fields[1:3], *parts]) + "\n")


def link(source, target):
    if not os.path.exists(target):
        os.link(source, target)


class Maker:
    def __init__(self, folder, training, threats):
        self.folder, self.training, self.threats, self.literals = folder, training, threats, None

    def place(self, name, file):
        os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        return os.path.join(self.folder, name, file)

    def rare(self, count):
        if self.literals is None:
            self.literals = rare_literals(self.threats, self.training, 200_000)
        return self.literals[:count]

    def make_test(self):
        with open(self.place("test", "test.hsb"), "w") as file:
            file.write(TEST_FILE + "\n")

    def make_real(self):
        os.makedirs(os.path.join(self.folder, "real"), exist_ok=True)
        for path in real_files(self.threats):
            name = os.path.relpath(path, self.threats).replace("/", "-")
            with open(path, "rb") as source, open(self.place("real", name), "wb") as file:
                file.write(source.read())

    def make_bodies_100k(self):
        write_bodies(self.place("bodies_100k", "bodies.ndb"), self.rare(100_000))

    def make_bodies_200k(self):
        write_bodies(self.place("bodies_200k", "bodies.ndb"), self.rare(200_000))

    def make_hashes_5m(self):
        write_hashes(self.place("hashes_5m", "hashes.hsb"), 5_000_000)

    def make_phone(self):
        self.make("bodies_200k")
        self.make("hashes_5m")
        link(self.place("bodies_200k", "bodies.ndb"), self.place("phone", "bodies.ndb"))
        link(self.place("hashes_5m", "hashes.hsb"), self.place("phone", "hashes.hsb"))

    def make_official(self):
        write_sections(self.place("official", "main.mdb"), 4_000_000)
        write_hashes(self.place("official", "main.hsb"), 3_500_000)
        write_bodies(self.place("official", "main.ndb"), self.rare(112_000))
        logical = [p for p in real_files(self.threats) if p.endswith("main.ldb")]
        for path in logical:
            write_variants(self.place("official", "daily.ldb"), path, 6)
            with open(path, "rb") as source, open(self.place("official", "main.ldb"), "wb") as file:
                file.write(source.read())

    def make(self, name):
        done = os.path.join(self.folder, "." + name + ".done")
        if os.path.exists(done):
            return
        getattr(self, "make_" + name)()
        write_for_others(os.path.join(self.folder, name))
        open(done, "w").close()
        files = sorted(os.listdir(os.path.join(self.folder, name)))
        print("%-12s %s" % (name, " ".join(files)), flush=True)


YARA_WORD = re.compile(r"(?:[0-9a-f]{2}|\?\?|[0-9a-f]\?|\?[0-9a-f]|\[[0-9-]+\])+")


def as_yara(body):
    """A body as YARA's hex string, or None when YARA has no such thing."""
    text = re.sub(r"\{(\d+)\}", r"[\1]", body.lower())
    text = re.sub(r"\{(\d+-\d*)\}", r"[\1]", text)
    text = re.sub(r"\{-(\d+)\}", r"[0-\1]", text).replace("*", "[-]")
    whole = YARA_WORD.fullmatch(text.replace("[-]", ""))
    return None if whole is None or text[0] in "[?" or text[-1] in "]?" or "[0]" in text else text


def write_for_others(folder):
    """The same bodies for Vectorscan (the longest literal of each) and YARA."""
    literals, rules, skipped = set(), [], 0
    for path in sorted(os.path.join(folder, n) for n in os.listdir(folder) if n.endswith((".ldb", ".ndb"))):
        for body in bodies_of(path):
            literal = longest_literal(body)
            if len(literal) >= 12:
                literals.add(literal[:400])
            text = as_yara(body) if body else None
            if text is None:
                skipped += 1
            else:
                rules.append(text)
    if literals:
        with open(folder + ".literals", "w") as file:
            file.writelines(text + "\n" for text in sorted(literals))
        with open(folder + ".yar", "w") as file:
            file.writelines("rule r%d { strings: $a = { %s } condition: $a }\n" % (n, text) for n, text in enumerate(rules))
        with open(folder + ".txt", "w") as file:
            file.write("%d literals; %d YARA rules, %d bodies YARA cannot express\n" % (len(literals), len(rules), skipped))


def make(folder, training, sets, threats=os.path.join(SHARED, "data", "threats")):
    os.makedirs(folder, exist_ok=True)
    maker = Maker(folder, training, threats)
    for name in sets:
        maker.make(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--training", required=True, help="clean files that are not in the corpus")
    parser.add_argument("--threats", default=os.path.join(SHARED, "data", "threats"))
    parser.add_argument("--sets", default=",".join(SETS))
    options = parser.parse_args()
    make(options.folder, options.training, options.sets.split(","), options.threats)


if __name__ == "__main__":
    sys.exit(main())
