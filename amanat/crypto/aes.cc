#include <climits>

#include <openssl/evp.h>

#include "amanat/crypto/crypto.h"

namespace amanat::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const EVP_CIPHER* fetch_cipher(const char* name) {
  const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  ensure(cipher != nullptr, "libcrypto has this cipher");
  return cipher;
}

// A context with its key: the schedule is made here, once.
Context keyed_context(const EVP_CIPHER* cipher, ByteView key) {
  Context context(EVP_CIPHER_CTX_new());
  ensure(context != nullptr
             && key.size() == static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher))
             && EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr) == 1,
         "a cipher starts with a key of its length");
  return context;
}

int length_of(ByteView bytes) {
  ensure(bytes.size() <= INT_MAX, "one call of a cipher takes less than 2 GiB");
  return static_cast<int>(bytes.size());
}

enum class Direction : std::uint8_t { open = 0, seal = 1 };

// Begins one message under the kept key: only the nonce changes.
void start_message(EVP_CIPHER_CTX* context, const GcmNonce& nonce, ByteView aad,
                   Direction direction) {
  int written = 0;
  const bool started = EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce.data(),
                                         static_cast<int>(direction))
                       == 1;
  ensure(started
             && (aad.empty()
                 || EVP_CipherUpdate(context, nullptr, &written, aad.data(), length_of(aad)) == 1),
         "a message starts under a kept key");
}

void transform(EVP_CIPHER_CTX* context, ByteView from, ByteSpan to) {
  if (from.empty()) return;
  int written = 0;
  ensure(EVP_CipherUpdate(context, to.data(), &written, from.data(), length_of(from)) == 1
             && written == length_of(from),
         "a cipher writes as much as it reads");
}

}  // namespace

struct Gcm::State {
  explicit State(ByteView key) : context(keyed_context(cipher(), key)) {}
  static const EVP_CIPHER* cipher() {
    static const EVP_CIPHER* const kept = fetch_cipher("AES-256-GCM");
    return kept;
  }
  Context context;
};

Gcm::Gcm(ByteView key) : state_(std::make_unique<State>(key)) {}
Gcm::Gcm(Gcm&&) noexcept = default;
Gcm& Gcm::operator=(Gcm&&) noexcept = default;
Gcm::~Gcm() = default;

void Gcm::seal(const GcmNonce& nonce, ByteView aad, ByteView plain, ByteSpan out) {
  ensure(out.size() == plain.size() + kTagSize, "sealed bytes are a tag longer than plain ones");
  EVP_CIPHER_CTX* context = state_->context.get();
  start_message(context, nonce, aad, Direction::seal);
  transform(context, plain, out);
  const ByteSpan tag = out.last(kTagSize);
  int written = 0;
  ensure(EVP_CipherFinal_ex(context, tag.data(), &written) == 1 && written == 0
             && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, int{kTagSize}, tag.data()) == 1,
         "sealing ends with a tag");
}

Result<> Gcm::open(const GcmNonce& nonce, ByteView aad, ByteView sealed, ByteSpan out) {
  if (sealed.size() < kTagSize) {
    wipe(out);
    return fail(Code::forged, "sealed bytes are shorter than their tag");
  }
  ensure(out.size() == sealed.size() - kTagSize, "plain bytes are a tag shorter than sealed ones");
  EVP_CIPHER_CTX* context = state_->context.get();
  // The tag is copied first: `out` may lie over it.
  std::array<std::uint8_t, kTagSize> tag{};
  std::memcpy(tag.data(), sealed.last(kTagSize).data(), kTagSize);
  start_message(context, nonce, aad, Direction::open);
  transform(context, sealed.first(out.size()), out);
  ensure(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int{kTagSize}, tag.data()) == 1,
         "a tag can be set");
  int written = 0;
  std::uint8_t nothing = 0;
  if (EVP_CipherFinal_ex(context, &nothing, &written) == 1) return {};
  wipe(out);
  return fail(Code::forged, "the tag does not hold");
}

struct AesBlocks::State {
  explicit State(ByteView key) : context(keyed_context(cipher(), key)) {
    ensure(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1, "blocks go without padding");
  }
  static const EVP_CIPHER* cipher() {
    static const EVP_CIPHER* const kept = fetch_cipher("AES-128-ECB");
    return kept;
  }
  Context context;
};

AesBlocks::AesBlocks(ByteView key) : state_(std::make_unique<State>(key)) {}
AesBlocks::AesBlocks(AesBlocks&&) noexcept = default;
AesBlocks& AesBlocks::operator=(AesBlocks&&) noexcept = default;
AesBlocks::~AesBlocks() = default;

void AesBlocks::encrypt(ByteSpan blocks) {
  ensure(blocks.size() % 16 == 0, "blocks are whole");
  transform(state_->context.get(), blocks, blocks);
}

}  // namespace amanat::crypto
