"""Cases of hash signatures, allow-lists, ignore lists and container metadata."""
import hashlib

from . import files as f
from .cases import HIT, MISS, REFUSED, Case, around

M = f.mark


def md5(content):
    return hashlib.md5(content).hexdigest()


def sha1(content):
    return hashlib.sha1(content).hexdigest()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def content_of(name, size=300):
    return f.filler(size, "hash " + name)


def whole_files():
    def row(name, kind, line, content=None, expect=HIT, **more):
        content = content_of(name) if content is None else content
        text = line.format(md5=md5(content), sha1=sha1(content), sha256=sha256(content), size=len(content),
                           more=len(content) + 1,
                           MD5=md5(content).upper())
        return Case("hash", name, [(kind, text)], content, expect, **more)

    yield row("md5", "hdb", "{md5}:{size}:@")
    yield row("md5_upper_case", "hdb", "{MD5}:{size}:@")
    yield row("md5_other_size", "hdb", "{md5}:{more}:@", expect=MISS)
    yield row("md5_size_zero", "hdb", "{md5}:0:@", expect=REFUSED, alone=True)
    yield row("md5_any_size", "hdb", "{md5}:*:@:73")
    yield row("md5_any_size_without_level", "hdb", "{md5}:*:@", expect=REFUSED, alone=True)
    yield row("md5_any_size_low_level", "hdb", "{md5}:*:@:51", expect=REFUSED, alone=True)
    yield row("md5_level_future", "hdb", "{md5}:{size}:@:250", expect=MISS)
    yield row("md5_level_past", "hdb", "{md5}:{size}:@:50:60", expect=MISS)
    yield row("md5_level_now", "hdb", "{md5}:{size}:@:50:255")
    yield row("md5_short", "hdb", "abcdef:{size}:@", expect=REFUSED, alone=True)
    yield row("md5_not_hex", "hdb", "zz" * 16 + ":{size}:@", expect=REFUSED, alone=True)
    yield row("md5_size_word", "hdb", "{md5}:x:@", expect=REFUSED, alone=True)
    yield row("md5_size_huge", "hdb", "{md5}:4294967295:@", expect=REFUSED, alone=True)
    yield row("md5_two_fields", "hdb", "{md5}:{size}", expect=REFUSED, alone=True)
    yield row("md5_comment", "hdb", "# {md5}:{size}:@", expect=MISS, alone=True)
    yield row("sha256_in_hdb", "hdb", "{sha256}:{size}:@")
    yield row("sha1", "hsb", "{sha1}:{size}:@")
    yield row("sha256", "hsb", "{sha256}:{size}:@")
    yield row("sha256_other_size", "hsb", "{sha256}:{more}:@", expect=MISS)
    yield row("sha256_any_size", "hsb", "{sha256}:*:@:73")
    yield row("md5_in_hsb", "hsb", "{md5}:{size}:@")
    yield row("one_byte_file", "hsb", "{sha256}:{size}:@", content=b"\x9d")
    yield row("four_byte_file", "hsb", "{sha256}:{size}:@", content=b"\x9d\1\2\3")
    yield row("five_byte_file", "hsb", "{sha256}:{size}:@", content=b"\x9d\1\2\3\4")
    yield row("six_byte_file", "hsb", "{sha256}:{size}:@", content=b"\x9d\1\2\3\4\5")
    yield row("text", "hsb", "{sha256}:{size}:@", content=b"Some   TEXT that would be normalised\n" * 3)
    yield row("html", "hsb", "{sha256}:{size}:@", content=b"<html><body>Hash OF  HTML</body></html>\n")
    yield row("program", "hsb", "{sha256}:{size}:@", content=f.pe([(".text", content_of("program"))]))
    yield row("mail", "hsb", "{sha256}:{size}:@", content=f.mail(b"hash of a mail"))
    yield row("zip", "hsb", "{sha256}:{size}:@", content=f.zip_of({"hash.txt": b"of a zip"}))
    yield row("ignored_type", "hsb", "{sha256}:{size}:@", content=b"ID3\4" + content_of("mp3"),
              note="a type that is never scanned")
    c = content_of("two names")
    yield Case("hash", "same_hash_two_names", [("hdb", "%s:%d:@" % (md5(c), len(c))),
                                               ("hsb", "%s:%d:@-b" % (sha256(c), len(c)))], c, {"", "-b"})
    c = content_of("body too")
    m = M("hash and body")
    c = around(m, c)
    yield Case("hash", "hash_and_body", [("hsb", "%s:%d:@" % (sha256(c), len(c))), ("ndb", "@-b:0:*:" + m.hex())], c,
               {"", "-b"})
    for kind, make in (("zip", lambda c: f.zip_of({"a": c})), ("gzip", f.gzip_of), ("bzip2", f.bzip2_of), ("xz", f.xz_of),
                       ("tar", lambda c: f.tar_of({"a": c})),
                       ("cpio", lambda c: f.cpio_of({"a": c})), ("zip_in_gzip", lambda c: f.gzip_of(f.zip_of({"a": c}))),
                       ("mail", lambda c: f.mail(b"x", attachment=("a.bin", "application/octet-stream", "base64",
                                                                   f.base64_lines(c)))),
                       ("pdf", lambda c: f.pdf([(b"/Filter /FlateDecode", __import__("zlib").compress(c))]))):
        c = content_of("inside " + kind)
        yield Case("hash", "inside_" + kind, [("hsb", "%s:%d:@" % (sha256(c), len(c)))], make(c), HIT)
    c = b"Text   IN a ZIP that would be normalised\n" * 2
    yield Case("hash", "text_inside_zip", [("hsb", "%s:%d:@" % (sha256(c), len(c)))], f.zip_of({"a.txt": c}), HIT)
    c = b"words " + f.word("normalised hash") + b" AND   more\n"
    normal = c.lower().replace(b"   ", b" ").replace(b"\n", b" ")
    yield Case("hash", "of_normalised_text", [("hsb", "%s:%d:@" % (sha256(normal), len(normal)))], c, MISS)


