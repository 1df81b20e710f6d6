#include <vector>

#include <doctest/doctest.h>

#include "amanat/clock/clock.h"
#include "amanat/emulate/test_program.h"
#include "amanat/unpack/unpack.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {

struct Seen {
  Kind kind;
  End end;
  Bytes content;
};

std::vector<Seen> look(Kind kind, ByteView object, const Limits& limits = {}) {
  std::vector<Seen> seen;
  const SystemClock clock;
  Budget budget(limits, clock);
  unpack::unpack(kind, object, budget, [&](const Found& found) {
    seen.push_back({found.entry.kind, found.end, {found.content.begin(), found.content.end()}});
    return true;
  });
  return seen;
}

Bytes packed() {
  const std::size_t size = emulate::hidden_program().size();
  return emulate::TestProgram{
      .stub = emulate::code({emulate::xor_loop(size), emulate::go_to_program()}),
      .data = emulate::xored(emulate::hidden_program())}
      .make();
}

}  // namespace

TEST_CASE("a packed program is handed over as it stands in memory, once") {
  const Bytes object = packed();
  REQUIRE(kind_of(object) == Kind::pe);
  const std::vector<Seen> seen = look(Kind::pe, object);
  REQUIRE(seen.size() == 1);
  CHECK(seen.front().kind == Kind::pe_memory);
  CHECK(seen.front().end == End::whole);
  CHECK(as_text(seen.front().content).find("hidden by its packer") != std::string_view::npos);
  CHECK(target_of(Kind::pe_memory) == Target::pe);
  CHECK(look(Kind::pe_memory, seen.front().content).empty());
}

TEST_CASE("a packed program larger than its allowance is not unpacked") {
  CHECK(look(Kind::pe, packed(), {.object_bytes_max = 4096}).empty());
}

TEST_CASE("a packed program that comes to no end is told") {
  // Fills the memory of its program with words, again and again.
  const Bytes stub = emulate::code({{0xbf},
                                    emulate::word(emulate::TestProgram::kProgram),
                                    {0xb9, 0, 4, 0, 0, 0xb8, 'w', 'o', 'r', 'd', 0xf3, 0xab},
                                    {0x0f, 0x58, 0xc0}});
  const std::vector<Seen> seen =
      look(Kind::pe, emulate::TestProgram{.stub = stub, .data = {}}.make());
  REQUIRE(seen.size() == 1);
  CHECK(seen.front().end == End::unsupported);
}
