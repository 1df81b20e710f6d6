#!/usr/bin/python3
"""A second reader, made from docs/format.md alone, opens what the programs wrote, and refuses what they refuse.

First the golden files of amanat/seal/vectors; then a real vault: protected by amanat, copied from the
custodian's folder, opened with the words by tools/read_vault.py, compared bit for bit.
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys

import nacl.exceptions
import nacl.signing

from stage.programs import TREE, Custodian, Phone, Trial, differences

VECTORS = os.path.join(TREE, "amanat", "seal", "vectors")


def load_reader():
    spec = importlib.util.spec_from_file_location("read_vault", os.path.join(TREE, "tools", "read_vault.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


rv = load_reader()
STRUCTS = {"tree-root": rv.read_tree_root, "folder-page": rv.read_page, "index": rv.read_segment}


class Golden:
    def __init__(self, name):
        with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
            self.lines = [line.rstrip("\n").split(": ", 1) for line in file]

    def all(self, name):
        return [value for field, value in self.lines if field == name]

    def text(self, name):
        return self.all(name)[0]

    def bytes(self, name):
        return bytes.fromhex("".join(self.all(name)))


def edited(data, golden):
    data = bytearray(data)
    for line in golden.all("swap"):
        a, b, size = map(int, line.split())
        data[a:a + size], data[b:b + size] = data[b:b + size], data[a:a + size]
    for line in golden.all("edit"):
        at, patch = line.split()
        data[int(at):int(at) + len(patch) // 2] = bytes.fromhex(patch)
    for line in golden.all("truncate"):
        del data[int(line):]
    return bytes(data)


def verify(key, body, signature):
    try:
        nacl.signing.VerifyKey(key).verify(body, signature)
    except nacl.exceptions.BadSignatureError:
        raise rv.Refused("a signature does not hold") from None


class GoldenKeyring:
    """A keyring that holds just the grants of one golden compartment."""

    def __init__(self, golden, name, generation):
        decisions, first, now = golden.all("decision"), golden.all("first key"), golden.all("key")
        self.grants = {bytes([n]) * 32: {"keys": {1: bytes.fromhex(a), generation: bytes.fromhex(b)}, "decision": bytes.fromhex(d)}
                       for n, (a, b, d) in enumerate(zip(first, now, decisions))}
        self.compartments = {name: (bytes(32), 1, list(self.grants))}


def run_pack(golden):
    base = Golden(golden.text("base")) if golden.all("base") else golden
    data = base.bytes("bytes")
    rv.need(rv.pack_id(data).hex() == base.text("id"), "the sound pack has another id")
    data = edited(data, golden)
    name = bytes.fromhex(base.text("compartment"))
    compartment = rv.Compartment(GoldenKeyring(base, name, int(base.text("generation"))), name)
    rv.need(compartment.wrap_key(int(base.text("generation"))).hex() == base.text("wrap key"), "another wrap key")
    rv.need(compartment.name_key.hex() == base.text("name key"), "another name key")
    pack = rv.Pack(data, compartment)
    blobs = [rv.sha256(pack.blob(blob)).hex() for blob in pack.entries]
    rv.need(blobs == base.all("blob") and [e.split()[0] for e in base.all("entry")] == [b.hex() for b in pack.entries],
            "other blobs")


def run_statement(golden):
    data, key = golden.bytes("bytes"), golden.bytes("public key")
    r = rv.Reader(data)
    if golden.text("body") == "object":
        r.expect(b"amanat/object/v1")
        r.raw(32)
        rv.need(1 <= r.number(4) <= 256 and r.number(1) <= 7, "no such object")
        r.raw(18)
        grants = r.structs(495, lambda i: (i.number(1), i.raw(32)))
        rv.need(grants and grants == sorted(grants), "the grants are out of order")
        r.raw(4)
    elif golden.text("body") == "commit":
        r.expect(b"amanat/vault-commit/v1")
        r.raw(48)
        rv.need((r.number(8) == 1) == (r.raw(32) == bytes(32)), "the first commit alone follows none")
        r.raw(36)
        added = r.structs(36864, lambda i: (i.raw(32), i.number(4)))
        packs = [pack for pack, _ in added] + rv.split32(r.vector(1 << 18))
        rv.need(len(set(packs)) == len(packs), "a pack is named twice")
        r.vector(65536)
        r.raw(8)
    else:
        r.expect(b"amanat/device/v1")
        r.raw(16 + 32 + 32)
        phrase_key = r.raw(32)
        r.raw(8)
        body = data[:r.at]
        rv.need(len(data) == len(body) + 128, "it is not signed twice")
        verify(body[32:64], body, data[-128:-64])
        verify(phrase_key, data[:-64], data[-64:])
        return
    body = data[:r.at]
    rv.need(len(data) == len(body) + 64, "bytes left over")
    verify(key, body, data[-64:])


def run_snapshot(golden):
    sealed = golden.bytes("bytes")
    generation = int.from_bytes(sealed[:2], "big")
    keyring = type("Keyring", (), {"account": golden.bytes("account"), "snapshot_keys": {generation: golden.bytes("key")}})
    rv.open_snapshot(sealed, keyring)


def run_keyring(golden):
    keyring = rv.open_keyring(golden.bytes("bytes"), golden.bytes("key"))
    found = ["%s %s %d %s" % (rv.CATEGORIES[g["category"]], "custody", g["state"], g["commitment"].hex())
             for g in keyring.grants.values()]
    rv.need(found == golden.all("grant"), "other grants")


def run_keyring_statement(golden):
    before = golden.bytes("previous")
    statement = rv.KeyringStatement(golden.bytes("bytes"))
    statement.check_succession(rv.KeyringStatement(before) if before else None)


def run_recovery(golden):
    phrase, statement = rv.Phrase(golden.text("phrase")), rv.KeyringStatement(golden.bytes("bytes"))
    sealed = golden.bytes("sealed")
    keyring = rv.open_keyring(sealed, statement.unwrap_by_phrase(phrase.recovery_key))
    rv.need(rv.sha256(sealed) == statement.sealed and keyring.account == statement.account
            and keyring.version == statement.version and keyring.phrase_key == phrase.phrase_key, "they do not agree")


def run(golden):
    kind = golden.text("kind")
    if kind == "struct":
        STRUCTS[golden.text("body")](golden.bytes("bytes"))
    else:
        {"pack": run_pack, "statement": run_statement, "snapshot": run_snapshot, "keyring": run_keyring,
         "keyring-statement": run_keyring_statement, "recovery": run_recovery}[kind](golden)


def golden_files(trial):
    names = sorted(os.listdir(VECTORS))
    trial.check(len(names) >= 40, "there are golden files")
    for name in names:
        golden = Golden(name)
        try:
            run(golden)
            accepted, why = True, "accepted"
        except rv.Refused as refusal:
            accepted, why = False, refusal
        trial.check(accepted == (golden.text("expect") == "accepted"),
                    "the second reader says of %s what the first says: %s" % (name, golden.text("expect")), why)


def make_folder(top):
    """Small files of several categories, and the corners: holes, links, names, modes, an empty folder."""
    subprocess.run([sys.executable, os.path.join(TREE, "tools", "make_sample_phone.py"), top], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(os.path.join(top, "Apps"))
    odd = os.path.join(top, "odd")
    os.makedirs(os.path.join(odd, "empty"))
    with open(os.path.join(odd, "holes.bin"), "wb") as file:
        file.write(os.urandom(5000))
        file.seek(3 << 20)
        file.write(os.urandom(70_000))
        file.truncate(5 << 20)
    with open(os.path.join(odd, "large.txt"), "w", encoding="ascii") as file:
        for n in range(120_000):
            file.write("line %d of many that a content-defined cut finds\n" % (n * n))
    open(os.path.join(odd, "nothing"), "wb").close()
    os.link(os.path.join(odd, "large.txt"), os.path.join(odd, "the same file"))
    os.symlink("large.txt", os.path.join(odd, "link"))
    os.symlink("nowhere/at/all", os.path.join(odd, "dangling"))
    with open(os.fsencode(odd) + b"/not \xff utf-8 \xc3", "wb") as file:
        file.write(b"a name in another encoding")
    os.chmod(os.path.join(odd, "holes.bin"), 0o640)
    os.utime(os.path.join(odd, "nothing"), ns=(1, 1_234_567_890_123_456_789))
    os.utime(os.path.join(odd, "empty"), ns=(1, 987_654_321_000_000_001))


def real_vault(trial):
    custodian = Custodian(trial, trial.path("custodian")).start()
    phone, files = Phone(trial, trial.path("phone")), trial.path("files")
    make_folder(files)
    phone.enroll(custodian.address)
    phone.must("protect", files)
    with open(os.path.join(files, "odd", "large.txt"), "r+b") as file:
        file.seek(1_000_000)
        file.write(b"changed in the middle")
    os.unlink(os.path.join(files, "odd", "dangling"))
    phone.must("protect", files)
    restored = trial.path("restored")
    phone.must("restore", restored)
    custodian.kill()
    found = search(trial, custodian, (b"line 14400 of many", b"Asha", b"Verma", b"large.txt", b"holes.bin", b"DCIM/"))
    trial.check(not found, "neither names nor words of the files lie in the custodian's folder or log", found)
    shutil.copytree(custodian.folder, trial.path("copy"))
    ended = subprocess.run([os.path.join(TREE, "tools", "read_vault.py"), "--custodian", trial.path("copy"), "--words",
                            phone.words, "--extract", trial.path("extracted"), "--json"], capture_output=True, text=True)
    trial.check(ended.returncode == 0, "read_vault opens a real vault", ended.stderr[-2000:])
    report = json.loads(ended.stdout or "{}")
    trial.check(not [x for x in report.get("report", ()) if not x.startswith("keyring")], "and finds nothing to report", report)
    trial.check(not differences(files, restored), "amanat restores bit for bit", differences(files, restored))
    trial.check(not differences(files, trial.path("extracted")), "and so does the second reader",
                differences(files, trial.path("extracted")))
    for top in (restored, trial.path("extracted")):
        same = os.path.samefile(os.path.join(top, "odd", "large.txt"), os.path.join(top, "odd", "the same file"))
        trial.check(same, "a file with two names is still one file")
        holes = os.stat(os.path.join(top, "odd", "holes.bin"))
        trial.check(holes.st_blocks * 512 < 2 << 20, "holes are still holes", holes)
    with open(trial.path("other words"), "w", encoding="utf-8") as file:
        file.write(other_words())
    ended = read_with_other_words(trial)
    trial.check(ended.returncode == 0 and "packs that open: none" in ended.stdout, "other words open nothing",
                ended.stdout + ended.stderr)
    ended = read_with_other_words(trial, "--phone", phone.home, "--must-open", "photos")
    trial.check(ended.returncode == 0, "a thief with the phone's home opens what the phone opens", ended.stdout + ended.stderr)


def search(trial, custodian, secrets):
    """Where any of these bytes lie at the custodian."""
    found, paths = [], [custodian.log]
    for folder, _, names in os.walk(custodian.folder):
        paths += [os.path.join(folder, name) for name in names]
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        # Three or four letters turn up by chance in megabytes of noise: only long words count in packs.
        least = 8 if "/packs/" in path else 4
        found += ["%r in %s" % (secret, os.path.basename(path)) for secret in secrets if len(secret) >= least and secret in data]
    return found


def other_words():
    """24 words of somebody else."""
    entropy = os.urandom(32)
    value = int.from_bytes(entropy, "big") << 8 | rv.sha256(entropy)[0]
    words = rv.word_list()
    return " ".join(words[value >> 11 * n & 2047] for n in reversed(range(24)))


def read_with_other_words(trial, *more):
    return subprocess.run([os.path.join(TREE, "tools", "read_vault.py"), "--custodian", trial.path("copy"), "--words",
                           trial.path("other words"), *more], capture_output=True, text=True)


def main():
    with Trial("second_reader") as trial:
        golden_files(trial)
        real_vault(trial)


if __name__ == "__main__":
    main()
