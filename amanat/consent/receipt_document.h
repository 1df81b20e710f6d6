#pragma once

// A consent receipt for people and courts: the fields of ISO/IEC TS 27560 with the terms of the W3C
// Data Privacy Vocabulary 2.3, as JSON-LD. It repeats what was signed and logged; the signed bytes
// stand in it whole, so that anyone can check the sentences against the proof.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/consent/decision.h"
#include "amanat/consent/notice.h"
#include "amanat/error/error.h"

namespace amanat::consent {

/// Where the log holds the decision. Goes into the document as it is.
struct LogFacts {
  std::string origin;
  std::uint64_t index = 0;
  Bytes entry;
  std::vector<Bytes> proof;  // hashes of 32 bytes, from the leaf up
  std::string checkpoint;    // the signed note
};

struct ReceiptFacts {
  Bytes statement;                 // the decision, signed
  Bytes salt;                      // 32 bytes, opens the commitment
  std::string notice_json;         // the bytes the person saw
  std::optional<LogFacts> logged;  // none: not logged yet
};

/// Makes the document: pretty JSON with a line feed at the end, the same for the same facts.
///
///   fails   forged when the signature of the decision does not hold
///           invalid_input when decision or notice are malformed, or the decision names another
///           notice, purpose or language than this one
Result<std::string> make_receipt_document(const ReceiptFacts& facts);

}  // namespace amanat::consent
