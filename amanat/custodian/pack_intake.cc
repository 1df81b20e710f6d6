#include "amanat/custodian/pack_intake.h"

#include <algorithm>

namespace amanat::custodian {
namespace {

std::uint64_t leaves_of(std::uint32_t frames) {
  return std::uint64_t{frames} * seal::kFrameLeaves + 1;
}

}  // namespace

Result<> PackIntake::take(ByteView piece) {
  const std::uint64_t size = edge_.leaves() * seal::kPackLeafBytes + part_.size() + piece.size();
  if (size > seal::pack_size_of(frames_)) {
    return fail(Code::invalid_input, "the pack is longer than its statement says");
  }
  while (!piece.empty()) {
    if (part_.empty() && piece.size() >= seal::kPackLeafBytes) {
      take_leaf(piece.first(seal::kPackLeafBytes));
      piece = piece.subspan(seal::kPackLeafBytes);
      continue;
    }
    const std::size_t count = std::min(piece.size(), seal::kPackLeafBytes - part_.size());
    append(part_, piece.first(count));
    piece = piece.subspan(count);
    if (part_.size() == seal::kPackLeafBytes) {
      take_leaf(part_);
      part_.clear();
    }
  }
  return {};
}

void PackIntake::take_leaf(ByteView leaf) {
  const merkle::Hash hash = merkle::hash_leaf(leaf);
  edge_.append(hash);
  if (edge_.leaves() == leaves_of(frames_)) {
    last_leaf_.assign(leaf.begin(), leaf.end());
    return;
  }
  frame_.push_back(hash);
  if (frame_.size() == seal::kFrameLeaves) {
    frame_roots_.push_back(merkle::root_of(frame_));
    frame_.clear();
  }
}

Result<> PackIntake::check(const seal::Object& object) const {
  if (edge_.leaves() != leaves_of(object.frames) || !part_.empty()) {
    return fail(Code::invalid_input, "the pack ended early");
  }
  if (!std::ranges::equal(edge_.root().hash.bytes(), object.pack.bytes())) {
    return fail(Code::forged, "the bytes are not the pack that was announced");
  }
  const auto header = seal::PackHeader::parse(last_leaf_);
  if (!header) return carry(header);
  if (header->frames != object.frames || header->compartment != object.compartment
      || header->generation != object.generation) {
    return fail(Code::invalid_input, "the pack's header contradicts its statement");
  }
  return {};
}

}  // namespace amanat::custodian
