#!/usr/bin/python3
"""A stranger's client attacks the custodian through docs/api.md: signatures, other people's data, packs, retries.

Two accounts, A and B, are opened by a phone written from the documents alone. Whatever the pages
promise is asked for, and whatever they forbid is tried. Prints what did not hold.
"""
import base64
import hashlib
import json
import os
import socket
import ssl
import time

from stage import statements as st
from stage.client import Account, Server, b64, signature_headers, unb64
from stage.programs import Custodian, Trial


def founding(trial):
    custodian = Custodian(trial, trial.path("custodian")).start()
    server = Server(trial, custodian.port, custodian.address.split("#sha256=")[1])
    notices = json.loads(server.send("GET", "/v1/notices").body)["notices"]
    notice = next(n for n in notices if n["purpose"] == "custody" and n["language"].startswith("en"))
    text = server.send("GET", "/v1/notices/" + notice["sha256"]).body
    trial.check(hashlib.sha256(text).hexdigest() == notice["sha256"], "a notice's bytes have its hash")
    return custodian, server, bytes.fromhex(notice["sha256"]), notice["language"]


def receipts_hold(trial, server, answer, events, what):
    """Section 4: index, entry, proof and checkpoint, all checked from format.md alone."""
    body = answer.json()
    text, _, signature = body["checkpoint"].rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    trial.check(origin == server.policy["origin"], what + ": the checkpoint is of the policy's log")
    name, key_hash, key = server.policy["log_key"].split("+", 2)
    raw = unb64(key)[1:]
    trial.check(unb64(key)[0] == 1 and hashlib.sha256(name.encode() + b"\n\x01" + raw).digest()[:4].hex() == key_hash,
                what + ": the log's key has its own hash")
    from nacl.signing import VerifyKey
    line = next(x for x in signature.split("\n") if x.startswith("— " + name + " "))
    VerifyKey(raw).verify((text + "\n").encode(), unb64(line.split(" ")[2])[4:])
    trial.check(len(body["receipts"]) == len(events), what + ": one receipt for each event")
    for receipt, event in zip(body["receipts"], events):
        entry = unb64(receipt["entry"])
        trial.check(len(entry) == 128 and entry[0] == 1 and entry[1] == event[0] and entry[8:104] == event[1:97]
                    and entry[104] == event[97] and entry[106:] == bytes(22), what + ": the entry is the event's")
        trial.check(st.path_holds(st.sha256(b"\0", entry), receipt["index"], int(size),
                                  [unb64(p) for p in receipt["proof"]], unb64(root)), what + ": the proof holds")


def refused(trial, answer, what, code, status):
    codes = code if isinstance(code, tuple) else (code,)
    statuses = status if isinstance(status, tuple) else (status,)
    body = answer.json()
    return trial.check(answer.status in statuses and answer.code in codes and set(body) == {"code", "message", "do"},
                       "%s is answered %s %s" % (what, "/".join(map(str, statuses)), "/".join(codes)), answer)


def accounts(trial, server):
    made = []
    for name in ("A", "B"):
        account = Account(server)
        request = account.opening()
        answer = account.call("POST", "/v1/accounts", body=request)
        if not trial.check(answer.status == 201 and answer.json().get("quota", 0) > 0, name + " opens an account", answer):
            raise RuntimeError("no account, no trial")
        receipts_hold(trial, server, answer, [unb64(request["event"])], "opening an account")
        again = account.call("POST", "/v1/accounts", body=request)
        trial.check(again.status == 201 and again.json()["receipts"][0]["index"] == answer.json()["receipts"][0]["index"],
                    "opening an account again gets the same entry", again)
        trial.check(account.put_keyring().status == 201, name + " stores keyring 1")
        made.append(account)
    a, b = made
    other = Account(server)
    other.account = a.account
    refused(trial, other.open(), "opening A's account with other keys", ("conflict", "denied"), (409, 403))
    stolen = Account(server)
    request = stolen.opening()
    request["account"] = os.urandom(16).hex()
    refused(trial, stolen.call("POST", "/v1/accounts", body=request), "an account that the statement does not name",
            "invalid_input", 400)
    request = stolen.opening()
    bent = bytearray(unb64(request["device"]))
    bent[-1] ^= 1
    request["device"] = b64(bytes(bent))
    refused(trial, stolen.call("POST", "/v1/accounts", body=request), "a device without the phrase key's signature",
            ("forged", "invalid_input"), (401, 400))
    refused(trial, stolen.call("POST", "/v1/accounts", body=stolen.opening(), key=st.new_key()),
            "opening an account with a request signed by another key", "forged", 401)
    return a, b


