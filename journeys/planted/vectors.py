"""Writes recorded cases: signature lines, a file and clamscan's answer, as text that needs no clamscan.

The format stands at the head of scan_differences.py. Chosen are small files in which each kind of
signature is found, is not found, and is refused.
"""
import os
import re

from .cases import CRASHED, REFUSED

BYTES_MAX = 1600
LINE_BYTES = 60
# The groups, and how many cases of each at most.
SHARES = {"plain": 8, "level": 3, "offset": 9, "program": 16, "wildcard": 14, "near": 4, "alternative": 10, "boundary": 8,
          "expression": 12, "counting": 6,
          "modifier": 10, "logical_offset": 3, "description": 8, "byte_compare": 8, "pcre": 10, "hash": 5, "section": 3,
          "imports": 2, "allow": 4,
          "ignore": 3, "container": 5, "text": 5, "html": 7, "archive": 6, "mail": 3, "pdf": 3, "target": 4}


def chosen(cases, answers):
    """Evenly spread over each group: half of them hits, the rest misses and refusals, where there are enough."""
    out = []
    for group, share in SHARES.items():
        fit = [c for c in cases if c.group == group and is_small(c) and answers[c.id] != CRASHED
               and has_own_names_only(c, answers[c.id])]
        hits = [c for c in fit if answers[c.id] and answers[c.id] != REFUSED]
        rest = [c for c in fit if c not in hits]
        wanted = min(len(hits), max(share - share // 2, share - len(rest)))
        out += spread(hits, wanted) + spread(rest, min(len(rest), share - wanted))
    return out


def spread(cases, count):
    return [cases[i * len(cases) // count] for i in range(count)]


def is_small(case):
    return len(case.content) <= BYTES_MAX and sum(len(line) for _, line in case.lines) <= BYTES_MAX


def has_own_names_only(case, answer):
    """Not when another case's signature was found too."""
    return answer == REFUSED or all(case.id in name for name in answer)


def in_words(answer):
    return REFUSED if answer == REFUSED else "found " + " ".join(sorted(answer)) if answer else "clean"


def write(folder, cases, answers, version):
    os.makedirs(folder, exist_ok=True)
    picked = chosen(cases, answers)
    for case in picked:
        name = re.sub(r"[^a-z0-9_]", "_", case.id.lower())
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write("expect: %s\nsource: %s\n" % (in_words(answers[case.id]), version.replace("ClamAV", "clamscan")))
            for kind, line in case.database():
                file.write("%s: %s\n" % (kind, line))
            file.write("file: %s\n" % case.name)
            text = case.content.hex()
            for at in range(0, len(text), 2 * LINE_BYTES):
                file.write("bytes: %s\n" % text[at:at + 2 * LINE_BYTES])
    print("wrote %d recorded cases to %s" % (len(picked), folder))
