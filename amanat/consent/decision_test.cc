#include "amanat/consent/decision.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

namespace amanat::consent {
namespace {

using namespace std::chrono_literals;

struct Vector {
  std::string name;
  std::string expect;
  std::string hash;
  Bytes statement;
};

Vector read_vector(const std::filesystem::path& path) {
  Vector vector{.name = path.stem().string(), .expect = {}, .hash = {}, .statement = {}};
  std::ifstream file(path);
  std::string hex;
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("expect: ")) vector.expect = line.substr(colon + 2);
    if (line.starts_with("hash: ")) vector.hash = line.substr(colon + 2);
    if (colon == std::string::npos) hex += line;
  }
  vector.statement = from_hex(hex).value();
  return vector;
}

Decision some_decision() {
  Decision decision;
  decision.kind = DecisionKind::given;
  decision.category = Category::location;
  decision.purpose = Purpose::custody;
  decision.age_class = AgeClass::of_age;
  decision.notice = crypto::random_id<NoticeId>();
  decision.language = "hi";
  decision.shown_at = instant_from_millis(1'000'000);
  decision.decided_at = decision.shown_at + 1min;
  decision.valid_until = decision.decided_at + 24h;
  decision.indication = Indication::page;
  return decision;
}

}  // namespace

// Control: con-06
TEST_CASE("every golden decision is accepted, or refused for the reason it is named after") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("vectors")) {
    const Vector vector = read_vector(entry.path());
    CAPTURE(vector.name);
    ++count;
    const auto verified = verify_decision(vector.statement);
    if (vector.expect == "holds") {
      REQUIRE(verified);
      CHECK(verified->hash().hex() == vector.hash);
      Bytes again = encode_decision(verified->decision());
      append(again, ByteView(vector.statement).last(64));
      CHECK(again == vector.statement);
      continue;
    }
    REQUIRE_FALSE(verified);
    std::istringstream expect(vector.expect);
    std::string code;
    std::getline(expect, code, ' ');
    CHECK(name_of(verified.error().code) == code);
    const std::string words((std::istreambuf_iterator<char>(expect)), {});
    INFO(verified.error().message);
    CHECK(verified.error().message.contains(words));
  }
  CHECK(count >= 36);
}

TEST_CASE("a decision is signed by the consent key it names, and by no other") {
  const crypto::Signer consent_key = crypto::Signer::random();
  const Decision decision = some_decision();
  const Bytes statement = sign_decision(decision, consent_key).value();
  CHECK(statement.size() <= kDecisionBytesMax);
  const auto verified = verify_decision(statement);
  REQUIRE(verified);
  CHECK(verified->decision().consent_key == consent_key.public_key());
  CHECK(verified->decision().language == "hi");
  CHECK(verified->decision().valid_until == decision.valid_until);
  CHECK(verified->hash() == hash_decision(statement));
}

TEST_CASE("every single bit of a signed decision matters") {
  const Bytes statement = sign_decision(some_decision(), crypto::Signer::random()).value();
  for (std::size_t bit = 0; bit < statement.size() * 8; ++bit) {
    Bytes bent = statement;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1U << (bit % 8)));
    CHECK_FALSE(verify_decision(bent));
  }
}

TEST_CASE("what no person could have decided cannot be signed") {
  const crypto::Signer consent_key = crypto::Signer::random();
  Decision early = some_decision();
  early.decided_at = early.shown_at - 1ms;
  CHECK_FALSE(sign_decision(early, consent_key));
  Decision endless = some_decision();
  endless.valid_until = Instant{};
  CHECK_FALSE(sign_decision(endless, consent_key));
  Decision of_nothing = some_decision();
  of_nothing.kind = DecisionKind::withdrawn;
  of_nothing.valid_until = Instant{};
  CHECK_FALSE(sign_decision(of_nothing, consent_key));
  of_nothing.grant = crypto::random_id<GrantId>();
  CHECK(sign_decision(of_nothing, consent_key));
  Decision nameless = some_decision();
  nameless.language = "";
  CHECK_FALSE(sign_decision(nameless, consent_key));
  Decision before_time = some_decision();
  before_time.shown_at = Instant{} - 1ms;
  CHECK_FALSE(sign_decision(before_time, consent_key));
}

TEST_CASE("a refusal needs no grant and has no end") {
  Decision refusal = some_decision();
  refusal.kind = DecisionKind::refused;
  CHECK_FALSE(check_decision(refusal));
  refusal.valid_until = Instant{};
  CHECK(check_decision(refusal));
}

}  // namespace amanat::consent