def signatures(trial, a):
    body = json.dumps({"events": [b64(st.event(st.COVER, a.label(), os.urandom(64)))]}).encode()

    def call(**wrong):
        return a.server.call(a.device_key, "POST", "/v1/events", "", wrong.pop("body", body), **wrong)

    trial.check(a.call("GET", "/v1/heads").status == 200, "a signed request is answered")
    refused(trial, call(send_body=body[:-2] + b" }"), "an altered body of the same length", "forged", 401)
    refused(trial, call(send_path="/v1/commits"), "an altered path", "forged", 401)
    refused(trial, a.call("GET", "/v1/receipts", "after=1", send_query="after=2"), "an altered query", "forged", 401)
    refused(trial, a.call("GET", "/v1/inventory", send_query="limit=1"), "an added query", "forged", 401)
    refused(trial, a.server.call(a.device_key, "HEAD", "/v1/packs/" + "0" * 64, send_method="GET"), "an altered method",
            "forged", 401)
    refused(trial, a.server.call(a.device_key, "GET", "/v1/heads", alter_headers=lambda h: h + [("Host", "other.example")]),
            "a request for another host", ("forged", "invalid_input"), (401, 400))
    nonce = os.urandom(16)
    trial.check(a.call("GET", "/v1/heads", nonce=nonce).status == 200, "a nonce is accepted")
    refused(trial, a.call("GET", "/v1/heads", nonce=nonce), "a nonce a second time", "forged", 401)
    now = int(time.time())
    for off, word in ((-310, "too old"), (320, "from the future"), (-10 ** 9, "decades old"), (2 ** 40, "ages ahead")):
        refused(trial, a.call("GET", "/v1/heads", created=now + off), "a signature " + word, ("forged", "invalid_input"),
                (401, 400))
    for off in (-290, 290):
        trial.check(a.call("GET", "/v1/heads", created=now + off).status == 200, "%d s off is within the window" % off)
    stranger = st.new_key()
    refused(trial, a.call("GET", "/v1/heads", key=stranger), "an unknown key", "forged", 401)
    refused(trial, a.call("GET", "/v1/heads", key=stranger, keyid=a.device), "another key under A's name", "forged", 401)
    refused(trial, a.call("GET", "/v1/inventory", key=a.phrase_key), "the phrase key on a device's path",
            ("denied", "forged"), (403, 401))
    trial.check(a.call("GET", "/v1/heads", key=a.phrase_key).status == 200, "the phrase key reads /v1/heads")
    for path in ("/v1/heads", "/v1/inventory", "/v1/receipts", "/v1/keyrings/1", "/v1/packs/" + "0" * 64):
        refused(trial, a.server.send("GET", path), "unsigned GET " + path, "forged", 401)
    for path in ("/v1/events", "/v1/commits", "/v1/devices", "/v1/challenges", "/v1/openings", "/v1/accounts"):
        refused(trial, a.server.send("POST", path, [], b"{}"), "unsigned POST " + path, ("forged", "invalid_input"), (401, 400))
    parts = ['"@method"', '"@authority"', '"@path"', '"@query"', '"content-length"', '"content-digest"']
    for left_out in parts:
        refused(trial, call(components=[p for p in parts if p != left_out]), "a signature that leaves out " + left_out,
                ("forged", "invalid_input"), (401, 400))
    for parameters in (";keyid=\"%s\"" % a.device.hex(), ";created=%d;keyid=\"%s\"" % (now, a.device.hex()),
                       ";created=%d;nonce=\"AAAA\";keyid=\"%s\"" % (now, a.device.hex()), ""):
        refused(trial, a.call("GET", "/v1/heads", parameters=parameters or ";x"), "parameters %r" % parameters[:40],
                ("forged", "invalid_input"), (401, 400))

    def replace(name, value):
        return lambda headers: [(n, value if n == name else v) for n, v in headers]

    def twice(name):
        return lambda headers: headers + [(n, v) for n, v in headers if n == name]

    refused(trial, call(alter_headers=replace("Content-Digest", "sha-256=:%s:" % b64(bytes(32)))), "an altered digest",
            "forged", 401)
    for name in ("Signature", "Signature-Input", "Content-Digest"):
        refused(trial, call(alter_headers=twice(name), verify=False), "%s twice" % name, ("invalid_input", "forged"), (400, 401))
        refused(trial, call(alter_headers=replace(name, "rubbish"), verify=False), "%s that is rubbish" % name, ("invalid_input", "forged"),
                (400, 401))
    refused(trial, call(alter_headers=lambda h: [x for x in h if x[0] != "Content-Digest"]), "no digest",
            ("forged", "invalid_input"), (401, 400))


