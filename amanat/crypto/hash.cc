#include <openssl/evp.h>

#include "amanat/crypto/crypto.h"
#include "amanat/crypto/lane.h"

namespace amanat::crypto {
namespace {

// Fetching walks the provider's tables under locks, so each digest is fetched once and kept.
const EVP_MD* fetch_digest(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  ensure(digest != nullptr, "libcrypto has this digest");
  return digest;
}

const EVP_MD* digest_of(DigestKind kind) {
  static const EVP_MD* const sha256_digest = fetch_digest("SHA256");
  static const EVP_MD* const sha1_digest = fetch_digest("SHA1");
  static const EVP_MD* const md5_digest = fetch_digest("MD5");
  static const EVP_MD* const sha384_digest = fetch_digest("SHA384");
  static const EVP_MD* const sha512_digest = fetch_digest("SHA512");
  switch (kind) {
    case DigestKind::sha1: return sha1_digest;
    case DigestKind::md5: return md5_digest;
    case DigestKind::sha384: return sha384_digest;
    case DigestKind::sha512: return sha512_digest;
    case DigestKind::sha256: break;
  }
  return sha256_digest;
}

EVP_MD_CTX* new_context(DigestKind kind) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ensure(context != nullptr && EVP_DigestInit_ex(context, digest_of(kind), nullptr) == 1,
         "a digest can start");
  return context;
}

void update_context(EVP_MD_CTX* context, ByteView bytes) {
  if (bytes.empty()) return;
  ensure(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1, "a digest takes bytes");
}

// Writes the digest and makes the context ready for the next one.
void finish_context(EVP_MD_CTX* context, ByteSpan digest) {
  ensure(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1, "a digest can finish");
  ensure(EVP_DigestInit_ex(context, nullptr, nullptr) == 1, "a digest can start anew");
}

}  // namespace

Sha256Lane::Sha256Lane() : context_(new_context(DigestKind::sha256)) {}
Sha256Lane::~Sha256Lane() { EVP_MD_CTX_free(context_); }
void Sha256Lane::update(ByteView bytes) { update_context(context_, bytes); }
void Sha256Lane::finish(ByteSpan digest) { finish_context(context_, digest); }

Sha256Lane& lane() {
  thread_local Sha256Lane of_this_thread;
  return of_this_thread;
}

Hash sha256(std::initializer_list<ByteView> parts) {
  Sha256Lane& hasher = lane();
  for (const ByteView part : parts) hasher.update(part);
  Hash hash;
  hasher.finish(hash.fill());
  return hash;
}

struct Digest::State {
  explicit State(DigestKind kind) : context(new_context(kind)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
  EVP_MD_CTX* context;
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>(kind)) {}
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(ByteView bytes) { update_context(state_->context, bytes); }

Bytes Digest::finish() {
  Bytes digest(static_cast<std::size_t>(EVP_MD_CTX_get_size(state_->context)));
  finish_context(state_->context, digest);
  return digest;
}

Hash Digest::finish_sha256() {
  ensure(EVP_MD_CTX_get_size(state_->context) == static_cast<int>(Hash::kSize),
         "this digest is SHA-256");
  Hash hash;
  finish_context(state_->context, hash.fill());
  return hash;
}

}  // namespace amanat::crypto
