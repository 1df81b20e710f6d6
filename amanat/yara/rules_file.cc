#include "amanat/yara/rules_file.h"

#include <bit>

#include <yara.h>

#include "amanat/codec/codec.h"
#include "amanat/crypto/crypto.h"
#include "amanat/yara/yara.h"

namespace amanat::yara {
namespace {

constexpr std::string_view kMagic = "AMYARAC1";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestedBytes = kRulesHeaderBytes - 32;  // of the header

}  // namespace

std::uint32_t this_machine() {
  constexpr std::uint32_t kOrder =
      std::endian::native == std::endian::little ? 0x04030200 : 0x01020300;
  return kOrder | static_cast<std::uint32_t>(sizeof(void*));
}

std::uint32_t this_engine() { return YR_VERSION_HEX; }

Bytes encode_rules_file(const RulesFile& file) {
  codec::Writer writer;
  writer.raw(kMagic);
  writer.u32(kVersion);
  writer.u32(file.engine);
  writer.u32(file.machine);
  writer.u32(file.count);
  writer.u64(file.body.size());
  const crypto::Hash digest = crypto::sha256({writer.bytes(), file.body});
  writer.raw(digest.bytes());
  writer.raw(file.body);
  return std::move(writer).take();
}

Result<RulesFile> parse_rules_file(ByteView bytes) {
  codec::Reader reader(bytes);
  reader.expect(kMagic, "a file of compiled rules");
  if (reader.u32() != kVersion) reader.refuse("another version of the format");
  RulesFile file;
  file.engine = reader.u32();
  file.machine = reader.u32();
  file.count = reader.u32();
  const std::uint64_t size = reader.u64();
  const auto digest = reader.id<crypto::Hash>();
  if (size > kRulesFileBytesMax) reader.refuse("more rules than fit");
  file.body = reader.raw(reader.failed() ? 0 : static_cast<std::size_t>(size));
  if (auto done = reader.finish("compiled rules"); !done) {
    return fail(Code::corrupt, done.error().message);
  }
  if (crypto::sha256({bytes.first(kDigestedBytes), file.body}) != digest) {
    return fail(Code::corrupt, "compiled rules: the digest does not hold");
  }
  return file;
}

}  // namespace amanat::yara
