#include "amanat/consent/receipt_document.h"

#include <algorithm>

#include "amanat/clock/clock.h"
#include "amanat/codec/json.h"

namespace amanat::consent {
namespace {

constexpr std::size_t kSaltBytes = 32;

std::string_view status_of(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::given:
    case DecisionKind::withdraw_cancelled: return "dpv:ConsentGiven";
    case DecisionKind::refused: return "dpv:ConsentRefused";
    case DecisionKind::withdrawn: return "dpv:ConsentWithdrawn";
    case DecisionKind::renewed: return "dpv:RenewedConsentGiven";
    case DecisionKind::revoked: return "dpv:ConsentRevoked";
  }
  return "dpv:ConsentUnknown";
}

json::Object context() {
  return {{"dpv", "https://w3id.org/dpv#"},
          {"dct", "http://purl.org/dc/terms/"},
          {"skos", "http://www.w3.org/2004/02/skos/core#"},
          {"loc", "https://w3id.org/dpv/loc#"},
          {"amanat", "https://amanat.example/ns/dpv#"}};
}

// An entry of a registry: its own address, the broader ones, the words a person was shown.
json::Object term(std::span<const std::string_view> iris, std::string_view words) {
  json::Object object{{"@id", iris.front()}};
  json::Array broader;
  for (const std::string_view iri : iris.subspan(1)) {
    broader.emplace_back(json::Object{{"@id", iri}});
  }
  if (!broader.empty()) object.emplace_back("skos:related", std::move(broader));
  object.emplace_back("dct:description", words);
  return object;
}

json::Object notice_part(const Decision& decision, const Notice& notice) {
  return {{"@type", "dpv:ConsentNotice"},      {"dct:identifier", decision.notice.hex()},
          {"dct:title", notice.title},         {"dct:hasVersion", notice.version},
          {"dct:language", decision.language}, {"amanat:shownAt", to_iso8601(decision.shown_at)}};
}

json::Object controller_part(const Notice& notice) {
  return {{"@type", "dpv:DataController"},
          {"dpv:hasName", notice.maker.name},
          {"dpv:hasAddress", notice.maker.address},
          {"dpv:hasContact", notice.maker.contact},
          {"amanat:grievanceOfficer", notice.maker.officer},
          {"amanat:contactInIndia", notice.maker.contact_india}};
}

json::Array recipient_parts(const Notice& notice) {
  json::Array recipients;
  for (const NoticeRecipient& recipient : notice.recipients) {
    recipients.emplace_back(json::Object{{"@type", "dpv:DataProcessor"},
                                         {"dpv:hasName", recipient.name},
                                         {"dct:description", recipient.role},
                                         {"dpv:hasLocation", recipient.country}});
  }
  return recipients;
}

json::Array jurisdiction_parts(const Notice& notice) {
  json::Array jurisdictions;
  for (const std::string& place : notice.jurisdictions) {
    jurisdictions.emplace_back(json::Object{{"@id", "loc:" + place}});
  }
  return jurisdictions;
}

json::Object storage_part(const Notice& notice, const NoticeItem& item) {
  return {{"@type", "dpv:StorageCondition"},
          {"dpv:hasLocation", notice.place.description},
          {"amanat:region", notice.place.region},
          {"dpv:hasDuration", item.retention},
          {"amanat:afterWithdrawal", notice.retention_after}};
}

json::Object withdrawal_part(const Notice& notice, Category category) {
  return {{"@type", "dpv:WithdrawConsent"},
          {"dct:source", notice.withdrawal.link},
          {"amanat:command", withdraw_command(notice, category)},
          {"dct:description", notice.withdrawal.effect}};
}

json::Value log_part(const LogFacts& log) {
  json::Array proof;
  for (const Bytes& hash : log.proof) proof.emplace_back(to_base64(hash));
  return json::Object{{"origin", log.origin},
                      {"index", log.index},
                      {"entry", to_base64(log.entry)},
                      {"proof", std::move(proof)},
                      {"checkpoint", log.checkpoint}};
}

json::Object proof_part(const ReceiptFacts& facts, const VerifiedDecision& verified) {
  json::Object proof{
      {"signature", "Ed25519 (RFC 8032) over the statement without its last 64 bytes"},
      {"consentKey", verified.decision().consent_key.hex()},
      {"statement", to_base64(facts.statement)},
      {"salt", to_base64(facts.salt)}};
  proof.emplace_back("log", facts.logged ? log_part(*facts.logged) : json::Value());
  return proof;
}

// What was decided, when, how, and until when.
void append_event(json::Object& document, const Decision& decision) {
  document.emplace_back("dpv:hasConsentStatus", json::Object{{"@id", status_of(decision.kind)}});
  document.emplace_back("amanat:decision", name_of(decision.kind));
  if (!is_first_decision(decision.kind)) {
    document.emplace_back("amanat:grant", decision.grant.hex());
  }
  document.emplace_back("dpv:isIndicatedAtTime", to_iso8601(decision.decided_at));
  document.emplace_back("dpv:hasIndicationMethod", name_of(decision.indication));
  document.emplace_back("amanat:ageClass", name_of(decision.age_class));
  document.emplace_back("amanat:defaultState", "off");
  if (gives_consent(decision.kind)) {
    document.emplace_back("dct:valid", json::Object{{"from", to_iso8601(decision.decided_at)},
                                                    {"until", to_iso8601(decision.valid_until)}});
  }
}

json::Object document_of(const ReceiptFacts& facts, const VerifiedDecision& verified,
                         const Notice& notice, const NoticeItem& item) {
  const Decision& decision = verified.decision();
  json::Object document{{"@context", context()}, {"@type", "dpv:ConsentRecord"}};
  document.emplace_back(
      "dct:conformsTo",
      json::Array{"https://w3id.org/dpv/schema/dpv-27560#receipt-record", "amanat-receipt/1"});
  document.emplace_back("dct:identifier", verified.hash().hex());
  document.emplace_back("dpv:hasDataSubject",
                        json::Object{{"amanat:pseudonym", decision.consent_key.hex()}});
  append_event(document, decision);
  document.emplace_back("dpv:hasLegalBasis",
                        json::Object{{"@id", "dpv:ExplicitlyExpressedConsent"}});
  document.emplace_back("dpv:hasNotice", notice_part(decision, notice));
  document.emplace_back("dpv:hasPurpose",
                        term(iris_of(decision.purpose), notice.purpose_description));
  document.emplace_back("dpv:hasPersonalData", term(iris_of(decision.category), item.description));
  document.emplace_back("dpv:hasNecessity", json::Object{{"@id", "dpv:Optional"}});
  document.emplace_back("dpv:hasDataController", controller_part(notice));
  document.emplace_back("dpv:hasRecipient", recipient_parts(notice));
  document.emplace_back("dpv:hasJurisdiction", jurisdiction_parts(notice));
  document.emplace_back("dpv:hasStorageCondition", storage_part(notice, item));
  document.emplace_back("dpv:hasConsentControl", withdrawal_part(notice, decision.category));
  document.emplace_back("amanat:proof", proof_part(facts, verified));
  return document;
}

}  // namespace

Result<std::string> make_receipt_document(const ReceiptFacts& facts) {
  if (facts.salt.size() != kSaltBytes) {
    return fail(Code::invalid_input, "receipt: a salt has 32 bytes");
  }
  auto verified = verify_decision(facts.statement);
  if (!verified) return carry(verified, "receipt");
  auto notice = parse_notice(facts.notice_json);
  if (!notice) return carry(notice, "receipt");
  const Decision& decision = verified->decision();
  if (decision.notice != notice_id(facts.notice_json) || decision.language != notice->language
      || decision.purpose != notice->purpose) {
    return fail(Code::invalid_input, "receipt: the decision was made on another notice");
  }
  const auto item = std::ranges::find(notice->items, decision.category, &NoticeItem::category);
  if (item == notice->items.end()) {
    return fail(Code::invalid_input, "receipt: the notice says nothing of this category");
  }
  std::string json = json::to_pretty_text(document_of(facts, *verified, *notice, *item));
  if (!json.ends_with('\n')) json += '\n';
  return json;
}

}  // namespace amanat::consent
