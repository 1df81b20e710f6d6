"""Signatures of every kind whose bytes are taken from real objects: most are found, some miss narrowly.

An object is any bytes that a scanner compares: a file, a member of an archive, a normal form.
"""
import hashlib
import re
import struct

TARGETS = (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14)
CONTAINERS = ("ZIP", "GZ", "BZ", "XZ", "7Z", "MSCAB", "POSIX_TAR", "CPIO_NEWC", "MAIL", "PDF", "MSOLE2", "HTML", "RTF", "ANY")


FORMS = ("nocomment.html", "notags.html", "javascript")


class Object:
    def __init__(self, content, root, name):
        self.content, self.root, self.name = content, root, name
        # A normal form is compared with bodies; hashes and sizes mean files (docs/scan-differences.md).
        self.is_form = name in FORMS or not re.search(rb"[A-Z\x00-\x1f\x80-\xff]|  ", content)
        self.anchors = anchors(content)

    def place(self, random, size):
        """Where a run of `size` bytes with some variety begins, or None."""
        for _ in range(20):
            if len(self.content) <= size:
                return None
            at = random.randrange(len(self.content) - size)
            if random.random() < 0.15:
                at = random.choice((0, len(self.content) - size, min(at, 64), *self.anchors.values()))
            run = self.content[at:at + size]
            if len(run) == size and len(set(run)) > min(size, 12) // 2:
                return at
        return None


def anchors(content):
    """{how an offset names it: where it is} of a program."""
    try:
        if content[:2] == b"MZ":
            return pe_anchors(content)
        if content[:4] == b"\x7fELF":
            return elf_anchors(content)
    except (struct.error, IndexError):
        pass
    return {}


def pe_sections(content):
    at = struct.unpack_from("<I", content, 0x3c)[0]
    if content[at:at + 4] != b"PE\0\0":
        return []
    count, optional = struct.unpack_from("<H", content, at + 6)[0], struct.unpack_from("<H", content, at + 20)[0]
    return [struct.unpack_from("<IIII", content, at + 24 + optional + 40 * i + 8) for i in range(count)]


def pe_anchors(content):
    at = struct.unpack_from("<I", content, 0x3c)[0]
    sections = pe_sections(content)
    entry = struct.unpack_from("<I", content, at + 40)[0]
    found = {"S%d" % i: s[3] for i, s in enumerate(sections) if s[2]}
    if sections and sections[-1][2]:
        found["SL"] = sections[-1][3]
    for size, rva, raw, start in sections:
        if rva <= entry < rva + max(size, raw):
            found["EP"] = entry - rva + start
    return found


def elf_anchors(content):
    if content[4] != 2 or content[5] != 1:
        return {}
    entry, programs, sections = struct.unpack_from("<QQQ", content, 24)
    count, = struct.unpack_from("<H", content, 56)
    found = {}
    for i in range(count):
        kind, _, offset, address, _, size = struct.unpack_from("<IIQQQQ", content, programs + 56 * i)
        if kind == 1 and address <= entry < address + size:
            found["EP"] = entry - address + offset
    section_count, = struct.unpack_from("<H", content, 60)
    for i in range(1, section_count):
        found["S%d" % i] = struct.unpack_from("<Q", content, sections + 64 * i + 24)[0]
    return found


def offset_of(random, thing, at):
    """An offset that fits, or nearly fits, a pattern at `at`."""
    miss = random.choice((0, 0, 0, 0, 1))
    ways = ["%d" % (at + miss), "%d,%d" % (max(0, at - random.randrange(9)), random.randrange(1, 12)),
            "EOF-%d" % (len(thing.content) - at + miss),
            "EOF-%d,%d" % (len(thing.content) - at + random.randrange(5), random.randrange(1, 8))]
    near = [(n, a) for n, a in thing.anchors.items() if abs(at - a) < 1 << 20]
    if near and random.random() < 0.8:
        name, start = random.choice(near)
        if name == "EP":
            return "EP%+d%s" % (at - start - miss, random.choice(("", ",4")))
        if at >= start:
            return random.choice(("%s+%d" % (name, at - start), "%s+%d,5" % (name, at - start),
                                  "SE%s" % name[1:] if name[1:].isdigit() else "%s+%d" % (name, at - start)))
    return random.choice(ways)


