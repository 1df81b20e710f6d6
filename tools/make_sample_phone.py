#!/usr/bin/env python3
"""Make a small sample phone: real formats, invented people, the same content every time.

usage: make_sample_phone.py DIR

Pictures with and without a place inside, videos, sounds, contacts (files and a database whose
content lies in its write-ahead log), messages, call log, calendar, tracks, health records, mail,
documents, apps. One app carries the harmless EICAR test string, which every scanner must find.
"""
import json
import math
import os
import random
import shutil
import sqlite3
import struct
import sys
import zipfile

PEOPLE = ["Asha Verma", "Imran Qureshi", "Mei Lin Tan", "Ravi Kumar", "Fatima Noor", "Arjun Das"]
PLACES = [(28.6139, 77.2090), (19.0760, 72.8777), (1.3521, 103.8198), (12.9716, 77.5946)]
START = 1767225600  # 2026-01-01T00:00Z


def write(root, path, data, age=0):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    os.utime(full, (START + age, START + age))


# --- pictures: a baseline JPEG whose every 8x8 block has one colour --------------------------------

DC_BITS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]  # ITU-T T.81 table K.3


def huffman_codes(counts):
    codes, code, symbol = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            codes[symbol] = (code, length)
            code, symbol = code + 1, symbol + 1
        code <<= 1
    return codes


def jpeg(width_blocks, height_blocks, rng, exif=b""):
    codes, bits, last = huffman_codes(DC_BITS), [], [0, 0, 0]
    phase = [rng.random() * 6 for _ in range(3)]
    for y in range(height_blocks):
        for x in range(width_blocks):
            for part in range(3):
                level = int(60 * math.sin(phase[part] + x / (5 + part)) + rng.randint(-9, 9) + y / 2)
                difference, last[part] = level - last[part], level
                size = abs(difference).bit_length()
                code, length = codes[size]
                bits.append((code, length))
                if size:
                    bits.append((difference if difference > 0 else difference + (1 << size) - 1, size))
                bits.append((0, 1))  # end of block: the only AC symbol of our table
    value = total = 0
    out = bytearray()
    for code, length in bits:
        value, total = value << length | code, total + length
        while total >= 8:
            byte = value >> (total - 8) & 255
            out += bytes([byte, 0]) if byte == 255 else bytes([byte])
            total -= 8
            value &= (1 << total) - 1
    if total:
        out.append(value << (8 - total) & 255 | (1 << (8 - total)) - 1)

    def segment(marker, data):
        return bytes([255, marker]) + struct.pack(">H", len(data) + 2) + data

    return (b"\xff\xd8" + (segment(0xE1, b"Exif\0\0" + exif) if exif else b"")
            + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
            + segment(0xDB, b"\0" + bytes([8] * 64))
            + segment(0xC0, struct.pack(">BHHB", 8, height_blocks * 8, width_blocks * 8, 3)
                      + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]))
            + segment(0xC4, b"\0" + bytes(DC_BITS) + bytes(range(12)))
            + segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
            + segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])) + bytes(out) + b"\xff\xd9")


def exif(maker, model, place=None):
    """A TIFF block, big-endian: maker, model, and a GPS directory when there is a place."""
    def rationals(value):
        value = abs(value)
        degrees, minutes = int(value), int(value % 1 * 60)
        seconds = round((value % 1 * 60 - minutes) * 6000)
        return struct.pack(">6I", degrees, 1, minutes, 1, seconds, 100)

    entries, heap = 3 if place else 2, b""
    heap_at = 8 + 2 + 12 * entries + 4

    def text(tag, value):
        nonlocal heap
        value = value.encode() + b"\0"
        offset = heap_at + len(heap)
        heap += value + b"\0" * (len(value) % 2)
        return struct.pack(">HHII", tag, 2, len(value), offset)

    directory = text(0x010F, maker + " Example") + text(0x0110, model + " Example")
    if place:
        gps_at = heap_at + len(heap)
        directory += struct.pack(">HHII", 0x8825, 4, 1, gps_at)
        values_at = gps_at + 2 + 12 * 4 + 4
        latitude, longitude = place
        heap += (struct.pack(">H", 4)
                 + struct.pack(">HHI", 1, 2, 2) + (b"N" if latitude >= 0 else b"S") + b"\0\0\0"
                 + struct.pack(">HHII", 2, 5, 3, values_at)
                 + struct.pack(">HHI", 3, 2, 2) + (b"E" if longitude >= 0 else b"W") + b"\0\0\0"
                 + struct.pack(">HHII", 4, 5, 3, values_at + 24) + struct.pack(">I", 0)
                 + rationals(latitude) + rationals(longitude))
    return b"MM\0*" + struct.pack(">IH", 8, entries) + directory + struct.pack(">I", 0) + heap


def png(rng):
    import zlib
    rows = b"".join(b"\0" + bytes(rng.randrange(256) for _ in range(96 * 3)) for _ in range(64))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 64, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def box(kind, *parts):
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + kind + data


