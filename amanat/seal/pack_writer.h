#pragma once

// Seals blobs into packs of one compartment, frame by frame: at most one frame of plain text and
// the directory are in memory, and each frame is hashed into the pack's id as soon as it is sealed.
//
// The pack key is random, made with the first blob and gone with `finish`; an unfinished pack is
// thrown away. So no nonce is used twice.

#include <cstdint>
#include <memory>
#include <vector>

#include "amanat/seal/compartment.h"
#include "amanat/seal/pack.h"

namespace amanat::seal {

enum class Compression : std::uint8_t { none, zstd };
enum class Padding : std::uint8_t { none, ladder };

/// A finished pack, all of it sealed.
struct SealedPack {
  PackId id;
  std::uint32_t frames = 0;
  Generation generation = 1;
  Bytes bytes;                     // pack_size_of(frames)
  std::vector<PackEntry> entries;  // in order of offset
};

class PackWriter {
 public:
  /// Borrows `keys`. `random` makes pack keys, salts and nonces; the system's generator by default.
  explicit PackWriter(const CompartmentKeys& keys, RandomSource random = crypto::fill_random);
  PackWriter(PackWriter&&) noexcept;
  PackWriter& operator=(PackWriter&&) noexcept;
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;
  ~PackWriter();

  /// Adds one blob, compressed at zstd level 3 unless told not to or when that gains nothing.
  /// Whether the blob is in some pack already is for the caller to know: compare `name` first.
  ///
  ///   name     what `name_blob` gives for these bytes and the compartment's name key
  ///   plain    at most kBlobBytesMax bytes
  ///   returns  false, with nothing changed, when it does not fit: finish this pack and add again.
  ///            An empty pack takes every blob.
  [[nodiscard]] bool add(const BlobName& name, BlobType type, ByteView plain,
                         Compression compression = Compression::zstd);

  /// Completes the pack: directory, padding, header, id. Before it returns, the key slot, one frame
  /// in 16 and the directory are opened again from the sealed bytes; `corrupt` when that fails, and
  /// the pack is gone. The writer is then empty and the next `add` starts a pack with a new key.
  ///
  ///   padding  ladder for the last pack of a session, so that its size says little
  ///   reuse    memory of an earlier pack to write the next one into
  Result<SealedPack> finish(Padding padding, Bytes reuse = {});

  bool is_empty() const;
  /// Plain bytes taken so far, without the directory.
  std::size_t plain_size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amanat::seal
