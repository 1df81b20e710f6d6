#include "amanat/phone/log_command.h"

#include <algorithm>
#include <system_error>

#include "amanat/consent/decision.h"
#include "amanat/phone/home.h"
#include "amanat/seal/object.h"
#include "amanat/seal/statement.h"

namespace amanat::phone {
namespace {

std::string detail_of(const tlog::Event& event) {
  if (event.type == tlog::EventType::object_store) {
    auto object = seal::Statement<seal::Object>::parse(event.statement);
    if (!object) return {};
    const seal::Object& body = object->body_unverified();
    consent::CategorySet categories;
    for (const seal::ObjectGrant& grant : body.grants) categories.insert(grant.category);
    return categories.to_text() + ", " + std::to_string(body.frames) + " frames";
  }
  const auto decision = consent::verify_decision(event.statement);
  return decision ? std::string(consent::name_of(decision->decision().category)) : std::string();
}

}  // namespace

Result<std::vector<LoggedEvent>> list_log(PhoneRecords& records) {
  auto events = records.events();
  if (!events) return carry(events);
  std::vector<LoggedEvent> list;
  for (const KeptEvent& kept : *events) {
    if (!kept.receipt) continue;
    auto entry = tlog::parse_entry(kept.receipt->entry);
    if (!entry) return carry(entry, "a receipt in phone.db");
    list.push_back({.index = kept.receipt->index,
                    .minute = instant_of(tlog::minute_of(*entry)),
                    .type = std::string(tlog::name_of(kept.event.type)),
                    .detail = detail_of(kept.event)});
  }
  std::ranges::sort(list, {}, &LoggedEvent::index);
  return list;
}

std::string tlog_proof_text(const tlog::Receipt& receipt) {
  std::string text = "c2sp.org/tlog-proof@v1\nindex " + std::to_string(receipt.index) + "\n";
  for (const merkle::Hash& hash : receipt.proof) text += to_base64(hash.bytes()) + "\n";
  return text + "\n" + receipt.checkpoint;
}

Result<std::uint64_t> export_proofs(PhoneRecords& records, const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return fail(Code::unavailable, "making the folder: " + problem.message());
  auto events = records.events();
  if (!events) return carry(events);
  std::uint64_t count = 0;
  for (const KeptEvent& kept : *events) {
    if (!kept.receipt) continue;
    const std::string name = std::to_string(kept.receipt->index);
    const std::string proof = tlog_proof_text(*kept.receipt);
    auto done = write_private_file(folder / (name + ".tlog-proof"), as_bytes(proof));
    if (done) done = write_private_file(folder / (name + ".entry"), kept.receipt->entry);
    if (!done) return carry(done, "writing a proof");
    ++count;
  }
  return count;
}

}  // namespace amanat::phone
