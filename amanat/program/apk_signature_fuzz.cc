// A signature that holds has signers with certificates, and one that does not says why. The
// archive's entries are the seed's: their content is what follows the package, or noise.

#include "amanat/program/apk_signature.h"

#include "amanat/program/apk_parts.h"

using namespace amanat;
using namespace amanat::program;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView apk(data, size);
  ApkEntries entries;
  entries.names = {"META-INF/MANIFEST.MF", "META-INF/CERT.SF", "META-INF/CERT.RSA", "a"};
  entries.content = [apk](std::string_view name) -> Result<Bytes> {
    const ByteView part = apk.subspan(apk.size() / 8 * (name.size() % 8));
    return Bytes(part.begin(), part.end());
  };
  if (const auto parts = find_apk_parts(apk)) {
    ensure(parts->entries.size() + parts->directory.size() + parts->end.size() <= size,
           "the parts do not overlap");
  }
  const auto signatures = verify_apk(apk, entries);
  if (!signatures) return 0;
  for (const ApkSignature& signature : signatures->schemes) {
    ensure(signature.verified == signature.problem.empty(), "what does not hold says why");
    ensure(signature.signers.size() <= kApkSignersMax, "signers keep their limit");
    if (!signature.verified) continue;
    ensure(!signature.signers.empty(), "somebody signed what holds");
    for (const ApkSigner& signer : signature.signers) {
      ensure(!signer.certificates.empty(), "a signer has a certificate");
    }
  }
  return 0;
}
