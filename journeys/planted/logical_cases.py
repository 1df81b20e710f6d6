"""Cases of logical signatures (.ldb): expressions, modifiers, conditions, special subsignatures."""
from . import files as f
from .cases import HIT, MISS, REFUSED, Case, around, logical

M = f.mark
MODERN = "Engine:100-255"


def marks(name, count, size=10):
    return [M("%s %d" % (name, i), size) for i in range(count)]


def expressions():
    # Present: how often each of the four subsignatures stands in the file.
    rows = (
        ("and_both", "0&1", (1, 1), 1), ("and_one", "0&1", (1, 0), 0), ("or_one", "0|1", (0, 1), 1),
        ("or_none", "0|1", (0, 0), 0),
        ("one", "0", (1,), 1), ("parenthesised", "(0)", (1,), 1), ("and_or", "(0&1)|2", (0, 0, 1), 1),
        ("and_or_left", "(0&1)|2", (1, 1, 0), 1), ("and_or_neither", "(0&1)|2", (1, 0, 0), 0),
        ("or_and", "0&(1|2)", (1, 0, 1), 1), ("or_and_none", "0&(1|2)", (1, 0, 0), 0),
        ("nested", "((0|1)&(2|3))", (0, 1, 1, 0), 1), ("nested_half", "((0|1)&(2|3))", (1, 1, 0, 0), 0),
        ("and_chain", "0&1&2&3", (1, 1, 1, 1), 1), ("and_chain_short", "0&1&2&3", (1, 1, 1, 0), 0),
        ("or_chain", "0|1|2|3", (0, 0, 0, 1), 1),
        ("mixed_without_parentheses_or_and", "0|1&2", (1, 0, 0), 1),
        ("mixed_without_parentheses_or_and_2", "0|1&2", (0, 1, 1), 1),
        ("mixed_without_parentheses_and_or", "0&1|2", (0, 0, 1), 1),
        ("mixed_without_parentheses_and_or_2", "0&1|2", (1, 0, 1), 1),
        ("right_to_left_and_or", "0&1|2", (1, 0, 0), 0), ("right_to_left_or_and_chain", "0|1&2|3", (0, 1, 0, 1), 1),
        ("right_to_left_and_or_and", "0&1|2&3", (1, 0, 1, 1), 1),
        ("right_to_left_and_or_and_short", "0&1|2&3", (0, 0, 1, 1), 0),
        ("count_exact", "0=2", (2,), 1), ("count_exact_more", "0=2", (3,), 0), ("count_exact_less", "0=2", (1,), 0),
        ("count_more", "0>2", (3,), 1), ("count_more_equal", "0>2", (2,), 0), ("count_more_than_none", "0>0", (1,), 1),
        ("count_less", "0<3", (2,), 1), ("count_less_equal", "0<3", (3,), 0), ("count_less_none", "0<3", (0,), 1),
        ("none_alone", "0=0", (0,), 1), ("none_alone_present", "0=0", (1,), 0),
        ("none_with_other", "0&(1=0)", (1, 0), 1), ("none_with_other_present", "0&(1=0)", (1, 1), 0),
        ("none_with_other_plain", "0&1=0", (1, 0), 1), ("none_first", "(1=0)&0", (1, 0), 1),
        ("block_sum", "(0|1)=3", (1, 2), 1), ("block_sum_less", "(0|1)=3", (1, 1), 0), ("block_sum_more", "(0|1)=3", (2, 2), 0),
        ("block_more", "(0|1|2)>2", (1, 1, 1), 1), ("block_more_equal", "(0|1|2)>2", (1, 1, 0), 0),
        ("block_less", "(0|1)<3", (1, 1), 1), ("block_less_more", "(0|1)<3", (2, 1), 0),
        ("block_none", "(0|1)=0", (0, 0), 1), ("block_none_present", "(0|1)=0", (0, 1), 0),
        ("block_and_count", "(0&1)=2", (1, 1), 1), ("block_and_count_one_missing", "(0&1)=2", (2, 0), 0),
        ("block_and_more", "(0&1)>2", (2, 1), 1),
        ("distinct", "(0|1|2)>1,2", (1, 1, 0), 1), ("distinct_one_kind", "(0|1|2)>1,2", (3, 0, 0), 0),
        ("distinct_exact", "(0|1|2)=3,2", (2, 1, 0), 1), ("distinct_exact_three", "(0|1|2)=3,3", (1, 1, 1), 1),
        ("distinct_exact_three_short", "(0|1|2)=3,3", (2, 1, 0), 0), ("distinct_single", "0=2,1", (2,), 1),
        ("distinct_less", "(0|1)<4,2", (1, 1), 1), ("count_of_count", "((0=2)|1)>0", (2, 0), 1),
        ("three_levels", "(((0&1)|2)&3)", (1, 1, 0, 1), 1), ("unused_subsignature", "0", (1, 0), 1),
        ("same_twice", "0&0", (1,), 1), ("deep", "((((0))))", (1,), 1), ("large_count", "0>15", (16,), 1),
        ("large_count_equal", "0>15", (15,), 0), ("count_10", "0=10", (10,), 1), ("negated_or_present", "(0=0)|1", (1, 1), 1),
        ("two_counts", "(0>1)&(1>1)", (2, 2), 1), ("two_counts_short", "(0>1)&(1>1)", (2, 1), 0),
        ("all_negative", "(0=0)&(1=0)", (0, 0), 1))
    for name, expression, present, hit in rows:
        own = marks("expression " + name, len(present))
        parts = [b for m, count in zip(own, present) for b in [m + b"\1\2"] * count]
        # A signature that wants nothing to be there would be found in every other case's file.
        everywhere = name in ("none_alone", "block_none", "count_less_none", "all_negative", "none_alone_present",
                              "block_none_present",
                              "negated_or_present", "count_less", "count_less_equal", "block_less", "block_less_more",
                              "distinct_less")
        yield logical("expression", name, expression, [m.hex() for m in own], around(*parts), HIT if hit else MISS,
                      alone=everywhere)
    a, b = marks("expression refused", 2)
    for name, expression in (("index_too_large", "0&5"), ("open", "(0&1"), ("closed", "0&1)"), ("empty", ""), ("word", "a&b"),
                             ("operator_last", "0&"), ("operator_first", "&0"), ("no_operator", "0 1"), ("not", "!0"),
                             ("spaces", "0 & 1"),
                             ("double_operator", "0&&1"), ("count_word", "0=x"), ("at_least", "0>=1"),
                             ("empty_parentheses", "()"),
                             ("count_empty", "0="), ("comma_only", "0=1,"), ("plus", "0+1"), ("brackets", "[0&1]")):
        yield logical("expression", "refused_" + name, expression, [a.hex(), b.hex()], around(a, b), REFUSED, alone=True)
    yield Case("expression", "refused_no_subsignature", [("ldb", "@;Engine:81-255,Target:0;0")], around(a), REFUSED, alone=True)
    yield Case("expression", "refused_no_description", [("ldb", "@;0;%s" % a.hex())], around(a), REFUSED, alone=True)
    many = [M("many %d" % i, 8) for i in range(64)]
    yield logical("expression", "sixty_four_subsignatures", "&".join(str(i) for i in range(64)), [m.hex() for m in many],
                  around(*many))
    many = [M("too many %d" % i, 8) for i in range(65)]
    yield logical("expression", "sixty_five_subsignatures", "&".join(str(i) for i in range(65)), [m.hex() for m in many],
                  around(*many),
                  REFUSED, alone=True)


