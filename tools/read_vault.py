#!/usr/bin/python3
"""Open a vault without Amanat: a second reader, made from docs/format.md alone.

usage: read_vault.py --custodian DIR --words FILE [--phone HOME] [--extract DIR]
                     [--must-open CATEGORY] [--must-not-open CATEGORY] [--json]

DIR is a copy of a custodian's data folder. With the 24 words every keyring version that is left in
it is tried, every commit, every pack, whatever the database says of it. With --phone, every 32 bytes
in the phone's folder of keys and in the small tables of its database are tried as each kind of key:
this is also the attacker of ./run. Section numbers are those of docs/format.md.
Needs python3-cryptography, python3-nacl, python3-zstandard.
"""
import argparse
import functools
import hashlib
import hmac
import json
import os
import re
import sqlite3
import shutil
import struct
import sys
import tempfile

import nacl.bindings
import nacl.exceptions
import nacl.signing
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = os.path.join(HERE, "..", "amanat", "seal", "words_english.cc")
CATEGORIES = {1: "photos", 2: "videos", 3: "audio", 4: "contacts", 5: "messages", 6: "call-log", 7: "calendar",
              8: "location", 9: "health", 10: "email", 11: "documents", 12: "apps", 13: "app-data",
              14: "browsing", 15: "diagnostics", 255: "other"}
FRAME, FRAME_PLAIN, HEADER = 65536, 65520, 4096


class Refused(Exception):
    """What was read does not hold."""


def need(holds, what):
    if not holds:
        raise Refused(what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(key, salt, info, size=32):
    return HKDF(hashes.SHA256(), size, salt or None, info).derive(key)


# --- section 1: encoding --------------------------------------------------------------------------


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, size):
        need(self.at + size <= len(self.data), "it ends too early")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.raw(size), "big")

    def vector(self, most):
        size = self.number(1 if most <= 0xFF else 2 if most <= 0xFFFF else 4)
        need(size <= most, "a vector is longer than its maximum")
        return self.raw(size)

    def structs(self, most, read):
        inner, found = Reader(self.vector(most)), []
        while inner.at < len(inner.data):
            found.append(read(inner))
        return found

    def expect(self, text):
        need(self.raw(len(text)) == text, "it does not start with %r" % text)

    def end(self):
        need(self.at == len(self.data), "bytes left over")


def xopen(key, aad, sealed):
    need(len(sealed) >= 40, "too short to be sealed")
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[24:], aad, sealed[:24], key)
    except nacl.exceptions.CryptoError:
        raise Refused("a seal does not hold") from None


def gcm_open(key, nonce, aad, sealed):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise Refused("a tag does not hold") from None


