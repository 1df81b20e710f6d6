#include "amanat/consent/receipt_document.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "amanat/codec/json.h"
#include "amanat/consent/builtin.h"
#include "amanat/consent/notice_template.h"

namespace amanat::consent {
namespace {

using namespace std::chrono_literals;

crypto::Signer fixed_key() {
  crypto::SigningSeed seed;
  for (std::size_t i = 0; i < 32; ++i) seed.expose()[i] = static_cast<std::uint8_t>(i);
  return crypto::Signer(std::move(seed));
}

// Everything in it is fixed, so that the document is the same for ever.
ReceiptFacts fixed_facts() {
  MakerFacts maker = demonstration_maker();
  maker.region = "ap-southeast-1";
  maker.provider = "Amazon Web Services";
  ReceiptFacts facts;
  facts.notice_json =
      make_notice(builtin_notice_template(Purpose::custody, "en").value(), maker).value();
  Decision decision;
  decision.kind = DecisionKind::given;
  decision.category = Category::videos;
  decision.age_class = AgeClass::of_age;
  decision.notice = notice_id(facts.notice_json);
  decision.language = "en";
  decision.shown_at = instant_from_millis(1'795'512'600'000);
  decision.decided_at = decision.shown_at + 40s;
  decision.valid_until = decision.decided_at + std::chrono::days(365);
  facts.statement = sign_decision(decision, fixed_key()).value();
  facts.salt = Bytes(32, 0x5a);
  facts.logged = LogFacts{.origin = "example.com/log",
                          .index = 17,
                          .entry = Bytes(128, 1),
                          .proof = {Bytes(32, 2), Bytes(32, 3)},
                          .checkpoint = "example.com/log\n18\nAAAA\n\n— example.com/log AAAA\n"};
  return facts;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a receipt for people is the golden text, byte for byte") {
  const std::string document = make_receipt_document(fixed_facts()).value();
  // After a change on purpose: AMANAT_REWRITE_GOLDEN=1 writes the file anew, to be read and kept.
  if (std::getenv("AMANAT_REWRITE_GOLDEN") != nullptr) {
    std::ofstream("golden/receipt_given.json", std::ios::binary) << document;
  }
  CHECK(document == read_file("golden/receipt_given.json"));
}

TEST_CASE("a receipt carries the fields ISO/IEC TS 27560 asks for, and the proof") {
  const auto document = json::parse(make_receipt_document(fixed_facts()).value(), 1 << 20);
  REQUIRE(document);
  for (const auto name :
       {"dct:conformsTo", "dct:identifier", "dpv:hasDataSubject", "dpv:hasConsentStatus",
        "dpv:isIndicatedAtTime", "dpv:hasIndicationMethod", "dct:valid", "dpv:hasLegalBasis",
        "dpv:hasNotice", "dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasNecessity",
        "dpv:hasDataController", "dpv:hasRecipient", "dpv:hasJurisdiction",
        "dpv:hasStorageCondition", "dpv:hasConsentControl", "amanat:proof"}) {
    CAPTURE(name);
    CHECK(document->find(name) != nullptr);
  }
  CHECK(*document->find("amanat:defaultState")->text() == "off");
  const Bytes statement =
      from_base64(*document->find("amanat:proof")->find("statement")->text()).value();
  CHECK(verify_decision(statement));
}

TEST_CASE("a decision that is not logged yet says so") {
  ReceiptFacts facts = fixed_facts();
  facts.logged.reset();
  const auto document = json::parse(make_receipt_document(facts).value(), 1 << 20);
  CHECK(document->find("amanat:proof")->find("log")->is_null());
}

TEST_CASE("no receipt is written for what does not fit together") {
  ReceiptFacts bent = fixed_facts();
  bent.statement.back() ^= 1;
  CHECK(make_receipt_document(bent).error().code == Code::forged);
  ReceiptFacts other_notice = fixed_facts();
  other_notice.notice_json += " ";
  CHECK(make_receipt_document(other_notice).error().code == Code::invalid_input);
  ReceiptFacts short_salt = fixed_facts();
  short_salt.salt.pop_back();
  CHECK(make_receipt_document(short_salt).error().code == Code::invalid_input);
}

}  // namespace amanat::consent
