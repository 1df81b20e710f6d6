#pragma once

// Looks into ZIP archives, and into those within them, while their budget lasts.

#include <cstdint>
#include <string>
#include <string_view>

#include "amanat/scan/object_stream.h"
#include "amanat/scan/scan.h"
#include "amanat/unpack/zip.h"

namespace amanat::scan {
using unpack::Zip;
using unpack::ZipEntry;

/// A threat by this signature, found at `inside`.
Verdict threat(const Database::Tables& tables, std::uint32_t signature, std::string inside);

class ArchiveScan {
 public:
  /// Borrows `tables` and `limits`. `nested_bytes_max` is how much of inflated inner archives may
  /// be kept in memory at once.
  ArchiveScan(const Database::Tables& tables, const Limits& limits, std::uint64_t nested_bytes_max)
      : tables_(&tables),
        limits_(&limits),
        entries_left_(limits.entries_max),
        bytes_left_(limits.total_bytes_max),
        nested_bytes_left_(nested_bytes_max) {}

  /// The verdict about what is inside a file, whose own bytes were looked at before; clean when it
  /// is no archive.
  ///
  ///   starts_as_zip   its first bytes say archive, so there must be a directory
  Verdict scan(const RandomAccess& file, std::uint64_t size, bool starts_as_zip);

 private:
  /// One entry, unpacked once.
  struct Pass {
    Finding finding;
    std::uint64_t size = 0;
    bool whole = false;
    bool crc_holds = false;
    bool is_archive = false;
    std::string_view problem;  // why not whole
    Bytes kept;                // an inner archive that was inflated
    bool kept_all = false;
  };
  /// A file that is an archive, and where it lies.
  struct Place {
    const RandomAccess& file;
    std::uint64_t size = 0;
    const std::string& prefix;
    std::uint32_t depth = 0;
  };

  void look_into(const Place& place, bool starts_as_zip);
  void look_at(const Place& place, const Zip& zip, const ZipEntry& entry);
  void look_past(const Place& place, const Zip& zip, const ZipEntry& entry, const Pass& pass,
                 const std::string& path);
  void look_deeper(const Place& place, const Zip& zip, const ZipEntry& entry, const Pass& pass,
                   const std::string& path);
  Pass unpack(const Zip& zip, const ZipEntry& entry, std::uint64_t size);
  bool take(Pass& pass, const ZipEntry& entry, ByteView piece, bool inflated);
  void note(std::string_view reason, std::string_view inside);
  bool is_over() const { return verdict_.kind == Verdict::Kind::threat || exhausted_; }

  const Database::Tables* tables_;
  const Limits* limits_;
  std::uint64_t entries_left_;
  std::uint64_t bytes_left_;
  std::uint64_t nested_bytes_left_;
  bool exhausted_ = false;
  Verdict verdict_;
};

}  // namespace amanat::scan
