#pragma once

// Opens packs. Nothing in a pack is believed before a tag holds, and nothing is allocated that the
// limits of the format do not allow.
//
//   auto header = read_pack_header(source);              // says which compartment and generation
//   auto reader = PackReader::open(source, keys_for(*header));
//   auto directory = reader->directory();
//   auto plain = reader->read_blob(directory->front());

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "amanat/seal/compartment.h"
#include "amanat/seal/pack.h"

namespace amanat::seal {

/// Gives exactly `size` bytes of a pack from `offset` on: from memory, a file or a custodian.
using ReadRange = std::function<Result<Bytes>(std::uint64_t offset, std::size_t size)>;

struct PackSource {
  std::uint32_t frames = 0;  // from the signed object or the index, never from the pack itself
  ReadRange read;
};

/// A source over a whole pack in memory; borrows it. Fails when no pack has this size.
Result<PackSource> source_over(ByteView pack);

/// Reads the 4,096 bytes at the end and checks their shape and the number of frames.
Result<PackHeader> read_pack_header(const PackSource& source);

/// What opens a pack. Borrowed while `open` runs.
struct PackAccess {
  const CompartmentId& compartment;
  const WrapKey& wrap;  // of the header's generation
  const NameKey& name;
  std::span<const consent::DecisionHash> decisions;  // first decisions, registry order
};
inline PackAccess access_of(const CompartmentKeys& keys) {
  return {keys.id, keys.wrap, keys.name, keys.decisions};
}

class PackReader {
 public:
  /// Opens slot 0 and checks that the key is the one the header commits to. The blobs stay sealed.
  ///
  ///   fails   invalid_input  malformed, another number of frames or another compartment
  ///           forged         the slot's tag or the commitment does not hold
  ///           and as the source fails
  static Result<PackReader> open(PackSource source, const PackAccess& access);

  PackReader(PackReader&&) noexcept;
  PackReader& operator=(PackReader&&) noexcept;
  PackReader(const PackReader&) = delete;
  PackReader& operator=(const PackReader&) = delete;
  ~PackReader();

  const PackHeader& header() const;

  /// Reads the directory; the entries are in order of offset and do not overlap.
  Result<std::vector<PackEntry>> directory();

  /// Reads one blob, by an entry of the directory or of an index, and checks its name.
  ///
  ///   fails   forged         a frame's tag does not hold, or the content has another name
  ///           invalid_input  the entry does not fit the pack, the content not its sizes or codec
  Result<Bytes> read_blob(const PackEntry& entry);

 private:
  struct State;
  explicit PackReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace amanat::seal
