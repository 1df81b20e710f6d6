#!/usr/bin/python3
"""A bad network between phone and custodian: cut, slow, silent. A small proxy of our own makes it.

usage: network.py [--seed S] [--cuts N]

The phone must say clearly that the custodian is away (exit 4), go on where it was afterwards, and
lose nothing.
"""
import argparse
import os
import random
import re
import select
import socket
import threading
import time

from stage.programs import Custodian, Phone, Trial, differences


class Proxy:
    """Carries bytes between one port and the custodian's, as badly as it is told."""

    def __init__(self, target):
        self.target, self.lock = target, threading.Lock()
        self.cut_after, self.rate, self.silent, self.cuts, self.carried = None, None, False, 0, 0
        self.ear = socket.create_server(("127.0.0.1", 0))
        self.port = self.ear.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                near, _ = self.ear.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        try:
            with near, socket.create_connection(("127.0.0.1", self.target)) as far:
                while True:
                    for one in select.select([near, far], [], [], 0.1)[0]:
                        if self.silent:
                            time.sleep(0.1)  # nothing is read: both sides wait
                            continue
                        data = one.recv(1024 if self.rate else 65536)
                        if not data or self.must_cut(len(data)):
                            return
                        if self.rate:
                            time.sleep(len(data) / self.rate)
                        (far if one is near else near).sendall(data)
        except OSError:
            return

    def must_cut(self, size):
        """Whether the line breaks within these bytes; once, then it is whole again."""
        with self.lock:
            self.carried += size
            if self.cut_after is None or self.carried < self.cut_after:
                return False
            self.cut_after, self.carried = None, 0
            self.cuts += 1
            return True

    def cut_at(self, after):
        with self.lock:
            self.cut_after, self.carried = after, 0

    def refuse(self):
        """Nobody listens any more."""
        self.ear.close()


def add_files(rng, top, number):
    folder = os.path.join(top, "day-%d" % number)
    os.makedirs(folder)
    for name, size in (("noise.bin", 300_000), ("text.txt", 20_000), ("small.ics", 300)):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(rng.randbytes(size) if name.endswith("bin") else (b"%d words\n" % number) * (size // 9))


def said_away(trial, ended, moment):
    trial.check(ended.status == 4, "%s: protect ends with 4" % moment, ended)
    trial.check(re.search("custodian|server|network", ended.err) and "later" in ended.err
                and len(ended.err.strip().split("\n")) <= 3, "%s: and says so in a line" % moment, ended)


def cuts(trial, rng, proxy, phone, files, count):
    """The line breaks anywhere: in a handshake, a pack, an answer, a commit."""
    away = 0
    for number in range(count):
        add_files(rng, files, number)
        proxy.cut_at(rng.choice([rng.randrange(1, 12_000), rng.randrange(1, 900_000)]))
        ended = phone.run("protect", files)
        trial.check(ended.status in (0, 4), "cut %d: protect ends with 0 or 4" % number, ended)
        if ended.status == 4:
            away += 1
            said_away(trial, ended, "cut %d" % number)
            proxy.cut_at(None)
            ended = phone.run("protect", files)
            trial.check(ended.status == 0, "after cut %d: protect goes on" % number, ended)
    trial.say("%d cuts, of which the phone told %d and rode out the others" % (proxy.cuts, away))
    ended = phone.run("check", "--all")
    trial.check(ended.status == 0, "after all cuts every receipt holds and every pack opens", ended)


def slow(trial, rng, proxy, phone, files):
    """8 KiB/s for eight seconds, then as before: nothing is given up."""
    add_files(rng, files, 1000)
    proxy.rate = 8192
    threading.Timer(8, lambda: setattr(proxy, "rate", None)).start()
    started = time.monotonic()
    ended = phone.run("protect", files)
    trial.check(ended.status == 0 and time.monotonic() - started > 6, "a slow line is waited for", ended)
    proxy.rate = None


def silent(trial, rng, proxy, phone, files, seconds):
    """Nothing comes any more, and nobody closes: the phone gives up within two minutes."""
    add_files(rng, files, 2000)
    proxy.silent = True
    started = time.monotonic()
    ended = phone.begin("protect", files) and phone.end(seconds)
    trial.say("silence was borne for %.0f s" % (time.monotonic() - started))
    said_away(trial, ended, "silence")
    proxy.silent = False
    ended = phone.run("protect", files)
    trial.check(ended.status == 0, "after the silence protect goes on", ended)


def refused(trial, rng, proxy, phone, files):
    add_files(rng, files, 3000)
    proxy.refuse()
    for arguments in (("protect", files), ("check",), ("restore", trial.path("nothing"))):
        ended = phone.run(*arguments)
        trial.check(ended.status == 4 and ended.err, "with nobody listening %s ends with 4" % arguments[0], ended)
    ended = phone.run("status")
    trial.check(ended.status == 0, "status works without a network", ended)


def restoring(trial, rng, proxy, phone, files):
    """A cut while restoring: the next run brings the rest, and keeps what is there."""
    target = trial.path("restored")
    for _ in range(3):
        proxy.cut_at(rng.randrange(100_000, 700_000))
        ended = phone.run("restore", target)
        trial.check(ended.status in (0, 1, 4), "a cut while restoring ends with 0, 1 or 4", ended)
        proxy.cut_at(None)
    ended = phone.run("restore", target)
    trial.check(ended.status == 0, "restore goes on", ended)
    wrong = differences(files, target)
    trial.check(not wrong, "and all is there, bit for bit", wrong[:10])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--cuts", type=int, default=12)
    parser.add_argument("--silence", type=int, default=150, help="seconds after which a silent line must have been given up")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with Trial("network") as trial:
        custodian = Custodian(trial, trial.path("custodian")).start()
        proxy = Proxy(custodian.port)
        phone, files = Phone(trial, trial.path("phone")), trial.path("files")
        os.makedirs(files)
        phone.enroll(re.sub(r":\d+#", ":%d#" % proxy.port, custodian.address))
        cuts(trial, rng, proxy, phone, files, options.cuts)
        slow(trial, rng, proxy, phone, files)
        restoring(trial, rng, proxy, phone, files)
        silent(trial, rng, proxy, phone, files, options.silence)
        refused(trial, rng, proxy, phone, files)


if __name__ == "__main__":
    main()
