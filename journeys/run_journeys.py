#!/usr/bin/env python3
"""Run the journeys: stories that read as prose and must come true.

usage: run_journeys.py [NAME...]        the programs are in $AMANAT_BIN

A journey is a text file. Lines that begin with "$ " are typed into one shell, in an empty folder; a
line that begins with "> " continues the command above it. What follows, up to the next command or
empty line, is what they must print: "..." stands for anything within a line, and alone on a line
for any number of lines. "[exit 3]" says that the command ends so; without it, it must succeed.
Every other line is prose. With --show the run is printed as it happens.

The other scripts beside this one are trials: each prints what did not hold and ends with 0 or not.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS_MAX = 300


def read(path):
    """The journey's steps: (line number, command, expected lines, expected exit status)."""
    steps, inside = [], False
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith("$ "):
                steps.append([number, line[2:], [], 0])
                inside = True
            elif inside and line.startswith("> ") and not steps[-1][2]:
                steps[-1][1] += "\n" + line[2:]
            elif inside and line.startswith("[exit "):
                steps[-1][3] = int(line[6:-1])
            elif inside and line:
                steps[-1][2].append(line)
            else:
                inside = False
    return steps


def pattern(lines):
    """A regular expression for expected lines."""
    out = ""
    for line in lines:
        if line.strip() == "...":
            out += r"(?:.*\n)*?"
        else:
            out += ".*".join(re.escape(part) for part in line.split("...")) + r" *\n"
    return re.compile(out)


class Shell:
    """One bash in an empty folder, with the programs on its path."""

    def __init__(self, folder):
        bin_folder = os.environ.get("AMANAT_BIN", os.path.join(HERE, "..", "build", "release", "bin"))
        tree = os.path.dirname(HERE)
        environment = dict(os.environ, PATH=os.path.abspath(bin_folder) + ":" + os.environ["PATH"], TREE=tree,
                           AMANAT_HOME=os.path.join(folder, "phone"), LC_ALL="C.UTF-8", COLUMNS="100")
        self.process = subprocess.Popen(["bash", "--noprofile", "--norc"], cwd=folder, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        errors="replace", start_new_session=True)

    def type(self, command):
        mark = "__done_%d__" % os.getpid()
        self.process.stdin.write("%s\necho %s $?\n" % (command, mark))
        self.process.stdin.flush()
        out = ""
        while True:
            line = self.process.stdout.readline()
            if not line:
                return out, -1
            at = line.find(mark)
            if at >= 0:
                return out + (line[:at] + "\n" if at else ""), int(line[at + len(mark):])
            out += line

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def run(path, show):
    """Runs one journey; returns what went wrong, or nothing."""
    folder = tempfile.mkdtemp(prefix="amanat-journey-")
    shell = Shell(folder)

    def give_up(_signal, _frame):
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_MAX)
    try:
        for number, command, expected, status in read(path):
            got, ended = shell.type(command)
            if show:
                print("$ %s\n%s" % (command, got), end="", flush=True)
            if ended != status:
                return "line %d: ended with %d, not %d\n$ %s\n%s" % (number, ended, status, command, got)
            if expected and not pattern(expected).fullmatch(got if got.endswith("\n") else got + "\n"):
                return "line %d: printed something else\n$ %s\n%s--- expected\n%s" % (
                    number, command, got, "\n".join(expected))
    except TimeoutError:
        return "took more than %d seconds" % SECONDS_MAX
    finally:
        signal.alarm(0)
        shell.close()
        shutil.rmtree(folder, ignore_errors=True)
    return None


def run_trial(path, show):
    """Runs one script; returns what it printed when it failed."""
    environment = dict(os.environ)
    environment.setdefault("AMANAT_BIN", os.path.join(HERE, "..", "build", "release", "bin"))
    whole = ["--all"] if "--all" in sys.argv and name_of(path) in SHORTENED else []
    seconds_max = SECONDS_MAX if not whole else WHOLE_SECONDS_MAX
    process = subprocess.Popen(["/usr/bin/python3", path, *whole], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", env=environment, start_new_session=True)
    try:
        out, _ = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
        return out + "took more than %d seconds" % seconds_max
    if show:
        print(out, end="", flush=True)
    return None if process.returncode == 0 else out


# Trials of minutes, for the bench and not for every change: run by name, or all with --all.
LONG = {"damage", "interrupted", "network", "scan_corpus_differences", "scan_differences",
        "scan_disturbed"}
# Trials that try a part for every change, and everything with --all.
SHORTENED = {"scan_bad_input"}
WHOLE_SECONDS_MAX = 1800


def name_of(path):
    return os.path.splitext(os.path.basename(path))[0]


def find(names):
    """The journeys and trials of these names; without names, those that do not take long."""
    found = []
    for file in sorted(os.listdir(HERE)):
        name = os.path.splitext(file)[0]
        if not file.endswith((".txt", ".py")) or file == os.path.basename(__file__):
            continue
        if name in names or (not names and ("--all" in sys.argv or name not in LONG)):
            found.append(os.path.join(HERE, file))
    return found


def main():
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    if "--help" in sys.argv:
        sys.exit(__doc__)
    paths, failed, show = find(names), 0, "--show" in sys.argv
    for path in paths:
        started = time.monotonic()
        why = run(path, show) if path.endswith(".txt") else run_trial(path, show)
        print("%s  %s (%.0f s)" % ("failed" if why else "passed", name_of(path),
                                   time.monotonic() - started), flush=True)
        if why:
            failed += 1
            print(why)
    print("%d passed, %d failed" % (len(paths) - failed, failed))
    sys.exit(1 if failed or not paths else 0)


if __name__ == "__main__":
    main()
