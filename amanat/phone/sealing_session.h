#pragma once

// Seals one compartment's blobs: names them, leaves out what is known already, packs the rest, and
// hands full packs on with the statement that goes with them.

#include <functional>
#include <memory>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/phone/file_records.h"
#include "amanat/seal/chunker.h"
#include "amanat/seal/keyring.h"
#include "amanat/seal/object.h"
#include "amanat/seal/pack_writer.h"

namespace amanat::phone {

/// A full pack and the signed Object that says under which grants it was made.
struct StatedPack {
  seal::SealedPack pack;
  seal::CompartmentId compartment;
  std::vector<consent::GrantId> grants;  // registry order
  Bytes statement;
};

class SealingSession {
 public:
  /// Takes a finished pack. Gives back memory for the next one, which may be empty.
  using PackSink = std::function<Result<Bytes>(StatedPack)>;

  /// Takes what it needs out of `body`.
  ///
  ///   known   names of the compartment's blobs that some pack has
  ///   fails   denied when a grant of the compartment is withdrawn
  static Result<std::unique_ptr<SealingSession>> open(const seal::KeyringBody& body,
                                                      const seal::CompartmentId& compartment,
                                                      BlobNames known, const Clock& clock,
                                                      PackSink sink);
  SealingSession(const SealingSession&) = delete;
  SealingSession& operator=(const SealingSession&) = delete;

  const seal::CompartmentId& compartment() const { return keys_.id; }
  const seal::NameKey& name_key() const { return keys_.name; }
  seal::Chunker& chunker() { return chunker_; }

  bool knows(const seal::BlobName& name) const { return known_.contains(name); }

  /// Stores a blob unless it is known, and gives its name.
  Result<seal::BlobName> store(seal::BlobType type, ByteView plain,
                               seal::Compression compression = seal::Compression::zstd);

  /// Stores a blob in the open pack or the next, known or not: its place is certain.
  Result<seal::BlobName> store_anew(seal::BlobType type, ByteView plain,
                                    seal::Compression compression = seal::Compression::zstd);

  /// Completes the open pack, if there is one.
  Result<> finish_pack(seal::Padding padding);

  /// Whether the open pack has room for `count` more blobs of `size` bytes together.
  bool has_room(std::size_t size, std::size_t count) const;
  /// Whether the open pack has files' content or pages of folders: what an index must name.
  bool holds_indexed_content() const { return holds_indexed_content_; }
  /// The packs that were handed on so far, in order.
  const std::vector<seal::PackId>& packs() const { return packs_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  SealingSession(seal::CompartmentKeys keys, std::vector<seal::ObjectGrant> grants,
                 crypto::Signer consent_signer, BlobNames known, const Clock& clock, PackSink sink);

  seal::CompartmentKeys keys_;
  std::vector<seal::ObjectGrant> grants_;
  crypto::Signer consent_signer_;
  BlobNames known_;
  const Clock& clock_;
  PackSink sink_;
  seal::Chunker chunker_;
  seal::PackWriter writer_;
  Bytes spare_;
  std::size_t blobs_in_pack_ = 0;
  bool holds_indexed_content_ = false;
  std::vector<seal::PackId> packs_;
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace amanat::phone