def bodies(trial, a):
    def post(body, path="/v1/events", **more):
        return a.server.call(a.device_key, "POST", path, "", body, **more)

    cover = b64(st.event(st.COVER, a.label(), os.urandom(64)))
    good = json.dumps({"events": [cover]})
    trial.check(post(good.encode()).status == 200, "a cover event is logged", post(good.encode()))
    wrong = {
        "an unknown field": '{"events":["%s"],"more":1}' % cover,
        "a duplicate key": '{"events":["%s"],"events":["%s"]}' % (cover, cover),
        "a float": '{"commit":"","sequence":1.0,"head":""}',
        "a number with an exponent": '{"commit":"","sequence":1e0,"head":""}',
        "a negative number": '{"commit":"","sequence":-1,"head":""}',
        "no events": '{"events":[]}',
        "an array": "[]", "no JSON": "{", "two values": good + good, "a null": '{"events":null}',
        "a number for text": '{"events":[1]}',
        "base64 without padding": '{"events":["%s"]}' % cover.rstrip("=") if cover.endswith("=") else '{"events":["QQ"]}',
        "base64url": '{"events":["-_-_"]}', "base64 with spaces": '{"events":["%s "]}' % cover,
        "deep nesting": '{"events":' + "[" * 64 + "]" * 64 + "}",
        "very deep nesting": "[" * 100_000,
        "257 events": json.dumps({"events": [cover] * 257}),
        "an event with a byte more": json.dumps({"events": [b64(unb64(cover) + b"\0")]}),
        "an event a byte short": json.dumps({"events": [b64(unb64(cover)[:-1])]}),
        "an event of no type": json.dumps({"events": [b64(b"\xee" + unb64(cover)[1:])]}),
        "a device_key event": json.dumps({"events": [b64(st.event(st.DEVICE_KEY, a.label(), b"x" * 64))]}),
        "an object_store event": json.dumps({"events": [b64(st.event(st.OBJECT_STORE, a.label(), b"x" * 64))]}),
        "a vault_head event": json.dumps({"events": [b64(st.vault_head(a.vault_key, a.label(), 99, 1, a.keyring_hash, {}))]}),
        "a commitment of something else": json.dumps({"events": [b64(st.event(st.COVER, a.label(), b"x", commitment=bytes(32)))]}),
        "a cover with a link": json.dumps({"events": [b64(st.event(st.COVER, a.label(), b"x", link=b"\1" * 32))]}),
        "a cover with a size class": json.dumps({"events": [b64(st.event(st.COVER, a.label(), b"x", size_class=3))]}),
    }
    for what, text in wrong.items():
        path = "/v1/commits" if '"commit"' in text else "/v1/events"
        refused(trial, post(text.encode(), path), what, "invalid_input", 400)
    refused(trial, post(b'{"events":["\xff\xfe"]}'), "text that is not UTF-8", "invalid_input", 400)
    refused(trial, post(b"\xef\xbb\xbf" + good.encode()), "a byte order mark", "invalid_input", 400)
    refused(trial, post(b" " * ((1 << 20) + 1), verify=False), "a body of more than 1 MiB", "invalid_input", 413)
    refused(trial, a.call("GET", "/v1/nothing"), "a path that is not there", "not_found", 404)
    refused(trial, a.call("POST", "/v1/heads"), "a method that is not there", "invalid_input", 405)
    refused(trial, a.call("GET", "/v1/keyrings/1", "x=1"), "a query that is not taken", "invalid_input", 400)
    for query in ("after=x", "after=-1", "limit=0", "limit=99999"):
        path = "/v1/receipts" if query.startswith("after") else "/v1/inventory"
        refused(trial, a.call("GET", path, query), "query %s on %s" % (query, path), "invalid_input", 400)
    refused(trial, a.server.send("GET", "/v1/policy?" + "a" * 3000), "a query of 3 KB", "invalid_input", (400, 414))
    big = a.server.send("GET", "/v1/policy", [("X-Long", "a" * 20_000)])
    refused(trial, big, "a header block of 20 KB", "invalid_input", 431)
    for path in ("/v1/keyrings/0", "/v1/keyrings/01", "/v1/keyrings/-1", "/v1/keyrings/99999999999", "/v1/packs/xyz",
                 "/v1/packs/" + "A" * 64):
        refused(trial, a.call("GET", path), "GET " + path, ("invalid_input", "not_found"), (400, 404))
    refused(trial, a.call("GET", "/v1/keyrings/77"), "a keyring that is not there", "not_found", 404)
    for path in ("/v1/../v1/heads", "//v1/heads", "/v1/heads/", "/v1//heads", "/v1/%68eads"):
        refused(trial, a.call("GET", path, verify=False), "GET " + path, ("not_found", "invalid_input", "forged"),
                (404, 400, 401))


