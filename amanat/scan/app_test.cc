#include "amanat/scan/app.h"

#include <string>

#include <doctest/doctest.h>

#include "amanat/program/test_apk.h"
#include "amanat/program/test_axml.h"

using namespace amanat;
using namespace amanat::scan;
using program::TestApk;

namespace {

std::string manifest() { return std::string(as_text(program::watching_app().make())); }

const crypto::TestIdentity& signer() {
  static const auto identity = crypto::TestIdentity::make(crypto::TestIdentity::Kind::rsa, "Maker");
  return identity;
}

}  // namespace

TEST_CASE("a package says its name, what it may do, and who signed it") {
  TestApk apk({{"AndroidManifest.xml", manifest()}});
  apk.sign(program::kSchemeV2, signer());
  const auto app = read_app(apk.make());
  REQUIRE_MESSAGE(app, app.error().message);
  CHECK(app->package == "com.example.watch");
  CHECK(app->permissions
        == std::vector<std::string>{"android.permission.READ_SMS",
                                    "android.permission.RECORD_AUDIO"});
  REQUIRE(app->certificates_sha256.size() == 1);
  CHECK(app->certificates_sha256.front() == signer().certificate().sha256.hex());
  CHECK(app->certificates_sha1.front() == signer().certificate().sha1.hex());

  const auto answered = parse_app(encode(*app));
  REQUIRE(answered);
  CHECK(answered->package == app->package);
  CHECK(answered->permissions == app->permissions);
  CHECK(answered->certificates_sha256 == app->certificates_sha256);
}

TEST_CASE("a signer whose signature does not hold is a claim that nobody repeats") {
  TestApk apk({{"AndroidManifest.xml", manifest()}, {"classes.dex", "code"}});
  apk.sign(program::kSchemeV2, signer());
  Bytes bent = apk.make();
  const std::string_view text = as_text(bent);
  bent[text.find("code")] ^= 1;
  const auto app = read_app(bent);
  REQUIRE(app);
  CHECK(app->package == "com.example.watch");
  CHECK(app->certificates_sha256.empty());
}

TEST_CASE("what is no package is none") {
  CHECK(read_app(as_bytes("hello")).error().code == Code::not_found);
  CHECK(read_app(TestApk({{"a.txt", "words"}}).make()).error().code == Code::not_found);
  CHECK_FALSE(read_app(TestApk({{"AndroidManifest.xml", "<manifest/>"}}).make()));
  CHECK_FALSE(parse_app(Bytes{0, 1}));
}
