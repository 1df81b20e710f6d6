"""Cases of body signatures (.ndb): offsets, wildcards, gaps, alternatives, boundaries, targets."""
from . import files as f
from .cases import HIT, MISS, REFUSED, Case, around, body

M = f.mark


def plain():
    yield body("plain", "middle", M("middle").hex(), around(M("middle")))
    yield body("plain", "at_the_start", M("start").hex(), M("start") + f.filler(60))
    yield body("plain", "at_the_end", M("end").hex(), f.filler(60) + M("end"))
    yield body("plain", "whole_file", M("whole").hex(), M("whole"))
    yield body("plain", "last_byte_missing", M("cut").hex(), f.filler(60) + M("cut")[:-1], MISS)
    yield body("plain", "one_bit_off", M("bit").hex(), around(M("bit")[:5], bytes([M("bit")[5] ^ 1]), M("bit")[6:]), MISS)
    yield body("plain", "upper_case_hex", M("upper").hex().upper(), around(M("upper")))
    yield body("plain", "mixed_case_hex", M("mixed").hex().upper()[:9] + M("mixed").hex()[9:], around(M("mixed")))
    yield body("plain", "letters_keep_their_case", b"KeepThisCase".hex(), around(b"keepthiscase"), MISS)
    yield body("plain", "zeros_before_it", M("zeros").hex(), bytes(500) + M("zeros") + bytes(500))
    yield body("plain", "long", M("long", 300).hex(), around(M("long", 300)))
    yield body("plain", "long_with_last_byte_wrong", M("longer", 300).hex(), around(M("longer", 300)[:-1], b"\0"), MISS)
    yield body("plain", "repeated_prefix", (b"\x91" * 6 + b"\x92").hex(), around(b"\x91" * 9, b"\x92"), alone=True)
    for size in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15):
        s = M("size %d" % size, size)
        yield body("plain", "size_%d" % size, s.hex(), around(s), HIT if size > 1 else REFUSED, alone=True)
    far = M("far")
    for at in (8191, 131066, 131072, 262140):
        yield body("plain", "across_%d" % at, M("far %d" % at).hex(), f.filler(at) + M("far %d" % at) + f.filler(100))
    yield body("plain", "odd_number_of_digits", far.hex() + "a", around(far), REFUSED, alone=True)
    yield body("plain", "not_hex", far.hex() + "zz", around(far), REFUSED, alone=True)
    yield body("plain", "empty", "", around(far), REFUSED, alone=True)
    yield body("plain", "two_in_one_file", M("first").hex(), around(M("first"), f.filler(30, "x"), M("first")))
    c = M("comment")
    yield Case("plain", "comments_and_empty_lines",
               [("ndb", "# a comment"), ("ndb", ""), ("ndb", "@:0:*:" + c.hex()), ("ndb", "#@-b:0:*:" + c.hex())],
               around(c), HIT, alone=True)
    c = M("carriage return")
    yield Case("plain", "line_ends_with_carriage_return", [("ndb", "@:0:*:" + c.hex() + "\r")], around(c), HIT, alone=True)
    c = M("spaces")
    yield Case("plain", "space_before_the_name", [("ndb", " @:0:*:" + c.hex())], around(c), HIT, alone=True)
    c = M("braces")
    yield Case("plain", "name_with_braces", [("ndb", "{HEX}@:0:*:" + c.hex())], around(c), HIT, alone=True)
    c = M("twice")
    yield Case("plain", "same_body_two_names", [("ndb", "@:0:*:" + c.hex()), ("ndb", "@-b:0:*:" + c.hex())], around(c),
               {"", "-b"})
    c = M("three fields")
    yield Case("plain", "three_fields", [("ndb", "@:0:" + c.hex())], around(c), REFUSED, alone=True)
    yield Case("plain", "seven_fields", [("ndb", "@:0:*:" + c.hex() + ":50:255:1")], around(c), REFUSED, alone=True)


def levels():
    for name, text, expect in (("minimum_reached", ":50", HIT), ("minimum_not_reached", ":255", MISS),
                               ("between", ":50:255", HIT), ("maximum_below", ":50:99", MISS),
                               ("minimum_is_this", ":214", HIT), ("minimum_is_this_215", ":215", HIT),
                               ("minimum_is_next", ":230", MISS), ("not_a_number", ":abc", REFUSED),
                               ("maximum_only", "::255", REFUSED)):
        m = M("level " + name)
        yield body("level", name, m.hex(), around(m), expect, levels=text, alone=name in ("not_a_number", "maximum_only"))


