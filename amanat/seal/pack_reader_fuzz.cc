// A pack whose maker holds all keys and lies: one frame whose plain text is the input, padded with
// zeros, its last bytes being the trailer. Whatever it says, reading ends in plain bytes of the
// stated size or in an error.

#include "amanat/seal/pack_reader.h"

#include <algorithm>

#include "amanat/seal/frame.h"
#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;

namespace {

// Seals `plain` as the only frame of a pack.
Bytes seal_frame(ByteView plain, const CompartmentKeys& keys) {
  const auto key = testing::key_of<PackKey>("pack");
  PackHeader header{.frames = 1,
                    .salt = testing::id_of<PackSalt>("salt"),
                    .commitment = {},
                    .compartment = keys.id,
                    .generation = keys.generation};
  header.commitment = commit_pack_key(header, key);
  Bytes pack(pack_size_of(1));
  std::ranges::copy(plain, pack.begin());
  const ByteSpan frame = ByteSpan(pack).first(kFrameBytes);
  crypto::Gcm(key.expose())
      .seal(frame_nonce(0, true), frame_aad(header.salt, header.compartment),
            frame.first(kFramePlainBytes), frame);
  const ByteSpan target = ByteSpan(pack).subspan(kFrameBytes);
  std::ranges::copy(header.encode(), target.begin());
  crypto::Gcm(keys.wrap.expose())
      .seal(crypto::GcmNonce{}, slot_aad(header, keys.decisions), key.expose(),
            target.subspan(kHeaderFieldsBytes + 12, 48));
  return pack;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CompartmentKeys kKeys = testing::compartment_of("fuzz");
  if (size > kFramePlainBytes) return 0;
  // The trailer is taken from the end of the input, so that short inputs have one too.
  Bytes plain(kFramePlainBytes);
  const ByteView input(data, size);
  const std::size_t trailer = std::min<std::size_t>(size, 8);
  std::ranges::copy(input.first(size - trailer), plain.begin());
  std::ranges::copy(input.last(trailer), plain.end() - static_cast<std::ptrdiff_t>(trailer));
  const Bytes pack = seal_frame(plain, kKeys);
  auto reader = PackReader::open(source_over(pack).value(), access_of(kKeys));
  ensure(reader.has_value(), "a pack whose keys hold opens");
  const auto directory = reader->directory();
  if (!directory) return 0;
  std::size_t budget = std::size_t{16} << 20;
  for (const PackEntry& entry : *directory) {
    if (entry.raw > budget) break;
    budget -= entry.raw;
    const auto blob = reader->read_blob(entry);
    ensure(!blob || blob->size() == entry.raw, "a blob has its size");
  }
  return 0;
}
