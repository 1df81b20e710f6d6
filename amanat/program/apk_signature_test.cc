#include "amanat/program/apk_signature.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/program/jar_manifest.h"
#include "amanat/program/test_apk.h"

namespace amanat::program {
namespace {

using crypto::TestIdentity;
using Kind = TestIdentity::Kind;

const TestIdentity& rsa() {
  static const TestIdentity identity = TestIdentity::make(Kind::rsa, "Maker");
  return identity;
}
const TestIdentity& ec() {
  static const TestIdentity identity = TestIdentity::make(Kind::ec, "Second maker");
  return identity;
}

TEST_CASE("each scheme's signature holds and names its signer") {
  TestApk apk;
  apk.sign_v1(rsa(), "CERT", "2, 3").sign(kSchemeV2, rsa()).sign(kSchemeV3, rsa());
  apk.sign(kSchemeV31, ec(), {.algorithm = 0x0201, .min_sdk = 33, .attributes = {}});
  const auto signatures = apk.verify();
  REQUIRE(signatures);
  REQUIRE(signatures->schemes.size() == 4);
  for (const ApkSignature& signature : signatures->schemes) {
    CAPTURE(static_cast<int>(signature.scheme));
    CHECK(signature.problem.empty());
    CHECK(signature.verified);
    REQUIRE(signature.signers.size() == 1);
    const TestIdentity& signer = signature.scheme == ApkScheme::v31 ? ec() : rsa();
    CHECK(signature.signers[0].certificates[0].sha256 == signer.certificate().sha256);
    CHECK(signature.signers[0].certificates[0].sha1 == signer.certificate().sha1);
  }
  CHECK(signatures->is_verified());
  CHECK(signatures->decisive()->scheme == ApkScheme::v31);
  CHECK(signatures->find(ApkScheme::v31)->signers[0].min_sdk == 33);
}

TEST_CASE("every algorithm of the block schemes verifies") {
  const TestIdentity dsa = TestIdentity::make(Kind::dsa, "Maker");
  for (const std::uint32_t algorithm :
       {0x0101U, 0x0102U, 0x0103U, 0x0104U, 0x0201U, 0x0202U, 0x0301U, 0x0421U, 0x0423U, 0x0425U}) {
    CAPTURE(algorithm);
    const bool is_ec = algorithm == 0x0201 || algorithm == 0x0202 || algorithm == 0x0423;
    const bool is_dsa = algorithm == 0x0301 || algorithm == 0x0425;
    TestApk apk;
    apk.sign(kSchemeV2,
             is_ec    ? ec()
             : is_dsa ? dsa
                      : rsa(),
             {.algorithm = algorithm, .attributes = {}});
    CHECK(apk.verify()->is_verified());
    apk.files()[0].second = "Code";
    CHECK_FALSE(apk.verify()->is_verified());
  }
}

TEST_CASE("an unsigned package has no signatures, and what is no package is refused") {
  const auto signatures = TestApk().verify();
  REQUIRE(signatures);
  CHECK(signatures->schemes.empty());
  CHECK_FALSE(signatures->is_verified());
  CHECK(signatures->decisive() == nullptr);
  CHECK_FALSE(verify_apk({}, {}));
  CHECK_FALSE(verify_apk(Bytes(1'000), {}));
  Bytes longer = TestApk().make();
  longer.push_back(0);  // Android wants the directory's end at the end
  CHECK_FALSE(verify_apk(longer, {}));
}

TEST_CASE("one changed bit anywhere in a package breaks its signature") {
  const TestApk apk = TestApk().sign(kSchemeV2, ec(), {.algorithm = 0x0201, .attributes = {}});
  const Bytes whole = apk.make();
  REQUIRE(verify_apk(whole, apk.entries())->is_verified());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    Bytes bent = whole;
    bent[at] ^= 1;
    const auto signatures = verify_apk(bent, apk.entries());
    CHECK_FALSE((signatures && signatures->is_verified()));
  }
}

TEST_CASE("a newer signature that was removed is missed by the older ones") {
  TestApk by_jar;
  by_jar.sign_v1(rsa(), "CERT", "2");
  CHECK_FALSE(by_jar.verify()->is_verified());
  CHECK(by_jar.verify()->schemes[0].problem == "a newer signature was removed");

  const Bytes names_v3 = TestApk::attribute(0xbeeff00d, TestBytes().u32(3).bytes());
  TestApk by_v2;
  by_v2.sign(kSchemeV2, rsa(), {.attributes = names_v3});
  CHECK_FALSE(by_v2.verify()->is_verified());
  by_v2.sign(kSchemeV3, rsa());
  CHECK(by_v2.verify()->find(ApkScheme::v2)->verified);

  const Bytes names_v31 = TestApk::attribute(0x559f8b02, TestBytes().u32(33).bytes());
  TestApk by_v3;
  by_v3.sign(kSchemeV3, rsa(), {.attributes = names_v31});
  CHECK_FALSE(by_v3.verify()->is_verified());
}

TEST_CASE("the newest signature decides, and older ones do not save it") {
  TestApk apk;
  apk.sign_v1(rsa()).sign(kSchemeV2, rsa());
  apk.blocks()[kSchemeV2].back() ^= 1;
  const auto signatures = apk.verify();
  CHECK(signatures->find(ApkScheme::v1)->verified);
  CHECK_FALSE(signatures->is_verified());
}

// { { certificate, algorithm }, flags, next algorithm, signature }
Bytes lineage_node(const TestIdentity& holder, std::uint32_t signed_with, std::uint32_t next,
                   const TestIdentity* signer) {
  TestBytes data;
  data.sized(holder.certificate().der).u32(signed_with);
  const Bytes signature =
      signer == nullptr ? Bytes{}
                        : signer->sign(crypto::SignatureScheme::rsa_pkcs1_sha256, data.bytes());
  return TestBytes().sized(data.bytes()).u32(0).u32(next).sized(signature).bytes();
}

TEST_CASE("a rotated key names the older ones that vouch for it, if they do") {
  const Bytes oldest = lineage_node(rsa(), 0, 0x0103, nullptr);
  const auto with_chain = [&](const Bytes& newest) {
    TestBytes chain;
    chain.u32(1).sized(oldest).sized(newest);
    TestApk apk;
    apk.sign(kSchemeV3, ec(),
             {.algorithm = 0x0201, .attributes = TestApk::attribute(0x3ba06f8c, chain.bytes())});
    return *apk.verify();
  };
  const ApkSignatures good = with_chain(lineage_node(ec(), 0x0103, 0, &rsa()));
  REQUIRE(good.is_verified());
  REQUIRE(good.schemes[0].signers[0].lineage.size() == 2);
  CHECK(good.schemes[0].signers[0].lineage[0].sha256 == rsa().certificate().sha256);

  const TestIdentity stranger = TestIdentity::make(Kind::rsa, "Stranger");
  CHECK_FALSE(with_chain(lineage_node(ec(), 0x0103, 0, &stranger)).is_verified());
  CHECK_FALSE(with_chain(lineage_node(ec(), 0x0104, 0, &rsa())).is_verified());
  CHECK_FALSE(with_chain(lineage_node(stranger, 0x0103, 0, &rsa())).is_verified());
}

TEST_CASE("two signers of v2 must both hold, two of v3 must share the versions") {
  TestApk apk;
  const TestApk::Terms by_ec{.algorithm = 0x0201, .attributes = {}};
  apk.sign(kSchemeV2, {{&rsa(), {}}, {&ec(), by_ec}});
  CHECK(apk.verify()->is_verified());
  CHECK(apk.verify()->schemes[0].signers.size() == 2);
  apk.blocks()[kSchemeV2].back() ^= 1;  // in the second signer's key
  CHECK_FALSE(apk.verify()->is_verified());

  TestApk::Terms early{.min_sdk = 24, .max_sdk = 27, .attributes = {}};
  const TestApk::Terms late{.algorithm = 0x0201, .min_sdk = 28, .attributes = {}};
  TestApk ranges;
  CHECK(ranges.sign(kSchemeV3, {{&rsa(), early}, {&ec(), late}}).verify()->is_verified());
  early.max_sdk = 28;
  CHECK_FALSE(ranges.sign(kSchemeV3, {{&rsa(), early}, {&ec(), late}}).verify()->is_verified());
}

TEST_CASE("more signers than Android takes are refused") {
  const std::vector<std::pair<const TestIdentity*, TestApk::Terms>> signers(
      kApkSignersMax + 1, {&ec(), {.algorithm = 0x0201, .attributes = {}}});
  CHECK(TestApk().sign(kSchemeV2, signers).verify()->schemes[0].problem == "too many signers");
}

TEST_CASE("a signature of an algorithm nobody knows is none") {
  TestApk apk;
  apk.sign(kSchemeV2, rsa(), {.algorithm = 0x0999, .attributes = {}});
  CHECK_FALSE(apk.verify()->is_verified());
}

TEST_CASE("a JAR signature covers every entry, as it was") {
  const TestApk good = TestApk().sign_v1(rsa());
  CHECK(good.verify()->is_verified());

  TestApk changed = good;
  changed.files()[0].second = "Code";
  CHECK(changed.verify()->schemes[0].problem == "an entry was changed after it was signed");
  TestApk added = good;
  added.files().emplace_back("extra.so", "more");
  CHECK(added.verify()->schemes[0].problem == "an entry is not signed");
  TestApk removed = good;
  removed.files().erase(removed.files().begin());
  CHECK(removed.verify()->schemes[0].problem == "a signed entry is missing");
  TestApk doubled = good;
  doubled.files().push_back(doubled.files().front());
  CHECK(doubled.verify()->schemes[0].problem == "two entries of one name");
  TestApk bent_manifest = good;
  bent_manifest.files()[2].second[60] ^= 1;
  CHECK_FALSE(bent_manifest.verify()->is_verified());
  TestApk bent_statement = good;
  bent_statement.files()[3].second[30] ^= 1;
  CHECK_FALSE(bent_statement.verify()->is_verified());
}

TEST_CASE("two JAR signers both count, and a signature block without its file is passed over") {
  TestApk two;
  two.sign_v1(rsa()).sign_v1(ec(), "OTHER");
  const auto signatures = two.verify();
  REQUIRE(signatures->is_verified());
  CHECK(signatures->schemes[0].signers.size() == 2);

  TestApk stray;
  stray.sign_v1(rsa());
  stray.files().emplace_back("META-INF/STRAY.RSA", "nothing");
  CHECK(stray.verify()->is_verified());
}

TEST_CASE("entries are not unpacked for a JAR signature where a newer one decides") {
  TestApk apk;
  apk.sign_v1(rsa()).sign(kSchemeV2, rsa());
  ApkEntries entries = apk.entries();
  std::size_t reads = 0;
  entries.content = [&reads, content = entries.content](std::string_view name) {
    ++reads;
    return content(name);
  };
  const Bytes bytes = apk.make();
  CHECK(verify_apk(bytes, entries)->find(ApkScheme::v1)->verified);
  CHECK(reads == 3);
  CHECK(verify_apk(bytes, entries, JarDepth::every_entry)->find(ApkScheme::v1)->verified);
  CHECK(reads == 3 + 5);
  entries.content = nullptr;
  CHECK(verify_apk(bytes, entries)->find(ApkScheme::v1) == nullptr);
}

TEST_CASE("lines of a JAR file continue after a space, and end in any of three ways") {
  const auto file = read_jar_manifest(as_bytes(
      "Main: 1\r\n\r\nName: a/lo\r\n ng/name\r\nX: y\r\n\r\nName: b\nX: z\n\nName: c\rX: w"));
  REQUIRE(file);
  CHECK(file->main.value("main") == "1");
  REQUIRE(file->entries.size() == 3);
  CHECK(file->entries.at("a/long/name").value("X") == "y");
  CHECK(as_text(file->entries.at("b").bytes) == "Name: b\nX: z\n\n");
  CHECK(file->entries.at("c").value("x") == "w");
}

TEST_CASE("a JAR file that is ambiguous is refused") {
  for (const std::string_view text :
       {"A: 1\n\nName: a\n\nName: a\n", "A: 1\n\nX: y\n", "no colon\n", ": empty\n", " space\n"}) {
    CAPTURE(text);
    CHECK_FALSE(read_jar_manifest(as_bytes(text)));
  }
}

}  // namespace
}  // namespace amanat::program
