#pragma once

// A SHA-256 context that every thread keeps for itself.
//
// Making an OpenSSL context costs more than hashing a tree node in it (1 µs against 0.25 µs), so a
// context is made once per thread and is always ready: `finish` leaves it as `lane` found it, which
// also removes what a secret may have left in it. A computation must finish before the next begins;
// nothing outside this folder sees a lane.

#include "amanat/crypto/crypto.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace amanat::crypto {

class Sha256Lane {
 public:
  Sha256Lane();
  Sha256Lane(const Sha256Lane&) = delete;
  Sha256Lane& operator=(const Sha256Lane&) = delete;
  ~Sha256Lane();
  void update(ByteView bytes);
  void finish(ByteSpan digest);  // 32 bytes

 private:
  evp_md_ctx_st* context_;
};

/// This thread's lane.
Sha256Lane& lane();

}  // namespace amanat::crypto
