#!/usr/bin/python3
"""Kills the custodian, then the phone, at random moments while files are being protected.

usage: kills.py [--kills N] [--phone-kills N] [--seed S] [--kilobytes N]

Between a kill and the next start the custodian's disk is looked at directly: every receipt that the
phone holds must name an entry of the log, byte for byte, and every pack that the phone was told is
stored must lie there, whole. Then everything goes on where it was. At the end both sides check
themselves, and what is restored must equal the files bit for bit.
"""
import argparse
import os
import random
import shutil
import sqlite3
import sys
import time

from stage import statements as st
from stage.programs import BIN, Custodian, Phone, Trial, differences
import subprocess

UPLOADED = 1  # of the phone's packs: it was told that they are stored; below, they are only sealed
HEADS = {"photo.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", "song.mp3": b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\0",
         "page.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "thing.bin": b"", "film.mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x08free",
         "letter.eml": b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nDate: Mon, 2 Jun 2025 10:00:00 +0000\r\n\r\n"}


def make_files(rng, top, number, kilobytes):
    """One new file for each of some categories: each makes a pack."""
    folder = os.path.join(top, "day-%03d" % number)
    os.makedirs(folder)
    for name, head in HEADS.items():
        body = rng.randbytes(rng.randrange(1, 2 * kilobytes * 1024))
        if name.endswith("eml"):
            body = body.hex()[:len(body)].encode()
        with open(os.path.join(folder, name), "wb") as file:
            file.write(head + body)


def rows(path, scratch, query):
    """What a query finds in a copy of a database and its journal, as the next start would find it."""
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    for end in ("", "-wal"):
        if os.path.exists(path + end):
            shutil.copyfile(path + end, os.path.join(scratch, "copy.db" + end))
    base = sqlite3.connect(os.path.join(scratch, "copy.db"))
    try:
        return base.execute(query).fetchall()
    finally:
        base.close()


def live_rows(path, query):
    """The same of a database that a living process has open."""
    base = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=10)
    try:
        return base.execute(query).fetchall()
    finally:
        base.close()


def read_receipt(data):
    """format.md section 5: Event, index, entry, …"""
    at = 1 + 32 + 32 + 32 + 1 + 32 + 32
    at += 2 + int.from_bytes(data[at:at + 2], "big")
    index, size = int.from_bytes(data[at:at + 8], "big"), int.from_bytes(data[at + 8:at + 10], "big")
    return index, data[at + 10:at + 10 + size]


class Witness:
    """Remembers what the phone was told, and looks for it on the custodian's disk."""

    def __init__(self, trial, custodian, phone):
        self.trial, self.custodian, self.phone, self.whole = trial, custodian, phone, set()
        self.receipts, self.packs = 0, 0

    def look(self, moment):
        """The custodian must be dead. First the phone's word is taken, then the disk."""
        home = os.path.join(self.phone.home, "phone.db")
        told = [read_receipt(r) for r, in live_rows(home, "SELECT receipt FROM events WHERE receipt IS NOT NULL")]
        stored = {p for p, in live_rows(home, "SELECT id FROM packs WHERE state >= %d" % UPLOADED)}
        base = os.path.join(self.custodian.folder, "custodian.db")
        scratch = self.trial.path("scratch")
        log = dict(rows(base, scratch, "SELECT idx, bytes FROM log_entries"))
        lost = [index for index, entry in told if log.get(index) != entry]
        self.trial.check(not lost, "%s: every receipt's entry is in the log" % moment, lost)
        blobs = {pack: (blob, frames) for pack, blob, frames in rows(base, scratch, "SELECT pack, blob, frames FROM packs")}
        gone = [pack.hex() for pack in stored if not self.is_whole(pack, blobs.get(pack))]
        self.trial.check(not gone, "%s: every pack the phone was told is stored is there" % moment, gone)
        self.receipts, self.packs = len(told), len(stored)

    def is_whole(self, pack, found):
        if found is None:
            return False
        name = found[0].hex()
        path = os.path.join(self.custodian.folder, "packs", name[:2], name[2:4], name)
        if not os.path.exists(path) or os.path.getsize(path) != found[1] * st.FRAME + st.HEADER:
            return False
        if pack not in self.whole:  # its bytes never change: reading them once is enough, and at the end once more
            with open(path, "rb") as file:
                if st.tree_root(st.leaves_of(file.read())) != pack:
                    return False
            self.whole.add(pack)
        return True


