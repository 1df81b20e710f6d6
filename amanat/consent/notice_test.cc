#include "amanat/consent/notice.h"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "amanat/consent/builtin.h"
#include "amanat/consent/notice_template.h"
#include "amanat/consent/terminal_text.h"

namespace amanat::consent {
namespace {

std::string custody_json(std::string_view language = "en") {
  return make_notice(builtin_notice_template(Purpose::custody, language).value(),
                     demonstration_maker())
      .value();
}

Notice custody() { return parse_notice(custody_json()).value(); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the built-in notices itemise every category, in English and in Hindi") {
  for (const BuiltinNoticeTemplate& builtin : builtin_notice_templates()) {
    CAPTURE(builtin.language);
    const auto notice = parse_notice(make_notice(builtin.json, demonstration_maker()).value());
    REQUIRE(notice);
    CHECK(notice->language == builtin.language);
    CHECK(notice->purpose == builtin.purpose);
    CHECK(list_notice_problems(*notice).empty());
    std::vector<Category> categories;
    for (const NoticeItem& item : notice->items) categories.push_back(item.category);
    CHECK(std::ranges::equal(categories, kCategories));
  }
}

// Control: con-03
TEST_CASE("translations say the same: items, flags, numbers and links agree") {
  const Notice english = custody();
  const Notice hindi = parse_notice(custody_json("hi")).value();
  CHECK(hindi.translation_of == "en");
  REQUIRE(hindi.items.size() == english.items.size());
  for (std::size_t i = 0; i < english.items.size(); ++i) {
    CHECK(hindi.items[i].category == english.items[i].category);
    CHECK(hindi.items[i].sensitive == english.items[i].sensitive);
    CHECK(hindi.items[i].third_persons == english.items[i].third_persons);
  }
  CHECK(hindi.readers.size() == english.readers.size());
  CHECK(hindi.custodian_sees.size() == english.custodian_sees.size());
  CHECK(hindi.cannot_prove.size() == english.cannot_prove.size());
  REQUIRE(hindi.rights.size() == english.rights.size());
  for (std::size_t i = 0; i < english.rights.size(); ++i) {
    CHECK(hindi.rights[i].days == english.rights[i].days);
  }
  CHECK(hindi.withdrawal.erasure_days == english.withdrawal.erasure_days);
  CHECK(hindi.complaints.size() == english.complaints.size());
}

TEST_CASE("a notice's id is the hash of its bytes, so a space more is another notice") {
  const std::string json = custody_json();
  CHECK(notice_id(json) == notice_id(json));
  CHECK(notice_id(json) != notice_id(json + " "));
}

// Control: con-02
TEST_CASE("a notice that leaves out what the law asks for is told what") {
  struct Case {
    void (*spoil)(Notice&);
    std::string_view problem;
  };
  const auto cases = std::to_array<Case>({
      {[](Notice& n) { n.items.clear(); }, "itemises nothing"},
      {[](Notice& n) { n.items[1].description.clear(); }, "what it is of videos"},
      {[](Notice& n) { n.items[0].retention.clear(); }, "how long it keeps its data of photos"},
      {[](Notice& n) { n.items[8].sensitive = false; }, "hides that some data is sensitive"},
      {[](Notice& n) { n.items[3].third_persons = false; }, "hides that some data is about others"},
      {[](Notice& n) { std::swap(n.items[0], n.items[1]); }, "repeat or do not follow"},
      {[](Notice& n) { n.items[1] = n.items[0]; }, "repeat or do not follow"},
      {[](Notice& n) { n.maker.address.clear(); }, "the address of who asks"},
      {[](Notice& n) { n.maker.contact_india.clear(); }, "the contact in India"},
      {[](Notice& n) { n.service_enabled.clear(); }, "which service it enables"},
      {[](Notice& n) { n.readers.clear(); }, "who can read it"},
      {[](Notice& n) { n.custodian_sees.clear(); }, "what the custodian sees"},
      {[](Notice& n) { n.place.description.clear(); }, "where the data lies"},
      {[](Notice& n) { n.consent_days = 0; }, "how long a consent holds"},
      {[](Notice& n) { n.withdrawal.link.clear(); }, "withdrawal"},
      {[](Notice& n) { n.withdrawal.link = "http://plain.example"; }, "no https or mailto link"},
      {[](Notice& n) { n.withdrawal.steps = 2; }, "more than one step"},
      {[](Notice& n) { n.rights.clear(); }, "names no rights"},
      {[](Notice& n) { n.rights[0].days = 91; }, "not answered within 90 days"},
      {[](Notice& n) { n.complaints.pop_back(); }, "officer and an authority"},
      {[](Notice& n) { n.cannot_prove.clear(); }, "what nobody can prove"},
      {[](Notice& n) { n.words.withdraw.clear(); }, "the heading withdraw"},
      {[](Notice& n) { n.summary = "{maker} asks"; }, "still holds a placeholder"},
      {[](Notice& n) { n.version = 0; }, "has no version"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.problem);
    Notice notice = custody();
    c.spoil(notice);
    const auto problems = list_notice_problems(notice);
    CHECK(std::ranges::any_of(problems,
                              [&c](const std::string& p) { return p.contains(c.problem); }));
    CHECK(check_notice(notice).error().code == Code::invalid_input);
  }
}

TEST_CASE("bytes that are not exactly a notice do not parse") {
  const std::string good = custody_json();
  REQUIRE(parse_notice(good));
  const auto bad = std::to_array<std::string>({
      replaced(good, "amanat-notice/1", "amanat-notice/2"),
      replaced(good, R"("name": "custody",)", R"("name": "custody", "small_print": "x",)"),
      replaced(good, R"("category": "photos")", R"("category": "fingerprints")"),
      replaced(good, R"("purpose": "custody")", R"("purpose": "fun")"),
      replaced(good, R"("language": "en")", R"("language": "english language")"),
      replaced(good, "2026-11-24", "2026-02-30"),
      replaced(good, R"("right_to_left": false)", R"("right_to_left": 0)"),
      replaced(good, "Keeping a sealed copy", "Keeping \\u001b[2J a copy"),
      replaced(good, "Keeping a sealed copy", "Keeping \\u202e a copy"),
      replaced(good, R"("title":)", R"("titel":)"),
      replaced(good, R"("retention_mode": "logs-only")", R"("retention_mode": "for ever")"),
      good.substr(0, good.size() - 3),
      "{}",
  });
  for (const std::string& json : bad) {
    const auto notice = parse_notice(json);
    REQUIRE_FALSE(notice);
    CHECK(notice.error().code == Code::invalid_input);
  }
}

TEST_CASE(
    "a terminal shows each category, who reads it, how to withdraw and what nobody can prove") {
  const Notice notice = custody();
  const std::string text = to_plain_text(notice, 4096);  // taken as 200 columns
  for (const NoticeItem& item : notice.items) CHECK(text.contains(item.title));
  for (const auto& words : {"Who can read it", "Where it lies", "How to withdraw",
                            "amanat withdraw photos", "How to complain", "What nobody can prove",
                            "Example Phone Company (demonstration)", "Data Protection Board"}) {
    CAPTURE(words);
    CHECK(text.contains(words));
  }
}

TEST_CASE("no line of a notice is wider than the terminal, in any language") {
  for (const auto language : {"en", "hi"}) {
    const Notice notice = parse_notice(custody_json(language)).value();
    for (const std::size_t width : {60U, 80U, 120U}) {
      std::string_view text;
      const std::string whole = to_plain_text(notice, width);
      for (text = whole; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
        CHECK(columns_of(text.substr(0, text.find('\n'))) <= width);
      }
    }
  }
}

}  // namespace amanat::consent
