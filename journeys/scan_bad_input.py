#!/usr/bin/env python3
"""Scans files that wish a scanner ill (tools/make_bad_archives.py): it must neither die nor be slow nor lie.

usage: scan_bad_input.py [--all] [--seconds N] [--megabytes N] [--only WORD] [--bad FOLDER]

Every file is scanned alone by `amanat scan --json`, with the planted signature as database. For each:
the program ends by itself with 0, 1 or 2; within N seconds of CPU time and N MB of memory; its JSON
parses; and its verdict is one of those the manifest allows. Then all are scanned in one run, and a
healthy threat among them must still be found. Last, what is wrong with the database itself: a
database that is cut or empty is refused, and nothing is said to be clean by it.

Without --all, some forty files of every kind, and all but the worst of them in one run only. With the
sanitizers, memory is not measured and time counts five times as long.
"""
import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
import make_bad_archives as bad
from stage.programs import BIN, Trial

CLEAN, LIMITED, THREAT = bad.CLEAN, bad.LIMITED, bad.THREAT
# Address space is limited far above memory: a scanner may map, and only what it touches counts.
ADDRESS_SPACE_MB = 16_000
# What every change is tried with: all of it in one run, and alone what would take most.
FEW = ("(zip_(overlapping_quoted|size_said_large|count_said_many|zip64_two_to_the_32_entries|encrypted|deflate_never_ends)|"
       "gzip_(quine|bomb|40_deep)|tar_(size_negative|links_in_a_circle)|seven_zip_header_beyond|iso_directory_.*|"
       "zstd_window_.*|pe_(sections_overlap|resources_in_a_circle)|elf_(section_of_2.*|65535_sections)|macho_commands_.*|"
       "class_pool_beyond|dex_(everything_overlaps|2.*strings)|axml_(deep|chunk_of_size_zero)|arsc_.*|signing_block_lengths.*|"
       "pdf_(length_is_itself|arrays_100000_deep|flate_four_times)|ole_(chain_in_a_circle|siblings_in_a_circle)|vba_bomb|"
       "rtf_60000_groups|mail_60_messages_deep|html_200000_deep|script_never_ends|empty|one_byte|"
       "cut_(zip|pe|dex|ole)_16|bent_(xz|elf)_5)$")
ALONE = "zip_overlapping_quoted|gzip_bomb|gzip_quine|pdf_flate_four_times|vba_bomb"
SANITISED_SLOWER = 5


def is_sanitised():
    """Whether the program carries the address sanitizer, which needs terabytes of address space."""
    with open(BIN + "/amanat", "rb") as file:
        return b"__asan_init" in file.read()


SANITISED = is_sanitised()


class Scan:
    """One run of the scanner: exit status, JSON, CPU seconds, peak megabytes."""

    def __init__(self, trial, arguments, seconds):
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (4 * seconds + 30, 4 * seconds + 35))
            if not SANITISED:
                resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MB << 20, ADDRESS_SPACE_MB << 20))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        out_path = trial.path("out.json")
        started = time.monotonic()
        with open(out_path, "wb") as out, open(trial.path("err.txt"), "wb") as errors:
            process = subprocess.Popen([BIN + "/amanat", *arguments], stdout=out, stderr=errors,
                                       stdin=subprocess.DEVNULL,
                                       preexec_fn=limit, env=dict(os.environ, AMANAT_HOME=trial.path("home")))
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = self.status = os.waitstatus_to_exitcode(status)
        self.wall = time.monotonic() - started
        self.cpu, self.megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        with open(trial.path("err.txt"), errors="replace") as file:
            self.complaint = file.read()[-300:]
        with open(out_path, "rb") as file:
            text = file.read()
        try:
            self.answer = json.loads(text)
        except ValueError:
            self.answer = None
            self.complaint += " | not JSON: %r" % text[:200]

    def verdict_of(self, path):
        """What was said of one file; everything that is listed nowhere is clean."""
        if self.answer is None:
            return "no answer"
        verdicts = {f["verdict"] for f in self.answer.get("findings", []) if f["path"] == path}
        if "threat" in verdicts:
            return THREAT
        return LIMITED if verdicts or path in self.answer.get("unreadable", []) else CLEAN


