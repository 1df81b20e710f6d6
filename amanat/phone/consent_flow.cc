#include "amanat/phone/consent_flow.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "amanat/consent/gate.h"
#include "amanat/consent/notice.h"
#include "amanat/phone/home.h"
#include "amanat/phone/vault_steps.h"
#include "amanat/seal/device.h"

namespace amanat::phone {
namespace {

using consent::Category;
using consent::CategorySet;
using consent::Decision;
using consent::DecisionKind;
using consent::Purpose;

constexpr std::size_t kPlainWidthMax = 100;

struct ShownNotice {
  consent::NoticeId id;
  consent::Notice notice;
  Instant shown_at;
};

Result<ShownNotice> fetch_notice(Session& session, std::string_view language) {
  auto listed = session.link().notices();
  if (!listed) return carry(listed);
  std::string known;
  for (const api::Notices::Notice& entry : *listed) {
    if (entry.purpose != consent::name_of(Purpose::custody)) continue;
    known += known.empty() ? "" : ", ";
    known += entry.language;
    if (entry.language != language) continue;
    auto bytes =
        session.link().fetch("/v1/notices/" + entry.sha256.hex(), consent::kNoticeBytesMax);
    if (!bytes) return carry(bytes, "fetching the notice");
    const std::string_view text = as_text(*bytes);
    if (consent::notice_id(text) != entry.sha256) {
      return fail(Code::forged, "the custodian sent another notice than the one it named");
    }
    auto notice = consent::parse_notice(text);
    if (!notice) return carry(notice, "the custodian's notice");
    if (auto fit = consent::check_notice(*notice); !fit) {
      return carry(fit, "the custodian's notice must not be shown");
    }
    return ShownNotice{.id = entry.sha256, .notice = std::move(*notice), .shown_at = {}};
  }
  return fail(Code::not_found, "the custodian has no notice in this language; it has: " + known);
}

bool is_yes(std::string_view answer) {
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes" || answer == "YES";
}

CategorySet active_categories(Session& session, std::span<const consent::GrantRecord> records) {
  CategorySet active;
  for (const consent::GrantRecord& record : records) {
    const consent::Request request{.categories = {record.category},
                                   .purpose = Purpose::custody,
                                   .age_class = record.age_class,
                                   .now = session.clock().now()};
    if (consent::decide(session.law(), records, request).is_allowed()) {
      active.insert(record.category);
    }
  }
  return active;
}

/// One answer, signed and kept, ready to be sent.
struct Answer {
  Category category = Category::other;
  Decision decision;
  Bytes statement;
  KeptEvent event;
  crypto::SigningSeed seed;  // of the consent key; kept only when consent was given
};

/// The consent key of a grant is kept before the grant is sent, so that it is never without one.
std::filesystem::path consent_key_path(Session& session, const crypto::PublicKey& key) {
  return session.home().keys() / ("consent-" + key.hex());
}

Result<Answer> make_answer(Session& session, const ShownNotice& shown, Category category,
                           bool given, const ConsentOptions& options) {
  const Instant now = session.clock().now();
  Answer answer;
  answer.category = category;
  answer.seed = crypto::random_key<crypto::SigningSeed>();
  const crypto::Signer signer(answer.seed.duplicate());
  answer.decision = {.kind = given ? DecisionKind::given : DecisionKind::refused,
                     .category = category,
                     .purpose = Purpose::custody,
                     .age_class = options.age_class,
                     .consent_key = signer.public_key(),
                     .grant = {},
                     .notice = shown.id,
                     .language = shown.notice.language,
                     .shown_at = shown.shown_at,
                     .decided_at = now,
                     .valid_until = {},
                     .indication = options.grant ? consent::Indication::command_line
                                                 : consent::Indication::prompt};
  if (given) {
    answer.decision.valid_until =
        now + std::chrono::days(static_cast<std::int64_t>(shown.notice.consent_days));
    if (auto kept = write_private_file(consent_key_path(session, signer.public_key()),
                                       answer.seed.expose());
        !kept) {
      return carry(kept, "keeping the consent key");
    }
  }
  auto statement = consent::sign_decision(answer.decision, signer);
  if (!statement) return carry(statement);
  answer.statement = std::move(*statement);
  auto event =
      session.make_event(given ? tlog::EventType::consent_grant : tlog::EventType::consent_refused,
                         answer.statement, {});
  if (!event) return carry(event);
  answer.event = std::move(*event);
  return answer;
}

struct Answers {
  CategorySet given;
  CategorySet refused;
};

/// Asks about each category that is not active; stops where the person leaves.
Answers ask_each(const ShownNotice& shown, const CategorySet& active, Terminal& terminal) {
  Answers answers;
  for (const consent::NoticeItem& item : shown.notice.items) {
    if (active.contains(item.category)) continue;
    const std::string question = item.title + " (" + std::string(consent::name_of(item.category))
                                 + "): may they be sealed and kept? [y/N] ";
    const auto answer = terminal.ask(question);
    if (!answer) break;
    (is_yes(*answer) ? answers.given : answers.refused).insert(item.category);
  }
  return answers;
}

Result<> check_named(const ShownNotice& shown, const CategorySet& named) {
  for (const Category category : named) {
    const auto listed =
        std::ranges::find(shown.notice.items, category, &consent::NoticeItem::category);
    if (listed == shown.notice.items.end()) {
      return fail(Code::invalid_input, "the notice does not speak of "
                                           + std::string(consent::name_of(category))
                                           + ", so nobody can agree to it");
    }
  }
  return {};
}

/// Sends one answer; with its receipt comes what it means.
Result<> log_answer(Session& session, const Answer& answer) {
  auto receipts = session.send_events(std::span(&answer.event, 1));
  if (receipts) return {};
  const Code code = receipts.error().code;
  if (code == Code::denied || code == Code::conflict || code == Code::invalid_input) {
    if (auto gone = session.forget_event(answer.event.label_index); !gone) return carry(gone);
  }
  return carry(receipts);
}

Result<> add_grant(Session& session, const KeptGrant& kept, seal::KeyringBody& body) {
  auto verified = consent::verify_decision(kept.statement);
  if (!verified) return carry(verified);
  auto seed_bytes = read_private_file(consent_key_path(session, verified->decision().consent_key),
                                      crypto::SigningSeed::kSize);
  if (!seed_bytes) return carry(seed_bytes, "reading a consent key");
  auto seed = crypto::SigningSeed::from(seed_bytes->expose());
  if (!seed) return carry(seed);
  seal::KeyringGrant grant;
  grant.category = kept.record.category;
  grant.purpose = kept.record.purpose;
  grant.state = seal::GrantState::given;
  grant.consent_seed = std::move(*seed);
  grant.commitment = kept.record.grant;
  grant.decision = verified->hash();
  grant.valid_until = kept.record.valid_until;
  grant.keys.push_back(
      {.generation = body.generation, .key = crypto::random_key<seal::GrantKey>()});
  body.grants.push_back(std::move(grant));
  return {};
}

/// The certificate that this device made the consent key: kept here, shown only on a complaint.
Result<> keep_certificate(Session& session, const crypto::PublicKey& consent_key) {
  const seal::ConsentKey certificate{.device_key = session.device().public_key(),
                                     .consent_key = consent_key,
                                     .made_at = session.clock().now()};
  return write_private_file(session.home().keys() / ("certificate-" + consent_key.hex()),
                            seal::sign(certificate, session.device()));
}

}  // namespace

Result<> complete_grants(Session& session) {
  auto grants = session.records().grants();
  if (!grants) return carry(grants);
  const auto lacks_keys = [&](const KeptGrant& kept) {
    return kept.record.state == consent::GrantState::given
           && session.keyring().body.find_grant(kept.record.grant) == nullptr;
  };
  std::erase_if(*grants, [&](const KeptGrant& kept) { return !lacks_keys(kept); });
  if (grants->empty()) return {};
  auto stored = store_next_keyring(session, {.apply = [&](seal::KeyringBody& body) -> Result<> {
                                     for (const KeptGrant& kept : *grants) {
                                       if (body.find_grant(kept.record.grant) != nullptr) continue;
                                       if (auto done = add_grant(session, kept, body); !done)
                                         return carry(done);
                                     }
                                     return {};
                                   }});
  if (!stored) return carry(stored, "making keys for what you agreed to");
  // The keyring holds the consent keys now.
  for (const KeptGrant& kept : *grants) {
    auto verified = consent::verify_decision(kept.statement);
    if (!verified) return carry(verified);
    const crypto::PublicKey& key = verified->decision().consent_key;
    if (auto done = keep_certificate(session, key); !done) return carry(done);
    if (auto gone = destroy_private_file(consent_key_path(session, key)); !gone) return carry(gone);
  }
  return retire_old_keyrings(session);
}

Result<ConsentReport> ask_consent(Session& session, const ConsentOptions& options,
                                  Terminal& terminal) {
  if (!options.grant && !terminal.is_interactive()) {
    return fail(Code::denied,
                "there is nobody to ask: run this on a terminal, or name what is agreed to with "
                "--grant photos,contacts");
  }
  if (auto done = session.send_pending_events(); !done) return carry(done);
  auto shown = fetch_notice(session, options.language);
  if (!shown) return carry(shown);
  auto records = session.records().grant_records();
  if (!records) return carry(records);
  const CategorySet active = active_categories(session, *records);

  const auto width = std::min(static_cast<std::size_t>(terminal.width()), kPlainWidthMax);
  terminal.say(consent::to_plain_text(shown->notice, width));
  shown->shown_at = session.clock().now();
  Answers answers;
  if (options.grant) {
    if (auto fit = check_named(*shown, *options.grant); !fit) return carry(fit);
    for (const Category category : *options.grant) {
      if (!active.contains(category)) answers.given.insert(category);
    }
  } else {
    answers = ask_each(*shown, active, terminal);
  }

  for (const auto& [categories, given] :
       {std::pair{answers.given, true}, std::pair{answers.refused, false}}) {
    for (const Category category : categories) {
      auto answer = make_answer(session, *shown, category, given, options);
      if (!answer) return carry(answer);
      if (auto done = log_answer(session, *answer); !done) {
        return carry(done, "logging the answer about " + std::string(consent::name_of(category)));
      }
    }
  }
  if (auto done = complete_grants(session); !done) return carry(done);
  ConsentReport report{.given = answers.given, .refused = answers.refused, .active = active};
  for (const Category category : answers.given) report.active.insert(category);
  return report;
}

}  // namespace amanat::phone
