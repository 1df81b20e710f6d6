#include "amanat/custodian/test_phone.h"

#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "amanat/codec/json.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/device.h"
#include "amanat/seal/pack.h"
#include "amanat/seal/statement.h"
#include "amanat/tlog/receipt.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kAuthority = "custodian.test";
const Instant kStart = instant_from_millis(1'795'500'000'000);  // November 2026

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "amanat-custodian-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  return name;
}

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  crypto::fill_random(bytes);
  return bytes;
}

Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

api::ClientRequest json_request(api::Method method, std::string_view path, std::string_view json) {
  api::ClientRequest request;
  request.method = method;
  request.path = path;
  request.headers.set("content-type", "application/json");
  request.body = to_bytes(json);
  return request;
}

Bytes body_of(const api::Response& response) {
  if (const auto* bytes = std::get_if<Bytes>(&response.body)) return *bytes;
  const auto& reader = std::get<api::BodyReader>(response.body);
  Bytes bytes(reader.size);
  std::uint64_t offset = 0;
  while (offset < bytes.size()) {
    const auto got = reader.read(offset, ByteSpan(bytes).subspan(offset));
    REQUIRE(got.has_value());
    REQUIRE(*got > 0);
    offset += *got;
  }
  return bytes;
}

}  // namespace

// --- the world

TestCustodian::TestCustodian(Settings settings) : settings_(std::move(settings)), clock_(kStart) {
  settings_.folder = make_folder();
  settings_.batch_wait = std::chrono::milliseconds(0);
  restart();
}

TestCustodian::~TestCustodian() {
  stop();
  std::error_code error;
  std::filesystem::remove_all(settings_.folder, error);
}

void TestCustodian::restart() {
  stop();
  auto opened = Custodian::open(settings_, clock_);
  if (!opened) MESSAGE(opened.error().message);
  REQUIRE(opened.has_value());
  custodian_ = *std::move(opened);
}

std::filesystem::path TestCustodian::file_of(const seal::AccountId& account,
                                             const seal::PackId& pack) const {
  const std::string name = blob_of(account, pack).hex();
  return settings_.folder / "packs" / name.substr(0, 2) / name.substr(2, 2) / name;
}

std::string Reply::code() const {
  if (status < 400) return "";
  const auto value = json::parse(text(), 1 << 20);
  REQUIRE(value.has_value());
  const auto* code = value->find("code");
  REQUIRE(code != nullptr);
  return *code->text();
}

Reply ask(api::Handler& handler, const api::ClientRequest& request) {
  const auto* bytes = std::get_if<Bytes>(&request.body);
  REQUIRE(bytes != nullptr);
  api::BytesBody body(*bytes);
  api::Request received{.method = request.method,
                        .authority = std::string(kAuthority),
                        .path = request.path,
                        .query = request.query,
                        .headers = request.headers,
                        .content_length = bytes->size(),
                        .body = &body};
  const api::Response response = handler.handle(received);
  return {.status = response.status, .headers = response.headers, .body = body_of(response)};
}

// --- the phone

TestPhone::TestPhone(TestCustodian& given)
    : world(given),
      account(crypto::random_id<seal::AccountId>()),
      device_signer(crypto::Signer::random()),
      phrase_signer(crypto::Signer::random()),
      one_time_key(crypto::random_id<crypto::BoxPublicKey>()),
      label_key_(crypto::random_key<tlog::LabelKey>()) {
  const auto notices = api::parse_notices(get("/v1/notices").text());
  REQUIRE(notices.has_value());
  for (const auto& published : notices->notices) {
    if (published.purpose == "custody" && published.language == "en") notice = published.sha256;
  }
  REQUIRE(!notice.is_zero());
}

Reply TestPhone::send_unsigned(api::ClientRequest request) {
  return ask(world.custodian().handler(), request);
}

Reply TestPhone::send(api::ClientRequest request, const crypto::Signer& signer) {
  api::sign_request(request, kAuthority, signer, world.clock().now());
  Reply reply = ask(world.custodian().handler(), request);
  const bool is_json = reply.headers.find("content-digest").has_value();
  if (is_json) {
    const auto held = api::verify_response(reply.status, reply.headers, reply.body, request.headers,
                                           world.custodian().policy().answer_key);
    CHECK(held.has_value());
  }
  return reply;
}

Reply TestPhone::get(std::string_view path, std::string_view query) {
  api::ClientRequest request;
  request.path = path;
  request.query = query;
  return send(std::move(request), device_signer);
}