def mp4(rng, size, place=None):
    places = b""
    if place:
        text = "{:+08.4f}{:+09.4f}/".format(*place).encode()
        places = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7), text))
    header = struct.pack(">IIIII", 0, 0, 0, 1000, 9000) + bytes(80)
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), b"vide", bytes(13))))
    return (box(b"ftyp", b"isom\0\0\2\0isommp42") + box(b"moov", box(b"mvhd", header), track, places)
            + box(b"mdat", rng.randbytes(size)))


def wav(seconds, tone):
    samples = b"".join(struct.pack("<h", int(9000 * math.sin(n * tone / 1273))) for n in range(8000 * seconds))
    return (b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt "
            + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + struct.pack("<I", len(samples)) + samples)


# --- databases ------------------------------------------------------------------------------------


def database(root, path, statements, keep_log=False):
    """Makes an SQLite database; with keep_log its rows stay in the write-ahead log beside it."""
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    work = full + ".making"
    connection = sqlite3.connect(work, isolation_level=None)
    if keep_log:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
    for statement, rows in statements:
        connection.execute("BEGIN")
        if rows is None:
            connection.execute(statement)
        else:
            connection.executemany(statement, rows)
        connection.execute("COMMIT")
    if keep_log:
        shutil.copyfile(work, full)  # while the connection is open, before anything is folded back
        shutil.copyfile(work + "-wal", full + "-wal")
    connection.close()
    if keep_log:
        os.unlink(work)
    else:
        os.rename(work, full)
    for name in (full, full + "-wal"):
        if os.path.exists(name):
            os.utime(name, (START, START))


def databases(root, rng):
    providers = "AppData/com.android.providers."
    database(root, providers + "telephony/databases/mmssms.db", [
        ("CREATE TABLE threads(_id INTEGER PRIMARY KEY, recipient_ids TEXT)", None),
        ("CREATE TABLE sms(_id INTEGER PRIMARY KEY, thread_id INT, address TEXT, date INT, body TEXT)", None),
        ("CREATE TABLE pdu(_id INTEGER PRIMARY KEY, thread_id INT)", None),
        ("CREATE TABLE part(_id INTEGER PRIMARY KEY, mid INT, text TEXT)", None),
        ("INSERT INTO sms(thread_id, address, date, body) VALUES(?,?,?,?)",
         [(n % 6, "+9198%08d" % (n % 6), (START + n * 977) * 1000,
           "%s: see you at %d" % (PEOPLE[n % 6], n % 12 + 1)) for n in range(900)])])
    database(root, providers + "contacts/databases/contacts2.db", [
        ("CREATE TABLE mimetypes(_id INTEGER PRIMARY KEY, mimetype TEXT)", None),
        ("CREATE TABLE raw_contacts(_id INTEGER PRIMARY KEY, display_name TEXT)", None),
        ("CREATE TABLE data(_id INTEGER PRIMARY KEY, raw_contact_id INT, data1 TEXT)", None),
        ("INSERT INTO raw_contacts(display_name) VALUES(?)", [(name,) for name in PEOPLE]),
        ("INSERT INTO data(raw_contact_id, data1) VALUES(?,?)",
         [(n % 6 + 1, "+9198%08d" % rng.randrange(10**8)) for n in range(300)])], keep_log=True)
    database(root, "AppData/org.example.browser/databases/History", [
        ("CREATE TABLE urls(id INTEGER PRIMARY KEY, url TEXT, title TEXT, visit_count INT, last_visit_time INT)", None),
        ("CREATE TABLE visits(id INTEGER PRIMARY KEY, url INT, visit_time INT)", None),
        ("INSERT INTO urls(url, title, visit_count, last_visit_time) VALUES(?,?,?,?)",
         [("https://example.org/%d" % n, "Page %d" % n, n % 7, START + n) for n in range(200)])])
    database(root, "AppData/org.example.notes/databases/state.db", [
        ("CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT)", None),
        ("INSERT INTO settings VALUES(?,?)", [("key%d" % n, "value %d" % rng.randrange(999)) for n in range(150)])])


# --- texts ----------------------------------------------------------------------------------------


