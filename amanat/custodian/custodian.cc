#include "amanat/custodian/custodian.h"

#include <optional>
#include <utility>

#include "amanat/api/signature.h"
#include "amanat/consent/builtin.h"
#include "amanat/custodian/auditor_records.h"
#include "amanat/custodian/custodian_state.h"
#include "amanat/custodian/founding.h"
#include "amanat/custodian/schema.h"

namespace amanat::custodian {
namespace {

// Requests of twice five minutes; about 100 bytes each. No single key can use them all up.
constexpr std::size_t kNoncesMax = 500'000;
constexpr std::size_t kNoncesOfOneKeyMax = 50'000;
constexpr std::chrono::hours kOrphansEvery{24};

}  // namespace

Custodian::State::State(Settings settings_given, Folder folder_given, Identity identity_given,
                        consent::LawPack law_given, store::Database database_given,
                        std::unique_ptr<store::Blobs> blobs_given, const Clock& clock_given)
    : settings(std::move(settings_given)),
      folder(std::move(folder_given)),
      identity(std::move(identity_given)),
      law(std::move(law_given)),
      clock(clock_given),
      database(std::move(database_given)),
      rows(database),
      blobs(std::move(blobs_given)),
      readers(folder.database(), identity.policy.log_key),
      nonces(api::kSignatureWindow, kNoncesMax, kNoncesOfOneKeyMax) {}

World Custodian::State::world() {
  return {.settings = settings,
          .identity = identity,
          .law = law,
          .clock = clock,
          .blobs = *blobs,
          .readers = readers,
          .sequencer = *sequencer,
          .uploads = uploads,
          .nonces = nonces};
}

Custodian::Custodian(std::unique_ptr<State> state) : state_(std::move(state)) {}
Custodian::~Custodian() = default;

Result<std::unique_ptr<Custodian>> Custodian::open(Settings settings, const Clock& clock) {
  std::error_code error;
  if (settings.only_look && !std::filesystem::exists(settings.folder / "custodian.db", error)) {
    return fail(Code::not_found, "there is no custodian in this folder: start it once");
  }
  auto folder = Folder::open(settings.folder);
  if (!folder) return carry(folder);
  auto identity = folder->open_identity(settings, clock.now());
  if (!identity) return carry(identity);
  if (!std::filesystem::exists(folder->database(), error)) {
    if (auto is_new = folder->check_new(); !is_new) return carry(is_new);
  }
  auto law = consent::builtin_law("IN");
  if (!law) return carry(law);
  auto database = store::Database::open(folder->database(), {.migrations = schema()});
  if (!database) return carry(database, "opening the records");
  auto blobs = store::FileBlobs::open(folder->packs());
  if (!blobs) return carry(blobs, "opening the packs");

  auto state =
      std::make_unique<State>(std::move(settings), *std::move(folder), *std::move(identity),
                              *std::move(law), *std::move(database), *std::move(blobs), clock);
  if (auto begun = state->begin(); !begun) return carry(begun);
  return std::unique_ptr<Custodian>(new Custodian(std::move(state)));
}

Result<> Custodian::State::begin() {
  auto opened = tlog::Ledger::open(rows, identity.policy.log_key);
  if (!opened) return carry(opened, "opening the log");
  ledger.emplace(*std::move(opened));
  const auto size = ledger->size();
  if (!size) return carry(size, "reading the log");
  if (*size == 0) {
    if (auto is_new = folder.check_new(); !is_new) return is_new;
  }
  if (!settings.only_look) {
    auto done = bring_up_to_date(database, *ledger, identity, settings, clock.now());
    if (!done) return carry(done, "preparing the log");
  }
  sequencer.emplace(database, *ledger, identity.log_seed, clock,
                    SequencerOptions{.region = *tlog::region_from_name(identity.policy.region),
                                     .batch_wait = settings.batch_wait});
  service.emplace(world());
  return {};
}

api::Handler& Custodian::handler() { return *state_->service; }
const Settings& Custodian::settings() const { return state_->settings; }
const api::Policy& Custodian::policy() const { return state_->identity.policy; }
const api::PolicyHash& Custodian::policy_hash() const { return state_->identity.policy_hash; }

// What was overwritten in the file still stands in the log beside it until this.
Result<> Custodian::State::empty_write_ahead_log() {
  auto connection = store::Database::open(folder.database(), {.migrations = schema()});
  if (!connection) return carry(connection);
  auto emptied = connection->checkpoint();
  if (!emptied && emptied.error().code == Code::unavailable) return {};  // in a minute, then
  return emptied;
}

// No step waits for the success of another.
SweepReport Custodian::sweep() {
  const std::scoped_lock one_at_a_time(state_->sweeping);
  const World world = state_->world();
  const Instant now = state_->clock.now();
  SweepReport report = custodian::sweep(world);
  if (report.left > 0) state_->orphans_due = {};
  if (state_->orphans_due <= now) {
    const bool removed = remove_orphans(world, report);
    state_->orphans_due = removed ? now + kOrphansEvery : Instant();
  }
  if (auto emptied = state_->empty_write_ahead_log(); !emptied) {
    report.failures.push_back(carry(emptied, "emptying the write-ahead log").error());
  }
  return report;
}

Result<> Custodian::add_auditor(const crypto::PublicKey& key) {
  const auto added = state_->sequencer->submit(
      {}, [&](Turn& turn) { return insert_auditor(turn.database(), key, turn.now()); });
  if (!added) return carry(added);
  return {};
}

Result<api::Identity> Custodian::make_certificate(const std::vector<std::string>& hosts) const {
  return api::make_server_certificate(state_->identity.authority, hosts, state_->clock.now());
}

Result<> Custodian::write_address(std::string_view address) {
  return state_->folder.write_address(address);
}

}  // namespace amanat::custodian
