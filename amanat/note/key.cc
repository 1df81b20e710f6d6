#include "amanat/crypto/crypto.h"
#include "amanat/note/note.h"
#include "amanat/note/text.h"

namespace amanat::note {
namespace {

constexpr std::size_t kIdHexDigits = 8;

std::uint32_t number_of(ByteView bytes) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

std::uint32_t id_of(std::string_view name, std::uint8_t type, ByteView public_key) {
  const crypto::Hash hash =
      crypto::sha256({as_bytes(name), as_bytes("\n"), ByteView(&type, 1), public_key});
  return number_of(hash.bytes().first(4));
}

VerifierKey make_key(std::string name, std::uint8_t type, ByteView public_key) {
  ensure(is_key_name(name), "a key's name has no spaces and no plus sign");
  ensure(public_key.size() == crypto::PublicKey::kSize, "an Ed25519 key has 32 bytes");
  VerifierKey key;
  key.id = id_of(name, type, public_key);
  key.name = std::move(name);
  key.type = type;
  append(key.public_key, public_key);
  return key;
}

std::unexpected<Error> bad_key(std::string_view reason) {
  return fail(Code::invalid_input, "verifier key: " + std::string(reason));
}

}  // namespace

VerifierKey VerifierKey::ed25519(std::string name, ByteView public_key) {
  return make_key(std::move(name), kTypeEd25519, public_key);
}

VerifierKey VerifierKey::cosigner(std::string name, ByteView public_key) {
  return make_key(std::move(name), kTypeCosignature, public_key);
}

// Base64 may itself contain plus signs; the name and the id may not.
Result<VerifierKey> VerifierKey::parse(std::string_view vkey) {
  const std::size_t first = vkey.find('+');
  const std::size_t second = vkey.find('+', first + 1);
  if (first == vkey.npos || second != first + 1 + kIdHexDigits) {
    return bad_key("it is not name, id and key between plus signs");
  }
  VerifierKey key;
  key.name = vkey.substr(0, first);
  if (!is_key_name(key.name)) return bad_key("the name has a character that none may have");
  const auto id = from_hex(vkey.substr(first + 1, kIdHexDigits));
  if (!id) return carry(id, "verifier key");
  const auto typed = from_base64(vkey.substr(second + 1));
  if (!typed) return carry(typed, "verifier key");
  if (typed->size() != 1 + crypto::PublicKey::kSize) return bad_key("the key has a wrong length");
  key.type = typed->front();
  if (key.type != kTypeEd25519 && key.type != kTypeCosignature) {
    return bad_key("the type is neither Ed25519 nor cosignature");
  }
  key.public_key.assign(typed->begin() + 1, typed->end());
  key.id = id_of(key.name, key.type, key.public_key);
  if (key.id != number_of(*id)) return bad_key("the id is not that of the key");
  return key;
}

std::string VerifierKey::to_text() const {
  Bytes typed{type};
  append(typed, public_key);
  std::string text = name;
  text += '+';
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(id >> shift);
    text += to_hex({&byte, 1});
  }
  text += '+';
  text += to_base64(typed);
  return text;
}

}  // namespace amanat::note