def spoiled(random, byte):
    return (byte + random.randrange(1, 255)) & 0xff


def run_of(random, raw):
    """A pattern of these bytes; the first four stay as they are."""
    cells = ["%02x" % b for b in raw]
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        if len(raw) < 7:
            break
        i = random.randrange(4, len(raw) - 1)
        b, other = raw[i], spoiled(random, raw[i])
        cells[i] = random.choice((
            "??", "%x?" % (b >> 4), "?%x" % (b & 15), "(%02x|%02x)" % (other, b), "!(%02x)" % other, "!(%02x)" % b,
            "(%02x%02x|%02x)" % (other, b, b), "!(%02x|%02x)" % (other, spoiled(random, b)),
            "(%02x|%02x)" % (b, b ^ 1)))
    return "".join(cells)


def body_at(random, thing, at, size):
    """A pattern of one to three parts that begins at `at`."""
    content = thing.content
    text = run_of(random, content[at:at + size])
    end = at + size
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        gap = random.choice((0, 1, 2, 5, 17, 90, 127, 128, 300))
        start, length = end + gap, random.randrange(4, 16)
        if start + length > len(content):
            break
        low, high = max(0, gap - random.randrange(3)), gap + random.randrange(4)
        text += random.choice(("*", "{%d-%d}" % (low, high), "{-%d}" % max(1, high), "{%d-}" % low,
                               "{%d}" % gap if gap else "*", "{%d-%d}" % (gap + 1, gap + 5)))
        text += run_of(random, content[start:start + length])
        end = start + length
    edge = random.random()
    if edge < 0.06:
        text = random.choice(("(B)", "(L)", "(W)", "!(W)" if at else "(W)")) + text
    elif edge < 0.12:
        text += random.choice(("(B)", "(L)", "(W)", "!(W)"))
    return text


def of_program(text):
    """Whether an offset asks for a program's header."""
    return re.search(r"(^|[;:])(EP[+-]|S(L|E?\d+)([+:]|$))", text) is not None


def program_target(thing):
    return 1 if thing.content[:2] == b"MZ" else 6


def target_of(random, thing):
    likely = 0
    if thing.content[:2] == b"MZ":
        likely = 1
    elif thing.content[:4] == b"\x7fELF":
        likely = 6
    elif thing.name.endswith((".html", "javascript")):
        likely = 3
    elif not any(b < 9 for b in thing.content[:1024]):
        likely = random.choice((7, 7, 3, 4))
    elif thing.content[:4] == b"%PDF":
        likely = 10
    elif thing.content[:4] == b"\xca\xfe\xba\xbe":
        likely = 12
    return random.choice((0, 0, 0, likely, likely, random.choice(TARGETS)))


def ndb(random, thing):
    size = random.randrange(6, 41)
    at = thing.place(random, size)
    if at is None:
        return None
    offset = "*" if random.random() < 0.55 else offset_of(random, thing, at)
    target = program_target(thing) if of_program(offset) else target_of(random, thing)
    return "ndb", "@:%d:%s:%s" % (target, offset, body_at(random, thing, at, size))


def letters_swapped(random, raw):
    return bytes(b ^ 0x20 if chr(b).isalpha() and b < 0x80 and random.random() < 0.5 else b for b in raw)


def subsignature(random, thing):
    """(text, how often its plain bytes stand there or None)."""
    size = random.randrange(6, 24)
    at = thing.place(random, size)
    if at is None:
        return None
    raw = thing.content[at:at + size]
    kind = random.random()
    if kind < 0.15:
        return letters_swapped(random, raw).hex() + random.choice(("::i", "::ia", "::if")), None
    if kind < 0.22:
        return raw.hex() + random.choice(("::f", "::a", "::af")), None
    if kind < 0.30 and at + 2 * size < len(thing.content):
        wide = thing.content[at:at + 2 * size]
        return wide[::2].hex() + random.choice(("::w", "::wa", "::wi")), None
    if kind < 0.45:
        return raw[:5].hex(), len(re.findall(b"(?=" + re.escape(raw[:5]) + b")", thing.content))
    if kind < 0.6:
        return "%s:%s" % (offset_of(random, thing, at), raw.hex()), 1
    if kind < 0.8:
        return body_at(random, thing, at, size), None
    return raw.hex(), thing.content.count(raw)