def offsets():
    def at(size, where, name):
        return f.place(size, {where: M("offset " + name)}, tag="offset " + name)

    rows = (("zero", "0", 300, 0, HIT), ("zero_is_not_one", "0", 300, 1, MISS), ("exact", "100", 300, 100, HIT),
            ("one_less", "100", 300, 99, MISS), ("one_more", "100", 300, 101, MISS),
            ("shift_first", "100,20", 300, 100, HIT), ("shift_last", "100,20", 300, 120, HIT),
            ("shift_beyond", "100,20", 300, 121, MISS), ("shift_before", "100,20", 300, 99, MISS),
            ("shift_zero", "100,0", 300, 100, HIT),
            ("end", "EOF-12", 300, -12, HIT), ("end_exact", "EOF-50", 300, -50, HIT), ("end_less", "EOF-50", 300, -49, MISS),
            ("end_more", "EOF-50", 300, -51, MISS), ("end_shift_first", "EOF-50,20", 300, -50, HIT),
            ("end_shift_last", "EOF-50,20", 300, -30, HIT), ("end_shift_beyond", "EOF-50,20", 300, -29, MISS),
            ("end_before_the_file", "EOF-500", 300, 0, MISS), ("end_is_the_start", "EOF-300", 300, 0, HIT),
            ("end_shift_reaches_the_file", "EOF-310,20", 300, 5, MISS),
            ("far", "5000", 6000, 5000, HIT), ("far_in_the_window", "200000", 201000, 200000, HIT))
    for name, offset, size, where, expect in rows:
        yield body("offset", name, M("offset " + name).hex(), at(size, where, name), expect, offset=offset)
    m = M("offset refused")
    for name, offset in (("any_with_shift", "*,5"), ("negative", "-5"), ("words", "abc"), ("end_plus", "EOF+5"),
                         ("entry_without_program", "EP+0"), ("section_without_program", "S0+0"),
                         ("last_without_program", "SL+0"), ("whole_section_without_program", "SE0"),
                         ("version_without_program", "VI"), ("shift_is_a_word", "10,x"), ("empty", ""),
                         ("hex", "0x10"), ("macro_32", "$32$")):
        yield body("offset", "refused_" + name, m.hex(), around(m), REFUSED, offset=offset, alone=True)
    w = M("wild offset")
    yield body("offset", "wildcards_count", w[:4].hex() + "??" + w[5:].hex(), f.place(300, {77: w}), offset="77")
    yield body("offset", "of_the_first_part", w[:5].hex() + "*" + w[6:].hex(),
               f.place(300, {60: w[:5], 200: w[6:]}, "gap offset"), offset="60", alone=True)
    yield body("offset", "of_the_first_part_only", w[:5].hex() + "*" + w[6:].hex(),
               f.place(300, {60: w[:5], 200: w[6:]}, "gap offset"), MISS, offset="200", alone=True)
    yield body("offset", "end_counts_from_the_first_part", w[:5].hex() + "{10-200}" + w[6:].hex(),
               f.place(300, {60: w[:5], 200: w[6:]}, "gap offset"), offset="EOF-240", alone=True)
    yield body("offset", "second_occurrence_fits", M("again").hex(), f.place(300, {20: M("again"), 120: M("again")}),
               offset="120")
    yield body("offset", "alternative_first", "(%s|%s)%s" % (w[:1].hex(), "90", w[1:].hex()), f.place(300, {30: w}),
               offset="30",
               alone=True)
    yield body("offset", "end_in_an_inner_file", M("inner end").hex(),
               f.zip_of({"a.bin": f.place(400, {-30: M("inner end")})}), offset="EOF-30")


def _code(name, where, size=600):
    return f.place(size, {where: M("program " + name)}, tag="code")


def _programs():
    """(kind, target, file of the mark at an offset of the second section, whose entry is section 1 + 16)."""
    def pe32(code):
        return f.pe([(".text", f.filler(700, "text")), (".data", code), (".last", f.filler(500, "last"))], entry=0x2010)

    def pe64(code):
        return f.pe([(".text", f.filler(700, "text")), (".data", code), (".last", f.filler(500, "last"))], entry=0x2010,
                    plus=True)

    def elf64(code):
        return f.elf([(".text", f.filler(704, "text")), (".data", code), (".last", f.filler(512, "last"))], 1, 16)

    def elf32(code):
        return f.elf([(".text", f.filler(704, "text")), (".data", code), (".last", f.filler(512, "last"))], 1, 16, bits=32)

    def elf32be(code):
        return f.elf([(".text", f.filler(704, "text")), (".data", code)], 1, 16, bits=32, big_endian=True)

    return (("pe32", 1, pe32, 0), ("pe64", 1, pe64, 0), ("elf64", 6, elf64, 1), ("elf32", 6, elf32, 1),
            ("elf32be", 6, elf32be, 1))


