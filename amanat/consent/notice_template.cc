#include "amanat/consent/notice_template.h"

#include <algorithm>
#include <utility>

#include "amanat/codec/json.h"

// The template's members keep their order and the facts go in front of them, so the bytes depend on
// nothing but template and facts. Placeholders are replaced once, in the template's own texts; what
// a fact says is never looked at again, and a brace that comes with a fact fails the check.

namespace amanat::consent {
namespace {

constexpr std::string_view kTemplateSchema = "amanat-notice-template/1";

using Substitutions = std::vector<std::pair<std::string_view, std::string>>;

std::string fill_text(std::string_view text, const Substitutions& substitutions) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string_view name = text.substr(0, close).substr(1);
    const auto known =
        std::ranges::find(substitutions, name, [](const auto& s) { return s.first; });
    if (close == std::string_view::npos || known == substitutions.end()) {
      filled += '{';  // stays, and makes the check fail
      text.remove_prefix(1);
      continue;
    }
    filled += known->second;
    text.remove_prefix(close + 1);
  }
  return filled;
}

json::Value fill_value(const json::Value& value, const Substitutions& substitutions) {
  if (const auto* text = value.text()) return json::Value(fill_text(*text, substitutions));
  if (const auto* array = value.array()) {
    json::Array filled;
    for (const json::Value& item : *array) filled.push_back(fill_value(item, substitutions));
    return json::Value(std::move(filled));
  }
  if (const auto* object = value.object()) {
    json::Object filled;
    for (const auto& [name, member] : *object) {
      filled.emplace_back(name, fill_value(member, substitutions));
    }
    return json::Value(std::move(filled));
  }
  return value;
}

Substitutions substitutions_of(const MakerFacts& maker) {
  return {{"maker", maker.name},
          {"address", maker.address},
          {"contact", maker.contact},
          {"officer", maker.officer},
          {"contact_india", maker.contact_india},
          {"region", maker.region},
          {"provider", maker.provider.empty() ? maker.name : maker.provider},
          {"withdraw_link", maker.withdraw_link},
          {"rights_link", maker.rights_link},
          {"complaint_link", maker.complaint_link},
          {"authority_link", maker.authority_link},
          {"consent_days", std::to_string(maker.consent_days)},
          {"erasure_days", std::to_string(maker.erasure_days)}};
}

/// The text of the template's object `member` under `choice`; invalid_input when there is none.
Result<std::string> chosen_text(const json::Value& document, std::string_view member,
                                std::string_view choice) {
  const json::Value* const choices = document.find(member);
  const json::Value* const text = choices == nullptr ? nullptr : choices->find(choice);
  if (text == nullptr || text->text() == nullptr) {
    return fail(Code::invalid_input, "notice template: " + std::string(member) + " has no text for "
                                         + std::string(choice));
  }
  return *text->text();
}

json::Object maker_object(const MakerFacts& maker) {
  return {{"name", maker.name},
          {"address", maker.address},
          {"contact", maker.contact},
          {"officer", maker.officer},
          {"contact_india", maker.contact_india}};
}

json::Array recipients_of(const json::Value& from_template, const MakerFacts& maker,
                          const Substitutions& substitutions) {
  json::Array recipients;
  const json::Array* const listed = from_template.array();
  // Without a provider the maker stores the bytes itself, and nobody else has part in it.
  if (listed != nullptr && !maker.provider.empty()) {
    for (const json::Value& item : *listed) recipients.push_back(fill_value(item, substitutions));
  }
  for (const NoticeRecipient& recipient : maker.recipients) {
    recipients.emplace_back(json::Object{
        {"name", recipient.name}, {"role", recipient.role}, {"country", recipient.country}});
  }
  return recipients;
}

