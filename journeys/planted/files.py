"""Makes small files of many kinds, byte for byte the same every time.

Nothing here runs: the programs have entry points that lead to zeros, the documents show nothing.
"""
import base64
import gzip
import hashlib
import io
import lzma
import bz2
import struct
import tarfile
import zipfile
import zlib


def filler(size, tag="filler"):
    """Bytes of no known type, without printed ASCII. Only a zero unit keeps them from passing for UTF-16."""
    stream = hashlib.shake_256(tag.encode()).digest(size)
    return (b"\0\1\0\1" + bytes(1 + b % 6 if b < 0x60 else 0x80 | (b & 0x6f) for b in stream))[:size]


def mark(name, size=12):
    """Bytes that are this case's own: no letters, so that no normalisation changes their meaning."""
    return bytes(0x81 + b % 0x7d for b in hashlib.shake_256(b"mark " + name.encode()).digest(size))


def word(name, size=14):
    """Lower-case letters that are this case's own."""
    return bytes(0x61 + b % 26 for b in hashlib.shake_256(b"word " + name.encode()).digest(size))


def place(size, parts, tag="filler"):
    """Filler with bytes laid over it at offsets; a negative offset counts from the end."""
    out = bytearray(filler(size, tag))
    for offset, part in parts.items():
        at = offset if offset >= 0 else size + offset
        out[at:at + len(part)] = part
    return bytes(out[:size])


# --- programs -----------------------------------------------------------------------------------


def pe(sections, entry=0x1000, plus=False, characteristics=0x0102, imports=None, version=None, tail=b""):
    """A PE file. sections: [(name, raw bytes)], mapped from 0x1000 on in steps of 0x1000.

    imports: {library: [function]} go into a section `.idata`, version: {key: value} into `.rsrc`.
    """
    sections = list(sections)
    directories = [(0, 0)] * 16
    base = 0x1000
    next_rva = base + 0x1000 * len(sections)
    if imports:
        blob = _imports(imports, next_rva, plus)
        sections.append((".idata", blob))
        directories[1] = (next_rva, len(blob))
        next_rva += 0x1000
    if version:
        blob = _version_resource(version, next_rva)
        sections.append((".rsrc", blob))
        directories[2] = (next_rva, len(blob))
    optional_size = 112 + 128 if plus else 96 + 128
    headers_size = 0x80 + 24 + optional_size + 40 * len(sections)
    raw = (headers_size + 0x1ff) & ~0x1ff
    table, body = b"", b""
    for number, (name, content) in enumerate(sections):
        size = (len(content) + 0x1ff) & ~0x1ff
        table += struct.pack("<8sIIIIIIHHI", name.encode(), max(len(content), 1), base + 0x1000 * number, size,
                             raw + len(body), 0, 0, 0, 0, 0xe0000020)
        body += content.ljust(size, b"\0")
    dos = struct.pack("<2s29HI", b"MZ", *([0] * 29), 0x80).ljust(0x80, b"\0")
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664 if plus else 0x14c, len(sections), 0, 0, 0, optional_size,
                                   characteristics)
    image = base + 0x1000 * len(sections)
    if plus:
        optional = struct.pack("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20b, 14, 0, 0x200, 0, 0, entry, base, 0x140000000,
                               0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, image, raw, 0, 3, 0, 0x100000, 0x1000, 0x100000,
                               0x1000, 0, 16)
    else:
        optional = struct.pack("<HBBIIIIIIIIIHHHHHHIIIIHHIIIIII", 0x10b, 14, 0, 0x200, 0, 0, entry, base, 0, 0x400000,
                               0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, image, raw, 0, 3, 0, 0x100000, 0x1000, 0x100000,
                               0x1000, 0, 16)
    optional += b"".join(struct.pack("<II", *d) for d in directories)
    return (dos + coff + optional + table).ljust(raw, b"\0") + body + tail


