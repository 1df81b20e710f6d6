#include "amanat/phone/verdict_cache.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "amanat/codec/codec.h"

namespace amanat::phone {
namespace {

// One verdict for each content: that of the latest versions it was examined with. `size` stands
// beside the digest because two questions need it: the sizes of new digests, and a file's own.
constexpr std::array<std::string_view, 1> kSchema{R"(
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  signatures BLOB NOT NULL,
  limits BLOB NOT NULL,
  UNIQUE (signatures, limits)
);
CREATE TABLE verdicts (
  digest BLOB PRIMARY KEY,
  size INTEGER NOT NULL,
  version INTEGER NOT NULL REFERENCES versions (id),
  known BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE files (
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  digest BLOB NOT NULL,
  seen_day INTEGER NOT NULL,
  PRIMARY KEY (device, inode)
) WITHOUT ROWID;
)"};

constexpr std::uint64_t kSeenIsWrittenAfterDays =
    7;  // so that a scan that finds no change writes little

std::uint64_t day_of(Instant instant) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(
      0, std::chrono::floor<std::chrono::days>(instant.time_since_epoch()).count()));
}

// Device and inode may use all 64 bits; SQLite's integers are signed.
std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

//   targets u32 || sizes_are_all u8 || inner_sizes u64<0..32> || verdict<0..2^16>
Bytes encode(const KnownVerdict& known) {
  codec::Writer sizes;
  for (const std::uint64_t size : known.met.inner_sizes) sizes.u64(size);
  codec::Writer writer;
  writer.u32(known.met.targets);
  writer.u8(known.met.sizes_are_all ? 1 : 0);
  writer.vector16(sizes.bytes(), kInnerSizesMax * sizeof(std::uint64_t));
  writer.vector32(known.verdict, kVerdictBytesMax);
  return std::move(writer).take();
}

Result<KnownVerdict> decode(ByteView bytes) {
  codec::Reader reader(bytes);
  KnownVerdict known;
  known.met.targets = reader.u32();
  known.met.sizes_are_all = reader.u8() != 0;
  codec::Reader sizes(reader.vector16(kInnerSizesMax * sizeof(std::uint64_t)));
  while (sizes.left() >= sizeof(std::uint64_t)) known.met.inner_sizes.push_back(sizes.u64());
  const ByteView verdict = reader.vector32(kVerdictBytesMax);
  known.verdict.assign(verdict.begin(), verdict.end());
  if (!reader.finish("a verdict in the cache")) {
    return fail(Code::corrupt, "the cache of verdicts is damaged");
  }
  return known;
}

bool is_settled(const FileStamp& stamp, Instant now) {
  const std::chrono::nanoseconds changed(std::max(stamp.ctime_ns, stamp.mtime_ns));
  return now.time_since_epoch() - changed >= kSettledAfter;
}

}  // namespace

void ObjectsMet::add_inner(std::uint32_t target_bits, std::uint64_t size) {
  targets |= target_bits;
  if (std::ranges::find(inner_sizes, size) != inner_sizes.end()) return;
  if (inner_sizes.size() < kInnerSizesMax) {
    inner_sizes.push_back(size);
  } else {
    sizes_are_all = false;
  }
}

bool SignatureDelta::could_match(std::uint64_t file_size, const ObjectsMet& met) const {
  if (anything || (targets & met.targets) != 0) return true;
  if (sizes.empty()) return false;
  const auto is_new = [&](std::uint64_t size) { return std::ranges::binary_search(sizes, size); };
  return !met.sizes_are_all || is_new(file_size) || std::ranges::any_of(met.inner_sizes, is_new);
}

Result<VerdictCache> VerdictCache::open(const std::filesystem::path& path) {
  auto database = store::Database::open(path, {.migrations = kSchema});
  if (!database
      && (database.error().code == Code::corrupt || database.error().code == Code::stale)) {
    for (const std::string_view ending : {"", "-wal", "-shm"}) {
      std::filesystem::path part = path;
      part += ending;
      std::error_code ignored;
      std::filesystem::remove(part, ignored);
    }
    database = store::Database::open(path, {.migrations = kSchema});
  }
  if (!database) return carry(database, "opening the cache of verdicts");
  return VerdictCache(std::move(*database));
}

