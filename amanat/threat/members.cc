#include "amanat/threat/members.h"

namespace amanat::threat {
namespace {
using signature::Range;

void write_range(CodeWriter& code, const std::optional<Range>& range) {
  code.byte(range ? 1 : 0);
  if (!range) return;
  code.number(range->min);
  code.number(range->max);
}

std::optional<Range> read_range(CodeReader& code) {
  if (code.byte() == 0) return std::nullopt;
  const std::uint32_t min = code.number32();
  return Range{min, code.number32()};
}

bool is_in(const std::optional<Range>& range, std::uint64_t value) {
  return !range || range->contains(value);
}
}  // namespace

Bytes encode_member(const signature::ContainerSignature& signature) {
  CodeWriter code;
  code.byte(signature.container.number());
  write_range(code, signature.container_size);
  write_range(code, signature.packed_size);
  write_range(code, signature.size);
  write_range(code, signature.position);
  code.byte(!signature.encrypted ? 2 : *signature.encrypted ? 1 : 0);
  code.byte(signature.crc ? 1 : 0);
  code.number(signature.crc.value_or(0));
  code.raw(as_bytes(signature.member_name.value_or("")));
  return std::move(code).take();
}

Scope scope_of_member(ByteView bytes) {
  CodeReader code(bytes);
  const std::uint8_t container = code.byte();
  const std::optional<Range> size = read_range(code);
  if (code.failed()) return {};
  Scope scope{.target = 0, .container = container};
  scope.asks_size = size.has_value();
  if (size) scope.size = {size->min, size->max};
  return scope;
}

std::optional<MemberSignature> MemberSignature::decode(Label label, ByteView bytes) {
  CodeReader code(bytes);
  MemberSignature signature;
  signature.label_ = label;
  const auto container = signature::ObjectType::at(code.byte());
  if (!container) return std::nullopt;
  signature.asked_.container = *container;
  signature.asked_.container_size = read_range(code);
  signature.asked_.packed_size = read_range(code);
  signature.asked_.size = read_range(code);
  signature.asked_.position = read_range(code);
  const std::uint8_t encrypted = code.byte();
  if (encrypted < 2) signature.asked_.encrypted = encrypted == 1;
  const bool has_crc = code.byte() != 0;
  const std::uint32_t crc = code.number32();
  if (has_crc) signature.asked_.crc = crc;
  const std::string_view expression = as_text(code.rest());
  if (code.failed()) return std::nullopt;
  if (expression.empty()) return signature;
  auto name = CompiledRegex::compile(expression, {});
  if (!name) return std::nullopt;
  signature.name_ = std::move(*name);
  return signature;
}

bool MemberSignature::matches(const Member& member) const {
  const bool fits = (asked_.container.is_any() || asked_.container == member.container)
                    && is_in(asked_.container_size, member.container_size)
                    && is_in(asked_.packed_size, member.packed_size)
                    && is_in(asked_.size, member.size) && is_in(asked_.position, member.position)
                    && asked_.encrypted.value_or(member.encrypted) == member.encrypted
                    && asked_.crc.value_or(member.crc) == member.crc;
  if (!fits || !name_) return fits;
  const auto found = name_->find(as_bytes(member.name), 0, false);
  return found && found->has_value();
}

}  // namespace amanat::threat