def counting():
    yield logical("counting", "overlapping", "0=4", ["81828182"], around(b"\x81\x82" * 5), alone=True)
    yield logical("counting", "overlapping_run", "0=5", ["8b8b8b8b"], around(b"\x8b" * 8), alone=True)
    def counts(name, body, content):
        """Which exact counts hold? `-3`: three."""
        lines = [("ldb", "@-%d;Engine:81-255,Target:0;0=%d;%s" % (n, n, body)) for n in range(1, 8)]
        return Case("counting", name, lines, content, {"-1"}, note="how often a body with a gap counts is written nowhere")

    for name, gap, order in (("gap_one_start_two_ends", "{-60}", "abb"), ("gap_two_starts_one_end", "{-60}", "aab"),
                             ("gap_two_and_two", "{-60}", "aabb"), ("gap_pairs", "{-60}", "abab"),
                             ("star_one_start_two_ends", "*", "abb"),
                             ("star_two_starts_one_end", "*", "aab"), ("star_two_and_two", "*", "aabb"),
                             ("star_pairs", "*", "ababab"),
                             ("star_three_ends", "*", "abbb"), ("near_gap_pairs", "{-5}", "ababab"),
                             ("star_end_before", "*", "bab")):
        m, n = marks("counting " + name, 2)
        yield counts(name, m.hex() + gap + n.hex(), around(*(m + b"\1\2" if c == "a" else n + b"\1\2" for c in order)))
    a, b, c = marks("counting three parts", 3)
    yield counts("three_parts", "*".join((a.hex(), b.hex(), c.hex())), around(a, a, b, b, c, c))
    a, b = marks("counting many starts", 2)
    yield counts("gap_tenth_start_fits", a.hex() + "{20-24}" + b.hex(),
                 around(*([a + b"\1" * 30] * 9), a, f.filler(22, "ten"), b, a, b"\1\1", b))
    a, b = marks("counting far start", 2)
    yield counts("first_of_twenty_starts_fits", a.hex() + "{200-230}" + b.hex(), around(*([a + b"\1"] * 20), b))
    m = M("counting raw and normalised")
    w = f.word("counting text")
    yield logical("counting", "text_counts_once", "0=1", [w.hex()], b"some " + w + b" text\n" * 4, about="Target:7")
    w = f.word("counting text any")
    yield logical("counting", "text_counts_raw_and_normalised_apart", "0=1", [w.hex()], b"some " + w + b" text\n" * 4,
                  about="Target:0")
    w, v = f.word("counting split a"), f.word("counting split b")
    yield logical("counting", "raw_and_normalised_do_not_add_up", "0&1", [(b"RAW  " + w).hex(), (b"norm " + v).hex()],
                  b"RAW  " + w + b" NORM  " + v + b"\n", MISS, about="Target:0")
    w = f.word("counting inner")
    yield logical("counting", "two_inner_files_do_not_add_up", "0&1", [w.hex(), f.word("counting inner 2").hex()],
                  f.zip_of({"a": w + bytes(500), "b": f.word("counting inner 2") + bytes(500)}), MISS)
    m = M("counting offset")
    yield logical("counting", "with_offset", "0=1", ["100:" + m.hex()], f.place(300, {20: m, 100: m}))
    m = M("counting shift")
    yield logical("counting", "with_shift", "0=2", ["100,60:" + m.hex()], f.place(300, {20: m, 100: m, 150: m}))
    m = M("counting alternative", 8)
    yield logical("counting", "alternatives_add_up", "0=2", ["(11|22)" + m.hex()], around(b"\x11", m, b"\x22", m, b"\x33", m))
    m = M("counting across window", 8)
    yield logical("counting", "far_apart", "0=3", [m.hex()], f.place(300000, {5: m, 131070: m, 299000: m}))


