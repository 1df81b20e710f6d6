#pragma once

// The file that compiled rules are kept in.
//
//   file    = magic[8] version[4] engine[4] machine[4] count[4] size[8] sha256[32] body[size]
//   magic     "AMYARAC1"
//   version   1
//   engine    libyara's version, 0x00040203 for 4.2.3: its own format changes with it
//   machine   0x01020304 as this machine keeps it, read as a big-endian number, with the size of a
//             pointer in the low byte: compiled rules hold numbers in the machine's order
//   count     rules
//   sha256    of everything before it and the body: magic[8] ... size[8] body
//
// The digest finds damage. It is no signature: who can write the file can also write its digest.

#include <cstdint>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::yara {

inline constexpr std::size_t kRulesHeaderBytes = 8 + 4 + 4 + 4 + 4 + 8 + 32;

struct RulesFile {
  std::uint32_t engine = 0;
  std::uint32_t machine = 0;
  std::uint32_t count = 0;
  ByteView body;  // as libyara wrote it
};

/// The machine this runs on, as in the header.
std::uint32_t this_machine();

/// The version of libyara that this is linked to, as in the header.
std::uint32_t this_engine();

Bytes encode_rules_file(const RulesFile& file);

/// Borrows `bytes`. What parses, encodes to the same bytes.
///
///   fails   corrupt when it is no such file, is cut, or its digest does not hold
Result<RulesFile> parse_rules_file(ByteView bytes);

}  // namespace amanat::yara
