#include "amanat/crypto/crypto.h"
#include "amanat/crypto/sodium_ready.h"

namespace amanat::crypto {

Signer::Signer(SigningSeed seed) : seed_(std::move(seed)) {
  ensure_sodium();
  const int done = crypto_sign_seed_keypair(public_key_.fill().data(), expanded_.expose().data(),
                                            seed_.expose().data());
  ensure(done == 0, "every seed makes a key pair");
}

Signature Signer::sign(ByteView message) const {
  Signature signature;
  const int done = crypto_sign_detached(signature.fill().data(), nullptr, message.data(),
                                        message.size(), expanded_.expose().data());
  ensure(done == 0, "signing succeeds");
  return signature;
}

Result<> verify(const PublicKey& key, ByteView message, const Signature& signature) {
  ensure_sodium();
  const int done = crypto_sign_verify_detached(signature.bytes().data(), message.data(),
                                               message.size(), key.bytes().data());
  if (done != 0) return fail(Code::forged, "signature does not match");
  return {};
}

Bytes sign_statement(const Signer& signer, ByteView body) {
  Bytes statement;
  statement.reserve(body.size() + Signature::kSize);
  append(statement, body);
  append(statement, signer.sign(body).bytes());
  return statement;
}

Result<ByteView> open_statement(const PublicKey& key, ByteView statement) {
  if (statement.size() < Signature::kSize) {
    return fail(Code::forged, "a statement is shorter than its signature");
  }
  const ByteView body = statement.first(statement.size() - Signature::kSize);
  const auto signature = Signature::from(statement.last(Signature::kSize));
  if (!signature) return carry(signature);
  if (auto held = verify(key, body, *signature); !held) return carry(held);
  return body;
}

}  // namespace amanat::crypto
