// A layout keeps its limits, its sections lie inside the file or are empty, and reading it twice
// gives the same; imports and digests come to an end.

#include "amanat/program/executable.h"

#include <algorithm>

#include "amanat/program/import_table.h"
#include "amanat/program/section_digest.h"

using namespace amanat;
using namespace amanat::program;

namespace {

void check_image(ByteView file, const Executable& image) {
  ensure(image.sections.size() <= kSectionsMax, "sections keep their limit");
  for (const Section& section : image.sections) {
    const ByteView bytes = section_bytes(file, section);
    ensure(bytes.empty() || bytes.size() == section.raw_size, "a section is there whole");
    ensure(image.format != Format::pe || section.raw_size == 0 || !bytes.empty(),
           "a PE section is cut at the end of the file");
  }
  ensure(std::ranges::all_of(image.pe.version_info, [&](auto at) { return at < file.size(); }),
         "version strings lie in the file");
  ensure(image.pe.overlay_offset <= file.size(), "what follows the sections is in the file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file(data, size);
  if (const auto slices = read_slices(file)) {
    for (const Slice& slice : *slices) {
      ensure(std::uint64_t{slice.offset} + slice.size <= size, "a program lies in the file");
    }
  }
  const auto image = read_executable(file);
  if (!image) return 0;
  check_image(file, *image);
  if (const auto text = import_text(file, *image)) {
    ensure(std::ranges::none_of(*text, [](char c) { return c >= 'A' && c <= 'Z'; }),
           "imports are in lower case");
  }
  std::uint64_t digested = 0;
  const auto digests =
      digest_sections(file, *image, crypto::DigestKind::md5, [](std::uint32_t) { return true; });
  if (!digests) return 0;
  for (const SectionDigest& digest : *digests) digested += digest.digest.size();
  ensure(digested == 16 * digests->size(), "an MD5 has 16 bytes");
  return 0;
}
