#pragma once

// Digests of a PE image's sections, for signatures of sections (.mdb and .msb).

#include <functional>
#include <vector>

#include "amanat/crypto/crypto.h"
#include "amanat/program/executable.h"

namespace amanat::program {

// Sections may overlap, and a hostile header lists the whole file thousands of times: what is
// digested adds up to at most this many times the file.
inline constexpr std::uint64_t kDigestedTimesMax = 4;

struct SectionDigest {
  std::uint32_t section = 0;  // index into Executable::sections
  std::uint32_t size = 0;
  Bytes digest;
};

/// Digests the bytes that each section takes of the file, where they are not empty and `is_wanted`
/// says so of their size. Sections that take the same bytes are digested once.
///
///   fails   invalid_input when sections overlap so much that kDigestedTimesMax is reached
Result<std::vector<SectionDigest>> digest_sections(
    ByteView file, const Executable& image, crypto::DigestKind kind,
    const std::function<bool(std::uint32_t size)>& is_wanted);

}  // namespace amanat::program
