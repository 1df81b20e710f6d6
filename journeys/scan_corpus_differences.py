#!/usr/bin/env python3
"""Compares the verdicts of clamscan and `amanat scan` file by file, on real files.

usage: scan_corpus_differences.py CORPUS --database FOLDER
       scan_corpus_differences.py CORPUS [--files N] [--signatures N] [--seed N] [--findings FOLDER]

CORPUS is a folder with real files, such as bench/scan_corpus.py makes.

With --database, both scanners read the whole corpus with the signatures of FOLDER. Clean files have few
threats, so without it the script makes its own: N files of the corpus are put into archives, mails,
pages and documents (planted/wrapped.py); clamscan tells what it sees in each (--leave-temps: members
and normal forms); N signatures of every kind take their bytes from there (planted/derived.py). Each
signature meets every file. Verdicts are sets of names for a file; FOLDER gets what differs: the file,
the signature, and `clamscan` or `amanat`, whichever found it.

Exit 1 when a difference is left that docs/scan-differences.md does not explain (EXPLAINED below).
"""
import argparse
import collections
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from planted import derived, wrapped

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.abspath(os.environ.get("AMANAT_BIN", os.path.join(TREE, "build", "release", "bin")))
FILE_MAX = 300_000     # of a file that is put into others
OBJECT_MAX = 4 << 20
THREATS_MAX = 1000     # that a verdict of ours names
CLAMSCAN = ["nice", "clamscan", "--no-summary", "-i", "-z", "-r", "--stdout", "--max-filesize=1900M", "--max-scansize=1900M",
            "--max-scantime=3600000", "--max-files=0", "--max-recursion=17"]

# (what the difference is, who alone finds it, pattern over the signature's name, pattern over the file's)
EXPLAINED = [
    ("heuristics are code, not signatures", "clamscan", r"^Heuristics\.", ""),
    ("byte comparisons behind the first 128 KiB", "amanat", r"\.compare", ""),
    ("the hash of a page", "amanat", r"\.h[ds]b\.page", ""),
    ("what lies in an ar archive", "amanat", "", r"\dar-|\.deb$"),
    ("JavaScript of a PDF ends in two bytes too many", "clamscan", "", r"\dpdfjs-"),
    ("JavaScript of a PDF ends in two bytes too many", "amanat", r"\.h[ds]b|\.eof|\.size", r"\dpdfjs-"),
    ("layers around an object in a page", "clamscan", r"\.layers", r"\ddataurl-"),
    ("layers around an object in a page", "amanat", r"\.layers", r"\ddataurl-"),
    ("binary bytes that pass for UTF-16BE", "clamscan", "", r"\.mo$"),
    ("the wrapping of an object in RTF is an object too", "amanat", "", r"\drtf-"),
    ("a page further on in a text stays text too", "amanat", r"\.(ndb|ldb)", r"\.(js|cgi|pl|py|html?|css)$"),
    ("FileSize fits a text or its normal form", "amanat", r"\.size", ""),
    ("a uuencoded file lies in the part and in the mail", "amanat", r"\.layers", r"\duu-"),
]


def clamscan(database, folder, *more):
    """{path in folder: set of names}"""
    result = subprocess.run([*CLAMSCAN, *more, "-d", database, folder], capture_output=True)
    if result.returncode not in (0, 1):
        sys.exit("clamscan: exit %d: %s" % (result.returncode, result.stderr.decode()[-600:]))
    found = collections.defaultdict(set)
    for match in re.finditer(r"^(.*?): (.*?)(?:\.UNOFFICIAL)? FOUND$", result.stdout.decode("utf-8", "replace"), re.M):
        found[os.path.relpath(match[1], folder)].add(match[2])
    return found


