#include "amanat/custodian/pack_leaves.h"

#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "amanat/seal/pack.h"

namespace amanat::custodian {
namespace {

constexpr unsigned kFrameLevels = std::countr_zero(seal::kFrameLeaves);

/// What is read for one answer.
struct Neighbourhood {
  std::uint64_t frame = 0;                // the one that `leaves` belong to
  std::vector<merkle::Hash> leaves;       // of that frame; empty for the header
  std::vector<merkle::Hash> frame_roots;  // of all frames
  merkle::Hash header;                    // the last leaf
};

/// The root of a perfect subtree; `corrupt` when it is none that we have read.
Result<merkle::Hash> subtree(const Neighbourhood& known, unsigned level, std::uint64_t index) {
  const std::uint64_t first = index << level;
  const std::uint64_t count = std::uint64_t{1} << level;
  if (level >= kFrameLevels) {
    const std::uint64_t frame = first >> kFrameLevels;
    const std::uint64_t frames = count >> kFrameLevels;
    if (frame + frames > known.frame_roots.size()) {
      return fail(Code::corrupt, "a pack has fewer frame roots than frames");
    }
    return merkle::root_of(std::span(known.frame_roots).subspan(frame, frames));
  }
  if (level == 0 && first == known.frame_roots.size() * seal::kFrameLeaves) return known.header;
  if (first >> kFrameLevels != known.frame || known.leaves.empty()) {
    return fail(Code::corrupt, "a proof asked for a frame that was not read");
  }
  return merkle::root_of(std::span(known.leaves).subspan(first % seal::kFrameLeaves, count));
}

Result<> hash_frame(store::Blobs& blobs, const store::BlobName& blob, Neighbourhood& known) {
  Bytes frame(seal::kFrameBytes);
  if (auto read = blobs.read(blob, known.frame * seal::kFrameBytes, frame); !read) return read;
  for (std::size_t at = 0; at < frame.size(); at += seal::kPackLeafBytes) {
    known.leaves.push_back(merkle::hash_leaf(ByteView(frame).subspan(at, seal::kPackLeafBytes)));
  }
  return {};
}

}  // namespace

Result<api::LeafAnswers::Answer> answer_leaf(store::Database& database, store::Blobs& blobs,
                                             const PackRecord& pack, std::uint64_t leaf) {
  const std::uint64_t leaves = std::uint64_t{pack.frames} * seal::kFrameLeaves + 1;
  if (leaf >= leaves) return fail(Code::invalid_input, "the pack has no such leaf");
  const auto blob = blob_of(pack.account, pack.pack);
  const auto size = blobs.size(blob);
  if (!size) return carry(size);
  if (*size != seal::pack_size_of(pack.frames)) {
    return api::LeafAnswers::Answer{.missing = true, .leaf = {}, .path = {}};
  }

  Neighbourhood known{
      .frame = leaf / seal::kFrameLeaves, .leaves = {}, .frame_roots = {}, .header = {}};
  auto roots = read_frame_roots(database, pack.row);
  if (!roots) return carry(roots);
  known.frame_roots = *std::move(roots);
  Bytes header(seal::kPackHeaderBytes);
  auto read = blobs.read(blob, (leaves - 1) * seal::kPackLeafBytes, header);
  if (!read) return carry(read);
  known.header = merkle::hash_leaf(header);
  if (leaf < leaves - 1) {
    if (read = hash_frame(blobs, blob, known); !read) return carry(read);
  }
  auto path = merkle::prove_inclusion(leaf, leaves, [&known](unsigned level, std::uint64_t index) {
    return subtree(known, level, index);
  });
  if (!path) return carry(path);

  api::LeafAnswers::Answer answer{
      .missing = false, .leaf = Bytes(seal::kPackLeafBytes), .path = *std::move(path)};
  if (read = blobs.read(blob, leaf * seal::kPackLeafBytes, answer.leaf); !read) return carry(read);
  return answer;
}

}  // namespace amanat::custodian
