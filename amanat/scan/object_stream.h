#pragma once

// Looks at one object, a file or an entry of an archive, as its bytes come by once: all patterns,
// and the digests that some signature asks for at this size.

#include <array>
#include <cstdint>
#include <optional>

#include "amanat/scan/patterns.h"
#include "amanat/scan/tables.h"
#include "amanat/unpack/file_type.h"
#include "amanat/unpack/text.h"

namespace amanat::scan {
using unpack::kHeadBytes;
using unpack::Target;
using unpack::TextNormaliser;

/// What was seen.
struct Finding {
  std::optional<std::uint32_t> signature;  // index into Tables::names
  bool by_digest = false;                  // the whole object is known, not some bytes in it
  bool allowed = false;                    // an allow-list has this very object: it wins
  bool size_held = false;                  // there were as many bytes as promised
};

class ObjectStream {
 public:
  /// Borrows `tables`. `size` decides which digests are computed and where the end is.
  ObjectStream(const Database::Tables& tables, std::uint64_t size);

  void update(ByteView piece);
  /// The next `count` bytes are zeros. Of many only both ends are searched; digests take all.
  void update_zeros(std::uint64_t count);
  Finding finish();

  std::uint64_t received() const { return received_; }
  /// Whether the object begins as a ZIP archive does; known once four bytes came.
  bool starts_as_zip() const { return starts_as_zip_; }

 private:
  void look(ByteView piece);
  void begin(ByteView head);

  const Database::Tables* tables_;
  std::uint64_t size_;
  std::uint64_t received_ = 0;
  Bytes pending_;  // the head, until there is enough of it to tell the kind
  bool begun_ = false;
  bool starts_as_zip_ = false;
  Target target_ = Target::any;
  PatternStream raw_;
  PatternStream text_;
  TextNormaliser normaliser_;
  std::array<std::optional<crypto::Digest>, kDigestKinds.size()> digests_;
  std::optional<std::uint32_t> found_;
};

}  // namespace amanat::scan