def amanat(database, folder, scratch):
    """The same, {path: why it was not fully scanned}, and the paths where more threats than are named lie."""
    compiled = os.path.join(scratch, "compiled.adb")
    made = subprocess.run(["nice", BIN + "/amanat", "compile-threats", database, compiled], capture_output=True, text=True, check=True)
    print(made.stdout.strip())
    result = subprocess.run(["nice", BIN + "/amanat", "scan", "--db", compiled, "--no-cache", "--all-match", "--json", folder],
                            capture_output=True)
    found, incomplete = collections.defaultdict(set), collections.defaultdict(list)
    counts = collections.Counter()
    for finding in json.loads(result.stdout)["findings"]:
        path = os.path.relpath(finding["path"], folder)
        if finding["verdict"] == "threat":
            counts[path] += 1
            found[path].add(re.sub(r"\.UNOFFICIAL$", "", finding["signature"]))
        else:
            incomplete[path].append(" ".join(str(v) for k, v in finding.items() if k != "path"))
    return found, incomplete, {path for path, count in counts.items() if count >= THREATS_MAX}


def all_files(folder):
    paths = [os.path.join(f, n) for f, _, names in os.walk(folder) for n in names if not n.startswith(".")]
    return sorted(p for p in paths if os.path.isfile(p) and not os.path.islink(p))


def members_of(path, rng):
    """A few members of a zip, as files of their own: programs, pages, classes."""
    import zipfile
    try:
        with zipfile.ZipFile(path) as archive:
            names = [i for i in archive.infolist() if 200 < i.file_size < FILE_MAX]
            kinds = {}
            for info in names:
                kinds.setdefault(os.path.splitext(info.filename)[1], info)
            for info in rng.sample(list(kinds.values()), min(3, len(kinds))):
                yield os.path.basename(info.filename), archive.read(info)
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        return


def make_files(corpus, folder, count, rng):
    """Chosen files as they are, and wrapped."""
    paths = [p for p in all_files(corpus) if 64 < os.path.getsize(p) < 2 << 20]
    classes = collections.defaultdict(list)
    for path in paths:
        classes[os.path.relpath(path, corpus).split(os.sep)[0], os.path.splitext(path)[1]].append(path)
    groups = sorted(classes)
    for number in range(count):
        path = rng.choice(classes[groups[number % len(groups)]])
        with open(path, "rb") as file:
            content = file.read()
        name = re.sub(r"[^A-Za-z0-9.]", "", os.path.basename(path))[-20:]
        write(folder, "%04d-as-it-is-%s" % (number, name), content)
        inside = [(name, content)] if len(content) < FILE_MAX else []
        inside += members_of(path, rng)
        for index, (inner, inner_content) in enumerate(inside[:3]):
            inner = re.sub(r"[^A-Za-z0-9.]", "", inner)[-20:]
            for how, made in wrapped.wrap_some(rng, inner, inner_content, 2):
                write(folder, "%04d-%d%s-%s" % (number, index, how, inner), made)


def write(folder, name, content):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


def objects_of(folder, scratch):
    """Everything that clamscan compares: the files, and what it leaves in its folder of temporaries."""
    idle, temps = os.path.join(scratch, "idle"), os.path.join(scratch, "temps")
    os.makedirs(idle)
    os.makedirs(temps)
    write(idle, "idle.hsb", b"00" * 31 + b"01:77777:Idle.Signature\n")
    clamscan(idle, folder, "--leave-temps", "--force-to-disk", "--tempdir=" + temps)
    objects = []
    for path in all_files(folder) + sorted(all_files(temps), key=lambda p: re.sub(r"[0-9a-f]{10,}|/\d{8}_\d{6}-", "", p)):
        if 6 <= os.path.getsize(path) <= OBJECT_MAX:
            with open(path, "rb") as file:
                content = file.read()
            root = os.path.relpath(path, temps if path.startswith(temps) else folder).split(os.sep)[0]
            root = re.sub(r"^\d{8}_\d{6}-|\.[0-9a-f]{10}$", "", root) if path.startswith(temps) else root
            objects.append(derived.Object(content, root, os.path.basename(path)))
    shutil.rmtree(temps)
    unique = {}
    for o in objects:
        unique.setdefault((o.content, o.root), o)
    return sorted(unique.values(), key=lambda o: (o.root, len(o.content), o.content[:64]))


