"""Writes recorded cases: signature lines, a file and clamscan's answer, as text that needs no clamscan.

The format stands at the head of scan_differences.py. Chosen are small files in which every kind of
signature is found, is not found, and is refused.
"""
import os
import re

from .cases import CRASHED, REFUSED

BYTES_MAX = 1600
LINE_BYTES = 60
# The groups, and how many cases of each at most; `@` cases come first in the order they are written.
SHARES = {"plain": 12, "level": 4, "offset": 14, "program": 26, "wildcard": 22, "near": 6, "alternative": 16, "boundary": 14, "expression": 22,
          "counting": 8, "modifier": 16, "logical_offset": 5, "description": 14, "byte_compare": 12, "pcre": 16, "hash": 8, "section": 4, "imports": 2,
          "allow": 6, "ignore": 4, "container": 8, "text": 8, "html": 14, "archive": 10, "mail": 5, "pdf": 6, "target": 6}


def chosen(cases, answers):
    """Evenly spread over each group, as many hits as misses where there are enough."""
    out = []
    for group, share in SHARES.items():
        fit = [c for c in cases if c.group == group and len(c.content) <= BYTES_MAX and answers[c.id] != CRASHED
               and c.name not in ("sixty_four_subsignatures", "sixty_five_subsignatures")
               and own_names(c, answers[c.id]) is not None]
        step = max(1.0, len(fit) / share)
        out += [fit[int(i * step)] for i in range(min(share, len(fit)))]
    return out


def own_names(case, answer):
    """The names to expect, or None when another case's signature was found too."""
    if answer == REFUSED:
        return REFUSED
    return answer if all(case.id in n for n in answer) else None


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
