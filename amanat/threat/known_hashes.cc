#include "amanat/threat/known_hashes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "amanat/threat/sections.h"

namespace amanat::threat {
namespace {
constexpr unsigned kIndexBitsMax = 24;
constexpr std::size_t kPerBucket = 16;  // digests behind one value of the index, roughly
constexpr std::size_t kDigestBytesMax = 32;

// The first bits of a digest as a number that sorts as the digest does.
std::uint32_t bucket_of(const std::uint8_t* digest, unsigned bits) {
  std::uint32_t value = 0;
  std::memcpy(&value, digest, sizeof(value));
  return bits == 0 ? 0 : std::byteswap(value) >> (32U - bits);
}

unsigned index_bits(std::size_t count) {
  const std::size_t buckets = std::max<std::size_t>(count / kPerBucket, 1);
  return std::min<unsigned>(static_cast<unsigned>(std::bit_width(buckets)) - 1U, kIndexBitsMax);
}

std::uint32_t part_of(Hashed role, crypto::DigestKind kind) {
  return static_cast<std::uint32_t>(role) * std::uint32_t{kDigestKinds.size()}
         + static_cast<std::uint32_t>(number_of(kind));
}

std::vector<std::uint32_t> sizes_of(std::span<const KnownHash> hashes) {
  std::vector<std::uint32_t> sizes;
  sizes.reserve(hashes.size());
  for (const KnownHash& hash : hashes) sizes.push_back(hash.size);
  std::ranges::sort(sizes);
  sizes.erase(std::ranges::unique(sizes).begin(), sizes.end());
  return sizes;
}

Bytes filter_of(std::span<const std::uint32_t> sizes) {
  const std::vector<std::uint64_t> keys(sizes.begin(), sizes.end());
  return build_filter(keys);
}

std::vector<std::uint32_t> index_of(std::span<const KnownHash> sorted) {
  const unsigned bits = index_bits(sorted.size());
  std::vector<std::uint32_t> index((std::size_t{1} << bits) + 1);
  for (const KnownHash& hash : sorted) ++index[bucket_of(hash.digest.data(), bits) + 1];
  for (std::size_t i = 1; i < index.size(); ++i) index[i] += index[i - 1];
  return index;
}
}  // namespace

std::size_t number_of(crypto::DigestKind kind) {
  const auto* const known = std::ranges::find(kDigestKinds, kind);
  ensure(known != kDigestKinds.end(), "hashes are SHA-256, SHA-1 or MD5");
  return static_cast<std::size_t>(known - kDigestKinds.begin());
}

std::size_t digest_size(crypto::DigestKind kind) {
  constexpr std::array<std::size_t, kDigestKinds.size()> kSizes{32, 20, 16};
  return kSizes.at(number_of(kind));
}

void write_hashes(ImageWriter& writer, Hashed role, crypto::DigestKind kind,
                  std::vector<KnownHash> hashes) {
  if (hashes.empty()) return;
  ensure(hashes.size() < std::numeric_limits<std::uint32_t>::max(),
         "hashes are counted in four bytes");
  std::ranges::sort(hashes, [](const KnownHash& a, const KnownHash& b) {
    const int order = std::memcmp(a.digest.data(), b.digest.data(), a.digest.size());
    if (order != 0) return order < 0;
    return a.size != b.size ? a.size < b.size : a.label.name < b.label.name;
  });
  const std::uint32_t part = part_of(role, kind);
  const std::vector<std::uint32_t> sizes = sizes_of(hashes);
  writer.add_rows<std::uint32_t>({section::kHashSizes, part}, sizes);
  writer.add({section::kHashSizeFilter, part}, filter_of(sizes));
  writer.add_rows<std::uint32_t>({section::kHashIndex, part}, index_of(hashes));
  const std::size_t size = digest_size(kind);
  Bytes digests(hashes.size() * size);
  std::vector<KnownHashes::Row> rows;
  rows.reserve(hashes.size());
  for (const KnownHash& hash : hashes) {
    std::memcpy(digests.data() + rows.size() * size, hash.digest.data(), size);
    rows.push_back({hash.size, hash.label});
  }
  writer.add({section::kHashDigests, part}, std::move(digests));
  writer.add_rows<KnownHashes::Row>({section::kHashRows, part}, rows);
}

KnownHashes::KnownHashes(const Image& image, Hashed role, crypto::DigestKind kind)
    : digest_size_(threat::digest_size(kind)),
      sizes_(image.rows<std::uint32_t>({section::kHashSizes, part_of(role, kind)})),
      size_filter_(image.section({section::kHashSizeFilter, part_of(role, kind)})),
      rows_(image.rows<Row>({section::kHashRows, part_of(role, kind)})),
      digests_(image.section({section::kHashDigests, part_of(role, kind)})),
      index_(image.scattered_rows<std::uint32_t>({section::kHashIndex, part_of(role, kind)})),
      some_digests_(
          image.scattered_rows<std::uint8_t>({section::kHashDigests, part_of(role, kind)})),
      some_rows_(image.scattered_rows<Row>({section::kHashRows, part_of(role, kind)})) {
  const std::size_t buckets = index_.empty() ? 0 : index_.size() - 1;
  const bool fits = std::has_single_bit(buckets) && buckets <= (std::size_t{1} << kIndexBitsMax)
                    && digests_.size() == rows_.size() * digest_size_;
  if (!fits) rows_ = {};
}

bool KnownHashes::asks_for(std::uint64_t size) const {
  if (rows_.empty() || sizes_.empty()) return false;
  if (sizes_.front() == 0) return true;
  return size <= std::numeric_limits<std::uint32_t>::max() && size_filter_.may_contain(size);
}

std::optional<Label> KnownHashes::find(std::uint64_t size, ByteView digest) const {
  if (rows_.empty() || digest.size() != digest_size_) return std::nullopt;
  const auto bits = static_cast<unsigned>(std::countr_zero(index_.size() - 1));
  std::array<std::uint32_t, 2> ends{};
  index_.read(bucket_of(digest.data(), bits), ends);
  const std::size_t end = std::min<std::size_t>(ends[1], rows_.size());
  std::array<std::uint8_t, 2 * kPerBucket * kDigestBytesMax> some;
  const std::size_t at_once = some.size() / digest_size_;
  for (std::size_t begin = ends[0]; begin < end; begin += at_once) {
    const std::size_t count = std::min(end - begin, at_once);
    some_digests_.read(begin * digest_size_, std::span(some).first(count * digest_size_));
    for (std::size_t i = 0; i < count; ++i) {
      const int order = std::memcmp(&some[i * digest_size_], digest.data(), digest_size_);
      if (order > 0) return std::nullopt;
      if (order < 0) continue;
      const Row row = some_rows_[begin + i];
      if (row.size == 0 || row.size == size) return row.label;
    }
  }
  return std::nullopt;
}

}  // namespace amanat::threat
