#!/usr/bin/env python3
"""Plants every kind of ClamAV signature in files of its own making and compares verdicts.

usage: scan_differences.py [--only WORD] [--oracle] [--findings FOLDER] [--vectors FOLDER] [--random N --seed N]

Each case is a few database lines, one file, and what ClamAV's documentation says must be found in it
(planted/*.py). Three answers are compared: the documentation's, clamscan's and `amanat scan`'s.
--oracle runs clamscan alone and lists where it does not do what its documentation says.
Where the scanners differ, FOLDER gets the smallest reproducing case: `database/`, the file, `case.txt`.
--vectors writes the recorded cases of amanat/scan/vectors/clamav, which need no clamscan:

  expect: found NAME NAME | clean | refused   what clamscan answers; `refused`: the line is malformed
  ours: …, because: …                     only where ours answers otherwise on purpose; --vectors drops both
  source: clamscan 1.4.6
  ndb: Name:0:*:aabb              a line of a database of that kind; may stand many times
  file: a.bin                     what the file is called
  bytes: 00ff..                   its content in hexadecimal; lines follow each other

All cases lie in one database and one folder, so that every signature also meets every other case's
file; lines that may be refused, and short patterns, have a database of their own (`alone`).
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from planted import body_cases, hash_cases, inside_cases, logical_cases, random_cases, vectors
from planted.cases import CRASHED, REFUSED


TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.abspath(os.environ.get("AMANAT_BIN", os.path.join(TREE, "build", "release", "bin")))
SECONDS_MAX = 1200
# Keeps every database non-empty and is found nowhere.
IDLE_LINE = ("hsb", "00" * 31 + "01:77777:Idle.Signature")


def all_cases(options):
    found = []
    for module in (body_cases, logical_cases, hash_cases, inside_cases):
        found += module.cases()
    if options.random:
        found += list(random_cases.cases(random.Random(options.seed), options.random))
    names = collections.Counter(c.id for c in found)
    assert max(names.values()) == 1, [n for n, count in names.items() if count > 1]
    return [c for c in found if not options.only or re.search(options.only, c.id)]


def write_database(folder, lines):
    """One file for each kind; lines of one kind keep their order."""
    os.makedirs(folder, exist_ok=True)
    kinds = collections.defaultdict(list)
    for kind, line in [IDLE_LINE, *lines]:
        kinds[kind].append(line)
    for kind, texts in kinds.items():
        with open(os.path.join(folder, "case." + kind), "wb") as file:
            file.write("".join(t + "\n" for t in texts).encode("utf-8", "surrogateescape"))


class Clamscan:
    name = "clamscan"

    def __init__(self, scratch):
        self.scratch = scratch
        self.version = subprocess.run(["clamscan", "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def scan(self, database, folder):
        """{file name: set of signature names}, or REFUSED when the database does not load."""
        result = subprocess.run(
            ["nice", "clamscan", "--no-summary", "-i", "-z", "-r", "--stdout", "-d", database, folder],
            capture_output=True, timeout=SECONDS_MAX)
        found = collections.defaultdict(set)
        text = result.stdout.decode("utf-8", "replace")
        for match in re.finditer(r"^(.*?): (.*?)(?:\.UNOFFICIAL)? FOUND$", text, re.M):
            found[os.path.relpath(match[1], folder)].add(match[2])
        if result.returncode not in (0, 1, 2):
            return CRASHED
        return REFUSED if result.returncode == 2 and not found else found


class Amanat:
    name = "amanat"

    def __init__(self, scratch):
        self.scratch = scratch

    def scan(self, database, folder):
        """The same from `amanat scan --json`; lines it cannot use are named when compiling, not fatal."""
        compiled = database.rstrip("/") + ".adb"
        made = subprocess.run(["nice", BIN + "/amanat", "compile-threats", database, compiled], capture_output=True,
                              timeout=SECONDS_MAX)
        if not os.path.exists(compiled):
            return REFUSED
        result = subprocess.run(["nice", BIN + "/amanat", "scan", "--db", compiled, "--all-match", "--json", folder], capture_output=True,
                                timeout=SECONDS_MAX)
        found = collections.defaultdict(set)
        for threat in threats_in(result.stdout):
            found[os.path.relpath(threat["path"], folder)].add(re.sub(r"\.UNOFFICIAL$", "", threat["signature"]))
        if result.returncode < 0:
            return CRASHED
        if result.returncode not in (0, 1) and not found:
            sys.stderr.write("amanat scan: exit %d: %s %s\n" % (result.returncode, made.stderr.decode()[-300:],
                                                               result.stderr.decode()[-300:]))
        return found


def threats_in(output):
    """The threats of a JSON answer."""
    try:
        return [f for f in json.loads(output).get("findings", []) if f["verdict"] == "threat"]
    except ValueError:
        return []


def run_together(scanner, cases, scratch):
    """All cases that share a database: {case id: set of names}."""
    folder, database = os.path.join(scratch, "files"), os.path.join(scratch, "database-" + scanner.name)
    os.makedirs(folder, exist_ok=True)
    for case in cases:
        with open(os.path.join(folder, case.id), "wb") as file:
            file.write(case.content)
    write_database(database, [line for case in cases for line in case.database()])
    found = scanner.scan(database, folder)
    if found in (REFUSED, CRASHED):
        return find_refused(scanner, cases, scratch)
    return {case.id: found.get(case.id, set()) for case in cases}


def find_refused(scanner, cases, scratch):
    """Halves a database until the refused lines stand alone."""
    if len(cases) == 1:
        return {cases[0].id: run_alone(scanner, cases[0], scratch)}
    half, out = len(cases) // 2, {}
    for part in (cases[:half], cases[half:]):
        out.update(run_together(scanner, part, tempfile.mkdtemp(dir=scratch)))
    return out


def run_alone(scanner, case, scratch):
    place = tempfile.mkdtemp(dir=scratch)
    folder = os.path.join(place, "files")
    os.makedirs(folder)
    with open(os.path.join(folder, case.id), "wb") as file:
        file.write(case.content)
    write_database(os.path.join(place, "database"), case.database())
    found = scanner.scan(os.path.join(place, "database"), folder)
    shutil.rmtree(place)
    return found if found in (REFUSED, CRASHED) else found.get(case.id, set())


def run(scanner, cases, scratch):
    alone = [c for c in cases if c.alone]
    answers = run_together(scanner, [c for c in cases if not c.alone], scratch) if len(alone) < len(cases) else {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers.update(zip((c.id for c in alone), pool.map(lambda c: run_alone(scanner, c, scratch), alone)))
    return answers


def in_words(case, answer):
    if answer in (REFUSED, CRASHED):
        return answer
    return "found " + " ".join(n.replace(case.id, "@", 1) for n in sorted(answer)) if answer else "clean"


def save_case(case, folder, answers):
    place = os.path.join(folder, case.id)
    shutil.rmtree(place, ignore_errors=True)
    write_database(os.path.join(place, "database"), case.database())
    with open(os.path.join(place, case.id), "wb") as file:
        file.write(case.content)
    with open(os.path.join(place, "case.txt"), "w", encoding="utf-8") as file:
        for who, answer in answers.items():
            file.write("%s: %s\n" % (who, in_words(case, answer)))
        for kind, line in case.database():
            file.write("%s: %s\n" % (kind, line))
        file.write("note: %s\n" % case.note)


def documented(case):
    return case.expected_names() if isinstance(case.expect, set) else case.expect


def agrees(ours, theirs):
    """Where clamscan refuses a whole database, we name the line and find nothing by it; where it dies, we need not."""
    return ours == theirs or (theirs == REFUSED and not ours) or (theirs == CRASHED and ours != CRASHED)


def compare(cases, answers, findings):
    """Prints a table by group, and every difference; how many there were."""
    groups = collections.OrderedDict()
    for case in cases:
        row = groups.setdefault(case.group, [0, 0, 0])
        row[0] += 1
        theirs = answers["clamscan"][case.id]
        if documented(case) not in (theirs, None):
            row[1] += 1
            if "amanat" not in answers:
                print("%-45s documented: %-28s clamscan: %s   %s" % (
                    case.id, in_words(case, documented(case)), in_words(case, theirs),
                    "; ".join(line for _, line in case.lines)[:110]))
        if "amanat" in answers and not agrees(answers["amanat"][case.id], theirs):
            row[2] += 1
            print("%-45s clamscan: %-28s amanat: %s" % (case.id, in_words(case, theirs),
                                                       in_words(case, answers["amanat"][case.id])))
            if findings:
                save_case(case, findings, {"documented": documented(case) or set(),
                                           **{who: a[case.id] for who, a in answers.items()}})
    print("\n| kind | cases | clamscan is not as documented | amanat differs from clamscan |\n|---|---|---|---|")
    for group, (count, undocumented, different) in groups.items():
        print("| %s | %d | %d | %s |" % (group, count, undocumented, different if "amanat" in answers else "-"))
    total = [sum(row[i] for row in groups.values()) for i in range(3)]
    print("| all | %d | %d | %s |" % (total[0], total[1], total[2] if "amanat" in answers else "-"))
    return total[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="a regular expression over names of cases: group.name")
    parser.add_argument("--oracle", action="store_true", help="clamscan alone, against the documentation")
    parser.add_argument("--findings", help="where differing cases are written")
    parser.add_argument("--vectors", help="write recorded cases here")
    parser.add_argument("--random", type=int, default=0, help="so many random cases too")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if shutil.which("clamscan") is None:
        print("scan_differences: clamscan is not here; nothing was compared")
        return 0
    cases = all_cases(options)
    scanners = [Clamscan] if options.oracle or options.vectors else [Clamscan, Amanat]
    with tempfile.TemporaryDirectory(prefix="amanat-differences-") as scratch:
        answers = {kind.name: run(kind(scratch), cases, scratch) for kind in scanners}
        version = Clamscan(scratch).version
    hits = sum(1 for a in answers["clamscan"].values() if isinstance(a, set) and a)
    print("%s, %d cases, %d with something found" % (version, len(cases), hits))
    different = compare(cases, answers, options.findings)
    if options.vectors:
        vectors.write(options.vectors, cases, answers["clamscan"], version)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