def program_offsets():
    for kind, target, make, first in _programs():
        # `first`: the number of the first real section; ELF counts its empty section 0.
        second = 1 + first
        rows = (("entry", "EP+0", 16, HIT), ("entry_plus", "EP+30", 46, HIT), ("entry_plus_less", "EP+30", 45, MISS),
                ("entry_minus", "EP-10", 6, HIT), ("entry_minus_more", "EP-10", 5, MISS), ("entry_shift", "EP+0,20", 30, HIT),
                ("entry_shift_last", "EP+0,20", 36, HIT), ("entry_shift_beyond", "EP+0,20", 37, MISS),
                ("section", "S%d+0" % second, 0, HIT), ("section_plus", "S%d+100" % second, 100, HIT),
                ("section_plus_more", "S%d+100" % second, 101, MISS), ("section_shift", "S%d+100,30" % second, 130, HIT),
                ("section_shift_beyond", "S%d+100,30" % second, 131, MISS),
                ("first_section", "S%d+0" % first, 0, MISS), ("no_such_section", "S9+0", 0, MISS),
                ("whole_section", "SE%d" % second, 300, HIT), ("whole_section_start", "SE%d" % second, 0, HIT),
                ("whole_section_last", "SE%d" % second, 588, HIT), ("whole_other_section", "SE%d" % first, 300, MISS),
                ("last_section", "SL+0", 0, MISS), ("whole_section_none", "SE9", 300, MISS))
        for name, offset, where, expect in rows:
            tag = "%s_%s" % (kind, name)
            yield body("program", tag, M("program " + tag).hex(), make(_code(tag, where)), expect, offset=offset, target=target)
        tag = kind + "_absolute"
        content = make(_code(tag, 50))
        at = content.index(M("program " + tag))
        yield body("program", tag, M("program " + tag).hex(), content, offset=str(at), target=target)
        tag = kind + "_end"
        content = make(_code(tag, 50))
        yield body("program", tag, M("program " + tag).hex(), content, target=target,
                   offset="EOF-%d" % (len(content) - content.index(M("program " + tag))))
    for kind, target, make, _ in _programs()[:4]:
        tag = kind + "_last_section_hit"
        content = make(_code(tag, 50))
        last = content.index(f.filler(60, "last"))
        content = content[:last + 40] + M("program " + tag) + content[last + 52:]
        yield body("program", tag, M("program " + tag).hex(), content, offset="SL+40", target=target)
    info = {"CompanyName": "Company " + f.word("version").decode(), "FileVersion": "1.2.3"}
    content = f.pe([(".text", f.filler(100, "text"))], version=info)
    key = "CompanyName".encode("utf-16le")
    other = {"CompanyName": "Nobody"}
    value = info["CompanyName"].encode("utf-16le")
    yield body("program", "version_key", (key + b"\0\0").hex() + "{-6}" + value.hex(), content, offset="VI", target=1)
    info["CompanyName"] = "Business " + f.word("version plain").decode()
    value = info["CompanyName"].encode("utf-16le")
    content = f.pe([(".text", f.filler(100, "text"))], version=info)
    yield body("program", "version_key_without_a_gap", (key + b"\0\0\0\0").hex() + value.hex(), content, offset="VI", target=1)
    info["CompanyName"] = "Trade " + f.word("version value").decode()
    yield body("program", "version_value_is_not_a_key", info["CompanyName"].encode("utf-16le").hex(),
               f.pe([(".text", f.filler(100, "text"))], version=info), MISS, offset="VI", target=1)
    yield body("program", "version_elsewhere", (key + b"\0\0\0\0").hex() + "{-6}" + f.word("no version").hex(),
               f.pe([(".text", key + b"\0\0\0\0" + f.word("no version"))], version=other), MISS, offset="VI", target=1)
    m = M("overlay")
    content = f.pe([(".text", f.filler(100, "text"))], tail=f.filler(100, "tail") + m)
    yield body("program", "behind_the_last_section", m.hex(), content, target=1)
    yield body("program", "behind_the_last_section_end", M("overlay end").hex(),
               f.pe([(".text", f.filler(100, "text"))], tail=M("overlay end")), offset="EOF-12", target=1)
    macho = f.macho([("__text", f.filler(200, "text")), ("__data", f.place(300, {40: M("macho")}))])
    yield body("program", "macho_section", M("macho").hex(), macho, offset="S1+40", target=9)
    other = f.macho([("__text", f.filler(200, "text")), ("__data", f.place(300, {40: M("macho other")}))])
    yield body("program", "macho_wrong_section", M("macho other").hex(), other, MISS, offset="S0+40", target=9)
    broken = b"MZ" + f.place(400, {100: M("broken header")})
    yield body("program", "broken_absolute", M("broken header").hex(), broken, MISS, offset="102", target=1)
    broken = b"MZ" + f.place(400, {100: M("broken any")})
    yield body("program", "broken_any", M("broken any").hex(), broken, HIT, target=1, note="no PE header at all")
    broken_end = b"MZ" + f.place(400, {-30: M("broken end")})
    yield body("program", "broken_end", M("broken end").hex(), broken_end, MISS, offset="EOF-30", target=1)
    broken_zero = b"MZ" + f.place(400, {-30: M("broken end 0")})
    yield body("program", "broken_end_any_target", M("broken end 0").hex(), broken_zero, HIT, offset="EOF-30", target=0)
    broken_elf = b"\x7fELF\x02\x01\x01" + f.place(400, {-30: M("broken elf")})
    yield body("program", "broken_elf_end", M("broken elf").hex(), broken_elf, MISS, offset="EOF-30", target=6)
    broken_elf2 = b"\x7fELF\x02\x01\x01" + f.place(400, {-30: M("broken elf any")})
    yield body("program", "broken_elf_any", M("broken elf any").hex(), broken_elf2, HIT, target=6)


