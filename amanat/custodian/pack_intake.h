#pragma once

// Hashes a pack as it comes in, in pieces of any size, and keeps what is needed to prove its leaves
// later: the root of each frame (32 bytes for 64 KiB).

#include <cstdint>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/seal/object.h"
#include "amanat/seal/pack.h"

namespace amanat::custodian {

class PackIntake {
 public:
  explicit PackIntake(std::uint32_t frames) : frames_(frames) {}

  /// Fails with invalid_input when more comes than a pack of `frames` has.
  Result<> take(ByteView piece);

  /// Checks that what came is the pack that `object` speaks of.
  ///
  ///   fails   invalid_input  it ended early, or its header says something else
  ///           forged         its root is not the pack's id
  Result<> check(const seal::Object& object) const;

  const std::vector<merkle::Hash>& frame_roots() const { return frame_roots_; }

 private:
  void take_leaf(ByteView leaf);

  std::uint32_t frames_;
  Bytes part_;                       // of a leaf that is not complete
  Bytes last_leaf_;                  // the header, once everything is here
  merkle::Edge edge_;                // over all leaves
  std::vector<merkle::Hash> frame_;  // leaves of the frame in progress
  std::vector<merkle::Hash> frame_roots_;
};

}  // namespace amanat::custodian
