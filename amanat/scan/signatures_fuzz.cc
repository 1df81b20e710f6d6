// A line that parses, written again in its plain spelling, parses to the same signature.

#include "amanat/scan/signatures.h"

namespace amanat::scan {
namespace {

std::string write(const HashSignature& signature) {
  return to_hex(signature.digest) + ':'
         + (signature.size ? std::to_string(*signature.size) : std::string("*")) + ':'
         + signature.name + ':' + std::to_string(kEngineForAnySize);
}

std::string write(const Offset& offset) {
  if (offset.from == Offset::From::anywhere) return "*";
  return (offset.from == Offset::From::end ? "EOF-" : "") + std::to_string(offset.distance) + ','
         + std::to_string(offset.shift);
}

std::string write(const BodySignature& signature) {
  return signature.name + ':' + std::to_string(static_cast<unsigned>(signature.target)) + ':'
         + write(signature.offset) + ':' + to_hex(signature.bytes);
}

std::string write(const IgnoredName& ignored) {
  return ignored.name + ".UNOFFICIAL" + (ignored.line_md5 ? ':' + *ignored.line_md5 : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line = as_text(ByteView(data, size));
  if (const auto hash = parse_hash_signature(line)) {
    ensure(parse_hash_signature(write(*hash)) == hash, "a hash signature has one meaning");
  }
  if (const auto body = parse_body_signature(line)) {
    ensure(parse_body_signature(write(*body)) == body, "a body signature has one meaning");
  }
  if (const auto ignored = parse_ignored_name(line)) {
    ensure(parse_ignored_name(write(*ignored)) == ignored, "an ignored name has one meaning");
  }
  return 0;
}

}  // namespace amanat::scan