def wildcards():
    def parts(name, *cuts):
        m = M("wild " + name, 24)
        return [m[a:b] for a, b in zip((0, *cuts), (*cuts, 24))]

    def case(name, pattern, content, expect=HIT, **more):
        return body("wildcard", name, pattern, content, expect, **more)

    a, b = parts("any", 12)
    yield case("any_byte", a.hex() + "??" + b.hex(), around(a, b"\0", b))
    a, b = parts("any2", 12)
    yield case("any_byte_needs_a_byte", a.hex() + "??" + b.hex(), around(a, b), MISS)
    a, b = parts("any3", 12)
    yield case("two_any_bytes", a.hex() + "????" + b.hex(), around(a, b"\1\2", b))
    a = M("wild start")
    yield case("any_byte_first", "??" + a.hex(), around(a))
    yield case("any_byte_first_at_the_start", "??" + M("wild start 0").hex(), M("wild start 0") + f.filler(40), MISS)
    yield case("any_byte_last", M("wild last").hex() + "??", around(M("wild last")))
    yield case("any_byte_last_at_the_end", M("wild last 0").hex() + "??", f.filler(40) + M("wild last 0"), MISS)
    for name, digits, byte, expect in (("low_any", "7?", 0x7f, HIT), ("low_any_other", "7?", 0x6f, MISS),
                                       ("high_any", "?7", 0xf7, HIT), ("high_any_other", "?7", 0xf8, MISS)):
        m = M("nibble " + name, 24)
        yield case("nibble_" + name, m[:10].hex() + digits + m[10:].hex(), around(m[:10], bytes([byte]), m[10:]), expect)
    m = M("nibble first")
    yield case("nibble_first", m.hex()[0] + "?" + m[1:].hex(), around(m))
    m = M("nibble last")
    yield case("nibble_last", m[:-1].hex() + "?" + m.hex()[-1], around(m))
    m = M("many nibbles", 16)
    yield case("every_second_nibble", m[:4].hex() + "".join(x.hex()[0] + "?" for x in (m[i:i + 1] for i in range(4, 10)))
               + m[10:].hex(),
               around(m))
    for name, gap, distances in (
            ("exact_4", "{4}", {3: 0, 4: 1, 5: 0}), ("exact_0", "{0}", {0: 1, 1: 0}),
            ("exact_127", "{127}", {126: 0, 127: 1, 128: 0}),
            ("exact_128", "{128}", {127: 0, 128: 1, 129: 0}), ("exact_300", "{300}", {299: 0, 300: 1, 301: 0}),
            ("at_least_5", "{5-}", {4: 0, 5: 1, 500: 1}), ("at_most_5", "{-5}", {0: 1, 5: 1, 6: 0}),
            ("between_5_9", "{5-9}", {4: 0, 5: 1, 9: 1, 10: 0}), ("between_equal", "{6-6}", {5: 0, 6: 1, 7: 0}),
            ("star", "*", {0: 1, 1: 1, 3000: 1}), ("two_gaps", "{2-3}%s{4-6}", {}),
            ("wide", "{100-2000}", {99: 0, 100: 1, 2000: 1, 2001: 0})):
        for distance, hit in distances.items():
            m = M("gap %s %d" % (name, distance), 20)
            yield case("gap_%s_at_%d" % (name, distance), m[:10].hex() + gap + m[10:].hex(),
                       around(m[:10], f.filler(distance, "gap"), m[10:]), HIT if hit else MISS)
    m = M("two gaps", 24)
    yield case("two_gaps", m[:8].hex() + "{2-3}" + m[8:16].hex() + "{4-6}" + m[16:].hex(),
               around(m[:8], b"\1\1\1", m[8:16], b"\1\1\1\1", m[16:]))
    m = M("two gaps second wrong", 24)
    yield case("two_gaps_second_wrong", m[:8].hex() + "{2-3}" + m[8:16].hex() + "{4-6}" + m[16:].hex(),
               around(m[:8], b"\1\1\1", m[8:16], b"\1\1\1", m[16:]), MISS)
    m = M("retry", 24)
    yield case("gap_tries_later_second_part", m[:12].hex() + "{6-8}" + m[12:].hex(),
               around(m[:12], b"\1\1", m[12:], f.filler(40, "r"), m[:12], f.filler(7, "s"), m[12:]))
    m = M("retry first", 24)
    yield case("gap_earlier_first_part", m[:12].hex() + "{30-40}" + m[12:].hex(),
               around(m[:12], f.filler(10, "t"), m[:12], f.filler(3, "u"), m[12:]), MISS)
    m = M("retry both", 24)
    yield case("gap_first_part_twice", m[:12].hex() + "{20-30}" + m[12:].hex(),
               around(m[:12], f.filler(10, "t"), m[:12], f.filler(3, "u"), m[12:]), HIT,
               note="the gap from the first occurrence is 25")
    m = M("backwards", 24)
    yield case("star_wrong_order", m[:12].hex() + "*" + m[12:].hex(), around(m[12:], f.filler(20, "v"), m[:12]), MISS)
    m = M("overlapping", 12)
    yield case("star_parts_do_not_overlap", m.hex() + "*" + m[6:].hex(), around(m), MISS)
    m = M("parts", 30)
    yield case("three_parts", "*".join((m[:10].hex(), m[10:20].hex(), m[20:].hex())),
               around(m[:10], f.filler(200, "w"), m[10:20], f.filler(100, "x"), m[20:]))
    m = M("mixed gaps", 30)
    yield case("star_then_any_then_gap", m[:8].hex() + "*" + m[8:16].hex() + "??" + m[16:22].hex() + "{-10}" + m[22:].hex(),
               around(m[:8], f.filler(99, "y"), m[8:16], b"\7", m[16:22], b"\7\7", m[22:]))
    m = M("gap ends the file", 24)
    yield case("gap_then_end", m[:12].hex() + "{4-8}" + m[12:].hex(), f.filler(40) + m[:12] + f.filler(6, "z") + m[12:])
    m = M("refused gap", 24)
    for name, pattern, expect in (
            ("reversed", m[:12].hex() + "{9-5}" + m[12:].hex(), REFUSED), ("open", m[:12].hex() + "{4" + m[12:].hex(), REFUSED),
            ("empty", m[:12].hex() + "{}" + m[12:].hex(), REFUSED), ("word", m[:12].hex() + "{x}" + m[12:].hex(), REFUSED),
            ("first", "{4}" + m.hex(), HIT), ("last", m.hex() + "{4}", HIT), ("first_range", "{4-6}" + m.hex(), REFUSED),
            ("last_range", m.hex() + "{4-6}", REFUSED), ("star_first", "*" + m.hex(), REFUSED),
            ("star_last", m.hex() + "*", REFUSED), ("two_stars", m[:12].hex() + "**" + m[12:].hex(), REFUSED),
            ("one_byte_part", m[:12].hex() + "*" + m[12:13].hex(), REFUSED),
            ("one_byte_first_part", m[:1].hex() + "*" + m[12:].hex(), REFUSED),
            ("two_byte_part", m[:12].hex() + "*" + m[12:14].hex(), HIT),
            ("part_of_wildcards", m[:12].hex() + "*????" + "*" + m[12:].hex(), REFUSED),
            ("only_wildcards", "????????", REFUSED), ("nibbles_only", "a?b?c?d?", REFUSED),
            ("one_static_byte", "??" + m[:1].hex() + "??", REFUSED),
            ("static_bytes_apart", m[:1].hex() + "??" + m[2:3].hex() + "??" + m[4:5].hex(), REFUSED),
            ("half_wildcard", m[:12].hex() + "?" + m[12:].hex(), REFUSED),
            ("minus_only", m[:12].hex() + "{-}" + m[12:].hex(), REFUSED)):
        yield case("form_" + name, pattern, around(m), expect, alone=True)


