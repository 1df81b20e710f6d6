"""Random signatures over small alphabets, and random files in which they nearly or really match.

The alphabet is small so that gaps, alternatives and counts meet by chance; each case has its own four
bytes, so that cases do not meet each other.
"""
from . import files as f
from .cases import Case


def _byte(random, alphabet):
    return "%02x" % random.choice(alphabet)


def _body(random, alphabet, parts=None):
    """A pattern that always has a fixed run of at least four bytes."""
    out = []
    for part in range(parts or random.choice((1, 1, 1, 2, 2, 3))):
        if part:
            low = random.randrange(0, 6)
            out.append(random.choice(("*", "{%d}" % (low + 1), "{%d-%d}" % (low, low + random.randrange(1, 6)),
                                      "{-%d}" % (low + 1), "{%d-}" % low)))
        run = [_byte(random, alphabet) for _ in range(random.randrange(4, 7))]
        for _ in range(random.choice((0, 0, 1))):
            run.insert(random.randrange(len(run) // 2, len(run)), random.choice((
                "??", "?" + _byte(random, alphabet)[1], _byte(random, alphabet)[0] + "?",
                "(%s|%s)" % (_byte(random, alphabet), _byte(random, alphabet)),
                "!(%s|%s)" % (_byte(random, alphabet), _byte(random, alphabet)),
                "(%s%s|%s)" % (_byte(random, alphabet), _byte(random, alphabet), _byte(random, alphabet)))))
        out.append("".join(run))
    return "".join(out)


def _offset(random):
    at = random.randrange(20, 90)
    return random.choice(("*", "*", "*", str(at), "%d,%d" % (at, random.randrange(5, 60)), "EOF-%d" % at,
                          "EOF-%d,%d" % (at, random.randrange(5, 60))))


def _expression(random, count):
    def grow(members):
        if len(members) == 1:
            leaf = str(members[0])
            return random.choice((leaf, leaf, leaf, "(%s>%d)" % (leaf, random.randrange(0, 3)),
                                  "(%s=%d)" % (leaf, random.randrange(1, 4)),
                                  "(%s<%d)" % (leaf, random.randrange(1, 4))))
        cut = random.randrange(1, len(members))
        inner = "(" + grow(members[:cut]) + random.choice("&|") + grow(members[cut:]) + ")"
        plain = not any(c in inner for c in "<>=")
        return inner + random.choice(("", "", ">%d" % random.randrange(1, 3), "=%d" % random.randrange(1, 4),
                                      ">%d,%d" % (random.randrange(1, 3), random.randrange(1, 3)))) if plain else inner
    return grow(list(range(count)))


def cases(random, count):
    for number in range(count):
        # Bytes above 0x80 that no other case uses together: a marker byte ends every file's first unit.
        alphabet = random.sample(range(0x81, 0xfe), 3)
        tag = "%d" % number
        if random.random() < 0.6:
            line = ("ndb", "@:0:%s:%s" % (_offset(random), _body(random, alphabet)))
        else:
            bodies = [_body(random, alphabet, random.choice((1, 1, 2))) for _ in range(random.randrange(1, 5))]
            subsignatures = [("%s:%s" % (o, b) if o != "*" else b) for o, b in ((_offset(random), b) for b in bodies)]
            # The first subsignature must be there, so that the signature says nothing about other files.
            expression = "0&" + _expression(random, len(bodies)) if len(bodies) > 1 else "0"
            line = ("ldb", "@;Engine:81-255,Target:0;%s;%s" % (expression, ";".join(subsignatures)))
        content = bytearray(f.filler(8) + bytes(random.choice(alphabet) for _ in range(random.randrange(150, 500))))
        for _ in range(random.randrange(1, 4)):
            offset, planted = _planted(random, line[1], alphabet)
            at = random.randrange(8, max(9, len(content) - len(planted)))
            if offset and random.random() < 0.7:
                near = int(offset.split(",")[0].removeprefix("EOF-")) + random.choice((0, 0, 0, 1, 4))
                at = len(content) - near if offset.startswith("EOF") else near
            content[at:at + len(planted)] = planted
        yield Case("random", tag, [line], bytes(content), None)


def _planted(random, line, alphabet):
    """Where one body of the line may stand, and bytes it would match, sometimes spoiled."""
    offset, _, body = random.choice(line.split(";")[3:] if ";" in line else [line.split(":", 2)[2]]).rpartition(":")
    out, i = bytearray(), 0
    while i < len(body):
        c = body[i]
        if c == "*" or c == "{":
            end = i + 1 if c == "*" else body.index("}", i) + 1
            low = 0 if c == "*" else int(body[i + 1:end - 1].split("-")[0] or 0)
            out += bytes(random.choice(alphabet) for _ in range(low + random.choice((0, 0, 1, 3))))
            i = end
        elif c in "!(":
            end = body.index(")", i)
            options = body[i:end].lstrip("!(").split("|")
            out += bytes.fromhex(random.choice(options)) if c == "(" else bytes([random.choice(alphabet)])
            i = end + 1
        else:
            digits = body[i:i + 2].replace("?", random.choice("89ab"))
            out.append(int(digits, 16))
            i += 2
    if random.random() < 0.3:
        out[random.randrange(len(out))] = random.choice(alphabet)
    return "" if offset == "*" else offset, bytes(out)
