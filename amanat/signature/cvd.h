#pragma once

// The containers of ClamAV's sets: .cvd and .cld
//
//   file     header[512] || tar.gz (a .cld may hold a plain tar)
//   header   "ClamAV-VDB:" time ":" version ":" signatures ":" level ":" md5 ":" dsig ":" builder
//            ":" seconds, filled up with spaces
//
// `dsig` signs the MD5 of everything after the header: RSA with a 1024-bit key and no padding, its
// number written in a base64 of its own, lowest digit first. It is as strong as MD5 and RSA-1024
// are today, and it does not cover the header. A .cld made by patches carries no signature that
// holds.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::signature {

inline constexpr std::size_t kCvdHeaderSize = 512;
inline constexpr std::uint64_t kCvdMemberBytesMax = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kCvdBytesMax = std::uint64_t{2} << 30;  // of all members together
inline constexpr std::size_t kCvdMembersMax = 256;

struct CvdHeader {
  std::string time;  // as written: "16 Sep 2021 08-32 -0400"
  std::uint32_t version = 0;
  std::uint32_t signature_count = 0;
  std::uint32_t level = 0;  // of the engine it is for
  std::string md5;          // 32 hex digits
  std::string signature;    // in the base64 of its own
  std::string builder;
  std::uint64_t made_at = 0;  // seconds since 1970; 0 when not given

  friend bool operator==(const CvdHeader&, const CvdHeader&) = default;
};

/// Reads the first 512 bytes; `invalid_input` when they are not such a header.
Result<CvdHeader> parse_cvd_header(ByteView file);

/// The header's 512 bytes.
std::string print(const CvdHeader& header);

/// A public RSA key, its numbers in decimal.
struct RsaKey {
  std::string modulus;
  std::string exponent;
};

/// The key with which ClamAV's sets are signed.
const RsaKey& clamav_key();

/// Checks MD5 and signature; `forged` when one does not hold.
Result<> verify_cvd(ByteView file, const RsaKey& key = clamav_key());

/// Called for each member that is a plain file; `name` is a plain file name, `content` lives for
/// the call. Returns whether to go on.
using OnMember = std::function<bool(std::string_view name, ByteView content)>;

/// Walks the members of a container that may have been verified or not; `invalid_input` when it is
/// damaged, or larger than the limits above.
Result<> read_members_unverified(ByteView file, const OnMember& on_member);

}  // namespace amanat::signature