def _text(name, text):
    return b"\0\1\0\1" + text + b" \1\1"


def modifiers():
    def row(name, subsignature, planted, expect=HIT, **more):
        return logical("modifier", name, "0", [subsignature], around(planted, tag="modifier"), expect, **more)

    w = [f.word("modifier %d" % i, 12) for i in range(60)]
    wide = lambda t: b"".join(bytes([c, 0]) for c in t)
    up = bytes.upper
    yield row("nocase", w[0].hex() + "::i", up(w[0]))
    yield row("nocase_upper_in_signature", up(w[1]).hex() + "::i", w[1])
    yield row("nocase_mixed", w[2].hex() + "::i", w[2][:5] + up(w[2][5:]))
    yield row("case", w[3].hex(), up(w[3]), MISS)
    yield row("nocase_digits", (w[4] + b"123").hex() + "::i", up(w[4]) + b"123")
    yield row("nocase_only_ascii", (w[5] + b"\xe4").hex() + "::i", up(w[5]) + b"\xc4", MISS)
    yield row("nocase_brackets_are_no_letters", (w[6] + b"[").hex() + "::i", up(w[6]) + b"{", MISS)
    yield row("nocase_at", (w[7] + b"@").hex() + "::i", up(w[7]) + b"`", MISS)
    yield row("wide", w[8].hex() + "::w", wide(w[8]))
    yield row("wide_not_ascii", w[9].hex() + "::w", w[9], MISS)
    yield row("wide_ascii_gets_ascii", w[10].hex() + "::wa", w[10])
    yield row("wide_ascii_gets_wide", w[11].hex() + "::wa", wide(w[11]))
    yield row("ascii", w[12].hex() + "::a", w[12])
    yield row("ascii_not_wide", w[13].hex() + "::a", wide(w[13]), MISS)
    yield row("wide_nocase", w[14].hex() + "::iw", wide(up(w[14])))
    yield row("wide_nocase_other_order", w[15].hex() + "::wi", wide(up(w[15])))
    yield row("wide_ascii_nocase", w[16].hex() + "::iwa", up(w[16]))
    yield row("wide_last_zero_missing", w[17].hex() + "::w", wide(w[17])[:-1] + b"\1", HIT,
              note="is the last zero byte part of the pattern?")
    yield row("wide_with_wildcard", w[18][:6].hex() + "??" + w[18][7:].hex() + "::w", wide(w[18]))
    yield row("wide_with_gap", w[19][:6].hex() + "{2}" + w[19][6:].hex() + "::w", wide(w[19][:6]) + b"\1\1" + wide(w[19][6:]))
    yield row("wide_with_range", w[20][:6].hex() + "{1-3}" + w[20][6:].hex() + "::w",
              wide(w[20][:6]) + b"\1\1" + wide(w[20][6:]))
    yield row("wide_with_alternative", w[21][:6].hex() + "(61|62)" + w[21][6:].hex() + "::w",
              wide(w[21][:6] + b"b" + w[21][6:]))
    yield row("wide_with_pairs", w[22][:6].hex() + "(6162|6364)" + w[22][6:].hex() + "::w", wide(w[22][:6] + b"cd" + w[22][6:]))
    yield row("wide_with_negated", w[23][:6].hex() + "!(61|62)" + w[23][6:].hex() + "::w", wide(w[23][:6] + b"c" + w[23][6:]),
              REFUSED,
              alone=True)
    for number, (name, before, after, hit) in enumerate((
            ("spaces", b" ", b" ", 1), ("letter_before", b"k", b" ", 0), ("letter_after", b" ", b"k", 0),
            ("digit_before", b"7", b" ", 0),
            ("underscore", b"_", b"_", 1), ("high", b"\xe4", b"\xe4", 1), ("zeros", b"\0", b"\0", 1))):
        yield row("fullword_" + name, w[24 + number].hex() + "::f", before + w[24 + number] + after, HIT if hit else MISS)
    yield logical("modifier", "fullword_whole_file", "0", [w[31].hex() + "::f"], w[31])
    yield logical("modifier", "fullword_at_the_end", "0", [w[32].hex() + "::f"], f.filler(40) + b" " + w[32])
    yield row("fullword_nocase", w[33].hex() + "::fi", b" " + up(w[33]) + b" ")
    yield row("fullword_nocase_letter", w[34].hex() + "::fi", b"K" + up(w[34]) + b" ", MISS)
    yield row("fullword_wide", w[35].hex() + "::fw", b" \0" + wide(w[35]) + b" \0")
    yield row("fullword_wide_letter_before", w[36].hex() + "::fw", b"k\0" + wide(w[36]) + b" \0", MISS)
    yield row("fullword_wide_letter_after", w[37].hex() + "::fw", b" \0" + wide(w[37]) + b"k\0", MISS)
    yield row("fullword_wide_ascii_ascii", w[38].hex() + "::fwa", b" " + w[38] + b" ")
    yield row("unknown", w[39].hex() + "::q", w[39], REFUSED, alone=True)
    yield row("empty", w[40].hex() + "::", w[40], alone=True)
    yield row("capital", w[41].hex() + "::I", up(w[41]), REFUSED, alone=True)
    yield row("nocase_alternative", w[42][:6].hex() + "(6162|6364)" + w[42][6:].hex() + "::i",
              up(w[42][:6] + b"cd" + w[42][6:]))
    yield row("nocase_one_byte_alternative", w[43][:6].hex() + "(61|62)" + w[43][6:].hex() + "::i",
              up(w[43][:6] + b"b" + w[43][6:]))
    yield row("nocase_with_wildcard", w[44][:6].hex() + "??" + w[44][7:].hex() + "::i", up(w[44]))
    yield row("nocase_with_nibble", w[45][:6].hex() + "6?" + w[45][7:].hex() + "::i", up(w[45][:6]) + b"k" + up(w[45][7:]))
    yield row("nocase_with_gap", w[46][:6].hex() + "{2-4}" + w[46][6:].hex() + "::i", up(w[46][:6]) + b"\1\1" + up(w[46][6:]))
    yield row("nocase_negated", w[47][:6].hex() + "!(61|62)" + w[47][6:].hex() + "::i", up(w[47][:6]) + b"c" + up(w[47][6:]),
              REFUSED, alone=True)
    yield logical("modifier", "nocase_with_offset", "0", ["50:" + w[48].hex() + "::i"], f.place(200, {50: up(w[48])}))
    yield logical("modifier", "wide_with_offset", "0", ["50:" + w[49].hex() + "::w"], f.place(200, {50: wide(w[49])}))
    yield logical("modifier", "nocase_counts", "0=3", [w[50].hex() + "::i"],
                  around(w[50], b"\1", up(w[50]), b"\1", w[50].title()))
    yield logical("modifier", "each_its_own", "0&1", [w[51].hex() + "::i", w[52].hex()], around(up(w[51]), up(w[52])), MISS)
    yield logical("modifier", "wide_ascii_counts_both", "0=2", [w[53].hex() + "::wa"], around(w[53], b"\1", wide(w[53])))
    yield row("nocase_near", w[54][:1].hex() + "[1-3]" + w[54][1:].hex() + "::i", up(w[54][:1]) + b"\1" + up(w[54][1:]))
    yield row("nocase_boundary", "(B)" + w[55].hex() + "::i", b" " + up(w[55]))


