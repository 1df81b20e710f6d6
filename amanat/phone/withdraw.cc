#include "amanat/phone/withdraw.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "amanat/phone/keyring_maker.h"
#include "amanat/phone/vault_steps.h"
#include "amanat/phone/words.h"
#include "amanat/seal/object.h"

namespace amanat::phone {
namespace {

using consent::Category;
using consent::DecisionKind;
using consent::Purpose;

Result<KeptGrant> find_grant(Session& session, Category category, consent::GrantState state) {
  auto grants = session.records().grants();
  if (!grants) return carry(grants);
  for (KeptGrant& kept : *grants) {
    if (kept.record.category == category && kept.record.purpose == Purpose::custody
        && kept.record.state == state) {
      return std::move(kept);
    }
  }
  return fail(Code::not_found, "there is no consent for " + std::string(consent::name_of(category))
                                   + " to withdraw: amanat status shows what there is");
}

Result<std::optional<PendingWithdrawal>> find_pending(Session& session, Category category) {
  auto pending = session.records().withdrawals();
  if (!pending) return carry(pending);
  for (const PendingWithdrawal& withdrawal : *pending) {
    if (withdrawal.category == category) return std::optional(withdrawal);
  }
  return std::optional<PendingWithdrawal>();
}

Result<crypto::Signer> consent_signer(Session& session, const consent::GrantId& id) {
  const seal::KeyringGrant* grant = session.keyring().body.find_grant(id);
  if (grant == nullptr) {
    return fail(Code::corrupt, "the keyring does not know a grant that phone.db knows");
  }
  return crypto::Signer(grant->consent_seed.duplicate());
}

/// Signs and logs a later decision about a grant.
Result<tlog::Receipt> log_decision(Session& session, const KeptGrant& kept, DecisionKind kind) {
  auto signer = consent_signer(session, kept.record.grant);
  if (!signer) return carry(signer);
  const Instant now = session.clock().now();
  std::string language = "en";
  if (auto first = consent::verify_decision(kept.statement)) language = first->decision().language;
  auto statement = consent::sign_decision({.kind = kind,
                                           .category = kept.record.category,
                                           .purpose = kept.record.purpose,
                                           .age_class = kept.record.age_class,
                                           .consent_key = signer->public_key(),
                                           .grant = kept.record.grant,
                                           .notice = kept.record.notice,
                                           .language = language,
                                           .shown_at = now,
                                           .decided_at = now,
                                           .valid_until = {},
                                           .indication = consent::Indication::command_line},
                                          *signer);
  if (!statement) return carry(statement);
  const std::array grants{kept.record.grant};
  const auto type = kind == DecisionKind::withdrawn ? tlog::EventType::consent_withdraw
                                                    : tlog::EventType::withdraw_cancelled;
  auto event = session.make_event(type, std::move(*statement), {.grants = grants});
  if (!event) return carry(event);
  auto receipts = session.send_events(std::span(&*event, 1));
  if (!receipts) return carry(receipts);
  return std::move(receipts->front());
}

/// Starts the next key generation under new words, without the withdrawn grant's keys.
Result<> change_body(seal::KeyringBody& body, const consent::GrantId& withdrawn,
                     const seal::PhraseEntropy& words) {
  body.recovery_key = seal::recovery_key_of(words);
  body.phrase_key = seal::phrase_signer_of(words).public_key();
  for (seal::KeyringGrant& grant : body.grants) {
    if (grant.commitment != withdrawn) continue;
    grant.state = seal::GrantState::withdrawn;
    grant.keys.clear();
  }
  start_generation(body, static_cast<seal::Generation>(body.generation + 1));
  return {};
}

/// Steps 2 and 3: new words, then the keyring that lacks the key.
Result<> store_without(Session& session, PendingWithdrawal& pending,
                       const crypto::Signer* phrase_signer, const WithdrawOptions& options,
                       Terminal& terminal) {
  const auto words = crypto::random_key<seal::PhraseEntropy>();
  if (auto done = hand_over_words(words, terminal, options.words_out); !done) return carry(done);
  auto stored = store_next_keyring(
      session,
      {.apply = [&](seal::KeyringBody& body) { return change_body(body, pending.grant, words); },
       .phrase_signer = phrase_signer});
  if (!stored) return carry(stored, "storing the keyring without the key");
  pending.keyring_version = session.keyring().version();
  return session.records().keep_withdrawal(pending);
}

Result<std::uint16_t> log_erasure(Session& session, const PendingWithdrawal& pending) {
  const auto others = static_cast<std::uint16_t>(session.keyring().body.devices.size() - 1);
  auto signer = consent_signer(session, pending.grant);
  if (!signer) return carry(signer);
  const seal::ErasureReceipt receipt{.grant = pending.grant,
                                     .keyring_version = pending.keyring_version,
                                     .devices_unconfirmed = others,
                                     .completed_at = session.clock().now()};
  const std::array grants{pending.grant};
  auto event = session.make_event(tlog::EventType::erasure_receipt, seal::sign(receipt, *signer),
                                  {.grants = grants});
  if (!event) return carry(event);
  auto receipts = session.send_events(std::span(&*event, 1));
  if (!receipts) return carry(receipts);
  return others;
}

/// Where the log has this phone's withdrawal; 0 when another device made it.
Result<std::uint64_t> index_of_withdrawal(Session& session, const consent::GrantId& grant) {
  auto events = session.records().consent_events();
  if (!events) return carry(events);
  std::uint64_t index = 0;
  for (const KeptEvent& kept : *events) {
    if (kept.event.type == tlog::EventType::consent_withdraw && kept.receipt
        && std::ranges::equal(kept.event.link.bytes(), grant.bytes())) {
      index = kept.receipt->index;
    }
  }
  return index;
}

/// Step 5: what opened the older keyrings is destroyed here, and what names the content. The device
/// that withdrew says so in the log.
Result<std::uint16_t> complete(Session& session, const PendingWithdrawal& pending) {
  if (auto done = destroy_older_keyrings(session, pending.keyring_version); !done) {
    return carry(done, "destroying keys");
  }
  for (const seal::KeyringCompartment& compartment : session.keyring().body.compartments) {
    if (std::ranges::find(compartment.grants, pending.grant) == compartment.grants.end()) continue;
    if (auto done = session.records().forget_compartment(compartment.id); !done) {
      return carry(done, "forgetting what the category held");
    }
  }
  if (auto done = session.records().database().checkpoint(); !done) return carry(done);
  auto own = index_of_withdrawal(session, pending.grant);
  if (!own) return carry(own);
  if (*own == 0) {
    if (auto done = session.records().forget_withdrawal(pending.grant); !done) return carry(done);
    return static_cast<std::uint16_t>(session.keyring().body.devices.size() - 1);
  }
  auto others = log_erasure(session, pending);
  if (!others) return carry(others, "logging the erasure");
  return others;
}

/// Whether nothing can take this withdrawal back any more.
Result<bool> is_due(Session& session, const PendingWithdrawal& pending) {
  if (pending.keyring_version == 0) return false;
  if (session.clock().now() >= pending.logged_at + kWithdrawalWait) return true;
  const auto ended = session.records().number_fact(fact::kEndedBefore);
  if (!ended) return carry(ended);
  return ended->value_or(0) >= pending.keyring_version;
}

Result<std::optional<crypto::Signer>> present_phrase(Session& session,
                                                     const WithdrawOptions& options,
                                                     Terminal& terminal) {
  if (!options.now) return std::optional<crypto::Signer>();
  auto words = take_words(terminal, options.words);
  if (!words) return carry(words);
  crypto::Signer signer = seal::phrase_signer_of(*words);
  const auto settled = settled_phrase_key(session);
  if (!settled) return carry(settled);
  if (signer.public_key() != *settled) {
    return fail(Code::denied,
                "these words do not count now: words that a withdrawal without --now brought count "
                "after 72 hours, and until then the ones before them do; without those, leave out "
                "--now and wait 72 hours");
  }
  return std::optional<crypto::Signer>(std::move(signer));
}

/// The keys of a grant, from the newest keyring kept here that still has them.
Result<std::vector<seal::KeyringGrantKey>> older_keys(Session& session,
                                                      const PendingWithdrawal& withdrawal) {
  std::vector<std::uint32_t> versions = session.keys().versions();
  std::ranges::reverse(versions);
  for (const std::uint32_t version : versions) {
    if (version >= withdrawal.keyring_version) continue;
    auto older = session.keys().open_keyring(version);
    if (!older) return carry(older, "opening the keyring before the withdrawal");
    seal::KeyringBody& body = older->body;
    const auto grant =
        std::ranges::find(body.grants, withdrawal.grant, &seal::KeyringGrant::commitment);
    if (grant != body.grants.end() && !grant->keys.empty()) return std::move(grant->keys);
  }
  return fail(Code::conflict, "this phone holds no key of the category any more");
}

/// Stores a keyring that has the keys of a cancelled withdrawal again.
Result<> put_back(Session& session, const PendingWithdrawal& withdrawal) {
  const seal::KeyringGrant* present = session.keyring().body.find_grant(withdrawal.grant);
  if (present == nullptr || present->state == seal::GrantState::given) return {};
  auto keys = older_keys(session, withdrawal);
  if (!keys) return carry(keys);
  const auto apply = [&](seal::KeyringBody& body) -> Result<> {
    for (seal::KeyringGrant& grant : body.grants) {
      if (grant.commitment != withdrawal.grant) continue;
      grant.state = seal::GrantState::given;
      grant.keys.clear();
      for (const seal::KeyringGrantKey& key : *keys) {
        grant.keys.push_back({.generation = key.generation, .key = key.key.duplicate()});
      }
      if (grant.key_of(body.generation) == nullptr) {
        grant.keys.push_back(
            {.generation = body.generation, .key = crypto::random_key<seal::GrantKey>()});
      }
    }
    return {};
  };
  auto stored = store_next_keyring(session, {.apply = apply});
  if (!stored) return carry(stored, "storing the keyring with the key again");
  return {};
}

/// Ends one cancellation: the keyring first, then the row that says it is under way.
Result<> finish_cancellation(Session& session, const PendingWithdrawal& withdrawal) {
  if (auto done = put_back(session, withdrawal); !done) return done;
  if (auto done = session.records().forget_withdrawal(withdrawal.grant); !done) return done;
  return retire_old_keyrings(session);
}

}  // namespace

Result<WithdrawReport> withdraw(Session& session, const WithdrawOptions& options,
                                Terminal& terminal) {
  if (auto done = session.send_pending_events(); !done) return carry(done);
  if (auto done = finish_cancellations(session); !done) return carry(done);
  auto phrase = present_phrase(session, options, terminal);
  if (!phrase) return carry(phrase);
  auto pending = find_pending(session, options.category);
  if (!pending) return carry(pending);

  WithdrawReport report;
  report.category = options.category;
  if (!*pending) {
    auto grant = find_grant(session, options.category, consent::GrantState::given);
    if (!grant) return carry(grant);
    // Step 1: from here on phone and custodian refuse the category.
    auto receipt = log_decision(session, *grant, DecisionKind::withdrawn);
    if (!receipt) return carry(receipt, "logging the withdrawal");
    pending = find_pending(session, options.category);
    if (!pending) return carry(pending);
    ensure(pending->has_value(), "a withdrawal that was kept is found");
  }
  PendingWithdrawal& withdrawal = **pending;
  auto index = index_of_withdrawal(session, withdrawal.grant);
  if (!index) return carry(index);
  report.index = *index;

  const crypto::Signer* signer = *phrase ? &**phrase : nullptr;
  if (withdrawal.keyring_version == 0 || signer != nullptr) {
    auto stored = store_without(session, withdrawal, signer, options, terminal);
    if (!stored) return carry(stored);
  }
  report.keyring_version = withdrawal.keyring_version;
  report.due = withdrawal.logged_at + kWithdrawalWait;
  auto due = is_due(session, withdrawal);
  if (!due) return carry(due);
  if (options.now || *due) {
    auto others = complete(session, withdrawal);
    if (!others) return carry(others);
    report.completed = true;
    report.devices_unconfirmed = *others;
  }
  return report;
}

Result<> finish_cancellations(Session& session) {
  auto pending = session.records().withdrawals();
  if (!pending) return carry(pending);
  auto grants = session.records().grant_records();
  if (!grants) return carry(grants);
  for (const PendingWithdrawal& withdrawal : *pending) {
    const auto grant = std::ranges::find(*grants, withdrawal.grant, &consent::GrantRecord::grant);
    if (grant == grants->end() || grant->state != consent::GrantState::given) continue;
    if (auto done = finish_cancellation(session, withdrawal); !done) return done;
  }
  return {};
}

Result<WithdrawReport> cancel_withdrawal(Session& session, Category category) {
  if (auto done = session.send_pending_events(); !done) return carry(done);
  auto pending = find_pending(session, category);
  if (!pending) return carry(pending);
  if (!*pending) {
    return fail(Code::conflict, "there is no withdrawal of "
                                    + std::string(consent::name_of(category))
                                    + " that could still be cancelled");
  }
  const PendingWithdrawal& withdrawal = **pending;
  WithdrawReport report;
  report.category = category;
  // One that was cut off may be in the log already.
  auto kept = find_grant(session, category, consent::GrantState::withdrawn);
  if (!kept && kept.error().code != Code::not_found) return carry(kept);
  if (kept) {
    if (withdrawal.keyring_version != 0) {
      if (auto keys = older_keys(session, withdrawal); !keys) return carry(keys);
    }
    auto receipt = log_decision(session, *kept, DecisionKind::withdraw_cancelled);
    if (!receipt) return carry(receipt, "logging the cancellation");
    report.index = receipt->index;
  }
  if (auto done = finish_cancellation(session, withdrawal); !done) return carry(done);
  report.keyring_version = session.keyring().version();
  return report;
}

Result<std::vector<Category>> complete_due_withdrawals(Session& session) {
  if (auto done = finish_cancellations(session); !done) return carry(done);
  auto pending = session.records().withdrawals();
  if (!pending) return carry(pending);
  std::vector<Category> completed;
  for (const PendingWithdrawal& withdrawal : *pending) {
    auto due = is_due(session, withdrawal);
    if (!due) return carry(due);
    if (!*due) continue;
    if (auto done = complete(session, withdrawal); !done) return carry(done);
    completed.push_back(withdrawal.category);
  }
  return completed;
}

}  // namespace amanat::phone
