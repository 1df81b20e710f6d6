#include "amanat/indicator/indicator.h"

#include <doctest/doctest.h>

#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

Indicators make(std::initializer_list<std::pair<Kind, std::string_view>> values) {
  Indicators::Builder builder;
  const auto collection = builder.collection({.name = "Family"});
  for (const auto& [kind, value] : values) {
    REQUIRE(builder.add(kind, value, collection) == Indicators::Builder::Added::taken);
  }
  return std::move(builder).build();
}

}  // namespace

TEST_CASE("a domain covers what lies below it, and not what only ends like it") {
  const Indicators known = make({{Kind::domain, "evil.com"}, {Kind::domain, "a.bad.org"}});
  CHECK(known.find_domain("evil.com").size() == 1);
  CHECK(known.find_domain("api.v2.evil.com").size() == 1);
  CHECK(known.find_domain("notevil.com").empty());
  CHECK(known.find_domain("evil.com.example.org").empty());
  CHECK(known.find_domain("bad.org").empty());
  CHECK(known.find_domain("com").empty());
  CHECK(known.find_domain("").empty());
}

TEST_CASE("an entry is kept once per collection") {
  Indicators::Builder builder;
  const auto one = builder.collection({.name = "One", .source = "s"});
  const auto two = builder.collection({.name = "Two", .source = "s"});
  CHECK(builder.collection({.name = "One", .source = "s"}) == one);
  for (const auto collection : {two, one, one, two}) {
    CHECK(builder.add(Kind::package, "com.spy", collection) == Indicators::Builder::Added::taken);
  }
  const Indicators known = std::move(builder).build();
  CHECK(known.entries().size() == 2);
  const auto found = known.find(Kind::package, "com.spy");
  REQUIRE(found.size() == 2);
  CHECK(known.collection(found[0]).name == "One");
  CHECK(known.collection(found[1]).name == "Two");
}

TEST_CASE("each kind is looked up among its own") {
  const Indicators known =
      make({{Kind::process, "com.spy"}, {Kind::package, "com.other"}, {Kind::domain, "spy.com"}});
  CHECK(known.find(Kind::package, "com.spy").empty());
  CHECK(known.find(Kind::process, "com.spy").size() == 1);
  CHECK(known.entries(Kind::domain).size() == 1);
  CHECK_FALSE(known.has(Kind::url));
}

TEST_CASE("a process name that the kernel cut finds the whole name") {
  const Indicators known =
      make({{Kind::process, "com.example.longprocess"}, {Kind::process, "bh"}});
  CHECK(known.find_process("com.example.longprocess").size() == 1);
  CHECK(known.find_process("com.example.lon").size() == 1);   // 15: Linux
  CHECK(known.find_process("com.example.long").size() == 1);  // 16: Apple
  CHECK(known.find_process("com.example.lo").empty());
  CHECK(known.find_process("bhx").empty());
  CHECK(known.find_process("bh").size() == 1);
}

TEST_CASE("a path covers the folder it names") {
  const Indicators known = make({{Kind::file_path, "/private/var/tmp/stage/"}});
  CHECK(known.find_path("/private/var/tmp/stage").size() == 1);
  CHECK(known.find_path("/private/var/tmp/stage/a/b").size() == 1);
  CHECK(known.find_path("/private/var/tmp/staged").empty());
  CHECK(known.find_path("/private/var/tmp").empty());
}

TEST_CASE("a certificate whose key everybody has is refused") {
  Indicators::Builder builder;
  const auto collection = builder.collection({.name = "Family"});
  CHECK(builder.add(Kind::certificate_sha1,
                    "61:ED:37:7E:85:D3:86:A8:DF:EE:6B:86:4B:D8:5B:0B:FA:"
                    "A5:AF:81",
                    collection)
        == Indicators::Builder::Added::shared_key);
}

TEST_CASE("a host has one spelling") {
  struct Case {
    std::string_view text;
    std::optional<std::string_view> host;
  };
  const auto cases = std::to_array<Case>({
      {"Evil.COM", "evil.com"},
      {"evil.com.", "evil.com"},
      {"b\xC3\xBC"
       "cher.example",
       "xn--bcher-kva.example"},
      {"B\xC3\x9C"
       "CHER.example",
       "xn--bcher-kva.example"},
      {"\xD0\xBF\xD1\x80\xD0\xB8\xD0\xBC\xD0\xB5\xD1\x80.\xD1\x80\xD1\x84",
       "xn--e1afmkfd.xn--p1ai"},
      {"noki\xC3\xA0.com", "xn--noki-3na.com"},
      {"evil\xE3\x80\x82"
       "com",
       "evil.com"},                         // an ideographic full stop
      {"\xEF\xBC\xA5vil.com", "evil.com"},  // a full-width letter
      {"xn--nissn-3jc.com", "xn--nissn-3jc.com"},
      {"a_b.example", "a_b.example"},
      {"localhost", {}},
      {"", {}},
      {".", {}},
      {"a..b", {}},
      {".com", {}},
      {"1.2.3.4", {}},  // an address
      {"evil.c0m", "evil.c0m"},
      {"evil.1", {}},
      {"evil com.org", {}},
      {"evil.com/x", {}},
      {"\xFF.com", {}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(spell_host(c.text) == c.host);
  }
  CHECK_FALSE(spell_host(std::string(64, 'a') + ".com"));
  CHECK(spell_host(std::string(63, 'a') + ".com"));
}

TEST_CASE("a URL has one spelling, and its host is found behind tricks") {
  CHECK(spell_url("HTTP://Evil.com:80/Path/#x") == "http://evil.com/Path");
  CHECK(spell_url("https://evil.com:8443") == "https://evil.com:8443");
  CHECK_FALSE(spell_url("evil.com/path"));
  CHECK_FALSE(spell_url("https://"));
  CHECK(host_of_url("https://bank.com@evil.com/login") == "evil.com");
  CHECK(host_of_url("https://user:pw@evil.com:99/") == "evil.com");
  CHECK(host_of_url("https://evil.com\\@bank.com/") == "evil.com");
  CHECK(host_of_url("http://10.0.0.1/x") == "10.0.0.1");
  CHECK(host_of_url("http://[2001:DB8::1]:80/") == "2001:db8::1");
}

TEST_CASE("values that cannot be of their kind are refused") {
  CHECK(spell(Kind::file_md5, "D41D8CD98F00B204E9800998ECF8427E")
        == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK_FALSE(spell(Kind::file_md5, "d41d8cd98f00b204e9800998ecf8427"));
  CHECK_FALSE(spell(Kind::file_sha256, "zz"));
  CHECK_FALSE(spell(Kind::package, "no package at all"));
  CHECK(spell(Kind::email, " Someone@Example.COM ") == "someone@example.com");
  CHECK_FALSE(spell(Kind::email, "@example.com"));
  CHECK_FALSE(spell(Kind::ip_address, "1.2.3.256"));
  CHECK_FALSE(spell(Kind::ip_address, "1.2.3.04"));
  CHECK_FALSE(spell(Kind::ip_address, "1.2.3"));
  CHECK_FALSE(spell(Kind::ip_address, "1.2.3.4."));
  CHECK(spell(Kind::ip_address, "255.0.10.1") == "255.0.10.1");
  CHECK_FALSE(spell(Kind::file_path, "/"));  // would cover everything
  CHECK_FALSE(spell(Kind::process, "a\nb"));
}

}  // namespace amanat::indicator
