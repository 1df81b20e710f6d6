#pragma once

// How a PDF document is encrypted, by its own words (ISO 32000-1 §7.6, ISO 32000-2 §7.6): the
// dictionary that /Encrypt names, and the identifiers in /ID. Neither is believed before a key made
// from them holds.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

enum class PdfCipher : std::uint8_t { none, rc4, aes };

/// What an encryption dictionary says. Ciphers that it names and we do not know are absent.
struct PdfEncryption {
  std::string handler;          // "Standard" works with passwords
  std::uint32_t version = 0;    // V: 1, 2 and 4 with keys of 5 to 16 bytes, 5 with 32
  std::uint32_t revision = 0;   // R: how the key is made, 2 to 6
  std::uint32_t key_bits = 40;  // Length
  std::uint32_t permissions = 0;
  std::string owner;     // O
  std::string user;      // U
  std::string user_key;  // UE
  std::optional<PdfCipher> streams;
  std::optional<PdfCipher> strings;
  std::optional<PdfCipher> files;
  bool covers_metadata = true;
};

/// The dictionaries that /Encrypt names anywhere in `document`, at most kPdfEncryptionsMax.
std::vector<PdfEncryption> find_pdf_encryptions(ByteView document);
inline constexpr std::size_t kPdfEncryptionsMax = 4;

/// The first strings of all /ID arrays, at most kPdfIdentifiersMax.
std::vector<std::string> find_pdf_identifiers(ByteView document);
inline constexpr std::size_t kPdfIdentifiersMax = 8;

}  // namespace amanat::unpack