def consents(trial, server, a, b, notice, language):
    photos, answer = a.give(st.PHOTOS, notice, language)
    trial.check(answer.status == 200, "A consents to photos", answer)
    receipts_hold(trial, server, answer, [photos.event], "a consent")
    again = a.call("POST", "/v1/events", body={"events": [b64(photos.event)]})
    trial.check(again.status == 200 and again.json()["receipts"][0]["index"] == answer.json()["receipts"][0]["index"],
                "the same event again gets the same entry", again)
    videos, _ = a.give(st.VIDEOS, notice, language)
    theirs, answer = b.give(st.PHOTOS, notice, language)
    trial.check(answer.status == 200, "B consents to photos", answer)

    def post(account, made):
        return account.call("POST", "/v1/events", body={"events": [b64(m) for m in made]})

    _, second = a.give(st.PHOTOS, notice, language)
    refused(trial, second, "a second consent for one category", "conflict", 409)
    label = photos.event[1:33]
    key = st.new_key()
    reused = st.event(st.CONSENT_GRANT, label, st.decision(st.GIVEN, st.CONTACTS, notice, language, key))
    refused(trial, post(a, [reused]), "another event under a used label", "conflict", 409)
    refused(trial, post(b, [st.event(st.COVER, label, b"x" * 40)]), "B's event under A's label", "conflict", 409)

    def given(what, code, status, **wrong):
        key = st.new_key()
        arguments = dict(kind=st.GIVEN, category=st.CONTACTS, notice=notice, language=language, key=key)
        arguments.update(wrong)
        statement = wrong.pop("statement", None) or st.decision(**{k: v for k, v in arguments.items() if k != "bend"})
        if wrong.get("bend"):
            statement = statement[:-1] + bytes([statement[-1] ^ 1])
        refused(trial, post(a, [st.event(st.CONSENT_GRANT, a.label(), statement)]), what, code, status)

    given("a consent to a notice of nobody", "denied", 403, notice=os.urandom(32))
    given("a consent in another language than its notice", "denied", 403, language="tlh")
    given("a consent two days old", ("stale", "invalid_input"), (410, 400), decided_at=st.now_ms() - 2 * st.DAY_MS)
    given("a consent of tomorrow", "invalid_input", 400, decided_at=st.now_ms() + 3_600_000)
    given("a consent that was chosen beforehand", "invalid_input", 400, default_state=1)
    given("a consent for no category", "invalid_input", 400, category=77)
    given("a consent for no purpose", "invalid_input", 400, purpose=99)
    given("a consent for a purpose that its notice does not have", "denied", 403, purpose=3)
    given("a consent without an end", "invalid_input", 400, valid_until=0)
    given("a consent that ends before it begins", "invalid_input", 400, valid_until=st.now_ms() - 10_000)
    given("a consent with a bent signature", "forged", 401, bend=True)
    given("a first consent that names a grant", "invalid_input", 400, grant=photos.commitment)
    given("a refusal in a consent event", "invalid_input", 400, kind=st.REFUSED)

    def later(kind, grant, account=a, **more):
        return account.later(kind, grant, notice, language, **more)

    refused(trial, post(b, [later(st.WITHDRAWN, photos, b)]), "B withdraws A's consent, with A's key", "not_found", 404)
    refused(trial, post(b, [later(st.WITHDRAWN, photos, b, key=theirs.key)]), "B withdraws A's consent", ("not_found",), 404)
    refused(trial, post(a, [later(st.WITHDRAWN, photos, key=st.new_key())]), "a withdrawal with another key", "forged", 401)
    refused(trial, post(a, [later(st.WITHDRAW_CANCELLED, photos)]), "cancelling what was not withdrawn", "conflict", 409)
    unlinked = st.event(st.CONSENT_WITHDRAW, a.label(), st.decision(st.WITHDRAWN, st.PHOTOS, notice, language, photos.key,
                                                                   grant=photos.commitment), link=videos.commitment)
    refused(trial, post(a, [unlinked]), "a withdrawal that links another grant", "invalid_input", 400)
    before = len(a.call("GET", "/v1/receipts").json()["receipts"])
    fine, bad = st.event(st.COVER, a.label(), b"y" * 40), st.event(st.COVER, label, b"x" * 40)
    refused(trial, post(a, [fine, bad]), "one bad event among good ones", "conflict", 409)
    trial.check(len(a.call("GET", "/v1/receipts").json()["receipts"]) == before, "and none of them is logged")
    return photos, videos, theirs


