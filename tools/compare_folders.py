#!/usr/bin/env python3
"""Compare a phone's folder with what was restored from it: compare_folders.py ORIGINAL RESTORED

Every restored file must equal its original bit for bit, modes and times included, and nothing may
be there that was not. What was not restored is counted: it stayed on the phone.
"""
import filecmp
import os
import stat
import sys


def entries(top):
    for folder, names, files in os.walk(top):
        for name in files + [n for n in names if os.path.islink(os.path.join(folder, n))]:
            yield os.path.relpath(os.path.join(folder, name), top)


def difference(a, b):
    first, second = os.lstat(a), os.lstat(b)
    if stat.S_IFMT(first.st_mode) != stat.S_IFMT(second.st_mode):
        return "another kind of file"
    if stat.S_ISLNK(first.st_mode):
        return None if os.readlink(a) == os.readlink(b) else "another target"
    if first.st_mode != second.st_mode:
        return "another mode"
    if first.st_mtime_ns != second.st_mtime_ns:
        return "another time"
    return None if filecmp.cmp(a, b, shallow=False) else "other bytes"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    original, restored = sys.argv[1:]
    before, after = set(entries(original)), set(entries(restored))
    bad = ["%s: was never there" % name for name in sorted(after - before)]
    for name in sorted(after & before):
        why = difference(os.path.join(original, name), os.path.join(restored, name))
        if why:
            bad.append("%s: %s" % (name, why))
    for line in bad:
        print(line)
    print("%d files came back bit for bit, %d stayed on the phone, %d differ"
          % (len(after & before) - len([b for b in bad if "never" not in b]), len(before - after), len(bad)))
    sys.exit(1 if bad or not after else 0)


if __name__ == "__main__":
    main()
