#pragma once

// The phone's way to its custodian. It trusts the pinned policy and nothing else: every answer to a
// signed request must carry the policy's answer key's signature, and everything logged must come
// with a proof under a checkpoint that continues what this phone saw before.
//
// What does not hold is kept in evidence/ with the bytes that show it, and is `forged`.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/client.h"
#include "amanat/api/messages.h"
#include "amanat/api/policy.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/phone/phone_records.h"
#include "amanat/seal/keyring.h"
#include "amanat/tlog/receipt.h"

namespace amanat::phone {

/// Fetches the policy from an address and checks it against the pin, before anything is trusted.
///
///   fails   forged when the custodian serves another policy than the address pins
Result<Bytes> fetch_pinned_policy(const api::EnrolAddress& address);

/// What travels with everything that moves the vault: step s and its vault_head event.
struct VaultStep {
  std::uint64_t sequence = 0;
  tlog::Event head;
};

/// One connection. Belongs to one thread at a time; open another for another thread.
class CustodianLink {
 public:
  /// `records` remembers the newest checkpoint; null for a second link that logs nothing.
  struct Options {
    std::string url;
    api::Policy policy;
    std::filesystem::path evidence;
    const Clock* clock = nullptr;
    PhoneRecords* records = nullptr;
  };
  static Result<std::unique_ptr<CustodianLink>> open(Options options);

  const api::Policy& policy() const { return options_.policy; }

  // Unsigned pages.
  Result<Bytes> fetch(std::string_view path, std::size_t bytes_max);
  Result<std::vector<api::Notices::Notice>> notices();

  // What logs: each returns receipts that were checked against the events that were sent.
  Result<std::vector<tlog::Receipt>> open_account(const crypto::Signer& device,
                                                  const api::OpenAccount& request,
                                                  const tlog::Event& event);
  Result<std::vector<tlog::Receipt>> add_device(const crypto::Signer& phrase_key,
                                                const api::AddDevice& request,
                                                const tlog::Event& event);
  Result<std::vector<tlog::Receipt>> post_events(const crypto::Signer& device,
                                                 std::span<const tlog::Event> events);
  /// Receipts of the added packs' object_store events in the commit's order, then the head's.
  Result<std::vector<tlog::Receipt>> post_commit(const crypto::Signer& device, ByteView commit,
                                                 std::span<const tlog::Event> stored,
                                                 const VaultStep& step);
  Result<std::vector<tlog::Receipt>> put_keyring(const crypto::Signer& signer,
                                                 std::uint32_t version, ByteView sealed,
                                                 ByteView statement, const VaultStep& step);

  // What reads.
  /// Where the account stands; with snapshots of this key generation or older ones only, where one
  /// is given.
  Result<api::Heads> heads(const crypto::Signer& signer,
                           std::optional<seal::Generation> generation = {});
  Result<api::KeyringAnswer> keyring(const crypto::Signer& signer, std::uint32_t version);
  Result<api::Inventory> inventory(const crypto::Signer& device,
                                   const std::optional<seal::PackId>& after);
  Result<api::LeafAnswers> leaves(const crypto::Signer& device, const api::OwnLeaves& request);

  // Sealed bytes.
  Result<> put_pack(const crypto::Signer& device, const seal::PackId& pack,
                    const tlog::Event& event, const api::BodyReader& body);
  Result<bool> has_pack(const crypto::Signer& device, const seal::PackId& pack);
  /// `size` bytes from `offset`; everything when size is 0. At most one pack.
  Result<Bytes> get_pack(const crypto::Signer& device, const seal::PackId& pack,
                         std::uint64_t offset = 0, std::size_t size = 0);

 private:
  explicit CustodianLink(Options options) : options_(std::move(options)) {}
  Result<api::ClientResponse> ask_signed(const crypto::Signer& signer, api::ClientRequest request);
  Result<std::string> ask_text(const crypto::Signer& signer, api::ClientRequest request);
  Result<std::vector<tlog::Receipt>> check_receipts(const api::Receipts& answer,
                                                    std::span<const tlog::Event> events);
  Result<> remember_checkpoint(const note::VerifiedCheckpoint& checkpoint);
  std::unexpected<Error> keep_evidence(std::string_view what, const Error& error,
                                       std::span<const ByteView> parts);

  Options options_;
  std::unique_ptr<api::Client> client_;
};

}  // namespace amanat::phone
