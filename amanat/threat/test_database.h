#pragma once

// For tests: databases of a few lines, and random lines that use much of the formats.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/threat/compile.h"
#include "amanat/threat/conditions.h"
#include "amanat/threat/random_signatures.h"
#include "amanat/threat/threat.h"

namespace amanat::threat {

struct TestFile {
  std::string_view name;  // says what its lines are
  std::string text;
};

inline Bytes image_of(const std::vector<TestFile>& files) {
  Compiler compiler;
  for (const TestFile& file : files) {
    const auto source = compiler.add_source({std::string(file.name), "test", Class::malware});
    compiler.add_file(source, signature::kind_of(file.name).value(), file.text);
  }
  return std::move(compiler).finish().value();
}

inline Database database_of(const std::vector<TestFile>& files) {
  return Database::from_image(image_of(files)).value();
}

inline std::string random_body_line(RandomSignatures& random, std::string_view name, bool elf) {
  const bool own = elf && random.one_in(2);
  return std::string(name) + (own ? ":6:" : ":0:") + random.offset(own) + ":" + random.pattern();
}

inline std::string random_expression(RandomSignatures& random, std::uint64_t ids, int depth) {
  std::string text;
  if (depth > 0 && random.one_in(2)) {
    text = "(" + random_expression(random, ids, depth - 1) + (random.one_in(2) ? "&" : "|")
           + random_expression(random, ids, depth - 1) + ")";
    if (random.one_in(3)) text += ">" + std::to_string(random.below(4)) + ",2";
  } else {
    text = std::to_string(random.below(ids));
    if (random.one_in(4)) text += (random.one_in(2) ? "=" : ">") + std::to_string(random.below(3));
  }
  return text;
}

inline std::string random_logical_line(RandomSignatures& random, std::string_view name, bool elf) {
  const bool own = elf && random.one_in(2);
  const std::uint64_t count = 1 + random.below(4);
  std::string line = std::string(name) + ";Engine:51-255,Target:" + (own ? "6" : "0");
  if (random.one_in(6)) line += ",FileSize:100-400";
  if (own && random.one_in(6)) line += ",NumberOfSections:1-2";
  line += ";" + random_expression(random, count, 3);
  for (std::uint64_t i = 0; i < count; ++i) {
    line += ";";
    if (i > 0 && random.one_in(8)) {
      line += std::to_string(random.below(i)) + "(>>" + std::to_string(random.below(5))
              + "#ib1#=" + std::to_string(0x41 + random.below(2)) + ")";
      continue;
    }
    if (i > 0 && random.one_in(8)) {
      line +=
          std::to_string(random.below(i)) + "/a[ab]{1,3}\\x20?/" + (random.one_in(2) ? "g" : "");
      continue;
    }
    const std::string offset = random.offset(own);
    if (offset != "*") line += offset + ":";
    line += random.pattern();
    if (random.one_in(5)) line += random.one_in(2) ? "::i" : "::wa";
  }
  return line;
}

inline void plant_some(RandomSignatures& random, const signature::Signature& signature,
                       Bytes& text) {
  std::vector<const signature::Body*> bodies;
  if (const auto* body = std::get_if<signature::BodySignature>(&signature)) {
    bodies.push_back(&body->body);
  } else if (const auto* logical = std::get_if<signature::Logical>(&signature)) {
    for (const signature::Subsignature& one : logical->subsignatures) {
      if (const auto* inner = std::get_if<signature::Body>(&one)) bodies.push_back(inner);
    }
  }
  for (const signature::Body* body : bodies) {
    if (random.one_in(2)) random.plant(random.instance(body->variants.front()), text);
  }
}

inline program::Executable random_layout(RandomSignatures& random, std::size_t size) {
  program::Executable executable;
  executable.entry_point = static_cast<std::uint32_t>(random.below(size + 1));
  const std::uint64_t count = random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    program::Section section;
    section.raw_offset = static_cast<std::uint32_t>(random.below(size + 1));
    section.raw_size = static_cast<std::uint32_t>(random.below(size - section.raw_offset + 1));
    executable.sections.push_back(section);
  }
  return executable;
}

}  // namespace amanat::threat