Reply TestPhone::post(std::string_view path, std::string_view json) {
  return send(json_request(api::Method::post, path, json), device_signer);
}

Reply TestPhone::put_json(std::string_view path, std::string_view json) {
  return send(json_request(api::Method::put, path, json), device_signer);
}

Reply TestPhone::post_event(const Bytes& event) {
  return post("/v1/events", api::to_text(api::PostEvents{.events = {event}}));
}

Bytes TestPhone::device_statement() const {
  return seal::sign_device({.account = account,
                            .device_key = device_signer.public_key(),
                            .one_time_key = one_time_key,
                            .phrase_key = phrase_signer.public_key(),
                            .made_at = world.clock().now()},
                           device_signer, phrase_signer);
}

Bytes TestPhone::make_device_event(ByteView statement) {
  return tlog::encode(tlog::make_event(tlog::EventType::device_key, next_label(),
                                       crypto::random_id<tlog::Salt>(), {},
                                       Bytes(statement.begin(), statement.end()), {}));
}

Reply TestPhone::open_account() {
  const Bytes statement = device_statement();
  return post("/v1/accounts", api::to_text(api::OpenAccount{.account = account,
                                                            .device = statement,
                                                            .event = make_device_event(statement),
                                                            .token = {}}));
}

consent::Decision TestPhone::decide(consent::DecisionKind kind, consent::Category category) const {
  const Instant now = world.clock().now();
  consent::Decision decision;
  decision.kind = kind;
  decision.category = category;
  decision.age_class = consent::AgeClass::of_age;
  decision.notice = notice;
  decision.language = "en";
  decision.shown_at = now - std::chrono::seconds(5);
  decision.decided_at = now;
  if (consent::gives_consent(kind)) decision.valid_until = now + std::chrono::days(300);
  return decision;
}

Bytes TestPhone::make_decision_event(const consent::Decision& decision,
                                     const crypto::Signer& signer) {
  static constexpr auto kTypes =
      std::to_array({tlog::EventType::consent_grant, tlog::EventType::consent_refused,
                     tlog::EventType::consent_withdraw, tlog::EventType::consent_renewed,
                     tlog::EventType::withdraw_cancelled, tlog::EventType::consent_revoke});
  auto statement = consent::sign_decision(decision, signer);
  REQUIRE(statement.has_value());
  const std::array grants{decision.grant};
  const tlog::LinkParts parts{.grants = consent::is_first_decision(decision.kind)
                                            ? std::span<const consent::GrantId>()
                                            : grants};
  return tlog::encode(tlog::make_event(kTypes.at(static_cast<std::size_t>(decision.kind) - 1),
                                       next_label(), crypto::random_id<tlog::Salt>(), {},
                                       *std::move(statement), parts));
}

Bytes TestPhone::make_later_event(consent::DecisionKind kind, const TestGrant& grant) {
  consent::Decision decision = decide(kind, grant.category);
  decision.grant = grant.id;
  return make_decision_event(decision, grant.signer());
}

TestGrant TestPhone::give(consent::Category category) {
  auto signer = crypto::Signer::random();
  Bytes event = make_decision_event(decide(consent::DecisionKind::given, category), signer);
  const Reply reply = post_event(event);
  CHECK(reply.status == 200);
  return {.id = tlog::grant_named_by(tlog::parse_event(event)->commitment),
          .category = category,
          .consent_seed = signer.seed().duplicate(),
          .event = std::move(event)};
}

Reply TestPhone::withdraw(const TestGrant& grant) {
  return post_event(make_later_event(consent::DecisionKind::withdrawn, grant));
}

Bytes TestPhone::make_object_event(const seal::Object& object, const TestGrant& first) {
  std::vector<consent::GrantId> grants;
  for (const auto& grant : object.grants) grants.push_back(grant.commitment);
  return tlog::encode(
      tlog::make_event(tlog::EventType::object_store, next_label(), crypto::random_id<tlog::Salt>(),
                       crypto::random_id<tlog::LinkSalt>(), seal::sign(object, first.signer()),
                       {.grants = grants, .pack = object.pack.bytes(), .frames = object.frames}));
}

