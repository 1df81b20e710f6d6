#include "amanat/crypto/aes_cbc.h"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>

namespace amanat::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};

enum class Direction : std::uint8_t { decrypt = 0, encrypt = 1 };

void run(Direction direction, ByteView key, ByteView start, ByteView from, ByteSpan to) {
  constexpr std::size_t kPieceBytes = 1UL << 20;
  ensure(key.size() == 16 || key.size() == 32, "AES keys have 16 or 32 bytes here");
  ensure(start.size() == kAesBlockBytes && from.size() % kAesBlockBytes == 0
             && to.size() == from.size(),
         "CBC takes whole blocks");
  const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(
      EVP_CIPHER_fetch(nullptr, key.size() == 16 ? "AES-128-CBC" : "AES-256-CBC", nullptr));
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  ensure(cipher != nullptr && context != nullptr
             && EVP_CipherInit_ex(context.get(), cipher.get(), nullptr, key.data(), start.data(),
                                  static_cast<int>(direction))
                    == 1
             && EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1,
         "a cipher starts");
  for (std::size_t at = 0; at < from.size(); at += kPieceBytes) {
    const ByteView piece = from.subspan(at, std::min(kPieceBytes, from.size() - at));
    int written = 0;
    ensure(EVP_CipherUpdate(context.get(), to.data() + at, &written, piece.data(),
                            static_cast<int>(piece.size()))
                   == 1
               && static_cast<std::size_t>(written) == piece.size(),
           "a cipher writes as much as it reads");
  }
}

}  // namespace

void aes_cbc_decrypt(ByteView key, ByteView start, ByteView blocks, ByteSpan plain) {
  run(Direction::decrypt, key, start, blocks, plain);
}

void aes_cbc_encrypt(ByteView key, ByteView start, ByteView plain, ByteSpan blocks) {
  run(Direction::encrypt, key, start, plain, blocks);
}

}  // namespace amanat::crypto
