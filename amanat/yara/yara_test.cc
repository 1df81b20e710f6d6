#include "amanat/yara/yara.h"

#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/yara/rules_file.h"

namespace amanat::yara {
namespace {

constexpr std::string_view kSpy = R"(
rule spy : stalkerware android {
  meta:
    description = "reads along"
    author = "nobody"
    level = 3
    sure = true
  strings:
    $a = "server changed to" nocase
    $b = { 64 65 78 ?? 30 }
  condition:
    any of them
}
rule named { condition: filename == "invoice.pdf" and extension == ".pdf" and filetype == "pdf" }
rule huge { condition: filesize > 1MB }
)";

Compiled compile_texts(std::initializer_list<std::string_view> texts) {
  std::vector<Source> sources;
  for (const std::string_view text : texts) {
    sources.push_back(
        {.name = "source " + std::to_string(sources.size()), .text = std::string(text)});
  }
  auto compiled = compile(sources);
  REQUIRE(compiled.has_value());
  return std::move(*compiled);
}

std::vector<std::string> names(const Result<Scanned>& scanned) {
  REQUIRE(scanned.has_value());
  std::vector<std::string> found;
  for (const Match& match : scanned->matches) found.push_back(match.rule);
  return found;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a match tells its rule, its tags, its description and the place") {
  const Compiled compiled = compile_texts({kSpy});
  CHECK(compiled.left_out.empty());
  CHECK(compiled.rules.count() == 3);
  const auto scanned = compiled.rules.scan(as_bytes("xxx SERVER Changed To dexx0"));
  REQUIRE(scanned.has_value());
  CHECK(scanned->end == End::whole);
  REQUIRE(scanned->matches.size() == 1);
  const Match& match = scanned->matches.front();
  CHECK(match.rule == "spy");
  CHECK(match.name_space == "default");
  CHECK(match.tags == Strings{"stalkerware", "android"});
  CHECK(match.find_meta("description") == "reads along");
  CHECK(match.find_meta("level") == "3");
  CHECK(match.find_meta("sure") == "true");
  CHECK(match.find_meta("absent").empty());
  REQUIRE(match.strings.size() == 2);
  CHECK(match.strings[0].identifier == "$a");
  CHECK(match.strings[0].offset == 4);
  CHECK(match.strings[0].size == 17);
  CHECK(match.strings[1].offset == 22);
}

TEST_CASE("rules see what the file is called") {
  const Compiled compiled = compile_texts({kSpy});
  CHECK(names(compiled.rules.scan(
            {}, {.filename = "invoice.pdf", .extension = ".pdf", .filetype = "pdf"}))
        == Strings{"named"});
  CHECK(names(compiled.rules.scan({}, {.filename = "other.pdf"})).empty());
}

TEST_CASE("fast and thorough scans give the same verdicts") {
  const Compiled compiled = compile_texts({R"(
rule many { strings: $a = "ab" condition: #a > 3 }
rule place { strings: $a = "ab" condition: @a[2] == 2 }
rule any { strings: $a = "ab" condition: $a })"});
  for (const std::string_view text : {"", "ab", "abab", "abababab", "xxab"}) {
    CAPTURE(text);
    CHECK(names(compiled.rules.scan(as_bytes(text), {.is_fast = true}))
          == names(compiled.rules.scan(as_bytes(text), {.is_fast = false})));
  }
}

TEST_CASE("a source with an error is left out and named, the others stand") {
  const Compiled compiled = compile_texts({
      "rule good { condition: true }",
      "rule broken { condition: $missing }",
      "rule good { condition: false }",  // the same name in the same namespace
      "include \"/etc/passwd\"\nrule x { condition: true }",
      "import \"nothing\"\nrule y { condition: true }",
      std::string_view("rule z\0 { condition: true }", 27),
      "",
      "rule last { condition: true }",
  });
  CHECK(compiled.left_out == Strings{"source 1", "source 2", "source 3", "source 4", "source 5"});
  CHECK(compiled.rules.count() == 2);
  CHECK(names(compiled.rules.scan(as_bytes("x"))) == Strings{"good", "last"});
  for (const std::string& name : compiled.left_out) {
    CAPTURE(name);
    bool is_told = false;
    for (const Note& note : compiled.notes)
      is_told |= note.is_error && note.source == name && !note.message.empty();
    CHECK(is_told);
  }
}

TEST_CASE("two rules of one name stand in two namespaces") {
  auto compiled = compile({{.name = "a", .text = "rule r { condition: true }", .name_space = "a"},
                           {.name = "b", .text = "rule r { condition: true }", .name_space = "b"}});
  REQUIRE(compiled.has_value());
  CHECK(compiled->left_out.empty());
  CHECK(names(compiled->rules.scan({})) == Strings{"r", "r"});
}

TEST_CASE("warnings do not leave a source out") {
  const Compiled compiled = compile_texts({"rule slow { strings: $a = /a.*b/ condition: $a }"});
  CHECK(compiled.left_out.empty());
}

TEST_CASE("a rule that does not end is stopped and what matched is told") {
  const Compiled compiled = compile_texts({
      "rule quick { condition: true }",
      "rule endless { condition: for all i in (1..1000000000) : (for all j in (1..1000000000) : "
      "(i + j > 0)) }",
  });
  const auto scanned = compiled.rules.scan(as_bytes("x"), {.timeout = std::chrono::seconds(1)});
  REQUIRE(scanned.has_value());
  CHECK(scanned->end == End::timed_out);
}

TEST_CASE("compiled rules are kept and read back") {
  const Compiled compiled = compile_texts({kSpy});
  const auto bytes = compiled.rules.serialise();
  REQUIRE(bytes.has_value());
  const auto loaded = Rules::deserialise(*bytes);
  REQUIRE(loaded.has_value());
  CHECK(loaded->count() == compiled.rules.count());
  CHECK(names(loaded->scan(as_bytes("server changed to"))) == Strings{"spy"});

  const auto path =
      std::filesystem::temp_directory_path() / ("amanat-rules-" + std::to_string(::getpid()));
  REQUIRE(compiled.rules.save(path).has_value());
  CHECK_FALSE(std::filesystem::exists(path.string() + ".new"));
  const auto again = Rules::load(path);
  REQUIRE(again.has_value());
  CHECK(names(again->scan({}, {.filename = "invoice.pdf", .extension = ".pdf", .filetype = "pdf"}))
        == Strings{"named"});
  std::filesystem::remove(path);
  CHECK(Rules::load(path).error().code == Code::not_found);
  CHECK(compiled.rules.save("/nonexistent/folder/rules").error().code == Code::unavailable);
}

TEST_CASE(
    "a compiled file that is cut, bent or of another engine is refused before libyara sees it") {
  const Compiled compiled = compile_texts({"rule r { condition: true }"});
  const auto bytes = compiled.rules.serialise();
  REQUIRE(bytes.has_value());
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, kRulesHeaderBytes - 1,
                                 kRulesHeaderBytes, bytes->size() - 1}) {
    CAPTURE(size);
    CHECK(Rules::deserialise(ByteView(*bytes).first(size)).error().code == Code::corrupt);
  }
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{9}, std::size_t{13}, std::size_t{20}, std::size_t{30},
        std::size_t{40}, kRulesHeaderBytes + 5, bytes->size() - 1}) {
    CAPTURE(at);
    Bytes bent = *bytes;
    bent[at] ^= 1;
    CHECK(Rules::deserialise(bent).error().code == Code::corrupt);
  }
  Bytes longer = *bytes;
  longer.push_back(0);
  CHECK(Rules::deserialise(longer).error().code == Code::corrupt);

  auto file = parse_rules_file(*bytes);
  REQUIRE(file.has_value());
  file->engine ^= 1;
  CHECK(Rules::deserialise(encode_rules_file(*file)).error().code == Code::stale);
  file->engine ^= 1;
  file->machine ^= 1;
  CHECK(Rules::deserialise(encode_rules_file(*file)).error().code == Code::stale);
  file->machine ^= 1;
  file->body = file->body.first(file->body.size() / 2);  // a digest of our own over nonsense
  CHECK(Rules::deserialise(encode_rules_file(*file)).error().code == Code::corrupt);
}

