#pragma once

// A custodian for tests in a few values: a log, objects with consents, and keys, from which it
// answers as the real one would and from which tests make it lie.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/http.h"
#include "amanat/clock/clock.h"
#include "amanat/consent/decision.h"
#include "amanat/crypto/crypto.h"
#include "amanat/regulator/case.h"
#include "amanat/regulator/evidence.h"
#include "amanat/seal/object.h"
#include "amanat/tlog/bodies.h"
#include "amanat/tlog/event.h"

namespace amanat::regulator {

struct TestGrant {
  consent::GrantId id;
  consent::Category category = consent::Category::photos;
  crypto::SigningSeed seed;
  std::uint64_t index = 0;
  crypto::Signer signer() const { return crypto::Signer(seed.duplicate()); }
};

class TestWorld {
 public:
  TestWorld();

  // What happens at an honest custodian; each returns or holds the index of its entry.
  TestGrant give(consent::Category category, consent::Purpose purpose = consent::Purpose::custody);
  std::uint64_t withdraw(const TestGrant& grant);
  std::uint64_t cancel(const TestGrant& grant);
  std::uint64_t store(const TestGrant& grant);
  std::uint64_t erase(std::uint64_t object, const TestGrant& grant);
  std::uint64_t erase_after(std::uint64_t object, std::uint64_t withdrawal);

  // The parts, for doing it otherwise.
  seal::Object make_object(const TestGrant& grant, std::uint32_t frames = 1);
  std::uint64_t log_object(const seal::Object& object, const crypto::Signer& signer,
                           std::vector<const TestGrant*> grants);
  std::uint64_t log_event(const tlog::Event& event);
  std::uint64_t log_organisation(const tlog::OrganisationEntry& entry);
  consent::Decision decide(consent::DecisionKind kind, consent::Category category) const;

  std::string checkpoint() const;
  /// The receipts of all present entries under the present checkpoint.
  Bundle bundle() const;
  /// Fixes a nonce and answers everything that the sample needs.
  Evidence evidence();
  /// One signed exchange.
  Exchange exchange(Purpose purpose, api::Method method, std::string_view path,
                    std::string_view body, std::string_view answer, int status = 200) const;

  std::vector<Bytes> entries;
  std::map<std::uint64_t, api::Opening> openings;
  std::map<std::uint64_t, Bytes> packs;  // by index of the object_store entry
  std::map<seal::PackId, Bytes> made;    // packs that are not logged yet
  std::map<std::uint64_t, api::OpenedEvent> decisions;
  std::string notice;
  api::Policy policy;
  Minute minute = 29'925'000;
  Minute log_clock_lag = 0;  // of the log behind the clock that dates answers
  std::uint32_t samples = kSamplesUsual;
  std::optional<std::string> remembered;
  std::vector<Bundle> bundles;

 private:
  std::uint64_t decide_again(const TestGrant& grant, consent::DecisionKind kind,
                             tlog::EventType type);
  std::uint64_t log_erasure(std::uint64_t object, Bytes statement);
  api::LeafAnswers answer_leaves(const api::DrawnLeaves& asked) const;
  Instant now() const { return instant_of(minute); }

  crypto::Signer log_signer_;
  crypto::Signer answer_signer_;
  crypto::Signer auditor_;
  std::string policy_json_;
};

}  // namespace amanat::regulator