def packs(trial, server, a, b, photos, videos, theirs, notice, language):
    good = a.make_pack([photos])
    answer = a.put_pack(good)
    trial.check(answer.status == 201 and answer.json() == {"id": good.id.hex(), "frames": 4}, "a pack is stored", answer)
    again = a.put_pack(good)
    trial.check(again.status == 200, "the same pack again is 200", again)
    other_event = a.make_pack([photos], data=good.data, compartment=good.data[-st.HEADER:][64:80])
    refused(trial, a.put_pack(other_event), "the same pack under another event", "conflict", 409)
    both = a.make_pack([photos, videos])
    trial.check(a.put_pack(both).status == 201, "a pack of two grants is stored")

    made = a.make_pack([photos])
    bent = bytearray(made.data)
    bent[100_000] ^= 1
    refused(trial, a.put_pack(made, bytes=bytes(bent)), "a pack with a bent byte", ("forged", "invalid_input"), (401, 400))
    trial.check(a.call("HEAD", "/v1/packs/" + made.id.hex()).status == 404, "and it is not there afterwards")
    trial.check(a.put_pack(made).status == 201, "the right bytes are taken after the wrong ones")
    made = a.make_pack([photos])
    refused(trial, a.put_pack(made, bytes=made.data[:-4096]), "a truncated pack", "invalid_input", 400)
    refused(trial, a.put_pack(made, bytes=made.data + bytes(4096)), "a pack with more bytes", "invalid_input", 400)
    refused(trial, a.put_pack(made, name=os.urandom(32).hex()), "a pack under another id", "invalid_input", 400)
    refused(trial, a.put_pack(made, event=None), "a pack without its event", "invalid_input", 400)
    refused(trial, a.put_pack(made, event=b"rubbish"), "a pack with a rubbish event", "invalid_input", 400)
    for what, header in (("another number of frames", {"header_frames": 5}), ("another magic", {"magic": b"NOTAPACK"}),
                         ("another suite", {"suite": 2})):
        wrong = a.make_pack([photos], header=header)
        refused(trial, a.put_pack(wrong), "a header with " + what, ("invalid_input", "forged"), (400, 401))
    wrong = a.make_pack([photos], data=st.pack_bytes(4, os.urandom(16)))
    refused(trial, a.put_pack(wrong), "a header of another compartment", ("invalid_input", "forged"), (400, 401))
    wrong = a.make_pack([photos], compartment=(c := os.urandom(16)), data=st.pack_bytes(4, c, generation=7))
    refused(trial, a.put_pack(wrong), "a header of another generation", ("invalid_input", "forged"), (400, 401))
    wrong = a.make_pack([photos], pack=os.urandom(32))
    refused(trial, a.put_pack(wrong), "a pack whose id is not its root", ("forged", "invalid_input"), (401, 400))
    refused(trial, a.put_pack(a.make_pack([photos], key=st.new_key())), "an object signed by another key", "forged", 401)
    refused(trial, a.put_pack(a.make_pack([photos], key=a.device_key)), "an object signed by the device", "forged", 401)
    refused(trial, a.put_pack(a.make_pack([photos, videos], key=videos.key)), "an object signed by its second grant",
            "forged", 401)
    refused(trial, a.put_pack(a.make_pack([photos], purpose=3)), "an object for another purpose", ("invalid_input", "denied"),
            (400, 403))
    refused(trial, a.put_pack(a.make_pack([photos], sealed_minute=1)), "an object sealed before its consent",
            ("invalid_input", "denied"), (400, 403))
    refused(trial, a.put_pack(a.make_pack([photos], sealed_minute=2 ** 32 - 1)), "an object of the far future",
            ("invalid_input", "denied"), (400, 403))

    class Nobody:
        category, key, commitment = st.PHOTOS, st.new_key(), os.urandom(32)
    refused(trial, a.put_pack(a.make_pack([Nobody])), "an object under a consent of nobody", ("not_found", "denied"), (404, 403))
    refused(trial, b.put_pack(b.make_pack([photos])), "B's object under A's consent", "not_found", 404)
    claimed = type("Claimed", (), dict(category=st.CONTACTS, key=photos.key, commitment=photos.commitment))
    refused(trial, a.put_pack(a.make_pack([claimed])), "an object that calls photos contacts", "invalid_input", 400)
    mixed = type("Mixed", (), dict(category=st.VIDEOS, key=theirs.key, commitment=theirs.commitment))
    refused(trial, a.put_pack(a.make_pack([photos, mixed])), "an object half under B's consent", ("not_found",), 404)
    early_refusal(trial, server, a, made)
    commits(trial, server, a, b, photos, good, both, notice, language)
    strangers(trial, a, b, good, photos)
    withdrawn(trial, a, photos, videos, notice, language)


