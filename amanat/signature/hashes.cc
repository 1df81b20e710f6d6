#include "amanat/signature/hashes.h"

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

using Of = HashSignature::Of;

std::optional<crypto::DigestKind> kind_of(std::size_t digest_size) {
  switch (digest_size) {
    case 16: return crypto::DigestKind::md5;
    case 20: return crypto::DigestKind::sha1;
    case 32: return crypto::DigestKind::sha256;
    default: return std::nullopt;
  }
}

}  // namespace

Parsed<HashSignature> parse_hash(Of of, std::string_view line) {
  const auto trimmed = trim_line(line);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto fields = split(*trimmed, ':');
  if (fields.size() < 3 || fields.size() > 5) return refuse(Reason::malformed, "the fields");
  const auto levels = parse_levels(fields, 3);
  if (!levels) return std::unexpected(levels.error());
  const bool size_first = of == Of::section;
  auto digest = parse_hex(fields[size_first ? 1 : 0]);
  const auto kind = digest ? kind_of(digest->size()) : std::nullopt;
  if (!kind) return refuse(Reason::malformed, "the digest");
  if (!is_name(fields[2])) return refuse(Reason::malformed, "the name");
  HashSignature signature{
      .of = of, .kind = *kind, .digest = std::move(*digest), .size = {}, .name{fields[2]}};

  const std::string_view size = fields[size_first ? 0 : 1];
  if (size == "*") {
    if (of != Of::import_table && *levels < kEngineForAnySize) {
      return refuse(Reason::malformed, "any size without a level that has it");
    }
    return signature;
  }
  constexpr std::uint32_t kSizeMax = 0xfffffffe;
  signature.size = parse_number<std::uint32_t>(size);
  // The empty file is everyone's: a signature for it is a mistake.
  if (!signature.size || *signature.size == 0 || *signature.size > kSizeMax) {
    return refuse(Reason::malformed, "the size");
  }
  return signature;
}

std::string print(const HashSignature& signature) {
  const std::string digest = to_hex(signature.digest);
  const std::string size = signature.size ? std::to_string(*signature.size) : "*";
  const std::string level = signature.size ? "" : ':' + std::to_string(kEngineForAnySize);
  const bool size_first = signature.of == Of::section;
  return (size_first ? size + ':' + digest : digest + ':' + size) + ':' + signature.name + level;
}

}  // namespace amanat::signature
