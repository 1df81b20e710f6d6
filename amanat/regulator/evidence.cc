#include "amanat/regulator/evidence.h"

#include <array>
#include <utility>

#include "amanat/api/signature.h"
#include "amanat/codec/json.h"
#include "amanat/note/note.h"
#include "amanat/tlog/tile.h"

namespace amanat::regulator {
namespace {

using json::Array;
using json::Fields;
using json::Object;
using json::Value;

constexpr std::string_view kSchema = "amanat-evidence/1";
constexpr std::size_t kTargetBytesMax = 2'048;
constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kWordsBytesMax = 1'024;

constexpr auto kPurposes = std::to_array<std::pair<Purpose, std::string_view>>({
    {Purpose::region, "region"},
    {Purpose::challenge, "challenge"},
    {Purpose::openings, "openings"},
    {Purpose::leaves, "leaves"},
    {Purpose::notice, "notice"},
});

Value headers_to_json(const api::Headers& headers) {
  Array array;
  for (const auto& field : headers.all()) array.emplace_back(Array{field.name, field.value});
  return array;
}

Result<api::Headers> headers_from_json(const Array& array) {
  api::Headers headers;
  for (const Value& value : array) {
    const Array* pair = value.array();
    if (pair == nullptr || pair->size() != 2 || (*pair)[0].text() == nullptr
        || (*pair)[1].text() == nullptr) {
      return fail(Code::invalid_input, "a header field is a name and a value");
    }
    const std::string& name = *(*pair)[0].text();
    // Names are written in lower case, so that one field has one spelling.
    for (const char c : name) {
      if (c >= 'A' && c <= 'Z') return fail(Code::invalid_input, "a field's name is lower case");
    }
    headers.add(name, *(*pair)[1].text());
  }
  return headers;
}

Value exchange_to_json(const Exchange& exchange) {
  return Object{{"purpose", name_of(exchange.purpose)},
                {"method", api::name_of(exchange.method)},
                {"path", exchange.path},
                {"query", exchange.query},
                {"request_headers", headers_to_json(exchange.request_headers)},
                {"request_body", to_base64(exchange.request_body)},
                {"status", exchange.status},
                {"response_headers", headers_to_json(exchange.response_headers)},
                {"response_body", to_base64(exchange.response_body)}};
}

std::optional<Purpose> purpose_from_name(std::string_view name) {
  for (const auto& [purpose, known] : kPurposes) {
    if (known == name) return purpose;
  }
  return {};
}

Result<Exchange> exchange_from_json(const Value& value) {
  Fields fields(value, "exchange");
  Exchange exchange;
  const auto purpose = purpose_from_name(fields.text("purpose", 16));
  const auto method = api::method_from_name(fields.text("method", 8));
  if (!purpose) fields.refuse("purpose", "is not known");
  if (!method) fields.refuse("method", "is not known");
  exchange.purpose = purpose.value_or(Purpose::region);
  exchange.method = method.value_or(api::Method::get);
  exchange.path = fields.text("path", kTargetBytesMax);
  exchange.query = fields.text("query", kTargetBytesMax);
  auto asked = headers_from_json(fields.array("request_headers", kFieldsMax));
  exchange.request_body = fields.base64("request_body", api::kControlBytesMax);
  exchange.status = static_cast<int>(fields.number("status", 999));
  auto answered = headers_from_json(fields.array("response_headers", kFieldsMax));
  exchange.response_body = fields.base64("response_body", api::kControlBytesMax);
  if (auto done = fields.finish(); !done) return carry(done);
  if (!asked) return carry(asked);
  if (!answered) return carry(answered);
  exchange.request_headers = *std::move(asked);
  exchange.response_headers = *std::move(answered);
  return exchange;
}

Value tls_to_json(const std::optional<TlsSeen>& tls) {
  if (!tls) return {};
  return Object{{"version", tls->version},
                {"cipher", tls->cipher},
                {"chain_verified", tls->chain_verified},
                {"tls12_accepted", tls->tls12_accepted}};
}

Result<std::optional<TlsSeen>> tls_from_json(const Value& value) {
  if (value.is_null()) return std::nullopt;
  Fields fields(value, "tls");
  TlsSeen tls;
  tls.version = fields.text("version", 64);
  tls.cipher = fields.text("cipher", 128);
  tls.chain_verified = fields.boolean("chain_verified");
  tls.tls12_accepted = fields.boolean("tls12_accepted");
  if (auto done = fields.finish(); !done) return carry(done);
  return tls;
}

Result<std::optional<std::string>> memory_from_json(const Value& value) {
  Fields fields(value, "memory");
  const Value* checkpoint = fields.value("checkpoint");
  fields.array("proof", 0);  // the entries are all here, so nothing need be proved
  if (auto done = fields.finish(); !done) return carry(done);
  if (checkpoint->is_null()) return std::nullopt;
  if (checkpoint->text() == nullptr || checkpoint->text()->size() > note::kNoteBytesMax) {
    return fail(Code::invalid_input, "memory: the checkpoint is no note");
  }
  return *checkpoint->text();
}

Result<Unanswered> unanswered_from_json(const Value& value) {
  Fields fields(value, "unanswered");
  Unanswered unanswered;
  unanswered.what = fields.text("what", kWordsBytesMax);
  unanswered.why = fields.text("why", kWordsBytesMax);
  unanswered.since = fields.number("since");
  if (auto done = fields.finish(); !done) return carry(done);
  return unanswered;
}

template <class Item, class Read>
Result<> read_all(const Array& array, std::vector<Item>& items, Read read) {
  for (const Value& value : array) {
    auto item = read(value);
    if (!item) return carry(item);
    items.push_back(*std::move(item));
  }
  return {};
}

Result<Bytes> log_bundle_from_json(const Value& value) {
  if (value.text() == nullptr) return fail(Code::invalid_input, "entries hold no text");
  auto bytes = from_base64(*value.text());
  if (bytes && bytes->size() > tlog::kBundleBytesMax) {
    return fail(Code::invalid_input, "a bundle of entries is too long");
  }
  return bytes;
}

/// The members that are lists; everything they name has been asked for when this returns.
Result<> read_lists(Fields& fields, Evidence& evidence) {
  const Array& entries = fields.array("entries", kLogBundlesMax);
  const Array& exchanges = fields.array("exchanges", kExchangesMax);
  const Array& bundles = fields.array("bundles", kBundlesMax);
  const Array& unanswered = fields.array("unanswered", kExchangesMax);
  if (auto done = read_all(entries, evidence.entries, log_bundle_from_json); !done) return done;
  auto done = read_all(exchanges, evidence.exchanges, exchange_from_json);
  if (!done) return done;
  if (done = read_all(bundles, evidence.bundles, bundle_from_json); !done) return done;
  return read_all(unanswered, evidence.unanswered, unanswered_from_json);
}

}  // namespace

std::string_view name_of(Purpose purpose) {
  for (const auto& [known, name] : kPurposes) {
    if (known == purpose) return name;
  }
  return "region";
}

std::string to_text(const Evidence& evidence) {
  Array entries;
  Array exchanges;
  Array bundles;
  Array unanswered;
  for (const Bytes& bundle : evidence.entries) entries.emplace_back(to_base64(bundle));
  for (const Exchange& exchange : evidence.exchanges) {
    exchanges.emplace_back(exchange_to_json(exchange));
  }
  for (const Bundle& bundle : evidence.bundles) bundles.emplace_back(to_json(bundle));
  for (const Unanswered& item : evidence.unanswered) {
    unanswered.emplace_back(Object{{"what", item.what}, {"why", item.why}, {"since", item.since}});
  }
  const Value remembered = evidence.remembered ? Value(*evidence.remembered) : Value();
  return json::to_text(Object{{"schema", kSchema},
                              {"url", evidence.url},
                              {"started", evidence.started},
                              {"finished", evidence.finished},
                              {"pinned", evidence.pinned.hex()},
                              {"policy", to_base64(evidence.policy)},
                              {"nonce", evidence.nonce.hex()},
                              {"auditor", api::key_id_of(evidence.auditor).hex()},
                              {"auditor_key", to_base64(evidence.auditor.bytes())},
                              {"samples", evidence.samples},
                              {"checkpoint", evidence.checkpoint},
                              {"entries", std::move(entries)},
                              {"exchanges", std::move(exchanges)},
                              {"tls", tls_to_json(evidence.tls)},
                              {"memory", Object{{"checkpoint", remembered}, {"proof", Array{}}}},
                              {"bundles", std::move(bundles)},
                              {"unanswered", std::move(unanswered)}});
}

Result<Evidence> parse_evidence(std::string_view text) {
  const auto value = json::parse(text, kEvidenceBytesMax);
  if (!value) return carry(value, "evidence");
  Fields fields(*value, "evidence");
  Evidence evidence;
  if (fields.text("schema", 64) != kSchema) fields.refuse("schema", "is not amanat-evidence/1");
  evidence.url = fields.text("url", kTargetBytesMax);
  evidence.started = fields.number("started");
  evidence.finished = fields.number("finished");
  evidence.pinned = fields.hex_id<api::PolicyHash>("pinned");
  evidence.policy = fields.base64("policy", api::kPolicyBytesMax);
  evidence.nonce = fields.hex_id<api::AuditNonce>("nonce");
  const auto key_id = fields.hex_id<api::KeyId>("auditor");
  const auto key = crypto::PublicKey::from(fields.base64("auditor_key", 32));
  evidence.samples = static_cast<std::uint32_t>(fields.number("samples", kSamplesMax));
  evidence.checkpoint = fields.text("checkpoint", note::kNoteBytesMax);
  auto lists = read_lists(fields, evidence);
  const Value* tls_value = fields.value("tls");
  const Value* memory_value = fields.value("memory");
  if (auto done = fields.finish(); !done) return carry(done);
  if (!lists) return carry(lists, "evidence");
  if (!key || api::key_id_of(*key) != key_id) {
    return fail(Code::invalid_input, "evidence: auditor is not the id of auditor_key");
  }
  evidence.auditor = *key;
  auto tls = tls_from_json(*tls_value);
  if (!tls) return carry(tls, "evidence");
  evidence.tls = *std::move(tls);
  auto memory = memory_from_json(*memory_value);
  if (!memory) return carry(memory, "evidence");
  evidence.remembered = *std::move(memory);
  return evidence;
}

std::string authority_of(std::string_view url) {
  const auto scheme = url.find("//");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 2);
  if (url.ends_with(":443")) url.remove_suffix(4);
  return std::string(url);
}

}  // namespace amanat::regulator