def _imports(imports, rva, plus):
    width, pack = (8, "<Q") if plus else (4, "<I")
    descriptors_size = 20 * (len(imports) + 1)
    thunks, names, descriptors = b"", b"", b""
    thunks_size = sum(width * (len(f) + 1) for f in imports.values())
    names_at = descriptors_size + thunks_size
    for library, functions in imports.items():
        thunk_at = descriptors_size + len(thunks)
        for function in functions:
            thunks += struct.pack(pack, rva + names_at + len(names))
            names += struct.pack("<H", 0) + function.encode() + b"\0"
        thunks += bytes(width)
        descriptors += struct.pack("<IIIII", rva + thunk_at, 0, 0, rva + names_at + len(names), rva + thunk_at)
        names += library.encode() + b"\0"
    return descriptors + bytes(20) + thunks + names


def _version_block(key, value=b"", children=b"", kind=1, value_length=None):
    head = key.encode("utf-16le") + b"\0\0"
    head += bytes(-(6 + len(head)) % 4)
    body = head + value
    if children:
        body += bytes(-(6 + len(body)) % 4) + children
    length = len(value) if value_length is None else value_length
    return struct.pack("<HHH", 6 + len(body), length, kind) + body


def _version_resource(version, rva):
    strings = b""
    for key, value in version.items():
        text = value.encode("utf-16le") + b"\0\0"
        strings += bytes(-len(strings) % 4) + _version_block(key, text, value_length=len(text) // 2)
    table = _version_block("040904b0", children=strings)
    info = _version_block("StringFileInfo", children=table)
    fixed = struct.pack("<13I", 0xfeef04bd, 0x10000, *([0] * 11))
    block = _version_block("VS_VERSION_INFO", fixed, info, kind=0)
    tree = b""
    for level, (identity, child) in enumerate([(16, 24), (1, 48), (0x409, 72)]):
        tree += struct.pack("<IIHHHH", 0, 0, 0, 0, 0, 1)
        tree += struct.pack("<II", identity, child | (0x80000000 if level < 2 else 0))
    return tree + struct.pack("<IIII", rva + 88, len(block), 0, 0) + block


def elf(sections, entry_section=0, entry_offset=0, bits=64, big_endian=False, tail=b""):
    """An ELF file: one loadable segment over everything, then the sections, their names, their table."""
    order = ">" if big_endian else "<"
    header_size, program_size, section_size = (64, 56, 64) if bits == 64 else (52, 32, 40)
    names, body, placed = b"\0", b"", []
    start = header_size + program_size
    for name, content in sections:
        placed.append((len(names), start + len(body), len(content)))
        names += name.encode() + b"\0"
        body += content
    names_at = len(names)
    names += b".shstrtab\0"
    strings_at = start + len(body)
    table_at = (strings_at + len(names) + 7) & ~7
    base = 0x400000
    entry = base + (placed[entry_section][1] + entry_offset if placed else start)
    total = table_at + section_size * (len(sections) + 2)
    kind = "HHIQQQIHHHHHH" if bits == 64 else "HHIIIIIHHHHHH"
    machine = {(64, False): 62, (32, False): 3, (32, True): 8, (64, True): 21}[bits, big_endian]
    out = b"\x7fELF" + bytes([2 if bits == 64 else 1, 2 if big_endian else 1, 1]) + bytes(9)
    out += struct.pack(order + kind, 2, machine, 1, entry, header_size, table_at, 0, header_size, program_size, 1,
                       section_size, len(sections) + 2, len(sections) + 1)
    if bits == 64:
        out += struct.pack(order + "IIQQQQQQ", 1, 5, 0, base, base, total, total, 0x1000)
    else:
        out += struct.pack(order + "IIIIIIII", 1, 0, base, base, total, total, 5, 0x1000)
    out += body + names
    out = out.ljust(table_at, b"\0")
    layout = "IIQQQQIIQQ" if bits == 64 else "IIIIIIIIII"
    out += bytes(section_size)
    for name, offset, size in placed:
        out += struct.pack(order + layout, name, 1, 6, base + offset, offset, size, 0, 0, 16, 0)
    out += struct.pack(order + layout, names_at, 3, 0, 0, strings_at, len(names), 0, 0, 1, 0)
    return out + tail


def macho(sections):
    """A 64-bit Mach-O of one segment."""
    commands = struct.pack("<II16sQQQQIIII", 0x19, 72 + 80 * len(sections), b"__TEXT", 0x1000, 0x10000, 0, 0x10000, 7, 5,
                           len(sections), 0)
    start, body = 32 + 72 + 80 * len(sections), b""
    for name, content in sections:
        at = start + len(body)
        commands += struct.pack("<16s16sQQIIIIIIII", name.encode(), b"__TEXT", 0x1000 + at, len(content), at, 0, 0, 0, 0,
                                0, 0, 0)
        body += content
    return struct.pack("<IIIIIIII", 0xfeedfacf, 0x01000007, 3, 2, 1, len(commands), 0, 0) + commands + body


def java_class(text):
    """A class file whose constant pool holds one text."""
    pool = struct.pack(">HBH", 2, 1, len(text)) + text
    return b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, 52) + pool + struct.pack(">HHHHHHH", 1, 0, 0, 0, 0, 0, 0)


