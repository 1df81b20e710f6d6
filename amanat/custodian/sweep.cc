#include "amanat/custodian/sweep.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "amanat/custodian/event_records.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/statements.h"
#include "amanat/custodian/vault_records.h"

namespace amanat::custodian {
namespace {

using tlog::EventType;

constexpr std::size_t kRound = 500;  // packs of each kind in one transaction

void note(SweepReport& report, const Error& error, std::string_view doing) {
  report.failures.push_back({error.code, std::string(doing) + ": " + error.message});
}

enum class Removal : std::uint8_t { gone, absent, needed, young, held };

/// Removes bytes unless a record needs them, somebody is writing them, or no record names them and
/// they are not older than `age_min`.
Result<Removal> remove_unneeded(const World& world, const store::BlobName& blob,
                                std::chrono::hours age_min) {
  const auto hold = world.uploads.hold(blob);
  if (!hold) return Removal::held;
  std::optional<PackState> state;
  {
    auto reading = world.readers.begin();
    if (!reading) return carry(reading);
    const auto found = find_state_of_blob(reading->database(), blob);
    if (!found) return carry(found);
    state = *found;
  }
  if (state && *state != PackState::erased) return Removal::needed;
  if (!state && age_min.count() > 0) {
    const auto written = world.blobs.written_at(blob);
    if (!written) return carry(written);
    if (!*written) return Removal::absent;
    if (**written + age_min > world.clock.now()) return Removal::young;
  }
  const auto removed = world.blobs.remove(blob);
  if (!removed) return carry(removed);
  return *removed ? Removal::gone : Removal::absent;
}

/// Removes what it can; the rest is counted, and goes with the orphans.
void remove_bytes_of(const World& world, const std::vector<PackRecord>& packs,
                     SweepReport& report) {
  bool told = false;
  for (const PackRecord& pack : packs) {
    const auto removed =
        remove_unneeded(world, blob_of(pack.account, pack.pack), std::chrono::hours(0));
    if (removed && *removed != Removal::held) continue;
    ++report.left;
    if (!removed && !std::exchange(told, true)) note(report, removed.error(), "removing bytes");
  }
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

/// The event that says a pack in the log was erased, and by whose word.
Result<tlog::Event> make_erasure(Turn& turn, const PackRecord& pack) {
  store::Database& database = turn.database();
  const auto ended = list_ended_grants(database, pack.row, turn.now());
  if (!ended) return carry(ended);
  if (ended->empty()) return fail(Code::corrupt, "a pack is due without an ended grant");
  auto statement = read_ending(database, ended->front());
  if (!statement) return carry(statement);
  const auto store_event = tlog::parse_event(pack.event);
  if (!store_event) return fail(Code::corrupt, "an event in the database is damaged");
  return tlog::make_event(EventType::object_erase, crypto::random_id<tlog::Label>(),
                          crypto::random_id<tlog::Salt>(), {}, *std::move(statement),
                          {.object_store = store_event->commitment});
}

Result<> log_erasure(Turn& turn, const PackRecord& pack, const tlog::Event& event) {
  const auto store_event = tlog::parse_event(pack.event);
  if (!store_event) return carry(store_event);
  const auto index = log_event(turn, pack.account, event, subject_of(store_event->commitment));
  if (!index) return carry(index);
  return set_pack_erased(turn.database(), pack, *index);
}

/// What one turn looked at, and of it the packs whose bytes go now.
struct Round {
  std::size_t found = 0;
  std::vector<PackRecord> removed;
};

/// Packs that were never logged just go; what is in the log is erased in the log first. A damaged
/// one waits a day for its next try, and holds up no other.
Result<Round> erase_due(Turn& turn, SweepReport& report) {
  auto packs = list_due(turn.database(), turn.now(), kRound);
  if (!packs) return carry(packs);
  Round round{.found = packs->size(), .removed = {}};
  for (PackRecord& pack : *packs) {
    if (!pack.index) {
      if (auto done = delete_pack(turn.database(), pack); !done) return carry(done);
    } else if (const auto event = make_erasure(turn, pack); event) {
      if (auto done = log_erasure(turn, pack, *event); !done) return carry(done);
    } else if (event.error().code == Code::corrupt) {
      note(report, event.error(), "erasing a pack");
      auto done = set_erase_due(turn.database(), pack.row, turn.now() + kErasureRetry);
      if (!done) return carry(done);
      continue;
    } else {
      return carry(event);
    }
    round.removed.push_back(std::move(pack));
  }
  return round;
}

Result<Round> delete_uncommitted(Turn& turn) {
  auto packs = list_stored_before(turn.database(), turn.now() - kUncommittedKept, kRound);
  if (!packs) return carry(packs);
  for (const PackRecord& pack : *packs) {
    if (auto done = delete_pack(turn.database(), pack); !done) return carry(done);
  }
  return Round{.found = packs->size(), .removed = *std::move(packs)};
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

/// The same for a step that gives the packs whose bytes go once it is durable; counts them.
template <class Step>
Result<> repeat_and_remove(const World& world, SweepReport& report, std::uint64_t& total,
                           const Step& step) {
  for (std::size_t found = kRound; found == kRound;) {
    Round round;
    auto turned = world.sequencer.submit({}, [&](Turn& turn) -> Result<> {
      auto done = step(turn);
      if (!done) return carry(done);
      round = *std::move(done);
      return {};
    });
    if (!turned) return carry(turned);
    remove_bytes_of(world, round.removed, report);
    total += round.removed.size();
    found = round.found;
  }
  return {};
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

SweepReport sweep(const World& world) {
  SweepReport report;
  const auto expect = [&report](const Result<>& done, std::string_view doing) {
    if (!done) note(report, done.error(), doing);
  };
  expect(repeat_and_remove(world, report, report.uncommitted, delete_uncommitted),
         "deleting what was never committed");
  expect(destroy_keyrings(world, report), "destroying keyrings");
  const auto schedule = [&](Turn& turn) {
    auto count = schedule_erasures(turn, world.settings.erase_within);
    if (count) report.scheduled += *count;
    return count;
  };
  expect(repeat(world, schedule), "scheduling erasures");
  const auto erase = [&report](Turn& turn) { return erase_due(turn, report); };
  expect(repeat_and_remove(world, report, report.erased, erase), "erasing");
  return report;
}

bool remove_orphans(const World& world, SweepReport& report) {
  std::vector<store::BlobName> names;
  auto listed = world.blobs.list([&](const store::BlobName& name, std::uint64_t) -> Result<> {
    names.push_back(name);
    return {};
  });
  if (!listed) note(report, listed.error(), "listing packs");
  bool done = listed.has_value();
  bool told = false;
  for (const store::BlobName& name : names) {
    const auto removed = remove_unneeded(world, name, kOrphanKept);
    if (removed) {
      report.orphans += *removed == Removal::gone ? 1 : 0;
      continue;
    }
    done = false;
    if (!std::exchange(told, true)) {
      note(report, removed.error(), "removing bytes without a record");
    }
  }
  return done;
}

}  // namespace amanat::custodian
