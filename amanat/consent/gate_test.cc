#include "amanat/consent/gate.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/consent/builtin.h"

namespace amanat::consent {
namespace {

using namespace std::chrono_literals;
using std::chrono::year;

const Instant kGivenAt{Day(year(2026) / 11 / 24)};
const Instant kEndsAt = kGivenAt + std::chrono::days(365);
const Instant kNow = kGivenAt + 1h;

GrantId grant_id(std::uint8_t number) {
  GrantId id;
  id.fill().front() = number;
  return id;
}

GrantRecord given(Category category, std::uint8_t number = 1) {
  GrantRecord record;
  record.grant = grant_id(number);
  record.category = category;
  record.purpose = Purpose::custody;
  record.state = GrantState::given;
  record.valid_from = kGivenAt;
  record.valid_until = kEndsAt;
  record.changed_at = kGivenAt;
  record.age_class = AgeClass::of_age;
  return record;
}

Request ask(CategorySet categories, Instant now = kNow, AgeClass age_class = AgeClass::of_age) {
  return {
      .categories = categories, .purpose = Purpose::custody, .age_class = age_class, .now = now};
}

const LawPack& india() {
  static const LawPack law = builtin_law("IN").value();
  return law;
}

std::optional<Refusal> reason(const GateAnswer& answer) {
  if (!answer.refused) return std::nullopt;
  return answer.refused->reason;
}

}  // namespace

// Control: con-01
TEST_CASE("data passes the gate when each of its categories has an active grant of the purpose") {
  const std::vector records{given(Category::location, 2), given(Category::photos, 1)};
  const auto answer = decide(india(), records, ask({Category::photos, Category::location}));
  CHECK(answer.is_allowed());
  CHECK(answer.grants == std::vector{grant_id(1), grant_id(2)});  // registry order
}

TEST_CASE("each reason for a no has its own name, sentence and advice") {
  GrantRecord refused = given(Category::photos);
  refused.state = GrantState::refused;
  GrantRecord withdrawn = given(Category::photos);
  withdrawn.state = GrantState::withdrawn;
  GrantRecord revoked = given(Category::photos);
  revoked.state = GrantState::revoked;
  GrantRecord unheard_of = given(Category::photos);
  unheard_of.state = static_cast<GrantState>(77);
  GrantRecord research = given(Category::photos);
  research.purpose = Purpose::research;
  struct Case {
    std::vector<GrantRecord> records;
    Request request;
    Refusal refusal;
  };
  const auto cases = std::to_array<Case>({
      {{given(Category::photos)}, ask({}), Refusal::nothing_named},
      {{}, ask({Category::photos}), Refusal::not_asked},
      {{given(Category::videos)}, ask({Category::photos}), Refusal::not_asked},
      {{research}, ask({Category::photos}), Refusal::not_asked},
      {{refused}, ask({Category::photos}), Refusal::refused},
      {{withdrawn}, ask({Category::photos}), Refusal::withdrawn},
      {{revoked}, ask({Category::photos}), Refusal::revoked},
      {{unheard_of}, ask({Category::photos}), Refusal::refused},
      {{given(Category::photos)}, ask({Category::photos}, kGivenAt - 1ms), Refusal::not_yet_valid},
      {{given(Category::photos)}, ask({Category::photos}, kEndsAt), Refusal::expired},
  });
  for (const Case& c : cases) {
    CAPTURE(name_of(c.refusal));
    const auto answer = decide(india(), c.records, c.request);
    REQUIRE_FALSE(answer.is_allowed());
    CHECK(answer.refused->reason == c.refusal);
    CHECK(answer.grants.empty());
    CHECK_FALSE(answer.refused->sentence.empty());
    CHECK_FALSE(answer.refused->sentence.contains('{'));
    CHECK_FALSE(answer.refused->advice.empty());
  }
}

TEST_CASE("a refusal tells a person what is missing and what to do") {
  const auto answer = decide(india(), std::vector{given(Category::photos)},
                             ask({Category::photos, Category::location}));
  REQUIRE_FALSE(answer.is_allowed());
  CHECK(answer.refused->category == Category::location);
  CHECK(answer.refused->sentence == "you have not been asked about location for custody yet");
  CHECK(answer.refused->advice == "run: amanat consent");
}

TEST_CASE("a consent counts from its first millisecond and no longer at its last") {
  const std::vector records{given(Category::photos)};
  struct Case {
    Instant now;
    bool allowed;
  };
  const auto cases = std::to_array<Case>({{kGivenAt - 1ms, false},
                                          {kGivenAt, true},
                                          {kEndsAt - 1ms, true},
                                          {kEndsAt, false},
                                          {kEndsAt + 1ms, false}});
  for (const Case& c : cases) {
    CHECK(decide(india(), records, ask({Category::photos}, c.now)).is_allowed() == c.allowed);
  }
}

// Control: con-09
TEST_CASE("no consent holds longer than the law lets one hold") {
  GrantRecord long_lived = given(Category::photos);
  long_lived.valid_until = kGivenAt + std::chrono::days(10'000);
  const std::vector records{long_lived};
  const Instant end = kGivenAt + india().consent_days_max;
  CHECK(decide(india(), records, ask({Category::photos}, end - 1ms)).is_allowed());
  CHECK(reason(decide(india(), records, ask({Category::photos}, end))) == Refusal::expired);
}

TEST_CASE("a new yes counts after an old no, and a new no after an old yes") {
  GrantRecord withdrawn = given(Category::photos, 1);
  withdrawn.state = GrantState::withdrawn;
  withdrawn.changed_at = kGivenAt + 1min;
  GrantRecord again = given(Category::photos, 2);
  CHECK(decide(india(), std::vector{withdrawn, again}, ask({Category::photos})).grants
        == std::vector{grant_id(2)});
  GrantRecord refused = withdrawn;
  refused.state = GrantState::refused;
  refused.changed_at = kGivenAt + 2min;
  CHECK(reason(decide(india(), std::vector{withdrawn, refused}, ask({Category::photos})))
        == Refusal::refused);
}

// Control: con-10
TEST_CASE("children: forbidden purposes, a parent, and an age nobody stated") {
  const Instant before_the_act{Day(year(2027) / 5 / 12)};
  const Instant under_the_act{Day(year(2027) / 5 / 14)};
  struct Case {
    Purpose purpose;
    AgeClass grant_age;
    AgeClass asked_age;
    Instant now;
    std::optional<Refusal> refusal;
  };
  using enum AgeClass;
  const auto cases = std::to_array<Case>({
      {Purpose::analytics, under_age, under_age, before_the_act, {}},
      {Purpose::analytics, under_age, under_age, under_the_act, Refusal::forbidden_to_child},
      {Purpose::analytics, of_age, under_age, under_the_act, Refusal::forbidden_to_child},
      {Purpose::analytics, under_age, of_age, under_the_act, Refusal::forbidden_to_child},
      {Purpose::analytics, not_stated, of_age, under_the_act, Refusal::age_not_stated},
      {Purpose::analytics, of_age, not_stated, under_the_act, Refusal::age_not_stated},
      {Purpose::analytics, of_age, of_age, under_the_act, {}},
      {Purpose::custody, under_age, under_age, under_the_act, Refusal::parent_needed},
      {Purpose::custody, not_stated, not_stated, under_the_act, {}},
      {Purpose::custody, of_age, of_age, under_the_act, {}},
  });
  for (const Case& c : cases) {
    GrantRecord record = given(Category::photos);
    record.purpose = c.purpose;
    record.age_class = c.grant_age;
    Request request = ask({Category::photos}, c.now, c.asked_age);
    request.purpose = c.purpose;
    CHECK(reason(decide(india(), std::vector{record}, request)) == c.refusal);
  }
}

// Control: con-08
TEST_CASE("withdrawing never allows more, and the order of the records does not matter") {
  std::mt19937 random(2026);
  const auto pick = [&random](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  const Instant start{Day(year(2027) / 5 / 1)};
  const auto some_records = [&] {
    std::vector<GrantRecord> records;
    for (int i = pick(0, 6); i > 0; --i) {
      GrantRecord record = given(kCategories[static_cast<std::size_t>(pick(0, 2))],
                                 static_cast<std::uint8_t>(pick(1, 9)));
      record.purpose = pick(0, 3) == 0 ? Purpose::analytics : Purpose::custody;
      record.state = pick(0, 2) != 0 ? GrantState::given : static_cast<GrantState>(pick(0, 3));
      record.valid_from = start + std::chrono::days(pick(-5, 5));
      record.valid_until = record.valid_from + std::chrono::days(pick(1, 30));
      record.changed_at = record.valid_from + std::chrono::days(pick(0, 2));
      record.age_class = static_cast<AgeClass>(pick(0, 2));
      records.push_back(record);
    }
    return records;
  };
  for (int round = 0; round < 3000; ++round) {
    std::vector<GrantRecord> records = some_records();
    Request request =
        ask({}, start + std::chrono::days(pick(-6, 40)), static_cast<AgeClass>(pick(0, 2)));
    for (int i = pick(1, 3); i > 0; --i) {
      request.categories.insert(kCategories[static_cast<std::size_t>(pick(0, 2))]);
    }
    if (pick(0, 4) == 0) request.purpose = Purpose::analytics;
    const GateAnswer answer = decide(india(), records, request);

    std::vector<GrantRecord> shuffled = records;
    std::ranges::shuffle(shuffled, random);
    const GateAnswer again = decide(india(), shuffled, request);
    REQUIRE(again.is_allowed() == answer.is_allowed());
    REQUIRE(again.grants == answer.grants);
    REQUIRE(reason(again) == reason(answer));

    if (answer.is_allowed()) {
      REQUIRE(answer.grants.size() == request.categories.size());
      continue;
    }
    for (GrantRecord& record : records) {
      if (record.state != GrantState::given) continue;
      record.state = GrantState::withdrawn;
      REQUIRE_FALSE(decide(india(), records, request).is_allowed());
    }
  }
}

}  // namespace amanat::consent
