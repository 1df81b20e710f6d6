"""A client of docs/api.md written from that page alone: requests it signs, answers it verifies.

It can also do everything wrong that a request can do wrong, since each part may be given.
"""
import base64
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import statements as st


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    return base64.b64decode(text, validate=True)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        found = [v for n, v in self.headers if n.lower() == name]
        return found[0] if found else None

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def code(self):
        found = self.json()
        return found.get("code", "") if isinstance(found, dict) else ""

    def __str__(self):
        return "%s %s" % (self.status, self.body[:200])


class Server:
    """Where the custodian is, what its policy says, and whether its answers hold."""

    def __init__(self, trial, port, pinned):
        self.trial, self.port, self.authority = trial, port, "127.0.0.1:%d" % port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        policy = self.send("GET", "/v1/policy").body
        trial.check(hashlib.sha256(policy).hexdigest() == pinned, "the policy has the hash of the address")
        self.policy = json.loads(policy)
        self.answer_key = unb64(self.policy["answer_key"])
        # From here on the policy's own CA is what counts.
        self.context = ssl.create_default_context(cadata=self.policy["ca"])
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.answers_bad = []

    def send(self, method, target, headers=(), body=None):
        """Sends exactly this; headers may repeat. Knows nothing of signatures."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.context)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            names = [n.lower() for n, _ in headers]
            if "host" not in names:
                connection.putheader("Host", self.authority)
            if body is not None and "content-length" not in names:
                connection.putheader("Content-Length", str(len(body)))
            for name, value in headers:
                connection.putheader(name, value)
            try:
                connection.endheaders(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it may answer early and close; what it said is still there to read
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        except (ConnectionError, http.client.HTTPException, ssl.SSLError, socket.timeout) as why:
            return Answer(0, [], ("%s: %s" % (type(why).__name__, why)).encode())
        finally:
            connection.close()

    def call(self, key, method, path, query="", body=None, pack=None, object_event=None, **wrong):
        """One signed request; `wrong` alters what is sent after signing, or how it is signed."""
        headers = signature_headers(key, self.authority, method, path, query, body, pack, object_event, **wrong)
        headers = wrong.get("alter_headers", lambda h: h)(headers)
        target = wrong.get("send_path", path) + ("?" + wrong.get("send_query", query)
                                                 if wrong.get("send_query", query) else "")
        answer = self.send(wrong.get("send_method", method), target, headers,
                           wrong.get("send_body", body if pack is None else pack))
        if answer.status and method != "HEAD" and wrong.get("verify", True):
            self.verify(answer, dict((n.lower(), v) for n, v in headers), method + " " + path)
        return answer

    def verify(self, answer, request_headers, what):
        """Section 3, signed answers: every one to a signed request with a JSON body, errors too."""
        if answer.header("content-type") not in ("application/json", "application/json; charset=utf-8"):
            return
        why = self.what_is_wrong(answer, request_headers)
        if why:
            self.answers_bad.append("%s, status %d: %s" % (what, answer.status, why))

    def what_is_wrong(self, answer, request_headers):
        digest = "sha-256=:%s:" % b64(hashlib.sha256(answer.body).digest())
        if answer.header("content-digest") != digest:
            return "content-digest is %s" % answer.header("content-digest")
        signature_input, signature = answer.header("signature-input") or "", answer.header("signature") or ""
        want = '("@status" "content-digest"'
        lines = '"@status": %d\n"content-digest": %s\n' % (answer.status, digest)
        asked = request_headers.get("signature", "")
        if asked:
            want += ' "signature";req;key="amanat"'
            lines += '"signature";req;key="amanat": %s\n' % asked[len("amanat="):]
        want += ")"
        found = re.fullmatch(re.escape("amanat=" + want) + r';created=(\d+);keyid="([0-9a-f]{64})"', signature_input)
        if not found:
            return "signature-input is %r" % signature_input
        if found.group(2) != hashlib.sha256(self.answer_key).hexdigest():
            return "it names another key"
        if abs(int(found.group(1)) - time.time()) > 60:
            return "it was created at %s" % found.group(1)
        base = lines + '"@signature-params": ' + signature_input[len("amanat="):]
        try:
            Ed25519PublicKey.from_public_bytes(self.answer_key).verify(
                unb64(signature[len("amanat=:"):-1]), base.encode())
        except (InvalidSignature, ValueError):
            return "the signature does not hold"
        return None


def signature_headers(key, authority, method, path, query, body, pack, object_event, created=None, nonce=None,
                      keyid=None, components=None, parameters=None, **_):
    headers, lines = [], [('"@method"', method), ('"@authority"', authority), ('"@path"', path), ('"@query"', "?" + query)]
    if body:
        digest = "sha-256=:%s:" % b64(hashlib.sha256(body).digest())
        headers += [("Content-Length", str(len(body))), ("Content-Digest", digest)]
        lines += [('"content-length"', str(len(body))), ('"content-digest"', digest)]
    if pack:
        headers.append(("Content-Length", str(len(pack))))
        lines.append(('"content-length"', str(len(pack))))
    if object_event is not None:
        headers.append(("Amanat-Object", b64(object_event)))
        lines.append(('"amanat-object"', b64(object_event)))
    if components is not None:
        lines = [line for line in lines if line[0] in components]
    nonce = os.urandom(16) if nonce is None else nonce
    inner = "(%s)" % " ".join(name for name, _ in lines)
    inner += parameters or ';created=%d;nonce="%s";keyid="%s"' % (
        int(time.time()) if created is None else created, base64.urlsafe_b64encode(nonce).decode().rstrip("="),
        (keyid or st.key_id(key)).hex())
    base = "".join("%s: %s\n" % line for line in lines) + '"@signature-params": ' + inner
    headers += [("Signature-Input", "amanat=" + inner),
                ("Signature", "amanat=:%s:" % b64(key.sign(base.encode()).signature))]
    return headers


class Account:
    """A phone of our own making, with one device."""

    def __init__(self, server):
        self.server, self.account = server, os.urandom(16)
        self.device_key, self.phrase_key = st.new_key(), st.new_key()
        _, self.one_time = st.new_one_time()
        self.label_key, self.vault_key, self.labels = os.urandom(32), os.urandom(32), 0
        self.s, self.sequence, self.last_commit, self.keyring, self.keyring_hash = 0, 0, st.ZEROS, 0, st.ZEROS
        self.device = st.key_id(self.device_key)

    def label(self):
        self.labels += 1
        return st.label_of(self.label_key, self.labels - 1)

    def call(self, method, path, query="", body=None, **more):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        return self.server.call(more.pop("key", self.device_key), method, path, query, body, **more)

    def opening(self):
        statement = st.device_statement(self.account, self.device_key, self.one_time, self.phrase_key)
        return {"account": self.account.hex(), "device": b64(statement),
                "event": b64(st.event(st.DEVICE_KEY, self.label(), statement))}

    def open(self):
        return self.call("POST", "/v1/accounts", body=self.opening())

    def keyring_request(self, version=None, **wrong):
        version = self.keyring + 1 if version is None else version
        sealed = st.sealed_keyring(wrong.get("account", self.account), version)
        _, following = st.new_one_time()
        signers = wrong.get("signers", [(1, self.device_key), (2, self.phrase_key)])
        statement = st.keyring_statement(
            wrong.get("account", self.account), version, wrong.get("previous", self.keyring_hash), sealed,
            wrong.get("wraps", [(self.device, self.one_time)]), following, self.device, bytes(self.phrase_key.verify_key),
            signers, wrong.get("confirmed", 0))
        commits = {self.device: self.last_commit} if self.sequence else {}
        s = wrong.get("s", self.s + 1)
        head = st.vault_head(self.vault_key, self.label(), s, version, st.sha256(sealed), commits)
        self.pending = (version, st.sha256(sealed), following)
        return {"keyring": b64(sealed), "statement": b64(statement), "sequence": s, "head": b64(head)}

    def took_keyring(self):
        self.keyring, self.keyring_hash, self.one_time = self.pending
        self.s += 1

    def put_keyring(self):
        version = self.keyring + 1
        answer = self.call("PUT", "/v1/keyrings/%d" % version, body=self.keyring_request())
        if answer.status == 201:
            self.took_keyring()
        return answer

    def give(self, category, notice, language):
        key = st.new_key()
        made = st.event(st.CONSENT_GRANT, self.label(), st.decision(st.GIVEN, category, notice, language, key))
        answer = self.call("POST", "/v1/events", body={"events": [b64(made)]})
        return Grant(category, key, st.commitment_in(made), made), answer

    def later(self, kind, grant, notice, language, key=None, **more):
        statement = st.decision(kind, grant.category, notice, language, key or grant.key, grant=grant.commitment, **more)
        return st.event(st.EVENT_OF_DECISION[kind], self.label(), statement, link=grant.commitment)

    def make_pack(self, grants, frames=4, generation=1, data=None, key=None, **more):
        compartment = os.urandom(16)
        data = st.pack_bytes(frames, compartment, generation, **more.pop("header", {})) if data is None else data
        return Pack(self, data, more.pop("pack", st.tree_root(st.leaves_of(data))), frames,
                    more.pop("compartment", compartment), grants, key, generation, **more)

    def put_pack(self, pack, **wrong):
        return self.call("PUT", "/v1/packs/" + wrong.pop("name", pack.id.hex()), pack=wrong.pop("bytes", pack.data),
                         object_event=wrong.pop("event", pack.event), **wrong)

    def commit_request(self, packs, **wrong):
        sequence = wrong.get("sequence", self.sequence + 1)
        statement = st.commit_statement(
            wrong.get("account", self.account), wrong.get("key", self.device_key), sequence,
            wrong.get("previous", self.last_commit), wrong.get("keyring", self.keyring),
            wrong.get("keyring_hash", self.keyring_hash), [(p.id, p.frames) for p in packs],
            wrong.get("retired", ()))
        s = wrong.get("s", self.s + 1)
        head = wrong.get("head") or st.vault_head(self.vault_key, self.label(), s, self.keyring, self.keyring_hash,
                                                  {self.device: st.sha256(statement)})
        self.pending_commit = st.sha256(statement)
        return {"commit": b64(statement), "sequence": s, "head": b64(head)}

    def took_commit(self):
        self.sequence, self.last_commit, self.s = self.sequence + 1, self.pending_commit, self.s + 1


class Grant:
    def __init__(self, category, key, commitment, event):
        self.category, self.key, self.commitment, self.event = category, key, commitment, event


class Pack:
    def __init__(self, account, data, name, frames, compartment, grants, key, generation, **more):
        named = sorted((g.category, g.commitment) for g in grants)
        statement = st.object_statement(name, frames, compartment, named,
                                        key or min(grants, key=lambda g: g.category).key, generation, **more)
        salt = os.urandom(32)
        self.data, self.id, self.frames = data, name, frames
        self.event = st.event(st.OBJECT_STORE, account.label(), statement, st.object_link(salt, named, name),
                              st.size_class_of(frames), link_salt=salt)
