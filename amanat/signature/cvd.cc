#include "amanat/signature/cvd.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <openssl/bn.h>

#include "amanat/crypto/crypto.h"
#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

constexpr std::string_view kMagic = "ClamAV-VDB";
constexpr std::size_t kMd5Size = 16;
constexpr std::size_t kSignatureDigitsMax = 350;

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, Free>;

// Memory running out ends the process, here as everywhere.
Number made(BIGNUM* number) {
  ensure(number != nullptr, "a number has its memory");
  return Number(number);
}

Number from_decimal(const std::string& digits) {
  BIGNUM* number = nullptr;
  const int read = BN_dec2bn(&number, digits.c_str());
  ensure(static_cast<std::size_t>(read) == digits.size() && !digits.empty(),
         "the numbers of a key are decimal");
  return made(number);
}

// Digits of 6 bits, lowest first.
Result<Number> decode_signature(std::string_view text) {
  constexpr std::string_view kDigits =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
  if (text.empty() || text.size() > kSignatureDigitsMax) {
    return fail(Code::forged, "the signature of a set has no fitting length");
  }
  Number value = made(BN_new());
  for (std::size_t i = text.size(); i > 0; --i) {
    const std::size_t digit = kDigits.find(text[i - 1]);
    if (digit == std::string_view::npos) {
      return fail(Code::forged, "the signature of a set has a digit that is none");
    }
    ensure(BN_lshift(value.get(), value.get(), 6) == 1
               && BN_add_word(value.get(), static_cast<BN_ULONG>(digit)) == 1,
           "a number has its memory");
  }
  return value;
}

// What the signature says the MD5 is: signature^exponent mod modulus, which must be 16 bytes long.
Result<Bytes> open_signature(std::string_view text, const RsaKey& key) {
  auto signature = decode_signature(text);
  if (!signature) return carry(signature);
  const Number modulus = from_decimal(key.modulus);
  const Number exponent = from_decimal(key.exponent);
  const Number plain = made(BN_new());
  const std::unique_ptr<BN_CTX, Free> context(BN_CTX_new());
  ensure(
      context != nullptr
          && BN_mod_exp(plain.get(), signature->get(), exponent.get(), modulus.get(), context.get())
                 == 1,
      "a number has its memory");
  Bytes digest(kMd5Size);
  if (BN_bn2binpad(plain.get(), digest.data(), static_cast<int>(digest.size())) < 0) {
    return fail(Code::forged, "the signature of a set is by another key");
  }
  return digest;
}

// The header's text without what fills it up; nothing when it holds what is no visible text.
std::optional<std::string_view> text_of_header(ByteView header) {
  std::string_view text = as_text(header);
  while (text.ends_with(' ') || text.ends_with('\0') || text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (std::ranges::any_of(text, [](char c) { return c < ' ' || c > '~'; })) return std::nullopt;
  return text;
}

std::string_view without_spaces_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

Result<std::uint32_t> read_number(std::string_view text, std::string_view what) {
  const auto number = parse_number<std::uint32_t>(text);
  if (!number) return fail(Code::invalid_input, "header of a set: " + std::string(what));
  return *number;
}

}  // namespace

Result<CvdHeader> parse_cvd_header(ByteView file) {
  if (file.size() < kCvdHeaderSize) return fail(Code::invalid_input, "a set ends in its header");
  const auto text = text_of_header(file.first(kCvdHeaderSize));
  if (!text) return fail(Code::invalid_input, "not a set: its header is no text");
  const auto fields = split(*text, ':');
  if (fields.size() < 8 || fields.size() > 9 || fields[0] != kMagic) {
    return fail(Code::invalid_input, "not a set: its header has other fields");
  }
  CvdHeader header;
  header.time = fields[1];
  const auto version = read_number(fields[2], "the version is no number");
  if (!version) return carry(version);
  header.version = *version;
  const auto count = read_number(fields[3], "the number of signatures is none");
  if (!count) return carry(count);
  header.signature_count = *count;
  const auto level = read_number(fields[4], "the level is no number");
  if (!level) return carry(level);
  header.level = *level;
  header.md5 = fields[5];
  header.signature = fields[6];
  header.builder = without_spaces_behind(fields[7]);  // it may be the last one printed
  if (fields.size() == 9 && !fields[8].empty()) {
    const auto made_at = parse_number<std::uint64_t>(fields[8]);
    if (!made_at) return fail(Code::invalid_input, "header of a set: the time is no number");
    header.made_at = *made_at;
  }
  return header;
}

std::string print(const CvdHeader& header) {
  std::string text(kMagic);
  for (const std::string& field :
       {header.time, std::to_string(header.version), std::to_string(header.signature_count),
        std::to_string(header.level), header.md5, header.signature, header.builder}) {
    (text += ':') += field;
  }
  if (header.made_at != 0) text += ':' + std::to_string(header.made_at);
  text.resize(kCvdHeaderSize, ' ');
  return text;
}

const RsaKey& clamav_key() {
  // The modulus and exponent that ClamAV publishes in its source, libclamav/dsig.c.
  static const RsaKey kKey{
      .modulus =
          "118640995551645342603070001658453189751527774412027743746599405743243142607464144"
          "767361060640655844749760788890022283424922762488917565551002467771109669598189410"
          "434699034532232228621591089508178591428456220796841621637175567590476666928698770"
          "143328137383952820383197532047771780196576957695822641224262693037",
      .exponent = "100001027"};
  return kKey;
}

Result<> verify_cvd(ByteView file, const RsaKey& key) {
  const auto header = parse_cvd_header(file);
  if (!header) return carry(header);
  crypto::Digest digest(crypto::DigestKind::md5);
  digest.update(file.subspan(kCvdHeaderSize));
  const Bytes md5 = digest.finish();
  if (to_hex(md5) != header->md5) return fail(Code::forged, "a set has another MD5");
  const auto opened = open_signature(header->signature, key);
  if (!opened) return carry(opened);
  if (*opened != md5) return fail(Code::forged, "a set is signed for another MD5");
  return {};
}

}  // namespace amanat::signature
