#include "amanat/scan/archive.h"

#include <algorithm>
#include <utility>

namespace amanat::scan {
namespace {

constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint64_t kRatioCountsFrom = 8ULL << 20;  // empty pictures shrink a thousandfold too

constexpr std::string_view kDepth = "archives are nested deeper than the limit";
constexpr std::string_view kEntries = "archives hold more entries than the limit";
constexpr std::string_view kEntryBytes = "an entry is larger than the limit";
constexpr std::string_view kTotalBytes = "archives unpack to more than the limit";
constexpr std::string_view kRatio = "an entry grows by more than the limit when unpacked";
constexpr std::string_view kNestedBytes = "a compressed inner archive is larger than the limit";
constexpr std::string_view kOverlap = "entries of the archive overlap";
constexpr std::string_view kEncrypted = "an entry is encrypted";
constexpr std::string_view kMethod = "an entry is packed by a method that is not read";
constexpr std::string_view kDamagedEntry = "an entry is damaged";
constexpr std::string_view kDamagedArchive = "the archive is damaged";
constexpr std::string_view kUnsteadySize = "an entry changes its size while it is read";

// How many bytes the UTF-8 character at the front takes; 0 when there is none. Overlong forms and
// surrogates are not told apart: the text is for display.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  const bool continues = std::ranges::all_of(text.substr(1, size - 1), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80;
  });
  return continues ? size : 0;
}