def regex(random, thing, trigger):
    """A PCRE subsignature over some printed text of the object."""
    runs = list(re.finditer(rb"[\x20-\x7e]{8,60}", thing.content[:200000]))
    if not runs:
        return None
    run = random.choice(runs)
    raw = run[0].decode()
    pieces = []
    for c in raw:
        how = random.random()
        pieces.append("." if how < 0.1 else "[%s]" % c if how < 0.15 and c.isalnum() else r"\x%02x" % ord(c) if not c.isalnum()
                      else c + "+" if how < 0.2 else c)
    flags = random.choice(("", "", "i", "s", "m", "g", "gi", "is", "x" if " " not in raw else "i"))
    text = "".join(pieces)
    if "i" in flags:
        text = re.sub(r"(?<!\\)\b[a-z]", lambda m: m[0].upper(), text)
    offset, at = "", run.start()
    if random.random() < 0.3:
        offset, flags = random.choice((("%d:" % at, flags + "r"), ("%d,20:" % max(0, at - 9), flags + "e"), ("%d:" % max(0, at - 3), flags),
                                       ("EOF-%d,40:" % (len(thing.content) - at + 2), flags + "e")))
    return "%s%s/%s/%s" % (offset, trigger, text.replace(";", r"\x3b"), flags)


def comparison(random, thing, number, at, size):
    """A byte comparison that reads what stands behind subsignature `number`, which begins at `at`."""
    count = random.choice((1, 2, 4))
    distance = random.randrange(0, size + 9)
    raw = thing.content[at + distance:at + distance + count]
    if len(raw) < count:
        return None
    order = random.choice("lb")
    value = int.from_bytes(raw, "little" if order == "l" else "big")
    if random.random() < 0.25:
        digits = re.search(rb"[0-9]{2,6}", thing.content[at:at + 200])
        if digits and digits.start():
            value, distance, count, kind = int(digits[0]), digits.start(), len(digits[0]), "d"
            return "%d(>>%d#%sb%d#%s)" % (number, distance, kind, count, random.choice(("=%d" % value, ">%d" % (value - 1), "<%d" % value)))
    sign = random.choice(("=%d" % value, "=0x%x" % value, ">%d" % max(0, value - 1), "<%d" % (value + 1), ">%d" % value))
    return "%d(>>%d#i%s%d#%s)" % (number, distance, order, count, sign)


def expression(random, counts):
    def leaf(i):
        c = counts[i]
        if c is None or random.random() < 0.5:
            return str(i)
        return "(%d%s)" % (i, random.choice(("=%d" % c, ">%d" % max(0, c - 1), "<%d" % (c + 1), ">%d" % c, "=%d" % (c + 1))))

    def grow(members):
        if len(members) == 1:
            return leaf(members[0])
        cut = random.randrange(1, len(members))
        inner = "(" + grow(members[:cut]) + random.choice("&&|") + grow(members[cut:]) + ")"
        plain = not any(c in inner for c in "<>=")
        return inner + random.choice(("", "", ">1", "=%d" % len(members), ">0,1")) if plain else inner
    return grow(list(range(len(counts))))


