#pragma once

// Proves that a leaf of a pack is here: reads one frame of 64 KiB, and takes the rest of the path
// from the frame roots that were kept when the pack came in.

#include <cstdint>

#include "amanat/api/messages.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/error/error.h"
#include "amanat/store/blobs.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

/// The answer to a challenge, `missing` when the bytes are not here. What the disk gives is what is
/// answered: whether it is still right is for the asker to find.
///
///   fails   invalid_input when the pack has no such leaf
Result<api::LeafAnswers::Answer> answer_leaf(store::Database& database, store::Blobs& blobs,
                                             const PackRecord& pack, std::uint64_t leaf);

}  // namespace amanat::custodian
