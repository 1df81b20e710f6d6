// Lines of hashes, containers, certificates and ignored names: what parses prints to a line that
// parses to the same. The first byte says what the rest is.
//
// libFuzzer: -max_len=512

#include "amanat/signature/signature.h"

using namespace amanat;

namespace {

template <class T>
std::optional<std::string> printed(const T& value) {
  return signature::print(value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::uint8_t kKinds = 9;
  const auto kind = static_cast<signature::Kind>((data[0] - std::uint8_t{'0'}) % kKinds & 0xf);
  if (static_cast<std::uint8_t>(kind) >= kKinds) return 0;
  const auto parsed = signature::parse_line(kind, as_text(ByteView(data, size).subspan(1)));
  if (!parsed) return 0;
  const auto text = std::visit([](const auto& value) { return printed(value); }, *parsed);
  if (text) {
    ensure(signature::parse_line(kind, *text) == parsed, "a line has one meaning");
  }
  return 0;
}
