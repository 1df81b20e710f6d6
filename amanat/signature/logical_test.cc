#include "amanat/signature/logical.h"

#include <array>

#include <doctest/doctest.h>

namespace amanat::signature {
namespace {

Logical read(std::string_view line) {
  const auto parsed = parse_logical(line);
  REQUIRE(parsed.has_value());
  return *parsed;
}

std::optional<Reason> reason_of(std::string_view line) {
  const auto parsed = parse_logical(line);
  if (parsed) return std::nullopt;
  return parsed.error().reason;
}

std::optional<Reason> reason_of_subsignature(std::string_view text) {
  return reason_of("Test;Engine:81-255,Target:1;0&1;616263;" + std::string(text));
}

}  // namespace

TEST_CASE("all conditions are read and printed") {
  const std::string line =
      "Test.All;Engine:81-255,Target:1,FileSize:10-2000,EntryPoint:0-99,NumberOfSections:3-5,"
      "IconGroup1:A,IconGroup2:B,Container:CL_TYPE_ZIP,Intermediates:CL_TYPE_MAIL>CL_TYPE_ANY,"
      "HandlerType:CL_TYPE_RTF;0;616263";
  const Logical logical = read(line);
  CHECK(logical.conditions.target == Target::pe);
  CHECK(logical.conditions.file_size == Range{10, 2000});
  CHECK(logical.conditions.intermediates.size() == 2);
  CHECK(logical.conditions.intermediates[1].is_any());
  CHECK(print(logical) == line);
}

TEST_CASE("conditions that do not go together, or that are unknown, are refused") {
  const auto with = [](std::string_view conditions) {
    return reason_of("Test;" + std::string(conditions) + ";0;616263");
  };
  CHECK(with("Target:0") == std::nullopt);
  CHECK(with("Engine:81-255") == Reason::malformed);
  CHECK(with("Target:0,Engine:81-255") == Reason::malformed);
  CHECK(with("Target:0,FileSize:1-2") == Reason::malformed);
  CHECK(with("Engine:50-255,Target:0,FileSize:1-2") == Reason::malformed);
  CHECK(with("Engine:217-255,Target:0") == Reason::engine_newer);
  CHECK(with("Engine:51-200,Target:0") == Reason::engine_older);
  CHECK(with("Engine:81-255,Target:15") == Reason::unknown_target);
  CHECK(with("Engine:81-255,Target:0,SectOff:1.2-3") == Reason::unknown_attribute);
  CHECK(with("Engine:81-255,Target:0,Container:CL_TYPE_NONE") == Reason::unknown_type);
  CHECK(with("Engine:81-255,Target:0,NumberOfSections:1-2") == Reason::malformed);
  CHECK(with("Engine:81-255,Target:6,IconGroup1:A") == Reason::malformed);
  CHECK(with("Engine:81-255,Target:0,FileSize:12") == Reason::malformed);
}

TEST_CASE("every kind of subsignature is read and printed") {
  const std::string line =
      "Test.Kinds;Engine:150-255,Target:0;(0&1&2&3&4&5&6&7);616263;${4-7}12$;0(>>4#hle4#=18,<99);"
      "0(<<2#d3#>5);0(>>0#ib8#=-1);1,20:64656667::i;7:(0&1)/a[;:]b\\/c/"
      "gis;fuzzy_img#af2ad01ed42993c7";
  const Logical logical = read(line);
  CHECK(std::get<Macro>(logical.subsignatures[1]) == Macro{4, 7, 12});
  const auto& compare = std::get<ByteCompare>(logical.subsignatures[2]);
  CHECK(compare.offset == 4);
  CHECK(compare.little_endian);
  CHECK(compare.exact);
  CHECK(compare.tests.size() == 2);
  const auto& regex = std::get<Regex>(logical.subsignatures[6]);
  CHECK(regex.expression == "a[;:]b\\/c");
  CHECK(regex.offset.distance == 7);
  CHECK(regex.flags.global);
  CHECK(print(logical) == line);
}

TEST_CASE("subsignatures that make no sense are refused") {
  for (const std::string_view text : {"${4-7}32$",
                                      "${4}1$",
                                      "${4-7}1",
                                      "/abc/",
                                      "1/abc/",
                                      "2/abc/",
                                      "0/abc",
                                      "0//i",
                                      "0/abc/q",
                                      "EP+x:616263",
                                      "616263::q",
                                      "a:b:616263",
                                      "0(4#h4#=1)",
                                      "0(>>4#h4#=1)",
                                      "0(>>4#hl4#1)",
                                      "0(>>4#hl19#=1)",
                                      "0(>>4#il3#=1)",
                                      "0(>>4#dl3#=1)",
                                      "0(>>4#hl4#=1,=2,=3)",
                                      "9(>>4#hl4#=1)",
                                      "0(>>4#hl0#=1)",
                                      "fuzzy_img#af2ad0"}) {
    CAPTURE(text);
    CHECK(reason_of_subsignature(text) == Reason::malformed);
  }
  CHECK(reason_of_subsignature("fuzzy_img#af2ad01ed42993c7#4") == Reason::unsupported);
  CHECK(reason_of_subsignature("61") == Reason::too_short);
  CHECK(reason_of("Test;Target:0;0;${4-7}1$") == Reason::malformed);  // nothing before it
}

TEST_CASE("the expression names as many subsignatures as there are") {
  CHECK(reason_of("Test;Target:0;0&1;616263") == Reason::malformed);
  CHECK(reason_of("Test;Target:0;0;616263;646566") == Reason::malformed);
  CHECK(reason_of("Test;Target:0;0") == Reason::malformed);
  std::string many = "Test;Target:0;63";
  for (int i = 0; i < 64; ++i) many += ";616263";
  CHECK(reason_of(many) == std::nullopt);
  CHECK(reason_of(many + ";616263") == Reason::malformed);
}

TEST_CASE("two patterns run together count as the first one alone") {
  const Logical logical = read("Test;Engine:81-255,Target:0;0;616263::i*646566::i");
  CHECK(print(logical.subsignatures.size() == 1 ? logical : Logical{})
        == "Test;Engine:81-255,Target:0;0;616263");
}

TEST_CASE("a signature with two variants has no plain spelling") {
  CHECK_FALSE(print(read("Test;Engine:81-255,Target:0;0;616263::wa")).has_value());
  CHECK(print(read("Test;Engine:81-255,Target:0;0;616263::w"))
        == "Test;Engine:81-255,Target:0;0;610062006300");
}

}  // namespace amanat::signature
