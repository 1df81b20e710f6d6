#include "amanat/signature/cvd.h"

#include <array>
#include <map>

#include <doctest/doctest.h>
#include <openssl/bn.h>
#include <zlib.h>

#include "amanat/crypto/crypto.h"

namespace amanat::signature {
namespace {

// A key made for these tests.
const RsaKey kTestKey{.modulus =
                          "182050217578825262477780189730505629111973139761857424507835"
                          "3086790778322009559094421460069216959",
                      .exponent = "65537"};
constexpr const char* kTestPrivateExponent =
    "124002040263038584570671646086482006859613362817298138716449"
    "967141190590863617487625310196186113";

std::string sign(ByteView md5) {
  constexpr std::string_view kDigits =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
  BN_CTX* const context = BN_CTX_new();
  BIGNUM* modulus = nullptr;
  BIGNUM* exponent = nullptr;
  BN_dec2bn(&modulus, kTestKey.modulus.c_str());
  BN_dec2bn(&exponent, kTestPrivateExponent);
  BIGNUM* const value = BN_bin2bn(md5.data(), static_cast<int>(md5.size()), nullptr);
  BN_mod_exp(value, value, exponent, modulus, context);
  std::string text;
  while (!BN_is_zero(value)) text += kDigits[BN_div_word(value, 64)];
  BN_free(value);
  BN_free(exponent);
  BN_free(modulus);
  BN_CTX_free(context);
  return text;
}

void add_member(Bytes& tar, std::string_view name, std::string_view content, char type = '0') {
  std::array<char, 512> header{};
  name.copy(header.data(), 100);
  const auto put_octal = [&](std::size_t place, std::size_t digits, std::uint64_t value) {
    for (std::size_t i = digits; i > 0; --i, value /= 8) {
      header.at(place + i - 1) = static_cast<char>('0' + value % 8);
    }
  };
  put_octal(124, 11, content.size());
  header[156] = type;
  std::uint64_t sum = 8 * std::uint64_t{' '};
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_octal(148, 6, sum);
  append(tar, as_bytes({header.data(), header.size()}));
  append(tar, as_bytes(content));
  tar.resize((tar.size() + 511) / 512 * 512);
}

Bytes gzip(ByteView plain) {
  Bytes packed(plain.size() + 1024);
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

Bytes container(ByteView packed) {
  crypto::Digest digest(crypto::DigestKind::md5);
  digest.update(packed);
  const Bytes md5 = digest.finish();
  const CvdHeader header{.time = "24 Nov 2026 10-00 +0000",
                         .version = 7,
                         .signature_count = 2,
                         .level = 81,
                         .md5 = to_hex(md5),
                         .signature = sign(md5),
                         .builder = "tester",
                         .made_at = 1795514400};
  Bytes file;
  append(file, as_bytes(print(header)));
  append(file, packed);
  return file;
}

std::map<std::string, std::string> members_of(ByteView file) {
  std::map<std::string, std::string> members;
  const auto done = read_members_unverified(file, [&](std::string_view name, ByteView content) {
    members.emplace(name, as_text(content));
    return true;
  });
  REQUIRE(done.has_value());
  return members;
}

Bytes two_members() {
  Bytes tar;
  add_member(tar, "COPYING", "as you like");
  add_member(tar, "folder", "", '5');
  add_member(tar, "daily.ndb", std::string(1500, 'x'));
  tar.resize(tar.size() + 1024);
  return tar;
}

}  // namespace

TEST_CASE("a set that is signed verifies, and its members are read") {
  const Bytes tar = two_members();
  for (const Bytes& packed : {tar, gzip(tar)}) {
    const Bytes file = container(packed);
    CHECK(verify_cvd(file, kTestKey).has_value());
    const auto members = members_of(file);
    CHECK(members.size() == 2);
    CHECK(members.at("COPYING") == "as you like");
    CHECK(members.at("daily.ndb") == std::string(1500, 'x'));
    const auto header = parse_cvd_header(file);
    REQUIRE(header.has_value());
    CHECK(header->version == 7);
    CHECK(header->made_at == 1795514400);
  }
}

TEST_CASE("a header is visible text, and spaces behind the builder are filling") {
  const CvdHeader header{.time = "24 Nov 2026 10-00 +0000",
                         .md5 = std::string(32, '0'),
                         .signature = "abc",
                         .builder = "tester"};
  std::string text = print(header);
  CHECK(parse_cvd_header(as_bytes(text)).value() == header);
  text[text.find("tester") + 9] = ':';  // an empty time follows
  CHECK(parse_cvd_header(as_bytes(text)).value() == header);
  text[text.find("tester") + 7] = '\0';
  CHECK_FALSE(parse_cvd_header(as_bytes(text)).has_value());
}

TEST_CASE("a set is forged when a byte changed or another key signed it") {
  Bytes file = container(gzip(two_members()));
  const auto by_another = verify_cvd(file, clamav_key());
  REQUIRE_FALSE(by_another.has_value());
  CHECK(by_another.error().code == Code::forged);

  file.back() ^= 1;
  const auto changed = verify_cvd(file, kTestKey);
  REQUIRE_FALSE(changed.has_value());
  CHECK(changed.error().code == Code::forged);

  // With the MD5 of the changed bytes but the old signature.
  auto header = *parse_cvd_header(file);
  crypto::Digest digest(crypto::DigestKind::md5);
  digest.update(ByteView(file).subspan(kCvdHeaderSize));
  header.md5 = to_hex(digest.finish());
  const std::string text = print(header);
  std::copy(text.begin(), text.end(), file.begin());
  CHECK_FALSE(verify_cvd(file, kTestKey).has_value());

  header.signature = "not base64!";
  const std::string bad = print(header);
  std::copy(bad.begin(), bad.end(), file.begin());
  CHECK_FALSE(verify_cvd(file, kTestKey).has_value());
}

TEST_CASE("damaged containers are refused") {
  const Bytes file = container(gzip(two_members()));
  const auto any = [](std::string_view, ByteView) { return true; };
  CHECK_FALSE(read_members_unverified(ByteView(file).first(100), any).has_value());
  CHECK_FALSE(read_members_unverified(ByteView(file).first(file.size() - 20), any).has_value());
  CHECK_FALSE(parse_cvd_header(Bytes(512, ' ')).has_value());

  Bytes tar;
  add_member(tar, "../evil", "x");
  CHECK_FALSE(read_members_unverified(container(tar), any).has_value());
  tar.clear();
  add_member(tar, "a.ndb", "x");
  tar[0] = 'b';  // the checksum no longer fits
  CHECK_FALSE(read_members_unverified(container(tar), any).has_value());
  tar.clear();
  for (std::size_t i = 0; i <= kCvdMembersMax; ++i) add_member(tar, "a.ndb", "x");
  CHECK_FALSE(read_members_unverified(container(tar), any).has_value());
}

TEST_CASE("whoever has seen enough members stops the reading") {
  std::size_t seen = 0;
  const auto done = read_members_unverified(container(two_members()),
                                            [&](std::string_view, ByteView) { return ++seen < 1; });
  CHECK(done.has_value());
  CHECK(seen == 1);
}

}  // namespace amanat::signature