def texts(root, rng):
    for n, name in enumerate(PEOPLE):
        write(root, "Contacts/%s.vcf" % name.replace(" ", "_"),
              "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:%s\r\nTEL;TYPE=CELL:+9198%08d\r\nEND:VCARD\r\n" % (name, n))
    messages = "".join('  <sms address="+9198%08d" date="%d" type="%d" body="%s, message %d" />\n'
                       % (n % 6, (START + n * 60) * 1000, n % 2 + 1, PEOPLE[n % 6], n) for n in range(400))
    write(root, "Messages/sms-20260101.xml",
          "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<smses count=\"400\">\n%s</smses>\n" % messages)
    write(root, "Messages/exports/WhatsApp Chat with Asha.txt",
          "".join("%02d/01/2026, %02d:%02d - %s: line %d\n" % (n % 28 + 1, n % 24, n % 60, PEOPLE[n % 2], n)
                  for n in range(300)))
    calls = "".join('  <call number="+9198%08d" duration="%d" date="%d" type="1" />\n'
                    % (n % 6, n * 7 % 300, (START + n * 3600) * 1000) for n in range(120))
    write(root, "CallLog/calls-20260101.xml",
          "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<calls count=\"120\">\n%s</calls>\n" % calls)
    events = "".join("BEGIN:VEVENT\r\nUID:%d@example.org\r\nDTSTART:202601%02dT100000Z\r\nSUMMARY:Meeting %d\r\nEND:VEVENT\r\n"
                     % (n, n % 28 + 1, n) for n in range(60))
    write(root, "Calendar/personal.ics",
          "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//sample//EN\r\n%sEND:VCALENDAR\r\n" % events)
    points = "".join('<trkpt lat="%.5f" lon="%.5f"><time>2026-01-01T06:%02d:00Z</time></trkpt>\n'
                     % (28.6 + n / 9000, 77.2 + n / 8000, n % 60) for n in range(300))
    write(root, "Location/morning.gpx",
          '<?xml version="1.0"?>\n<gpx version="1.1" creator="sample" xmlns="http://www.topografix.com/GPX/1/1">'
          "<trk><trkseg>\n%s</trkseg></trk></gpx>\n" % points)
    write(root, "Location/Records.json", json.dumps({"locations": [
        {"latitudeE7": 286139000 + n * 31, "longitudeE7": 772090000 + n * 17, "accuracy": 20,
         "timestamp": "2026-01-01T%02d:%02d:00Z" % (n // 60 % 24, n % 60)} for n in range(400)]}))
    write(root, "Health/heart_rate.json", json.dumps({
        "header": {"id": "6a1b", "schema_id": {"namespace": "omh", "name": "heart-rate", "version": "1.0"}},
        "body": {"heart_rate": {"value": 61, "unit": "beats/min"}}}))
    write(root, "Mail/inbox.mbox",
          "".join("From asha@example.org Thu Jan  1 00:00:00 2026\nFrom: asha@example.org\nTo: me@example.org\n"
                  "Subject: letter %d\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nMessage-ID: <%d@example.org>\n\nHello, number %d.\n\n"
                  % (n, n, n) for n in range(40)))
    write(root, "Documents/letter.txt", "".join("Line %d of a long letter to %s.\n" % (n, PEOPLE[n % 6]) for n in range(2000)))
    write(root, "Documents/statement.pdf", pdf())
    write(root, "Logs/logcat.txt",
          "".join("01-01 00:%02d:%02d.%03d  1234  1250 I ActivityManager: Start proc %d\n"
                  % (n // 60 % 60, n % 60, n % 1000, n) for n in range(800)))
    write(root, "Download/unknown.bin", rng.randbytes(30_000))


def pdf():
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] >>"]
    out, offsets = b"%PDF-1.4\n", []
    for n, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, part)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return out + table + b"trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


# --- apps -----------------------------------------------------------------------------------------


def archive(root, path, members):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with zipfile.ZipFile(full, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members:
            out.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    os.utime(full, (START, START))


def apps(root, rng):
    manifest = struct.pack("<HHI", 3, 8, 8 + 28) + struct.pack("<HHIIIIII", 1, 28, 28, 0, 0, 0, 28, 0)
    dex = b"dex\n035\0" + rng.randbytes(20_000)
    archive(root, "Apps/org.example.notes.apk",
            [("AndroidManifest.xml", manifest), ("classes.dex", dex), ("res/raw/hello.txt", b"hello")])
    # The EICAR test string, in two halves so that this file is not itself set aside.
    eicar = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
    archive(root, "Apps/free.flashlight.apk",
            [("AndroidManifest.xml", manifest), ("classes.dex", dex), ("assets/update.com", eicar)])
    archive(root, "Documents/minutes.docx", [
        ("[Content_Types].xml", b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
        ("word/document.xml", b"<w:document>" + b"<w:p>minutes</w:p>" * 900 + b"</w:document>")])


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    root, rng = sys.argv[1], random.Random(2026)
    if os.path.exists(root) and os.listdir(root):
        sys.exit("%s is not empty: name a new folder" % root)
    for n in range(24):
        place = PLACES[n % 4] if n % 3 == 0 else None
        write(root, "DCIM/Camera/IMG_%04d.jpg" % n, jpeg(80, 60, rng, exif("Amanat", "One", place)), n * 60)
    write(root, "Pictures/Screenshots/Screenshot_1.png", png(rng))
    write(root, "DCIM/Camera/VID_0001.mp4", mp4(rng, 3_000_000))
    write(root, "DCIM/Camera/VID_0002.mp4", mp4(rng, 1_500_000, PLACES[2]))
    write(root, "Recordings/memo.wav", wav(8, 440))
    write(root, "Recordings/call.amr", b"#!AMR\n" + b"".join(b"\x3c" + rng.randbytes(31) for _ in range(400)))
    texts(root, rng)
    databases(root, rng)
    apps(root, rng)
    os.symlink("Camera/IMG_0000.jpg", os.path.join(root, "DCIM/latest.jpg"))


if __name__ == "__main__":
    main()