json::Object facts_in_front(const json::Value& document, const MakerFacts& maker) {
  json::Object notice{{"schema", "amanat-notice/1"}, {"version", maker.version}};
  if (const json::Value* const name = document.find("name")) {
    notice.insert(notice.begin() + 1, {"name", *name});
  }
  if (maker.replaces) notice.emplace_back("replaces", maker.replaces->hex());
  notice.emplace_back("valid_from", day_text(maker.valid_from));
  notice.emplace_back("consent_days", maker.consent_days);
  notice.emplace_back("retention_mode", name_of(maker.retention_mode));
  return notice;
}

json::Object place_object(const json::Value& from_template, const MakerFacts& maker,
                          const std::string& description, const Substitutions& substitutions) {
  json::Object place{{"region", maker.region}, {"description", description}};
  if (const json::Value* const restriction = from_template.find("restriction")) {
    place.emplace_back("restriction", fill_value(*restriction, substitutions));
  }
  return place;
}

Result<json::Object> fill_template(const json::Value& document, const MakerFacts& maker) {
  Substitutions substitutions = substitutions_of(maker);
  const json::Value* const place_template = document.find("place");
  if (place_template == nullptr) return fail(Code::invalid_input, "notice template: no place");
  auto place = chosen_text(*place_template, "descriptions", maker.region);
  if (!place) return carry(place);
  auto after = chosen_text(document, "retention_after", name_of(maker.retention_mode));
  if (!after) return carry(after);
  const std::string place_text = fill_text(*place, substitutions);
  substitutions.emplace_back("place", place_text);

  json::Object notice = facts_in_front(document, maker);
  notice.emplace_back("maker", maker_object(maker));
  for (const auto& [name, member] : *document.object()) {
    if (name == "schema" || name == "name") continue;
    if (name == "place") {
      notice.emplace_back(name, place_object(member, maker, place_text, substitutions));
    } else if (name == "retention_after") {
      notice.emplace_back(name, fill_text(*after, substitutions));
    } else if (name == "recipients") {
      notice.emplace_back(name, recipients_of(member, maker, substitutions));
    } else if (name == "withdrawal" && member.object() != nullptr) {
      json::Object withdrawal = *member.object();
      withdrawal.emplace_back("erasure_days", maker.erasure_days);
      notice.emplace_back(name, fill_value(std::move(withdrawal), substitutions));
    } else {
      notice.emplace_back(name, fill_value(member, substitutions));
    }
  }
  return notice;
}

}  // namespace

MakerFacts demonstration_maker() {
  MakerFacts maker;
  maker.name = "Example Phone Company (demonstration)";
  maker.address = "1 Example Street, Bengaluru 560001, India";
  maker.contact = "privacy@phone-company.example";
  maker.officer = "Grievance Officer, grievance@phone-company.example";
  maker.contact_india = "privacy-india@phone-company.example";
  maker.region = "none";
  maker.withdraw_link = "https://phone-company.example/withdraw";
  maker.rights_link = "https://phone-company.example/rights";
  maker.complaint_link = "https://phone-company.example/complain";
  maker.authority_link = "https://www.meity.gov.in";
  maker.valid_from = std::chrono::year(2026) / 11 / 24;
  return maker;
}

Result<std::string> make_notice(std::string_view template_json, const MakerFacts& maker) {
  auto document = json::parse(template_json, kNoticeBytesMax);
  if (!document) return carry(document, "notice template");
  const json::Value* const schema = document->find("schema");
  if (schema == nullptr || schema->text() == nullptr || *schema->text() != kTemplateSchema) {
    return fail(Code::invalid_input, "notice template: the schema is not amanat-notice-template/1");
  }
  auto filled = fill_template(*document, maker);
  if (!filled) return carry(filled);
  std::string json = json::to_pretty_text(json::Value(std::move(*filled)));
  if (!json.ends_with('\n')) json += '\n';
  auto notice = parse_notice(json);
  if (!notice) return carry(notice, "making a notice");
  if (auto checked = check_notice(*notice); !checked) return carry(checked, "making a notice");
  return json;
}

}  // namespace amanat::consent