def near_ranges():
    """[x-y]: a single byte near the pattern."""
    for name, pattern, distance, expect in (
            ("first_2", "{a}[2-4]{b}", 2, HIT), ("first_4", "{a}[2-4]{b}", 4, HIT), ("first_1", "{a}[2-4]{b}", 1, MISS),
            ("first_5", "{a}[2-4]{b}", 5, MISS), ("first_0", "{a}[0-4]{b}", 0, HIT), ("exact", "{a}[3]{b}", 3, HIT),
            ("exact_less", "{a}[3]{b}", 2, MISS), ("at_32", "{a}[1-32]{b}", 32, HIT)):
        m = M("near " + name, 13)
        yield body("near", name, pattern.replace("{a}", m[:1].hex()).replace("{b}", m[1:].hex()),
                   around(m[:1], b"\x02" * distance, m[1:]), expect)
        m = M("near behind " + name, 13)
        yield body("near", "behind_" + name, pattern.replace("{a}", m[:12].hex()).replace("{b}", m[12:].hex()),
                   around(m[:12], b"\x02" * distance, m[12:]), expect)
    m = M("near both", 14)
    yield body("near", "both_sides", "%s[1-4]%s[2-3]%s" % (m[:1].hex(), m[1:13].hex(), m[13:].hex()),
               around(m[:1], b"\2\2\2", m[1:13], b"\2\2", m[13:]))
    for name, pattern in (("too_wide", m[:1].hex() + "[1-33]" + m[1:].hex()),
                          ("two_bytes", m[:2].hex() + "[1-4]" + m[2:].hex()),
                          ("middle", m[:6].hex() + "[1-4]" + m[6:].hex()), ("reversed", m[:1].hex() + "[4-2]" + m[1:].hex()),
                          ("open", m[:1].hex() + "[4" + m[1:].hex()),
                          ("three", m[:1].hex() + "[1-2]" + m[1:6].hex() + "[1-2]" + m[6:12].hex() + "[1-2]" + m[12:13].hex())):
        yield body("near", "refused_" + name, pattern, around(m), REFUSED, alone=True)