def offsets():
    m = M("logical offset")
    yield logical("logical_offset", "absolute", "0", ["77:" + m.hex()], f.place(200, {77: m}))
    m = M("logical offset wrong")
    yield logical("logical_offset", "absolute_wrong", "0", ["77:" + m.hex()], f.place(200, {78: m}), MISS)
    m = M("logical offset end")
    yield logical("logical_offset", "end", "0", ["EOF-40:" + m.hex()], f.place(200, {-40: m}))
    m = M("logical offset end shift")
    yield logical("logical_offset", "end_shift", "0", ["EOF-40,10:" + m.hex()], f.place(200, {-35: m}))
    m = M("logical offset any")
    yield logical("logical_offset", "star", "0", ["*:" + m.hex()], around(m))
    m = M("logical entry")
    code = f.place(600, {30: m}, tag="code")
    yield logical("logical_offset", "entry", "0", ["EP+14:" + m.hex()],
                  f.pe([(".text", f.filler(700)), (".data", code)], entry=0x2010),
                  about="Target:1")
    m = M("logical entry elf")
    code = f.place(600, {30: m}, tag="code")
    yield logical("logical_offset", "entry_elf", "0", ["EP+14:" + m.hex()], f.elf([(".text", code)], 0, 16), about="Target:6")
    m = M("logical section")
    code = f.place(600, {30: m}, tag="code")
    yield logical("logical_offset", "section_and_other", "0&1", ["S0+30:" + m.hex(), m[2:10].hex()], f.pe([(".text", code)]),
                  about="Target:1")
    m = M("logical entry any")
    yield logical("logical_offset", "refused_entry_any_target", "0", ["EP+0:" + m.hex()], around(m), REFUSED, alone=True)
    # Macro groups: body signatures with `$n$` as offset, used by `${min-max}n$`.
    for name, distance, hit in (("nearest", 12, 1), ("inside", 20, 1), ("farthest", 30, 1), ("too_near", 11, 0),
                                ("too_far", 31, 0)):
        a, b = M("macro first " + name, 10), M("macro second " + name, 10)
        yield Case("macro", name, [("ndb", "D1:0:$%d$:%s" % (7, b.hex())),
                                   ("ldb", "@;Engine:51-255,Target:0;0&1;%s;${12-30}7$" % a.hex())],
                   around(a, f.filler(distance - 10, "macro gap"), b), HIT if hit else MISS, alone=True)
    a, b = M("macro twice first", 10), M("macro twice second", 10)
    yield Case("macro", "previous_matched_twice", [("ndb", "D1:0:$7$:" + b.hex()),
                                                   ("ldb", "@;Engine:51-255,Target:0;0&1;%s;${12-30}7$" % a.hex())],
               around(a, b"\1\2\3\4\5", b, a, b"\1\2\3\4\5", b), HIT, alone=True)
    a, b = M("macro alone first", 10), M("macro alone second", 10)
    yield Case("macro", "first_subsignature", [("ndb", "D1:0:$7$:%s" % b.hex()),
                                               ("ldb", "@;Engine:51-255,Target:0;0&1;${12-30}7$;%s" % a.hex())],
               around(a, b"\1\2\3\4\5", b), REFUSED, alone=True)
    yield Case("macro", "group_member_alone", [("ndb", "@:0:$8$:%s" % b.hex())], around(b), MISS, alone=True)


