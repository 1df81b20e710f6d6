#include "amanat/program/section_digest.h"

#include <map>
#include <utility>

namespace amanat::program {

Result<std::vector<SectionDigest>> digest_sections(
    ByteView file, const Executable& image, crypto::DigestKind kind,
    const std::function<bool(std::uint32_t size)>& is_wanted) {
  std::vector<SectionDigest> digests;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Bytes> known;
  crypto::Digest digest(kind);
  std::uint64_t left = file.size() * kDigestedTimesMax;
  for (std::uint32_t i = 0; i < image.sections.size(); ++i) {
    const Section& section = image.sections[i];
    const ByteView bytes = section_bytes(file, section);
    if (bytes.empty() || !is_wanted(section.raw_size)) continue;
    const auto [entry, is_new] = known.try_emplace({section.raw_offset, section.raw_size});
    if (is_new) {
      if (bytes.size() > left) return fail(Code::invalid_input, "sections overlap too much");
      left -= bytes.size();
      digest.update(bytes);
      entry->second = digest.finish();
    }
    digests.push_back({i, section.raw_size, entry->second});
  }
  return digests;
}

}  // namespace amanat::program