def sections():
    def program(name, plus=False):
        return [(".text", content_of(name + " text", 700)), (".data", content_of(name, 512))], plus

    for kind, make in (("md5", md5), ("sha1", sha1), ("sha256", sha256)):
        name = "section_" + kind
        parts, _ = program(name)
        yield Case("section", kind, [("mdb" if kind == "md5" else "msb", "512:%s:@" % make(parts[1][1]))], f.pe(parts), HIT)
    parts, _ = program("padded")
    yield Case("section", "padding_counts", [("mdb", "1024:%s:@" % md5(parts[0][1].ljust(1024, b"\0")))], f.pe(parts), HIT)
    parts, _ = program("unpadded")
    yield Case("section", "virtual_size_does_not_count", [("mdb", "700:%s:@" % md5(parts[0][1]))], f.pe(parts), MISS)
    parts, _ = program("any size")
    yield Case("section", "any_size", [("mdb", "*:%s:@:73" % md5(parts[1][1]))], f.pe(parts), HIT)
    parts, _ = program("wrong size")
    yield Case("section", "other_size", [("mdb", "513:%s:@" % md5(parts[1][1]))], f.pe(parts), MISS)
    parts, _ = program("plus")
    yield Case("section", "pe32_plus", [("mdb", "512:%s:@" % md5(parts[1][1]))], f.pe(parts, plus=True), MISS)
    parts, _ = program("in zip")
    yield Case("section", "inside_zip", [("mdb", "512:%s:@" % md5(parts[1][1]))], f.zip_of({"a.exe": f.pe(parts)}), HIT)
    parts, _ = program("elf")
    yield Case("section", "elf_has_none", [("mdb", "512:%s:@" % md5(parts[1][1]))], f.elf(parts), MISS)
    imports = {"KERNEL32.dll": ["ExitProcess", "Sleep"], "USER32.dll": ["MessageBoxA"]}
    text = b"kernel32.exitprocess,kernel32.sleep,user32.messageboxa"
    yield Case("imports", "md5", [("imp", "%s:%d:@" % (md5(text), len(text)))],
               f.pe([(".text", content_of("imp"))], imports=imports), HIT,
               note="lower case, without .dll, comma between")
    imports = {"KERNEL32.dll": ["ExitProcess", "GetTickCount"], "WS2_32.dll": ["connect"]}
    text = b"kernel32.exitprocess,kernel32.gettickcount,ws2_32.connect"
    yield Case("imports", "any_size", [("imp", "%s:*:@:90" % md5(text))],
               f.pe([(".text", content_of("imp 2"))], imports=imports), HIT)
    imports = {"ADVAPI32.dll": ["RegOpenKeyA"], "GDI32.dll": ["BitBlt"]}
    text = b"gdi32.bitblt,advapi32.regopenkeya"
    yield Case("imports", "order_counts", [("imp", "%s:%d:@" % (md5(text), len(text)))],
               f.pe([(".text", content_of("imp 3"))], imports=imports), MISS)
    imports = {"OLE32.dll": ["CoCreateGuid"]}
    text = b"ole32.cocreateguid"
    yield Case("imports", "pe32_plus", [("imp", "%s:%d:@" % (md5(text), len(text)))],
               f.pe([(".text", content_of("imp 4"))], imports=imports, plus=True), MISS)


