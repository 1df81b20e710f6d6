#include "amanat/indicator/load.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/indicator/csv.h"
#include "amanat/indicator/stix.h"
#include "amanat/indicator/yaml_tree.h"

namespace amanat::indicator {
namespace {

Loaded load(std::string_view name, std::string_view text) {
  Loader loader;
  loader.add(name, text);
  return std::move(loader).finish();
}

std::uint64_t left(const Loaded& loaded, Reason reason) {
  return loaded.lists.front().left[static_cast<std::size_t>(reason)];
}

std::string indicator(std::string_view id, std::string_view pattern) {
  std::string escaped;
  for (const char c : pattern) {
    if (c == '\\' || c == '"') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return R"({"type":"indicator","id":")" + std::string(id)
         + R"(","pattern_type":"stix","pattern":")" + escaped + "\"}";
}

constexpr std::string_view kSha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

TEST_CASE("a pattern of one comparison is read, also with '=' and quotes in its value") {
  struct Case {
    std::string_view pattern;
    std::string_view key;
    std::string_view value;
  };
  const auto cases = std::to_array<Case>({
      {"[domain-name:value='evil.com']", "domain-name:value", "evil.com"},
      {"[ domain-name:value = 'evil.com' ]", "domain-name:value", "evil.com"},
      {"[url:value='https://evil.com/?a=b&c=d']", "url:value", "https://evil.com/?a=b&c=d"},
      {"[file:hashes.'SHA-256'='ab']", "file:hashes.sha-256", "ab"},
      {"[file:hashes.MD5 = 'ab']", "file:hashes.md5", "ab"},
      {"[file:name='it\\'s']", "file:name", "it's"},
      {"[file:path='C:\\\\Windows']", "file:path", "C:\\Windows"},
      {"[file:path='/a]b[c']", "file:path", "/a]b[c"},
      {"[process:name='']", "process:name", ""},
  });
  for (const Case& c : cases) {
    CAPTURE(c.pattern);
    const auto comparison = parse_pattern(c.pattern);
    REQUIRE(comparison.has_value());
    CHECK(comparison->key == c.key);
    CHECK(comparison->value == c.value);
  }
}

TEST_CASE("a pattern that is not one equality says why") {
  struct Case {
    std::string_view pattern;
    Reason reason;
  };
  const auto cases = std::to_array<Case>({
      {"[a:b='c' AND d:e='f']", Reason::several_comparisons},
      {"[a:b='c'] OR [d:e='f']", Reason::several_comparisons},
      {"([a:b='c'])", Reason::several_comparisons},
      {"[(a:b='c')]", Reason::several_comparisons},
      {"[a:b='c'] WITHIN 5 SECONDS", Reason::several_comparisons},
      {"[a:b!='c']", Reason::other_comparison},
      {"[a:b LIKE 'c%']", Reason::other_comparison},
      {"[a:b MATCHES 'c']", Reason::other_comparison},
      {"[a:b IN ('c','d')]", Reason::other_comparison},
      {"[a:b=5]", Reason::other_comparison},
      {"[a:b='c", Reason::malformed},
      {"a:b='c'", Reason::malformed},
      {"", Reason::malformed},
      {"[nothing='c']", Reason::malformed},
      {"[a:'b='c']", Reason::malformed},
  });
  for (const Case& c : cases) {
    CAPTURE(c.pattern);
    const auto comparison = parse_pattern(c.pattern);
    REQUIRE_FALSE(comparison.has_value());
    CHECK(comparison.error() == c.reason);
  }
}

TEST_CASE("a bundle's indicators belong to its report, or to the malware they indicate") {
  const std::string bundle = R"({"type":"bundle","id":"bundle--1","objects":[)"
                             + indicator("indicator--1", "[domain-name:value='evil.com']") + ","
                             + indicator("indicator--2", "[app:id='com.spy']") + ","
                             + indicator("indicator--3", "[process:name='bh=1']") + ","
                             + indicator("indicator--4", "[mutex:name='x']") + ","
                             + indicator("indicator--5", "[domain-name:value='not a host']") + ","
                             + indicator("indicator--6", "[ipv4-addr:value='host.example']") + ","
                             + R"({"type":"indicator","id":"indicator--7","revoked":true,)"
                               R"("pattern":"[domain-name:value='gone.com']"},)"
                               R"({"type":"indicator","id":"indicator--8","pattern_type":"yara",)"
                               R"("pattern":"rule x { condition: true }"},)"
                               R"({"type":"malware","id":"malware--1","name":"Spy"},)"
                               R"({"type":"relationship","id":"relationship--1",)"
                               R"("source_ref":"indicator--2","target_ref":"malware--1"},)"
                               R"({"type":"report","id":"report--1","name":"Story",)"
                               R"("object_refs":["indicator--1","malware--1"]}]})";
  const Loaded loaded = load("lists/spy.stix2", bundle);
  REQUIRE_FALSE(loaded.lists.front().failure);
  const Indicators& known = loaded.indicators;
  CHECK(known.entries().size() == 4);
  CHECK(known.collection(known.find(Kind::domain, "evil.com").front()).name == "Story");
  CHECK(known.collection(known.find(Kind::package, "com.spy").front()).name == "Spy");
  CHECK(known.collection(known.find(Kind::process, "bh=1").front()).name == "spy");
  CHECK(known.find(Kind::domain, "host.example").size() == 1);
  CHECK(left(loaded, Reason::unknown_key) == 1);
  CHECK(left(loaded, Reason::malformed) == 1);
  CHECK(left(loaded, Reason::revoked) == 1);
  CHECK(left(loaded, Reason::other_language) == 1);
  CHECK(loaded.lists.front().named.front().what == "mutex:name");
}

TEST_CASE("a list that cannot be read does not harm the others") {
  Loader loader;
  loader.add("a.stix2", "{broken");
  loader.add("b.json", "{\"no\":\"bundle\"}");
  loader.add("c.txt", "evil.com\n");
  loader.add("d.doc", "");
  const Loaded loaded = std::move(loader).finish();
  CHECK(loaded.lists[0].failure);
  CHECK(loaded.lists[1].failure);
  CHECK_FALSE(loaded.lists[2].failure);
  CHECK(loaded.other_files == std::vector<std::string>{"d.doc"});
  CHECK(loaded.indicators.entries().size() == 1);
}

TEST_CASE("apps in YAML give packages, certificates and servers of their class") {
  const Loaded loaded = load("stalkerware/ioc.yaml", R"(
- name: Watcher
  names: [Watcher, Peeper]
  type: stalkerware
  packages:
  - com.watcher
  certificates:
  - AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
  - not hex
  certificate_organizations:
  - Watcher Ltd
  certificate_cname_re:
  - ^Kids.*$
  websites: [watcher.example]
  distribution: ['https://load.example/app.apk', '10.1.2.3']
  c2:
    ips: [10.9.8.7]
    domains: [api.watcher.example]
  colour: red
- name: Minder
  type: watchware
  packages: [com.minder]
- just text
)");
  REQUIRE_FALSE(loaded.lists.front().failure);
  const Indicators& known = loaded.indicators;
  CHECK(known.entries().size() == 9);
  const auto& watcher = known.collection(known.find(Kind::package, "com.watcher").front());
  CHECK(watcher.name == "Watcher");
  CHECK(watcher.threat_class == ThreatClass::stalkerware);
  CHECK(watcher.licence == "CC BY 4.0");
  CHECK(known.collection(known.find(Kind::package, "com.minder").front()).threat_class
        == ThreatClass::watchware);
  CHECK(known.find(Kind::url, "https://load.example/app.apk").size() == 1);
  CHECK(known.find(Kind::ip_address, "10.9.8.7").size() == 1);
  CHECK(known.find(Kind::certificate_organization, "Watcher Ltd").size() == 1);
  CHECK(left(loaded, Reason::malformed) == 1);
  CHECK(left(loaded, Reason::regular_expression) == 1);
  CHECK(left(loaded, Reason::unknown_field) == 1);
  CHECK(left(loaded, Reason::unrecognised) == 1);
}

TEST_CASE("YAML that stands for more than it says is refused") {
  CHECK_FALSE(read_yaml("a: &x [1, 2]\nb: *x\n").has_value());
  CHECK_FALSE(read_yaml("? [a, b]\n: c\n").has_value());
  CHECK_FALSE(read_yaml("a: [1, 2\n").has_value());
  CHECK_FALSE(read_yaml(std::string(100, '[') + std::string(100, ']')).has_value());
  CHECK_FALSE(read_yaml(std::string(100'000, '[')).has_value());
  CHECK(read_yaml(std::string(kYamlDepthMax, '[') + std::string(kYamlDepthMax, ']')).has_value());
  CHECK_FALSE(read_yaml(std::string(kYamlDepthMax + 1, '[') + std::string(kYamlDepthMax + 1, ']')));
  CHECK(read_yaml("").has_value());
  const auto map = read_yaml("a: 1\nb: [x, y]\nc: {d: ~}\n");
  REQUIRE(map.has_value());
  CHECK(map->find("a")->text == "1");
  CHECK(map->find("b")->items.size() == 2);
  CHECK(map->find("c")->find("d") != nullptr);
}

TEST_CASE("tables are read by the names of their columns") {
  const std::string sha256(kSha256);
  const Loaded apps = load("samples.csv", "SHA256,Package Name,Certificate,Version,App\n" + sha256
                                              + ",com.spy,,9,Spy\n"
                                                "bad,com.spy2,,1,Spy\n");
  CHECK(apps.indicators.entries().size() == 3);
  CHECK(left(apps, Reason::malformed) == 1);
  CHECK(apps.lists.front().named.front().place == "line 3");
  CHECK(apps.indicators.collection(apps.indicators.entries().front()).name == "Spy");

  const Loaded typed = load("t.csv",
                            "\"type\",\"ioc\",\"family\",\"colour\"\n"
                            "\"domain\",\"evil[.]com\",\"Rat, the\",\"red\"\n"
                            "\"ip_address\",\"10.0.0.1\",\"n/a\",\"\"\n"
                            "\"telephone\",\"123\",\"x\",\"\"\n");
  CHECK(typed.indicators.entries().size() == 2);
  const auto evil = typed.indicators.find(Kind::domain, "evil.com");
  REQUIRE(evil.size() == 1);
  CHECK(typed.indicators.collection(evil.front()).name == "Rat, the");
  CHECK(left(typed, Reason::unknown_key) == 1);
  CHECK(left(typed, Reason::unknown_field) == 1);

  const Loaded bare = load("x.tsv", "Emotet\t" + sha256 + "\nEmotet\tnothing here\n");
  CHECK(bare.indicators.entries().size() == 1);
  CHECK(left(bare, Reason::unrecognised) == 1);

  const std::string md5(32, 'a');
  const std::string sha1(40, 'b');
  const Loaded bazaar = load(
      "full.csv", "# a comment\n\"2024-11-14\", \"" + sha256 + "\", \"" + md5 + "\", \"" + sha1
                      + "\", \"r\", \"f.apk\", \"apk\", \"application/zip\", \"Coper\", \"n/a\", "
                        "\"1\", \"n/a\", \"s\", \"T\"\n");
  CHECK(bazaar.indicators.entries().size() == 3);
  CHECK(bazaar.indicators.collection(bazaar.indicators.entries().front()).name == "Coper");

  CHECK(load("none.csv", "colour,size\nred,5\n").indicators.empty());
  CHECK(load("empty.csv", "").indicators.empty());
}

TEST_CASE("lines are told by their form") {
  const std::string sha256(kSha256);
  const Loaded loaded = load("feed.txt", "\xEF\xBB\xBF# comment\n" + sha256 + "  a.apk\r\n"
                                             + "evil.com\r\n10.0.0.1\nhxxps://evil[.]com/x\n"
                                               "someone@evil.com\n/data/local/tmp/x\n"
                                               "0.0.0.0 blocked.example\n\nwhat is this\n");
  CHECK(loaded.indicators.entries().size() == 7);
  CHECK(left(loaded, Reason::unrecognised) == 1);
  CHECK(loaded.indicators.find(Kind::file_sha256, sha256).size() == 1);
  CHECK(loaded.indicators.find(Kind::domain, "blocked.example").size() == 1);

  const Loaded certificates = load("package_cert_hashes.txt", sha256 + "\n");
  CHECK(certificates.indicators.has(Kind::certificate_sha256));
  const Loaded packages = load("packages.txt", "com.spy.app\n");
  CHECK(packages.indicators.has(Kind::package));
}

TEST_CASE("the folders of a list say who published it") {
  CHECK(origin_of("x/amnesty/2021-07-18_nso/domains.txt").source == "Amnesty International");
  CHECK(origin_of("x/amnesty/2021-07-18_nso/domains.txt").collection == "nso");
  CHECK(origin_of("amnesty/2021-02-24_vietnam/indicators/sha256.txt").collection == "vietnam");
  CHECK(origin_of("x/avast/Fleeceware_PlayStore.csv").threat_class == ThreatClass::unwanted);
  CHECK(origin_of("mine.txt").licence == "not stated");
  CHECK(origin_of("mine.txt").collection == "mine");
}

TEST_CASE("a table's row reads back as it was written") {
  const std::vector<std::string> cells = {"a,b", "c \"d\" e", "f\ng", "h"};
  const std::string text = write_row(cells, ',');
  RowReader reader(text, ',');
  CHECK(reader.next() == cells);
  CHECK_FALSE(reader.next());
}

}  // namespace amanat::indicator
