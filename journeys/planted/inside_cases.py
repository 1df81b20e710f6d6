"""Cases of what lies inside: normalised text and HTML, archives, mail, PDF, compound documents, nesting."""
import base64
import hashlib
import zlib

from . import files as f
from .cases import HIT, MISS, Case, around

M = f.mark


def looks(group, name, target, wanted, content, expect=HIT, note=""):
    """One body signature that is text."""
    return Case(group, name, [("ndb", "@:%d:*:%s" % (target, wanted.hex()))], content, expect, note=note)


def texts():
    def row(name, wanted, content, expect=HIT, target=7, note=""):
        w = f.word("text " + name, 10)
        return looks("text", name, target, wanted.replace(b"@", w), content.replace(b"@", w).replace(b"^", w.upper()), expect,
                     note)

    yield row("lower_case", b"@ word", b"The ^ WORD and more\n")
    yield row("raw_case_is_not_kept", b"The @", b"The @ and more\n", MISS)
    yield row("raw_case_for_any_target", b"The @", b"The @ and more\n", target=0)
    yield row("normalised_for_any_target", b"the @", b"The @ and more\n", target=0)
    yield row("spaces_become_one", b"@ word", b"the @    word and more\n")
    yield row("tab_becomes_a_space", b"@ word", b"the @\tword and more\n")
    yield row("newline_becomes_a_space", b"@ word", b"the @\r\n  word and more\n")
    yield row("vertical_tab", b"@ word", b"the @\x0cword and more\n")
    yield row("two_spaces_never", b"@  word", b"the @  word and more\n", MISS)
    yield row("high_bytes_are_dropped", b"@word", b"the @\xe4\xf6word and more\n")
    yield row("utf8_is_dropped", b"@word", "the @\u00e4\u20acword and more\n".encode())
    yield row("bell_is_dropped", b"@word", b"the @\x07word and more\n")
    yield row("escape_is_dropped", b"@word", b"the @\x1bword and more\n")
    yield row("space_run_over_dropped_bytes", b"@ word", b"the @ \xe4 word and more\n")
    yield row("leading_space", b" @", b"   @ and more words\n")
    yield row("first_word", b"@ and", b"@ and more words\n")
    yield row("trailing_newline", b"@ ", b"words and @\n")
    yield row("no_trailing_newline", b"@", b"words and @")
    yield row("punctuation", b"@(x);{y}[z]~`\"'", b"words @(X);{Y}[Z]~`\"'\n")
    w = f.word("text utf16le", 10)
    yield looks("text", "utf16le", 7, w + b" word", b"\xff\xfe"
                + ("words " + w.decode().upper() + "  WORD \n").encode("utf-16le"))
    yield row("offset_zero", b"@", b"@ begins\n")
    w = f.word("text offset", 10)
    yield Case("text", "offset_in_the_normalised_text", [("ndb", "@:7:9:" + w.hex())],
               b"some    and " + w + b" more\n", HIT)
    w = f.word("text offset raw", 10)
    yield Case("text", "offset_in_the_raw_text", [("ndb", "@:7:12:" + w.hex())], b"some    and " + w + b" more\n", MISS)
    w = f.word("text end", 10)
    yield Case("text", "end_offset", [("ndb", "@:7:EOF-%d:%s" % (len(w) + 6, w.hex()))], b"some    and " + w + b" more\n", HIT)
    w = f.word("text binary", 10)
    yield looks("text", "binary_is_not_text", 7, w, b"words " + w + b"\0\1\0\1\0\2" * 4 + b"words", MISS)
    w = f.word("text long", 10)
    yield looks("text", "far_behind", 7, w + b" x", b"words and lines\n" * 9000 + w.upper() + b"  X\n")
    w = f.word("text control later", 10)
    yield looks("text", "control_bytes_after_the_first_kilobyte", 7, w + b"x", b"words and lines\n" * 100 + w + b"\0\1x\n")
    w = f.word("text one kilobyte", 10)
    yield looks("text", "control_bytes_in_the_first_kilobyte", 7, w, b"words and lines\n" * 50 + b"\1\2" + w + b"\n", MISS)


