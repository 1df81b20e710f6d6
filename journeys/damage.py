#!/usr/bin/python3
"""Damage on both sides: bent packs, mistyped words, files that cannot be read or change, disks that are full.

usage: damage.py [--sparse-gib N] [PART...]       parts: packs expired words files changing disks

Each part says what must come of it: a clear word, the right exit status, nothing lost that need not
be, and everything working again once the cause is gone.
"""
import argparse
import os
import random
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time

from stage.programs import BIN, TREE, Custodian, Phone, Trial, differences


def make_sample(top):
    subprocess.run([sys.executable, os.path.join(TREE, "tools", "make_sample_phone.py"), top], check=True,
                   stdout=subprocess.DEVNULL)
    os.unlink(os.path.join(top, "Apps", "free.flashlight.apk"))  # a test virus stays on the phone


def founding(trial, name, options=()):
    custodian = Custodian(trial, trial.path(name + "-custodian"), options).start()
    phone = Phone(trial, trial.path(name + "-phone"))
    phone.enroll(custodian.address)
    return custodian, phone


def bend(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def packs(trial, _options):
    """Bends, truncates, removes and swaps the custodian's files."""
    custodian, phone = founding(trial, "packs")
    files, rng = trial.path("packs-files"), random.Random(7)
    make_sample(files)
    phone.must("protect", files)
    custodian.stop()
    found = custodian.pack_files()
    rng.shuffle(found)
    bend(found[0], 5000)
    os.truncate(found[1], os.path.getsize(found[1]) // 2)
    os.unlink(found[2])
    same = [name for name in found[3:] if os.path.getsize(name) == os.path.getsize(found[3])][:2]
    with open(same[0], "rb") as a, open(same[1], "rb") as b:
        first, second = a.read(), b.read()
    for name, data in ((same[0], second), (same[1], first)):
        with open(name, "wb") as file:
            file.write(data)
    ended = subprocess.run([BIN + "/amanatd", "check", "--data", custodian.folder], capture_output=True, text=True)
    trial.check(ended.returncode == 1 and ended.stdout.count("damaged: pack ") == 5,
                "the custodian's own check finds the five damaged packs", ended.stdout + ended.stderr)
    custodian.start()
    checked = phone.run("check", "--all", "--json")
    report = checked.json()
    trial.check(checked.status == 1 and len(report.get("problems", ())) == 5, "the phone's check finds them, exit 1", checked)
    restored = phone.run("restore", trial.path("packs-restored"), "--json")
    trial.check(restored.status == 1, "restore ends with 1", restored)
    wrong = differences(files, trial.path("packs-restored"))
    paths = [line.split("'")[1] for line in wrong]
    hurt = {path for path in paths if stat.S_ISREG(os.lstat(os.path.join(files, path)).st_mode)}
    named = {os.path.relpath(path, files) for path in report.get("damaged_files", ())}
    trial.check(hurt and hurt <= named, "check names every file that does not come back", sorted(hurt - named))
    told = {entry["path"] for entry in restored.json().get("damaged", ())}
    trial.check(all(any(name.endswith(path) or path.endswith(name) for path in told) for name in hurt),
                "restore names every file that does not come back whole", (sorted(hurt)[:5], sorted(told)[:3]))
    trial.check(not any(" is new" in line for line in wrong), "and makes up none", wrong)
    repaired = phone.run("protect", files)
    trial.check(repaired.status == 0, "protect, with everything still on the phone", repaired)
    checked = phone.run("check", "--all")
    trial.check(checked.status == 0, "after protect nothing is damaged any more", checked)
    again = phone.run("restore", trial.path("packs-again"))
    trial.check(again.status == 0 and not differences(files, trial.path("packs-again")), "and all comes back bit for bit", again)


def expired(trial, _options):
    """A protect is cut off; its packs, which no commit names, are deleted after seven days; it goes on later."""
    custodian, phone = founding(trial, "expired")
    top = trial.path("expired-files")
    make_random(top, 60, 1 << 20)
    phone.begin("protect", top)
    end = time.monotonic() + 60
    while len(custodian.pack_files()) < 2 and phone.process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    phone.kill()
    phone.end()
    custodian.stop()
    # What the custodian's sweep does with packs that were stored and never committed (api.md section 5).
    base = sqlite3.connect(os.path.join(custodian.folder, "custodian.db"))
    gone = base.execute("SELECT count(*) FROM packs WHERE log_index IS NULL").fetchone()[0]
    base.execute("DELETE FROM pack_grants WHERE id IN (SELECT id FROM packs WHERE log_index IS NULL)")
    base.execute("DELETE FROM packs WHERE log_index IS NULL")
    base.commit()
    base.close()
    for name in custodian.pack_files():
        os.unlink(name)
    trial.check(gone >= 1, "packs were uploaded and not committed", gone)
    custodian.start()
    ended = phone.run("protect", top)
    trial.check(ended.status == 0, "after seven days protect still goes on", ended)
    ended = phone.run("check", "--all")
    trial.check(ended.status == 0, "and all is there", ended)
    ended = phone.run("restore", trial.path("expired-back"))
    trial.check(ended.status == 0 and not differences(top, trial.path("expired-back")), "and comes back", ended)


def words(trial, _options):
    """Recovers with every kind of wrong words, then with the right ones on the same phone."""
    custodian, phone = founding(trial, "words")
    other = Phone(trial, trial.path("words-other-phone"))
    other.enroll(custodian.address)
    with open(phone.words, encoding="utf-8") as file:
        right = file.read().split()
    with open(other.words, encoding="utf-8") as file:
        others = file.read().split()
    new, paper = Phone(trial, trial.path("words-new-phone")), trial.path("paper")
    swapped = next([*right[:n], right[n + 1], right[n], *right[n + 2:]] for n in range(23) if right[n] != right[n + 1])
    for what, text, hint in (
            ("a mistyped word", " ".join([right[0] + "q", *right[1:]]), "word 1"),
            ("a mistyped last word", " ".join([*right[:23], "zzzz"]), "word 24"),
            ("two words swapped", " ".join(swapped), ""), ("23 words", " ".join(right[:23]), "23"),
            ("25 words", " ".join([*right, "abandon"]), "25"), ("nothing", "", ""), ("noise", "\x01\x1b[31m" * 40, ""),
            ("a megabyte", "abandon " * 150_000, "")):
        with open(paper, "w", encoding="utf-8") as file:
            file.write(text)
        ended = new.run("recover", custodian.address, "--words", paper)
        trial.check(ended.status == 2 and hint in ended.err and "\x1b" not in ended.err + ended.out,
                    "recover with %s ends with 2 and says what is wrong" % what, ended)
        trial.check(" ".join(right[1:3]) not in ended.err + ended.out, "and shows none of the right words", ended)
    ended = new.run("recover", custodian.address, "--words", trial.path("no such file"))
    trial.check(ended.status == 2, "words from a file that is not there end with 2", ended)
    bent = custodian.address[:-1] + ("0" if custodian.address[-1] != "0" else "1")
    with open(paper, "w", encoding="utf-8") as file:
        file.write("  " + "\n\t".join(w.upper() for w in right) + "\n\n")
    ended = new.run("recover", bent, "--words", paper)
    trial.check(ended.status == 5, "an address of another policy ends with 5", ended)
    ended = new.run("recover", custodian.address, "--words", paper)
    trial.check(ended.status == 0, "after all that the right words work, in capitals and over many lines", ended)
    ended = new.run("recover", custodian.address, "--words", paper)
    trial.check(ended.status == 2, "recovering where a phone is already ends with 2", ended)
    ended = phone.run("withdraw", "photos", "--now", "--words", other.words, "--words-out", trial.path("w"))
    trial.check(ended.status in (2, 3, 5) and others[0] not in ended.err, "withdrawing with another's words is refused", ended)
    trial.check(phone.run("check").status == 0, "and the phone is as it was")


def make_odd_tree(top, gib):
    """Everything that a walk may meet. Returns what must be reported, and what must come back."""
    odd = os.path.join(top, "odd")
    os.makedirs(odd)

    def write(name, data):
        with open(os.path.join(os.fsencode(odd), name), "wb") as file:
            file.write(data)

    os.mkfifo(os.path.join(odd, "fifo"))
    with socket.socket(socket.AF_UNIX) as ear:
        here = os.getcwd()
        os.chdir(odd)
        ear.bind("socket")
        os.chdir(here)
    os.symlink("loop two", os.path.join(odd, "loop one"))
    os.symlink("loop one", os.path.join(odd, "loop two"))
    os.symlink("..", os.path.join(odd, "up"))
    os.symlink("/", os.path.join(odd, "everything"))
    write(b"latin \xe9 and \xff\xc3\x28", b"a name that is no UTF-8\n" * 900)
    write(b"new\nline \x1b[31mred \x07", b"a name that would paint the terminal\n" * 90)
    write(b"n" * 255, b"the longest name\n" * 90)
    write(b"-rf", b"a name like an option\n" * 90)
    write("e\u0301 and \u202etxt.exe".encode(), b"combining and right to left\n" * 90)
    os.makedirs(os.path.join(odd, "empty"))
    with open(os.path.join(odd, "sparse.bin"), "wb") as file:
        file.write(os.urandom(100_000))
        file.seek(int(gib * (1 << 30)) - 200_000)
        file.write(os.urandom(70_000))
        file.truncate(int(gib * (1 << 30)))
    with open(os.path.join(odd, "unreadable.txt"), "w", encoding="ascii") as file:
        file.write("nobody may read this\n" * 1000)
    os.chmod(os.path.join(odd, "unreadable.txt"), 0)
    os.makedirs(os.path.join(odd, "closed"))
    os.chmod(os.path.join(odd, "closed"), 0)


class UnprivilegedPhone(Phone):
    """Root reads everything; a phone's user does not."""

    def begin(self, *arguments, environment=None):
        self.process = subprocess.Popen(
            [BIN + "/amanat", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, AMANAT_HOME=self.home, LC_ALL="C.UTF-8", COLUMNS="100"), user=65534, group=65534,
            extra_groups=[], cwd="/")
        return self.process


def may_run_as_nobody(trial):
    if os.geteuid() != 0:
        return False
    try:
        return subprocess.run([BIN + "/amanat", "--help"], user=65534, group=65534, extra_groups=[], cwd="/",
                              capture_output=True).returncode == 0
    except OSError:
        return False


def files(trial, options):
    custodian = Custodian(trial, trial.path("files-custodian")).start()
    top = trial.path("files-files")
    make_odd_tree(top, options.sparse_gib)
    phone, unread = Phone(trial, trial.path("files-phone")), ()
    if may_run_as_nobody(trial):
        os.chmod(trial.folder, 0o755)
        phone = UnprivilegedPhone(trial, trial.path("nobody", "phone"))
        os.makedirs(trial.path("nobody"))
        for folder, names, found in os.walk(top):
            for name in names + found:
                os.chown(os.path.join(folder, name), 65534, 65534, follow_symlinks=False)
        os.chown(trial.path("nobody"), 65534, 65534)
        unread = ("unreadable.txt", "closed")
    else:
        trial.say("skipped: unreadable files, since this user reads everything or cannot become another")
    phone.enroll(custodian.address)
    started = time.monotonic()
    ended = phone.run("protect", top)
    trial.say("a sparse file of %.2f GiB and the rest: %.1f s" % (options.sparse_gib, time.monotonic() - started))
    trial.check(ended.status == 1, "protect ends with 1 when something could not be kept", ended)
    for name in ("fifo", "socket", *unread):
        trial.check("odd/" + name in ended.out, "it names %s" % name, ended)
    trial.check("\x1b" not in ended.out + ended.err and "\x07" not in ended.out + ended.err, "no name reaches the terminal raw")
    back = trial.path("nobody" if unread else "", "restored")
    ended = phone.run("restore", back)
    trial.check(ended.status == 0, "what was kept comes back", ended)
    left_out = {("odd/" + n).encode() for n in ("fifo", "socket", *unread)}
    wrong = differences(top, back, but=left_out)
    trial.check(not wrong, "links, holes and names come back as they were", wrong)
    sparse = os.stat(os.path.join(back, "odd", "sparse.bin"))
    trial.check(sparse.st_blocks * 512 < 4 << 20, "a sparse file is sparse again", sparse.st_blocks * 512)
    for name in unread:
        os.chmod(os.path.join(top, "odd", name), 0o700)
    for name in ("fifo", "socket"):
        os.unlink(os.path.join(top, "odd", name))
    ended = phone.run("protect", top)
    trial.check(ended.status == 0, "with the causes gone protect ends with 0", ended)
    for name in ("no such folder", "odd/loop one", "odd/-rf"):
        ended = phone.run("protect", os.path.join(top, name))
        trial.check(ended.status in (0, 2), "protecting %s is done or refused, no more" % name, ended)


def changing(trial, _options):
    """A file that is written all the time, and files that come and go."""
    custodian, phone = founding(trial, "changing")
    top = trial.path("changing-files")
    os.makedirs(top)
    big, done = os.path.join(top, "big.bin"), threading.Event()
    with open(big, "wb") as file:
        file.write(os.urandom(40 << 20))
    with open(os.path.join(top, "still.txt"), "w", encoding="ascii") as file:
        file.write("this one keeps still\n" * 2000)

    def write():
        number = 0
        with open(big, "r+b", buffering=0) as file:
            while not done.is_set():
                file.seek(number * 7919 % (40 << 20))
                file.write(b"x")
                number += 1
                time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    ended = phone.run("protect", top)
    done.set()
    writer.join()
    trial.check(ended.status == 1 and "big.bin" in ended.out, "a file that changes while it is read is named, exit 1", ended)
    ended = phone.run("restore", trial.path("changing-first"))
    trial.check(ended.status == 0 and differences(top, trial.path("changing-first")) == ["b'big.bin' is missing"],
                "and is not kept half", differences(top, trial.path("changing-first")))
    done.clear()

    def come_and_go():
        number = 0
        while not done.is_set():
            try:
                with open(os.path.join(top, "brief-%d" % (number % 40)), "w", encoding="ascii") as file:
                    file.write("x" * (number % 5000))
                os.unlink(os.path.join(top, "brief-%d" % ((number + 20) % 40)))
            except OSError:
                pass
            number += 1

    writer = threading.Thread(target=come_and_go)
    writer.start()
    for _ in range(3):
        ended = phone.run("protect", top)
        trial.check(ended.status in (0, 1), "files that come and go do not stop protect", ended)
    done.set()
    writer.join()
    ended = phone.run("protect", top)
    trial.check(ended.status == 0, "when all is still, all is kept", ended)
    ended = phone.run("restore", trial.path("changing-last"))
    trial.check(ended.status == 0 and not differences(top, trial.path("changing-last")), "and comes back bit for bit", ended)


class SmallDisk:
    """A disk of its own, and always unmounted; `with` gives nothing where mounting is not allowed."""

    def __init__(self, trial, name, size):
        self.path, self.size, self.mounted = trial.path(name), size, False

    def __enter__(self):
        os.makedirs(self.path)
        ended = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%s" % self.size, "tmpfs", self.path], capture_output=True)
        self.mounted = ended.returncode == 0
        return self if self.mounted else None

    def fill(self):
        with open(os.path.join(self.path, "ballast"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass

    def empty(self):
        os.unlink(os.path.join(self.path, "ballast"))

    def grow(self, size):
        subprocess.run(["mount", "-o", "remount,size=%s" % size, self.path], check=True)

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", "-l", self.path], check=False)


def make_random(top, count, size):
    os.makedirs(top, exist_ok=True)
    for n in range(count):
        with open(os.path.join(top, "noise-%d.bin" % n), "wb") as file:
            file.write(os.urandom(size))


def disks(trial, _options):
    if os.geteuid() != 0:
        trial.say("skipped: full disks, since only root may mount one")
        return
    with SmallDisk(trial, "small-custodian", "96m") as disk:
        if disk is None:
            trial.say("skipped: full disks, since mounting is not allowed here")
            return
        custodians_disk(trial, disk)
    with SmallDisk(trial, "small-phone", "24m") as disk:
        phones_disk(trial, disk)


def custodians_disk(trial, disk):
    custodian = Custodian(trial, os.path.join(disk.path, "custodian")).start()
    phone, top = Phone(trial, trial.path("disks-phone")), trial.path("disks-files")
    phone.enroll(custodian.address)
    make_random(top, 4, 1 << 20)
    phone.must("protect", top)
    disk.fill()
    make_random(trial.path("disks-files", "more"), 2, 1 << 20)
    ended = phone.run("protect", top)
    trial.check(ended.status == 4 and ended.err, "a custodian with a full disk is away: exit 4, with a word", ended)
    trial.check(custodian.process.poll() is None, "and it lives on")
    ended = phone.run("check", "--all")
    trial.check(ended.status == 0, "what it has it still shows", ended)
    kept = phone.run("restore", trial.path("disks-full"))
    trial.check(kept.status == 0 and not [x for x in differences(top, trial.path("disks-full")) if "more" not in x],
                "and gives back", kept)
    custodian.kill()
    custodian_started = True
    try:
        custodian.start()
    except RuntimeError as why:
        custodian_started = "disk" in str(why) or "space" in str(why) or "room" in str(why)
        trial.check(custodian_started, "one that cannot start on a full disk says so", why)
    disk.empty()
    disk.grow("400m")
    if custodian.process.poll() is not None:
        custodian.start()
    ended = phone.run("protect", top)
    trial.check(ended.status == 0, "with space again, protect goes on", ended)
    ended = phone.run("check", "--all")
    trial.check(ended.status == 0, "and nothing was lost", ended)
    ended = phone.run("restore", trial.path("disks-back"))
    trial.check(ended.status == 0 and not differences(top, trial.path("disks-back")), "all comes back", ended)
    custodian.kill()


def phones_disk(trial, disk):
    custodian = Custodian(trial, trial.path("disks-custodian-2")).start()
    phone, top = Phone(trial, os.path.join(disk.path, "phone")), trial.path("disks-files-2")
    phone.words = trial.path("disks-words")
    phone.enroll(custodian.address)
    make_random(top, 4, 1 << 20)
    phone.must("protect", top)
    disk.fill()
    make_random(trial.path("disks-files-2", "more"), 60, 20_000)
    ended = phone.run("protect", top)
    trial.check(ended.status in (1, 2, 4) and "full" in ended.err + ended.out or "space" in ended.err + ended.out,
                "a phone with a full disk says so", ended)
    trial.check("custodian's volume" not in ended.err, "and does not call it the custodian's", ended)
    disk.empty()
    for arguments in (("protect", top), ("check", "--all"), ("restore", trial.path("disks-back-2"))):
        ended = phone.run(*arguments)
        trial.check(ended.status == 0, "with space again, %s works" % arguments[0], ended)
    trial.check(not differences(top, trial.path("disks-back-2")), "and all comes back")


PARTS = {"packs": packs, "expired": expired, "words": words, "files": files, "changing": changing, "disks": disks}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sparse-gib", type=float, default=0.3 if BIN.endswith("dev/bin") else 4.1,
                        help="size of the sparse file; less under sanitizers, which are slow to read nothing")
    parser.add_argument("parts", nargs="*", metavar="PART")
    options = parser.parse_args()
    with Trial("damage") as trial:
        for name in options.parts or PARTS:
            started = time.monotonic()
            PARTS[name](trial, options)
            trial.say("%s: %.0f s" % (name, time.monotonic() - started))


if __name__ == "__main__":
    main()