def alternatives():
    def case(name, pattern, content, expect=HIT, **more):
        return body("alternative", name, pattern, content, expect, **more)

    for name, choice, middle, expect in (
            ("first", "(11|22|33)", b"\x11", HIT), ("last", "(11|22|33)", b"\x33", HIT), ("none", "(11|22|33)", b"\x44", MISS),
            ("pairs", "(1111|2222)", b"\x22\x22", HIT), ("pairs_mixed", "(1111|2222)", b"\x11\x22", MISS),
            ("one", "(55)", b"\x55", HIT),
            ("unequal_short", "(11|2233)", b"\x11", HIT), ("unequal_long", "(11|2233)", b"\x22\x33", HIT),
            ("unequal_none", "(11|2233)", b"\x22", MISS), ("with_wildcard", "(1?|22)", b"\x1f", HIT),
            ("with_wildcard_other", "(1?|22)", b"\x22", HIT), ("with_wildcard_none", "(1?|22)", b"\x2f", MISS),
            ("with_any_byte", "(11??33|44)", b"\x11\x99\x33", HIT),
            ("nested", "((11|22)33|44)", b"\x22\x33", HIT), ("nested_other", "((11|22)33|44)", b"\x44", HIT),
            ("nested_none", "((11|22)33|44)", b"\x33\x33", MISS),
            ("negated", "!(11|22)", b"\x33", HIT), ("negated_excluded", "!(11|22)", b"\x22", MISS),
            ("negated_pairs", "!(1111|2222)", b"\x11\x22", HIT), ("negated_pairs_excluded", "!(1111|2222)", b"\x22\x22", MISS),
            ("negated_one", "!(11)", b"\x12", HIT), ("negated_needs_a_byte", "!(11)", b"", MISS),
            ("range_inside", "(11{2}22|33)", b"\x11\x99\x99\x22", HIT),
            ("range_inside_off", "(11{2}22|33)", b"\x11\x99\x22", MISS),
            ("range_range_inside", "(11{1-3}22|33)", b"\x11\x99\x99\x22", REFUSED),
            ("star_inside", "(11*22|33)", b"\x11\x99\x22", REFUSED),
            ("empty_choice", "(11|)", b"", REFUSED), ("empty", "()", b"", REFUSED), ("open", "(11|22", b"\x11", REFUSED),
            ("closed_only", "11|22)", b"\x11", REFUSED), ("negated_unequal", "!(11|2233)", b"\x44", REFUSED),
            ("negated_wildcard", "!(1?|22)", b"\x44", REFUSED), ("odd_digits", "(11|2)", b"\x11", REFUSED),
            ("two_in_a_row", "(11|22)(33|44)", b"\x22\x33", HIT), ("two_in_a_row_swapped", "(11|22)(33|44)", b"\x33\x22", MISS),
            ("many", "(" + "|".join("%02x" % i for i in range(1, 60)) + ")", b"\x3b", HIT),
            ("long", "(%s|%s)" % (M("alt x", 20).hex(), M("alt y", 20).hex()), M("alt y", 20), HIT),
            ("duplicate_choices", "(11|11)", b"\x11", HIT)):
        m = M("alternative " + name, 20)
        yield case(name, m[:10].hex() + choice + m[10:].hex(), around(m[:10], middle, m[10:]), expect, alone=expect is REFUSED)
    m = M("alternative start")
    yield case("at_the_start", "(11|22)" + m.hex(), around(b"\x22", m))
    m = M("alternative start none")
    yield case("at_the_start_none", "(11|22)" + m.hex(), around(b"\x23", m), MISS)
    m = M("alternative end")
    yield case("at_the_end", m.hex() + "(11|22)", around(m, b"\x22"))
    m = M("alternative end of file")
    yield case("at_the_end_of_the_file", m.hex() + "(11|22)", f.filler(40) + m, MISS)
    m = M("negated end of file")
    yield case("negated_at_the_end_of_the_file", m.hex() + "!(11|22)", f.filler(40) + m, MISS)
    a, b = M("only alternatives a"), M("only alternatives b")
    yield case("nothing_else", "(%s|%s)" % (a.hex(), b.hex()), around(b), REFUSED, alone=True)
    m = M("unequal then gap", 24)
    yield case("unequal_then_gap", m[:8].hex() + "(11|2233)" + m[8:16].hex() + "{2-4}" + m[16:].hex(),
               around(m[:8], b"\x22\x33", m[8:16], b"\x99\x99\x99", m[16:]))
    m = M("unequal start")
    yield case("unequal_at_the_start", "(11|2233)" + m.hex(), around(b"\x22\x33", m))
    m = M("unequal start offset")
    yield case("unequal_at_the_start_offset", "(11|2233)" + m.hex(), f.place(200, {50: b"\x22\x33" + m}), offset="50")