def pages():
    def row(name, wanted, content, expect=HIT, target=3, whole=False, note=""):
        w = f.word("page " + name, 10)
        body = content.replace(b"@", w).replace(b"^", w.upper())
        return looks("html", name, target, wanted.replace(b"@", w),
                     body if whole else b"<html><head></head><body>" + body + b"</body></html>\n", expect, note)

    yield row("text", b"@", b"<p>@</p>")
    yield row("lower_case", b"@", b"<p>^</p>")
    yield row("tag_lower_case", b'<a href="@', b'<A HREF="@">x</A>')
    yield row("attribute_gets_quotes", b'<a href="@"', b"<a href=@>x</a>")
    yield row("single_quotes", b'<a href="@"', b"<a href='@'>x</a>")
    yield row("spaces_around_equals", b'<a href="@"', b'<a href = "@">x</a>')
    yield row("space_after_bracket", b'<a href="@"', b'< a href="@">x</a>')
    yield row("newline_in_a_tag", b'<a href="@"', b'<a\n\nhref="@">x</a>')
    yield row("attributes_one_space", b'<img src="@" alt="x"', b'<img   src="@"    alt="x">')
    yield row("runs_of_spaces", b"@ word", b"<p>@   word</p>")
    yield row("newline_is_a_space", b"@ word", b"<p>@\nword</p>")
    yield row("carriage_return_goes", b"@word", b"<p>@\rword</p>")
    yield row("comment_goes", b"@word", b"<p>@<!-- comment -->word</p>")
    yield row("comment_not_in_no_tags", b"comment @", b"<p><!-- comment @ -->word</p>", MISS)
    yield row("comment_raw_for_any_target", b"comment @", b"<p><!-- comment @ -->word</p>", target=0)
    yield row("entity_number", b"@a", b"<p>@&#97;</p>")
    yield row("entity_number_upper", b"@a", b"<p>@&#65;</p>")
    yield row("entity_hex", b"@a", b"<p>@&#x61;</p>")
    yield row("entity_name", b"@&b", b"<p>@&amp;b</p>")
    yield row("entity_less", b"@<b", b"<p>@&lt;b</p>")
    yield row("entity_unknown", b"@&unknown;", b"<p>@&unknown;</p>")
    yield row("entity_without_semicolon", b"@a", b"<p>@&#97 x</p>")
    yield row("entity_in_attribute", b'<a href="@a', b'<a href="@&#97;">x</a>')
    yield row("no_tags", b"@ word", b"<p>@<b>word</b></p>", note="each tag becomes one space")
    yield row("script_in_place", b"<script>var x=@", b"<script>var x=@;</script>")
    yield row("script_lower_case", b"var x=@", b"<script>VAR X=^;</script>")
    yield row("script_spaces", b"var x = @", b"<script>var   x  =   @;</script>")
    yield row("script_quotes", b'x="@"', b"<script>x='@';</script>")
    yield row("script_comment_kept", b"// @", b"<script>// @\nx();</script>")
    yield row("script_string_joined", b'"@joined"', b"<script>x='@'+'joined';</script>",
              note="does the script normaliser join strings?")
    yield row("script_as_text", b"@", b"<script>var x=@;</script>", target=7)
    yield row("script_renamed", b"n001=\"@\"", b"<script>var longname=\"@\";</script>", target=7,
              note="variables are renamed in the script's own file")
    yield row("style_in_place", b"<style>.@", b"<style>.@ { x: y }</style>")
    yield row("text_as_target_7", b"@", b"<p>@</p>", MISS, target=7)
    encoded = base64.b64encode(f.word("page data_url", 10) + b" data")
    yield row("data_url", b"@ data", b'<img src="data:text/plain;base64,%s">' % encoded, target=0)
    yield row("percent_encoded", b'<a href="%40@"', b'<a href="%40@">x</a>')
    yield row("high_bytes", b"@\xe4\xf6x", b"<p>@\xe4\xf6x</p>")
    yield row("upper_tag_only_file", b"@", b"<IFRAME src=@></IFRAME>", whole=True)
    yield row("html_after_text", b"@", b"words before the page\n" * 5 + b"<html><p>@</p></html>", whole=True)
    yield row("html_behind_the_first_kilobyte", b"@", b"words before the page\n" * 60 + b"<html><p>@</p></html>", whole=True)
    yield row("no_html", b"<b>@</b>", b"<b>@</b> is not much of a page\n", MISS, whole=True)
    w = f.word("page utf16", 10)
    yield looks("html", "utf16le", 3, w, b"\xff\xfe" + ("<html><body><p>" + w.decode().upper()
                                                        + "</p></body></html>").encode("utf-16le"))
    w = f.word("page offset", 10)
    yield Case("html", "offset_in_the_normalised_page", [("ndb", "@:3:9:" + w.hex())], b"<html>   <p>" + w + b"</p></html>\n",
               HIT)
    w = f.word("page raw", 10)
    yield Case("html", "raw_bytes_for_any_target", [("ndb", "@:0:*:" + (b"<B>" + w).hex())],
               b"<html><B>" + w + b"</B></html>\n", HIT)
    w = f.word("page normal any", 10)
    yield Case("html", "normalised_bytes_for_any_target", [("ndb", "@:0:*:" + (b"<b>" + w).hex())],
               b"<html><B>" + w + b"</B></html>\n", HIT)
    w, v = f.word("page parts a", 10), f.word("page parts b", 10)
    yield Case("html", "logical_over_the_page", [("ldb", "@;Engine:81-255,Target:3;0&1;%s;%s" % (w.hex(), v.hex()))],
               b"<html><p>" + w.upper() + b"</p><script>" + v + b"</script></html>\n", HIT)
    w, v = f.word("page two forms a", 10), f.word("page two forms b", 10)
    yield Case("html", "logical_over_two_forms",
               [("ldb", "@;Engine:81-255,Target:3;0&1;%s;%s" % ((b"<b>" + w).hex(), (w + b" " + v).hex()))],
               b"<html><b>" + w + b"</b>" + v + b"</html>\n", HIT,
               note="one needs tags, the other needs none: two different texts")