def allow_lists():
    def row(name, make_lists, content, expect, body=True):
        m = M("allow " + name)
        content = content(m)
        return Case("allow", name, [("ndb", "@:0:*:" + m.hex())] + make_lists(m, content), content, expect)

    plain = lambda m: around(m)
    yield row("fp_of_the_file", lambda m, c: [("fp", "%s:%d:allowed" % (md5(c), len(c)))], plain, MISS)
    yield row("fp_other_size", lambda m, c: [("fp", "%s:%d:allowed" % (md5(c), len(c) + 1))], plain, HIT)
    yield row("fp_any_size", lambda m, c: [("fp", "%s:*:allowed:73" % md5(c))], plain, MISS)
    yield row("sfp_sha1", lambda m, c: [("sfp", "%s:%d:allowed" % (sha1(c), len(c)))], plain, MISS)
    yield row("sfp_sha256", lambda m, c: [("sfp", "%s:%d:allowed" % (sha256(c), len(c)))], plain, MISS)
    yield row("fp_with_sha256", lambda m, c: [("fp", "%s:%d:allowed" % (sha256(c), len(c)))], plain, MISS)
    inner = lambda m: around(m) + bytes(400)
    boxed = lambda m: f.zip_of({"a": inner(m)})
    yield row("inner_file_allowed", lambda m, c: [("sfp", "%s:%d:allowed" % (sha256(inner(m)), len(inner(m))))], boxed, MISS)
    yield row("container_allowed", lambda m, c: [("sfp", "%s:%d:allowed" % (sha256(c), len(c)))], boxed, MISS)
    middle = lambda m: f.gzip_of(f.zip_of({"a": inner(m)}))
    yield row("middle_allowed", lambda m, c: [("sfp", "%s:%d:allowed" % (sha256(boxed(m)), len(boxed(m))))], middle, MISS)
    two = lambda m: f.zip_of({"a": inner(m), "b": inner(m) + b"\1"})
    yield row("one_of_two_inner_files", lambda m, c: [("sfp", "%s:%d:allowed" % (sha256(inner(m)), len(inner(m))))], two, HIT)
    c = content_of("hash allowed")
    yield Case("allow", "hash_and_fp", [("hdb", "%s:%d:@" % (md5(c), len(c))), ("sfp", "%s:%d:allowed" % (sha256(c), len(c)))],
               c, MISS)
    text = b"Some   TEXT with " + f.word("allowed text") + b"\n"
    yield Case("allow", "text_that_is_normalised", [("ndb", "@:7:*:" + f.word("allowed text").hex()),
                                                    ("sfp", "%s:%d:allowed" % (sha256(text), len(text)))],
               text, MISS)
    page = b"<html><body><b>" + f.word("allowed page") + b"</b></body></html>\n"
    yield Case("allow", "html_that_is_normalised", [("ndb", "@:3:*:" + f.word("allowed page").hex()),
                                                    ("sfp", "%s:%d:allowed" % (sha256(page), len(page)))],
               page, MISS)


