#include "amanat/custodian/sweep.h"

#include <algorithm>
#include <vector>

#include "amanat/custodian/event_records.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/statements.h"
#include "amanat/custodian/vault_records.h"

namespace amanat::custodian {
namespace {

using tlog::EventType;

constexpr std::size_t kRound = 500;  // packs of each kind in one transaction

/// Removes bytes unless a record names them or somebody is writing them.
Result<bool> remove_unneeded(const World& world, const store::BlobName& blob) {
  const auto hold = world.uploads.hold(blob);
  if (!hold) return false;
  {
    auto reading = world.readers.begin();
    if (!reading) return carry(reading);
    const auto needed = is_blob_needed(reading->database(), blob);
    if (!needed) return carry(needed);
    if (*needed) return false;
  }
  return world.blobs.remove(blob);
}

Result<> remove_bytes_of(const World& world, const std::vector<PackRecord>& packs) {
  for (const PackRecord& pack : packs) {
    const auto removed = remove_unneeded(world, blob_of(pack.account, pack.pack));
    if (!removed) return carry(removed);
  }
  return {};
}

/// The person's word by which a grant ended.
Result<Bytes> read_ending(store::Database& database, const consent::GrantId& grant) {
  const auto events = list_events_about(database, subject_of(grant));
  if (!events) return carry(events);
  const auto ending = std::find_if(events->rbegin(), events->rend(), [](const EventRecord& event) {
    return event.type == EventType::consent_withdraw || event.type == EventType::consent_revoke;
  });
  if (ending == events->rend()) return fail(Code::corrupt, "a grant has ended without an event");
  auto event = tlog::parse_event(ending->event);
  if (!event) return fail(Code::corrupt, "an event in the database is damaged");
  return std::move(event->statement);
}

/// Logs the erasure of a pack that is in the log.
Result<> log_erasure(Turn& turn, const PackRecord& pack) {
  store::Database& database = turn.database();
  const auto ended = list_ended_grants(database, pack.row, turn.now());
  if (!ended) return carry(ended);
  if (ended->empty()) return fail(Code::corrupt, "a pack is due without an ended grant");
  auto statement = read_ending(database, ended->front());
  if (!statement) return carry(statement);
  const auto store_event = tlog::parse_event(pack.event);
  if (!store_event) return fail(Code::corrupt, "an event in the database is damaged");
  const auto event = tlog::make_event(EventType::object_erase, crypto::random_id<tlog::Label>(),
                                      crypto::random_id<tlog::Salt>(), {}, *std::move(statement),
                                      {.object_store = store_event->commitment});
  const auto index = log_event(turn, pack.account, event, subject_of(store_event->commitment));
  if (!index) return carry(index);
  return set_pack_erased(database, pack, *index);
}

/// Packs that were never logged just go; what is in the log is erased in the log first.
Result<std::vector<PackRecord>> erase_due(Turn& turn) {
  auto packs = list_due(turn.database(), turn.now(), kRound);
  if (!packs) return carry(packs);
  for (const PackRecord& pack : *packs) {
    auto done = pack.index ? log_erasure(turn, pack) : delete_pack(turn.database(), pack);
    if (!done) return carry(done);
  }
  return packs;
}

Result<std::vector<PackRecord>> delete_uncommitted(Turn& turn) {
  auto packs = list_stored_before(turn.database(), turn.now() - kUncommittedKept, kRound);
  if (!packs) return carry(packs);
  for (const PackRecord& pack : *packs) {
    if (auto done = delete_pack(turn.database(), pack); !done) return carry(done);
  }
  return packs;
}

/// A moment from now to the end of the configured time, which nobody can foretell.
Instant choose_moment(Instant now, std::chrono::milliseconds within) {
  if (within.count() <= 0) return now;
  const auto number = crypto::random_id<Id<struct MomentTag, 8>>();
  std::uint64_t random = 0;
  for (const std::uint8_t byte : number.bytes()) random = random << 8U | byte;
  const auto span = static_cast<std::uint64_t>(within.count()) + 1;
  return now + std::chrono::milliseconds(static_cast<std::int64_t>(random % span));
}

Result<std::uint64_t> schedule_erasures(Turn& turn, std::chrono::milliseconds within) {
  const auto packs = list_to_schedule(turn.database(), turn.now(), kRound);
  if (!packs) return carry(packs);
  for (const PackRecord& pack : *packs) {
    auto done = set_erase_due(turn.database(), pack.row, choose_moment(turn.now(), within));
    if (!done) return carry(done);
  }
  return packs->size();
}

/// Runs `step` in turns of its own until it finds nothing more.
template <class Step>
Result<> repeat(const World& world, const Step& step) {
  for (std::size_t found = kRound; found == kRound;) {
    auto turned = world.sequencer.submit({}, [&](Turn& turn) -> Result<> {
      auto count = step(turn);
      if (!count) return carry(count);
      found = *count;
      return {};
    });
    if (!turned) return carry(turned);
  }
  return {};
}

/// The same for a step that gives the packs whose bytes go once it is durable.
template <class Step>
Result<std::uint64_t> repeat_and_remove(const World& world, const Step& step) {
  std::uint64_t total = 0;
  while (true) {
    std::vector<PackRecord> packs;
    auto turned = world.sequencer.submit({}, [&](Turn& turn) -> Result<> {
      auto done = step(turn);
      if (!done) return carry(done);
      packs = *std::move(done);
      return {};
    });
    if (!turned) return carry(turned);
    if (auto removed = remove_bytes_of(world, packs); !removed) return carry(removed);
    total += packs.size();
    if (packs.size() < kRound) return total;
  }
}

Result<> destroy_keyrings(const World& world, SweepReport& report) {
  auto turned = world.sequencer.submit({}, [&](Turn& turn) -> Result<> {
    auto destroyed = destroy_superseded(turn.database(), turn.now() - kKeyringOverlap);
    if (!destroyed) return carry(destroyed);
    report.keyrings = *destroyed;
    return {};
  });
  if (!turned) return carry(turned);
  return {};
}

}  // namespace

Result<SweepReport> sweep(const World& world) {
  SweepReport report;
  const auto uncommitted = repeat_and_remove(world, delete_uncommitted);
  if (!uncommitted) return carry(uncommitted, "deleting what was never committed");
  report.uncommitted = *uncommitted;
  if (auto done = destroy_keyrings(world, report); !done) return carry(done, "destroying keyrings");
  auto scheduled = repeat(world, [&](Turn& turn) {
    auto count = schedule_erasures(turn, world.settings.erase_within);
    if (count) report.scheduled += *count;
    return count;
  });
  if (!scheduled) return carry(scheduled, "scheduling erasures");
  const auto erased = repeat_and_remove(world, erase_due);
  if (!erased) return carry(erased, "erasing");
  report.erased = *erased;
  return report;
}

Result<std::uint64_t> remove_orphans(const World& world) {
  std::vector<store::BlobName> names;
  auto listed = world.blobs.list([&](const store::BlobName& name, std::uint64_t) -> Result<> {
    names.push_back(name);
    return {};
  });
  if (!listed) return carry(listed, "listing packs");
  std::uint64_t orphans = 0;
  for (const store::BlobName& name : names) {
    const auto removed = remove_unneeded(world, name);
    if (!removed) return carry(removed, "removing bytes without a record");
    orphans += *removed ? 1 : 0;
  }
  return orphans;
}

}  // namespace amanat::custodian