def early_refusal(trial, server, a, pack):
    """The pack's event passes no gate: that is said before the body was asked for."""
    wrong = a.make_pack([type("Nobody", (), dict(category=st.PHOTOS, key=st.new_key(), commitment=os.urandom(32)))])
    for target, expected in ((wrong, b"HTTP/1.1 40"), (a.make_pack([pack_grant(a)]), b"HTTP/1.1 100")):
        path = "/v1/packs/" + target.id.hex()
        headers = signature_headers(a.device_key, server.authority, "PUT", path, "", None, target.data, target.event)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
            with server.context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                lines = ["PUT %s HTTP/1.1" % path, "Host: " + server.authority, "Expect: 100-continue", "If-None-Match: *"]
                lines += ["%s: %s" % h for h in headers]
                secure.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
                try:
                    first = secure.recv(4096)
                except socket.timeout:
                    first = b"nothing in 10 s"
        trial.check(first.startswith(expected), "before the body comes %r" % expected.decode(), first[:80])


def pack_grant(a):
    return a.photos


def commits(trial, server, a, b, photos, good, both, notice, language):
    def post(account, request, **more):
        return account.call("POST", "/v1/commits", body=request, **more)

    refused(trial, post(a, a.commit_request([good], sequence=2, previous=os.urandom(32))), "a commit that skips a number", "conflict", 409)
    refused(trial, post(a, a.commit_request([good], sequence=0)), "commit 0", "invalid_input", 400)
    refused(trial, post(a, a.commit_request([good], previous=os.urandom(32))), "a commit after another one",
            ("conflict", "invalid_input"), (409, 400))
    refused(trial, post(a, a.commit_request([good], keyring=2)), "a commit under a keyring to come", "conflict", 409)
    refused(trial, post(a, a.commit_request([good], keyring_hash=os.urandom(32))), "a commit under another keyring", "conflict", 409)
    refused(trial, post(a, a.commit_request([good], s=7)), "a step that skips a number", "conflict", 409)
    refused(trial, post(a, a.commit_request([good], head=st.vault_head(a.vault_key, a.label(), a.s + 1, a.keyring, a.keyring_hash, {}))),
            "a vault head that leaves the commit out", ("invalid_input", "forged", "conflict"), (400, 401, 409))
    refused(trial, post(a, a.commit_request([good], key=st.new_key())), "a commit signed by another key", "forged", 401)
    refused(trial, post(a, a.commit_request([good], account=b.account)), "A commits into B", "not_found", 404)
    missing = a.make_pack([photos])
    refused(trial, post(a, a.commit_request([good, missing])), "a commit of a pack that was never stored", "not_found", 404)
    state = {p["id"]: p["state"] for p in a.call("GET", "/v1/inventory").json()["packs"]}
    trial.check(state.get(good.id.hex()) == "stored", "and its other packs stay uncommitted", state)
    request = a.commit_request([good, both])
    answer = post(a, request)
    if trial.check(answer.status == 200 and answer.json()["sequence"] == 2, "a commit", answer):
        receipts_hold(trial, server, answer, [good.event, both.event, unb64(request["head"])], "a commit")
        again = post(a, request)
        trial.check(again.status == 200 and [r["index"] for r in again.json()["receipts"]]
                    == [r["index"] for r in answer.json()["receipts"]], "the same commit again gets the same entries", again)
        a.took_commit()
        other = a.commit_request([good], sequence=1, previous=st.ZEROS, s=a.s)
        refused(trial, post(a, other), "another commit with the same number", "conflict", 409)
    theirs = b.make_pack([b.photos])
    trial.check(b.put_pack(theirs).status == 201, "B stores a pack")
    refused(trial, post(b, b.commit_request([good])), "B commits A's pack", "not_found", 404)
    refused(trial, post(b, b.commit_request([theirs], retired=[good.id])), "B retires A's pack", "not_found", 404)
    refused(trial, post(b, request), "B sends A's commit", ("forged", "not_found"), (401, 404))

    def keyring(what, code, status, version=None, **wrong):
        request = a.keyring_request(version, **wrong)
        path = "/v1/keyrings/%d" % (wrong.get("path") or version or a.keyring + 1)
        refused(trial, a.call("PUT", path, body=request), what, code, status)

    keyring("a keyring that skips a version", "conflict", 409, version=3)
    keyring("another keyring 1", "conflict", 409, version=1, previous=st.ZEROS)
    keyring("a keyring under another number", "invalid_input", 400, path=5)
    keyring("a keyring after another one", ("conflict", "forged", "invalid_input"), (409, 401, 400), previous=os.urandom(32))
    keyring("a keyring for a strange device", "conflict", 409,
            wraps=sorted([(a.device, a.one_time), (os.urandom(32), os.urandom(32))]))
    keyring("a keyring to an old one-time key", "conflict", 409, wraps=[(a.device, os.urandom(32))])
    keyring("a keyring signed by strangers", "forged", 401, signers=[(1, st.new_key())])
    keyring("a confirmed keyring without the phrase key", ("forged", "denied"), (401, 403), confirmed=1, signers=[(1, a.device_key)])
    keyring("a keyring of B's account", "not_found", 404, account=b.account)