TestPack TestPhone::make_pack(const std::vector<const TestGrant*>& grants, std::uint32_t frames) {
  TestPack pack;
  pack.object = {.pack = {},
                 .frames = frames,
                 .purpose = consent::Purpose::custody,
                 .compartment = crypto::random_id<seal::CompartmentId>(),
                 .generation = 1,
                 .grants = {},
                 .sealed_minute = minute_of(world.clock().now())};
  for (const TestGrant* grant : grants) pack.object.grants.push_back({grant->category, grant->id});
  pack.bytes = random_bytes(std::size_t{frames} * seal::kFrameBytes);
  const seal::PackHeader header{.frames = frames,
                                .salt = crypto::random_id<seal::PackSalt>(),
                                .commitment = crypto::random_id<seal::KeyCommitment>(),
                                .compartment = pack.object.compartment,
                                .generation = 1};
  append(pack.bytes, header.encode());
  append(pack.bytes, random_bytes(seal::kSlots * seal::kSlotBytes));
  pack.bytes.resize(seal::pack_size_of(frames));
  pack.object.pack = seal::pack_id_of(pack.bytes);
  pack.event = make_object_event(pack.object, *grants.front());
  return pack;
}

Reply TestPhone::put_pack(const TestPack& pack) {
  api::ClientRequest request;
  request.method = api::Method::put;
  request.path = "/v1/packs/" + pack.object.pack.hex();
  request.headers.set("amanat-object", to_base64(pack.event));
  request.headers.set("if-none-match", "*");
  request.body = pack.bytes;
  return send(std::move(request), device_signer);
}

TestPack TestPhone::store(const std::vector<const TestGrant*>& grants, std::uint32_t frames) {
  TestPack pack = make_pack(grants, frames);
  const Reply reply = put_pack(pack);
  CHECK_MESSAGE(reply.status == 201, reply.text());
  return pack;
}

Bytes TestPhone::make_head(std::uint32_t version, const seal::KeyringHash& hash,
                           const std::optional<seal::CommitHash>& commit) {
  std::vector<seal::DeviceHead> heads;
  if (commit) heads.push_back({device(), *commit});
  const auto commitment = seal::vault_head_commitment(version, hash, std::move(heads));
  tlog::Event event;
  event.type = tlog::EventType::vault_head;
  event.label = next_label();
  event.commitment = tlog::Commitment::from(commitment.bytes()).value();
  event.link = crypto::random_id<tlog::Link>();
  return tlog::encode(event);
}

api::PostCommit TestPhone::make_commit(const std::vector<TestPack>& packs) {
  seal::Commit commit{.account = account,
                      .device = device(),
                      .sequence = sequence + 1,
                      .previous = last_commit,
                      .keyring_version = keyring,
                      .keyring = keyring_hash,
                      .added = {},
                      .retired = {},
                      .snapshot = random_bytes(80),
                      .time = world.clock().now()};
  for (const TestPack& pack : packs) {
    commit.added.push_back({pack.object.pack, pack.object.frames});
  }
  Bytes statement = seal::sign(commit, device_signer);
  const auto hash = seal::hash_commit(statement);
  return {.commit = std::move(statement),
          .sequence = step + 1,
          .head = make_head(keyring, keyring_hash, hash)};
}

void TestPhone::took_commit(const api::PostCommit& commit) {
  ++step;
  ++sequence;
  last_commit = seal::hash_commit(commit.commit);
}

Reply TestPhone::commit(const std::vector<TestPack>& packs) {
  const auto request = make_commit(packs);
  Reply reply = post("/v1/commits", api::to_text(request));
  if (reply.status == 200) took_commit(request);
  return reply;
}

api::PutKeyring TestPhone::make_keyring(bool confirmed) {
  const std::uint32_t version = keyring + 1;
  Bytes sealed =
      seal::KeyringHeader{
          .version = version,
          .account = account,
          .salt = crypto::random_id<Id<struct seal::KeyringSaltTag, 32>>(),
          .commitment = crypto::random_id<Id<struct seal::KeyringCommitmentTag, 32>>()}
          .encode();
  append(sealed, random_bytes(400));
  const auto hash = seal::hash_keyring(sealed);
  const seal::KeyringTerms terms{
      .account = account,
      .version = version,
      .previous = keyring_hash,
      .sealed = hash,
      .recovery_wrap = crypto::random_id<seal::RecoveryWrap>(),
      .wraps = {{device(), one_time_key, crypto::random_id<seal::DeviceWrap>()}},
      .next_one_time_key = crypto::random_id<crypto::BoxPublicKey>(),
      .device = device(),
      .phrase_key = phrase_signer.public_key(),
      .confirmed = confirmed,
      .time = world.clock().now()};
  const std::array signers{seal::KeyringSigner{seal::KeyringSignerKind::device, device_signer},
                           seal::KeyringSigner{seal::KeyringSignerKind::phrase_key, phrase_signer}};
  std::optional<seal::CommitHash> newest;
  if (sequence > 0) newest = last_commit;
  return {.keyring = std::move(sealed),
          .statement = seal::sign_keyring(terms, signers),
          .sequence = step + 1,
          .head = make_head(version, hash, newest)};
}

