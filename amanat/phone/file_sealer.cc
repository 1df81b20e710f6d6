#include "amanat/phone/file_sealer.h"

#include <algorithm>
#include <array>

namespace amanat::phone {
namespace {

// A node lists its blobs and must fit a page of 4 MiB; pages of 16 KiB would list too many.
constexpr std::uint64_t kPagedBytesMax = std::uint64_t{1} << 30;

/// How one file is cut.
struct Cut {
  seal::ChunkRule rule = seal::ChunkRule::content;
  seal::Compression compression = seal::Compression::zstd;
};

Result<Cut> choose_cut(const OpenMember& member) {
  std::array<std::uint8_t, seal::kRuleBytes> first{};
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(first.size(), member.stamp.size));
  if (member.is_whole()) {
    std::ranges::copy(member.whole.first(count), first.begin());
  } else if (auto read = member.file.read_at(0, ByteSpan(first).first(count)); !read) {
    return carry(read);
  }
  Cut cut{.rule = seal::rule_for(ByteView(first).first(count))};
  if (seal::is_compressed_already(cut.rule)) cut.compression = seal::Compression::none;
  if (cut.rule == seal::ChunkRule::pages && member.stamp.size > kPagedBytesMax) {
    cut.rule = seal::ChunkRule::content;
  }
  return cut;
}

Result<> seal_stretch(SealingSession& session, const OpenMember& member, const Cut& cut,
                      seal::Part& part) {
  const auto keep = [&](ByteView chunk) -> Result<> {
    auto name = session.store(seal::BlobType::data, chunk, cut.compression);
    if (!name) return carry(name);
    part.names.push_back(*name);
    return {};
  };
  if (member.is_whole()) {
    ByteView left = member.whole.subspan(static_cast<std::size_t>(part.offset),
                                         static_cast<std::size_t>(part.length));
    while (!left.empty()) {
      const std::size_t size = session.chunker().find_cut(cut.rule, left);
      if (auto kept = keep(left.first(size)); !kept) return kept;
      left = left.subspan(size);
    }
    return {};
  }
  std::uint64_t at = part.offset;
  const std::uint64_t end = part.offset + part.length;
  const auto read = [&](ByteSpan target) -> Result<std::size_t> {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), end - at));
    if (auto done = member.file.read_at(at, target.first(count)); !done) return carry(done);
    at += count;
    return count;
  };
  return session.chunker().cut(cut.rule, read, keep);
}

}  // namespace

Result<seal::FileContent> seal_file(SealingSession& session, const OpenMember& member) {
  seal::FileContent content{.size = member.stamp.size, .holes = member.holes, .parts = {}};
  if (content.size == 0) return content;
  auto cut = choose_cut(member);
  if (!cut) return carry(cut);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i <= member.holes.size(); ++i) {
    const std::uint64_t end = i < member.holes.size() ? member.holes[i].offset : content.size;
    if (end > at) {
      seal::Part part{
          .compartment = session.compartment(), .offset = at, .length = end - at, .names = {}};
      if (auto done = seal_stretch(session, member, *cut, part); !done) return carry(done);
      content.parts.push_back(std::move(part));
    }
    if (i < member.holes.size()) at = end + member.holes[i].length;
  }
  return content;
}

bool knows_all_blobs(const SealingSession& session, const seal::FileContent& content) {
  return std::ranges::all_of(content.parts, [&](const seal::Part& part) {
    return part.compartment == session.compartment()
           && std::ranges::all_of(part.names,
                                  [&](const seal::BlobName& name) { return session.knows(name); });
  });
}

}  // namespace amanat::phone
