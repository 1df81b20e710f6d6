#include "amanat/regulator/test_world.h"

#include <doctest/doctest.h>

#include "amanat/api/signature.h"
#include "amanat/consent/builtin.h"
#include "amanat/consent/notice_template.h"
#include "amanat/seal/pack.h"
#include "amanat/tlog/tile.h"

namespace amanat::regulator {
namespace {

constexpr std::string_view kAuthority = "custodian.test:8443";
constexpr std::string_view kOrigin = "log.test/amanat";

Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

std::string make_test_notice() {
  const auto form = consent::builtin_notice_template(consent::Purpose::custody, "en");
  REQUIRE(form.has_value());
  consent::MakerFacts maker = consent::demonstration_maker();
  maker.region = "none";
  const auto made = consent::make_notice(*form, maker);
  REQUIRE(made.has_value());
  return *made;
}

Bytes make_pack(const seal::Object& object) {
  Bytes pack(std::size_t{object.frames} * seal::kFrameBytes);
  crypto::fill_random(pack);
  const seal::PackHeader header{.frames = object.frames,
                                .salt = crypto::random_id<seal::PackSalt>(),
                                .commitment = crypto::random_id<seal::KeyCommitment>(),
                                .compartment = object.compartment,
                                .generation = object.generation};
  Bytes leaf(seal::kPackHeaderBytes);
  crypto::fill_random(
      ByteSpan(leaf).first(seal::kHeaderFieldsBytes + seal::kSlots * seal::kSlotBytes));
  const auto fields = header.encode();
  std::ranges::copy(fields, leaf.begin());
  append(pack, leaf);
  return pack;
}

std::vector<merkle::Hash> leaves_of(ByteView bytes) {
  std::vector<merkle::Hash> leaves;
  for (std::size_t at = 0; at < bytes.size(); at += seal::kPackLeafBytes) {
    leaves.push_back(merkle::hash_leaf(bytes.subspan(at, seal::kPackLeafBytes)));
  }
  return leaves;
}

template <class Kind>
Kind random_one() {
  return crypto::random_id<Kind>();
}

}  // namespace

TestWorld::TestWorld()
    : notice(make_test_notice()),
      log_signer_(crypto::Signer::random()),
      answer_signer_(crypto::Signer::random()),
      auditor_(crypto::Signer::random()) {
  policy.origin = kOrigin;
  policy.log_key =
      note::VerifierKey::ed25519(std::string(kOrigin), log_signer_.public_key().bytes());
  policy.answer_key = answer_signer_.public_key();
  policy.certificate_authority = "not looked at";
  policy.region = "none";
  policy_json_ = api::to_text(policy);
  log_organisation(tlog::organisation_entry(
      tlog::LogConfig{
          .origin = policy.origin,
          .policy = tlog::PolicyHash::from(api::hash_of_policy(policy_json_).bytes()).value(),
          .region = tlog::Region::none,
          .batch_ms = 5},
      minute));
  log_organisation(tlog::organisation_entry(
      tlog::PurposeNotice{.purpose = 1, .language = "en", .notice = consent::notice_id(notice)},
      minute));
}

std::uint64_t TestWorld::log_organisation(const tlog::OrganisationEntry& entry) {
  entries.push_back(tlog::encode(entry));
  return entries.size() - 1;
}

std::uint64_t TestWorld::log_event(const tlog::Event& event) {
  entries.push_back(tlog::encode(tlog::entry_of(event, minute, tlog::Region::none)));
  const std::uint64_t index = entries.size() - 1;
  openings[index] = {.index = index,
                     .unknown = false,
                     .closed = false,
                     .event = tlog::encode(event),
                     .decisions = {},
                     .erased = {}};
  return index;
}

consent::Decision TestWorld::decide(consent::DecisionKind kind, consent::Category category) const {
  consent::Decision decision;
  decision.kind = kind;
  decision.category = category;
  decision.notice = consent::notice_id(notice);
  decision.language = "en";
  decision.shown_at = now() - std::chrono::minutes(2);
  decision.decided_at = now() - std::chrono::minutes(1);
  if (consent::gives_consent(kind)) decision.valid_until = now() + std::chrono::days(365);
  return decision;
}

TestGrant TestWorld::give(consent::Category category, consent::Purpose purpose) {
  TestGrant grant;
  grant.category = category;
  grant.seed = crypto::random_key<crypto::SigningSeed>();
  consent::Decision decision = decide(consent::DecisionKind::given, category);
  decision.purpose = purpose;
  const auto statement = consent::sign_decision(decision, grant.signer());
  REQUIRE(statement.has_value());
  const auto event = tlog::make_event(tlog::EventType::consent_grant, random_one<tlog::Label>(),
                                      random_one<tlog::Salt>(), {}, *statement, {});
  grant.id = tlog::grant_named_by(event.commitment);
  grant.index = log_event(event);
  decisions[grant.index] = {.index = grant.index, .event = tlog::encode(event)};
  return grant;
}

std::uint64_t TestWorld::withdraw(const TestGrant& grant) {
  return decide_again(grant, consent::DecisionKind::withdrawn, tlog::EventType::consent_withdraw);
}

std::uint64_t TestWorld::cancel(const TestGrant& grant) {
  return decide_again(grant, consent::DecisionKind::withdraw_cancelled,
                      tlog::EventType::withdraw_cancelled);
}

std::uint64_t TestWorld::decide_again(const TestGrant& grant, consent::DecisionKind kind,
                                      tlog::EventType type) {
  consent::Decision decision = decide(kind, grant.category);
  decision.grant = grant.id;
  const auto statement = consent::sign_decision(decision, grant.signer());
  REQUIRE(statement.has_value());
  tlog::LinkParts parts;
  parts.grants = {&grant.id, 1};
  return log_event(tlog::make_event(type, random_one<tlog::Label>(), random_one<tlog::Salt>(), {},
                                    *statement, parts));
}

seal::Object TestWorld::make_object(const TestGrant& grant, std::uint32_t frames) {
  seal::Object object;
  object.frames = frames;
  object.compartment = random_one<seal::CompartmentId>();
  object.generation = 1;
  object.grants = {{.category = grant.category, .commitment = grant.id}};
  object.sealed_minute = minute;
  Bytes pack = make_pack(object);
  object.pack = seal::pack_id_of(pack);
  made[object.pack] = std::move(pack);
  return object;
}

std::uint64_t TestWorld::log_object(const seal::Object& object, const crypto::Signer& signer,
                                    std::vector<const TestGrant*> grants) {
  std::vector<consent::GrantId> ids;
  for (const auto& grant : object.grants) ids.push_back(grant.commitment);
  const auto event = tlog::make_event(
      tlog::EventType::object_store, random_one<tlog::Label>(), random_one<tlog::Salt>(),
      random_one<tlog::LinkSalt>(), seal::sign(object, signer),
      {.grants = ids, .pack = object.pack.bytes(), .frames = object.frames, .object_store = {}});
  const std::uint64_t index = log_event(event);
  for (const TestGrant* grant : grants) {
    openings[index].decisions.push_back(decisions.at(grant->index));
  }
  packs[index] = made.at(object.pack);
  return index;
}

std::uint64_t TestWorld::store(const TestGrant& grant) {
  return log_object(make_object(grant), grant.signer(), {&grant});
}

std::uint64_t TestWorld::erase(std::uint64_t object, const TestGrant& grant) {
  const auto stored = tlog::parse_event(openings.at(object).event);
  REQUIRE(stored.has_value());
  seal::Tombstone tombstone;
  tombstone.pack = seal::pack_id_of(packs.at(object));
  tombstone.store = seal::EventCommitment::from(stored->commitment.bytes()).value();
  tombstone.retired_at = now();
  return log_erasure(object, seal::sign(tombstone, grant.signer()));
}

std::uint64_t TestWorld::erase_after(std::uint64_t object, std::uint64_t withdrawal) {
  const auto event = tlog::parse_event(openings.at(withdrawal).event);
  REQUIRE(event.has_value());
  return log_erasure(object, event->statement);
}

std::uint64_t TestWorld::log_erasure(std::uint64_t object, Bytes statement) {
  const auto stored = tlog::parse_event(openings.at(object).event);
  REQUIRE(stored.has_value());
  tlog::LinkParts parts;
  parts.object_store = stored->commitment;
  const auto event = tlog::make_event(tlog::EventType::object_erase, random_one<tlog::Label>(),
                                      random_one<tlog::Salt>(), {}, std::move(statement), parts);
  const std::uint64_t index = log_event(event);
  openings[object].erased = {.index = index, .event = tlog::encode(event)};
  packs.erase(object);
  return index;
}

std::string TestWorld::checkpoint() const {
  std::vector<merkle::Hash> leaves;
  for (const Bytes& entry : entries) leaves.push_back(merkle::hash_leaf(entry));
  const std::string text = note::to_text(
      note::Checkpoint{.origin = policy.origin,
                       .root = {.leaves = entries.size(), .hash = merkle::root_of(leaves)}});
  const auto line = note::sign(text, policy.origin, log_signer_.seed().expose());
  return note::to_text(note::SignedNote{.text = text, .signatures = {line}});
}

Bundle TestWorld::bundle() const {
  std::vector<merkle::Hash> leaves;
  for (const Bytes& entry : entries) leaves.push_back(merkle::hash_leaf(entry));
  Bundle bundle{.policy = api::hash_of_policy(policy_json_), .receipts = {}};
  for (std::uint64_t i = 0; i < entries.size(); ++i) {
    const auto proof = merkle::prove_inclusion(i, entries.size(), merkle::reader_over(leaves));
    REQUIRE(proof.has_value());
    bundle.receipts.push_back(
        {.index = i, .entry = entries[i], .proof = *proof, .checkpoint = checkpoint()});
  }
  return bundle;
}

Exchange TestWorld::exchange(Purpose purpose, api::Method method, std::string_view path,
                             std::string_view body, std::string_view answer, int status) const {
  api::ClientRequest asked;
  asked.method = method;
  asked.path = path;
  if (!body.empty()) asked.body = to_bytes(body);
  api::sign_request(asked, kAuthority, auditor_, now());
  api::Request request;
  request.method = method;
  request.authority = kAuthority;
  request.path = path;
  request.headers = asked.headers;
  api::Response response = api::json_response(status, answer);
  api::sign_response(response, request, answer_signer_, now());
  return {.purpose = purpose,
          .method = method,
          .path = std::string(path),
          .query = {},
          .request_headers = asked.headers,
          .request_body = to_bytes(body),
          .status = status,
          .response_headers = response.headers,
          .response_body = to_bytes(answer)};
}

api::LeafAnswers TestWorld::answer_leaves(const api::DrawnLeaves& asked) const {
  api::LeafAnswers answers;
  for (const auto& wanted : asked.leaves) {
    const auto pack = packs.find(wanted.index);
    if (pack == packs.end() || pack->second.empty()) {
      answers.answers.push_back({.missing = true, .leaf = {}, .path = {}});
      continue;
    }
    const auto leaves = leaves_of(pack->second);
    const auto path =
        merkle::prove_inclusion(wanted.leaf, leaves.size(), merkle::reader_over(leaves));
    REQUIRE(path.has_value());
    const ByteView leaf =
        ByteView(pack->second).subspan(wanted.leaf * seal::kPackLeafBytes, seal::kPackLeafBytes);
    answers.answers.push_back(
        {.missing = false, .leaf = Bytes(leaf.begin(), leaf.end()), .path = *path});
  }
  return answers;
}

Evidence TestWorld::evidence() {
  Evidence evidence;
  evidence.url = "https://" + std::string(kAuthority);
  evidence.started = evidence.finished = millis_of(now());
  evidence.pinned = api::hash_of_policy(policy_json_);
  evidence.policy = to_bytes(policy_json_);
  evidence.nonce = random_one<api::AuditNonce>();
  evidence.auditor = auditor_.public_key();
  evidence.samples = samples;
  evidence.tls = TlsSeen{.version = "TLSv1.3",
                         .cipher = "TLS_AES_256_GCM_SHA384",
                         .chain_verified = true,
                         .tls12_accepted = false};
  evidence.remembered = remembered;
  evidence.bundles = bundles;
  const auto hash = crypto::sha256(evidence.nonce.bytes());
  const std::uint64_t index = log_organisation(tlog::organisation_entry(
      tlog::AuditChallenge{.nonce_hash = tlog::NonceHash::from(hash.bytes()).value()},
      minute - log_clock_lag));
  evidence.checkpoint = checkpoint();
  for (std::size_t at = 0; at < entries.size(); at += tlog::kTileWidth) {
    const std::size_t count = std::min<std::size_t>(tlog::kTileWidth, entries.size() - at);
    evidence.entries.push_back(tlog::encode_bundle(std::span(entries).subspan(at, count)));
  }
  api::Receipts receipts;
  receipts.receipts = {{.index = index, .entry = entries[index], .proof = {}}};
  receipts.checkpoint = evidence.checkpoint;
  evidence.exchanges.push_back(exchange(
      Purpose::challenge, api::Method::post, "/v1/challenges",
      api::to_text(api::FixNonce{.nonce_hash = api::NonceHash::from(hash.bytes()).value()}),
      api::to_text(receipts)));
  evidence.exchanges.push_back(
      exchange(Purpose::region, api::Method::get, "/v1/region", "",
               api::to_text(api::RegionAnswer{.region = "none", .store = "folder", .place = ""})));
  evidence.exchanges.push_back(exchange(Purpose::notice, api::Method::get,
                                        "/v1/notices/" + consent::notice_id(notice).hex(), "",
                                        notice));
  const auto log_only = Case::read(evidence);
  if (!log_only) return evidence;
  api::OpeningsRequest wanted{.indices = log_only->wanted_openings()};
  api::Openings opened;
  for (const std::uint64_t i : wanted.indices) opened.openings.push_back(openings.at(i));
  evidence.exchanges.push_back(exchange(Purpose::openings, api::Method::post, "/v1/openings",
                                        api::to_text(wanted), api::to_text(opened)));
  const auto judged = Case::read(evidence);
  if (!judged) return evidence;
  auto drawn = judged->drawn_leaves();
  std::ranges::copy(judged->header_leaves(), std::back_inserter(drawn));
  for (std::size_t at = 0; at < drawn.size(); at += api::kLeavesMax) {
    api::DrawnLeaves asked{.nonce = evidence.nonce, .leaves = {}};
    for (std::size_t i = at; i < std::min(drawn.size(), at + api::kLeavesMax); ++i) {
      asked.leaves.push_back({.index = drawn[i].index, .leaf = drawn[i].leaf});
    }
    evidence.exchanges.push_back(exchange(Purpose::leaves, api::Method::post, "/v1/challenges",
                                          api::to_text(asked), api::to_text(answer_leaves(asked))));
  }
  return evidence;
}

}  // namespace amanat::regulator