Result<VerdictCache> VerdictCache::open_in_memory() {
  auto database = store::Database::open_in_memory({.migrations = kSchema});
  if (!database) return carry(database);
  return VerdictCache(std::move(*database));
}

Result<std::optional<std::uint64_t>> VerdictCache::find_version(const ScanVersions& versions) {
  auto query = database_.prepare("SELECT id FROM versions WHERE signatures = ? AND limits = ?");
  if (!query) return carry(query);
  const auto found = query->first(versions.signatures, versions.limits);
  if (!found) return carry(found);
  return *found ? std::optional(query->number(0)) : std::nullopt;
}

Result<std::uint64_t> VerdictCache::note_version(const ScanVersions& versions) {
  if (auto done = database_.run(
          "INSERT INTO versions (signatures, limits) VALUES (?, ?) ON CONFLICT DO NOTHING",
          versions.signatures, versions.limits);
      !done) {
    return carry(done, "noting versions");
  }
  const auto number = find_version(versions);
  if (!number) return carry(number, "noting versions");
  ensure(number->has_value(), "versions that were noted are there");
  return **number;
}

Result<std::vector<std::optional<KnownVerdict>>> VerdictCache::look_up(
    std::span<const FileStamp> stamps, const ScanVersions& versions, Instant now) {
  std::vector<std::optional<KnownVerdict>> found(stamps.size());
  std::vector<std::size_t> order(stamps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // In the order of the table, so that one page after the other is needed.
  std::ranges::sort(order, {}, [&](std::size_t i) {
    return std::pair(as_signed(stamps[i].device), as_signed(stamps[i].inode));
  });
  const std::uint64_t today = day_of(now);
  std::vector<FileStamp> seen;
  {
    auto reading = store::Transaction::begin_reading(database_);
    if (!reading) return carry(reading, "looking up verdicts");
    const auto version = find_version(versions);
    if (!version) return carry(version, "looking up verdicts");
    if (!*version) return found;
    auto query = database_.prepare(
        "SELECT f.size, f.mtime_ns, f.ctime_ns, f.seen_day, v.known FROM files f"
        " JOIN verdicts v ON v.digest = f.digest"
        " WHERE f.device = ? AND f.inode = ? AND v.version = ?");
    if (!query) return carry(query, "looking up verdicts");
    for (const std::size_t i : order) {
      const FileStamp& stamp = stamps[i];
      const auto row = query->first(as_signed(stamp.device), as_signed(stamp.inode), **version);
      if (!row) return carry(row, "looking up verdicts");
      if (!*row || query->number(0) != stamp.size || query->signed_number(1) != stamp.mtime_ns
          || query->signed_number(2) != stamp.ctime_ns) {
        continue;
      }
      auto known = decode(query->blob(4));
      if (!known) return carry(known);
      found[i] = std::move(*known);
      if (query->number(3) + kSeenIsWrittenAfterDays <= today) seen.push_back(stamp);
    }
  }
  if (auto done = mark_seen(seen, today); !done) return carry(done);
  return found;
}

Result<> VerdictCache::mark_seen(const std::vector<FileStamp>& stamps, std::uint64_t day) {
  if (stamps.empty()) return {};
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return carry(transaction, "marking files as seen");
  for (const FileStamp& stamp : stamps) {
    if (auto done = database_.run("UPDATE files SET seen_day = ? WHERE device = ? AND inode = ?",
                                  day, as_signed(stamp.device), as_signed(stamp.inode));
        !done) {
      return carry(done, "marking files as seen");
    }
  }
  return transaction->commit();
}

Result<std::optional<KnownVerdict>> VerdictCache::look_up(const crypto::Hash& digest,
                                                          const ScanVersions& versions) {
  auto query = database_.prepare(
      "SELECT known FROM verdicts WHERE digest = ? AND version ="
      " (SELECT id FROM versions WHERE signatures = ? AND limits = ?)");
  if (!query) return carry(query, "looking up a verdict");
  const auto row = query->first(digest, versions.signatures, versions.limits);
  if (!row) return carry(row, "looking up a verdict");
  if (!*row) return std::optional<KnownVerdict>();
  auto known = decode(query->blob(0));
  if (!known) return carry(known);
  return std::optional(std::move(*known));
}

Result<> VerdictCache::remember(std::span<const Examined> files, const ScanVersions& versions,
                                Instant now) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return carry(transaction, "remembering verdicts");
  const auto version = note_version(versions);
  if (!version) return carry(version, "remembering verdicts");
  for (const Examined& file : files) {
    if (auto done = database_.run(
            "INSERT OR REPLACE INTO verdicts (digest, size, version, known) VALUES (?, ?, ?, ?)",
            file.digest, as_signed(file.stamp.size), *version, encode(file.known));
        !done) {
      return carry(done, "remembering a verdict");
    }
    if (!is_settled(file.stamp, now)) continue;
    if (auto done = database_.run(
            "INSERT OR REPLACE INTO files (device, inode, size, mtime_ns, ctime_ns, digest,"
            " seen_day) VALUES (?, ?, ?, ?, ?, ?, ?)",
            as_signed(file.stamp.device), as_signed(file.stamp.inode), as_signed(file.stamp.size),
            file.stamp.mtime_ns, file.stamp.ctime_ns, file.digest, day_of(now));
        !done) {
      return carry(done, "remembering a file");
    }
  }
  return transaction->commit();
}

