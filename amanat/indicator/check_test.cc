#include "amanat/indicator/check.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/indicator/explain.h"
#include "amanat/indicator/extract.h"

namespace amanat::indicator {
namespace {

Indicators make(std::initializer_list<std::pair<Kind, std::string_view>> values) {
  Indicators::Builder builder;
  const auto collection =
      builder.collection({.name = "Family", .threat_class = ThreatClass::stalkerware});
  for (const auto& [kind, value] : values) {
    REQUIRE(builder.add(kind, value, collection) == Indicators::Builder::Added::taken);
  }
  return std::move(builder).build();
}

std::vector<std::string> mentions(std::string_view text) {
  std::vector<std::string> found;
  extract(text, [&found](const Mention& mention) {
    found.push_back(mention.value);
    return true;
  });
  return found;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("hosts, addresses and mail are found in what people write") {
  CHECK(mentions("look: https://Evil.com/a.b?x=1.")
        == Strings{"https://evil.com/a.b?x=1", "evil.com"});
  CHECK(mentions("see evil.com.") == Strings{"evil.com"});
  CHECK(mentions("(www.evil.com), ok?") == Strings{"www.evil.com"});
  CHECK(mentions("mail Bob+x@Evil.com now") == Strings{"bob+x@evil.com", "evil.com"});
  CHECK(mentions("10.0.0.1:8080") == Strings{"10.0.0.1"});
  CHECK(mentions("https://t.co/evil.com").size() == 2);  // a path is no host
  CHECK(mentions("https://ok.org/?u=https%3A%2F%2Fevil.com%2Fx").back() == "evil.com");
  CHECK(mentions("https://ok.org/r/https://evil.com/x").back() == "evil.com");
  CHECK(mentions("https://bank.com@evil.com/").back() == "evil.com");
  CHECK(mentions("no links, e.g none").size() <= 1);
  CHECK(mentions("").empty());
  CHECK(mentions("....").empty());
}

TEST_CASE("addresses that stand in one another are found without reading each to its end") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "a://a.b/";
  text += "a://evil.com/";
  const auto found = mentions(text);
  REQUIRE_FALSE(found.empty());
  CHECK(found.back() == "evil.com");
}

TEST_CASE("a host between words of another script is found") {
  const auto found = mentions(
      "\xE8\xAF\xB7\xE7\x9C\x8B"
      "evil.com\xE5\x90\xA7");
  CHECK(std::ranges::find(found, "evil.com") != found.end());
  CHECK(mentions("b\xC3\xBC"
                 "cher.example")
            .front()
        == "xn--bcher-kva.example");
}

TEST_CASE("a text that is all dots or all letters is read in a blink") {
  std::string dots;
  for (int i = 0; i < 1'000'000; ++i) dots += i % 2 == 0 ? 'a' : '.';
  CHECK(mentions(dots).empty());
  std::string at;
  for (int i = 0; i < 100'000; ++i) at += "@a.b";
  CHECK(mentions(at).size() <= kMentionsMax);
}

TEST_CASE("an app is known by its name, its certificate or its file") {
  const Indicators known = make({{Kind::package, "com.spy"},
                                 {Kind::certificate_sha1, std::string(40, 'a')},
                                 {Kind::file_sha256, std::string(64, 'b')}});
  CHECK(check_app(known, {.package = "com.spy"}).size() == 1);
  CHECK(check_app(known, {.package = "com.harmless"}).empty());
  CHECK(check_app(known, {.package = "com.renamed", .certificates_sha1 = {std::string(40, 'A')}})
            .size()
        == 1);
  const auto all = check_app(known, {.package = "com.spy",
                                     .certificates_sha1 = {std::string(40, 'a')},
                                     .sha256 = std::string(64, 'b')});
  CHECK(all.size() == 3);
  CHECK(all.front().collection.threat_class == ThreatClass::stalkerware);
  CHECK(check_app(known, {}).empty());
}

TEST_CASE("an app from outside the shops is told") {
  CHECK(is_sideloaded({.installer = "com.android.vending"}) == false);
  CHECK(is_sideloaded({.installer = "com.android.packageinstaller"}) == true);
  CHECK_FALSE(is_sideloaded({}).has_value());
}

TEST_CASE("messages and visited pages are checked by host, address and URL") {
  const Indicators known = make({{Kind::domain, "evil.com"},
                                 {Kind::ip_address, "10.6.6.6"},
                                 {Kind::email, "bait@mail.example"},
                                 {Kind::url, "https://github.com/evil/rat"}});
  const auto text = check_text(known, "open https://x.evil.com/a and evil.com or 10.6.6.6");
  REQUIRE(text.size() == 2);
  CHECK(text[0].fit == Fit::below);
  CHECK(text[0].seen == "x.evil.com");
  CHECK(text[1].fit == Fit::mentioned);
  CHECK(check_text(known, "write to bait@mail.example").size() == 1);
  CHECK(check_text(known, "notevil.com evil.company").empty());

  const auto url = check_url(known, "https://evil.com/login");
  REQUIRE(url.size() == 1);
  CHECK(url[0].fit == Fit::exact);
  CHECK(check_url(known, "https://github.com/evil/rat/").size() == 1);
  CHECK(check_url(known, "https://github.com/evil/other").empty());
  CHECK(check_url(known, "http://10.6.6.6/x").size() == 1);
  const auto redirect = check_url(known, "https://ok.org/r?to=https%3A%2F%2Fevil.com%2F");
  REQUIRE(redirect.size() == 1);
  CHECK(redirect[0].fit == Fit::mentioned);
  CHECK(check_url(known, "").empty());
  CHECK(check_url(known, "about:blank").empty());
  CHECK(check_host(known, "A.EVIL.com").size() == 1);
  CHECK(check_email(known, "Bait@Mail.example").size() == 1);
  CHECK(check_email(known, "x@sub.evil.com").size() == 1);
}

TEST_CASE("paths, processes and properties are checked by their names") {
  const Indicators known = make({{Kind::file_path, "/data/local/tmp/stage"},
                                 {Kind::file_path, "Library/Preferences/x.plist"},
                                 {Kind::file_name, "implant.dylib"},
                                 {Kind::process, "bh"},
                                 {Kind::property, "sys.brand.note"}});
  CHECK(check_path(known, "/data/local/tmp/stage/run").front().fit == Fit::below);
  CHECK(check_path(known, "/data/local/tmp/stage").front().fit == Fit::exact);
  CHECK(check_path(known, "/home/u/Library/Preferences/x.plist").size() == 1);
  CHECK(check_path(known, "/any/implant.dylib").size() == 1);
  CHECK(check_path(known, "/data/local/tmp/staged").empty());
  CHECK(check_process(known, "/usr/bin/bh").size() == 1);
  CHECK(check_process(known, "/data/local/tmp/stage/x").size() == 1);
  CHECK(check_property(known, "sys.brand.note").size() == 1);
  CHECK(check_property(known, "sys.brand.doc").empty());
}

TEST_CASE("every class is explained, and stalkerware begins with safety, not removal") {
  for (const ThreatClass threat_class :
       {ThreatClass::malware, ThreatClass::spyware, ThreatClass::stalkerware,
        ThreatClass::watchware, ThreatClass::unwanted}) {
    const Explanation& explanation = explain(threat_class);
    CHECK_FALSE(explanation.heading.empty());
    CHECK_FALSE(explanation.what_it_can_do.empty());
    CHECK(explanation.advice.size() >= 3);
  }
  const Explanation& stalkerware = explain(ThreatClass::stalkerware);
  CHECK(stalkerware.advice[1].starts_with("Do not remove the app yet"));
}

TEST_CASE("permissions are told as what the app can do") {
  const std::vector<std::string> permissions = {
      "android.permission.INTERNET", "android.permission.READ_SMS",
      "android.permission.RECORD_AUDIO", "android.permission.READ_SMS",
      "android.permission.BIND_ACCESSIBILITY_SERVICE"};
  const auto abilities = abilities_of(permissions);
  REQUIRE(abilities.size() == 3);
  CHECK(abilities[0].permission == "BIND_ACCESSIBILITY_SERVICE");
  CHECK(abilities[1].sentence == "It can listen through the microphone.");
  CHECK(abilities[2].permission == "READ_SMS");
}

}  // namespace amanat::indicator
