#!/usr/bin/python3
"""Consents and withdrawals, interrupted at any moment: the same command again finishes them.

usage: interrupted.py [--seed S] [--rounds N]

First consents: the phone is killed, or the custodian is, or it was away from the start; the same
command again must give what was asked for. Then withdrawals in the same way: afterwards the category
must be closed to every key there is, and the newest words that were written must recover the vault.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import time

from stage.programs import BIN, TREE, Custodian, Phone, Trial

CATEGORIES = ("contacts", "messages", "calendar", "email", "documents", "call-log", "audio", "location", "videos", "photos")
READER = os.path.join(TREE, "tools", "read_vault.py")


class Vault:
    def __init__(self, trial):
        self.trial = trial
        self.custodian = Custodian(trial, trial.path("custodian"), ["--erase-days", "0"]).start()
        self.phone, self.files = Phone(trial, trial.path("phone")), trial.path("files")
        subprocess.run([sys.executable, os.path.join(TREE, "tools", "make_sample_phone.py"), self.files], check=True,
                       stdout=subprocess.DEVNULL)
        self.phone.enroll(self.custodian.address)
        self.phone.must("protect", self.files, ok=(0, 1))
        self.words, self.written = self.phone.words, 0

    def withdraw(self, category):
        """Arguments of a withdrawal with the present words, and the file that new ones will be in."""
        self.written += 1
        new = self.trial.path("words-%d" % self.written)
        return ("withdraw", category, "--now", "--words", self.words, "--words-out", new), new

    def recovers(self, words, number):
        """Whether these words open the vault; asked of a copy, since a new phone changes a vault."""
        if not os.path.exists(words):
            return False
        copy = self.trial.path("copy-%d" % number)
        shutil.copytree(self.custodian.folder, copy)
        twin = Custodian(self.trial, copy).start()
        ended = Phone(self.trial, self.trial.path("recovered-%d-%d" % (number, self.written))).run(
            "recover", twin.address, "--words", words)
        twin.kill()
        shutil.rmtree(copy)
        return ended.status == 0

    def interrupt(self, how, arguments, delay):
        if how == "away":
            self.custodian.kill()
            self.phone.run(*arguments)
        else:
            process = self.phone.begin(*arguments)
            time.sleep(delay)
            if how == "phone":
                self.phone.kill()
                process.communicate()
            else:
                self.custodian.kill()
                self.phone.end()
        if how != "phone":
            self.custodian.start()


def one_round(trial, vault, rng, number, category, how, longest):
    delay = rng.uniform(0.005, longest)
    moment = "%s, %s interrupted after %.0f ms" % (category, how, delay * 1000)
    arguments, first_new = vault.withdraw(category)
    vault.interrupt(how, arguments, delay)
    ended = vault.phone.run("status", "--json")
    trial.check(ended.status == 0, moment + ": status still works", ended)
    usable = [w for w in (first_new, vault.words) if vault.recovers(w, number)]
    if not trial.check(usable, moment + ": some words that are written open the vault"):
        return False
    vault.words = usable[0]
    arguments, second_new = vault.withdraw(category)
    ended = vault.phone.run(*arguments)
    was_done = ended.status == 2 and "no consent for %s to withdraw" % category in ended.err
    if not trial.check(ended.status == 0 or was_done, moment + ": the same command again finishes it", ended):
        return False
    if os.path.exists(second_new):
        vault.words = second_new
    trial.check(vault.recovers(vault.words, number + 100), moment + ": the newest words open the vault")
    vault.custodian.kill()
    ended = subprocess.run([READER, "--custodian", vault.custodian.folder, "--words", vault.words, "--phone", vault.phone.home,
                            "--must-not-open", category], capture_output=True, text=True)
    vault.custodian.start()
    trial.check(ended.returncode == 0, moment + ": the category is closed to words and phone", ended.stdout + ended.stderr)
    return True


def consents(trial, custodian, rng, rounds):
    files = trial.path("consent-files")
    os.makedirs(files)
    with open(os.path.join(files, "letter.txt"), "w", encoding="ascii") as file:
        file.write("a letter to keep\n" * 900)
    arguments, longest = ("consent", "--grant", "documents,photos,contacts"), 0.15
    for number in range(rounds):
        phone = Phone(trial, trial.path("consent-phone-%d" % number))
        phone.must("enroll", custodian.address, "--words-out", phone.words)
        how, delay = ("phone", "custodian", "away")[number % 3], rng.uniform(0.01, longest)
        moment = "consent %d, %s interrupted after %.0f ms" % (number, how, delay * 1000)
        if number == 0:
            started = time.monotonic()
            phone.must(*arguments)
            longest = time.monotonic() - started
        elif how == "away":
            custodian.kill()
            phone.run(*arguments)
            custodian.start()
        else:
            process = phone.begin(*arguments)
            time.sleep(delay)
            (phone if how == "phone" else custodian).kill()
            if how == "phone":
                process.communicate()
            else:
                phone.end()
                custodian.start()
        ended = phone.run(*arguments)
        trial.check(ended.status == 0 and "In force: photos, contacts, documents." in ended.out,
                    moment + ": the same command again gives all three", ended.err)
        ended = phone.run("protect", files)
        trial.check(ended.status == 0 and "1 file kept" in ended.out, moment + ": and a document is kept", ended)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=len(CATEGORIES))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with Trial("interrupted") as trial:
        vault = Vault(trial)
        consents(trial, vault.custodian, rng, 10)
        started = time.monotonic()
        arguments, new = vault.withdraw("health")
        vault.phone.must(*arguments)
        vault.words, longest = new, min(2, time.monotonic() - started)
        for number, category in enumerate(CATEGORIES[:options.rounds]):
            if not one_round(trial, vault, rng, number, category, ("phone", "custodian", "away", "phone")[number % 4], longest):
                trial.say("stopped here; seed %d" % options.seed)
                break
        ended = vault.phone.run("check", "--all")
        trial.check(ended.status == 0, "at the end the vault is whole", ended)
        vault.custodian.stop()
        ended = subprocess.run([BIN + "/amanatd", "check", "--data", vault.custodian.folder], capture_output=True, text=True)
        trial.check(ended.returncode == 0, "and the custodian's store too", ended.stdout)


if __name__ == "__main__":
    main()
