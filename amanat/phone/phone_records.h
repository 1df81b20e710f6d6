#pragma once

// What the phone remembers, in phone.db: facts about itself, events and their receipts, grants,
// packs and where blobs lie, protected folders and their files.
//
// An event is written here before it is sent, so that whatever happens next the same bytes are sent
// again; its receipt follows. Rows about a withdrawn category's content are deleted when its
// withdrawal completes.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/gate.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/seal/pack.h"
#include "amanat/store/sqlite.h"
#include "amanat/tlog/event.h"
#include "amanat/tlog/receipt.h"

namespace amanat::phone {

/// Names of the single values that the phone remembers.
namespace fact {
inline constexpr std::string_view kUrl = "url";                  // text: https://host:port
inline constexpr std::string_view kPolicy = "policy";            // the pinned bytes
inline constexpr std::string_view kAccount = "account";          // 16 bytes
inline constexpr std::string_view kAgeClass = "age_class";       // number
inline constexpr std::string_view kCheckpoint = "checkpoint";    // the newest note seen
inline constexpr std::string_view kNextLabel = "next_label";     // number
inline constexpr std::string_view kOneTimeKey = "one_time_key";  // 32 bytes: the newest published
inline constexpr std::string_view kRecovering =
    "recovering";  // 32 bytes: the vault, until it is done
inline constexpr std::string_view kEndedBefore =
    "ended_before";  // number: no keyring before it counts
inline constexpr std::string_view kPendingCommit = "pending_commit";  // sent, perhaps not answered
inline constexpr std::string_view kCommitSequence = "commit_sequence";  // number: of this device
inline constexpr std::string_view kCommitHash = "commit_hash";          // 32 bytes
inline constexpr std::string_view kSnapshotHash = "snapshot_hash";      // 32 bytes
inline constexpr std::string_view kSnapshotSequence = "snapshot_sequence";  // number
inline constexpr std::string_view kProtectedAt = "protected_at";            // number: ms
}  // namespace fact

/// An event with what became of it.
struct KeptEvent {
  std::uint64_t label_index = 0;
  tlog::Event event;
  std::optional<tlog::Receipt> receipt;  // none: not acknowledged yet
};

/// A grant as the phone knows it: what the gate needs, and the statement that gave it.
struct KeptGrant {
  consent::GrantRecord record;
  Bytes statement;          // Decision, signed
  std::uint64_t index = 0;  // in the log
};

/// A withdrawal between its first step and its last.
struct PendingWithdrawal {
  consent::GrantId grant;
  consent::Category category = consent::Category::other;
  Instant logged_at;
  std::uint32_t keyring_version = 0;  // the first without the key; 0 until it is stored
};

enum class PackState : std::uint8_t { sealed = 0, uploaded = 1, committed = 2 };

struct KeptPack {
  seal::PackId id;
  seal::CompartmentId compartment;
  std::uint32_t frames = 0;
  seal::Generation generation = 0;
  std::uint64_t label_index = 0;  // of its object_store event
  PackState state = PackState::sealed;
  bool indexed = false;  // a committed index segment names its blobs
};

class PhoneRecords {
 public:
  static Result<PhoneRecords> open(const std::filesystem::path& path);

  /// For what spans several calls, and for queries that belong to one command alone.
  store::Database& database() { return database_; }

  // Facts.
  Result<std::optional<Bytes>> fact(std::string_view name);
  Result<std::optional<std::uint64_t>> number_fact(std::string_view name);
  Result<> set_fact(std::string_view name, ByteView value);
  Result<> set_fact(std::string_view name, std::uint64_t value);
  Result<> forget_fact(std::string_view name);
  /// The same, but missing is `not_found` with what to do.
  Result<Bytes> needed_fact(std::string_view name);

  // Events: the label index is taken and the event written in one transaction.
  Result<std::uint64_t> next_label_index();
  Result<> keep_event(std::uint64_t label_index, const tlog::Event& event);
  Result<> keep_receipt(std::uint64_t label_index, const tlog::Receipt& receipt);
  Result<std::vector<KeptEvent>> events();
  /// Those that travel alone: consents, withdrawals, erasure receipts.
  Result<std::vector<KeptEvent>> consent_events();
  Result<std::optional<KeptEvent>> event(std::uint64_t label_index);

  // Grants.
  Result<> keep_grant(const KeptGrant& grant);
  Result<std::vector<KeptGrant>> grants();
  Result<std::vector<consent::GrantRecord>> grant_records();
  Result<> set_grant_state(const consent::GrantId& grant, consent::GrantState state, Instant at);

  // Withdrawals under way.
  Result<> keep_withdrawal(const PendingWithdrawal& withdrawal);
  Result<> forget_withdrawal(const consent::GrantId& grant);
  Result<std::vector<PendingWithdrawal>> withdrawals();

  // Packs and blobs.
  Result<> keep_pack(const KeptPack& pack, const std::vector<seal::PackEntry>& entries);
  Result<> set_pack_state(const seal::PackId& pack, PackState state);
  /// Forgets a pack and its blobs: it was lost before the custodian had it.
  Result<> forget_pack(const seal::PackId& pack);
  Result<std::vector<KeptPack>> packs();
  Result<std::optional<KeptPack>> pack(const seal::PackId& id);
  Result<bool> has_blob(const seal::CompartmentId& compartment, const seal::BlobName& name);

  /// Deletes everything that names content of a compartment: blobs, packs, files, trees.
  Result<> forget_compartment(const seal::CompartmentId& compartment);

 private:
  explicit PhoneRecords(store::Database database) : database_(std::move(database)) {}
  store::Database database_;
};

}  // namespace amanat::phone
