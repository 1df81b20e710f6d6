#include "amanat/phone/withdraw.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

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

/// Step 1: from here on phone and custodian refuse the category.
Result<std::uint64_t> log_withdrawal(Session& session, const KeptGrant& kept) {
  auto receipt = log_decision(session, kept, DecisionKind::withdrawn);
  if (!receipt) return carry(receipt, "logging the withdrawal");
  const Instant now = session.clock().now();
  auto done =
      session.records().set_grant_state(kept.record.grant, consent::GrantState::withdrawn, now);
  if (done) {
    done = session.records().keep_withdrawal({.grant = kept.record.grant,
                                              .category = kept.record.category,
                                              .logged_at = now,
                                              .keyring_version = 0});
  }
  if (!done) return carry(done, "keeping the withdrawal");
  return receipt->index;
}

/// Starts the next key generation under new words, without the withdrawn grant's keys.
Result<> change_body(seal::KeyringBody& body, const consent::GrantId& withdrawn,
                     const seal::PhraseEntropy& words) {
  body.generation = static_cast<seal::Generation>(body.generation + 1);
  body.recovery_key = seal::recovery_key_of(words);
  body.phrase_key = seal::phrase_signer_of(words).public_key();
  body.snapshot_keys.push_back(
      {.generation = body.generation, .key = crypto::random_key<seal::SnapshotKey>()});
  for (seal::KeyringGrant& grant : body.grants) {
    if (grant.commitment == withdrawn) {
      grant.state = seal::GrantState::withdrawn;
      grant.keys.clear();
    } else if (grant.state == seal::GrantState::given) {
      grant.keys.push_back(
          {.generation = body.generation, .key = crypto::random_key<seal::GrantKey>()});
    }
  }
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

/// Step 5: what opened the older keyrings is destroyed here, and what names the content.
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
  auto others = log_erasure(session, pending);
  if (!others) return carry(others, "logging the erasure");
  if (auto done = session.records().forget_withdrawal(pending.grant); !done) return carry(done);
  return others;
}

Result<std::optional<crypto::Signer>> present_phrase(Session& session,
                                                     const WithdrawOptions& options,
                                                     Terminal& terminal) {
  if (!options.now) return std::optional<crypto::Signer>();
  auto words = take_words(terminal, options.words);
  if (!words) return carry(words);
  crypto::Signer signer = seal::phrase_signer_of(*words);
  if (signer.public_key() != session.keyring().body.phrase_key) {
    return fail(Code::denied,
                "these are not the present words of this vault: perhaps they are older ones; "
                "without the present ones, leave out --now and wait 72 hours");
  }
  return std::optional<crypto::Signer>(std::move(signer));
}

Result<std::uint64_t> index_of_withdrawal(Session& session, const consent::GrantId& grant) {
  auto events = session.records().events();
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

}  // namespace

Result<WithdrawReport> withdraw(Session& session, const WithdrawOptions& options,
                                Terminal& terminal) {
  if (auto done = session.send_pending_events(); !done) return carry(done);
  auto phrase = present_phrase(session, options, terminal);
  if (!phrase) return carry(phrase);
  auto pending = find_pending(session, options.category);
  if (!pending) return carry(pending);

  WithdrawReport report;
  report.category = options.category;
  if (!*pending) {
    auto grant = find_grant(session, options.category, consent::GrantState::given);
    if (!grant) return carry(grant);
    auto index = log_withdrawal(session, *grant);
    if (!index) return carry(index);
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
  if (options.now || session.clock().now() >= report.due) {
    auto others = complete(session, withdrawal);
    if (!others) return carry(others);
    report.completed = true;
    report.devices_unconfirmed = *others;
  }
  return report;
}

Result<WithdrawReport> cancel_withdrawal(Session& session, Category category) {
  auto pending = find_pending(session, category);
  if (!pending) return carry(pending);
  if (!*pending) {
    return fail(Code::conflict, "there is no withdrawal of "
                                    + std::string(consent::name_of(category))
                                    + " that could still be cancelled");
  }
  const PendingWithdrawal& withdrawal = **pending;
  auto kept = find_grant(session, category, consent::GrantState::withdrawn);
  if (!kept) return carry(kept);
  // The key comes back from the keyring before the one that lacks it.
  std::vector<seal::KeyringGrantKey> keys;
  if (withdrawal.keyring_version != 0) {
    auto older = session.keys().open_keyring(withdrawal.keyring_version - 1);
    if (!older) return carry(older, "opening the keyring before the withdrawal");
    const seal::KeyringGrant* grant = older->body.find_grant(withdrawal.grant);
    if (grant == nullptr) return fail(Code::corrupt, "the older keyring lacks the grant too");
    for (const seal::KeyringGrantKey& key : grant->keys) {
      keys.push_back({.generation = key.generation, .key = key.key.duplicate()});
    }
  }
  auto receipt = log_decision(session, *kept, DecisionKind::withdraw_cancelled);
  if (!receipt) return carry(receipt, "logging the cancellation");
  auto given = session.records().set_grant_state(withdrawal.grant, consent::GrantState::given,
                                                 session.clock().now());
  if (!given) return carry(given);
  if (withdrawal.keyring_version != 0) {
    auto stored = store_next_keyring(
        session, {.apply = [&](seal::KeyringBody& body) -> Result<> {
          for (seal::KeyringGrant& grant : body.grants) {
            if (grant.commitment != withdrawal.grant) continue;
            grant.state = seal::GrantState::given;
            grant.keys.clear();
            for (const seal::KeyringGrantKey& key : keys) {
              grant.keys.push_back({.generation = key.generation, .key = key.key.duplicate()});
            }
            if (grant.key_of(body.generation) == nullptr) {
              grant.keys.push_back(
                  {.generation = body.generation, .key = crypto::random_key<seal::GrantKey>()});
            }
          }
          return {};
        }});
    if (!stored) return carry(stored, "storing the keyring with the key again");
  }
  if (auto done = session.records().forget_withdrawal(withdrawal.grant); !done) return carry(done);
  if (auto done = retire_old_keyrings(session); !done) return carry(done);
  WithdrawReport report;
  report.category = category;
  report.index = receipt->index;
  report.keyring_version = session.keyring().version();
  return report;
}

Result<std::vector<Category>> complete_due_withdrawals(Session& session) {
  auto pending = session.records().withdrawals();
  if (!pending) return carry(pending);
  std::vector<Category> completed;
  for (const PendingWithdrawal& withdrawal : *pending) {
    if (withdrawal.keyring_version == 0) continue;
    if (session.clock().now() < withdrawal.logged_at + kWithdrawalWait) continue;
    if (auto done = complete(session, withdrawal); !done) return carry(done);
    completed.push_back(withdrawal.category);
  }
  return completed;
}

}  // namespace amanat::phone
