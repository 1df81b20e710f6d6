#pragma once

// Digests of known objects, sections and import tables: millions of them, of which a scan keeps
// none in memory.
//
// Asked by size first: most objects have a size that nobody listed, and then no digest is computed
// at all. The others are looked up in the sorted digests, found by an index over their first bits,
// and compared in full: two short reads of the file. Mapped, each would bring in a page or several
// that nobody asks for again. A hit is exact.
//
//   sizes     u32, sorted: every size that some hash names; 0 first when one is for any size
//   sizes'    binary fuse filter over the sizes, which is what a scan asks
//   index     u32 for each value of the first b bits of a digest, and one more: where they begin
//   digests   sorted, 16, 20 or 32 bytes each
//   rows      for each digest: the size (0 = any) and the label

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "amanat/crypto/crypto.h"
#include "amanat/threat/filter.h"
#include "amanat/threat/labels.h"

namespace amanat::threat {

inline constexpr auto kDigestKinds = std::to_array<crypto::DigestKind>(
    {crypto::DigestKind::sha256, crypto::DigestKind::sha1, crypto::DigestKind::md5});
std::size_t digest_size(crypto::DigestKind kind);
/// The place of a kind in that list.
std::size_t number_of(crypto::DigestKind kind);

/// What the digest is taken of.
enum class Hashed : std::uint8_t {
  object,   // .hdb, .hsb
  section,  // .mdb, .msb: a section of a PE file
  imports,  // .imp: the import table of a PE file
  allowed,  // .fp, .sfp: objects that are false alarms
};
inline constexpr std::size_t kHashedCount = 4;

/// One hash as it is compiled; a shorter digest is followed by zeros.
struct KnownHash {
  std::array<std::uint8_t, 32> digest{};
  std::uint32_t size = 0;  // of the object or section; 0 is any
  Label label;
};

/// Writes the sections of the hashes of one role and kind; the order of `hashes` does not matter.
void write_hashes(ImageWriter& writer, Hashed role, crypto::DigestKind kind,
                  std::vector<KnownHash> hashes);

/// The hashes of one role and kind, where they lie in an image; borrows from it.
class KnownHashes {
 public:
  KnownHashes() : size_filter_(ByteView{}) {}
  KnownHashes(const Image& image, Hashed role, crypto::DigestKind kind);

  bool empty() const { return rows_.empty(); }
  std::size_t count() const { return rows_.size(); }
  /// For reading all of them: each size that some hash names, ascending; the parts of one hash, by
  /// its place.
  std::span<const std::uint32_t> sizes() const {
    return rows_.empty() ? std::span<const std::uint32_t>() : sizes_;
  }
  std::uint32_t size_at(std::size_t place) const { return rows_[place].size; }
  ByteView digest_at(std::size_t place) const {
    return digests_.subspan(place * digest_size_, digest_size_);
  }
  /// Whether some hash is for this size or for any, so that the digest is worth computing; of
  /// other sizes it says so once in 256.
  bool asks_for(std::uint64_t size) const;
  /// The label of a hash with this digest that is for this size or for any.
  std::optional<Label> find(std::uint64_t size, ByteView digest) const;

 private:
  struct Row {
    std::uint32_t size = 0;
    Label label;
  };
  friend void write_hashes(ImageWriter&, Hashed, crypto::DigestKind, std::vector<KnownHash>);

  std::size_t digest_size_ = 0;
  std::span<const std::uint32_t> sizes_;
  Filter size_filter_;
  std::span<const Row> rows_;
  ByteView digests_;
  ScatteredRows<std::uint32_t> index_;
  ScatteredRows<std::uint8_t> some_digests_;
  ScatteredRows<Row> some_rows_;
};

}  // namespace amanat::threat