def ldb(random, thing, others):
    made = []
    anchor_size = 12
    anchor = thing.place(random, anchor_size)
    if anchor is None:
        return None
    # The first one is long, and must be there: the signature says nothing about other objects.
    raw = thing.content[anchor:anchor + anchor_size]
    made.append((raw.hex(), thing.content.count(raw)))
    others = [random.choice(others)] if random.random() < 0.2 else []
    others = [o for o in others if not o.anchors or thing.anchors]
    for _ in range(random.randrange(0, 4)):
        made.append(subsignature(random, random.choice((thing, thing, thing, thing, *others))))
    if random.random() < 0.3:
        found = regex(random, thing, "0")
        made.append((found, None) if found else None)
    if random.random() < 0.25:
        found = comparison(random, thing, 0, thing.content.rfind(raw), anchor_size)
        made.append((found, None) if found else None)
    made = [m for m in made if m]
    text = expression(random, [c for _, c in made[1:]]) if len(made) > 1 else ""
    if text:
        text = "0&" + re.sub(r"\d+", lambda m: m[0], _shift(text))
    about = ["Engine:81-255", "Target:%d" % target_of(random, thing)]
    if random.random() < 0.15 and not thing.is_form:
        size = len(thing.content)
        about.append("FileSize:%d-%d" % random.choice(((size, size), (size // 2, size * 2), (size + 1, size + 9))))
    if random.random() < 0.15:
        about.append(random.choice(("Container:CL_TYPE_", "Intermediates:CL_TYPE_ANY>CL_TYPE_")) + random.choice(CONTAINERS))
    if thing.anchors and random.random() < 0.3:
        sections = len(pe_sections(thing.content)) if thing.content[:2] == b"MZ" else 0
        about.append(random.choice(("NumberOfSections:%d-%d" % (sections, sections),
                                    "EntryPoint:%d-%d" % ((thing.anchors.get("EP", 0),) * 2))))
        about[1] = "Target:%d" % program_target(thing)
    if any(of_program(text) for text, _ in made):
        about[1] = "Target:%d" % program_target(thing)
    return "ldb", ";".join(["@", ",".join(about), text or "0", *(m[0] for m in made)])


def _shift(text):
    """Every subsignature's number one higher; counts stay."""
    return re.sub(r"(?<![=<>,\d])\d+", lambda m: str(int(m[0]) + 1), text)


def hashes(random, thing):
    c, size = thing.content, len(thing.content)
    if size < 6 or thing.is_form:
        return None
    return random.choice((
        ("hdb", "%s:%d:@" % (hashlib.md5(c).hexdigest(), size)), ("hsb", "%s:%d:@" % (hashlib.sha1(c).hexdigest(), size)),
        ("hsb", "%s:%d:@" % (hashlib.sha256(c).hexdigest(), size)), ("hsb", "%s:*:@:73" % hashlib.sha256(c).hexdigest()),
        ("hdb", "%s:*:@:73" % hashlib.md5(c).hexdigest()), ("hdb", "%s:%d:@" % (hashlib.md5(c).hexdigest(), size + 1))))


def section_hash(random, thing):
    sections = [s for s in pe_sections(thing.content) if s[2]] if thing.content[:2] == b"MZ" else []
    if not sections:
        return None
    _, _, raw, start = random.choice(sections)
    part = thing.content[start:start + raw]
    return random.choice((("mdb", "%d:%s:@" % (raw, hashlib.md5(part).hexdigest())),
                          ("msb", "%d:%s:@" % (raw, hashlib.sha256(part).hexdigest())),
                          ("msb", "*:%s:@:73" % hashlib.sha1(part).hexdigest())))


def member_names(random, name, size):
    """A .cdb line for a member of this name and size."""
    pattern = re.escape(name).replace(":", r"\x3a").replace(r"\-", "-")
    low, high = max(0, size - random.randrange(9)), size + random.randrange(9)
    return "cdb", "@:%s:*:%s:%s:%s:%s:%s:*:*" % (
        random.choice(("*", "CL_TYPE_ZIP", "CL_TYPE_MAIL", "CL_TYPE_POSIX_TAR", "CL_TYPE_7Z", "CL_TYPE_MSCAB")),
        random.choice((pattern, pattern[:6], "^" + pattern + "$", pattern.upper())), "*",
        random.choice(("*", "%d-%d" % (low, high), "%d" % size)), random.choice(("*", "0")), random.choice(("*", "1", "2")))


def signature(random, thing, others):
    """(file kind, line with @ for the name), or None."""
    kind = random.random()
    try:
        if kind < 0.45:
            return ndb(random, thing)
        if kind < 0.88:
            return ldb(random, thing, others)
        if kind < 0.97 or not thing.anchors:
            return hashes(random, thing)
        return section_hash(random, thing)
    except (ValueError, struct.error):
        return None


def features(kind, line, thing):
    """Words for a signature's name that say what it uses: EXPLAINED asks for them."""
    words = [kind]
    for word, pattern in (("eof", r"EOF-"), ("size", "FileSize"), ("compare", r";\d+\(>>"), ("regex", r"/[a-z]*(;|$)"),
                          ("layers", "Intermediates"), ("program", r"[;:](EP|S\d|SL|SE)")):
        if kind in ("ndb", "ldb") and re.search(pattern, line):
            words.append(word)
    if kind in ("hdb", "hsb") and re.search(rb"<(html|!doctype|head|body|script|a |p>|br>|table|!--)", thing.content[:1024].lower()):
        words.append("page")
    return ".".join(words)