def descriptions():
    """What the second field asks of the file."""
    def sized(name, size):
        return f.place(size, {20: M("description " + name)})

    def row(name, about, content, expect=HIT, **more):
        return logical("description", name, "0", [M("description " + name).hex()], content, expect, about=about, **more)

    for name, about, size, hit in (("size_low", "FileSize:200-300", 200, 1), ("size_high", "FileSize:200-300", 300, 1),
                                   ("size_below", "FileSize:200-300", 199, 0), ("size_above", "FileSize:200-300", 301, 0),
                                   ("size_one", "FileSize:250-250", 250, 1)):
        yield row(name, "Target:0," + about, sized(name, size), HIT if hit else MISS)
    name = "size_of_the_inner_file"
    yield row(name, "Target:0,FileSize:200-300", f.zip_of({"a": sized(name, 250)}))
    name = "size_of_the_outer_file"
    yield row(name, "Target:0,FileSize:200-400", f.zip_of({"a": sized(name, 1200)}), MISS)
    text = b"words and words with " + f.word("description text") + b" " * 300
    yield logical("description", "size_of_normalised_text", "0", [f.word("description text").hex()], text, MISS,
                  about="Target:7,FileSize:30-100",
                  note="is FileSize that of the raw or of the normalised text?")
    text = b"words and words with " + f.word("description text raw") + b" " * 300
    yield logical("description", "size_of_raw_text", "0", [f.word("description text raw").hex()], text, HIT,
                  about="Target:7,FileSize:300-400")
    for name, about, size, expect in (("size_reversed", "FileSize:300-200", 250, REFUSED),
                                      ("size_word", "FileSize:x-y", 250, REFUSED),
                                      ("size_single", "FileSize:250", 250, REFUSED), ("unknown_key", "Colour:3", 250, REFUSED),
                                      ("empty_key", "", 250, HIT)):
        yield row(name, "Target:0," + about, sized(name, size), expect, alone=True)
    for name, engine, expect in (("engine_now", "Engine:81-255", HIT), ("engine_future", "Engine:250-255", MISS),
                                 ("engine_past", "Engine:51-80", MISS),
                                 ("engine_word", "Engine:x-y", REFUSED), ("engine_missing", "", HIT)):
        yield row(name, "Target:0", sized(name, 250), expect, engine=engine, alone=True)
    name = "engine_second"
    yield row(name, "Target:0,Engine:81-255", sized(name, 250), REFUSED, engine="", alone=True)
    name = "target_missing"
    yield row(name, "", sized(name, 250), REFUSED, alone=True)
    name = "target_unknown"
    yield row(name, "Target:15", sized(name, 250), REFUSED, alone=True)

    def program(name, sections=1, entry=0x1010, kind="pe"):
        parts = [(".s%d" % i, f.place(600, {100: M("description " + name)} if i == 0 else {}, tag="s%d" % i))
                 for i in range(sections)]
        return f.pe(parts, entry=entry) if kind == "pe" else f.elf(parts, 0, 16)

    for name, about, sections, hit in (("sections_exact", "NumberOfSections:3-3", 3, 1),
                                       ("sections_range", "NumberOfSections:2-4", 4, 1),
                                       ("sections_more", "NumberOfSections:2-4", 5, 0),
                                       ("sections_less", "NumberOfSections:2-4", 1, 0)):
        yield row(name, "Target:1," + about, program(name, sections), HIT if hit else MISS)
    name = "sections_elf"
    yield row(name, "Target:6,NumberOfSections:4-4", program(name, 2, kind="elf"), note="the empty section and the names count")
    name = "sections_elf_real"
    yield row(name, "Target:6,NumberOfSections:2-2", program(name, 2, kind="elf"), MISS)
    for name, about, hit in (("entry_range", "EntryPoint:500-600", 1), ("entry_low", "EntryPoint:528-528", 1),
                             ("entry_else", "EntryPoint:529-900", 0)):
        yield row(name, "Target:1," + about, program(name), HIT if hit else MISS, note="the raw offset: 0x200 + 16")
    name = "entry_elf"
    yield row(name, "Target:6,EntryPoint:136-136", program(name, kind="elf"), note="64 + 56 + 16")
    name = "sections_any_target"
    yield row(name, "Target:0,NumberOfSections:1-3", program(name), REFUSED, alone=True)
    name = "entry_any_target"
    yield row(name, "Target:0,EntryPoint:500-600", program(name), REFUSED, alone=True)

    boxes = {"zip": lambda c: f.zip_of({"a": c}), "gz": f.gzip_of, "bz": f.bzip2_of, "xz": f.xz_of,
             "posix_tar": lambda c: f.tar_of({"a": c}),
             "cpio_newc": lambda c: f.cpio_of({"a": c}),
             "mail": lambda c: f.mail(b"hello", attachment=("a.bin", "application/octet-stream", "base64", f.base64_lines(c)))}
    for kind, make in boxes.items():
        for name, container, hit in (("same", kind.upper(), 1), ("root", "ANY", 0), ("other", "RAR", 0)):
            name = "container_%s_%s" % (kind, name)
            yield row(name, "Target:0,Container:CL_TYPE_" + container, make(sized(name, 250)), HIT if hit else MISS)
    name = "container_root_in_root"
    yield row(name, "Target:0,Container:CL_TYPE_ANY", sized(name, 250))
    name = "container_unknown"
    yield row(name, "Target:0,Container:CL_TYPE_NOTHING", sized(name, 250), REFUSED, alone=True)
    zipped, gzipped, tarred = boxes["zip"], boxes["gz"], boxes["posix_tar"]
    for name, inter, make, hit in (
            ("two", "CL_TYPE_ZIP>CL_TYPE_GZ", lambda c: zipped(gzipped(c)), 1),
            ("two_swapped", "CL_TYPE_GZ>CL_TYPE_ZIP", lambda c: zipped(gzipped(c)), 0),
            ("last_only", "CL_TYPE_GZ", lambda c: zipped(gzipped(c)), 1),
            ("first_only", "CL_TYPE_ZIP", lambda c: zipped(gzipped(c)), 0),
            ("any_in_front", "CL_TYPE_ANY>CL_TYPE_GZ", lambda c: zipped(gzipped(c)), 1),
            ("any_last", "CL_TYPE_ZIP>CL_TYPE_ANY", lambda c: zipped(gzipped(c)), 1),
            ("three_as_two", "CL_TYPE_GZ>CL_TYPE_POSIX_TAR", lambda c: zipped(gzipped(tarred(c))), 1),
            ("three", "CL_TYPE_ZIP>CL_TYPE_GZ>CL_TYPE_POSIX_TAR", lambda c: zipped(gzipped(tarred(c))), 1),
            ("skipping", "CL_TYPE_ZIP>CL_TYPE_POSIX_TAR", lambda c: zipped(gzipped(tarred(c))), 0),
            ("longer_than_real", "CL_TYPE_TAR>CL_TYPE_ZIP>CL_TYPE_GZ", lambda c: zipped(gzipped(c)), 0),
            ("any_where_nothing_is", "CL_TYPE_ANY>CL_TYPE_ZIP>CL_TYPE_GZ", lambda c: zipped(gzipped(c)), 0)):
        name = "intermediates_" + name
        yield row(name, "Target:0,Intermediates:" + inter, make(sized(name, 250)), HIT if hit else MISS, engine="Engine:81-255",
                  alone="TAR>CL_TYPE_ZIP" in inter)
    name = "handler_type"
    yield row(name, "Target:0,HandlerType:CL_TYPE_ZIP", sized(name, 250), MISS)


