#include "amanat/seal/compartment.h"

#include <array>
#include <cstring>

#include "amanat/seal/object.h"

namespace amanat::seal {
namespace {

SecretBytes join(GrantKeys keys) {
  ensure(!keys.empty() && keys.size() <= kObjectGrantsMax, "a compartment has 1 to 15 grants");
  SecretBytes joined(keys.size() * GrantKey::kSize);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::memcpy(joined.expose().data() + i * GrantKey::kSize, keys[i]->expose().data(),
                GrantKey::kSize);
  }
  return joined;
}

template <class KeyType>
KeyType derive(const CompartmentName& name, GrantKeys keys, std::string_view context,
               ByteView number = {}) {
  const std::array purpose{consent::to_byte(name.purpose)};
  return crypto::derive_key<KeyType>(join(keys).expose(), name.id.bytes(),
                                     {as_bytes(context), purpose, number});
}

}  // namespace

WrapKey derive_wrap_key(const CompartmentName& name, Generation generation, GrantKeys keys) {
  const std::array number{static_cast<std::uint8_t>(generation >> 8),
                          static_cast<std::uint8_t>(generation & 0xff)};
  return derive<WrapKey>(name, keys, "amanat/wrap/v1", number);
}

NameKey derive_name_key(const CompartmentName& name, GrantKeys first_keys) {
  return derive<NameKey>(name, first_keys, "amanat/name/v1");
}

ChunkKey derive_chunk_key(const CompartmentName& name, GrantKeys first_keys) {
  return derive<ChunkKey>(name, first_keys, "amanat/chunk/v1");
}

CutKey derive_cut_key(const CompartmentName& name, GrantKeys first_keys) {
  return derive<CutKey>(name, first_keys, "amanat/cut/v1");
}

}  // namespace amanat::seal
