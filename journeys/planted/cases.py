"""What a case is, and short ways to write one.

A case is a few database lines, one file and the names that must be found in it. In lines, `@` stands
for the case's own name, so that all cases fit into one database; a name in the middle of a line is
written `@`, a second one `@-b`. `expect` is what ClamAV's documentation says; what clamscan says is
found out by running it.
"""
from dataclasses import dataclass, field

from . import files as f

REFUSED = "refused"
CRASHED = "crashed"  # the scanner died


@dataclass
class Case:
    group: str
    name: str
    lines: list          # of (file kind, line)
    content: bytes
    expect: object       # a set of suffixes: {""} is the case's own name; or REFUSED; None: not known
    alone: bool = False  # in a database of its own: short patterns, lines that may be refused
    note: str = ""
    id: str = field(init=False)

    def __post_init__(self):
        self.id = "%s.%s" % (self.group, self.name)

    def database(self):
        return [(kind, line.replace("@", self.id)) for kind, line in self.lines]

    def expected_names(self):
        return {self.id + suffix for suffix in self.expect}


HIT, MISS = {""}, set()


def body(group, name, pattern, content, expect=HIT, offset="*", target=0, levels="", **more):
    """One .ndb line."""
    return Case(group, name, [("ndb", "@:%s:%s:%s%s" % (target, offset, pattern, levels))], content, expect, **more)


def logical(group, name, expression, subsignatures, content, expect=HIT, about="Target:0", engine="Engine:81-255", **more):
    """One .ldb line."""
    head = ",".join(part for part in (engine, about) if part)
    line = ";".join(["@", head, expression, *subsignatures])
    return Case(group, name, [("ldb", line)], content, expect, **more)


def around(*parts, before=40, after=40, tag="around"):
    """Bytes of no type with the parts in the middle."""
    return f.filler(before, tag) + b"".join(parts) + f.filler(after, tag + " after")