def byte_comparisons():
    def row(name, comparison, value, expect=HIT, distance=0, **more):
        m = M("byte comparison " + name, 10)
        return logical("byte_compare", name, "0&1", [m.hex(), "0(%s)" % comparison],
                       around(m, f.filler(distance, "gap") if distance else b"", value, b"\x80"),
                       expect, engine=MODERN, **more)

    yield row("text_hex_equal", ">>10#he4#=4660", b"1234")
    yield row("text_hex_as_hex", ">>10#he4#=0x1234", b"1234")
    yield row("text_hex_more", ">>10#he4#>0x1233", b"1234")
    yield row("text_hex_more_not", ">>10#he4#>0x1234", b"1234", MISS)
    yield row("text_hex_less", ">>10#he4#<0x1235", b"1234")
    yield row("text_hex_capital", ">>10#he4#=0xabcd", b"ABCD")
    yield row("text_hex_little", ">>10#hle4#=0x3412", b"1234")
    yield row("text_hex_inexact", ">>10#h4#=0x12", b"12zz")
    yield row("text_hex_exact_stops", ">>10#he4#=0x12", b"12zz", MISS)
    yield row("text_decimal", ">>10#de4#=1234", b"1234")
    yield row("text_decimal_big", ">>10#dbe4#=1234", b"1234")
    yield row("text_decimal_little", ">>10#dle4#=1234", b"1234", REFUSED, alone=True)
    yield row("text_decimal_inexact", ">>10#d4#=12", b"12zz")
    yield row("text_automatic_hex", ">>10#ae6#=0x1234", b"0x1234")
    yield row("text_automatic_decimal", ">>10#ae4#=1234", b"1234")
    yield row("text_spaces", ">>10#d6#=1234", b"  1234")
    yield row("text_negative", ">>10#d5#=0-1", b"-1234", REFUSED, alone=True)
    for size, value in ((1, 0x12), (2, 0x1234), (4, 0x12345678), (8, 0x123456789abcdef0)):
        yield row("raw_little_%d" % size, ">>10#il%d#=0x%x" % (size, value), value.to_bytes(size, "little"))
        yield row("raw_big_%d" % size, ">>10#ib%d#=0x%x" % (size, value), value.to_bytes(size, "big"))
    yield row("raw_3", ">>10#il3#=0x123456", b"\x56\x34\x12", REFUSED, alone=True)
    yield row("raw_without_order", ">>10#i2#=0x3412", b"\x12\x34", note="little or big?", alone=True)
    yield row("raw_without_order_big", ">>10#i2#=0x1234", b"\x12\x34", alone=True)
    yield row("raw_exact", ">>10#ile2#=0x3412", b"\x12\x34")
    yield row("raw_more", ">>10#il2#>0x1000", b"\x34\x12")
    yield row("raw_high_bit_is_positive", ">>10#il4#>0x10", b"\xff\xff\xff\xff")
    yield row("raw_two_conditions", ">>10#il2#>0x1000,<0x2000", b"\x34\x12")
    yield row("raw_two_conditions_second_wrong", ">>10#il2#>0x1000,<0x1200", b"\x34\x12", MISS)
    yield row("raw_three_conditions", ">>10#il2#>0x1000,<0x2000,=0x1234", b"\x34\x12", REFUSED, alone=True)
    yield row("offset_counts_from_the_start", ">>13#ib1#=0x42", b"\1\2\3\x42")
    yield row("offset_hex", ">>0xd#ib1#=0x42", b"\1\2\3\x42")
    yield row("decimal_number_with_sign", ">>10#ib1#=66", b"\x42")
    m = M("byte comparison before", 10)
    yield logical("byte_compare", "before", "0&1", [m.hex(), "0(<<4#ib1#=0x42)"], around(b"\x42\1\2\3", m), engine=MODERN)
    m = M("byte comparison outside", 10)
    yield logical("byte_compare", "before_the_file", "0&1", [m.hex(), "0(<<4#ib1#=0)"], m + f.filler(40), MISS, engine=MODERN)
    m = M("byte comparison behind", 10)
    yield logical("byte_compare", "behind_the_file", "0&1", [m.hex(), "0(>>10#ib1#=0)"], f.filler(40) + m, MISS, engine=MODERN)
    m = M("byte comparison last", 10)
    yield logical("byte_compare", "last_byte", "0&1", [m.hex(), "0(>>10#ib1#=0x42)"], f.filler(40) + m + b"\x42", engine=MODERN)
    m = M("byte comparison second", 10)
    yield logical("byte_compare", "second_occurrence_fits", "0&1", [m.hex(), "0(>>10#ib1#=0x42)"],
                  around(m, b"\x41\1", m, b"\x42"), engine=MODERN,
                  note="is every occurrence of the trigger tried?")
    m = M("byte comparison first", 10)
    yield logical("byte_compare", "first_occurrence_fits", "0&1", [m.hex(), "0(>>10#ib1#=0x42)"],
                  around(m, b"\x42\1", m, b"\x41"), engine=MODERN)
    m = M("byte comparison count", 10)
    yield logical("byte_compare", "counts", "0&(1=2)", [m.hex(), "0(>>10#ib1#=0x42)"], around(m, b"\x42\1", m, b"\x42"),
                  engine=MODERN)
    m = M("byte comparison negated", 10)
    yield logical("byte_compare", "negated", "0&(1=0)", [m.hex(), "0(>>10#ib1#=0x42)"], around(m, b"\x41"), engine=MODERN)
    m, n = marks("byte comparison trigger", 2)
    yield logical("byte_compare", "other_trigger", "0&1&2", [m.hex(), n.hex(), "1(>>10#ib1#=0x42)"],
                  around(m, b"\1", n, b"\x42"), engine=MODERN)
    m = M("byte comparison self", 10)
    yield logical("byte_compare", "refused_own_trigger", "0&1", [m.hex(), "1(>>10#ib1#=0x42)"], around(m, b"\x42"), REFUSED,
                  engine=MODERN, alone=True)
    yield logical("byte_compare", "refused_first", "0&1", ["1(>>10#ib1#=0x42)", m.hex()], around(m, b"\x42"), REFUSED,
                  engine=MODERN, alone=True)
    yield logical("byte_compare", "old_engine", "0&1", [m.hex(), "0(>>10#ib1#=0x42)"], around(m, b"\x42"), HIT,
                  engine="Engine:81-255", alone=True,
                  note="documentation asks for 100 and more")


