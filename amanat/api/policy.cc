#include "amanat/api/policy.h"

#include "amanat/codec/json.h"

namespace amanat::api {
namespace {

constexpr std::string_view kSchema = "amanat-policy/1";
constexpr std::size_t kNameBytesMax = 1024;
constexpr std::string_view kFragment = "#sha256=";

}  // namespace

std::string to_text(const Policy& policy) {
  json::Array witnesses;
  for (const std::string& witness : policy.witnesses) witnesses.emplace_back(witness);
  json::Value previous;
  if (policy.previous) previous = policy.previous->hex();
  return json::to_pretty_text(json::Object{{"schema", kSchema},
                                           {"origin", policy.origin},
                                           {"log_key", policy.log_key.to_text()},
                                           {"answer_key", to_base64(policy.answer_key.bytes())},
                                           {"ca", policy.certificate_authority},
                                           {"region", policy.region},
                                           {"witnesses", std::move(witnesses)},
                                           {"quorum", policy.quorum},
                                           {"previous", std::move(previous)}})
         + "\n";
}

Result<Policy> parse_policy(std::string_view text) {
  auto value = json::parse(text, kPolicyBytesMax);
  if (!value) return carry(value, "policy");
  json::Fields fields(*value, "policy");
  if (fields.text("schema", kNameBytesMax) != kSchema) {
    fields.refuse("schema", "is not amanat-policy/1");
  }
  Policy policy;
  policy.origin = fields.text("origin", kNameBytesMax);
  const std::string log_key = fields.text("log_key", kNameBytesMax);
  const Bytes answer_key = fields.base64("answer_key", 32);
  policy.certificate_authority = fields.text("ca", kPolicyBytesMax);
  policy.region = fields.text("region", kNameBytesMax);
  for (const json::Value& witness : fields.array("witnesses", 64)) {
    if (witness.text() == nullptr) fields.refuse("witnesses", "holds something that is no key");
    if (witness.text() != nullptr) policy.witnesses.push_back(*witness.text());
  }
  policy.quorum = static_cast<std::uint32_t>(fields.number("quorum", 64));
  const json::Value* previous = fields.value("previous");
  if (previous != nullptr && !previous->is_null()) {
    policy.previous = fields.hex_id<PolicyHash>("previous");
  }
  if (auto done = fields.finish(); !done) return carry(done);

  auto key = note::VerifierKey::parse(log_key);
  if (!key) return carry(key, "policy: log_key");
  if (key->name != policy.origin) {
    return fail(Code::invalid_input, "policy: the log key is not named as the origin");
  }
  policy.log_key = std::move(*key);
  auto answer = crypto::PublicKey::from(answer_key);
  if (!answer) return carry(answer, "policy: answer_key");
  policy.answer_key = *answer;
  if (policy.quorum > policy.witnesses.size()) {
    return fail(Code::invalid_input, "policy: the quorum is larger than the number of witnesses");
  }
  return policy;
}

PolicyHash hash_of_policy(std::string_view text) {
  return *PolicyHash::from(crypto::sha256(as_bytes(text)).bytes());
}

Result<EnrolAddress> parse_enrol_address(std::string_view text) {
  if (!text.starts_with("https://")) {
    return fail(Code::invalid_input,
                "the address does not start with https://: copy it whole from the custodian, like "
                "https://host:port#sha256=...");
  }
  const std::size_t at = text.find(kFragment);
  if (at == std::string_view::npos) {
    return fail(Code::invalid_input,
                "the address lacks its #sha256= part, which says whom to trust: copy it whole from "
                "the custodian or from the printed kit");
  }
  auto policy = PolicyHash::from_hex(text.substr(at + kFragment.size()));
  if (!policy) {
    return fail(Code::invalid_input, "what follows #sha256= is not 64 digits 0-9 and a-f");
  }
  std::string_view url = text.substr(0, at);
  while (url.ends_with('/')) url.remove_suffix(1);
  if (url.size() <= std::string_view("https://").size()) {
    return fail(Code::invalid_input, "the address names no host");
  }
  return EnrolAddress{std::string(url), *policy};
}

std::string to_text(const EnrolAddress& address) {
  return address.url + std::string(kFragment) + address.policy.hex();
}

}  // namespace amanat::api
