#pragma once

// The JSON bodies that phone, custodian and verifier exchange (docs/api.md §4). Structs of
// docs/format.md travel inside as bytes; who needs what is in them parses them there.
//
// Every `parse_…` refuses unknown fields, wrong types and counts over the named limits with
// invalid_input; every `to_text` writes what the parser accepts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/consent/grant_id.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/seal/ids.h"

namespace amanat::api {

inline constexpr std::size_t kControlBodyBytesMax = 1 << 20;
inline constexpr std::size_t kEventsMax = 256;      // of one request
inline constexpr std::size_t kOpeningsMax = 256;    // of one request
inline constexpr std::size_t kLeavesMax = 128;      // of one request: 4 KiB each, and their paths
inline constexpr std::size_t kReceiptsMax = 1'100;  // of one answer: a commit's packs and its head
inline constexpr std::size_t kInventoryPageMax = 4'096;
inline constexpr std::size_t kEventBytesMax = 4'400;
inline constexpr std::size_t kStatementBytesMax = 256 * 1024;
inline constexpr std::size_t kSealedKeyringBytesMax = 512 * 1024;

using NonceHash = Id<struct NonceHashTag, 32>;
using AuditNonce = Id<struct AuditNonceTag, 32>;

/// One logged entry and the proof that it is under the checkpoint of the same answer.
struct ReceiptMessage {
  std::uint64_t index = 0;
  Bytes entry;
  merkle::Proof proof;
  friend bool operator==(const ReceiptMessage&, const ReceiptMessage&) = default;
};

/// The answer to whatever was logged.
struct Receipts {
  std::vector<ReceiptMessage> receipts;
  std::string checkpoint;                 // the signed note
  std::optional<std::uint64_t> sequence;  // commits and keyrings
  std::optional<std::uint64_t> quota;     // new accounts: bytes
};
std::string to_text(const Receipts& answer);
Result<Receipts> parse_receipts(std::string_view text);

struct OpenAccount {
  seal::AccountId account;
  Bytes device;  // Device statement
  Bytes event;   // device_key
  std::optional<std::string> token;
};
std::string to_text(const OpenAccount& request);
Result<OpenAccount> parse_open_account(std::string_view text);

struct AddDevice {
  Bytes device;
  Bytes event;
};
std::string to_text(const AddDevice& request);
Result<AddDevice> parse_add_device(std::string_view text);

struct PostEvents {
  std::vector<Bytes> events;
};
std::string to_text(const PostEvents& request);
Result<PostEvents> parse_post_events(std::string_view text);

struct PostCommit {
  Bytes commit;
  std::uint64_t sequence = 0;
  Bytes head;
};
std::string to_text(const PostCommit& request);
Result<PostCommit> parse_post_commit(std::string_view text);

struct PutKeyring {
  Bytes keyring;
  Bytes statement;
  std::uint64_t sequence = 0;
  Bytes head;
};
std::string to_text(const PutKeyring& request);
Result<PutKeyring> parse_put_keyring(std::string_view text);

struct KeyringAnswer {
  Bytes keyring;
  Bytes statement;
};
std::string to_text(const KeyringAnswer& answer);
Result<KeyringAnswer> parse_keyring_answer(std::string_view text);

/// Where an account stands.
struct Heads {
  struct Device {
    seal::DeviceId device;
    Bytes device_key;    // 32
    Bytes one_time_key;  // 32
  };
  struct Commit {
    seal::DeviceId device;
    std::uint64_t sequence = 0;
    seal::CommitHash hash;
    Bytes snapshot_commit;  // the newest Commit statement with a snapshot; empty when there is none
  };
  struct Grant {
    consent::GrantId commitment;
    std::uint8_t category = 0;
    std::uint8_t purpose = 0;
    std::string state;  // "given" | "withdrawn"
    std::uint64_t index = 0;
  };
  seal::AccountId account;
  std::uint64_t sequence = 0;
  std::uint32_t keyring = 0;  // the newest version; 0 before the first
  std::vector<std::uint32_t> keyrings;
  std::vector<Device> devices;
  std::vector<Commit> commits;
  std::vector<Grant> grants;
  std::string checkpoint;
};
std::string to_text(const Heads& answer);
Result<Heads> parse_heads(std::string_view text);

struct Inventory {
  struct Pack {
    seal::PackId id;
    std::uint32_t frames = 0;
    std::string state;  // "stored" | "committed" | "retired"
  };
  std::vector<Pack> packs;
  std::optional<seal::PackId> next;
};
std::string to_text(const Inventory& answer);
Result<Inventory> parse_inventory(std::string_view text);

/// A device asks for leaves of its own packs.
struct OwnLeaves {
  struct Leaf {
    seal::PackId pack;
    std::uint64_t leaf = 0;
  };
  std::vector<Leaf> leaves;
};
std::string to_text(const OwnLeaves& request);
Result<OwnLeaves> parse_own_leaves(std::string_view text);

/// An auditor fixes a nonce by its hash ...
struct FixNonce {
  NonceHash nonce_hash;
};
std::string to_text(const FixNonce& request);
Result<FixNonce> parse_fix_nonce(std::string_view text);

/// ... and then names the leaves that the seed drew.
struct DrawnLeaves {
  struct Leaf {
    std::uint64_t index = 0;  // of the object_store entry
    std::uint64_t leaf = 0;
  };
  AuditNonce nonce;
  std::vector<Leaf> leaves;
};
std::string to_text(const DrawnLeaves& request);
Result<DrawnLeaves> parse_drawn_leaves(std::string_view text);

struct LeafAnswers {
  struct Answer {
    bool missing = false;
    Bytes leaf;  // 4,096 bytes
    merkle::Proof path;
  };
  std::vector<Answer> answers;
};
std::string to_text(const LeafAnswers& answer);
Result<LeafAnswers> parse_leaf_answers(std::string_view text);

struct OpeningsRequest {
  std::vector<std::uint64_t> indices;
};
std::string to_text(const OpeningsRequest& request);
Result<OpeningsRequest> parse_openings_request(std::string_view text);

struct OpenedEvent {
  std::uint64_t index = 0;
  Bytes event;
};
struct Opening {
  std::uint64_t index = 0;
  bool unknown = false;  // no user event has this index
  bool closed = false;   // a type that is never opened to auditors
  Bytes event;
  std::vector<OpenedEvent> decisions;
  std::optional<OpenedEvent> erased;
};
struct Openings {
  std::vector<Opening> openings;
};
std::string to_text(const Openings& answer);
Result<Openings> parse_openings(std::string_view text);

struct Notices {
  struct Notice {
    consent::NoticeId sha256;
    std::string purpose;
    std::string language;
  };
  std::vector<Notice> notices;
};
std::string to_text(const Notices& answer);
Result<Notices> parse_notices(std::string_view text);

struct RegionAnswer {
  std::string region;
  std::string store;  // "folder" | "s3"
  std::string place;
};
std::string to_text(const RegionAnswer& answer);
Result<RegionAnswer> parse_region(std::string_view text);

}  // namespace amanat::api
