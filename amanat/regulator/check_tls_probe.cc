#include <fmt/format.h>

#include "amanat/regulator/checks.h"

namespace amanat::regulator {

// Nobody signs a handshake so that others could judge it: what is wrong here is for the operator to
// answer, and cannot refute anything. Anyone can look again.
Finding check_tls_probe(const Case& judged) {
  Finding finding;
  finding.check = "tls-probe";
  finding.verdict = Verdict::unanswered;
  const auto& tls = judged.evidence.tls;
  if (!tls) {
    finding.reason = "no handshake was completed";
  } else if (tls->version != "TLSv1.3") {
    finding.reason = fmt::format("this verifier was answered in {}", tls->version);
  } else if (!tls->chain_verified) {
    finding.reason = "the certificate is not by the policy's authority";
  } else if (tls->tls12_accepted) {
    finding.reason = "TLS 1.2 was accepted too; one observer's word refutes nothing";
  } else {
    finding.verdict = Verdict::consistent_with;
    finding.reason = fmt::format(
        "TLS 1.3 with {}, certified by the policy's authority; TLS 1.2 was refused", tls->cipher);
  }
  return finding;
}

}  // namespace amanat::regulator