TEST_CASE("many threads scan with the same rules") {
  const Compiled compiled = compile_texts({kSpy});
  std::vector<std::thread> threads;
  std::array<std::size_t, 8> found{};
  for (std::size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&compiled, &found, i] {
      for (int n = 0; n < 50; ++n) {
        const auto scanned = compiled.rules.scan(as_bytes("server changed to"));
        if (scanned) found[i] += scanned->matches.size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::size_t count : found) CHECK(count == 50);
}

TEST_CASE("rules are read from a folder, each file in its own namespace") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("amanat-rule-folder-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "deep");
  std::ofstream(folder / "b.yar") << "rule r { condition: true }";
  std::ofstream(folder / "deep" / "a.yara") << "rule r { condition: true }";
  std::ofstream(folder / "notes.txt") << "nothing";
  std::vector<Note> notes;
  const auto sources = read_sources(folder, notes);
  REQUIRE(sources.has_value());
  REQUIRE(sources->size() == 2);
  CHECK((*sources)[0].name_space == "b.yar");
  CHECK((*sources)[1].name_space == "deep/a.yara");
  CHECK(notes.empty());
  CHECK(compile(*sources)->rules.count() == 2);
  CHECK(read_sources(folder / "none", notes).error().code == Code::not_found);
  std::filesystem::remove_all(folder);
}

}  // namespace amanat::yara