void TestPhone::took_keyring(const api::PutKeyring& put) {
  ++step;
  ++keyring;
  keyring_hash = seal::hash_keyring(put.keyring);
  const auto statement = seal::KeyringStatement::parse(put.statement);
  one_time_key = statement->terms_unverified().next_one_time_key;
}

Reply TestPhone::put_keyring(bool confirmed) {
  const auto request = make_keyring(confirmed);
  Reply reply = put_json("/v1/keyrings/" + std::to_string(keyring + 1), api::to_text(request));
  if (reply.status == 201) took_keyring(request);
  return reply;
}

void TestPhone::check_receipts(const TestCustodian& world, const api::Receipts& receipts) {
  const auto& key = const_cast<TestCustodian&>(world).custodian().policy().log_key;
  for (const auto& receipt : receipts.receipts) {
    const auto held = tlog::check_inclusion(receipt.entry, receipt.index, receipt.proof,
                                            receipts.checkpoint, key);
    CHECK(held.has_value());
  }
}

// --- and its whole way

TEST_CASE("a phone opens an account, gives consent, stores, commits, and reads it all back") {
  TestCustodian world;
  TestPhone phone(world);
  const Reply opened = phone.open_account();
  REQUIRE_MESSAGE(opened.status == 201, opened.text());
  const auto opening = api::parse_receipts(opened.text());
  REQUIRE(opening.has_value());
  CHECK(opening->quota == std::uint64_t{64} << 30U);
  REQUIRE(opening->receipts.size() == 1);
  TestPhone::check_receipts(world, *opening);

  REQUIRE(phone.put_keyring().status == 201);
  const TestGrant photos = phone.give(consent::Category::photos);
  const TestGrant location = phone.give(consent::Category::location);
  const TestPack plain = phone.store({&photos}, 2);
  const TestPack placed = phone.store({&photos, &location});

  const Reply committed = phone.commit({plain, placed});
  REQUIRE_MESSAGE(committed.status == 200, committed.text());
  const auto receipts = api::parse_receipts(committed.text());
  REQUIRE(receipts.has_value());
  CHECK(receipts->receipts.size() == 3);
  CHECK(receipts->sequence == 2);
  TestPhone::check_receipts(world, *receipts);

  const auto heads = api::parse_heads(phone.get("/v1/heads").text());
  REQUIRE(heads.has_value());
  CHECK(heads->account == phone.account);
  CHECK(heads->sequence == 2);
  CHECK(heads->keyring == 1);
  CHECK(heads->devices.size() == 1);
  CHECK(heads->grants.size() == 2);
  REQUIRE(heads->commits.size() == 1);
  CHECK(heads->commits.front().hash == phone.last_commit);

  const Reply read = phone.get("/v1/packs/" + plain.object.pack.hex());
  CHECK(read.status == 200);
  CHECK(read.body == plain.bytes);
  const auto inventory = api::parse_inventory(phone.get("/v1/inventory").text());
  REQUIRE(inventory.has_value());
  CHECK(inventory->packs.size() == 2);
  CHECK(inventory->packs.front().state == "committed");
  CHECK(!inventory->next);

  const auto all = api::parse_receipts(phone.get("/v1/receipts").text());
  REQUIRE(all.has_value());
  CHECK(all->receipts.size() == 7);  // device, 2 heads, 2 grants, 2 objects
  TestPhone::check_receipts(world, *all);

  const auto report = check_store(world.custodian());
  REQUIRE(report.has_value());
  CHECK(report->packs == 2);
  for (const auto& problem : report->problems) MESSAGE(problem);
  CHECK(report->problems.empty());
}

TEST_CASE("what was stored is there after a restart") {
  TestCustodian world;
  TestPhone phone(world);
  phone.open_account();
  phone.put_keyring();
  const TestGrant photos = phone.give(consent::Category::photos);
  const TestPack pack = phone.store({&photos});
  REQUIRE(phone.commit({pack}).status == 200);
  world.restart();
  CHECK(phone.get("/v1/packs/" + pack.object.pack.hex()).body == pack.bytes);
  CHECK(phone.put_keyring().status == 201);
}

}  // namespace amanat::custodian