def regular_expressions():
    def row(name, expression, planted, expect=HIT, flags="", logic="0&1", offset="", trigger="0", alone=False, before=40):
        w = f.word("pcre " + name, 10)
        text = planted.replace(b"@", w)
        return logical("pcre", name, logic,
                       [w.hex(), "%s%s/%s/%s" % (offset, trigger, expression.replace("@", w.decode()), flags)],
                       around(text, before=before), expect, alone=alone)

    yield row("plain", "@[0-9]{3}", b"@123")
    yield row("plain_not", "@[0-9]{3}", b"@12k", MISS)
    yield row("before_the_trigger", "[0-9]{3}@", b"123@")
    yield row("case", "@abc", b"@ABC", MISS)
    yield row("nocase", "@abc", b"@ABC", flags="i")
    yield row("dot_stops_at_newline", "@.k", b"@\nk", MISS)
    yield row("dot_all", "@.k", b"@\nk", flags="s")
    yield row("lines", "^@k$", b"\n@k\n", flags="m")
    yield row("lines_not", "^@k$", b"\n@k\n", MISS)
    yield row("extended", "@ [0-9] \\x20", b"@ 0 ", MISS, flags="x")
    yield row("extended_hit", "@ [0-9] # digits", b"@0", flags="x")
    yield row("anchored", "@", b"@", MISS, flags="A")
    yield row("dollar_end", "@k$", b"@k\n", MISS, flags="E")
    yield row("ungreedy", "@.*?k", b"@..k", flags="U")
    yield row("semicolon", "@\\x3B", b"@;")
    yield row("colon", "@\\x3a", b"@:")
    yield row("plain_colon", "@:k", b"@:k", alone=True)
    yield row("slash", "@\\/k", b"@/k")
    yield row("binary", "@\\x81\\xff", b"@\x81\xff")
    yield row("back_reference", "@(.)\\1", b"@kk")
    yield row("look_ahead", "@(?=k)", b"@k")
    yield row("look_behind", "(?<=k)@", b"k@")
    yield row("alternatives", "@(one|two)", b"@two")
    yield row("no_trigger", "@k", b"@k", trigger="", alone=True, expect=REFUSED)
    yield row("trigger_count", "@k", b"@k @", logic="0&1", trigger="0=2")
    yield row("trigger_count_not", "@k", b"@k", MISS, trigger="0=2")
    yield row("count", "k@", b"k@ k@ k@", flags="g", logic="0&(1=3)")
    yield row("count_without_global", "k@", b"k@ k@ k@", logic="0&(1=1)")
    yield row("count_without_global_3", "k@", b"k@ k@ k@", MISS, logic="0&(1=3)")
    yield row("negated", "@k", b"@z", logic="0&(1=0)")
    yield row("offset", "@k", b"@k", offset="40:")
    yield row("offset_wrong", "@k", b"@k", MISS, offset="39:")
    yield row("offset_rolling", "@k", b"@k", offset="30:", flags="r")
    yield row("offset_rolling_beyond", "@k", b"@k", MISS, offset="41:", flags="r")
    yield row("offset_shift", "@k", b"@k", MISS, offset="30,20:")
    yield row("offset_shift_encompass", "@k", b"@k", offset="30,30:", flags="e")
    yield row("offset_shift_encompass_cut", "@k", b"@k", MISS, offset="30,15:", flags="e")
    yield row("offset_shift_rolling_encompass", "@k", b"@k", offset="30,30:", flags="re")
    yield row("offset_end", "@k", b"@k", offset="EOF-51:")
    yield row("unknown_flag", "@k", b"@k", REFUSED, flags="q", alone=True)
    yield row("broken", "@(k", b"@(k", REFUSED, alone=True)
    yield row("named_group", "(?P<a>@)k", b"@k")
    yield row("nothing_matched", "", b"@", alone=True)
    yield row("unicode_is_bytes", "@.k", "@\u00e4k".encode(), MISS)
    w, v = f.word("pcre two a", 10), f.word("pcre two b", 10)
    yield logical("pcre", "trigger_expression", "0&1&2", [w.hex(), v.hex(), "0&1/%s[0-9]/" % v.decode()],
                  around(w, b" ", v, b"7"))
    w, v = f.word("pcre or a", 10), f.word("pcre or b", 10)
    yield logical("pcre", "trigger_or", "2", [w.hex(), v.hex(), "0|1/%s[0-9]/" % v.decode()], around(v, b"7"))
    w, v = f.word("pcre chain a", 10), f.word("pcre chain b", 10)
    yield logical("pcre", "trigger_is_an_expression", "0&1&2",
                  [w.hex(), "0/%s[0-9]/" % w.decode(), "1/%s[0-9]%s/" % (w.decode(), v.decode())],
                  around(w, b"7", v), REFUSED, alone=True)
    w = f.word("pcre normalised", 10)
    yield logical("pcre", "normalised_text", "0&1", [w.hex(), "0/%s word/" % w.decode()],
                  b"Some TEXT " + w.upper() + b"   WORD\n" * 3, about="Target:7")
    w = f.word("pcre program", 10)
    yield logical("pcre", "entry_point", "0&1", [w.hex(), "EP+14:0/%s/" % w.decode()],
                  f.pe([(".text", f.place(600, {30: w}))], entry=0x1010),
                  about="Target:1")
    w = f.word("pcre trigger macro", 10)
    yield logical("pcre", "only_the_expression", "1", [w.hex(), "0/%s[0-9]/" % w.decode()], around(w, b"7"))


