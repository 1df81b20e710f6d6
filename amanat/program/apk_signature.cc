#include "amanat/program/apk_signature.h"

#include <algorithm>
#include <array>

#include "amanat/program/apk_parts.h"
#include "amanat/program/block_signature.h"
#include "amanat/program/jar_signature.h"

namespace amanat::program {
namespace {

struct BlockScheme {
  ApkScheme scheme;
  std::uint32_t id;
};
constexpr auto kBlockSchemes = std::to_array<BlockScheme>({
    {ApkScheme::v2, kSchemeV2},
    {ApkScheme::v3, kSchemeV3},
    {ApkScheme::v31, kSchemeV31},
});

}  // namespace

const ApkSignature* ApkSignatures::find(ApkScheme scheme) const {
  const auto found = std::ranges::find(schemes, scheme, &ApkSignature::scheme);
  return found == schemes.end() ? nullptr : &*found;
}

Result<ApkSignatures> verify_apk(ByteView apk, const ApkEntries& entries, JarDepth depth) {
  const auto parts = find_apk_parts(apk);
  if (!parts) return carry(parts);
  ApkSignatures signatures;
  const bool newer_found = std::ranges::any_of(
      kBlockSchemes, [&](const BlockScheme& known) { return parts->find(known.id).has_value(); });
  if (auto jar = verify_jar(entries, *parts, depth == JarDepth::every_entry || !newer_found)) {
    signatures.schemes.push_back(std::move(*jar));
  }
  ContentDigests digests(*parts);
  for (const BlockScheme& known : kBlockSchemes) {
    if (const auto block = parts->find(known.id)) {
      signatures.schemes.push_back(verify_block(known.scheme, *block, *parts, digests));
    }
  }
  return signatures;
}

}  // namespace amanat::program
