#!/usr/bin/env python3
"""Make files that wish a scanner ill: bombs, liars, circles, cut and overlapping things.

usage: tools/make_bad_archives.py FOLDER [--only WORD]

Writes the files and `manifest.json`: {file: {"verdicts": [...], "why": "..."}}; verdicts are what a
scanner may say: "threat" (the planted bytes are reachable and must be found), "not fully scanned"
(a limit, an encrypted or a broken part) and "clean". A scanner never dies of one, and never goes
beyond its limits. Everything is made by this script, harmless and small: 30 MB in all. The planted
bytes are in `planted.ndb`; nothing else in here is a signature of anything.
"""
import argparse
import bz2
import gzip
import hashlib
import json
import lzma
import os
import re
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journeys"))
from planted import files as f

PLANTED = f.mark("what the scanner must find", 24)
CLEAN, LIMITED, THREAT = "clean", "not fully scanned", "threat"
ANY = (CLEAN, LIMITED)          # broken: either is right, a crash is not
FOUND = (THREAT,)
BOMB = (LIMITED,)
GIB = 1 << 30


def payload(size=400):
    return f.place(size, {100: PLANTED}, tag="payload") + bytes(600)


# --- deflate by hand ----------------------------------------------------------------------------


def deflated_zeros(size):
    """A deflate stream of `size` zeros, size a multiple of 1 MiB, made without compressing them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size >> 20) + b"\x03\x00"


def crc_of_zeros(size):
    crc, block = 0, bytes(1 << 20)
    for _ in range(size >> 20):
        crc = zlib.crc32(block, crc)
    return crc


def local_header(name, crc, packed, size, method=8, flags=0, extra=b""):
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 0x5821, crc, packed, size, len(name),
                       len(extra)) + name + extra


def central_header(name, crc, packed, size, offset, method=8, flags=0, extra=b""):
    return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, flags, method, 0, 0x5821, crc, packed, size, len(name),
                       len(extra), 0, 0, 0, 0,
                       offset) + name + extra


def end_of_directory(count, size, offset):
    return struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, offset, 0)


def zip_of_raw(members, count=None):
    """members: [(name, crc, packed bytes, size said, method, flags)]; the directory says the same."""
    body, directory = bytearray(), bytearray()
    for name, crc, packed, size, method, flags in members:
        directory += central_header(name, crc, len(packed), size, len(body), method, flags)
        body += local_header(name, crc, len(packed), size, method, flags) + packed
    return bytes(body + directory) + end_of_directory(len(members) if count is None else count, len(directory), len(body))


# --- bombs --------------------------------------------------------------------------------------


def flat_zip(size=GIB):
    return zip_of_raw([(b"zeros", crc_of_zeros(size), deflated_zeros(size), size, 8, 0)])


def nested_zips(levels=5, width=10):
    """10^5 times 10 MiB."""
    inner = zip_of_raw([(b"0", crc_of_zeros(10 << 20), deflated_zeros(10 << 20), 10 << 20, 8, 0)])
    for _ in range(levels):
        packed, crc = zlib.compress(inner, 9)[2:-4], zlib.crc32(inner)
        inner = zip_of_raw([(b"%d" % n, crc, packed, len(inner), 8, 0) for n in range(width)])
    return inner


def overlapping_quoted(count=300, kernel=1 << 20):
    """Every member's stream is a stored block that quotes the next local header, then the next member.

    All members end in one shared kernel, so n members of 1 MiB cost one kernel and n headers.
    """
    packed, data_crc_parts = deflated_zeros(kernel), bytes(kernel)
    name = lambda n: b"%03d" % n
    pieces, entries = [], []
    quoted, size, packed_size = b"", kernel, len(packed)
    for n in reversed(range(count)):
        crc = zlib.crc32(data_crc_parts, zlib.crc32(quoted))
        header = local_header(name(n), crc, packed_size, size)
        entries.append((n, crc, packed_size, size))
        quote = struct.pack("<BHH", 0, len(header), len(header) ^ 0xffff) if n else b""
        pieces.append(quote + header)
        quoted, size, packed_size = header + quoted, size + len(header), packed_size + 5 + len(header)
    pieces.reverse()
    body, offsets = b"", []
    for n, piece in enumerate(pieces):
        offsets.append(len(body) + (5 if n else 0))
        body += piece
    body += packed
    directory = b"".join(central_header(name(n), crc, p, s, offsets[n]) for n, crc, p, s in sorted(entries))
    return body + directory + end_of_directory(count, len(directory), len(body))


def overlapping_same(count=20000, kernel=1 << 20):
    """All entries of the directory point to one local header."""
    packed, crc = deflated_zeros(kernel), crc_of_zeros(kernel)
    body = local_header(b"a", crc, len(packed), kernel) + packed
    directory = central_header(b"a", crc, len(packed), kernel, 0) * count
    return body + directory + end_of_directory(count, len(directory), len(body))


class Bits:
    def __init__(self):
        self.value, self.count = 0, 0

    def number(self, value, count):
        self.value |= value << self.count
        self.count += count

    def code(self, value, count):
        for at in reversed(range(count)):
            self.number(value >> at & 1, 1)


def quine():
    """A gzip file that unpacks to itself: a program of two five-byte instructions, after Russ Cox.

    L n: a stored block of n units of five bytes. R: a block that repeats the last 20 bytes, as two
    matches of 10. The file's own checksum is the solution of 32 linear equations over bits.
    """
    def literal(units):
        size = 5 * units
        return struct.pack("<BHH", 0, size, size ^ 0xffff)

    bits = Bits()
    bits.number(0, 1)
    bits.number(1, 2)
    for _ in range(2):
        bits.code(264 - 256, 7)   # length 10
        bits.code(8, 5)           # distances from 17
        bits.number(20 - 17, 3)
    bits.code(0, 7)
    repeat = bits.value.to_bytes(5, "little")
    prefix = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x00\x03" + b"self\0"

    def build(crc, size):
        suffix = literal(0) + b"\x03\x00" + struct.pack("<II", crc, size)
        four, one, none = literal(4), literal(1), literal(0)
        return (prefix + four + prefix + four + repeat + one + repeat + one + one
                + four + repeat + one + one + four + repeat + four + repeat + four + repeat + four + repeat
                + four + repeat + none + none + four + repeat + none + none + four + repeat + suffix + repeat + suffix)

    size = len(build(0, 0))
    error = lambda x: zlib.crc32(build(x, size)) ^ x
    base = error(0)
    rows = [(error(1 << bit) ^ base, 1 << bit) for bit in range(32)]
    wanted, solution = base, 0
    basis = {}
    for image, source in rows:
        while image:
            top = image.bit_length()
            if top not in basis:
                basis[top] = (image, source)
                break
            image, source = image ^ basis[top][0], source ^ basis[top][1]
    while wanted:
        top = wanted.bit_length()
        if top not in basis:
            return None
        wanted, solution = wanted ^ basis[top][0], solution ^ basis[top][1]
    made = build(solution, size)
    assert gzip.decompress(made) == made
    return made


def stream_bombs():
    packer = bz2.BZ2Compressor(9)
    block = packer.compress(bytes(900_000 * 3)) + packer.flush()
    yield "bzip2_bomb", block * 700, ANY, "700 streams of 2.7 MB zeros; only the first is read by clamscan"
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\3"
    flat = head + deflated_zeros(GIB) + struct.pack("<II", crc_of_zeros(GIB), GIB & 0xffffffff)
    yield "gzip_bomb", flat, BOMB, "1 GiB of zeros"
    yield "gzip_bomb_twice", f.gzip_of(flat), BOMB, "gzip of gzip of 1 GiB"
    quick = {"id": lzma.FILTER_LZMA2, "dict_size": 4096, "mode": lzma.MODE_FAST, "nice_len": 273, "mf": lzma.MF_HC3,
             "depth": 1}
    yield "xz_bomb", lambda: lzma.compress(bytes(1 << 28), check=lzma.CHECK_CRC32, filters=[quick]), BOMB, "256 MiB of zeros"
    yield "tar_gzip_bomb", head + deflated_tar(GIB), BOMB, "a tar member of 1 GiB in gzip"
    yield "pdf_flate_four_times", pdf_chain(4, 1 << 28), BOMB, "four filters over 256 MiB"
    yield "swf_bomb", b"CWS\x06" + struct.pack("<I", 0x7fffffff) + b"\x78\xda" + deflated_zeros(1 << 28), ANY, "zlib of 256 MiB"


def deflated_tar(size):
    header = tar_header(b"zeros", b"%011o" % (size - 1))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + deflated_zeros(size) + bytes(8)


def pdf_chain(filters, size):
    content = b"\x78\xda" + deflated_zeros(size) + bytes(4)
    for _ in range(filters - 1):
        content = zlib.compress(content, 9)
    return f.pdf([(b"/Filter [ %s]" % (b"/FlateDecode " * filters), content)])


# --- archives that lie --------------------------------------------------------------------------


def lying_zips():
    content = payload()
    packed, crc = zlib.compress(content, 9)[2:-4], zlib.crc32(content)
    good = lambda **change: zip_of_raw([(b"a", *{**dict(crc=crc, packed=packed, size=len(content), method=8, flags=0),
                                                 **change}.values())])
    yield "size_said_small", good(size=10), FOUND, "the member is larger than it says"
    yield "size_said_zero", good(size=0), (THREAT, LIMITED), "says it is empty"
    yield "size_said_large", good(size=1 << 31), FOUND, "says 2 GiB"
    yield "size_said_4_gib", good(size=0xffffffff), (THREAT, LIMITED), "says 2^32 - 1 without ZIP64"
    yield "crc_wrong", good(crc=1), FOUND, "the checksum is wrong"
    yield "method_unknown", good(method=77), ANY, "method 77"
    yield "method_stored_but_deflated", good(method=0), (THREAT, *ANY), "says stored"
    whole = good()
    directory = whole.index(b"PK\1\2")
    yield ("packed_size_beyond_the_file", whole[:directory + 20] + struct.pack("<I", 0x7fffffff) + whole[directory + 24:],
           (THREAT, LIMITED), "directory: 2 GiB packed")
    yield ("header_offset_beyond_the_file", whole[:directory + 42] + struct.pack("<I", 0x7fffffff) + whole[directory + 46:],
           (THREAT, LIMITED), "local header far away")
    yield ("header_offset_is_the_directory", whole[:directory + 42] + struct.pack("<I", directory) + whole[directory + 46:],
           (THREAT, LIMITED), "points to itself")
    yield ("name_length_beyond", whole[:directory + 28] + struct.pack("<H", 0xffff) + whole[directory + 30:], (THREAT, LIMITED),
           "65,535 bytes of name")
    yield ("local_name_differs", local_header(b"b", crc, len(packed), len(content)) + packed + whole[directory:], FOUND,
           "two names")
    yield ("local_method_differs", local_header(b"a", crc, len(packed), len(content), method=0) + packed + whole[directory:],
           (THREAT, LIMITED), "stored here, deflated there")
    yield ("count_said_zero", zip_of_raw([(b"a", crc, packed, len(content), 8, 0)], count=0), (THREAT, LIMITED),
           "the directory says no entries")
    yield ("count_said_many", zip_of_raw([(b"a", crc, packed, len(content), 8, 0)], count=0xfffe), (THREAT, LIMITED),
           "the directory says 65,534")
    zip64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1 << 32, 1 << 32, 1 << 40, 1 << 40)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    yield "zip64_two_to_the_32_entries", zip64 + locator + end_of_directory(0xffff, 0xffffffff, 0xffffffff), ANY, "2^32 entries"
    extra = struct.pack("<HHQQQ", 1, 24, 1 << 63, 1 << 63, 1 << 63)
    yield ("zip64_sizes_of_an_entry",
           (local_header(b"a", crc, 0xffffffff, 0xffffffff, extra=struct.pack("<HHQQ", 1, 16, 1 << 63, 1 << 63)) + packed
           + central_header(b"a", crc, 0xffffffff, 0xffffffff, 0xffffffff, extra=extra)
           + end_of_directory(1, 46 + 1 + len(extra), 31 + 20 + len(packed))), (THREAT, LIMITED), "2^63 bytes")
    yield ("descriptor_without_sizes", local_header(b"a", 0, 0, 0, flags=8) + packed
           + struct.pack("<4sIII", b"PK\7\x08", crc, len(packed), len(content))
        + central_header(b"a", crc, len(packed), len(content), 0, flags=8) + end_of_directory(1, 47, 31 + len(packed) + 16),
        FOUND, "sizes behind the data")
    yield "path_climbs", zip_of_raw([(b"../../../etc/passwd", crc, packed, len(content), 8, 0)]), FOUND, "a name with .."
    yield ("name_is_absolute_and_not_text", zip_of_raw([(b"/\0\xff\n\x1b[2J", crc, packed, len(content), 8, 0)]), FOUND,
           "control bytes in a name")
    yield ("same_name_twice",
           zip_of_raw([(b"a", zlib.crc32(b"x"), zlib.compress(b"x")[2:-4], 1, 8, 0), (b"a", crc, packed, len(content), 8, 0)]),
           FOUND, "the second of one name")
    yield "two_directories", whole + whole, FOUND, "two archives in one file"
    yield ("comment_holds_an_archive", f.zip_of({"x": b"y"}, comment=whole), (THREAT, CLEAN, LIMITED),
           "an archive in the comment")
    many = [(b"%05d" % n, 0, b"\3\0", 0, 8, 0) for n in range(60000)]
    yield "sixty_thousand_empty_entries", zip_of_raw(many), ANY, "60,000 entries"
    yield ("planted_behind_sixty_thousand", zip_of_raw(many[:30000] + [(b"last", crc, packed, len(content), 8, 0)]),
           (THREAT, LIMITED), "the last of 30,001")
    yield "encrypted", f.zip_encrypted(b"a", content), BOMB, "old cipher"
    yield "encrypted_aes", zip_of_raw([(b"a", 0, f.filler(500), 400, 99, 1)]), BOMB, "AES"
    yield ("encrypted_beside_a_threat",
           zip_of_raw([(b"e", 0, f.filler(500), 400, 8, 1), (b"a", crc, packed, len(content), 8, 0)]), FOUND,
           "one is sealed, the other is not")
    yield "bits_claim_encryption", good(flags=1), (THREAT, LIMITED), "the flag says encrypted, the bytes are not"
    yield ("deflate_distance_before_the_start", zip_of_raw([(b"a", 0, bytes.fromhex("63e0ff0f00"), 9, 8, 0)]), ANY,
           "a match before the first byte")
    yield "deflate_never_ends", zip_of_raw([(b"a", 0, deflated_zeros(1 << 20)[:-2], 1 << 20, 8, 0)]), ANY, "no last block"


def tar_header(name, size, kind=b"0", link=b""):
    head = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size + b"\0" + b"00000000000\0" + b" " * 8
    head += kind + link.ljust(100, b"\0") + b"ustar\00000"
    head = head.ljust(512, b"\0")
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def other_archives():
    content = payload()
    padded = content + bytes(-len(content) % 512)
    yield "tar_size_beyond", tar_header(b"a", b"77777777777") + content, (THREAT, LIMITED), "8 GiB said"
    yield "tar_size_negative", tar_header(b"a", b"\x80" + b"\xff" * 10) + padded, (THREAT, LIMITED, CLEAN), "2^80"
    yield ("tar_sum_wrong", tar_header(b"a", b"%011o" % len(content))[:148] + b"0000000\0" + bytes(356) + padded,
           (THREAT, LIMITED), "raw bytes hold it all the same")
    yield ("tar_links_in_a_circle", tar_header(b"a", b"0" * 11, b"2", b"b") + tar_header(b"b", b"0" * 11, b"2", b"a")
           + bytes(1024), ANY, "two links")
    yield ("tar_long_name_of_1_gib", tar_header(b"././@LongLink", b"%011o" % GIB, b"L") + padded, (THREAT, LIMITED),
           "a name of 1 GiB")
    yield "tar_thousands_of_headers", tar_header(b"a", b"0" * 11) * 10000 + bytes(1024), ANY, "10,000 empty members"
    yield ("cpio_name_beyond", b"070701" + b"00000001" * 11 + b"7fffffff" + b"00000000" + b"a\0" + content,
           (THREAT, LIMITED, CLEAN), "a name of 2 GiB")
    yield ("ar_size_negative", b"!<arch>\n" + b"a/              0           0     0     644     -1        `\n" + content,
           (THREAT, LIMITED), "size -1")
    yield ("cab_offsets_beyond", b"MSCF" + bytes(4) + struct.pack("<IIIIBBHHHHH", 0xffffff, 0, 0xffffff, 0, 3, 1, 0xffff,
                                                                  0xffff, 0, 1, 0) + bytes(200), ANY, "65,535 folders")
    yield "rar_garbage", b"Rar!\x1a\x07\x00" + f.filler(3000), ANY, "a RAR header, then anything"
    yield "rar5_header_size", b"Rar!\x1a\x07\x01\x00" + b"\xff" * 40 + f.filler(300), ANY, "sizes of 2^63"
    yield ("seven_zip_header_beyond", b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<IQQI", 0, 1 << 62, 1 << 62, 0) + f.filler(200),
           ANY, "header at 2^62")
    yield "iso_directory_points_to_itself", iso_loop(), ANY, "the root holds the root"
    yield "zstd_window_of_gigabytes", b"\x28\xb5\x2f\xfd\x00\xf8" + f.filler(100), ANY, "a window of 2^41"
    yield "gzip_header_only", b"\x1f\x8b\x08\x1c\0\0\0\0\0\3\xff\xff", ANY, "an extra field that is not there"
    yield "xz_index_lies", f.xz_of(content)[:-20] + b"\xff" * 20, (THREAT, LIMITED), "the index is wrong"
    yield "bzip2_cut", f.bzip2_of(f.filler(400_000))[:-1000], ANY, "cut in the last block"
    for depth in (16, 17, 40, 200):
        deep = content
        for _ in range(depth):
            deep = f.gzip_of(deep)
        yield "gzip_%d_deep" % depth, deep, FOUND if depth < 16 else (THREAT, LIMITED), "%d times gzip" % depth
    deep = content
    for _ in range(60):
        deep = f.zip_of({"a": deep})
    yield "zip_60_deep", deep, (THREAT, LIMITED), "60 zips"
    wide = content
    for _ in range(4):
        wide = f.zip_of({"%02d" % n: wide if n == 29 else b"x%d" % n for n in range(30)})
    yield "zip_four_levels_of_thirty", wide, (THREAT, LIMITED), "the last of the last"


def iso_loop():
    def record(name):
        both = lambda value: struct.pack("<I", value) + struct.pack(">I", value)
        size = 33 + len(name) + (len(name) + 1) % 2
        head = bytes([size, 0]) + both(18) + both(2048) + bytes(7) + b"\2\0\0" + struct.pack("<H", 1) + struct.pack(">H", 1)
        return (head + bytes([len(name)]) + name).ljust(size, b"\0")

    volume = b"\1CD001\1\0" + b" " * 64 + bytes(8) + struct.pack("<I", 20) + struct.pack(">I", 20) + bytes(32)
    volume += struct.pack("<HHHH", 1, 0x100, 1, 0x100) + struct.pack("<HH", 2048, 8) + bytes(4 * 6 + 4)
    volume = volume[:156].ljust(156, b"\0") + record(b"\0")
    directory = record(b"\0") + record(b"\1") + record(b"LOOP") * 20
    sectors = [volume, b"\xffCD001\1", directory, b""]
    return bytes(16 * 2048) + b"".join(s.ljust(2048, b"\0") for s in sectors)


# --- programs -----------------------------------------------------------------------------------


def programs():
    code = f.place(600, {100: PLANTED})
    exe = f.pe([(".text", code), (".data", f.filler(300))], imports={"K.dll": ["A"]}, version={"CompanyName": "X"})
    table = exe.index(b".text\0\0\0")
    patch = lambda content, at, new: content[:at] + new + content[at + len(new):]
    yield "pe_sections_overlap", patch(exe, table + 40 + 20, exe[table + 20:table + 24]), FOUND, "two sections are one"
    yield "pe_section_of_4_gib", patch(exe, table + 16, b"\xff" * 4), FOUND, "raw size 2^32 - 1"
    yield "pe_section_beyond", patch(exe, table + 20, b"\xf0\xff\xff\xff"), FOUND, "raw data far away"
    yield "pe_65535_sections", patch(exe, 0x86, b"\xff\xff"), FOUND, "65,535 sections"
    yield "pe_no_sections", patch(exe, 0x86, b"\0\0"), FOUND, "none"
    yield "pe_header_at_the_end", patch(exe, 0x3c, struct.pack("<I", len(exe) - 4)), FOUND, "e_lfanew at the last bytes"
    yield "pe_header_is_the_first_header", patch(exe, 0x3c, bytes(4)), FOUND, "e_lfanew is 0"
    yield "pe_alignment_zero", patch(exe, 0x80 + 24 + 32, bytes(8)), FOUND, "alignments of 0"
    yield "pe_alignment_odd", patch(exe, 0x80 + 24 + 32, b"\x07\0\0\0\x03\0\0\0"), FOUND, "alignments of 7 and 3"
    yield "pe_entry_beyond", patch(exe, 0x80 + 24 + 16, b"\xf0\xff\xff\xff"), FOUND, "the entry point far away"
    resources = exe.index(struct.pack("<IIHHHH", 0, 0, 0, 0, 0, 1))
    yield ("pe_resources_in_a_circle", patch(exe, resources + 20, struct.pack("<I", 0x80000000)), FOUND,
           "the root is its own child")
    yield "pe_resources_65535", patch(exe, resources + 12, b"\xff\xff\xff\xff"), FOUND, "65,535 entries"
    imports = struct.unpack_from("<I", exe, 0x80 + 24 + 96 + 8)[0]
    yield "pe_imports_beyond", patch(exe, 0x80 + 24 + 96 + 8, b"\xf0\xff\xff\xff"), FOUND, "the import table far away"
    yield ("pe_import_names_are_the_table", patch(exe, exe.index(b"K.dll\0") - 5 - 8, struct.pack("<I", imports)), FOUND,
           "a name that is a table")
    many = f.pe([(".s%d" % n, b"") for n in range(90)])
    yield "pe_sections_all_everything", overlap_all(many), ANY, "90 sections of the whole file"
    program = f.elf([(".text", code), (".data", f.filler(64))])
    at = struct.unpack_from("<Q", program, 40)[0]
    yield ("elf_sections_overlap", patch(program, at + 128 + 24, program[at + 64 + 24:at + 64 + 40]), FOUND,
           "two sections are one")
    yield "elf_section_of_2_to_the_64", patch(program, at + 64 + 32, b"\xff" * 8), FOUND, "size 2^64 - 1"
    yield "elf_section_offset_wraps", patch(program, at + 64 + 24, b"\xf8" + b"\xff" * 7), FOUND, "offset + size wraps"
    yield "elf_65535_sections", patch(program, 60, b"\xff\xff"), FOUND, "65,535 sections"
    yield "elf_section_table_beyond", patch(program, 40, b"\xff" * 7 + b"\x7f"), FOUND, "the table at 2^63"
    yield "elf_section_table_is_the_header", patch(program, 40, bytes(8)), FOUND, "the table at 0"
    yield "elf_65535_segments", patch(program, 56, b"\xff\xff"), FOUND, "65,535 segments"
    yield "elf_entry_size_zero", patch(program, 58, b"\0\0"), FOUND, "section headers of 0 bytes"
    yield "elf_names_are_themselves", patch(program, 62, b"\1\0"), FOUND, "names in the code"
    universal = b"\xca\xfe\xba\xbe" + struct.pack(">I", 3) + b"".join(struct.pack(">IIIII", 7, 3, 0, 4096, 0)
                                                                      for _ in range(3)) + payload(4096)
    yield "macho_universal_holds_itself", universal, FOUND, "three architectures at offset 0"
    yield ("macho_commands_of_size_zero", f.macho([("__text", code)])[:36] + bytes(4) + f.macho([("__text", code)])[40:], FOUND,
           "a load command of 0 bytes")
    yield "macho_two_to_the_32_commands", patch(f.macho([("__text", code)]), 16, b"\xff" * 8), FOUND, "2^32 - 1 load commands"
    yield ("class_pool_beyond", b"\xca\xfe\xba\xbe\0\0\0\x34\xff\xff" + b"\x01\xff\xff" + f.filler(100), ANY,
           "a constant of 65,535 bytes")


def overlap_all(exe):
    out, at = bytearray(exe), exe.index(b".s0")
    for n in range(90):
        struct.pack_into("<II", out, at + 40 * n + 16, len(exe), 0)
    return bytes(out)


# --- Android ------------------------------------------------------------------------------------


def dex(strings=1, string_at=0x70, size=None, **fields):
    body = struct.pack("<I", 0x74) + b"\x05hello\0"
    values = dict(file_size=0x70 + len(body), header=0x70, endian=0x12345678, link_size=0, link_at=0, map_at=0, strings=strings,
                  strings_at=string_at,
                  types=0, types_at=0, protos=0, protos_at=0, fields=0, fields_at=0, methods=0, methods_at=0, classes=0,
                  classes_at=0, data=len(body), data_at=0x70)
    values.update(fields)
    head = struct.pack("<20I", *values.values())
    rest = hashlib.sha1(head + body).digest() + head + body
    return b"dex\n035\0" + struct.pack("<I", zlib.adler32(rest)) + rest


def axml(chunks):
    body = b"".join(chunks)
    return struct.pack("<HHI", 3, 8, 8 + len(body)) + body


def android():
    m = PLANTED
    yield "dex_2_to_the_32_strings", dex(strings=0xffffffff) + m, FOUND, "raw bytes hold it"
    yield "dex_strings_at_the_end", dex(string_at=0xfffffff0) + m, FOUND, "offset 2^32 - 16"
    yield "dex_2_to_the_32_classes", dex(classes=0xffffffff, classes_at=0x70) + m, FOUND, "class definitions"
    yield "dex_map_is_the_header", dex(map_at=0) + m, FOUND, "the map at 0"
    yield "dex_header_size_zero", dex(header=0) + m, FOUND, "no header"
    yield "dex_file_size_lies", dex(file_size=0xffffffff) + m, FOUND, "4 GiB said"
    yield ("dex_everything_overlaps", dex(types=20, types_at=0x70, protos=20, protos_at=0x70, fields=20, fields_at=0x70,
                                          methods=20, methods_at=0x70,
                                         classes=20, classes_at=0x70) + bytes(700) + m, FOUND, "all tables in one place")
    yield "dex_string_never_ends", dex() [:-1] + b"k" * 3000, ANY, "no zero at the end"
    pool = lambda count, size, at: struct.pack("<HHIIIIII", 1, 28, size, count, 0, 0, at, 0)
    package = lambda manifest, extra=None: f.zip_of({"AndroidManifest.xml": manifest, "classes.dex": dex() + payload(),
                                                     **(extra or {})})
    yield "axml_chunk_of_size_zero", package(axml([struct.pack("<HHI", 1, 8, 0)])), FOUND, "a chunk of 0 bytes"
    yield "axml_chunk_beyond", package(axml([struct.pack("<HHI", 1, 28, 0xffffffff)])), FOUND, "a chunk of 4 GiB"
    yield "axml_2_to_the_32_strings", package(axml([pool(0xffffffff, 28, 28)])), FOUND, "2^32 - 1 strings"
    yield "axml_strings_behind_the_pool", package(axml([pool(4, 44, 0xfffffff0) + bytes(16)])), FOUND, "offsets beyond"
    yield ("axml_string_of_2_gib", package(axml([pool(1, 40, 32) + bytes(4) + b"\xff\xff\xff\xff" + bytes(4)])), FOUND,
           "a length of 2^31")
    yield ("axml_deep",
           package(axml([pool(0, 28, 28)]
                        + [struct.pack("<HHIIIIIHHHHHH", 0x102, 16, 36, 0, 0xffffffff, 0xffffffff, 0, 20, 20, 0, 0, 0,
                                       0)] * 20000)), FOUND, "20,000 elements inside each other")
    yield ("axml_attributes_65535",
           package(axml([pool(0, 28, 28), struct.pack("<HHIIIIIHHHHHH", 0x102, 16, 36, 0, 0, 0, 0, 20, 20, 0xffff, 0, 0, 0)])),
           FOUND, "65,535 attributes")
    yield ("axml_attribute_size_zero",
           package(axml([pool(0, 28, 28), struct.pack("<HHIIIIIHHHHHH", 0x102, 16, 36, 0, 0, 0, 0, 20, 0, 0xffff, 0, 0, 0)])),
           FOUND, "attributes of 0 bytes")
    yield ("arsc_package_in_itself", package(b"\3\0\x08\0" + bytes(8),
                                             {"resources.arsc": struct.pack("<HHII", 2, 12, 12 + 8, 1)
                                              + struct.pack("<HHI", 0x200, 8, 8)}), FOUND, "a package of 8 bytes")
    apk = package(b"\3\0\x08\0" + bytes(8))
    end = apk.rindex(b"PK\5\6")
    directory = struct.unpack_from("<I", apk, end + 16)[0]

    def signed(block):
        return apk[:directory] + block + apk[directory:end + 16] + struct.pack("<I", directory + len(block)) + apk[end + 20:]

    magic = b"APK Sig Block 42"
    yield ("signing_block_size_lies", signed(struct.pack("<Q", 1 << 62) + bytes(64) + struct.pack("<Q", 1 << 62) + magic),
           FOUND, "2^62 bytes")
    yield ("signing_block_sizes_differ", signed(struct.pack("<Q", 88) + bytes(64) + struct.pack("<Q", 87) + magic), FOUND,
           "two sizes")
    yield ("signing_block_pair_beyond", signed(struct.pack("<QQI", 36, 1 << 40, 0x7109871a) + struct.pack("<Q", 36) + magic),
           FOUND, "a pair of 2^40 bytes")
    yield ("signing_block_pair_of_zero", signed(struct.pack("<QQI", 36, 0, 0x7109871a) + struct.pack("<Q", 36) + magic), FOUND,
           "a pair of 0 bytes")
    yield ("signing_block_lengths_nest", signed(struct.pack("<QQI", 24 + 24, 20, 0x7109871a)
                                                + struct.pack("<IIII", 0xffffffff, 0xffffffff, 4, 0) + struct.pack("<Q", 48)
                                                + magic), FOUND, "signers of 4 GiB")


# --- documents ----------------------------------------------------------------------------------


def documents():
    m = PLANTED
    stream = lambda content: (b"/Filter /FlateDecode", zlib.compress(content, 9))
    yield ("pdf_length_2_to_the_63", f.pdf([stream(payload())]).replace(b"/Length ", b"/Length 9223372036854775807"),
           (THREAT, LIMITED), "2^63 - 1")
    yield "pdf_length_negative", f.pdf([stream(payload())]).replace(b"/Length ", b"/Length -"), (THREAT, LIMITED), "negative"
    yield ("pdf_length_is_itself", f.pdf([(b"", b"x")], [b"<< /Length 4 0 R >>\nstream\nabc\nendstream"]), ANY,
           "an indirect length that is its own object")
    yield ("pdf_dictionaries_100000_deep", b"%PDF-1.5\n1 0 obj\n" + b"<</A " * 100000 + b">>" * 100000 + b"\nendobj\n", ANY,
           "depth")
    yield "pdf_arrays_100000_deep", b"%PDF-1.5\n1 0 obj\n" + b"[" * 100000 + b"]" * 100000 + b"\nendobj\n", ANY, "depth"
    yield ("pdf_object_stream_extends_itself",
           f.pdf([(b"/Type /ObjStm /N 1 /First 4 /Extends 3 0 R /Filter /FlateDecode", zlib.compress(b"3 0 << >>"))]), ANY,
           "a circle")
    yield ("pdf_object_stream_counts_lie",
           f.pdf([(b"/Type /ObjStm /N 2147483647 /First 4294967295 /Filter /FlateDecode", zlib.compress(b"3 0 << >>"))]), ANY,
           "2^31 objects")
    yield "pdf_kids_in_a_circle", f.pdf([], [b"<< /Type /Pages /Kids [ 3 0 R ] /Parent 3 0 R >>"]), ANY, "a page tree of itself"
    yield "pdf_thousand_filters", f.pdf([(b"/Filter [" + b"/ASCIIHexDecode " * 1000 + b"]", b"41>")]), ANY, "1,000 filters"
    yield "pdf_20000_objects", f.pdf([], [b"<< >>"] * 20000), ANY, "objects"
    yield "pdf_lzw_garbage", f.pdf([(b"/Filter /LZWDecode", f.filler(3000))]), ANY, "codes before their time"
    yield "pdf_base85_garbage", f.pdf([(b"/Filter /ASCII85Decode", b"zzzzz" * 50000 + b"~>")]), ANY, "a million zeros"
    yield "pdf_header_only", b"%PDF-", ANY, "five bytes"
    yield "pdf_string_never_ends", b"%PDF-1.5\n1 0 obj\n(" + b"\\(" * 50000, ANY, "no end"
    document = f.ole2({"A": payload(), "B": f.filler(5000)})
    fat = document.rindex(struct.pack("<I", 0xfffffffd)) // 512 * 512
    put = lambda content, at, *words: content[:at] + struct.pack("<%dI" % len(words), *words) + content[at + 4 * len(words):]
    yield "ole_chain_in_a_circle", put(document, fat, 0), FOUND, "a sector follows itself"
    yield "ole_chain_of_two", put(document, fat, 1, 0), FOUND, "two sectors follow each other"
    yield "ole_directory_in_a_circle", ole_directory(document, child=0), FOUND, "the root is its own child"
    yield "ole_siblings_in_a_circle", ole_directory(document, left=1, right=1), FOUND, "an entry is its own brother"
    yield "ole_sector_shift_31", document[:30] + b"\x1f\0" + document[32:], FOUND, "sectors of 2 GiB"
    yield "ole_sector_shift_0", document[:30] + b"\0\0" + document[32:], FOUND, "sectors of 1 byte"
    yield "ole_2_to_the_32_fat_sectors", put(document, 44, 0xffffffff), FOUND, "2^32 - 1 of them"
    yield "ole_difat_in_a_circle", put(document, 68, 0, 0xffffffff), FOUND, "the list of lists is itself"
    yield "ole_stream_of_4_gib", document.replace(struct.pack("<I", 5000), b"\xff" * 4), FOUND, "4 GiB said"
    yield "ole_mini_stream_in_a_circle", put(put(document, 56, 0xffffffff), 60, 0, 1), FOUND, "all is mini"
    bad_vba = b"\x01" + struct.pack("<H", 0xbfff) + b"\xff" * 4098
    yield ("vba_copies_before_the_start", f.ole2({"VBA/dir": b"\x01\x03\xb0\x01\xff\xff", "VBA/Module1": bad_vba}), ANY,
           "copy tokens with nothing to copy")
    yield ("vba_bomb", f.ole2({"VBA/Module1": b"\x01" + (struct.pack("<H", 0xb000 | 5) + b"\x02a\xff\x0f" + bytes(4)) * 4000}),
           ANY, "4,096 bytes from eight, 4,000 times")
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "' + b"ha" * 500 + b'">' + b"".join(
        b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 20) for c in range(98, 110)) + b"]><l>&m;</l>"
    yield ("ooxml_entities",
           f.zip_of({"[Content_Types].xml": laughs, "word/document.xml": laughs,
                     "word/vbaProject.bin": f.ole2({"A": payload()})}), FOUND, "entities of entities")
    rtf = b"{\\rtf1" + b"{" * 60000 + m.hex().encode()
    yield "rtf_60000_groups", rtf, ANY, "depth"
    yield "rtf_bin_beyond", b"{\\rtf1 \\bin2147483647 " + m, (THREAT, LIMITED), "2 GiB of bytes said"


def ole_directory(document, **links):
    at = document.index("Root Entry".encode("utf-16le"))
    out = bytearray(document)
    if "child" in links:
        struct.pack_into("<i", out, at + 76, links["child"])
    else:
        struct.pack_into("<ii", out, at + 128 + 68, links["left"], links["right"])
    return bytes(out)


def mails():
    content = f.base64_lines(payload())
    part = lambda boundary, inner: b"--" + boundary + b"\r\n" + inner + b"\r\n"
    attachment = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + content
    head = b"From: a@example.org\r\nMIME-Version: 1.0\r\n"
    yield ("mail_20000_parts", head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part(b"x", b"\r\n.") * 20000
           + part(b"x", attachment) + b"--x--\r\n", (THREAT, LIMITED), "the last of 20,001")
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    yield "mail_3000_deep", head + deep + attachment, (THREAT, LIMITED), "multiparts inside each other"
    yield ("mail_boundary_is_a_prefix", head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--xx\r\n" + attachment
           + b"\r\n--x\r\n" + attachment + b"\r\n--x--", (THREAT, LIMITED), "x and xx")
    yield ("mail_boundary_empty", head + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n' + attachment,
           (THREAT, LIMITED, CLEAN), "nothing")
    yield "mail_header_of_2_mb", b"From: " + b"a" * 2_000_000 + b"\r\n\r\nx", ANY, "one line"
    yield ("mail_100000_headers", b"".join(b"X-%d: y\r\n" % n for n in range(100000)).replace(b"X-0", b"From", 1) + b"\r\nx",
           ANY, "headers")
    yield "mail_folded_100000_times", b"Subject: a" + b"\r\n b" * 100000 + b"\r\nFrom: a\r\n\r\nx", ANY, "folded lines"
    nested = head + attachment
    for _ in range(60):
        nested = head + b"Content-Type: message/rfc822\r\n\r\n" + nested
    yield "mail_60_messages_deep", nested, (THREAT, LIMITED), "messages in messages"
    yield "uuencode_line_lies", b"begin 644 a\n" + b"`" * 100 + b"\nM" + b"\n~~~\nend\n", ANY, "lengths that are not there"


def pages():
    m = f.word("planted on a page", 20)
    yield "html_200000_deep", b"<html>" + b"<div>" * 200000, ANY, "depth"
    yield "html_tag_never_ends", b"<html><a href=\"" + b"a" * 1_000_000, ANY, "no end"
    yield "html_entities_without_end", b"<html>" + b"&#" * 200000 + b"&" * 200000, ANY, "half entities"
    yield "html_data_urls_in_each_other", data_urls(12), ANY, "12 levels of base64"
    yield "html_comment_never_ends", b"<html><!--" + b"-" * 500000, ANY, "no end"
    yield "script_never_ends", b"<html><script>" + b"'" * 100001 + b"\\" * 100000, ANY, "quotes"
    yield "text_of_one_character", b"a" * 2_000_000, (CLEAN,), "nothing to see"
    yield "zeros", bytes(2_000_000), (CLEAN,), "nothing to see"
    yield "empty", b"", (CLEAN,), "no bytes"
    yield "one_byte", b"P", (CLEAN,), "one byte"


def data_urls(depth):
    import base64
    inner = b"<html>end</html>"
    for _ in range(depth):
        inner = b'<html><img src="data:text/html;base64,' + base64.b64encode(inner) + b'"></html>'
    return inner


def cut_files():
    """Everything that is well, cut at many places: nobody may read beyond the end."""
    whole = {
        "zip": f.zip_of({"a": f.filler(300), "b": f.filler(300)}), "gzip": f.gzip_of(f.filler(500)),
        "bzip2": f.bzip2_of(f.filler(500)),
        "xz": f.xz_of(f.filler(500)), "tar": f.tar_of({"a": f.filler(300)})[:2048], "cpio": f.cpio_of({"a": f.filler(300)}),
        "pe": f.pe([(".text", f.filler(300))], imports={"K.dll": ["A"]}, version={"CompanyName": "X"}),
        "pe64": f.pe([(".text", f.filler(300))], plus=True),
        "elf": f.elf([(".text", f.filler(300))]), "elf32": f.elf([(".text", f.filler(300))], bits=32),
        "macho": f.macho([("__text", f.filler(300))]),
        "class": f.java_class(b"hello"), "pdf": f.pdf([(b"/Filter /FlateDecode", zlib.compress(f.filler(300)))]),
        "ole": f.ole2({"A": f.filler(500)}),
        "mail": f.mail(b"x", attachment=("a", "application/octet-stream", "base64", f.base64_lines(f.filler(300)))),
        "png": f.png(), "gif": f.gif(b"hello"),
        "jpeg": f.jpeg(b"hello"), "dex": dex(), "axml": axml([struct.pack("<HHIIIIII", 1, 28, 28, 0, 0, 0, 28, 0)]),
        "swf": f.swf(f.filler(100)),
    }
    for kind, content in whole.items():
        marks = sorted({1, 2, 3, 4, 7, 8, 15, 16, len(content) - 1, *(len(content) * n // 12 for n in range(1, 12))})
        for size in marks:
            if 0 < size < len(content):
                yield "cut_%s_%d" % (kind, size), content[:size], ANY, "the first %d of %d bytes" % (size, len(content))
        for number in range(8):
            spoiled = bytearray(content)
            for at in range(number * 3 + 2, min(len(content), 600), 37):
                spoiled[at] ^= 0xff if number % 2 else 0x80
            yield "bent_%s_%d" % (kind, number), bytes(spoiled), ANY, "bytes turned over"


def all_cases():
    """(name, content or what makes it, verdicts, why)"""
    yield "zip_flat_1_gib", flat_zip(), BOMB, "1 GiB of zeros in 1 MB"
    yield "zip_nested_1_tib", nested_zips(), BOMB, "10^5 times 10 MiB"
    yield "zip_overlapping_quoted", overlapping_quoted(), BOMB, "300 members share one kernel: 300 MiB from 20 KB"
    yield "zip_overlapping_same", overlapping_same(), ANY, "20,000 entries of one header: 20 GiB, or 1 MiB once"
    made = quine()
    if made is not None:
        yield "gzip_quine", made, BOMB, "unpacks to itself for ever"
        yield "zip_of_quines", f.zip_of({"%d" % n: made for n in range(50)}), BOMB, "50 of them"
    for make in (stream_bombs, lying_zips, other_archives, programs, android, documents, mails, pages, cut_files):
        for name, content, verdicts, why in make():
            yield ("zip_" + name if make is lying_zips else name), content, verdicts, why


def write(folder, only=None):
    """Writes the files; the manifest."""
    os.makedirs(folder, exist_ok=True)
    manifest = {}
    for name, content, verdicts, why in all_cases():
        if only and not re.search(only, name):
            continue
        assert name not in manifest, name
        manifest[name] = {"verdicts": sorted(set(verdicts)), "why": why}
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content() if callable(content) else content)
    return manifest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--only", help="a regular expression over names")
    options = parser.parse_args()
    manifest = write(os.path.join(options.folder, "files"), options.only)
    with open(os.path.join(options.folder, "manifest.json"), "w") as file:
        json.dump(manifest, file, indent=1)
    with open(os.path.join(options.folder, "planted.ndb"), "w") as file:
        file.write("Bad.Planted:0:*:%s\n" % PLANTED.hex())
    size = sum(os.path.getsize(os.path.join(options.folder, "files", n)) for n in manifest)
    print("%d files, %.1f MB" % (len(manifest), size / 1e6))


if __name__ == "__main__":
    main()