def ignored():
    def row(name, ignore, expect):
        m = M("ignore " + name)
        line = "@:0:*:" + m.hex()
        full = line.replace("@", "ignore." + name)
        return Case("ignore", name,
                    [("ign2", ignore.format(name="ignore." + name, md5=md5(full.encode()), other=md5(b"other"))),
                     ("ndb", line)],
                    around(m), expect)

    yield row("name", "{name}", MISS)
    yield row("name_unofficial", "{name}.UNOFFICIAL", MISS)
    yield row("name_and_md5", "{name}:{md5}", MISS)
    yield row("name_and_other_md5", "{name}:{other}", HIT)
    yield row("prefix_of_the_name", "{name}x", HIT)
    yield row("case", "IGNORE.case", HIT)
    m = M("ignore logical")
    yield Case("ignore", "logical", [("ign2", "ignore.logical"), ("ldb", "@;Engine:81-255,Target:0;0;" + m.hex())], around(m),
               MISS)
    c = content_of("ignore hash")
    yield Case("ignore", "hash", [("ign2", "ignore.hash"), ("hsb", "%s:%d:@" % (sha256(c), len(c)))], c, MISS)
    m = M("ignore one of two")
    yield Case("ignore", "one_of_two", [("ign2", "ignore.one_of_two-b"), ("ndb", "@:0:*:" + m.hex()),
                                        ("ndb", "@-b:0:*:" + m.hex())], around(m), HIT)


