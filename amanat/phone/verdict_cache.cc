#include "amanat/phone/verdict_cache.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

namespace amanat::phone {
namespace {

// One verdict for each content: that of the latest versions it was examined with. Contents have
// numbers in the order in which they came, so that files that were met together lie together.
constexpr std::array<std::string_view, 2> kSchema{R"(
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  signatures BLOB NOT NULL,
  limits BLOB NOT NULL,
  UNIQUE (signatures, limits)
);
)",
                                                  R"(
DROP TABLE IF EXISTS verdicts;
DROP TABLE IF EXISTS files;
DELETE FROM versions;
CREATE TABLE contents (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  version INTEGER NOT NULL REFERENCES versions (id),
  verdict BLOB NOT NULL,
  met BLOB NOT NULL
);
CREATE TABLE files (
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  content INTEGER NOT NULL,
  seen_day INTEGER NOT NULL,
  PRIMARY KEY (device, inode)
) WITHOUT ROWID;
CREATE TABLE checked (
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  PRIMARY KEY (device, inode)
) WITHOUT ROWID;
CREATE TABLE in_use (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  signatures BLOB NOT NULL,
  inventory BLOB NOT NULL
);
)"};

constexpr std::uint64_t kSeenIsWrittenAfterDays =
    7;  // so that a scan that finds no change writes little

std::uint64_t day_of(Instant instant) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(
      0, std::chrono::floor<std::chrono::days>(instant.time_since_epoch()).count()));
}

// Device and inode may use all 64 bits; SQLite's integers are signed.
std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

Result<KnownVerdict> known_of(ByteView verdict, ByteView met) {
  auto parsed = threat::parse_objects_met(met);
  if (!parsed) return fail(Code::corrupt, "the cache of verdicts is damaged");
  return KnownVerdict{.verdict = Bytes(verdict.begin(), verdict.end()), .met = std::move(*parsed)};
}

// Files in the order of their table.
struct ByPlace {
  std::span<const FileStamp> stamps;
  std::pair<std::int64_t, std::int64_t> operator()(std::size_t i) const {
    return {as_signed(stamps[i].device), as_signed(stamps[i].inode)};
  }
};

bool is_settled(const FileStamp& stamp, Instant now) {
  const std::chrono::nanoseconds changed(std::max(stamp.ctime_ns, stamp.mtime_ns));
  return now.time_since_epoch() - changed >= kSettledAfter;
}

}  // namespace

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

Result<std::vector<std::optional<Bytes>>> VerdictCache::look_up(std::span<const FileStamp> stamps,
                                                                const ScanVersions& versions,
                                                                Instant now) {
  std::vector<std::optional<Bytes>> found(stamps.size());
  std::vector<std::size_t> order(stamps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, ByPlace{stamps});
  const std::uint64_t today = day_of(now);
  std::vector<FileStamp> seen;
  {
    auto reading = store::Transaction::begin_reading(database_);
    if (!reading) return carry(reading, "looking up verdicts");
    const auto version = find_version(versions);
    if (!version) return carry(version, "looking up verdicts");
    if (!*version) return found;
    auto query = database_.prepare(
        "SELECT f.size, f.mtime_ns, f.ctime_ns, f.seen_day, c.verdict FROM files f"
        " JOIN contents c ON c.id = f.content"
        " WHERE f.device = ? AND f.inode = ? AND c.version = ?");
    if (!query) return carry(query, "looking up verdicts");
    for (const std::size_t i : order) {
      const FileStamp& stamp = stamps[i];
      const auto row = query->first(as_signed(stamp.device), as_signed(stamp.inode), **version);
      if (!row) return carry(row, "looking up verdicts");
      if (!*row || query->number(0) != stamp.size || query->signed_number(1) != stamp.mtime_ns
          || query->signed_number(2) != stamp.ctime_ns) {
        continue;
      }
      const ByteView verdict = query->blob(4);
      found[i].emplace(verdict.begin(), verdict.end());
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
      "SELECT verdict, met FROM contents WHERE digest = ? AND version ="
      " (SELECT id FROM versions WHERE signatures = ? AND limits = ?)");
  if (!query) return carry(query, "looking up a verdict");
  const auto row = query->first(digest, versions.signatures, versions.limits);
  if (!row) return carry(row, "looking up a verdict");
  if (!*row) return std::optional<KnownVerdict>();
  auto known = known_of(query->blob(0), query->blob(1));
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
    auto insert = database_.prepare(
        "INSERT INTO contents (digest, version, verdict, met) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET version = excluded.version,"
        " verdict = excluded.verdict, met = excluded.met RETURNING id");
    if (!insert) return carry(insert, "remembering a verdict");
    const auto row =
        insert->first(file.digest, *version, file.known.verdict, threat::encode(file.known.met));
    if (!row || !*row) return fail(Code::unavailable, "a verdict cannot be remembered");
    const std::uint64_t content = insert->number(0);
    if (const auto end = insert->step(); !end) return carry(end, "remembering a verdict");
    if (!is_settled(file.stamp, now)) continue;
    if (auto done = database_.run(
            "INSERT OR REPLACE INTO files (device, inode, size, mtime_ns, ctime_ns, content,"
            " seen_day) VALUES (?, ?, ?, ?, ?, ?, ?)",
            as_signed(file.stamp.device), as_signed(file.stamp.inode), as_signed(file.stamp.size),
            file.stamp.mtime_ns, file.stamp.ctime_ns, content, day_of(now));
        !done) {
      return carry(done, "remembering a file");
    }
  }
  return transaction->commit();
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
       {"DELETE FROM contents WHERE id NOT IN (SELECT content FROM files)",
        "DELETE FROM versions WHERE id NOT IN (SELECT version FROM contents)"}) {
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

Result<bool> VerdictCache::is_checked(const FileStamp& stamp) {
  auto query = database_.prepare(
      "SELECT size, mtime_ns, ctime_ns FROM checked WHERE device = ? AND inode = ?");
  if (!query) return carry(query);
  const auto row = query->first(as_signed(stamp.device), as_signed(stamp.inode));
  if (!row) return carry(row);
  return *row && query->number(0) == stamp.size && query->signed_number(1) == stamp.mtime_ns
         && query->signed_number(2) == stamp.ctime_ns;
}

Result<> VerdictCache::note_checked(const FileStamp& stamp, Instant now) {
  if (!is_settled(stamp, now)) return {};
  return database_.run(
      "INSERT OR REPLACE INTO checked (device, inode, size, mtime_ns, ctime_ns)"
      " VALUES (?, ?, ?, ?, ?)",
      as_signed(stamp.device), as_signed(stamp.inode), as_signed(stamp.size), stamp.mtime_ns,
      stamp.ctime_ns);
}

}  // namespace amanat::phone
