#!/usr/bin/env python3
"""Make the clean corpus that bench/scan reads: about 1 GB from Debian packages and a key stream.

usage: bench/scan_corpus.py FOLDER [--keep-scratch]

FOLDER gets binaries/ (ELF), archives/ (jar, apk, zip, pdf, deb, ...), text/ (C sources), random/ and
training/ (clean files that are in none of the others: signatures that are common there would not be
shipped). Packages come by apt-get download, which installs nothing; one Debian release gives the same
files every time. What is there already is not made again.
"""
import argparse
import concurrent.futures
import hashlib
import os
import shutil
import subprocess
import sys

BINARIES = ("libllvm14 firefox-esr libreoffice-core postgresql-15 qemu-system-x86 gdb libqt5gui5 libqt5webkit5 "
            "python3.11-minimal perl-base busybox-static openssl libssl3").split()
ARCHIVES = ("kotlin libgradle-core-java android-framework-res python3-pip-whl libreoffice-common libsmali-java "
            "libguava-java ant libmaven3-core-java libbcprov-java libicu4j-java libxerces2-java libproguard-java apktool "
            "groovy libbatik-java libpdfbox2-java r-doc-pdf antiword texlive-latex-base-doc "
            "libreoffice-style-colibre libreoffice-style-breeze").split()
TEXT = ["linux-source-6.1"]
TRAINING = "git cmake nodejs libnode108 libboost1.81-dev libavcodec59 libgtk-3-0 binutils-x86-64-linux-gnu vim-runtime".split()
ARCHIVE_SUFFIXES = (".jar", ".apk", ".zip", ".whl", ".pdf", ".doc", ".7z", ".tgz", ".ja", ".dex")
LIMITS = {".jar": 90_000_000, "text": 200_000_000, "training": 150_000_000}
LIMIT = 60_000_000
ONE_FILE_MAX = 64 << 20
RANDOM_FILES, RANDOM_BYTES = 15, 10_000_000


def fetch(package, folder):
    """The package's file, or None when this Debian release has no such package."""
    found = [n for n in os.listdir(folder) if n.startswith(package + "_")]
    if not found:
        subprocess.run(["apt-get", "download", package], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = [n for n in os.listdir(folder) if n.startswith(package + "_")]
    return os.path.join(folder, found[0]) if found else None


def unpack(packages, scratch, name):
    """Unpacks packages side by side: the folder, and the packages' own files."""
    downloads, folder, files = os.path.join(scratch, "packages"), os.path.join(scratch, name), []
    os.makedirs(downloads, exist_ok=True)
    os.makedirs(folder, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        fetched = list(pool.map(lambda p: fetch(p, downloads), packages))
    for package, path in zip(packages, fetched):
        if path is None:
            print("no such package here: " + package, file=sys.stderr)
            continue
        subprocess.run(["nice", "dpkg", "-x", path, os.path.join(folder, package)], check=True)
        files.append(path)
    return folder, files


def all_files(folder):
    """Every ordinary file below, in one order on every machine."""
    paths = [os.path.join(f, n) for f, _, names in os.walk(folder) for n in names]
    return sorted(p for p in paths if os.path.isfile(p) and not os.path.islink(p))


class Part:
    """One folder of the corpus, filled up to a number of bytes."""

    def __init__(self, folder):
        self.folder, self.count, self.used = folder, 0, {}
        os.makedirs(folder, exist_ok=True)

    def take(self, path, kind="", limit=1 << 40):
        size = os.path.getsize(path)
        if self.used.get(kind, 0) + size > limit:
            return
        self.used[kind] = self.used.get(kind, 0) + size
        self.count += 1
        shutil.copyfile(path, os.path.join(self.folder, "%05d_%s" % (self.count, os.path.basename(path))))


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def make_binaries(folder, scratch):
    part = Part(folder)
    for path in all_files(unpack(BINARIES, scratch, "binaries")[0]):
        if os.path.getsize(path) > 8192 and is_elf(path):
            part.take(path)


def make_archives(folder, scratch):
    part = Part(folder)
    unpacked, packages = unpack(ARCHIVES, scratch, "archives")
    for path in all_files(unpacked):
        suffix = os.path.splitext(path)[1]
        if suffix in ARCHIVE_SUFFIXES and os.path.getsize(path) < ONE_FILE_MAX:
            part.take(path, suffix, LIMITS.get(suffix, LIMIT))
    for path in packages:
        if os.path.basename(path).startswith(("groovy_", "antiword_")):
            part.take(path)


def make_text(folder, scratch):
    part, (unpacked, _) = Part(folder), unpack(TEXT, scratch, "text")
    tar = [p for p in all_files(unpacked) if p.endswith(".tar.xz")][0]
    sources = os.path.join(scratch, "sources")
    os.makedirs(sources, exist_ok=True)
    subprocess.run(["nice", "tar", "-xJf", tar, "-C", sources, "--wildcards", "*/drivers/*.[ch]"], check=True)
    for path in all_files(sources):
        part.take(path, limit=LIMITS["text"])


def make_random(folder, _scratch):
    os.makedirs(folder, exist_ok=True)
    for number in range(RANDOM_FILES):
        with open(os.path.join(folder, "%02d.bin" % number), "wb") as file:
            file.write(hashlib.shake_256(b"amanat bench %d" % number).digest(RANDOM_BYTES))


def make_training(folder, scratch):
    part = Part(folder)
    for path in all_files(unpack(TRAINING, scratch, "training")[0]):
        if os.path.getsize(path) > 4096:
            part.take(path, limit=LIMITS["training"])


MAKERS = {"binaries": make_binaries, "archives": make_archives, "text": make_text, "random": make_random,
          "training": make_training}
CLASSES = ("binaries", "archives", "text", "random")


def make(folder, keep_scratch=False):
    """Makes what is missing of the corpus in `folder`."""
    scratch = os.path.join(folder, "scratch")
    os.makedirs(scratch, exist_ok=True)
    for name, maker in MAKERS.items():
        done = os.path.join(folder, "." + name + ".done")
        if os.path.exists(done):
            continue
        part = os.path.join(folder, name)
        shutil.rmtree(part, ignore_errors=True)
        maker(part, scratch)
        open(done, "w").close()
        files = all_files(part)
        print("%-9s %6d files, %6.1f MB" % (name, len(files), sum(map(os.path.getsize, files)) / 1e6), flush=True)
    if not keep_scratch:
        shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--keep-scratch", action="store_true", help="keep the packages")
    options = parser.parse_args()
    make(options.folder, options.keep_scratch)


if __name__ == "__main__":
    main()