Result<VerdictCache::CarriedOver> VerdictCache::carry_over(const SignatureDelta& delta) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return carry(transaction, "carrying verdicts over");
  const auto from = note_version(delta.from);
  const auto to = note_version(delta.to);
  if (!from || !to) return carry(from ? to : from, "carrying verdicts over");
  CarriedOver counts;
  std::vector<crypto::Hash> holding;
  {
    auto query = database_.prepare("SELECT digest, size, known FROM verdicts WHERE version = ?");
    if (!query) return carry(query, "carrying verdicts over");
    query->bind_all(*from);
    for (;;) {
      const auto row = query->step();
      if (!row) return carry(row, "carrying verdicts over");
      if (!*row) break;
      const auto known = decode(query->blob(2));
      if (!known) return carry(known);
      // What has a finding is looked at again: its signature may have been withdrawn.
      if (known->verdict.empty() && !delta.could_match(query->number(1), known->met)) {
        holding.push_back(query->id<crypto::Hash>(0));
      } else {
        ++counts.to_scan;
      }
    }
    if (auto intact = query->intact(); !intact) return carry(intact);
  }
  for (const crypto::Hash& digest : holding) {
    if (auto done = database_.run("UPDATE verdicts SET version = ? WHERE digest = ?", *to, digest);
        !done) {
      return carry(done, "carrying verdicts over");
    }
  }
  counts.kept = holding.size();
  if (auto done = transaction->commit(); !done) return carry(done, "carrying verdicts over");
  return counts;
}

Result<std::uint64_t> VerdictCache::expire(Instant now) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return carry(transaction, "forgetting files that are gone");
  const auto unseen = static_cast<std::uint64_t>(kFilesUnseenMax.count());
  const std::uint64_t today = day_of(now);
  if (auto done = database_.run("DELETE FROM files WHERE seen_day < ?",
                                today > unseen ? today - unseen : 0);
      !done) {
    return carry(done, "forgetting files that are gone");
  }
  const std::uint64_t forgotten = database_.changed_rows();
  for (const std::string_view sql :
       {"DELETE FROM verdicts WHERE digest NOT IN (SELECT digest FROM files)",
        "DELETE FROM versions WHERE id NOT IN (SELECT version FROM verdicts)"}) {
    if (auto done = database_.run(sql); !done) return carry(done, "forgetting verdicts");
  }
  if (auto done = transaction->commit(); !done) return carry(done, "forgetting files");
  return forgotten;
}

Result<std::uint64_t> VerdictCache::file_count() {
  auto query = database_.prepare("SELECT count(*) FROM files");
  if (!query) return carry(query);
  const auto row = query->first();
  if (!row) return carry(row);
  return query->number(0);
}

}  // namespace amanat::phone
