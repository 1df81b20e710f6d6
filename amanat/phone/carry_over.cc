// Verdicts when a new database comes: which of them hold.

#include <vector>

#include "amanat/phone/verdict_cache.h"
#include "amanat/scan/inventory.h"

namespace amanat::phone {
namespace {

// What has a finding is looked at again: its signature may have been withdrawn.
Result<bool> needs_a_look(store::Statement& row, const threat::SignatureDelta& delta) {
  if (!row.blob(2).empty()) return true;
  const auto digest = row.id<crypto::Hash>(1);
  const auto met = threat::parse_objects_met(row.blob(3));
  if (!met) return fail(Code::corrupt, "the cache of verdicts is damaged");
  return delta.could_match(*met, digest);
}

}  // namespace

Result<crypto::Hash> VerdictCache::signatures_in_use() {
  auto query = database_.prepare("SELECT signatures FROM in_use");
  if (!query) return carry(query);
  const auto row = query->first();
  if (!row) return carry(row);
  return *row ? query->id<crypto::Hash>(0) : crypto::Hash();
}

Result<std::optional<CarriedOver>> VerdictCache::take_up(
    const crypto::Hash& signatures, const std::function<Bytes()>& take_inventory) {
  const auto known = signatures_in_use();
  if (!known) return carry(known, "comparing databases");
  if (*known == signatures) return std::optional<CarriedOver>();
  // Takes a while for a large database, and nobody has to wait for it.
  const Bytes inventory = take_inventory();
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return carry(transaction, "carrying verdicts over");
  std::optional<CarriedOver> counts;
  {
    auto query = database_.prepare("SELECT signatures, inventory FROM in_use");
    if (!query) return carry(query, "carrying verdicts over");
    const auto row = query->first();
    if (!row) return carry(row, "carrying verdicts over");
    if (*row) {
      const auto from = query->id<crypto::Hash>(0);
      // Somebody else may have been faster.
      if (from == signatures) return std::optional<CarriedOver>();
      const threat::SignatureDelta delta = scan::compare(query->blob(1), inventory);
      auto carried = carry_over(from, signatures, delta);
      if (!carried) return carry(carried, "carrying verdicts over");
      counts = *carried;
    }
  }
  if (auto done = database_.run(
          "INSERT OR REPLACE INTO in_use (id, signatures, inventory) VALUES (1, ?, ?)", signatures,
          inventory);
      !done) {
    return carry(done, "keeping what the database looks for");
  }
  if (auto done = transaction->commit(); !done) return carry(done, "carrying verdicts over");
  return counts;
}

// All verdicts of a version change hands at once; those that need a look are given back.
Result<CarriedOver> VerdictCache::carry_over(const crypto::Hash& from, const crypto::Hash& to,
                                             const threat::SignatureDelta& delta) {
  CarriedOver counts;
  std::vector<std::pair<std::uint64_t, crypto::Hash>> versions;
  {
    auto query = database_.prepare("SELECT id, limits FROM versions WHERE signatures = ?");
    if (!query) return carry(query);
    query->bind_all(from);
    for (;;) {
      const auto row = query->step();
      if (!row) return carry(row);
      if (!*row) break;
      versions.emplace_back(query->number(0), query->id<crypto::Hash>(1));
    }
  }
  for (const auto& [version, limits] : versions) {
    const auto next = note_version({.signatures = to, .limits = limits});
    if (!next) return carry(next);
    std::vector<std::uint64_t> to_examine;
    {
      auto query =
          database_.prepare("SELECT id, digest, verdict, met FROM contents WHERE version = ?");
      if (!query) return carry(query);
      query->bind_all(version);
      for (;;) {
        const auto row = query->step();
        if (!row) return carry(row);
        if (!*row) break;
        const auto needs = needs_a_look(*query, delta);
        if (!needs) return carry(needs);
        if (*needs) to_examine.push_back(query->number(0));
      }
      if (auto intact = query->intact(); !intact) return carry(intact);
    }
    if (auto done =
            database_.run("UPDATE contents SET version = ? WHERE version = ?", *next, version);
        !done) {
      return carry(done);
    }
    counts.kept += database_.changed_rows() - to_examine.size();
    counts.to_examine += to_examine.size();
    for (const std::uint64_t content : to_examine) {
      if (auto done =
              database_.run("UPDATE contents SET version = ? WHERE id = ?", version, content);
          !done) {
        return carry(done);
      }
    }
  }
  return counts;
}

}  // namespace amanat::phone
