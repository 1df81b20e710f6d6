#pragma once

// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), so that software nobody here
// wrote can read what the ledger signs.
//
//   example.com/log                        origin: a schemeless URL, fixed for life
//   20852163                               tree size, decimal, canonical
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root hash, base64
//   <empty line>
//   — example.com/log Az3grl...=           em dash, name, base64(key id[4] || signature)
//
// A note's shape may be trusted once parsed; its signature only in what `verify` returns.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"

namespace amanat::note {

inline constexpr std::size_t kNoteBytesMax = 64 * 1024;
inline constexpr std::size_t kSignaturesMax = 64;  // more is refused, 16 must be accepted
inline constexpr std::uint8_t kTypeEd25519 = 0x01;
inline constexpr std::uint8_t kTypeCosignature = 0x04;

/// The public half of a key that signs notes: `name+hash+base64(type || key)`, called vkey.
struct VerifierKey {
  std::string name;
  std::uint8_t type = kTypeEd25519;
  Bytes public_key;      // 32 bytes for both known types
  std::uint32_t id = 0;  // first 4 bytes of SHA-256(name || LF || type || key)

  static Result<VerifierKey> parse(std::string_view vkey);
  static VerifierKey ed25519(std::string name, ByteView public_key);
  static VerifierKey cosigner(std::string name, ByteView public_key);
  std::string to_text() const;
};

struct SignatureLine {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;  // what follows the key id
};

/// A note whose form holds and whose signatures nobody has checked yet.
struct SignedNote {
  std::string text;  // up to and including the newline before the empty line
  std::vector<SignatureLine> signatures;
};

Result<SignedNote> parse(std::string_view note);
std::string to_text(const SignedNote& note);

/// Signs `text` (which ends in a newline) as `name`: the private half is a 32-byte Ed25519 seed.
SignatureLine sign(std::string_view text, std::string_view name, ByteView seed);

/// Cosigns a checkpoint's text as a witness (C2SP tlog-cosignature, Ed25519).
///
///   seconds   POSIX time; it says that no larger consistent tree was seen until then
SignatureLine cosign(std::string_view text, std::string_view name, ByteView seed,
                     std::uint64_t seconds);

/// Checks that `key` signed `note`, whichever of the two types it has.
///
///   fails   not_found when no line is by this key (unknown keys are no error, just no help)
///           forged when a line by this key does not hold
Result<> verify(const SignedNote& note, const VerifierKey& key);

/// Like `verify`, for a cosigner's key: the POSIX seconds at which it cosigned.
Result<std::uint64_t> verify_cosignature(const SignedNote& note, const VerifierKey& key);

/// A tree head as the log states it.
struct Checkpoint {
  std::string origin;
  merkle::Root root;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The three lines of a checkpoint; extension lines are refused.
Result<Checkpoint> parse_checkpoint(std::string_view body);
std::string to_text(const Checkpoint& checkpoint);

/// A checkpoint that the log's key signed: only `open_checkpoint` makes one.
class VerifiedCheckpoint {
 public:
  const Checkpoint& checkpoint() const { return checkpoint_; }
  const merkle::Root& root() const { return checkpoint_.root; }
  const std::string& body() const { return body_; }  // the signed text
  const std::string& note() const { return note_; }  // body and signatures, as received

 private:
  friend Result<VerifiedCheckpoint> open_checkpoint(std::string_view, const VerifierKey&);
  Checkpoint checkpoint_;
  std::string body_;
  std::string note_;
};

/// Parses a note, checks the log's signature and that the origin is the key's name.
///
///   fails   invalid_input for a bad form, not_found without a line of this key,
///           forged when the signature or the origin does not hold
Result<VerifiedCheckpoint> open_checkpoint(std::string_view note, const VerifierKey& log_key);

}  // namespace amanat::note