def is_small(scan, options):
    return options.megabytes is None or scan.megabytes <= options.megabytes


def scan_each(trial, folder, manifest, database, options):
    slowest, largest = (0.0, ""), (0.0, "")
    for name, wanted in manifest.items():
        path = os.path.join(folder, "files", name)
        if options.alone and not re.fullmatch(options.alone, name):
            continue
        scan = Scan(trial, ["scan", "--db", database, "--json", path], options.seconds)
        trial.check(scan.status in (0, 1, 2), "%s: the scanner ends by itself" % name, (scan.status, scan.complaint))
        trial.check(scan.answer is not None, "%s: the answer is JSON" % name, scan.complaint)
        trial.check(scan.cpu <= options.seconds, "%s: within %d CPU seconds" % (name, options.seconds), "%.1f" % scan.cpu)
        trial.check(is_small(scan, options), "%s: within %s MB" % (name, options.megabytes),
                    "%.0f" % scan.megabytes)
        verdict = scan.verdict_of(path)
        trial.check(verdict in wanted["verdicts"], "%s (%s) is %s" % (name, wanted["why"], " or ".join(wanted["verdicts"])),
                    verdict)
        trial.check((scan.status == 1) == (verdict == THREAT), "%s: exit 1 is for threats and only for them" % name,
                    (scan.status, verdict))
        slowest, largest = max(slowest, (scan.cpu, name)), max(largest, (scan.megabytes, name))
    trial.say("slowest %.2f CPU s (%s), largest %.0f MB (%s)" % (*slowest, *largest))


def scan_all(trial, folder, manifest, database, options):
    healthy = os.path.join(folder, "files", "zz_healthy_threat")
    with open(healthy, "wb") as file:
        file.write(bad.payload())
    scan = Scan(trial, ["scan", "--db", database, "--json", os.path.join(folder, "files")], options.seconds * 60)
    trial.check(scan.status == 1, "all in one run: the run ends with 1", (scan.status, scan.complaint))
    trial.check(scan.verdict_of(healthy) == THREAT, "all in one run: a healthy threat behind them is still found")
    trial.check(is_small(scan, options), "all in one run: within %s MB" % options.megabytes,
                "%.0f" % scan.megabytes)
    for name, wanted in manifest.items():
        verdict = scan.verdict_of(os.path.join(folder, "files", name))
        trial.check(verdict in wanted["verdicts"], "all in one run: %s is %s" % (name, " or ".join(wanted["verdicts"])),
                    verdict)
    trial.say("all in one run: %.1f CPU s, %.0f MB" % (scan.cpu, scan.megabytes))


