#include "amanat/consent/notice_template.h"

#include <string>

#include <doctest/doctest.h>

#include "amanat/consent/builtin.h"

namespace amanat::consent {
namespace {

std::string_view english() { return builtin_notice_template(Purpose::custody, "en").value(); }

MakerFacts phone_company() {
  MakerFacts maker = demonstration_maker();
  maker.name = "Phones & Co";
  maker.region = "ap-southeast-1";
  maker.provider = "Amazon Web Services";
  return maker;
}

}  // namespace

TEST_CASE("the same template and facts give the same bytes, other facts give others") {
  const std::string notice = make_notice(english(), phone_company()).value();
  CHECK(make_notice(english(), phone_company()).value() == notice);
  CHECK(notice.ends_with("}\n"));
  MakerFacts other = phone_company();
  other.erasure_days = 7;
  CHECK(make_notice(english(), other).value() != notice);
}

TEST_CASE("a maker's facts stand where the template left room for them") {
  const auto notice = parse_notice(make_notice(english(), phone_company()).value());
  REQUIRE(notice);
  CHECK(notice->maker.name == "Phones & Co");
  CHECK(notice->place.description == "Singapore (Amazon Web Services, region ap-southeast-1)");
  REQUIRE(notice->recipients.size() == 1);
  CHECK(notice->recipients[0].name == "Amazon Web Services");
  CHECK(notice->recipients[0].country == notice->place.description);
  CHECK(notice->renewal.contains("365 days"));
  CHECK(notice->withdrawal.effect.contains("within 14 days"));
  CHECK_FALSE(notice->replaces);
}

TEST_CASE("a maker that stores the bytes itself has no processor") {
  const auto notice = parse_notice(make_notice(english(), demonstration_maker()).value());
  REQUIRE(notice);
  CHECK(notice->recipients.empty());
  CHECK(notice->place.region == "none");
}

TEST_CASE("a new version names the notice it replaces, and a hold says why bytes stay") {
  MakerFacts maker = phone_company();
  maker.version = 2;
  maker.replaces = notice_id("the first");
  maker.retention_mode = RetentionMode::sealed_hold;
  const auto notice = parse_notice(make_notice(english(), maker).value());
  REQUIRE(notice);
  CHECK(notice->version == 2);
  CHECK(notice->replaces == notice_id("the first"));
  CHECK(notice->retention_mode == RetentionMode::sealed_hold);
  CHECK(notice->retention_after.contains("locked away"));
}

TEST_CASE("no notice is made of facts that are missing or would mislead") {
  struct Case {
    void (*spoil)(MakerFacts&);
  };
  const auto cases = std::to_array<Case>({
      {[](MakerFacts& m) { m.name.clear(); }},
      {[](MakerFacts& m) { m.name = "{address}"; }},
      {[](MakerFacts& m) { m.name = "\x1b[31mRed"; }},
      {[](MakerFacts& m) { m.region = "mars-north-1"; }},
      {[](MakerFacts& m) { m.withdraw_link = "call us"; }},
      {[](MakerFacts& m) { m.consent_days = 0; }},
      {[](MakerFacts& m) { m.erasure_days = 0; }},
      {[](MakerFacts& m) { m.version = 0; }},
      {[](MakerFacts& m) { m.recipients = {{"Broker", "", "IN"}}; }},
  });
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    MakerFacts maker = phone_company();
    cases[i].spoil(maker);
    CHECK(make_notice(english(), maker).error().code == Code::invalid_input);
  }
}

TEST_CASE("what is not a template makes no notice") {
  CHECK_FALSE(make_notice("", phone_company()));
  CHECK_FALSE(make_notice("[]", phone_company()));
  CHECK_FALSE(make_notice(R"({"schema": "amanat-notice-template/1"})", phone_company()));
  CHECK_FALSE(make_notice(make_notice(english(), phone_company()).value(), phone_company()));
}

}  // namespace amanat::consent
