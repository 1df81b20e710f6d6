// Sections lie in the file one after the other, and every entry has its name.
//
// libFuzzer: -max_len=512

#include "amanat/program/jar_manifest.h"

using namespace amanat;
using namespace amanat::program;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file(data, size);
  const auto manifest = read_jar_manifest(file);
  if (!manifest) return 0;
  std::size_t covered = manifest->main.bytes.size();
  for (const auto& [name, section] : manifest->entries) {
    ensure(section.value("name") == name, "a section is found by its name");
    ensure(section.attributes.size() <= kJarAttributesMax, "attributes keep their limit");
    covered += section.bytes.size();
  }
  ensure(covered <= size, "sections do not overlap");
  return 0;
}
