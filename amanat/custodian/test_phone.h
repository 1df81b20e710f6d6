#pragma once

// A small phone for tests: makes what a phone would make, sends it straight to the custodian's
// handler, and checks what comes back. Its packs and keyrings are random bytes in the right form,
// which is all a custodian can tell.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/messages.h"
#include "amanat/api/server.h"
#include "amanat/api/signature.h"
#include "amanat/clock/clock.h"
#include "amanat/consent/decision.h"
#include "amanat/custodian/custodian.h"
#include "amanat/note/note.h"
#include "amanat/seal/keyring_statement.h"
#include "amanat/seal/object.h"
#include "amanat/tlog/event.h"

namespace amanat::custodian {

/// A custodian in a folder of its own, with a clock that tests move.
class TestCustodian {
 public:
  explicit TestCustodian(Settings settings = {});
  TestCustodian(const TestCustodian&) = delete;
  TestCustodian& operator=(const TestCustodian&) = delete;
  ~TestCustodian();

  /// Stops and starts again on the same folder, as after a crash.
  void restart();
  void stop() { custodian_.reset(); }

  Custodian& custodian() { return *custodian_; }
  ManualClock& clock() { return clock_; }
  const std::filesystem::path& folder() const { return settings_.folder; }
  /// The file in which a pack lies.
  std::filesystem::path file_of(const seal::AccountId& account, const seal::PackId& pack) const;

 private:
  Settings settings_;
  ManualClock clock_;
  std::unique_ptr<Custodian> custodian_;
};

/// What came back, read as what it should be.
struct Reply {
  int status = 0;
  api::Headers headers;
  Bytes body;

  std::string_view text() const { return as_text(body); }
  /// `denied`, `conflict`, …; empty when it is no refusal.
  std::string code() const;
};

struct TestGrant {
  consent::GrantId id;
  consent::Category category = consent::Category::photos;
  crypto::SigningSeed consent_seed;
  Bytes event;
  crypto::Signer signer() const { return crypto::Signer(consent_seed.duplicate()); }
};

struct TestPack {
  seal::Object object;
  Bytes bytes;
  Bytes event;
};

class TestPhone {
 public:
  explicit TestPhone(TestCustodian& world);

  // What it does, as it should be done.
  Reply open_account();
  Reply put_keyring(bool confirmed = false);
  TestGrant give(consent::Category category);
  TestPack store(const std::vector<const TestGrant*>& grants, std::uint32_t frames = 1);
  Reply commit(const std::vector<TestPack>& packs);
  Reply withdraw(const TestGrant& grant);

  // The parts, for doing it otherwise.
  Reply get(std::string_view path, std::string_view query = "");
  Reply post(std::string_view path, std::string_view json);
  Reply put_json(std::string_view path, std::string_view json);
  Reply put_pack(const TestPack& pack);
  Reply send(api::ClientRequest request, const crypto::Signer& signer);
  Reply send_unsigned(api::ClientRequest request);
  Reply post_event(const Bytes& event);

  consent::Decision decide(consent::DecisionKind kind, consent::Category category) const;
  Bytes make_decision_event(const consent::Decision& decision, const crypto::Signer& signer);
  Bytes make_later_event(consent::DecisionKind kind, const TestGrant& grant);
  TestPack make_pack(const std::vector<const TestGrant*>& grants, std::uint32_t frames = 1);
  Bytes make_object_event(const seal::Object& object, const TestGrant& first);
  Bytes make_device_event(ByteView statement);
  api::PostCommit make_commit(const std::vector<TestPack>& packs);
  api::PutKeyring make_keyring(bool confirmed);
  void took_commit(const api::PostCommit& commit);
  void took_keyring(const api::PutKeyring& keyring);

  /// Whether every receipt of an answer is under its checkpoint, and that is signed.
  static void check_receipts(const TestCustodian& world, const api::Receipts& receipts);

  TestCustodian& world;
  seal::AccountId account;
  crypto::Signer device_signer;
  crypto::Signer phrase_signer;
  crypto::BoxPublicKey one_time_key;
  std::uint64_t labels = 0;
  std::uint64_t step = 0;
  std::uint64_t sequence = 0;
  seal::CommitHash last_commit;
  std::uint32_t keyring = 0;
  seal::KeyringHash keyring_hash;
  consent::NoticeId notice;

  seal::DeviceId device() const { return seal::device_id_of(device_signer.public_key()); }
  Bytes device_statement() const;
  tlog::Label next_label() { return tlog::label_of(label_key_, labels++); }
  Bytes make_head(std::uint32_t version, const seal::KeyringHash& hash,
                  const std::optional<seal::CommitHash>& commit);

 private:
  tlog::LabelKey label_key_;
};

/// Sends a request to a handler as the server would.
Reply ask(api::Handler& handler, const api::ClientRequest& request);

}  // namespace amanat::custodian
