#!/usr/bin/env python3
"""Disturbs the scanner while it works: what goes wrong costs one file its verdict, and is said.

usage: scan_disturbed.py

A file that is cut while it is read, a file that may not be read, a worker that is killed from outside,
and signatures that arrive damaged at a phone that had good ones. Behind each trouble lies a healthy
threat, and it must be found.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
from planted import files as f
from stage.programs import BIN, Trial

PLANTED = f.mark("what a disturbed scanner must still find", 24)
LARGE = 6 << 30  # of holes: no space on the disk, seconds of work
NOBODY = 65534
SECONDS_MAX = 120


class Scan:
    """A scan that runs while something happens to it."""

    def __init__(self, trial, paths, database=None, user=None):
        self.out = trial.path("out.json")
        arguments = [BIN + "/amanat", "scan", "--json", *(["--db", database] if database else []), *paths]
        with open(self.out, "wb") as out, open(trial.path("err.txt"), "wb") as errors:
            self.process = subprocess.Popen(arguments, stdout=out, stderr=errors, stdin=subprocess.DEVNULL, user=user,
                                            env=dict(os.environ, AMANAT_HOME=trial.path("phone")))
        trial.processes.append(self.process)

    def wait_until(self, holds):
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end and self.process.poll() is None:
            if holds():
                return True
            time.sleep(0.002)
        return False

    def has_open(self, path):
        """Whether the scanner holds `path` open: then its worker is at it."""
        folder = "/proc/%d/fd" % self.process.pid
        try:
            return any(os.path.realpath(os.path.join(folder, n)) == os.path.realpath(path) for n in os.listdir(folder))
        except OSError:
            return False

    def workers(self):
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid), encoding="ascii") as file:
            return [int(n) for n in file.read().split()]

    def end(self):
        """The exit status, and what was said of each file."""
        status = self.process.wait(SECONDS_MAX)
        try:
            with open(self.out, encoding="utf-8") as file:
                answer = json.load(file)
        except ValueError:
            return status, {}
        said = {e["path"]: (e["verdict"], e.get("reason", "")) for e in answer.get("findings", [])}
        said.update({path: ("unreadable", "") for path in answer.get("unreadable", [])})
        return status, said


def make_world(trial):
    """A folder with a large file, and a threat behind it."""
    folder = trial.path("files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    large, threat = os.path.join(folder, "a_large"), os.path.join(folder, "z_threat")
    with open(large, "wb") as file:
        file.write(b"large")
        file.truncate(LARGE)
    with open(threat, "wb") as file:
        file.write(f.place(400, {100: PLANTED}, tag="behind"))
    return folder, large, threat


def check_the_rest(trial, what, status, said, threat):
    trial.check(said.get(threat, ("clean",))[0] == "threat", "%s: the threat behind it is found" % what, said)
    trial.check(status == 1, "%s: a threat decides the exit code" % what, status)


def cut_while_scanned(trial, database):
    folder, large, threat = make_world(trial)
    scan = Scan(trial, [folder], database)
    met = scan.wait_until(lambda: scan.has_open(large))
    time.sleep(0.05)
    os.truncate(large, 4096)
    status, said = scan.end()
    trial.check(met, "cut while scanned: the scanner had the file open")
    trial.check(said.get(large, ("clean",))[0] == "not_examined", "cut while scanned: that file could not be examined", said)
    trial.check("shorter" in said.get(large, ("", ""))[1], "cut while scanned: it says why", said)
    check_the_rest(trial, "cut while scanned", status, said, threat)


def worker_killed(trial, database):
    folder, large, threat = make_world(trial)
    scan = Scan(trial, [folder], database)
    met = scan.wait_until(lambda: scan.has_open(large))
    workers = scan.workers() if met else []
    time.sleep(0.05)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    status, said = scan.end()
    trial.check(len(workers) == 1, "worker killed: there was one", workers)
    trial.check(said.get(large, ("clean",))[0] == "not_examined", "worker killed: that file could not be examined", said)
    check_the_rest(trial, "worker killed", status, said, threat)


def unreadable(trial, database):
    folder, large, threat = make_world(trial)
    os.truncate(large, 100)
    os.chmod(large, 0)
    as_root = os.geteuid() == 0
    if as_root:
        os.chmod(trial.folder, 0o755)
        if subprocess.run([BIN + "/amanat", "--help"], user=NOBODY, capture_output=True, check=False).returncode != 0:
            return trial.say("unreadable: nobody but root may run the program here")
    status, said = Scan(trial, [folder], database, NOBODY if as_root else None).end()
    trial.check(said.get(large, ("clean",))[0] == "unreadable", "unreadable: it is said", said)
    check_the_rest(trial, "unreadable", status, said, threat)
    os.remove(threat)
    status, said = Scan(trial, [folder], database, NOBODY if as_root else None).end()
    trial.check(status == 2, "unreadable: alone, it is a problem", status)
    trial.check(list(said) == [large], "unreadable: nothing else is said", said)


def damaged_signatures(trial):
    """The phone's own folder of signatures: lists as they arrive, and what is compiled of them."""
    threats, compiled = trial.path("phone", "threats"), trial.path("phone", "threats-compiled")
    os.makedirs(threats)
    _, _, threat = make_world(trial)
    with open(os.path.join(threats, "main.ndb"), "w", encoding="ascii") as file:
        file.write("Planted:0:*:%s\n" % PLANTED.hex())

    def finds(sentence):
        status, said = Scan(trial, [threat]).end()
        trial.check(status == 1 and said.get(threat, ("clean",))[0] == "threat", sentence, (status, said))

    def form():
        found = [n for n in os.listdir(compiled) if n.endswith(".adb")]
        trial.check(len(found) == 1, "one compiled form is kept", found)
        return os.path.join(compiled, found[0])

    finds("a phone's own signatures are used")
    with open(form(), "rb") as file:
        whole = file.read()
    at = whole.index(b"Planted")
    for name, content in {"cut in half": whole[:len(whole) // 2], "empty": b"", "of zeros": bytes(len(whole)),
                          "bent in one byte": whole[:at] + b"X" + whole[at + 1:],
                          "longer": whole + bytes(4096)}.items():
        with open(form(), "wb") as file:
            file.write(content)
        finds("a compiled form that is %s is made anew" % name)
        with open(form(), "rb") as file:
            trial.check(file.read() == whole, "a compiled form that was %s is whole again" % name)
    # A list that breaks off while it arrives takes the place of one that was whole.
    os.rename(os.path.join(threats, "main.ndb"), trial.path("main.ndb"))
    with open(os.path.join(threats, "main.cvd"), "wb") as file:
        file.write(b"ClamAV-VDB:24 Nov 2026 00-00 +0000:1:1:90:X:X:x:1".ljust(512) + bytes(1000))
    finds("signatures that arrive damaged leave those of before in use")
    finds("and the next time as well")
    os.rename(trial.path("main.ndb"), os.path.join(threats, "main.ndb"))
    os.remove(os.path.join(threats, "main.cvd"))
    finds("whole signatures are used again")
    form()


def main():
    with Trial("scan-disturbed") as trial:
        signatures, database = trial.path("signatures"), trial.path("planted.adb")
        os.makedirs(signatures)
        with open(os.path.join(signatures, "planted.ndb"), "w", encoding="ascii") as file:
            file.write("Planted:0:*:%s\n" % PLANTED.hex())
        subprocess.run([BIN + "/amanat", "compile-threats", signatures, database], check=True, capture_output=True)
        cut_while_scanned(trial, database)
        worker_killed(trial, database)
        unreadable(trial, database)
        damaged_signatures(trial)


if __name__ == "__main__":
    main()