// Names in archives are any bytes; in verdicts they are text without control characters.
std::string printable(std::string_view name) {
  std::string text;
  while (!name.empty()) {
    const std::size_t size = character_size(name);
    const bool shown = size > 1 || (size == 1 && name.front() >= 0x20 && name.front() != 0x7f);
    text += shown ? name.substr(0, size) : std::string_view("?");
    name.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

}  // namespace

Verdict threat(const Database::Tables& tables, std::uint32_t signature, std::string inside) {
  const SignatureName& name = tables.names[signature];
  return {.kind = Verdict::Kind::threat,
          .signature = name.name,
          .source = tables.sources[name.source],
          .inside = std::move(inside),
          .reason = {}};
}

void ArchiveScan::note(std::string_view reason, std::string_view inside) {
  if (verdict_.kind != Verdict::Kind::clean) return;  // the first reason is told
  verdict_.kind = Verdict::Kind::not_fully_scanned;
  verdict_.reason = reason;
  verdict_.inside = inside;
}

Verdict ArchiveScan::scan(const RandomAccess& file, std::uint64_t size, bool starts_as_zip) {
  const std::string at_top;
  look_into({.file = file, .size = size, .prefix = at_top, .depth = 1}, starts_as_zip);
  return std::move(verdict_);
}

void ArchiveScan::look_into(const Place& place, bool starts_as_zip) {
  const auto zip = Zip::open(place.file, place.size);
  // A directory that lists nothing, at the end of a file that begins otherwise, is chance.
  if (!starts_as_zip && (!zip || zip->entries().empty())) {
    if (!zip && zip.error().code == Code::unavailable) note(zip.error().message, place.prefix);
    return;
  }
  if (!zip) return note(kDamagedArchive, place.prefix);
  std::uint64_t packed_left = place.size;
  for (const ZipEntry& entry : zip->entries()) {
    if (is_over()) return;
    if (entries_left_ == 0 || entry.packed_size > packed_left) {
      exhausted_ = entries_left_ == 0;
      return note(exhausted_ ? kEntries : kOverlap, place.prefix);
    }
    --entries_left_;
    packed_left -= entry.packed_size;
    look_at(place, *zip, entry);
  }
  if (!zip->listing_problem().empty()) note(zip->listing_problem(), place.prefix);
}

void ArchiveScan::look_at(const Place& place, const Zip& zip, const ZipEntry& entry) {
  const std::string path = place.prefix + printable(entry.name);
  Pass pass = unpack(zip, entry, entry.size);
  if (pass.whole && !pass.finding.size_held) {  // the directory lied: again, with the truth
    const std::uint64_t size = pass.size;
    pass = unpack(zip, entry, size);
    if (pass.whole && !pass.finding.size_held) pass.problem = kUnsteadySize;
  }
  if (pass.finding.allowed) return;
  if (!pass.finding.signature || (pass.is_archive && !pass.finding.by_digest)) {
    look_past(place, zip, entry, pass, path);
  }
  if (pass.finding.signature && verdict_.kind != Verdict::Kind::threat) {
    verdict_ = threat(*tables_, *pass.finding.signature, path);
  }
}

// What is to be said about an entry beyond its own bytes.
void ArchiveScan::look_past(const Place& place, const Zip& zip, const ZipEntry& entry,
                            const Pass& pass, const std::string& path) {
  // Flags and methods may be lies to keep scanners out; the checksum tells whether we got in.
  if (entry.encrypted && !pass.crc_holds) return note(kEncrypted, path);
  if (entry.method != kStored && entry.method != kDeflated && !pass.crc_holds) {
    return note(kMethod, path);
  }
  if (!pass.problem.empty()) note(pass.problem, path);
  if (pass.is_archive && !is_over()) look_deeper(place, zip, entry, pass, path);
}

void ArchiveScan::look_deeper(const Place& place, const Zip& zip, const ZipEntry& entry,
                              const Pass& pass, const std::string& path) {
  if (place.depth >= limits_->depth_max) return note(kDepth, path);
  const std::string prefix = path + "!/";
  if (entry.method != kDeflated) {
    const auto start = zip.data_offset(entry);
    if (!start) return note(kDamagedEntry, path);
    const RandomAccess part = read_part(place.file, {.start = *start, .size = entry.packed_size});
    return look_into(
        {.file = part, .size = entry.packed_size, .prefix = prefix, .depth = place.depth + 1},
        true);
  }
  if (!pass.whole) return;  // said already
  if (!pass.kept_all) return note(kNestedBytes, path);
  const RandomAccess part = read_from(pass.kept);
  nested_bytes_left_ -= pass.kept.size();
  look_into({.file = part, .size = pass.kept.size(), .prefix = prefix, .depth = place.depth + 1},
            true);
  nested_bytes_left_ += pass.kept.size();
}

ArchiveScan::Pass ArchiveScan::unpack(const Zip& zip, const ZipEntry& entry, std::uint64_t size) {
  const bool inflated = entry.method == kDeflated;
  const std::uint64_t size_max =
      inflated ? std::min(limits_->entry_bytes_max, bytes_left_) : entry.packed_size;
  ObjectStream stream(*tables_, size);
  Pass pass;
  pass.kept_all = inflated;
  const auto done = zip.unpack(entry, size_max, [&](ByteView piece) {
    stream.update(piece);
    pass.is_archive = stream.starts_as_zip();
    return take(pass, entry, piece, inflated);
  });
  pass.finding = stream.finish();
  pass.is_archive = stream.starts_as_zip();
  if (!done) {
    pass.problem = kDamagedEntry;
    return pass;
  }
  pass.whole = done->whole;
  pass.crc_holds = done->whole && done->crc_holds;
  if (!pass.whole && pass.problem.empty()) {
    exhausted_ = bytes_left_ == 0;
    pass.problem = exhausted_ ? kTotalBytes : kEntryBytes;
  }
  return pass;
}

// Counts a piece against the budgets; keeps it when it may be of an inner archive.
bool ArchiveScan::take(Pass& pass, const ZipEntry& entry, ByteView piece, bool inflated) {
  pass.size += piece.size();
  if (!inflated) return true;
  bytes_left_ -= std::min<std::uint64_t>(piece.size(), bytes_left_);
  if (pass.size > kRatioCountsFrom && pass.size / limits_->ratio_max > entry.packed_size) {
    pass.problem = kRatio;
    return false;
  }
  if (!pass.is_archive && pass.size > kHeadBytes) pass.kept_all = false;
  if (!pass.kept_all) {
    pass.kept = {};
  } else if (piece.size() > nested_bytes_left_ - pass.kept.size()) {
    pass.kept_all = false;
    pass.kept = {};
  } else {
    append(pass.kept, piece);
  }
  return true;
}

}  // namespace amanat::scan