def boundaries():
    """(B) word, (L) line, (W) not alphanumeric, at either end, and their negations."""
    for letter in "BLW":
        for side in ("left", "right"):
            for negated in (False, True):
                for name, byte in (("space", b" "), ("newline", b"\n"), ("return", b"\r"), ("letter", b"k"), ("digit", b"7"),
                                   ("underscore", b"_"), ("dot", b"."), ("comma", b","), ("quote", b'"'), ("zero", b"\0"),
                                   ("high", b"\xc3"), ("none", b"")):
                    tag = "%s_%s%s_%s" % (letter.lower(), side, "_not" if negated else "", name)
                    w = f.mark("boundary " + tag, 10)
                    mark = ("!" if negated else "") + "(%s)" % letter
                    pattern = mark + w.hex() if side == "left" else w.hex() + mark
                    content = byte + w + f.filler(30) if side == "left" else f.filler(30) + w + byte
                    word = name not in ("letter", "digit", "underscore", "high") if letter == "B" else \
                        name in ("newline", "return", "none") if letter == "L" else name not in ("letter", "digit")
                    if name != "none":
                        content = f.filler(30, "q") + content if side == "left" else content + f.filler(30, "q")
                    yield body("boundary", tag, pattern, content, HIT if word != negated else MISS,
                               alone=name == "none", note="what counts as a boundary is found out here")
    m = M("boundary middle", 20)
    for letter, byte in (("B", b" "), ("B", b"k"), ("W", b"."), ("W", b"k"), ("L", b"\n"), ("L", b"\r\n"), ("L", b"k")):
        tag = "middle_%s_%s" % (letter.lower(), byte.hex())
        w = f.mark("boundary " + tag, 20)
        yield body("boundary", tag, w[:10].hex() + "(%s)" % letter + w[10:].hex(), around(w[:10], byte, w[10:]),
                   MISS if byte == b"k" else HIT, note="in the middle a boundary eats a byte")
    yield body("boundary", "in_the_middle", m[:10].hex() + "(B)" + m[10:].hex(), around(m), MISS, alone=True)
    yield body("boundary", "only", "(B)", around(m), REFUSED, alone=True)
    w = f.mark("boundary both", 10)
    yield body("boundary", "both_sides", "(B)" + w.hex() + "(B)", around(b" ", w, b" "))
    w = f.mark("boundary both one", 10)
    yield body("boundary", "both_sides_one_missing", "(B)" + w.hex() + "(B)", around(b" ", w, b"k"), MISS)
    w = f.mark("boundary gap", 20)
    yield body("boundary", "before_a_gap", w[:10].hex() + "(B){2-5}" + w[10:].hex(), around(w[:10], b" \1\1", w[10:]),
               alone=True)