def strangers(trial, a, b, good, photos):
    name = good.id.hex()
    got = a.call("GET", "/v1/packs/" + name)
    trial.check(got.status == 200 and got.body == good.data, "A reads its pack")
    part = a.call("GET", "/v1/packs/" + name, alter_headers=lambda h: h + [("Range", "bytes=65536-65599")])
    trial.check(part.status == 206 and part.body == good.data[65536:65600], "and a range of it", part.status)
    past = a.call("GET", "/v1/packs/" + name, verify=False, alter_headers=lambda h: h + [("Range", "bytes=99999999-")])
    trial.check(past.status == 416, "a range past the end is 416", past.status)
    nowhere = b.call("GET", "/v1/packs/" + "9" * 64)
    theirs = b.call("GET", "/v1/packs/" + name)
    refused(trial, theirs, "B reads A's pack", "not_found", 404)
    trial.check(theirs.body == nowhere.body, "and the answer is as if it did not exist", (theirs, nowhere))
    trial.check(b.call("HEAD", "/v1/packs/" + name).status == 404, "B asks whether A's pack is there")
    trial.check(name not in b.call("GET", "/v1/inventory").body.decode(), "B's inventory has none of A's packs")
    after = b.call("GET", "/v1/inventory", "after=%064x&limit=4096" % 0)
    trial.check(after.status == 200 and name not in after.body.decode(), "nor from any place on", after.status)
    refused(trial, b.call("POST", "/v1/challenges", body={"leaves": [{"pack": name, "leaf": 0}]}), "B asks for A's leaves",
            "not_found", 404)
    own = a.call("POST", "/v1/challenges", body={"leaves": [{"pack": name, "leaf": n} for n in (0, 17, 64)]})
    if trial.check(own.status == 200, "A asks for its leaves", own):
        for n, found in zip((0, 17, 64), own.json()["answers"]):
            leaf = unb64(found["leaf"])
            trial.check(leaf == good.data[n * 4096:(n + 1) * 4096] and st.path_holds(
                st.sha256(b"\0", leaf), n, 65, [unb64(p) for p in found["path"]], good.id), "leaf %d leads to the pack's id" % n)
    refused(trial, a.call("POST", "/v1/challenges", body={"leaves": [{"pack": name, "leaf": 65}]}), "a leaf past the end",
            "invalid_input", 400)
    indices = {r["index"] for r in a.call("GET", "/v1/receipts").json()["receipts"]}
    others = {r["index"] for r in b.call("GET", "/v1/receipts", "after=0").json()["receipts"]}
    trial.check(indices and others and not indices & others, "receipts are of one's own events", (indices, others))
    ours, strange = a.call("GET", "/v1/keyrings/1").body, b.call("GET", "/v1/keyrings/1").body
    trial.check(ours != strange, "keyring 1 is each one's own")
    heads = b.call("GET", "/v1/heads").json()
    trial.check(heads["account"] == b.account.hex() and [d["device"] for d in heads["devices"]] == [b.device.hex()]
                and photos.commitment.hex() not in json.dumps(heads), "B's heads are B's", heads)
    again = b.put_pack(good)
    refused(trial, again, "B stores A's pack with A's event", "not_found", 404)
    twin = b.make_pack([b.photos], data=good.data, compartment=good.data[-st.HEADER:][64:80])
    answer = b.put_pack(twin)
    trial.check(answer.status == 201, "B may store the same bytes as its own, and learns nothing", answer)
    trial.check(a.call("GET", "/v1/packs/" + name).body == good.data, "and A's stay A's")
    for path in ("/v1/openings",):
        refused(trial, a.call("POST", path, body={"indices": [1]}), "a device asks for openings", "denied", 403)
    statement = st.device_statement(a.account, b.device_key, b.one_time, b.phrase_key)
    refused(trial, b.call("POST", "/v1/devices", key=b.phrase_key, body={
        "device": b64(statement), "event": b64(st.event(st.DEVICE_KEY, b.label(), statement))}),
        "B adds a device to A's account", "not_found", 404)
    joining = st.new_key()
    statement = st.device_statement(a.account, joining, st.new_one_time()[1], a.phrase_key)
    refused(trial, a.call("POST", "/v1/devices", body={
        "device": b64(statement), "event": b64(st.event(st.DEVICE_KEY, a.label(), statement))}),
        "a device adds a device without the words", "denied", 403)


