#pragma once

// Signatures over what an archive says of its members (.cdb): names, sizes, encryption.
//
//   code   u8 container, container-size, packed-size, size, position (each u8 asked, min, max),
//          u8 encrypted (2: not asked), u8 crc asked, u32 crc, the name's expression (empty: any)

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "amanat/signature/container.h"
#include "amanat/threat/code.h"
#include "amanat/threat/regex.h"
#include "amanat/threat/signature_delta.h"
#include "amanat/threat/tables.h"

namespace amanat::threat {

/// What an archive says of one member.
struct Member {
  signature::ObjectType container{};
  std::uint64_t container_size = 0;
  std::string_view name{};
  std::uint64_t packed_size = 0;
  std::uint64_t size = 0;
  bool encrypted = false;
  std::uint64_t position = 0;  // counted from 1
  std::uint32_t crc = 0;
};

Bytes encode_member(const signature::ContainerSignature& signature);

/// Where a signature over members can match, read from its code; anywhere when that is damaged.
Scope scope_of_member(ByteView code);

/// A signature over members, ready to be compared.
class MemberSignature {
 public:
  /// Nothing when the code is damaged or its expression is not understood.
  static std::optional<MemberSignature> decode(Label label, ByteView code);
  bool matches(const Member& member) const;
  const Label& label() const { return label_; }

 private:
  Label label_;
  signature::ContainerSignature asked_;
  std::optional<CompiledRegex> name_;
};

}  // namespace amanat::threat
