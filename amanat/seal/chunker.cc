#include "amanat/seal/chunker.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace amanat::seal {
namespace {

// The digest is a polynomial over GF(2), modulo x^64 + x^4 + x^3 + x + 1, in the bits of a number.
// A byte that enters adds T[byte]; each later byte multiplies by x; after 64 bytes the first one
// has become x^64 T[byte] and is taken away again. So the digest is a function of the window alone.
constexpr std::size_t kWindowBytes = 64;
constexpr std::uint64_t kReduction = 0x1b;
constexpr std::size_t kBatch = 512;  // digests encrypted in one call
constexpr std::size_t kBlockBytes = 16;
constexpr std::uint32_t kCutMask = (1U << 18) - 1;
constexpr std::size_t kBufferBytes = 2 * kChunkBytesMax;

constexpr std::uint64_t times_x(std::uint64_t digest) {
  return digest << 1 ^ (kReduction & (0 - (digest >> 63)));
}

constexpr std::uint64_t read_u64(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

bool begins_with(ByteView bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() && as_text(bytes.subspan(at, magic.size())) == magic;
}

// A frame of MPEG layer III: eleven bits of sync, a known version, the layer.
bool begins_mp3_frame(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] == 0xff && (bytes[1] & 0xe6) == 0xe2
         && (bytes[1] & 0x18) != 0x08;
}

bool is_media_or_archive(ByteView bytes) {
  using namespace std::string_view_literals;
  static constexpr auto kMagics = std::to_array<std::string_view>(
      {"\xff\xd8\xff"sv, "\x89PNG\r\n\x1a\n"sv, "OggS"sv, "fLaC"sv, "ID3"sv, "PK\x03\x04"sv,
       "PK\x05\x06"sv, "\x1f\x8b"sv, "\xfd\x37zXZ\x00"sv, "\x28\xb5\x2f\xfd"sv,
       "7z\xbc\xaf\x27\x1c"sv});
  return std::ranges::any_of(kMagics,
                             [&](std::string_view magic) { return begins_with(bytes, magic); })
         || begins_with(bytes, "ftyp", 4)
         || (begins_with(bytes, "RIFF") && begins_with(bytes, "WEBP", 8))
         || begins_mp3_frame(bytes);
}

void write_block(ByteSpan block, std::uint64_t digest) {
  const std::uint64_t big_endian = __builtin_bswap64(digest);
  std::memcpy(block.data(), &big_endian, sizeof(big_endian));
  std::memset(block.data() + sizeof(big_endian), 0, kBlockBytes - sizeof(big_endian));
}

bool is_cut(ByteView block) {
  std::uint32_t last = 0;
  std::memcpy(&last, block.data() + kBlockBytes - sizeof(last), sizeof(last));
  return (__builtin_bswap32(last) & kCutMask) == 0;
}

}  // namespace

static_assert(std::endian::native == std::endian::little);

ChunkRule rule_for(ByteView first_bytes) {
  using namespace std::string_view_literals;
  if (begins_with(first_bytes, "SQLite format 3\0"sv)) return ChunkRule::pages;
  return is_media_or_archive(first_bytes) ? ChunkRule::segments : ChunkRule::content;
}

Chunker::Chunker(const ChunkKey& chunk_key, const CutKey& cut_key) : aes_(cut_key.expose()) {
  SecretBytes table(in_.size() * sizeof(std::uint64_t));
  crypto::hkdf_expand(chunk_key.expose(), {as_bytes("amanat/chunk-table/v1")}, table.expose());
  for (std::size_t i = 0; i < in_.size(); ++i) {
    in_.at(i) = read_u64(std::as_const(table).expose().subspan(8 * i, 8));
    std::uint64_t shifted = in_.at(i);
    for (std::size_t bit = 0; bit < kWindowBytes; ++bit) shifted = times_x(shifted);
    out_.at(i) = shifted;
  }
}

// Only the last 64 bytes count, so the digest starts that far before the first place of a cut.
// Digests are computed for a batch of places, encrypted in one call, and then looked at in order.
std::size_t Chunker::find_content_cut(ByteView bytes) {
  const std::size_t end = std::min(bytes.size(), kChunkBytesMax);
  if (end <= kChunkBytesMin) return end;
  std::uint64_t digest = 0;
  for (std::size_t i = kChunkBytesMin - kWindowBytes; i < kChunkBytesMin; ++i) {
    digest = times_x(digest) ^ in_[bytes[i]];
  }
  std::array<std::uint8_t, kBatch * kBlockBytes> blocks;
  std::size_t length = kChunkBytesMin;  // `digest` belongs to a chunk of this length
  while (length < end) {
    const std::size_t count = std::min(kBatch, end - length);
    for (std::size_t i = 0; i < count; ++i) {
      write_block(ByteSpan(blocks).subspan(i * kBlockBytes, kBlockBytes), digest);
      digest = times_x(digest) ^ in_[bytes[length + i]] ^ out_[bytes[length + i - kWindowBytes]];
    }
    aes_.encrypt(ByteSpan(blocks).first(count * kBlockBytes));
    for (std::size_t i = 0; i < count; ++i) {
      if (is_cut(ByteView(blocks).subspan(i * kBlockBytes, kBlockBytes))) return length + i;
    }
    length += count;
  }
  return end;
}

std::size_t Chunker::find_cut(ChunkRule rule, ByteView bytes) {
  switch (rule) {
    case ChunkRule::segments: return std::min(bytes.size(), kSegmentBytes);
    case ChunkRule::pages: return std::min(bytes.size(), kPageBytes);
    case ChunkRule::content: break;
  }
  return find_content_cut(bytes);
}

// A cut is only looked for with 2 MiB at hand, or with all that is left: so it falls where it would
// fall if the whole file were there.
Result<> Chunker::cut(ChunkRule rule, const ReadSome& read, const ChunkSink& sink) {
  buffer_.resize(kBufferBytes);
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_over = false;
  while (true) {
    if (!is_over && end - begin < kChunkBytesMax) {
      std::memmove(buffer_.data(), buffer_.data() + begin, end - begin);
      end -= begin;
      begin = 0;
    }
    while (!is_over && end - begin < kChunkBytesMax) {
      auto count = read(ByteSpan(buffer_).subspan(end));
      if (!count) return carry(count);
      ensure(*count <= buffer_.size() - end, "a read stays within its memory");
      is_over = *count == 0;
      end += *count;
    }
    if (begin == end) return {};
    const ByteView left = ByteView(buffer_).subspan(begin, end - begin);
    const std::size_t size = find_cut(rule, left);
    if (auto taken = sink(left.first(size)); !taken) return carry(taken);
    begin += size;
  }
}

}  // namespace amanat::seal
