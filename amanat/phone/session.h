#pragma once

// An enrolled phone at work: its home, keys, records and link, opened together and checked.

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/law.h"
#include "amanat/error/error.h"
#include "amanat/phone/custodian_link.h"
#include "amanat/phone/home.h"
#include "amanat/phone/key_store.h"
#include "amanat/phone/phone_records.h"

namespace amanat::phone {

/// Takes the next label, makes an event and keeps it durably: the one way events come to be.
Result<KeptEvent> make_kept_event(PhoneRecords& records, const tlog::LabelKey& label_key,
                                  tlog::EventType type, Bytes statement,
                                  const tlog::LinkParts& parts);

class Session {
 public:
  /// Opens an enrolled phone. Connects to nothing yet.
  ///
  ///   fails   not_found when the phone is not enrolled, unavailable when another command is at
  ///           work, corrupt or forged when what is kept does not open
  static Result<Session> open(const std::filesystem::path& home_folder, const Clock& clock);

  const Home& home() const { return *home_; }
  const KeyStore& keys() const { return keys_; }
  PhoneRecords& records() { return *records_; }
  CustodianLink& link() { return *link_; }
  const Clock& clock() const { return *clock_; }
  const crypto::Signer& device() const { return *device_; }
  seal::DeviceId device_id() const { return seal::device_id_of(device_->public_key()); }
  const seal::AccountId& account() const { return account_; }
  const consent::LawPack& law() const { return *law_; }

  /// The newest keyring this phone holds.
  const OpenKeyring& keyring() const { return keyring_; }
  void use_keyring(OpenKeyring keyring) { keyring_ = std::move(keyring); }

  /// A second link for another thread; it remembers nothing.
  Result<std::unique_ptr<CustodianLink>> open_second_link() const;

  /// Makes an event of this device and keeps it durably, to be sent until it is acknowledged.
  /// Returns its label index.
  Result<KeptEvent> make_event(tlog::EventType type, Bytes statement, const tlog::LinkParts& parts);
  /// Keeps an event whose commitment and link the caller made (vault heads).
  Result<KeptEvent> keep_vault_head(const seal::EventCommitment& commitment,
                                    const crypto::Hash& link);
  Result<> forget_event(std::uint64_t label_index);

  /// Sends kept events of consent and withdrawal; keeps their receipts, in order, and what they
  /// mean to the records.
  Result<std::vector<tlog::Receipt>> send_events(std::span<const KeptEvent> events);

  /// Sends again whatever was made and not acknowledged when a command was cut off.
  Result<> send_pending_events();

 private:
  Session() : keys_({}) {}
  Result<tlog::LabelKey> label_key() const;

  std::unique_ptr<Home> home_;
  KeyStore keys_;
  std::unique_ptr<PhoneRecords> records_;
  std::unique_ptr<CustodianLink> link_;
  std::unique_ptr<crypto::Signer> device_;
  std::unique_ptr<const consent::LawPack> law_;
  const Clock* clock_ = nullptr;
  seal::AccountId account_;
  OpenKeyring keyring_;
};

}  // namespace amanat::phone
