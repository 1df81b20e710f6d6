"""Runs the programs for a trial, and counts what held.

The programs are those in $AMANAT_BIN. Processes are ended by the id they were started with, and
everything a trial makes lies in one folder that goes when it ends.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("AMANAT_BIN", os.path.join(TREE, "build", "release", "bin")))
CATEGORIES = ("photos,videos,audio,contacts,messages,call-log,calendar,location,health,email,documents,apps,"
              "app-data,browsing,diagnostics,other")
START_SECONDS_MAX = 60


class Trial:
    """Counts what held and what did not; `with Trial("name") as trial:` ends the script."""

    def __init__(self, name):
        self.name, self.held, self.broken, self.processes = name, 0, [], []
        self.folder = tempfile.mkdtemp(prefix="amanat-%s-" % name)

    def check(self, holds, sentence, seen=None):
        """Notes whether `sentence` is true, and what was seen where it is not."""
        if holds:
            self.held += 1
        else:
            self.broken.append(sentence)
            print("BROKEN  %s%s" % (sentence, "" if seen is None else "\n        seen: %s" % (seen,)), flush=True)
        return holds

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def say(self, text):
        print("        " + text, flush=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, why, trace):
        for process in self.processes:
            process.kill()
        if kind is not None and not issubclass(kind, SystemExit):
            self.broken.append("the trial itself stopped: %s: %s" % (kind.__name__, why))
            sys.excepthook(kind, why, trace)
        if os.environ.get("AMANAT_KEEP"):
            print("kept: " + self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        print("%s: %d held, %d broken" % (self.name, self.held, len(self.broken)), flush=True)
        sys.stdout.flush()
        os._exit(1 if self.broken or not self.held else 0)


class Custodian:
    """One amanatd on one folder, started and ended as often as a trial likes, always on one port."""

    def __init__(self, trial, folder, options=()):
        self.trial, self.folder, self.options = trial, folder, list(options)
        self.process, self.port, self.address, self.starts = None, 0, None, 0
        trial.processes.append(self)

    def start(self):
        self.starts += 1
        out = "%s.out" % self.folder
        with open(out, "wb") as stdout, open("%s.log" % self.folder, "ab") as log:
            self.process = subprocess.Popen(
                [BIN + "/amanatd", "serve", "--data", self.folder, "--listen", "127.0.0.1:%d" % self.port,
                 *self.options], stdout=stdout, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            with open(out, encoding="utf-8") as file:
                found = re.search(r"https://\S+:(\d+)#sha256=[0-9a-f]{64}", file.read())
            if found:
                self.address, self.port = found.group(0), int(found.group(1))
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError("the custodian does not start: " + self.last_words())

    def last_words(self):
        with open("%s.log" % self.folder, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-5:]).strip()

    def kill(self):
        """As a power cut does to a process; waits until it is gone."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def pack_files(self):
        return sorted(os.path.join(f, n) for f, _, names in os.walk(os.path.join(self.folder, "packs"))
                      for n in names if re.fullmatch("[0-9a-f]{64}", n))


class Ended:
    """How a command ended, and what it said."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        """The object that --json prints; an empty one when there is none."""
        for line in reversed(self.out.strip().split("\n")):
            try:
                return json.loads(line)
            except ValueError:
                continue
        try:
            return json.loads(self.out)
        except ValueError:
            return {}

    def __str__(self):
        return "exit %s\n%s\n%s" % (self.status, self.out.strip()[-1500:], self.err.strip()[-1500:])


class Phone:
    """One home folder of amanat."""

    def __init__(self, trial, home):
        self.trial, self.home, self.process = trial, home, None
        self.words = home + ".words"
        trial.processes.append(self)

    def begin(self, *arguments, environment=None):
        self.process = subprocess.Popen(
            [BIN + "/amanat", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, AMANAT_HOME=self.home, LC_ALL="C.UTF-8", COLUMNS="100", **(environment or {})))
        return self.process

    def end(self, seconds=300):
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            err += b"\n(the trial waited %d s and ended it)" % seconds
        return Ended(self.process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def run(self, *arguments, seconds=300, environment=None):
        self.begin(*arguments, environment=environment)
        return self.end(seconds)

    def must(self, *arguments, ok=(0,)):
        """Runs what has to work for the trial to make sense."""
        ended = self.run(*arguments)
        if ended.status not in ok:
            raise RuntimeError("amanat %s: %s" % (" ".join(arguments), ended))
        return ended

    def enroll(self, address, categories=CATEGORIES):
        self.must("enroll", address, "--words-out", self.words)
        return self.must("consent", "--grant", categories)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def differences(before, after, but=()):
    """What differs between two trees: names, kinds, modes, times, bytes, link targets."""
    def entries(top):
        found = {}
        for folder, folders, files in os.walk(os.fsencode(top)):
            for name in folders + files:
                full = os.path.join(folder, name)
                found[os.path.relpath(full, os.fsencode(top))] = full
        return found

    first, second, wrong = entries(before), entries(after), []
    for name in sorted(set(first) | set(second)):
        if name in but:
            continue
        if name not in first or name not in second:
            wrong.append("%r is %s" % (name, "missing" if name in first else "new"))
            continue
        a, b = os.lstat(first[name]), os.lstat(second[name])
        if a.st_mode != b.st_mode:
            wrong.append("%r has mode %o, not %o" % (name, b.st_mode, a.st_mode))
        elif os.path.islink(first[name]):
            if os.readlink(first[name]) != os.readlink(second[name]):
                wrong.append("%r points elsewhere" % name)
        elif os.path.isfile(first[name]):
            if a.st_mtime_ns != b.st_mtime_ns:
                wrong.append("%r has another time" % name)
            with open(first[name], "rb") as one, open(second[name], "rb") as other:
                while True:
                    piece = one.read(1 << 20)
                    if piece != other.read(1 << 20):
                        wrong.append("%r has other bytes" % name)
                        break
                    if not piece:
                        break
    return wrong