def withdrawn(trial, a, photos, videos, notice, language):
    waiting = a.make_pack([photos])
    trial.check(a.put_pack(waiting).status == 201, "a pack is stored before the withdrawal")
    made = a.later(st.WITHDRAWN, photos, notice, language)
    answer = a.call("POST", "/v1/events", body={"events": [b64(made)]})
    trial.check(answer.status == 200, "A withdraws photos", answer)
    refused(trial, a.put_pack(a.make_pack([photos])), "a pack under a withdrawn consent", "denied", 403)
    refused(trial, a.put_pack(a.make_pack([photos, videos])), "a pack half under a withdrawn consent", "denied", 403)
    refused(trial, a.call("POST", "/v1/commits", body=a.commit_request([waiting])),
            "committing what was stored before the withdrawal", "denied", 403)
    twice = a.later(st.WITHDRAWN, photos, notice, language)
    refused(trial, a.call("POST", "/v1/events", body={"events": [b64(twice)]}), "withdrawing twice", "conflict", 409)
    cancel = a.later(st.WITHDRAW_CANCELLED, photos, notice, language)
    answer = a.call("POST", "/v1/events", body={"events": [b64(cancel)]})
    trial.check(answer.status == 200, "A cancels within 72 hours", answer)
    answer = a.call("POST", "/v1/commits", body=a.commit_request([waiting]))
    trial.check(answer.status == 200, "and commits again", answer)


def public_log(trial, server):
    note = server.send("GET", "/log/checkpoint").body.decode()
    size = int(note.split("\n")[1])
    leaves = []
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        data = server.send("GET", "/log/tile/entries/%03d%s" % (n, "" if width == 256 else ".p/%d" % width)).body
        while data:
            length = int.from_bytes(data[:2], "big")
            leaves.append(st.sha256(b"\0", data[2:2 + length]))
            data = data[2 + length:]
    trial.check(len(leaves) == size and b64(st.tree_root(leaves)) == note.split("\n")[2],
                "the log's entries are those of its checkpoint")
    tile = server.send("GET", "/log/tile/0/000" + ("" if size >= 256 else ".p/%d" % size)).body
    trial.check(tile == b"".join(leaves[:256]), "the first tile holds their hashes")
    for path in ("/log/tile/0/999", "/log/tile/0/0", "/log/tile/9/000", "/log/tile/entries/000.p/0", "/log/tile/0/000.p/257",
                 "/log/../v1/heads", "/log/tile/0/000.p/%d" % (size + 1)):
        answer = server.send("GET", path)
        trial.check(answer.status in (400, 404), "GET %s is refused" % path, answer)
    region = server.send("GET", "/v1/region")
    why = server.what_is_wrong(region, {})
    trial.check(region.status == 200 and set(region.json()) == {"region", "store", "place"} and why is None,
                "/v1/region is signed", (region, why))
    trial.check(server.send("GET", "/healthz").json() == {"status": "ok"}, "the custodian is healthy at the end")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode, old.maximum_version = False, ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain, old.wrap_socket(plain):
            trial.check(False, "TLS 1.2 is refused")
    except (ssl.SSLError, ConnectionError):
        trial.check(True, "TLS 1.2 is refused")


def main():
    with Trial("requests") as trial:
        custodian, server, notice, language = founding(trial)
        a, b = accounts(trial, server)
        signatures(trial, a)
        bodies(trial, a)
        a.photos, videos, b.photos = consents(trial, server, a, b, notice, language)
        packs(trial, server, a, b, a.photos, videos, b.photos, notice, language)
        public_log(trial, server)
        trial.check(not server.answers_bad, "every answer to a signed request carries the answer key's signature",
                    "\n              ".join(sorted(set(server.answers_bad))))
        trial.check(custodian.stop() == 0, "the custodian ends with 0 after SIGTERM")
        trial.say("%d entries' worth of attacks" % trial.held)


if __name__ == "__main__":
    main()
