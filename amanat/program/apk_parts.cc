#include "amanat/program/apk_parts.h"

#include <algorithm>
#include <array>

#include "amanat/program/apk_signature.h"
#include "amanat/program/fields.h"

namespace amanat::program {
namespace {

constexpr std::uint32_t kEndMagic = 0x06054b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEndDirectoryAt = 16;  // in the end: where the directory begins
constexpr std::size_t kCommentMax = 0xffff;
constexpr std::string_view kBlockMagic = "APK Sig Block 42";
constexpr std::size_t kBlockEndSize = 8 + kBlockMagic.size();
constexpr std::size_t kPieceSize = 1'024 * 1'024;
constexpr std::size_t kTreeBlockSize = 4'096;
constexpr std::size_t kTreeHashSize = 32;

// The last place where an end stands whose comment reaches exactly to the end of the file.
std::optional<std::size_t> find_end(Fields& fields) {
  const std::size_t size = fields.size();
  for (std::size_t comment = 0; comment <= kCommentMax && comment + kEndSize <= size; ++comment) {
    const std::size_t at = size - kEndSize - comment;
    if (fields.u32(at) == kEndMagic && fields.u16(at + 20) == comment) return at;
  }
  return std::nullopt;
}

Result<std::vector<SigningPair>> read_pairs(ByteView block) {
  Fields fields(block);
  std::vector<SigningPair> pairs;
  for (std::uint64_t at = 0; at < block.size();) {
    const std::uint64_t size = fields.u64(at);
    if (fields.failed() || size < 4 || !fields.holds(at + 8, size)) {
      return fail(Code::invalid_input, "signing block: a pair is cut");
    }
    if (pairs.size() == kSigningPairsMax) {
      return fail(Code::invalid_input, "signing block: too many pairs");
    }
    pairs.push_back({fields.u32(at + 8), fields.bytes(at + 12, size - 4)});
    at += 8 + size;
  }
  return pairs;
}

std::array<std::uint8_t, 5> piece_prefix(std::uint8_t mark, std::size_t number) {
  std::array<std::uint8_t, 5> prefix{mark};
  for (std::size_t i = 0; i < 4; ++i) {
    prefix[i + 1] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return prefix;
}

// Collects the hashes of blocks of 4 KiB of one level; the last block is filled up with zeros.
class TreeLevel {
 public:
  void add(ByteView bytes) {
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), kTreeBlockSize - block_.size());
      append(block_, bytes.first(size));
      bytes = bytes.subspan(size);
      if (block_.size() == kTreeBlockSize) finish_block();
    }
  }
  Bytes finish() {
    if (!block_.empty()) finish_block();
    return std::move(hashes_);
  }

 private:
  void finish_block() {
    static constexpr std::array<std::uint8_t, 8> kSalt{};
    block_.resize(kTreeBlockSize);
    append(hashes_, crypto::sha256({kSalt, block_}).bytes());
    block_.clear();
  }

  Bytes block_;
  Bytes hashes_;
};

}  // namespace

std::optional<ByteView> ApkParts::find(std::uint32_t id) const {
  const auto found = std::ranges::find(pairs, id, &SigningPair::id);
  if (found == pairs.end()) return std::nullopt;
  return found->value;
}

Bytes ApkParts::signed_end() const {
  Bytes changed(end.begin(), end.end());
  for (std::size_t i = 0; i < 4; ++i) {
    changed[kEndDirectoryAt + i] = static_cast<std::uint8_t>(entries.size() >> (8 * i));
  }
  return changed;
}

Result<ApkParts> find_apk_parts(ByteView apk) {
  Fields fields(apk);
  const auto end = find_end(fields);
  if (!end) return fail(Code::invalid_input, "package: no central directory at the end");
  const std::uint64_t directory_size = fields.u32(*end + 12);
  const std::uint64_t directory = fields.u32(*end + kEndDirectoryAt);
  if (directory + directory_size != *end) {
    return fail(Code::invalid_input, "package: the central directory is not where it should be");
  }
  ApkParts parts;
  parts.entries = fields.bytes(0, directory);
  parts.directory = fields.bytes(directory, directory_size);
  parts.end = apk.subspan(*end);
  if (directory < kBlockEndSize + 8
      || as_text(fields.bytes(directory - kBlockMagic.size(), kBlockMagic.size())) != kBlockMagic) {
    return parts;
  }
  const std::uint64_t size = fields.u64(directory - kBlockEndSize);
  if (size < kBlockEndSize || size > directory - 8 || fields.u64(directory - size - 8) != size) {
    return fail(Code::invalid_input, "package: the signing block is broken");
  }
  const std::uint64_t block = directory - size - 8;
  parts.entries = fields.bytes(0, block);
  auto pairs = read_pairs(fields.bytes(block + 8, size - kBlockEndSize));
  if (!pairs) return carry(pairs, "package");
  parts.pairs = std::move(*pairs);
  return parts;
}

Bytes digest_in_pieces(const ApkParts& parts, crypto::DigestKind kind) {
  const Bytes end = parts.signed_end();
  crypto::Digest piece_digest(kind);
  Bytes digests;
  std::size_t count = 0;
  for (const ByteView section : {parts.entries, parts.directory, ByteView(end)}) {
    for (std::size_t at = 0; at < section.size(); at += kPieceSize, ++count) {
      const ByteView piece = section.subspan(at, std::min(kPieceSize, section.size() - at));
      piece_digest.update(piece_prefix(0xa5, piece.size()));
      piece_digest.update(piece);
      append(digests, piece_digest.finish());
    }
  }
  piece_digest.update(piece_prefix(0x5a, count));
  piece_digest.update(digests);
  return piece_digest.finish();
}

Bytes digest_as_tree(const ApkParts& parts) {
  const Bytes end = parts.signed_end();
  TreeLevel leaves;
  for (const ByteView section : {parts.entries, parts.directory, ByteView(end)}) {
    leaves.add(section);
  }
  Bytes hashes = leaves.finish();
  do {
    TreeLevel level;
    level.add(hashes);
    hashes = level.finish();
  } while (hashes.size() > kTreeHashSize);
  const std::uint64_t size = parts.entries.size() + parts.directory.size() + end.size();
  for (std::size_t i = 0; i < 8; ++i) hashes.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
  return hashes;
}

}  // namespace amanat::program