def allowed(trial, ended, moment, statuses):
    trial.check(ended.status in statuses, "%s: protect ends with one of %s" % (moment, statuses), ended)


def kill_custodian(trial, rng, custodian, phone, witness, files, options):
    """N kills while `amanat protect` runs; returns how many found it running."""
    day, hits, kills = 1, 0, 0
    while kills < options.kills:
        make_files(rng, files, day, options.kilobytes)
        day += 1
        process = phone.begin("protect", files)
        while kills < options.kills:
            time.sleep(rng.uniform(0.005, options.longest))
            running = process.poll() is None
            custodian.kill()
            kills += 1
            hits += running
            witness.look("kill %d" % kills)
            custodian.start()
            if not running:
                break
        allowed(trial, phone.end(), "after kill %d" % kills, (0, 4))
        if kills % 10 == 0:
            ended = phone.run("check")
            trial.check(ended.status == 0, "after kill %d the phone's check holds" % kills, ended)
    return day, hits


def kill_phone(trial, rng, phone, files, day, options):
    hits = 0
    for number in range(options.phone_kills):
        make_files(rng, files, day + number, options.kilobytes)
        process = phone.begin("protect", files)
        time.sleep(rng.uniform(0.005, options.longest))
        hits += process.poll() is None
        phone.kill()
        process.communicate()
        if number % 5 == 4:
            allowed(trial, phone.run("protect", files), "after phone kill %d" % (number + 1), (0,))
    return hits


def end_well(trial, custodian, phone, witness, files):
    allowed(trial, phone.run("protect", files), "at the end", (0,))
    ended = phone.run("check", "--all")
    trial.check(ended.status == 0, "at the end every pack opens and every receipt holds", ended)
    trial.check(custodian.stop() == 0, "the custodian ends with 0")
    witness.whole.clear()
    witness.look("at the end")
    ended = subprocess.run([BIN + "/amanatd", "check", "--data", custodian.folder], capture_output=True, text=True)
    trial.check(ended.returncode == 0, "the custodian's own check holds", ended.stdout + ended.stderr)
    left = os.listdir(os.path.join(custodian.folder, "packs", "incoming"))
    trial.check(not left, "nothing unfinished is left", left)
    custodian.start()
    ended = phone.run("restore", trial.path("restored"))
    trial.check(ended.status == 0, "everything is restored", ended)
    wrong = differences(files, trial.path("restored"))
    trial.check(not wrong, "and equals the files bit for bit", wrong[:10])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--phone-kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--kilobytes", type=int, default=60, help="mean size of a new file")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with Trial("kills") as trial:
        custodian = Custodian(trial, trial.path("custodian")).start()
        phone, files = Phone(trial, trial.path("phone")), trial.path("files")
        os.makedirs(files)
        phone.enroll(custodian.address)
        witness = Witness(trial, custodian, phone)
        make_files(rng, files, 0, options.kilobytes)
        started = time.monotonic()
        phone.must("protect", files)
        options.longest = min(0.4, time.monotonic() - started)  # so that a kill meets work
        started = time.monotonic()
        day, hits = kill_custodian(trial, rng, custodian, phone, witness, files, options)
        trial.say("%d kills of the custodian, %d while files were being protected; %.0f s" % (
            options.kills, hits, time.monotonic() - started))
        trial.check(hits * 2 >= options.kills, "at least half of the kills met an upload")
        started = time.monotonic()
        hits = kill_phone(trial, rng, phone, files, day, options)
        trial.say("%d kills of the phone, %d while it worked; %.0f s" % (
            options.phone_kills, hits, time.monotonic() - started))
        end_well(trial, custodian, phone, witness, files)
        trial.say("at the end %d receipts and %d packs, none lost" % (witness.receipts, witness.packs)
                  if not trial.broken else "seed %d" % options.seed)


if __name__ == "__main__":
    main()
