#pragma once

// Reads ZIP archives from strangers: APK, JAR, OOXML, EPUB and KMZ are all ZIP (APPNOTE 6.3.10).
//
// The central directory at the end is believed, as Android believes it; of the header in front of
// each entry only its length is used, so that one that tells another story than the directory hides
// nothing. Every length meets a limit first, and whatever could not be listed is said in
// `listing_problem`. Memory: the list of entries and pieces of 64 KiB.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/unpack/random_access.h"

namespace amanat::unpack {

inline constexpr std::uint32_t kZipEntriesMax = 65'536;
inline constexpr std::size_t kZipNameBytesMax = 4'096;  // Linux's PATH_MAX; longer ones are cut

/// What the directory says about one entry. Nothing here is true because it is written here.
struct ZipEntry {
  std::string name = {};          // as stored: any bytes
  std::uint64_t size = 0;         // claimed, unpacked
  std::uint64_t packed_size = 0;  // lies within the archive
  std::uint64_t header_offset = 0;
  std::uint32_t crc = 0;
  std::uint16_t method = 0;  // 0 stored, 8 deflated
  bool encrypted = false;    // the flag says so; Android ignores it, and so can malware

  bool is_folder() const { return name.ends_with('/') && size == 0; }
};

/// How much of an entry came out.
struct Unpacked {
  std::uint64_t size = 0;
  bool whole = false;      // false: the limit was reached or the sink said stop
  bool crc_holds = false;  // only when whole
};

class Zip {
 public:
  /// Takes a piece of an entry; false stops the unpacking.
  using Sink = std::function<bool(ByteView piece)>;

  /// Lists the archive.
  ///
  ///   size    of the archive, in bytes
  ///   fails   not_found when there is no directory at the end: this is no ZIP archive
  ///           invalid_input when the directory is outside the archive; or what `reader` returns
  static Result<Zip> open(RandomAccess reader, std::uint64_t size);

  /// In the order of the directory, at most kZipEntriesMax.
  const std::vector<ZipEntry>& entries() const { return entries_; }

  /// Why `entries` is not all of the archive; empty when it is.
  std::string_view listing_problem() const { return listing_problem_; }

  /// The first entry with this name, or nullptr.
  const ZipEntry* find(std::string_view name) const;

  /// Hands the content of one entry to `sink` in order, at most `size_max` bytes of it. A method
  /// other than 8 is taken as stored, which is what Android does.
  ///
  ///   fails   invalid_input when the entry's header is missing or its deflate stream is broken;
  ///           what came before the break has been handed over
  Result<Unpacked> unpack(const ZipEntry& entry, std::uint64_t size_max, const Sink& sink) const;

  /// The whole content of one entry; invalid_input when it is longer than `size_max` or broken.
  Result<Bytes> extract(const ZipEntry& entry, std::size_t size_max) const;

  /// How many bytes somebody put in front of the archive after it was made: all its offsets count
  /// from there.
  std::uint64_t shift() const { return shift_; }

  /// Where the packed bytes of an entry begin in the archive.
  Result<std::uint64_t> data_offset(const ZipEntry& entry) const;

 private:
  Zip() = default;

  RandomAccess reader_;
  std::uint64_t size_ = 0;
  std::uint64_t shift_ = 0;  // bytes put in front of the archive after it was made
  std::vector<ZipEntry> entries_;
  std::string listing_problem_;
};

/// Whether these are the first bytes of a ZIP archive.
bool starts_like_zip(ByteView head);

}  // namespace amanat::unpack