def carriers():
    """One word in a file of every kind; which targets look there?"""
    w = f.word("carrier", 16)
    sentence = b"some words and " + w + b" and more words\n"
    raw = f.place(300, {100: w})
    return w, {
        "binary": raw, "text": sentence * 3, "pe": f.pe([(".text", raw)]), "elf": f.elf([(".text", raw)]),
        "ole2": f.ole2({"WordDocument": raw}), "html": b"<html><body><p>" + sentence + b"</p></body></html>\n",
        "mail": f.mail(sentence), "gif": f.gif(w), "jpeg": f.jpeg(w), "png": f.png(extra=w), "tiff": f.tiff(raw),
        "bmp": b"BM" + raw,
        "macho": f.macho([("__text", raw)]), "pdf": f.pdf([], [b"(" + w + b")"]), "swf": f.swf(raw), "java": f.java_class(w),
        "rtf": b"{\\rtf1 " + sentence + b"}", "script": b"#!/bin/sh\necho " + w + b"\n",
        "xml": b'<?xml version="1.0"?><a>' + w + b"</a>",
        "utf8": "caf\u00e9 \u2014 ".encode() + sentence, "utf16le": b"\xff\xfe" + sentence.decode().encode("utf-16le"),
        "utf16be": b"\xfe\xff" + sentence.decode().encode("utf-16be"), "ps": b"%!PS-Adobe-3.0\n" + sentence,
        "zip_comment": f.zip_of({"a.txt": b"x"}, comment=w), "zip_text": f.zip_of({"a.txt": sentence}),
        "zip_stored": f.zip_of({"a.bin": raw}, stored=True), "gzip": f.gzip_of(raw), "tar": f.tar_of({"a.bin": raw}),
        "mp3": b"ID3\4" + raw, "riff": b"RIFF" + raw, "sqlite": b"SQLite format 3\0" + raw, "ogg": b"OggS" + raw,
        "pyc": b"\xa7\x0d\x0d\x0a" + raw, "lnk": bytes.fromhex("4c0000000114020000000000c000000000000046") + raw,
        "rtf_text_before": b"words " + b"{\\rtf1 " + sentence + b"}", "class_in_text": sentence + b"\xca\xfe\xba\xbe",
        "dex": b"dex\n035\0" + raw, "axml": b"\x03\0\x08\0" + raw, "json": b'{"a": "' + w + b'"}\n',
        "empty_then_zero": b"\0" * 20 + raw,
    }


# What the documentation says about targets; 0 looks everywhere.
TARGET_OF = {"pe": 1, "ole2": 2, "html": 3, "mail": 4, "gif": 5, "jpeg": 5, "png": 5, "tiff": 5, "bmp": 5, "elf": 6, "text": 7,
             "utf8": 7,
             "script": 7, "rtf": 14, "macho": 9, "pdf": 10, "swf": 11, "java": 12, "zip_text": 7}


def targets():
    w, kinds = carriers()
    for kind, content in kinds.items():
        own = f.word("target " + kind, 16)
        lines = [("ndb", "@-%d:%d:*:%s" % (t, t, own.hex())) for t in (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14)]
        if kind.startswith("utf16"):
            content = content.replace(w.decode().encode("utf-16" + kind[5:]), own.decode().encode("utf-16" + kind[5:]))
        elif kind in ("png", "zip_text", "zip_stored", "gzip", "tar", "zip_comment"):
            raw, sentence = f.place(300, {100: own}), b"some words and " + own + b" and more words\n"
            content = {"png": f.png(extra=own), "zip_text": f.zip_of({"a.txt": sentence}),
                       "zip_comment": f.zip_of({"a.txt": b"x"}, comment=own),
                       "zip_stored": f.zip_of({"a.bin": raw}, stored=True), "gzip": f.gzip_of(raw),
                       "tar": f.tar_of({"a.bin": raw})}[kind]
        else:
            content = content.replace(w, own)
        expect = {"-0"} | ({"-%d" % TARGET_OF[kind]} if kind in TARGET_OF else set())
        yield Case("target", kind, lines, content, expect)
    m = M("unknown target")
    yield body("target", "unknown_15", m.hex(), around(m), MISS, target=15, alone=True, note="an unknown number skips the line")
    yield body("target", "unknown_99", m.hex(), around(m), MISS, target=99, alone=True)
    yield body("target", "not_a_number", m.hex(), around(m), REFUSED, target="x", alone=True)
    yield body("target", "empty", m.hex(), around(m), REFUSED, target="", alone=True)
    yield body("target", "unused_8", m.hex(), around(m), MISS, target=8, alone=True)


def cases():
    for make in (plain, levels, offsets, program_offsets, wildcards, near_ranges, alternatives, boundaries, targets):
        yield from make()