def spoil_database(trial, database, options):
    """A database from outside is hostile too: nothing is clean by a database that is not whole."""
    with open(database, "rb") as file:
        whole = file.read()
    path = trial.path("threat.bin")
    with open(path, "wb") as file:
        file.write(bad.payload())
    spoiled = {"empty": b"", "one_byte": b"A", "header_only": whole[:64], "half": whole[:len(whole) // 2],
               "last_byte_missing": whole[:-1],
               "zeros_behind": whole + bytes(4096), "text": b"not a database\n" * 100}
    step = 1 if options.all else 16
    for at in list(sorted({*range(0, min(256, len(whole)), 5), *range(0, len(whole), max(1, len(whole) // 60))}))[::step]:
        spoiled["bent_at_%d" % at] = whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:]
    for name, content in spoiled.items():
        bent = trial.path("bent.adb")
        with open(bent, "wb") as file:
            file.write(content)
        scan = Scan(trial, ["scan", "--db", bent, "--json", path], options.seconds)
        trial.check(scan.status in (0, 1, 2, 5), "database %s: the scanner ends by itself" % name,
                    (scan.status, scan.complaint))
        # A bent byte in a name or a count that is not read may go unseen; a threat must not turn clean by a cut database.
        if not name.startswith("bent"):
            trial.check(scan.status not in (0, 1), "database %s is refused" % name, scan.status)


def refuse_signatures(trial, options):
    """Signatures that cost too much or cannot be expressed are named when compiling; the rest still works."""
    folder = trial.path("signatures")
    os.makedirs(folder)
    m = bad.PLANTED.hex()
    lines = ["Bad.Nested:0:*:%s%s%s%s" % (m, "(" * 40, "61", ")" * 40), "Bad.Open:0:*:%s{" % m,
             "Bad.Range:0:*:%s{4294967295-1}%s" % (m, m),
             "Bad.Digits:0:*:%s{99999999999999999999}%s" % (m, m), "Bad.Half:0:*:%sa" % m, "Bad.Target:77:*:%s" % m,
             "Bad.Stars:0:*:%s%s" % (m, "*6162" * 3000),
             "Bad.Alternatives:0:*:%s(%s)" % (m, "|".join("%04x" % n for n in range(5000))), "Bad.Long:0:*:" + "61" * 200_000,
             "Bad.Name" + "x" * 100_000 + ":0:*:" + m,
             "Bad.Offset:0:99999999999999999999:" + m, "::::", "\x00\x01\xff", "Bad.Planted:0:*:" + m]
    with open(os.path.join(folder, "bad.ndb"), "w", encoding="latin-1") as file:
        file.write("\n".join(lines) + "\n")
    with open(os.path.join(folder, "bad.ldb"), "w") as file:
        file.write("Bad.Deep;Engine:81-255,Target:0;%s0%s;%s\n" % ("(" * 5000, ")" * 5000, m))
        file.write("Bad.Pcre;Engine:81-255,Target:0;0&1;%s;0/(a+)+(b+)+(c+)+$/\n" % m)
        file.write("Bad.Recursion;Engine:81-255,Target:0;0&1;%s;0/(?R)?x/\n" % m)
    database = trial.path("hostile.adb")
    compiled = Scan(trial, ["compile-threats", folder, database], options.seconds)
    trial.check(compiled.status in (0, 1, 2), "hostile signatures: compiling ends by itself",
                (compiled.status, compiled.complaint))
    trial.check(compiled.cpu <= options.seconds, "hostile signatures: compiling takes no longer than %d s" % options.seconds,
                compiled.cpu)
    if not os.path.exists(database):
        trial.check(False, "hostile signatures: those that can be used are", "no database")
        return
    path = trial.path("slow.bin")
    with open(path, "wb") as file:
        file.write(bad.payload() + b"a" * 3_000_000)
    scan = Scan(trial, ["scan", "--db", database, "--json", path], options.seconds)
    trial.check(scan.verdict_of(path) == THREAT, "hostile signatures: the good one among them is found",
                (scan.status, scan.complaint))
    trial.check(scan.cpu <= options.seconds, "hostile signatures: scanning takes no longer than %d s" % options.seconds,
                "%.1f" % scan.cpu)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every file, each alone and all in one run")
    parser.add_argument("--seconds", type=int, default=20, help="CPU seconds for one file")
    parser.add_argument("--megabytes", type=int, default=256, help="memory of the program")
    parser.add_argument("--only", help="a regular expression over names")
    parser.add_argument("--bad", help="use this folder instead of a temporary one")
    options = parser.parse_args()
    options.alone = None if options.all or options.only else ALONE
    if not options.all and not options.only:
        options.only = FEW
    if SANITISED:
        options.seconds *= SANITISED_SLOWER
        options.megabytes = None
    with Trial("scan-bad-input") as trial:
        folder = options.bad or trial.path("bad")
        manifest = bad.write(os.path.join(folder, "files"), options.only)
        trial.say("%d bad files" % len(manifest))
        signatures, database = trial.path("planted"), trial.path("planted.adb")
        os.makedirs(signatures)
        with open(os.path.join(signatures, "planted.ndb"), "w") as file:
            file.write("Bad.Planted:0:*:%s\n" % bad.PLANTED.hex())
        compiled = Scan(trial, ["compile-threats", signatures, database], options.seconds)
        if not trial.check(os.path.exists(database), "the planted signature compiles", compiled.complaint):
            return
        scan_each(trial, folder, manifest, database, options)
        scan_all(trial, folder, manifest, database, options)
        spoil_database(trial, database, options)
        refuse_signatures(trial, options)


if __name__ == "__main__":
    main()
