#pragma once

// A pack: N frames of 64 KiB, then a header of 4 KiB at the end, so that it can be streamed
// (docs/format.md §7). All that shows is N, the compartment's pseudonym and the key generation;
// blobs, their sizes and the directory lie inside the frames.
//
//   frame 0 | frame 1 | ... | frame N-1 | header: fields[96] slots[16 x 96] zeros
//   inside the frames: blobs || directory || zeros || directory offset u32 || entries u32

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "amanat/seal/ids.h"
#include "amanat/seal/object.h"

namespace amanat::seal {

inline constexpr std::size_t kFrameBytes = 65'536;
inline constexpr std::size_t kFramePlainBytes = kFrameBytes - crypto::kTagSize;
inline constexpr std::size_t kPackHeaderBytes = 4'096;
inline constexpr std::size_t kPackLeafBytes = 4'096;
inline constexpr std::size_t kFrameLeaves = kFrameBytes / kPackLeafBytes;
inline constexpr std::size_t kPackBytesMax = kFramesMax * kFrameBytes + kPackHeaderBytes;
inline constexpr std::size_t kHeaderFieldsBytes = 96;
inline constexpr std::size_t kSlots = 16;
inline constexpr std::size_t kSlotBytes = 96;
inline constexpr std::size_t kSlotCustody = 0;
inline constexpr std::size_t kBlobBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kPackEntryBytes = 48;
inline constexpr std::size_t kPackEntriesMax = kFramesMax * kFramePlainBytes / kPackEntryBytes;

using PackSalt = Id<struct PackSaltTag, 16>;
using KeyCommitment = Id<struct KeyCommitmentTag, 32>;

/// Size in bytes of a pack of `frames` frames.
constexpr std::uint64_t pack_size_of(std::uint32_t frames) {
  return std::uint64_t{frames} * kFrameBytes + kPackHeaderBytes;
}

/// The number of frames of a pack of `size` bytes; invalid_input when no pack has this size.
Result<std::uint32_t> frames_of_size(std::uint64_t size);

/// The smallest size a padded pack may have that holds `frames` (1 to 256):
/// 4, 5, 7, 9, 12, ... 232, 256.
std::uint32_t pad_frames(std::uint32_t frames);

/// The declared fields at the end of a pack. Anyone may read them; nobody without the keys can tell
/// whether they are true.
struct PackHeader {
  std::uint32_t frames = 0;  // 1 to 256
  PackSalt salt;
  KeyCommitment commitment;
  CompartmentId compartment;
  Generation generation = 0;  // from 1

  /// Takes exactly the 4,096 bytes of a header; fails with invalid_input for another length, magic,
  /// suite or frame size, and where zeros must stand.
  static Result<PackHeader> parse(ByteView header);
  /// The 96 bytes that slots and frames are bound to.
  std::array<std::uint8_t, kHeaderFieldsBytes> encode() const;

  friend bool operator==(const PackHeader&, const PackHeader&) = default;
};

/// The bytes of one slot of a header.
ByteView slot_of(ByteView header, std::size_t slot);

/// The id of a whole pack, or of any bytes of at most kPackBytesMax: the root over its leaves.
PackId pack_id_of(ByteView pack);

enum class BlobType : std::uint8_t { data = 1, tree = 2, dictionary = 3, index = 4 };
enum class BlobCodec : std::uint8_t { none = 0, zstd = 1, zstd_dictionary = 2 };

/// Names a blob by its content: HMAC(name key, type || plain). Equal content has one name within a
/// compartment and unrelated names across compartments.
BlobName name_blob(const NameKey& key, BlobType type, ByteView plain);

/// Where a blob lies in the plain text of its pack.
struct PackEntry {
  BlobName name;
  std::uint32_t offset = 0;  // from the first plain byte of frame 0
  std::uint32_t stored = 0;  // bytes in the pack, at most raw
  std::uint32_t raw = 0;     // bytes of content, at most 8 MiB
  BlobCodec codec = BlobCodec::none;
  std::uint8_t dictionary = 0;
  BlobType type = BlobType::data;

  friend bool operator==(const PackEntry&, const PackEntry&) = default;
};

/// Says whether sizes and codec fit each other and the entry lies within `plain_size` bytes.
Result<> check_entry(const PackEntry& entry, std::uint64_t plain_size);

/// The directory of a pack, 48 bytes an entry.
Bytes encode_directory(const std::vector<PackEntry>& entries);
/// Fails with invalid_input when entries overlap, leave the `directory_offset` bytes of blobs, are
/// out of order, or lie about sizes.
Result<std::vector<PackEntry>> parse_directory(ByteView bytes, std::uint64_t directory_offset);

}  // namespace amanat::seal