def pictures():
    for name, extra, expect in (("own_hash", b"", HIT), ("own_hash_other_file", b"a comment", HIT)):
        yield Case("fuzzy", name, [("ldb", "@;Engine:150-255,Target:5;0;fuzzy_img#9f6b86d64956c892")], f.png(64, 64, "fuzzy", extra),
                   expect, alone=True, note="the hash is of what the picture shows")
    yield Case("fuzzy", "same_picture", [("ldb", "@;Engine:150-255,Target:5;0;fuzzy_img#7b496a6e1c31a5b4")],
               f.png(64, 64, "fuzzy"), MISS, alone=True,
               note="the hash is not this picture's")
    yield Case("fuzzy", "distance", [("ldb", "@;Engine:150-255,Target:5;0;fuzzy_img#7b496a6e1c31a5b4#5")],
               f.png(64, 64, "fuzzy"), REFUSED, alone=True)
    yield Case("fuzzy", "short_hash", [("ldb", "@;Engine:150-255,Target:5;0;fuzzy_img#7b49")], f.png(64, 64, "fuzzy"), REFUSED,
               alone=True)


def targets():
    for kind, target, make in (("pe", 1, lambda c: f.pe([(".text", c)])), ("elf", 6, lambda c: f.elf([(".text", c)])),
                               ("ole2", 2, lambda c: f.ole2({"WordDocument": c})),
                               ("pdf", 10, lambda c: f.pdf([], [b"(" + c + b")"])),
                               ("java", 12, lambda c: f.java_class(c)), ("other", 14, lambda c: c)):
        for wanted in (target, 0, 1 if target != 1 else 6):
            name = "%s_as_%d" % (kind, wanted)
            m = M("logical target " + name)
            yield logical("logical_target", name, "0", [m.hex()], make(f.place(300, {100: m})),
                          HIT if wanted in (0, target) else MISS,
                          about="Target:%d" % wanted)


def cases():
    for make in (expressions, counting, modifiers, offsets, descriptions, byte_comparisons, regular_expressions, pictures,
                 targets):
        yield from make()
