#pragma once

// What a phone keeps of each of its events: enough to show anyone who has the log's key that the
// event is in the log, years later and with nobody's help.
//
//   struct {
//     Event event;                     // docs/format.md §4.1
//     uint64 index;
//     opaque entry<0..1024>;           // as it stands in the log
//     opaque proof<0..2048>;           // 32 bytes each, from the leaf up
//     opaque checkpoint<0..65535>;     // the signed note that covers it
//   } Receipt;

#include <cstdint>
#include <string>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/note/note.h"
#include "amanat/tlog/event.h"

namespace amanat::tlog {

inline constexpr std::size_t kReceiptNoteBytesMax = 65'535;
inline constexpr std::size_t kReceiptBytesMax =
    kEventBytesMax + 8 + 2 + kEntryBytesMax + 2 + 2048 + 2 + kReceiptNoteBytesMax;

struct Receipt {
  Event event;
  std::uint64_t index = 0;
  Bytes entry;
  merkle::Proof proof;
  std::string checkpoint;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

Bytes encode(const Receipt& receipt);
/// Reads a receipt; its shape may then be trusted and nothing else.
Result<Receipt> parse_receipt(ByteView bytes);

/// Checks that the entry shows the receipt's event, and that it is in the log of the checkpoint.
///
///   returns   the checkpoint, for comparing it with others
///   fails     invalid_input for a malformed entry or note, not_found when `log_key` did not sign,
///             forged when the entry shows another event, or signature or proof do not hold
Result<note::VerifiedCheckpoint> check(const Receipt& receipt, const note::VerifierKey& log_key);

/// The same for the parts alone, without the event: what a verifier has of a bundle (§15).
Result<note::VerifiedCheckpoint> check_inclusion(ByteView entry, std::uint64_t index,
                                                 const merkle::Proof& proof,
                                                 std::string_view checkpoint,
                                                 const note::VerifierKey& log_key);

}  // namespace amanat::tlog
