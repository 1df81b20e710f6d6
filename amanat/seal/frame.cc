#include "amanat/seal/frame.h"

#include "amanat/codec/codec.h"

namespace amanat::seal {
namespace {
constexpr std::string_view kFrameContext = "amanat/frame/v1";
constexpr std::string_view kCommitContext = "amanat/commit-key/v1";
constexpr std::uint8_t kSuite = 1;
constexpr std::size_t kCommittedBytes = 32;  // magic to salt: suite and number of frames among them
}  // namespace

crypto::GcmNonce frame_nonce(std::uint32_t index, bool is_last) {
  crypto::GcmNonce nonce{};
  for (std::size_t i = 0; i < 4; ++i) {
    nonce.at(4 + i) = static_cast<std::uint8_t>(index >> (24 - 8 * i));
  }
  nonce.at(11) = is_last ? 1 : 0;
  return nonce;
}

Bytes frame_aad(const PackSalt& salt, const CompartmentId& compartment) {
  codec::Writer writer;
  writer.raw(kFrameContext);
  writer.u8(kSuite);
  writer.raw(salt.bytes());
  writer.raw(compartment.bytes());
  return std::move(writer).take();
}

Bytes slot_aad(const PackHeader& header, std::span<const consent::DecisionHash> decisions) {
  codec::Writer writer;
  writer.raw(header.encode());
  for (const consent::DecisionHash& decision : decisions) writer.raw(decision.bytes());
  return std::move(writer).take();
}

KeyCommitment commit_pack_key(const PackHeader& header, const PackKey& key) {
  KeyCommitment commitment;
  const auto fields = header.encode();
  crypto::hkdf(key.expose(), header.salt.bytes(),
               {as_bytes(kCommitContext), ByteView(fields).first(kCommittedBytes)},
               commitment.fill());
  return commitment;
}

}  // namespace amanat::seal
