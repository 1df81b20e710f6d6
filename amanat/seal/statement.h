#pragma once

// A statement is a body with one Ed25519 signature after it, over the bytes of the body as received
// (docs/format.md §1). Its shape may be trusted once parsed; its signature only after `verify`.
//
// A body is a struct with `static constexpr std::string_view kWhat`, `Bytes encode() const` and
// `static Result<Body> parse(ByteView)`, where parse accepts exactly what encode writes.

#include <string_view>
#include <utility>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"

namespace amanat::seal {

/// body || signature[64].
template <class Body>
Bytes sign(const Body& body, const crypto::Signer& signer) {
  return crypto::sign_statement(signer, body.encode());
}

/// A parsed statement with the bytes it came from. Copies freely.
template <class Body>
class Statement {
 public:
  /// Takes the bytes apart; fails with invalid_input when they are no such statement.
  static Result<Statement> parse(Bytes bytes) {
    if (bytes.size() < crypto::Signature::kSize) {
      return fail(Code::invalid_input, std::string(Body::kWhat) + ": it ends too early");
    }
    auto body = Body::parse(ByteView(bytes).first(bytes.size() - crypto::Signature::kSize));
    if (!body) return carry(body);
    return Statement(std::move(bytes), *std::move(body));
  }
  static Result<Statement> parse(ByteView bytes) {
    return parse(Bytes(bytes.begin(), bytes.end()));
  }

  /// What it says, whoever signed it.
  const Body& body_unverified() const { return body_; }

  /// What it says, once the signature of `key` holds; `forged` otherwise. Lives as long as this.
  Result<const Body*> verify(const crypto::PublicKey& key) const {
    auto opened = crypto::open_statement(key, bytes_);
    if (!opened) return carry(opened, Body::kWhat);
    return &body_;
  }

  /// Body and signature, as received; what is hashed.
  ByteView bytes() const { return bytes_; }

 private:
  Statement(Bytes bytes, Body body) : bytes_(std::move(bytes)), body_(std::move(body)) {}

  Bytes bytes_;
  Body body_;
};

}  // namespace amanat::seal