# var Secret = "Hi <b>"; and go("@x") on a second line, as Microsoft's Script Encoder hides them.
ENCODED_SCRIPT = b'#@~^JgAAAA==-mD~U+1D+DP{~J_k~@!(@*EI@#@&dTG`r@$6rbuwgAAA==^#~@'


def encoded_scripts():
    plain = b'varsecret="hi<b>";go("@x")'
    tag = b'<html><p>a</p><script language="%s">' + ENCODED_SCRIPT + b'</script></html>'
    yield looks("html", "encoded_script", 3, plain + b"</script></html>", tag % b"JScript.Encode")
    yield looks("html", "encoded_script_alone", 3, b"<script>" + plain + b"</script>", ENCODED_SCRIPT)
    yield looks("html", "encoded_script_unnamed", 3, b'"jscript">' + plain, tag % b"JScript", MISS)


def _packed(content):
    return zlib.compress(content, 9)


def archives():
    def row(name, make, expect=HIT, note=""):
        m = M("archive " + name)
        inner = f.place(600, {300: m}) + bytes(2000)  # packs well, so the bytes are not in the archive itself
        return Case("archive", name, [("ndb", "@:0:*:" + m.hex())], make(inner), expect, note=note)

    zipped = lambda c: f.zip_of({"a.bin": c})
    yield row("zip", zipped)
    yield row("zip_stored", lambda c: f.zip_of({"a.bin": c}, stored=True))
    yield row("zip_second_member", lambda c: f.zip_of({"a": b"x" * 50, "b/c.bin": c}))
    yield row("zip_encrypted", lambda c: f.zip_encrypted(b"a.bin", c), MISS)
    yield row("zip_behind_a_program", lambda c: f.elf([(".text", f.filler(300))]) + zipped(c))
    yield row("zip_behind_an_exe", lambda c: f.pe([(".text", f.filler(300))], tail=zipped(c)))
    yield row("zip_behind_text", lambda c: b"words in front of the archive\n" * 10 + zipped(c))
    yield row("zip_behind_bytes", lambda c: f.filler(700) + zipped(c))
    yield row("zip_with_bytes_behind", lambda c: zipped(c) + f.filler(300))
    yield row("zip_without_directory", lambda c: zipped(c)[:zipped(c).index(b"PK\1\2")])
    yield row("zip_wrong_crc", lambda c: zipped(c).replace(zlib.crc32(c).to_bytes(4, "little"), b"\1\2\3\4"))
    yield row("zip_size_too_small", lambda c: zipped(c).replace(len(c).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    yield row("zip_size_too_large", lambda c: zipped(c).replace(len(c).to_bytes(4, "little"), (99999).to_bytes(4, "little")))
    yield row("zip_two_in_a_row", lambda c: f.zip_of({"x": b"y" * 99}) + zipped(c))
    yield row("gzip", f.gzip_of)
    yield row("gzip_two_members", lambda c: f.gzip_of(bytes(100)) + f.gzip_of(c))
    yield row("gzip_bytes_behind", lambda c: f.gzip_of(c) + f.filler(99))
    yield row("gzip_cut", lambda c: f.gzip_of(f.filler(3000, "cut") + c + f.filler(6000, "cut too"))[:-2000])
    yield row("bzip2", f.bzip2_of)
    yield row("bzip2_two_streams", lambda c: f.bzip2_of(bytes(100)) + f.bzip2_of(c))
    yield row("xz", f.xz_of)
    yield row("xz_two_streams", lambda c: f.xz_of(bytes(100)) + f.xz_of(c))
    yield row("lzma_alone", lambda c: __import__("lzma").compress(c, __import__("lzma").FORMAT_ALONE), MISS)
    yield row("zlib_alone", _packed, MISS)
    yield row("tar", lambda c: f.tar_of({"a.bin": c}))
    yield row("tar_gnu_long_name", lambda c: f.tar_of({"d" * 150 + "/a.bin": c}, f.tarfile.GNU_FORMAT))
    yield row("tar_pax", lambda c: f.tar_of({"d" * 150 + "/a.bin": c}, f.tarfile.PAX_FORMAT))
    yield row("tar_gzip", lambda c: f.gzip_of(f.tar_of({"a.bin": c})))
    yield row("tar_xz", lambda c: f.xz_of(f.tar_of({"a.bin": c})))
    yield row("cpio", lambda c: f.cpio_of({"a.bin": c}))
    yield row("cpio_gzip", lambda c: f.gzip_of(f.cpio_of({"a.bin": c})))
    yield row("ar", lambda c: b"!<arch>\n" + b"a.bin/          0           0     0     644     %-10d`\n" % len(c) + c)
    yield row("zip_in_zip", lambda c: zipped(zipped(c)))
    yield row("gzip_in_zip_in_tar", lambda c: f.tar_of({"z": zipped(f.gzip_of(c))}))
    yield row("program_in_zip", lambda c: zipped(f.elf([(".text", c)])))
    yield row("apk_like",
              lambda c: f.zip_of({"AndroidManifest.xml": b"\3\0\x08\0" + bytes(400), "classes.dex": b"dex\n035\0" + c}))
    yield row("swf_zlib", lambda c: b"CWS\x06" + (8 + len(c)).to_bytes(4, "little") + _packed(c))
    try:
        import zstandard
        yield row("zstd", lambda c: zstandard.ZstdCompressor().compress(c), MISS, note="read from 1.5 on?")
    except ImportError:
        pass
    for depth in (2, 5, 10, 15, 16, 17, 18, 20):
        def nest(c, depth=depth):
            for _ in range(depth):
                c = zipped(c)
            return c
        yield row("nested_%d_zips" % depth, nest, HIT if depth < 17 else MISS)
    for depth in (5, 15, 16, 17):
        def wrap(c, depth=depth):
            for _ in range(depth):
                c = f.gzip_of(c)
            return c
        yield row("nested_%d_gzips" % depth, wrap, HIT if depth < 17 else MISS)


def mails():
    def row(name, make, expect=HIT, note=""):
        m = M("mail " + name, 14)
        return Case("mail", name, [("ndb", "@:0:*:" + m.hex())], make(f.place(300, {100: m})), expect, note=note)

    attached = lambda c, encoding, encoded, kind="application/octet-stream": f.mail(b"hello",
        attachment=("a.bin", kind, encoding, encoded))
    yield row("base64", lambda c: attached(c, "base64", f.base64_lines(c)))
    yield row("base64_as_text", lambda c: attached(c, "base64", f.base64_lines(c), "text/plain"))
    yield row("base64_capital", lambda c: attached(c, "BASE64", f.base64_lines(c)))
    yield row("base64_without_line_ends", lambda c: attached(c, "base64", base64.b64encode(c)))
    yield row("base64_with_other_characters", lambda c: attached(c, "base64", f.base64_lines(c).replace(b"\r\n", b" \r\n  ")))
    yield row("base64_not_declared", lambda c: attached(c, "7bit", f.base64_lines(c)), MISS)
    yield row("quoted_printable", lambda c: attached(c, "quoted-printable",
                                                     b"=\r\n".join(b"".join(b"=%02X" % b for b in c[i:i + 20])
                                                                   for i in range(0, len(c), 20))))
    yield row("uuencode", lambda c: attached(c, "x-uuencode", f.uuencoded("a.bin", c)))
    yield row("uuencode_in_the_body", lambda c: f.mail(b"text\n\n" + f.uuencoded("a.bin", c)))
    yield row("uuencode_alone", lambda c: f.uuencoded("a.bin", c))
    yield row("body_is_base64", lambda c: f.mail(f.base64_lines(c), "application/octet-stream", "base64"))
    yield row("zip_attached", lambda c: attached(c, "base64", f.base64_lines(f.zip_of({"a": c + bytes(900)}))))
    yield row("mail_in_mail",
              lambda c: f.mail(b"x", attachment=("b.eml", "message/rfc822", "7bit", attached(c, "base64", f.base64_lines(c)))))
    yield row("nested_multipart", lambda c: f.mail(b"x", attachment=("b", 'multipart/mixed; boundary="inner"', "7bit",
              b'--inner\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n'
              + f.base64_lines(c) + b"\r\n--inner--\r\n")))
    yield row("no_final_boundary", lambda c: attached(c, "base64", f.base64_lines(c))[:-20])
    yield row("line_feeds_only", lambda c: attached(c, "base64", f.base64_lines(c)).replace(b"\r\n", b"\n"))
    yield row("mbox", lambda c: b"From a@example.org Mon Jan  1 00:00:00 2024\n"
              + attached(c, "base64", f.base64_lines(c)).replace(b"\r\n", b"\n"))
    yield row("mbox_second_message", lambda c: b"From a@example.org Mon Jan  1 00:00:00 2024\n"
              + f.mail(b"first").replace(b"\r\n", b"\n")
              + b"\nFrom b@example.org Mon Jan  1 00:00:00 2024\n"
              + attached(c, "base64", f.base64_lines(c)).replace(b"\r\n", b"\n"))
    yield row("message_in_zip", lambda c: f.zip_of({"a.eml": attached(c, "base64", f.base64_lines(c))}))
    w = f.word("mail html", 12)
    yield Case("mail", "html_part", [("ndb", "@:3:*:" + (b"<b>" + w).hex())],
               f.mail(b"<html><B>" + w.upper() + b"</B></html>", "text/html"), HIT)
    w = f.word("mail text", 12)
    yield Case("mail", "text_part_quoted_printable", [("ndb", "@:0:*:" + w.hex())],
               f.mail(w[:5] + b"=\r\n" + w[5:], "text/plain", "quoted-printable"), HIT)
    w = f.word("mail target", 12)
    yield Case("mail", "header_for_target_4", [("ndb", "@:4:*:" + (b"Subject: test").hex() + "*" + w.hex())],
               f.mail(b"Body " + w), HIT)


def documents():
    def row(group, name, make, expect=HIT, note=""):
        m = M("%s %s" % (group, name), 14)
        return Case(group, name, [("ndb", "@:0:*:" + m.hex())], make(f.place(300, {100: m}) + bytes(600)), expect, note=note)

    yield row("pdf", "flate", lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(c))]))
    yield row("pdf", "flate_in_a_list", lambda c: f.pdf([(b"/Filter [ /FlateDecode ]", _packed(c))]))
    yield row("pdf", "flate_short_name", lambda c: f.pdf([(b"/Filter /Fl", _packed(c))]))
    yield row("pdf", "name_in_hex", lambda c: f.pdf([(b"/Filter /Fl#61teDecode", _packed(c))]))
    yield row("pdf", "hex", lambda c: f.pdf([(b"/Filter /ASCIIHexDecode", f.ascii_hex(c))]))
    yield row("pdf", "base85", lambda c: f.pdf([(b"/Filter /ASCII85Decode", base64.a85encode(c) + b"~>")]))
    yield row("pdf", "base85_then_flate",
              lambda c: f.pdf([(b"/Filter [ /ASCII85Decode /FlateDecode ]", base64.a85encode(_packed(c)) + b"~>")]))
    yield row("pdf", "hex_then_flate", lambda c: f.pdf([(b"/Filter [/ASCIIHexDecode /FlateDecode]", f.ascii_hex(_packed(c)))]))
    yield row("pdf", "run_length",
              lambda c: f.pdf([(b"/Filter /RunLengthDecode", b"".join(bytes([len(c[i:i + 100]) - 1]) + c[i:i + 100]
                                                                      for i in range(0, len(c), 100)) + b"\x80")]))
    yield row("pdf", "no_filter", lambda c: f.pdf([(b"", c)]))
    yield row("pdf", "unknown_filter", lambda c: f.pdf([(b"/Filter /NobodyDecode", _packed(c))]), MISS)
    yield row("pdf", "length_too_short",
              lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(c))]).replace(b"/Length %d " % len(_packed(c)), b"/Length 9 "))
    yield row("pdf", "length_missing",
              lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(c))]).replace(b"/Length %d " % len(_packed(c)), b""))
    yield row("pdf", "length_too_long",
              lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(c))]).replace(b"/Length %d " % len(_packed(c)),
                                                                               b"/Length 99999 "))
    yield row("pdf", "second_stream",
              lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(b"x" * 99)), (b"/Filter /FlateDecode", _packed(c))]))
    yield row("pdf", "flate_cut", lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(c + f.filler(3000, "pdf cut"))[:-1500])]))
    yield row("pdf", "bytes_before_the_header", lambda c: f.filler(64) + f.pdf([(b"/Filter /FlateDecode", _packed(c))]))
    yield row("pdf", "inside_zip", lambda c: f.zip_of({"a.pdf": f.pdf([(b"/Filter /FlateDecode", _packed(c))])}))
    yield row("pdf", "zip_in_a_stream", lambda c: f.pdf([(b"/Filter /FlateDecode", _packed(f.zip_of({"a": c})))]))
    body = b"<< /Type /Action /S /JavaScript /JS (%s) >>"
    w = f.word("pdf object stream", 12)
    inner = b"9 0 " + body % (b"x(" + w + b")")
    yield Case("pdf", "object_stream", [("ndb", "@:0:*:" + w.hex())],
               f.pdf([(b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", _packed(inner))]), HIT)
    w = f.word("pdf javascript", 12)
    yield Case("pdf", "javascript_string", [("ndb", "@:7:*:" + (b"app.alert(" + w).hex())],
               f.pdf([], [body % (b"app.alert\\(" + w.upper() + b"\\)")]), HIT,
               note="is the string unescaped and normalised as a script?")
    w = f.word("pdf javascript kept", 12)
    yield Case("pdf", "javascript_string_keeps_its_escapes", [("ndb", "@:7:*:" + (b"app.alert\\(" + w).hex())],
               f.pdf([], [body % (b"app.alert\\(" + w.upper() + b"\\)")]), HIT)
    w = f.word("pdf javascript hex", 12)
    yield Case("pdf", "javascript_hex_string", [("ndb", "@:7:*:" + w.hex())],
               f.pdf([], [b"<< /S /JavaScript /JS <" + w.hex().encode() + b"> >>"]), HIT)
    w = f.word("pdf raw", 12)
    yield Case("pdf", "raw_bytes", [("ndb", "@:10:*:" + w.hex())], f.pdf([], [b"(" + w + b")"]), HIT)
    w = f.word("pdf stream target", 12)
    yield Case("pdf", "stream_is_not_target_10", [("ndb", "@:10:*:" + w.hex())],
               f.pdf([(b"/Filter /FlateDecode", _packed(w + bytes(300)))]), MISS)

    yield row("ole2", "stream", lambda c: f.ole2({"WordDocument": c}), note="also in the raw bytes")
    m = M("ole2 across sectors", 14)
    yield Case("ole2", "stream_is_an_object", [("ndb", "@:0:0:" + m.hex())],
               f.ole2({"Other": b"x", "Contents": m + f.filler(600)}), HIT,
               note="offset 0 of the stream")
    for name, module in (("vba", "VBA/Module1"), ("vba_in_macros", "Macros/Module1")):
        w = f.word("ole2 " + name, 12)
        source = b"Attribute VB_Name = \"Module1\"\r\nSub AutoOpen()\r\nMsgBox \"" + w.upper() + b"\"\r\nEnd Sub\r\n"
        yield Case("ole2", name, [("ndb", "@:0:*:" + w.hex())],
                   f.ole2({"WordDocument": b"x", module: f.vba_compressed(source)}), HIT,
                   note="compressed source, without a dir stream")
    yield row("rtf", "object", lambda c: b"{\\rtf1{\\object\\objemb{\\*\\objdata " + c.hex().encode() + b"}}}", MISS,
              note="not a package")
    docx = {"[Content_Types].xml": b'<?xml version="1.0"?><Types/>', "_rels/.rels": b"<Relationships/>",
            "word/document.xml": b"<w:document/>"}
    yield row("ooxml", "macro_project", lambda c: f.zip_of({**docx, "word/vbaProject.bin": f.ole2({"VBA": c})}))
    yield row("ooxml", "embedded", lambda c: f.zip_of({**docx, "word/embeddings/a.bin": c}))


def programs():
    m = M("embedded pe", 12)
    exe = f.pe([(".text", f.place(600, {100: m}))])
    for name, front, expect in (("in_bytes", f.filler(333), HIT), ("in_an_elf", f.elf([(".text", f.filler(333))]), HIT),
                                ("in_text", b"words " * 60, HIT)):
        yield Case("embedded", "exe_" + name, [("ndb", "@:1:S0+100:" + m.hex()[:-2] + "??")], front + exe, expect,
                   note="a program in the middle is an object of its own")
        m = M("embedded pe " + name, 12)
        exe = f.pe([(".text", f.place(600, {100: m}))])
    m = M("elf in bytes", 12)
    yield Case("embedded", "elf_in_bytes", [("ndb", "@:6:*:" + m.hex())],
               f.filler(333) + f.elf([(".text", f.place(600, {100: m}))]), MISS)
    m = M("exe in resource", 12)
    yield Case("embedded", "exe_in_an_exe", [("ndb", "@:1:S0+100:" + m.hex())],
               f.pe([(".text", f.filler(512)), (".data", f.pe([(".text", f.place(600, {100: m}))]))]), HIT)
    m = M("slice of a universal binary", 12)
    slices = b"\xca\xfe\xba\xbe" + b"".join(n.to_bytes(4, "big") for n in (2, 7, 3, 48, 16, 2, 12, 9, 64, 200, 2))
    yield Case("embedded", "universal_macho", [("ndb", "@:0:0:" + m.hex())],
               slices + b"\x90" * 16 + f.place(200, {0: m}), HIT, note="each program is an object of its own")
    w = f.word("pdf in bytes", 12)
    yield Case("embedded", "pdf_in_bytes", [("ndb", "@:0:*:" + w.hex())],
               f.filler(333) + f.pdf([(b"/Filter /FlateDecode", _packed(w + bytes(300)))]), HIT)
    w = f.word("page in bytes", 12)
    yield Case("embedded", "page_in_bytes", [("ndb", "@:3:*:" + (b"<b>" + w).hex())],
               f.filler(1500) + b"<html><B>" + w.upper() + b"</B></html>", HIT)
    w = f.word("page in elf", 12)
    yield Case("embedded", "page_in_an_elf", [("ndb", "@:3:*:" + (b"<b>" + w).hex())],
               f.elf([(".text", b"<html><B>" + w.upper() + b"</B></html>")]), MISS)
    w = f.word("mail in text", 12)
    message = f.mail(b"x", attachment=("a", "application/octet-stream", "base64", f.base64_lines(b"\1\0" * 9 + w)))
    yield Case("embedded", "mail_behind_text", [("ndb", "@:0:*:" + w.hex())], b"words before\n" * 3 + message, HIT)


def cases():
    for make in (texts, pages, encoded_scripts, archives, mails, documents, programs):
        yield from make()
