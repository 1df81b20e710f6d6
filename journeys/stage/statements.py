"""The statements, events and packs of docs/format.md, written a second time, from that page alone."""
import hashlib
import hmac
import os
import struct
import time

from nacl.public import PrivateKey
from nacl.signing import SigningKey

FRAME, HEADER = 65536, 4096
PHOTOS, VIDEOS, CONTACTS, MESSAGES = 1, 2, 4, 5
CUSTODY = 1
GIVEN, REFUSED, WITHDRAWN, RENEWED, WITHDRAW_CANCELLED, REVOKED = 1, 2, 3, 4, 5, 6
DEVICE_KEY, CONSENT_GRANT, CONSENT_WITHDRAW, OBJECT_STORE = 0x10, 0x12, 0x13, 0x14
CONSENT_REFUSED, WITHDRAW_CANCEL, VAULT_HEAD, ERASURE_RECEIPT, COVER = 0x18, 0x1B, 0x1C, 0x1D, 0x1F
EVENT_OF_DECISION = {GIVEN: 0x12, REFUSED: 0x18, WITHDRAWN: 0x13, RENEWED: 0x19, WITHDRAW_CANCELLED: 0x1B,
                     REVOKED: 0x1A}
ZEROS = bytes(32)
DAY_MS = 24 * 3600 * 1000


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u8(n):
    return struct.pack(">B", n)


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


def vector(data, most):
    """Section 1: the length in front, in as many bytes as the maximum asks for."""
    return len(data).to_bytes(1 if most <= 0xFF else 2 if most <= 0xFFFF else 4, "big") + data


def now_ms():
    return int(time.time() * 1000)


def signed(body, key):
    return body + key.sign(body).signature


def key_id(key):
    return sha256(bytes(key.verify_key))


# --- section 3 ------------------------------------------------------------------------------------


def decision(kind, category, notice, language, key, grant=ZEROS, decided_at=None, valid_until=None, purpose=CUSTODY,
             age_class=0, indication=2, default_state=0):
    decided_at = now_ms() if decided_at is None else decided_at
    if valid_until is None:
        valid_until = decided_at + 30 * DAY_MS if kind in (GIVEN, RENEWED) else 0
    body = (b"amanat/decision/v1" + bytes([kind, category, purpose, age_class]) + bytes(key.verify_key) + grant + notice
            + vector(language.encode(), 35) + u64(decided_at - 1000) + u64(decided_at) + u64(valid_until)
            + u8(indication) + u8(default_state))
    return signed(body, key)


def object_statement(pack, frames, compartment, grants, key, generation=1, sealed_minute=None, purpose=CUSTODY):
    """grants: (category, commitment) in registry order."""
    minute = now_ms() // 60000 if sealed_minute is None else sealed_minute
    body = (b"amanat/object/v1" + pack + u32(frames) + u8(purpose) + compartment + u16(generation)
            + vector(b"".join(u8(c) + g for c, g in grants), 495) + u32(minute))
    return signed(body, key)


def device_statement(account, device_key, one_time_public, phrase_key, made_at=None):
    body = (b"amanat/device/v1" + account + bytes(device_key.verify_key) + one_time_public
            + bytes(phrase_key.verify_key) + u64(made_at or now_ms()))
    once = signed(body, device_key)
    return once + phrase_key.sign(once).signature


# --- section 4 ------------------------------------------------------------------------------------


def commitment_of(kind, salt, statement):
    return sha256(b"amanat/commit/v1", u8(kind), salt, statement)


def event(kind, label, statement, link=ZEROS, size_class=0, salt=None, link_salt=ZEROS, commitment=None):
    salt = os.urandom(32) if salt is None else salt
    commitment = commitment_of(kind, salt, statement) if commitment is None else commitment
    return (u8(kind) + label + commitment + link + u8(size_class) + salt + link_salt + vector(statement, 4096))


def commitment_in(event_bytes):
    return event_bytes[33:65]


def object_link(link_salt, grants, pack):
    return sha256(b"amanat/link/v1", link_salt, u8(len(grants)), b"".join(g for _, g in grants), pack)


def size_class_of(frames):
    return (frames - 1).bit_length()


# --- section 7, as far as a custodian can tell ----------------------------------------------------


def tree_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1", tree_root(leaves[:half]), tree_root(leaves[half:]))


def leaves_of(data):
    return [sha256(b"\0", data[n:n + 4096]) for n in range(0, len(data), 4096)]


def pack_bytes(frames, compartment, generation=1, header_frames=None, magic=b"AMNTPACK", suite=1):
    """Random frames under a header in the right form, which is all a custodian can tell."""
    header = (magic + u8(suite) + u8(16) + u16(0) + u32(frames if header_frames is None else header_frames)
              + os.urandom(48) + compartment + u16(generation) + bytes(14))
    slots = os.urandom(16 * 96)
    return os.urandom(frames * FRAME) + (header + slots).ljust(HEADER, b"\0")


def path_holds(leaf, index, size, path, root):
    """RFC 6962 §2.1.1 inclusion, from the leaf's hash up."""
    node, last = index, size - 1
    for other in path:
        if node & 1 or node == last:
            leaf = sha256(b"\1", other, leaf)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            leaf = sha256(b"\1", leaf, other)
        node, last = node >> 1, last >> 1
    return last == 0 and leaf == root


# --- sections 10 and 11 ---------------------------------------------------------------------------


def commit_statement(account, device_key, sequence, previous, keyring_version, keyring_hash, added, retired=(),
                     snapshot=b""):
    """added: (pack, frames)."""
    body = (b"amanat/vault-commit/v1" + account + key_id(device_key) + u64(sequence) + previous
            + u32(keyring_version) + keyring_hash + vector(b"".join(p + u32(f) for p, f in added), 36864)
            + vector(b"".join(retired), 1 << 18) + vector(snapshot, 65536) + u64(now_ms()))
    return signed(body, device_key)


def sealed_keyring(account, version):
    """A keyring in the right form around random bytes: nobody but its owner opens it."""
    return (b"AMNTKEYR" + u8(1) + bytes(3) + u32(version) + account + os.urandom(64) + os.urandom(24 + 400 + 16))


def keyring_statement(account, version, previous, sealed, wraps, next_one_time, device, phrase_public, signers,
                      confirmed=0):
    """wraps: (device, one-time key) ascending by device; signers: (kind, key)."""
    body = (b"amanat/keyring/v1" + account + u32(version) + previous + sha256(sealed) + os.urandom(72)
            + vector(b"".join(d + k + os.urandom(80) for d, k in wraps), 1 << 17)
            + next_one_time + device + phrase_public + u8(confirmed) + u64(now_ms()))
    signatures = b"".join(u8(k) + bytes(key.verify_key) + key.sign(body).signature for k, key in signers)
    return body + vector(signatures, 291)


def vault_head(vault_key, label, s, keyring_version, keyring_hash, commits):
    """commits: device -> hash of its last commit."""
    commitment = sha256(b"amanat/vault-head/v1", u32(keyring_version), keyring_hash,
                        b"".join(d + h for d, h in sorted(commits.items())))
    link = hmac.new(vault_key, u64(s), "sha256").digest()
    return event(VAULT_HEAD, label, b"", link=link, salt=ZEROS, commitment=commitment)


def label_of(label_key, i):
    return hmac.new(label_key, b"amanat/label/v1" + u64(i), "sha256").digest()


def new_one_time():
    key = PrivateKey.generate()
    return key, bytes(key.public_key)


def new_key():
    return SigningKey.generate()
