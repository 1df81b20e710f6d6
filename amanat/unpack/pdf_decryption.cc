#include "amanat/unpack/pdf_decryption.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "amanat/crypto/aes_cbc.h"
#include "amanat/crypto/crypto.h"

namespace amanat::unpack {
namespace {

using crypto::DigestKind;
using crypto::kAesBlockBytes;

// The cipher of the first versions; OpenSSL 3 keeps it in a file that the sandbox cannot open.
class Rc4 {
 public:
  explicit Rc4(ByteView key) {
    std::iota(state_.begin(), state_.end(), std::uint8_t{0});
    std::uint8_t j = 0;
    for (std::size_t i = 0; i < state_.size(); ++i) {
      j = static_cast<std::uint8_t>(j + state_[i] + key[i % key.size()]);
      std::swap(state_[i], state_[j]);
    }
  }
  void run(ByteView from, ByteSpan to) {
    for (std::size_t k = 0; k < from.size(); ++k) {
      j_ = static_cast<std::uint8_t>(j_ + state_[++i_]);
      std::swap(state_[i_], state_[j_]);
      to[k] = from[k] ^ state_[static_cast<std::uint8_t>(state_[i_] + state_[j_])];
    }
  }

 private:
  std::array<std::uint8_t, 256> state_{};
  std::uint8_t i_ = 0;
  std::uint8_t j_ = 0;
};

Bytes digest(DigestKind kind, ByteView bytes) {
  crypto::Digest hash(kind);
  hash.update(bytes);
  return hash.finish();
}

// What fills a password up to 32 bytes: the empty one is all of this (algorithm 2, step a).
constexpr auto kPadding =
    std::to_array<std::uint8_t>({0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e,
                                 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68,
                                 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a});
constexpr std::size_t kPasswordBytes = 32;

std::size_t key_bytes(const PdfEncryption& said) {
  constexpr std::uint32_t kBytesMax = 16;
  if (said.version == 1) return 5;
  if (said.version == 4) return kBytesMax;
  return std::clamp(said.key_bits / 8, 5U, kBytesMax);
}

// Algorithm 2.
Bytes make_key(const PdfEncryption& said, std::string_view identifier) {
  const std::size_t size = key_bytes(said);
  Bytes text(kPadding.begin(), kPadding.end());
  append(text, as_bytes(std::string_view(said.owner).substr(0, kPasswordBytes)));
  for (const unsigned shift : {0U, 8U, 16U, 24U}) {
    text.push_back(static_cast<std::uint8_t>(said.permissions >> shift));
  }
  append(text, as_bytes(identifier));
  if (said.revision >= 4 && !said.covers_metadata) text.insert(text.end(), 4, 0xff);
  Bytes key = digest(DigestKind::md5, text);
  key.resize(size);
  for (int i = 0; said.revision >= 3 && i < 50; ++i) {
    key = digest(DigestKind::md5, key);
    key.resize(size);
  }
  return key;
}

// Algorithms 4 and 5: what U must be.
Bytes make_user(std::uint32_t revision, ByteView key, std::string_view identifier) {
  if (revision == 2) {
    Bytes user(kPadding.size());
    Rc4(key).run(kPadding, user);
    return user;
  }
  Bytes text(kPadding.begin(), kPadding.end());
  append(text, as_bytes(identifier));
  Bytes user = digest(DigestKind::md5, text);
  for (std::uint8_t i = 0; i < 20; ++i) {
    Bytes turned(key.begin(), key.end());
    for (std::uint8_t& byte : turned) byte ^= i;
    Rc4(turned).run(user, user);
  }
  return user;
}

// Algorithm 2.B with an empty password and no other text; revision 5 stops at the first digest.
Bytes hash_empty_password(std::uint32_t revision, std::string_view salt) {
  constexpr int kRoundsMin = 64;
  constexpr std::size_t kRepeats = 64;
  Bytes key = digest(DigestKind::sha256, as_bytes(salt));
  if (revision == 5) return key;
  std::uint8_t last = 0;
  for (int round = 0; round < kRoundsMin || last > round - 32; ++round) {
    Bytes text;
    for (std::size_t i = 0; i < kRepeats; ++i) append(text, key);
    const Bytes old = std::move(key);
    crypto::aes_cbc_encrypt(ByteView(old).first(16), ByteView(old).subspan(16, 16), text, text);
    const auto front = std::span(text).first<16>();
    constexpr auto kKinds =
        std::to_array({DigestKind::sha256, DigestKind::sha384, DigestKind::sha512});
    key = digest(kKinds[std::accumulate(front.begin(), front.end(), 0U) % 3], text);
    last = text.back();
  }
  key.resize(kPasswordBytes);
  return key;
}

// Algorithm 2.A, step e.
std::optional<Bytes> open_long_key(const PdfEncryption& said) {
  constexpr std::size_t kSaltBytes = 8;
  const std::string_view user = said.user;
  if (user.size() < kPasswordBytes + 2 * kSaltBytes || said.user_key.size() < kPasswordBytes) {
    return std::nullopt;
  }
  const std::string_view for_check = user.substr(kPasswordBytes, kSaltBytes);
  const std::string_view for_key = user.substr(kPasswordBytes + kSaltBytes, kSaltBytes);
  if (as_text(hash_empty_password(said.revision, for_check)) != user.substr(0, kPasswordBytes)) {
    return std::nullopt;
  }
  Bytes key(kPasswordBytes);
  const Bytes zeros(kAesBlockBytes);
  crypto::aes_cbc_decrypt(hash_empty_password(said.revision, for_key), zeros,
                          as_bytes(said.user_key).first(kPasswordBytes), key);
  return key;
}

std::optional<Bytes> open_key(const PdfEncryption& said, std::string_view identifier) {
  if (said.revision == 5 || said.revision == 6) return open_long_key(said);
  if (said.revision < 2 || said.revision > 4) return std::nullopt;
  Bytes key = make_key(said, identifier);
  const Bytes user = make_user(said.revision, key, identifier);
  // From revision 3 on the second half of U is arbitrary.
  if (!said.user.starts_with(as_text(user))) return std::nullopt;
  return key;
}

bool is_known(const PdfEncryption& said) {
  const bool is_version_known = said.version == 1 || said.version == 2 || said.version == 3
                                || said.version == 4 || said.version == 5;
  return said.handler == "Standard" && is_version_known && said.streams && said.strings
         && said.files && (said.version == 5) == (said.revision >= 5);
}

}  // namespace

std::optional<PdfDecryption> PdfDecryption::open(ByteView document) {
  std::vector<std::string> identifiers = find_pdf_identifiers(document);
  identifiers.emplace_back();  // there may be none
  for (PdfEncryption& said : find_pdf_encryptions(document)) {
    if (!is_known(said)) continue;
    for (const std::string& identifier : identifiers) {
      auto key = open_key(said, identifier);
      if (key) return PdfDecryption(std::move(said), std::move(*key));
      if (said.version == 5) break;  // which asks for none
    }
  }
  return std::nullopt;
}

PdfCipher PdfDecryption::cipher_of_stream(std::string_view type) const {
  if (type == "XRef" || (type == "Metadata" && !said_.covers_metadata)) return PdfCipher::none;
  return type == "EmbeddedFile" ? *said_.files : *said_.streams;
}

// Algorithm 1, and 1.A for long keys.
Bytes PdfDecryption::key_of_object(PdfObjectId id, PdfCipher cipher) const {
  constexpr std::size_t kObjectKeyMax = 16;
  if (said_.version == 5) return key_;
  Bytes text = key_;
  for (const unsigned shift : {0U, 8U, 16U}) {
    text.push_back(static_cast<std::uint8_t>(id.number >> shift));
  }
  for (const unsigned shift : {0U, 8U}) {
    text.push_back(static_cast<std::uint8_t>(id.generation >> shift));
  }
  if (cipher == PdfCipher::aes) append(text, as_bytes("sAlT"));
  Bytes key = digest(DigestKind::md5, text);
  key.resize(std::min(key_.size() + 5, kObjectKeyMax));
  return key;
}

// `plain` has room for all of `sealed`; returns how much of it is content.
std::size_t PdfDecryption::decrypt(PdfObjectId id, PdfCipher cipher, ByteView sealed,
                                   ByteSpan plain) const {
  const Bytes key = key_of_object(id, cipher);
  if (cipher == PdfCipher::rc4) {
    Rc4(key).run(sealed, plain);
    return sealed.size();
  }
  // A first block to start with, and 1 to 16 bytes of padding, each of which is their count.
  const std::size_t whole = sealed.size() - sealed.size() % kAesBlockBytes;
  if (whole <= kAesBlockBytes || (key.size() != 16 && key.size() != 32)) return 0;
  const std::size_t size = whole - kAesBlockBytes;
  crypto::aes_cbc_decrypt(key, sealed.first(kAesBlockBytes), sealed.subspan(kAesBlockBytes, size),
                          plain.first(size));
  const std::size_t padding = plain[size - 1];
  return padding >= 1 && padding <= kAesBlockBytes ? size - padding : size;
}

bool PdfDecryption::decrypt_stream(PdfObjectId id, PdfCipher cipher, ByteView sealed,
                                   Output& plain) const {
  if (cipher == PdfCipher::none) return plain.add(sealed);
  if (sealed.size() > plain.room()) {
    plain.note_limit();
    return false;
  }
  plain.commit(decrypt(id, cipher, sealed, plain.reserve(sealed.size())));
  return true;
}

std::string PdfDecryption::decrypt_string(PdfObjectId id, std::string_view sealed) const {
  if (*said_.strings == PdfCipher::none) return std::string(sealed);
  Bytes plain(sealed.size());
  plain.resize(decrypt(id, *said_.strings, as_bytes(sealed), plain));
  return std::string(as_text(plain));
}

}  // namespace amanat::unpack