# --- archives -----------------------------------------------------------------------------------

WHEN = (2024, 1, 1, 0, 0, 0)


def zip_of(members, stored=False, comment=b""):
    """members: {name: content}."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
        archive.comment = comment
    return out.getvalue()


def _zip_keys(password):
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte):
        keys[0] = zlib.crc32(bytes([byte]), keys[0] ^ 0xffffffff) ^ 0xffffffff
        keys[1] = ((keys[1] + (keys[0] & 0xff)) * 134775813 + 1) & 0xffffffff
        keys[2] = zlib.crc32(bytes([keys[1] >> 24]), keys[2] ^ 0xffffffff) ^ 0xffffffff

    def next_byte():
        t = (keys[2] | 2) & 0xffff
        return ((t * (t ^ 1)) >> 8) & 0xff

    for b in password:
        update(b)
    return update, next_byte


def zip_encrypted(name, content, password=b"secret"):
    """One stored member under the old zip cipher."""
    update, next_byte = _zip_keys(password)
    crc = zlib.crc32(content)
    plain, sealed = filler(11, "salt") + bytes([crc >> 24]) + content, bytearray()
    for b in plain:
        sealed.append(b ^ next_byte())
        update(b)
    fields = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 0x5821, crc, len(sealed), len(content), len(name), 0)
    local = b"PK\x03\x04" + fields + name + bytes(sealed)
    central = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def gzip_of(content, name=""):
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", 9, out, 0) as file:
        file.write(content)
    return out.getvalue()


def bzip2_of(content):
    return bz2.compress(content)


def xz_of(content):
    return lzma.compress(content)


def tar_of(members, kind=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def cpio_of(members):
    """The `newc` kind."""
    out = b""
    for number, (name, content) in enumerate([*members.items(), ("TRAILER!!!", b"")], 1):
        raw = name.encode() + b"\0"
        fields = [number, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(raw), 0]
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + raw
        out += bytes(-len(out) % 4) + content
        out += bytes(-len(out) % 4)
    return out


# --- documents ----------------------------------------------------------------------------------


def pdf(streams, objects=(), header=b"%PDF-1.5\n"):
    """streams: [(dictionary entries, encoded bytes)] after a catalogue that shows nothing."""
    out = (header + b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n")
    for number, (entries, content) in enumerate(streams, 3):
        out += b"%d 0 obj\n<< /Length %d %s >>\nstream\n" % (number, len(content), entries) + content + b"\nendstream\nendobj\n"
    for number, content in enumerate(objects, 3 + len(streams)):
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    return out + b"trailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n0\n%%%%EOF\n" % (3 + len(streams) + len(objects))


def ascii_hex(content):
    return content.hex().encode() + b">"


def mail(body, kind="text/plain", encoding=None, attachment=None, boundary="edge-of-part"):
    """A message; attachment: (file name, kind, encoding, encoded bytes)."""
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: test\r\nDate: Mon, 01 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    part = b"Content-Type: " + kind.encode() + b"\r\n"
    if encoding:
        part += b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n"
    part += b"\r\n" + body + b"\r\n"
    if attachment is None:
        return head + part
    name, attached_kind, attached_encoding, content = attachment
    edge = b"--" + boundary.encode()
    return (head + b'Content-Type: multipart/mixed; boundary="' + boundary.encode() + b'"\r\n\r\n' + edge + b"\r\n" + part
            + edge + b"\r\nContent-Type: " + attached_kind.encode() + b'; name="' + name.encode()
            + b'"\r\nContent-Transfer-Encoding: ' + attached_encoding.encode()
            + b'\r\nContent-Disposition: attachment; filename="' + name.encode() + b'"\r\n\r\n' + content + b"\r\n" + edge
            + b"--\r\n")


def base64_lines(content):
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def uuencoded(name, content):
    import binascii
    lines = [binascii.b2a_uu(content[i:i + 45]) for i in range(0, len(content), 45)]
    return b"begin 644 " + name.encode() + b"\n" + b"".join(lines) + b"`\nend\n"


def ole2(streams):
    """A compound document. streams: {path: content}, a path may have one storage in front: "VBA/dir".

    Streams are padded to 4,096 bytes, so that all lie in ordinary sectors.
    """
    entries = [dict(name="Root Entry", kind=5, start=0xfffffffe, size=0, children=[])]
    storages, sectors = {"": 0}, []
    chains = []
    for path, content in streams.items():
        folder, _, name = path.rpartition("/")
        if folder not in storages:
            storages[folder] = len(entries)
            entries[0]["children"].append(len(entries))
            entries.append(dict(name=folder, kind=1, start=0, size=0, children=[]))
        content = content.ljust(4096, b"\0")
        count = (len(content) + 511) // 512
        chains.append((len(sectors), count))
        entries[storages[folder]]["children"].append(len(entries))
        entries.append(dict(name=name, kind=2, start=len(sectors), size=len(content), children=[]))
        sectors += [content[i * 512:(i + 1) * 512].ljust(512, b"\0") for i in range(count)]
    for entry in entries:
        entry.update(left=-1, right=-1, child=-1)
    for entry in entries:
        ordered = sorted(entry["children"], key=lambda i: (len(entries[i]["name"]), entries[i]["name"].upper()))
        if ordered:
            entry["child"] = ordered[0]
            for a, b in zip(ordered, ordered[1:]):
                entries[a]["right"] = b
    directory = b""
    for entry in entries:
        name = entry["name"].encode("utf-16le") + b"\0\0"
        directory += struct.pack("<64sHBBiii16sIQQIII", name, len(name), entry["kind"], 1, entry["left"], entry["right"],
                                 entry["child"], b"", 0, 0, 0, entry["start"], entry["size"], 0)
    directory = directory.ljust((len(directory) + 511) // 512 * 512, b"\0")
    directory_at, directory_count = len(sectors), len(directory) // 512
    chains.append((directory_at, directory_count))
    sectors += [directory[i * 512:(i + 1) * 512] for i in range(directory_count)]
    fat_at = len(sectors)
    fat = [0xffffffff] * 128
    for start, count in chains:
        for i in range(start, start + count):
            fat[i] = i + 1 if i + 1 < start + count else 0xfffffffe
    fat[fat_at] = 0xfffffffd
    sectors.append(struct.pack("<128I", *fat))
    header = struct.pack("<8s16sHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3e, 3, 0xfffe, 9, 6, 0, 1,
                         directory_at, 0, 4096, 0xfffffffe, 0, 0xfffffffe, 0)
    header += struct.pack("<109I", fat_at, *([0xffffffff] * 108))
    return header + b"".join(sectors)


def vba_compressed(text):
    """[MS-OVBA] 2.4.1 with literal tokens only."""
    out = b"\x01"
    for at in range(0, len(text), 3600):
        piece = text[at:at + 3600]
        chunk = b"".join(b"\0" + piece[i:i + 8] for i in range(0, len(piece), 8))
        out += struct.pack("<H", 0xb000 | (len(chunk) + 2 - 3)) + chunk
    return out


# --- pictures -----------------------------------------------------------------------------------


def png(width=16, height=16, seed="picture", extra=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    pixels = hashlib.shake_256(seed.encode()).digest(width * height * 3)
    rows = b"".join(b"\0" + pixels[y * width * 3:(y + 1) * width * 3] for y in range(height))
    text = chunk(b"tEXt", b"Comment\0" + extra) if extra else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + text
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def gif(comment):
    return (b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + b"!\xfe" + bytes([len(comment)])
            + comment + b"\0" + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;")


def jpeg(comment):
    return (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"\xff\xfe" + struct.pack(">H", len(comment) + 2)
            + comment + b"\xff\xd9")


def tiff(content):
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + bytes(4) + content


def swf(content):
    return b"FWS\x06" + struct.pack("<I", 8 + len(content)) + content
