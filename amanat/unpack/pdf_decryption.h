#pragma once

// Documents that open without a password are encrypted all the same, under the empty one: readers
// show them to everybody, so a scanner looks into them too. (Only permissions are kept that way.)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/unpack/pdf_encryption.h"
#include "amanat/unpack/pdf_tokens.h"
#include "amanat/unpack/walk.h"

namespace amanat::unpack {

class PdfDecryption {
 public:
  /// The key of `document` when the empty user password opens it (ISO 32000-1 §7.6.3.4 algorithm 6,
  /// ISO 32000-2 §7.6.4.4.10 algorithm 11); nothing when it does not, or in a way we do not know.
  static std::optional<PdfDecryption> open(ByteView document);

  /// How a stream of this /Type is encrypted.
  PdfCipher cipher_of_stream(std::string_view type) const;

  /// Decrypts a stream of object `id` into `plain`, which has begun; false when it does not fit.
  bool decrypt_stream(PdfObjectId id, PdfCipher cipher, ByteView sealed, Output& plain) const;

  /// A string of object `id`.
  std::string decrypt_string(PdfObjectId id, std::string_view sealed) const;

 private:
  PdfDecryption(PdfEncryption said, Bytes key) : said_(std::move(said)), key_(std::move(key)) {}
  Bytes key_of_object(PdfObjectId id, PdfCipher cipher) const;
  std::size_t decrypt(PdfObjectId id, PdfCipher cipher, ByteView sealed, ByteSpan plain) const;

  PdfEncryption said_;
  Bytes key_;  // no secret: it is made of what stands in the document
};

}  // namespace amanat::unpack
