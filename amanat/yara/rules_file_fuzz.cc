// A file of compiled rules that parses encodes to the same bytes. Every input is also tried behind
// a header and digest that hold, as far as the parser goes: libyara never sees what we did not
// make.

#include "amanat/yara/rules_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat::yara;  // NOLINT(google-build-using-namespace): one function
  const amanat::ByteView bytes(data, size);
  if (const auto file = parse_rules_file(bytes)) {
    const amanat::Bytes again = encode_rules_file(*file);
    amanat::ensure(std::equal(again.begin(), again.end(), data, data + size),
                   "compiled rules have one encoding");
  }
  const amanat::Bytes wrapped = encode_rules_file({.engine = 1, .machine = 2, .body = bytes});
  const auto file = parse_rules_file(wrapped);
  amanat::ensure(file && file->body.size() == size, "what is encoded parses");
  return 0;
}