@functools.cache
def public_of(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def hpke_open(private, info, aad, sealed):
    """RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    need(len(sealed) >= 48, "too short for HPKE")
    key = X25519PrivateKey.from_private_bytes(private)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    enc = sealed[:32]

    def labeled(suite):
        def extract(salt, label, secret):
            return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256").digest()

        def expand(secret, label, context, size):
            text, block, counter = struct.pack(">H", size) + b"HPKE-v1" + suite + label + context, b"", 1
            out = b""
            while len(out) < size:
                block = hmac.new(secret, block + text + bytes([counter]), "sha256").digest()
                out, counter = out + block, counter + 1
            return out[:size]
        return extract, expand

    extract, expand = labeled(b"KEM" + struct.pack(">H", 0x20))
    shared = key.exchange(X25519PublicKey.from_public_bytes(enc))
    secret = expand(extract(b"", b"eae_prk", shared), b"shared_secret", enc + public, 32)
    extract, expand = labeled(b"HPKE" + struct.pack(">HHH", 0x20, 1, 2))
    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    root = extract(secret, b"secret", b"")
    return gcm_open(expand(root, b"key", context, 32), expand(root, b"base_nonce", context, 12), aad, sealed[32:])


# --- section 12: phrase ---------------------------------------------------------------------------


def word_list():
    with open(WORDS, encoding="ascii") as file:
        listed = re.findall(r'"([a-z]+)"', file.read())
    need(len(listed) == 2048, "the word list is not whole")
    return listed


def entropy_of(words):
    listed, words = word_list(), words.split()
    need(len(words) == 24, "there are %d words, not 24" % len(words))
    value = 0
    for word in words:
        need(word in listed, "%r is not in the list" % word)
        value = value << 11 | listed.index(word)
    entropy = (value >> 8).to_bytes(32, "big")
    need(sha256(entropy)[0] == value & 255, "the words do not belong together")
    return entropy


class Phrase:
    def __init__(self, words):
        entropy = entropy_of(words)
        self.recovery_key = hkdf(entropy, b"", b"amanat/recovery-key/v1")
        seed = hkdf(entropy, b"", b"amanat/phrase-key/v1")
        self.phrase_key = bytes(nacl.signing.SigningKey(seed).verify_key)


# --- section 11: keyring --------------------------------------------------------------------------


class Keyring:
    """An opened KeyringBody."""

    def __init__(self, plain):
        r = Reader(plain)
        r.expect(b"amanat/keyring-body/v1")
        self.version, self.account, self.previous = r.number(4), r.raw(16), r.raw(32)
        self.generation = r.number(2)
        self.vault_key, self.recovery_key, self.phrase_key = r.raw(32), r.raw(32), r.raw(32)
        self.snapshot_keys = dict(r.structs(0xFFFF, lambda i: (i.number(2), i.raw(32))))
        self.devices = r.structs(0xFFFF, lambda i: (i.raw(32), i.raw(32), i.number(8), i.number(8)))
        self.grants = {}
        for grant in r.structs(1 << 18, self.read_grant):
            self.grants[grant["commitment"]] = grant
        self.compartments = {}
        for name, device, purpose, grants in r.structs(
                1 << 18, lambda i: (i.raw(16), i.raw(32), i.number(1), i.vector(480))):
            self.compartments[name] = (device, purpose, [grants[n:n + 32] for n in range(0, len(grants), 32)])
        r.vector(0xFFFF)
        r.end()

    @staticmethod
    def read_grant(r):
        category, purpose, state = r.number(1), r.number(1), r.number(1)
        seed, commitment, decision, until = r.raw(32), r.raw(32), r.raw(32), r.number(8)
        keys = dict(r.structs(0xFFFF, lambda i: (i.number(2), i.raw(32))))
        return {"category": category, "purpose": purpose, "state": state, "seed": seed, "commitment": commitment,
                "decision": decision, "until": until, "keys": keys}

    def categories(self, compartment):
        grants = self.compartments[compartment][2]
        return "+".join(CATEGORIES[self.grants[g]["category"]] for g in grants if g in self.grants)


class KeyringStatement:
    def __init__(self, data):
        r = Reader(data)
        r.expect(b"amanat/keyring/v1")
        self.account, self.version, self.previous, self.sealed = r.raw(16), r.number(4), r.raw(32), r.raw(32)
        self.recovery_wrap = r.raw(72)
        self.wraps = r.structs(1 << 17, lambda i: (i.raw(32), i.raw(32), i.raw(80)))
        self.next_one_time_key, self.device, self.phrase_key = r.raw(32), r.raw(32), r.raw(32)
        self.confirmed, self.time = r.number(1), r.number(8)
        body = data[:r.at]
        self.signatures = r.structs(291, lambda i: (i.number(1), i.raw(32), i.raw(64)))
        r.end()
        need((self.version == 1) == (self.previous == bytes(32)), "the first version alone follows none")
        devices = [device for device, _, _ in self.wraps]
        need(devices and all(a < b for a, b in zip(devices, devices[1:])), "the wraps are out of order")
        for _, key, signature in self.signatures:
            try:
                nacl.signing.VerifyKey(key).verify(body, signature)
            except nacl.exceptions.BadSignatureError:
                raise Refused("a signature of keyring %d does not hold" % self.version) from None

    def check_succession(self, before):
        """Version n+1 is signed by a device of n or by n's phrase key; version 1 by both of its own."""
        devices = {sha256(key) for kind, key, _ in self.signatures if kind == 1}
        phrase_keys = {key for kind, key, _ in self.signatures if kind == 2}
        if before is None:
            need(self.version == 1, "it is not the first")
            need(self.device in devices and self.phrase_key in phrase_keys, "the first is signed by both")
            return
        need(self.account == before.account and self.version == before.version + 1, "it follows another")
        need(self.previous == before.sealed, "it follows another keyring")
        by_phrase = before.phrase_key in phrase_keys
        need(by_phrase or devices & {device for device, _, _ in before.wraps}, "a stranger signed it")
        need(by_phrase or not self.confirmed, "confirmed without the words")
        need(by_phrase or self.phrase_key == before.phrase_key, "other words without the words")

    def aad(self, device):
        return self.account + struct.pack(">I", self.version) + device + self.sealed

    def unwrap_by_phrase(self, recovery_key):
        key = hkdf(recovery_key, self.account, b"amanat/recovery-wrap/v1" + struct.pack(">I", self.version))
        return xopen(key, self.aad(bytes(32)), self.recovery_wrap)

    def unwrap_by_key(self, private):
        """A wrap names the public key that it is for, so only the fitting private key is tried on it."""
        public = public_of(private)
        for device, one_time_key, wrap in self.wraps:
            if one_time_key == public:
                return hpke_open(private, b"amanat/device-wrap/v1", self.aad(device), wrap)
        raise Refused("no wrap is for this key")


def open_keyring(sealed, kek):
    header, rest = sealed[:96], sealed[96:]
    need(header[:8] == b"AMNTKEYR" and header[8] == 1 and header[9:12] == bytes(3), "not a keyring")
    salt, commitment = header[32:64], header[64:96]
    need(hkdf(kek, salt, b"amanat/keyring-commit/v1" + header[:32]) == commitment, "another key's keyring")
    keyring = Keyring(xopen(kek, header, rest))
    need(struct.pack(">I", keyring.version) + keyring.account == header[12:32], "the header names another keyring")
    return keyring


# --- sections 6 and 7: packs ----------------------------------------------------------------------


def tree_root(leaves):
    """RFC 6962: the left subtree is the largest power of two that leaves something on the right."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1", tree_root(leaves[:half]), tree_root(leaves[half:]))


def pack_id(data):
    return tree_root([sha256(b"\0", data[n:n + 4096]) for n in range(0, len(data), 4096)])


class Compartment:
    def __init__(self, keyring, name):
        self.name, self.keyring = name, keyring
        _, self.purpose, commitments = keyring.compartments[name]
        self.grants = [keyring.grants[c] for c in commitments if c in keyring.grants]
        need(len(self.grants) == len(commitments) and all(g["keys"] for g in self.grants), "closed: a key is gone")
        first = b"".join(g["keys"][min(g["keys"])] for g in self.grants)
        self.name_key = hkdf(first, name, b"amanat/name/v1" + bytes([self.purpose]))

    def wrap_key(self, generation):
        need(all(generation in g["keys"] for g in self.grants), "closed: no key of generation %d" % generation)
        keys = b"".join(g["keys"][generation] for g in self.grants)
        return hkdf(keys, self.name, b"amanat/wrap/v1" + bytes([self.purpose]) + struct.pack(">H", generation))

    def blob_name(self, kind, plain):
        return hmac.new(self.name_key, bytes([kind]) + plain, "sha256").digest()


class Pack:
    def __init__(self, data, compartment):
        need(len(data) > HEADER and (len(data) - HEADER) % FRAME == 0, "not whole frames and a header")
        self.frames = (len(data) - HEADER) // FRAME
        header = data[-HEADER:][:96]
        need(header[:8] == b"AMNTPACK" and header[8] == 1 and header[9] == 16 and header[10:12] == bytes(2),
             "not a pack of suite 1")
        need(1 <= self.frames <= 256 and data[-HEADER:][96 + 16 * 96:] == bytes(HEADER - 17 * 96),
             "a header of another form")
        need(int.from_bytes(header[12:16], "big") == self.frames, "the header lies about its frames")
        salt, commitment, name, generation = header[16:32], header[32:64], header[64:80], header[80:82]
        need(name == compartment.name and header[82:96] == bytes(14), "another compartment's pack")
        need(generation != bytes(2), "generations count from 1")
        slot = data[-HEADER:][96:192]
        aad = header + b"".join(g["decision"] for g in compartment.grants)
        key = gcm_open(compartment.wrap_key(int.from_bytes(generation, "big")), slot[:12], aad, slot[12:60])
        need(hkdf(key, salt, b"amanat/commit-key/v1" + header[:32]) == commitment, "the key is not the committed one")
        self.compartment, plain = compartment, []
        for n in range(self.frames):
            nonce = struct.pack(">QI", n, int(n == self.frames - 1))
            aad = b"amanat/frame/v1" + header[8:9] + salt + name
            plain.append(gcm_open(key, nonce, aad, data[n * FRAME:(n + 1) * FRAME]))
        self.plain = b"".join(plain)
        offset, count = struct.unpack(">II", self.plain[-8:])
        need(offset + 48 * count <= len(self.plain) - 8, "the directory lies outside the frames")
        r, self.entries, end = Reader(self.plain[offset:offset + 48 * count]), {}, 0
        for _ in range(count):
            blob, place, stored, raw = r.raw(32), r.number(4), r.number(4), r.number(4)
            codec, dictionary, kind, zero = r.number(1), r.number(1), r.number(1), r.number(1)
            need(zero == 0 and end <= place and place + stored <= offset, "a directory entry is out of place")
            need(stored <= raw <= 8 << 20 and (codec != 0 or stored == raw), "a directory entry has a wrong size")
            need(codec in (0, 1) and dictionary == 0 and 1 <= kind <= 4, "a directory entry of an unknown kind")
            end = place + stored
            self.entries[blob] = (place, stored, raw, codec, kind)

    def blob(self, name):
        place, stored, raw, codec, kind = self.entries[name]
        data = self.plain[place:place + stored]
        if codec == 1:
            try:
                data = zstandard.ZstdDecompressor().decompress(data, max_output_size=raw)
            except zstandard.ZstdError:
                raise Refused("a blob does not decompress") from None
        need(len(data) == raw and self.compartment.blob_name(kind, data) == name, "a blob is not what its name says")
        return data


# --- sections 9 and 10: trees ---------------------------------------------------------------------


class Tree:
    PACKS_OPEN_MAX = 16  # a pack is up to 16 MiB

    def __init__(self, packs, compartment, root_pack, root_name):
        self.packs, self.compartment, self.open_packs, self.where = packs, compartment, {}, {}
        self.root_pack = root_pack
        for name in self.pack(root_pack).entries:
            self.where[name] = root_pack
        segments, self.roots = read_tree_root(self.blob(root_name))
        for place, name in segments:
            self.where.setdefault(name, root_pack if place == bytes(32) else place)
            for blob, pack in read_segment(self.blob(name)):
                self.where.setdefault(blob, pack)

    def pack(self, name):
        if name not in self.open_packs:
            while len(self.open_packs) >= self.PACKS_OPEN_MAX:
                self.open_packs.pop(next(iter(self.open_packs)))
            data = self.packs(name)
            need(pack_id(data) == name, "a pack's bytes are not what its id says")
            self.open_packs[name] = Pack(data, self.compartment)
        return self.open_packs[name]

    def blob(self, name):
        need(name in self.where, "a blob is in no pack")
        return self.pack(self.where[name]).blob(name)

    def files(self):
        """Yields (root path, path below it, node): folders before what is in them."""
        def walk(node, path):
            yield path, node
            for page in node.get("pages", ()):
                for child in read_page(self.blob(page)):
                    yield from walk(child, path + [child["name"]])
        for path, node in self.roots:
            for below, found in walk(node, []):
                yield path, b"/".join(below), found

    def write(self, node, file):
        """Writes the content where it belongs; holes stay holes."""
        for compartment, offset, length, names in node["parts"]:
            need(compartment == self.compartment.name, "a part lies in another compartment")
            end = offset + length
            for name in names:
                data = self.blob(name)
                file.seek(offset)
                file.write(data)
                offset += len(data)
            need(offset == end, "the blobs of a part are not as long as the part")
        file.truncate(node["size"])


def read_tree_root(data):
    """The segments' places, and the folders that were protected."""
    r = Reader(data)
    r.expect(b"amanat/tree-root/v1")
    segments = r.structs(65536, lambda i: (i.raw(32), i.raw(32)))
    numbers = [n for n, _, _ in r.structs(16575, lambda i: (i.number(1), i.raw(32), i.raw(32)))]
    need(len(set(numbers)) == len(numbers) and 0 not in numbers, "a dictionary's number is used twice")
    roots = r.structs(1 << 23, lambda i: (i.vector(4096), read_node(i)))
    r.end()
    for path, folder in roots:
        need(path.startswith(b"/") and b".." not in path.split(b"/"), "a root's path is not absolute")
        need(folder["kind"] == 2 and folder["name"] == b"", "a root is no folder")
    return segments, roots


def read_segment(data):
    r = Reader(data)
    r.expect(b"amanat/index/v1")
    packs = r.structs(1 << 20, lambda i: (i.raw(32), i.number(4), i.number(2)))
    entries = r.structs(1 << 22, lambda i: (i.raw(32), i.number(4), i.raw(16)))
    r.end()
    need(all(pack < len(packs) for _, pack, _ in entries), "an index entry names no pack")
    names = [name for name, _, _ in entries]
    need(all(a < b for a, b in zip(names, names[1:])), "an index is out of order")
    return [(name, packs[pack][0]) for name, pack, _ in entries]


def read_page(data):
    r = Reader(data)
    r.expect(b"amanat/folder/v1")
    nodes = r.structs(1 << 22, read_node)
    r.end()
    need(nodes, "a page of no nodes")
    for node in nodes:
        need(node["name"] not in (b"", b".", b"..") and b"/" not in node["name"] and b"\0" not in node["name"],
             "a name is no name")
    need(all(a["name"] < b["name"] for a, b in zip(nodes, nodes[1:])), "a page is out of order")
    return nodes


def split32(data):
    return [data[n:n + 32] for n in range(0, len(data), 32)]


def read_node(r):
    node = {"name": r.vector(255), "kind": r.number(1), "mode": r.number(4), "mtime_ns": r.number(8), "group": r.number(8)}
    need(node["mode"] <= 0o7777, "a mode of other bits")
    node["attributes"] = r.structs(1 << 18, lambda i: (i.vector(255), i.vector(65535)))
    if node["kind"] == 1:
        node["size"] = r.number(8)
        node["holes"] = r.structs(1 << 20, lambda i: (i.number(8), i.number(8)))
        node["parts"] = r.structs((1 << 23) + (1 << 16), lambda i: (
            i.raw(16), i.number(8), i.number(8), split32(i.vector(1 << 23))))
        at = 0
        for offset, length in sorted(node["holes"] + [(o, n) for _, o, n, _ in node["parts"]]):
            need(offset == at, "a file has a gap")
            at += length
        need(at == node["size"], "a file's parts do not add up to its size")
    elif node["kind"] == 2:
        node["pages"] = split32(r.vector(1 << 20))
    elif node["kind"] == 3:
        node["target"] = r.vector(4096)
    else:
        raise Refused("an unknown kind of node")
    return node


def snapshot_of(commit):
    r = Reader(commit)
    r.expect(b"amanat/vault-commit/v1")
    r.raw(16 + 32 + 8 + 32 + 4 + 32)
    r.vector(36864)
    r.vector(1 << 18)
    return r.vector(65536)


def open_snapshot(sealed, keyring):
    generation = int.from_bytes(sealed[:2], "big")
    need(generation in keyring.snapshot_keys, "no snapshot key of generation %d" % generation)
    aad = b"amanat/snapshot/v1" + keyring.account + sealed[:2]
    r = Reader(xopen(keyring.snapshot_keys[generation], aad, sealed[2:]))
    r.expect(b"amanat/snapshot/v1")
    device, sequence, _, time = r.raw(32), r.number(8), r.raw(32), r.number(8)
    trees = r.structs(1 << 15, lambda i: (i.raw(16), i.raw(32), i.raw(32)))
    r.end()
    return device, sequence, time, trees


# --- a custodian's folder -------------------------------------------------------------------------


class Folder:
    """What lies in a custodian's data folder (docs/format.md, section 17)."""

    def __init__(self, path):
        # The database may have a journal beside it and may be somebody's evidence: read a copy.
        with tempfile.TemporaryDirectory() as copy:
            for name in ("custodian.db", "custodian.db-wal"):
                if os.path.exists(os.path.join(path, name)):
                    shutil.copyfile(os.path.join(path, name), os.path.join(copy, name))
            base = sqlite3.connect(os.path.join(copy, "custodian.db"))
            self.keyrings = [(bytes(a), bytes(b)) for a, b in base.execute(
                "SELECT sealed, statement FROM keyrings WHERE sealed IS NOT NULL ORDER BY version")]
            self.commits = [bytes(a) for a, in base.execute("SELECT statement FROM commits ORDER BY sequence")]
            self.blobs = {bytes(a): bytes(b) for a, b in base.execute("SELECT pack, blob FROM packs")}
            base.close()
        self.files = {}
        for folder, _, names in os.walk(os.path.join(path, "packs")):
            for name in names:
                if re.fullmatch("[0-9a-f]{64}", name):
                    self.files[bytes.fromhex(name)] = os.path.join(folder, name)

    def pack(self, name):
        blob = self.blobs.get(name)
        need(blob in self.files, "pack %s is not there" % name.hex())
        return self.read(blob)

    def read(self, blob):
        with open(self.files[blob], "rb") as file:
            return file.read()


class Phone:
    """What a thief finds in a phone's home folder and would try as a key."""

    KEY_FILE_BYTES_MAX, TABLE_ROWS_MAX = 4096, 1000

    def __init__(self, home):
        self.keys, self.wraps, self.keyrings, self.passed_over = set(), [], [], []
        folder = os.path.join(home, "keys")
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if re.fullmatch("keyring-[0-9]+", name):  # a sealed keyring and its statement, as u32 vectors
                with open(path, "rb") as file:
                    self.keyrings.append((int(name[8:]), Reader(file.read()).vector(512 << 10)))
                continue
            if os.path.getsize(path) > self.KEY_FILE_BYTES_MAX:
                self.passed_over.append("keys/" + name)
                continue
            with open(path, "rb") as file:
                data = file.read()
            self.keys.update(data[n:n + 32] for n in range(0, len(data) - 31))
            self.wraps.append(data)
            self.keys.update(bytes.fromhex(word.decode()) for word in re.findall(rb"[0-9a-f]{64}", data))
        self.read_database(os.path.join(home, "phone.db"))

    def read_database(self, path):
        with tempfile.TemporaryDirectory() as copy:
            for end in ("", "-wal"):
                if os.path.exists(path + end):
                    shutil.copyfile(path + end, os.path.join(copy, "phone.db" + end))
            base = sqlite3.connect(os.path.join(copy, "phone.db"))
            for table, in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                if base.execute('SELECT count(*) FROM "%s"' % table).fetchone()[0] > self.TABLE_ROWS_MAX:
                    self.passed_over.append("table " + table)
                    continue
                for row in base.execute('SELECT * FROM "%s"' % table):
                    self.keys.update(cell for cell in row if isinstance(cell, bytes) and len(cell) == 32)
            base.close()

    def kept_keks(self, versions):
        """A phone keeps KEK_n under a local key made for n (section 11.3): every key on every wrap."""
        for wrap in self.wraps:
            if len(wrap) != 24 + 32 + 16:
                continue
            for key in self.keys:
                for version in versions:
                    try:
                        yield xopen(key, b"amanat/local-kek/v1" + struct.pack(">I", version), wrap)
                    except Refused:
                        continue


def open_keyrings(folder, phrase, phone, report):
    opened, statements = [], [KeyringStatement(statement) for _, statement in folder.keyrings]
    kept = phone.keyrings if phone else []
    keks = set(phone.kept_keks({s.version for s in statements} | {n for n, _ in kept})) if phone else set()
    for version, sealed in kept:
        for key in keks:
            try:
                opened.append(open_keyring(sealed, key))
                report.append("the phone's own keyring %d opens with a key that it keeps" % version)
                break
            except (Refused, ValueError):
                continue
    for (sealed, _), statement in zip(folder.keyrings, statements):
        tries = [("the words", lambda: statement.unwrap_by_phrase(phrase.recovery_key))]
        if phone:
            tries += [("a key that the phone keeps", lambda key=key: key) for key in keks | phone.keys]
            tries += [("a one-time key of the phone", lambda key=key: statement.unwrap_by_key(key)) for key in phone.keys]
        for by, unwrap in tries:
            try:
                opened.append(open_keyring(sealed, unwrap()))
                report.append("keyring %d opens with %s" % (statement.version, by))
                break
            except (Refused, ValueError):
                continue
        else:
            report.append("keyring %d does not open" % statement.version)
    if phone:
        report.append("%d keys of the phone were tried" % len(phone.keys | keks)
                      + "".join("; not looked into: " + name for name in phone.passed_over))
    return opened


def open_packs_of(folder, keyrings):
    """Categories whose packs open, with the number of packs, whatever any commit says."""
    found = {}
    for blob in folder.files:
        data = folder.read(blob)
        for keyring in keyrings:
            compartment = data[-HEADER:][64:80]
            if compartment not in keyring.compartments:
                continue
            try:
                Pack(data, Compartment(keyring, compartment))
            except Refused:
                continue
            for category in keyring.categories(compartment).split("+"):
                found[category] = found.get(category, 0) + 1
            break
    return found


def newest_snapshots(folder, keyrings):
    """The newest snapshot of each device that opens, oldest first."""
    newest = {}
    for sealed in filter(None, map(snapshot_of, folder.commits)):
        for keyring in keyrings:
            try:
                device, sequence, time, trees = open_snapshot(sealed, keyring)
            except Refused:
                continue
            if sequence > newest.get(device, (-1,))[0]:
                newest[device] = (sequence, time, trees)
            break
    return sorted((time, trees) for _, time, trees in newest.values())


def open_tree(folder, keyrings, name, pack, root):
    why = Refused("no keyring that opens knows this compartment")
    for keyring in reversed(keyrings):
        if name in keyring.compartments:
            try:
                return Tree(folder.pack, Compartment(keyring, name), pack, root), keyring.categories(name)
            except (Refused, KeyError) as found:
                why = found
    raise Refused(str(why))


class Extraction:
    """Files on their way into a folder; folders get their modes and times when all is there."""

    def __init__(self, target):
        self.target, self.folders, self.groups = os.fsencode(target), {}, {}

    def put(self, tree, path, node):
        full = os.path.join(self.target, path) if path else self.target
        if node["kind"] == 2:
            os.makedirs(full, exist_ok=True)
            self.folders[full] = node
            return
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if os.path.lexists(full):
            os.unlink(full)
        if node["kind"] == 3:
            os.symlink(node["target"], full)
        elif node["group"] and (id(tree), node["group"]) in self.groups:
            os.link(self.groups[id(tree), node["group"]], full)
            return
        else:
            with open(full, "wb") as file:
                tree.write(node, file)
            self.groups[id(tree), node["group"]] = full
        self.finish(full, node)

    @staticmethod
    def finish(full, node):
        for name, value in node["attributes"]:
            os.setxattr(full, name, value, follow_symlinks=False)
        if node["kind"] != 3:
            os.chmod(full, node["mode"])
        mtime = node["mtime_ns"] - (1 << 64 if node["mtime_ns"] >> 63 else 0)
        os.utime(full, ns=(mtime, mtime), follow_symlinks=False)

    def end(self):
        for full in sorted(self.folders, reverse=True):
            self.finish(full, self.folders[full])


def extract(folder, keyrings, target, report):
    count, extraction, kept = 0, Extraction(target) if target is not None else None, []
    for _, trees in newest_snapshots(folder, keyrings):
        for name, pack, root in trees:
            try:
                tree, categories = open_tree(folder, keyrings, name, pack, root)
            except Refused as why:
                report.append("a tree stays closed: %s" % why)
                continue
            kept.append(tree)  # its id() stays its own
            above = [] if len(tree.roots) == 1 else [os.path.basename(path) for path, _ in tree.roots]
            for path, below, node in tree.files():
                try:
                    count += node["kind"] != 2
                    if extraction:
                        extraction.put(tree, os.path.join(os.path.basename(path), below) if above else below, node)
                except (Refused, KeyError) as why:
                    report.append("%s: %r: %s" % (categories, below, why))
    if extraction:
        extraction.end()
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--custodian", required=True, metavar="DIR")
    parser.add_argument("--words", required=True, metavar="FILE")
    parser.add_argument("--phone", metavar="HOME")
    parser.add_argument("--extract", metavar="DIR")
    parser.add_argument("--must-open", metavar="CATEGORY")
    parser.add_argument("--must-not-open", metavar="CATEGORY")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = []
    try:
        with open(options.words, encoding="utf-8") as file:
            phrase = Phrase(file.read())
        folder = Folder(options.custodian)
        phone = Phone(options.phone) if options.phone else None
        keyrings = open_keyrings(folder, phrase, phone, report)
        packs = open_packs_of(folder, keyrings)
        files = extract(folder, keyrings, options.extract, report)
    except (Refused, OSError, sqlite3.Error) as why:
        sys.exit("read_vault: %s" % why)
    if options.json:
        print(json.dumps({"report": report, "packs": packs, "files": files}))
    else:
        for line in report:
            print(line)
        print("packs that open: " + (", ".join("%s %d" % item for item in sorted(packs.items())) or "none"))
        print("files in the trees that open: %d" % files)
    if options.must_open and options.must_open not in packs:
        sys.exit("read_vault: %s does not open" % options.must_open)
    if options.must_not_open and options.must_not_open in packs:
        sys.exit("read_vault: %s opens" % options.must_not_open)


if __name__ == "__main__":
    main()
