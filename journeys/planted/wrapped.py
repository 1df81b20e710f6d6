"""Real files in containers: the objects that signatures look for lie inside them."""
import base64
import html
import os
import quopri
import shutil
import struct
import subprocess
import tempfile
import zlib

from . import files as f


def cabinet(name, content, packed):
    """A cabinet of one file, stored or MSZIP."""
    blocks = b""
    pieces = [content[i:i + 32768] for i in range(0, len(content), 32768)] or [b""]
    history = b""
    for piece in pieces:
        data = piece
        if packed:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=history) if history else zlib.compressobj(9, zlib.DEFLATED, -15)
            data = b"CK" + deflate.compress(piece) + deflate.flush()
            history = piece
        blocks += struct.pack("<IHH", 0, len(data), len(piece)) + data
    entry = struct.pack("<IIHHHH", len(content), 0, 0, 0x5821, 0, 0x20) + name.encode() + b"\0"
    start = 36 + 8 + len(entry)
    head = b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, start + len(blocks), 0, 36 + 8, 0, 3, 1, 1, 1, 0, 1, 0)
    return head + struct.pack("<IHH", start, len(pieces), 1 if packed else 0) + entry + blocks


def ar(members):
    out = b"!<arch>\n"
    for name, content in members.items():
        out += ("%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name + "/", 0, 0, 0, "100644", len(content))).encode() + content
        out += b"\n" * (len(content) % 2)
    return out


def seven_zip(name, content):
    """None where there is no 7z."""
    tool = shutil.which("7z")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
        subprocess.run([tool, "a", "-mmt1", "x.7z", name], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        with open(os.path.join(folder, "x.7z"), "rb") as file:
            return file.read()


def rtf(content):
    """One embedded object, as `Packager` writes it: its names, then the bytes, in hexadecimal."""
    native = (struct.pack("<H", 2) + b"label\0C:\\a.bin\0" + struct.pack("<HHI", 0, 3, 9) + b"C:\\a.bin\0"
              + struct.pack("<I", len(content)) + content)
    package = struct.pack("<III", 0x501, 2, 8) + b"Package\0" + bytes(8) + struct.pack("<I", len(native)) + native
    digits = package.hex()
    return (b"{\\rtf1\\ansi text {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata "
            + "\n".join(digits[i:i + 120] for i in range(0, len(digits), 120)).encode() + b"}} more}\n")


def any_file(name, c):
    """{how: bytes} for content of every kind."""
    return {
        "zip": lambda: f.zip_of({name: c}), "stored": lambda: f.zip_of({"folder/" + name: c}, stored=True),
        "twozip": lambda: f.zip_of({"first.txt": b"nothing here\n" * 9, name: c}),
        "tar": lambda: f.tar_of({name: c}), "targz": lambda: f.gzip_of(f.tar_of({"readme": b"read me\n", name: c})),
        "gz": lambda: f.gzip_of(c), "bz2": lambda: f.bzip2_of(c), "xz": lambda: f.xz_of(c), "cpio": lambda: f.cpio_of({name: c}),
        "7z": lambda: seven_zip(name, c), "cab": lambda: cabinet(name, c, False), "mszip": lambda: cabinet(name, c, True),
        "ar": lambda: ar({name[:14]: c}),
        "mail": lambda: f.mail(b"see what is attached", attachment=(name, "application/octet-stream", "base64", f.base64_lines(c))),
        "uu": lambda: f.mail(f.uuencoded(name, c)),
        "pdf": lambda: f.pdf([(b"/Filter /FlateDecode", zlib.compress(c))]),
        "pdfhex": lambda: f.pdf([(b"/Filter [/ASCIIHexDecode /FlateDecode]", f.ascii_hex(zlib.compress(c)))]),
        "pdf85": lambda: f.pdf([(b"/Filter /ASCII85Decode", base64.a85encode(c) + b"~>")]),
        "ole2": lambda: f.ole2({"Contents": c, "Other": b"other"}) if len(c) < 60000 else None,
        "rtf": lambda: rtf(c), "nested": lambda: f.gzip_of(f.zip_of({"inner.zip": f.zip_of({name: c})})),
        "mailzip": lambda: f.mail(b"attached", attachment=("a.zip", "application/zip", "base64",
                                                           f.base64_lines(f.zip_of({name: c})))),
        "dataurl": lambda: b'<html><body><p>page</p><img src="data:application/octet-stream;base64,' + base64.b64encode(c)
                           + b'"></body></html>',
    }


def text_file(c):
    """{how: bytes} for text."""
    words = c.decode("latin-1")
    return {
        "pre": lambda: b"<html><head><title>A page</title></head><body><pre>" + html.escape(words).encode("latin-1")
                       + b"</pre><p>Last &amp; least</p></body></html>\n",
        "page": lambda: b"<!DOCTYPE html>\n<html><head><meta charset=utf-8></head><body>\n" + "".join(
            '<P  CLASS="%s">%s</P>\n' % (line[:3].strip().replace('"', ""), html.escape(line)) for line in words.split("\n")
        ).encode("latin-1") + b"</body></html>\n",
        "script": lambda: b"<html><body><script type='text/javascript'>\n" + c + b"\n</script></body></html>\n",
        "qp": lambda: f.mail(quopri.encodestring(c), encoding="quoted-printable"),
        "8bit": lambda: f.mail(c, encoding="8bit"),
        "htmlmail": lambda: f.mail(b"<html><body>" + html.escape(words).encode("latin-1") + b"</body></html>", kind="text/html"),
        "utf16": lambda: words.encode("utf-16"), "utf16be": lambda: b"\xfe\xff" + words.encode("utf-16be"),
        "pdfjs": lambda: f.pdf([], [b"<< /S /JavaScript /JS <" + c.hex().encode() + b"> >>"]),
    }


def is_text(content):
    return not any(b < 9 or 13 < b < 32 for b in content[:1024])


def wrap_some(random, name, content, count):
    """A few of the ways, chosen by `random`: [(how, bytes)]."""
    ways = any_file(name, content)
    if is_text(content):
        ways.update(text_file(content))
    made = [(how, ways[how]()) for how in random.sample(sorted(ways), count)]
    return [(how, b) for how, b in made if b is not None]