def make_signatures(folder, objects, count, rng):
    """{name: (where its bytes come from, line)}; the same number from each file."""
    by_root = collections.defaultdict(list)
    for thing in objects:
        by_root[thing.root].append(thing)
    roots, made, lines = sorted(by_root), {}, collections.defaultdict(list)
    hashed = set()
    for number in range(count):
        things = by_root[roots[number % len(roots)]]
        thing = rng.choice(things)
        found = derived.signature(rng, thing, things)
        if found is None:
            continue
        kind, line = found
        if kind in ("hdb", "hsb", "mdb", "msb"):  # one name for one object: see "same_hash_two_names"
            if (thing.content, kind[0]) in hashed:
                continue
            hashed.add((thing.content, kind[0]))
        name = "D%05d.%s" % (number, derived.features(kind, line, thing))
        lines[kind].append(line.replace("@", name))
        made[name] = (thing.root + " > " + thing.name, kind + ": " + line.replace("@", name))
    os.makedirs(folder)
    for kind, texts in lines.items():
        write(folder, "derived." + kind, "".join(t + "\n" for t in texts).encode())
    return made


def compare(theirs, ours, full, about, findings):
    """Prints what differs; how much of it is not explained."""
    explained, left = collections.Counter(), []
    for path in sorted(set(theirs) | set(ours)):
        if path in full:
            explained["a verdict of ours names no more than 1000 threats"] += len(theirs[path] - ours[path])
            theirs[path] = theirs[path] & ours[path]
        for who, names in (("clamscan", theirs[path] - ours[path]), ("amanat", ours[path] - theirs[path])):
            for name in sorted(names):
                why = [e[0] for e in EXPLAINED if e[1] == who and re.search(e[2], name) and re.search(e[3], path)]
                if why:
                    explained[why[0]] += 1
                else:
                    left.append((who, path, name))
    both = sum(len(theirs[p] & ours[p]) for p in theirs)
    print("found by both: %d; only by one and explained: %d; not explained: %d, in %d files" % (
        both, sum(explained.values()), len(left), len({p for _, p, _ in left})))
    for why, count in explained.most_common():
        print("  %5d  %s" % (count, why))
    for who, path, name in left[:60]:
        print("  only %s: %s in %s  %s" % (who, name, path, " ".join(about.get(name, ()))[:150].replace(name, "@")))
    if findings:
        os.makedirs(findings, exist_ok=True)
        write(findings, "differences.json", json.dumps([(w, p, n, *about.get(n, ())) for w, p, n in left], indent=1).encode())
    return len(left)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", default="", help="a folder with real files")
    parser.add_argument("--database", help="a folder of signatures: compare on the whole corpus")
    parser.add_argument("--files", type=int, default=300, help="how many files are chosen")
    parser.add_argument("--signatures", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", help="what differs is written here, with the files")
    options = parser.parse_args()
    if shutil.which("clamscan") is None or not os.path.isdir(options.corpus):
        print("scan_corpus_differences: clamscan is not here, or no corpus was named; nothing was compared")
        return 0
    with tempfile.TemporaryDirectory(prefix="amanat-differences-") as scratch:
        folder, database, about = options.corpus, options.database, {}
        if database is None:
            scratch = options.findings or scratch
            folder, database = os.path.join(scratch, "files"), os.path.join(scratch, "database")
            for old in (folder, database, os.path.join(scratch, "idle"), os.path.join(scratch, "temps")):
                shutil.rmtree(old, ignore_errors=True)
            os.makedirs(folder)
            rng = random.Random(options.seed)
            make_files(options.corpus, folder, options.files, rng)
            objects = objects_of(folder, scratch)
            about = make_signatures(database, objects, options.signatures, rng)
            print("%d files with %d objects, %d signatures" % (len(all_files(folder)), len(objects), len(about)), flush=True)
        ours, incomplete, full = amanat(database, folder, scratch)
        theirs = clamscan(database, folder)
        different = compare(theirs, ours, full, about, options.findings)
        print("not fully scanned by amanat: %d files" % len(incomplete))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
