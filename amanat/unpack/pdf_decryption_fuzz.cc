// Whatever a document says about its encryption, looking into it comes to an end within the budget,
// says the same twice, and what is decrypted is no longer than what was sealed.

#include "amanat/unpack/pdf_decryption.h"

#include "amanat/unpack/fuzz_unpack.h"

using namespace amanat;
using namespace amanat::unpack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView document(data, size);
  fuzz_unpack(Kind::pdf, document);
  ensure(find_pdf_encryptions(document).size() <= kPdfEncryptionsMax, "few encryptions are tried");
  ensure(find_pdf_identifiers(document).size() <= kPdfIdentifiersMax, "few identifiers are tried");
  if (const auto decryption = PdfDecryption::open(document)) {
    const auto plain = decryption->decrypt_string({.number = 1}, as_text(document));
    ensure(plain.size() <= size, "what is decrypted is no longer than what was sealed");
  }
  return 0;
}