def containers():
    def row(name, line, make, expect=HIT, content=None, **more):
        inner = content if content is not None else content_of("container " + name, 400) + bytes(200)
        return Case("container", name, [("cdb", "@:" + line.format(size=len(inner), name=name))], make(inner), expect, **more)

    zipped = lambda name: lambda c: f.zip_of({name: c})
    yield row("name", "CL_TYPE_ZIP:*:own_{name}_x:*:*:*:*:*:*", zipped("own_name_x"))
    yield row("name_is_a_pattern", "CL_TYPE_ZIP:*:own_{name}_[0-9]+:*:*:*:*:*:*", zipped("some/own_name_is_a_pattern_77.txt"))
    yield row("name_anchored", "CL_TYPE_ZIP:*:^own_{name}$:*:*:*:*:*:*", zipped("own_name_anchored"))
    yield row("name_anchored_not", "CL_TYPE_ZIP:*:^own_{name}$:*:*:*:*:*:*", zipped("x_own_name_anchored_not"), MISS)
    yield row("name_other_case", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:*:*:*", zipped("OWN_NAME_OTHER_CASE"), MISS)
    yield row("any_container", "*:*:own_{name}$:*:*:*:*:*:*", zipped("own_any_container"))
    yield row("other_container", "CL_TYPE_RAR:*:own_{name}$:*:*:*:*:*:*", zipped("own_other_container"), MISS)
    yield row("real_size", "CL_TYPE_ZIP:*:own_{name}$:*:{size}:*:*:*:*", zipped("own_real_size"))
    yield row("real_size_range", "CL_TYPE_ZIP:*:own_{name}$:*:500-700:*:*:*:*", zipped("own_real_size_range"))
    yield row("real_size_outside", "CL_TYPE_ZIP:*:own_{name}$:*:601-700:*:*:*:*", zipped("own_real_size_outside"), MISS)
    yield row("packed_size_range", "CL_TYPE_ZIP:*:own_{name}$:1-600:*:*:*:*:*", zipped("own_packed_size_range"))
    yield row("packed_size_outside", "CL_TYPE_ZIP:*:own_{name}$:600-900:*:*:*:*:*", zipped("own_packed_size_outside"), MISS)
    yield row("container_size", "CL_TYPE_ZIP:300-800:own_{name}$:*:*:*:*:*:*", zipped("own_container_size"))
    yield row("container_size_outside", "CL_TYPE_ZIP:1-99:own_{name}$:*:*:*:*:*:*", zipped("own_container_size_outside"), MISS)
    yield row("encrypted", "CL_TYPE_ZIP:*:own_{name}$:*:*:1:*:*:*", lambda c: f.zip_encrypted(b"own_encrypted", c))
    yield row("encrypted_not", "CL_TYPE_ZIP:*:own_{name}$:*:*:1:*:*:*", zipped("own_encrypted_not"), MISS)
    yield row("plain_but_encrypted", "CL_TYPE_ZIP:*:own_{name}$:*:*:0:*:*:*",
              lambda c: f.zip_encrypted(b"own_plain_but_encrypted", c), MISS)
    yield row("first_position", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:1:*:*", zipped("own_first_position"),
              note="counts from 0 or 1?")
    yield row("position_zero", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:0:*:*", zipped("own_position_zero"), MISS)
    yield row("second_position", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:2:*:*",
              lambda c: f.zip_of({"first": b"x", "own_second_position": c}))
    import zlib
    c = content_of("container crc", 400) + bytes(200)
    yield row("crc", "CL_TYPE_ZIP:*:own_crc$:*:*:*:*:%08x:*" % zlib.crc32(c), zipped("own_crc"), content=c)
    yield row("crc_other", "CL_TYPE_ZIP:*:own_crc_other:*:*:*:*:deadbeef:*", zipped("own_crc_other"), MISS)
    yield row("crc_other_decimal", "CL_TYPE_ZIP:*:own_crc_other_decimal:*:*:*:*:12345:*", zipped("own_crc_other_decimal"), MISS)
    yield row("crc_decimal", "CL_TYPE_ZIP:*:own_crc_decimal:*:*:*:*:%d:*" % zlib.crc32(c), zipped("own_crc_decimal"), content=c)
    yield row("tar", "CL_TYPE_POSIX_TAR:*:own_{name}$:*:*:*:*:*:*", lambda c: f.tar_of({"own_tar": c}))
    yield row("tar_as_old", "CL_TYPE_OLD_TAR:*:own_{name}$:*:*:*:*:*:*", lambda c: f.tar_of({"own_tar_as_old": c}))
    yield row("tar_any", "*:*:own_{name}$:*:*:*:*:*:*", lambda c: f.tar_of({"own_tar_any": c}))
    yield row("cpio", "CL_TYPE_CPIO_NEWC:*:own_{name}$:*:*:*:*:*:*", lambda c: f.cpio_of({"own_cpio": c}))
    yield row("mail", "CL_TYPE_MAIL:*:own_{name}$:*:*:*:*:*:*",
              lambda c: f.mail(b"x", attachment=("own_mail", "application/octet-stream", "base64", f.base64_lines(c))))
    yield row("zip_in_gzip", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:*:*:*", lambda c: f.gzip_of(f.zip_of({"own_zip_in_gzip": c})))
    yield row("gzip_name", "CL_TYPE_GZ:*:own_{name}$:*:*:*:*:*:*", lambda c: f.gzip_of(c, "own_gzip_name"), MISS)
    yield row("empty_member", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:*:*:*", zipped("own_empty_member"), content=b"")
    yield row("nine_fields", "CL_TYPE_ZIP:*:own_{name}$:*:*:*:*:*", zipped("own_nine_fields"), REFUSED, alone=True)
    yield row("unknown_container", "CL_TYPE_NOTHING:*:own_{name}$:*:*:*:*:*:*", zipped("own_unknown_container"), REFUSED,
              alone=True)
    yield row("broken_pattern", "CL_TYPE_ZIP:*:own_(:*:*:*:*:*:*", zipped("own_("), REFUSED, alone=True)


def unwanted():
    """Databases of potentially unwanted programs: loaded only when the person asks for them."""
    m = M("unwanted body")
    yield Case("unwanted", "body", [("ndu", "@:0:*:" + m.hex())], around(m), MISS)
    m = M("unwanted logical")
    yield Case("unwanted", "logical", [("ldu", "@;Engine:81-255,Target:0;0;" + m.hex())], around(m), MISS)
    c = content_of("unwanted hash")
    yield Case("unwanted", "md5", [("hdu", "%s:%d:@" % (md5(c), len(c)))], c, MISS)
    c = content_of("unwanted sha")
    yield Case("unwanted", "sha256", [("hsu", "%s:%d:@" % (sha256(c), len(c)))], c, MISS)
    m = M("unwanted name")
    yield Case("unwanted", "name_in_an_ordinary_database", [("ndb", "PUA.Some.@:0:*:" + m.hex())], around(m), MISS,
               note="PUA. names in ordinary databases: found or not?")


def cases():
    for make in (whole_files, unwanted, sections, allow_lists, ignored, containers):
        yield from make()
