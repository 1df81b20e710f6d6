#pragma once

// The threat database, and what it says about one object.
//
// A database is one file (image.h) that is mapped and shared: opening it takes microseconds, and
// only the pages that a scan looks at are in memory. An object is what a file or a member of an
// archive holds, whole and in memory. Whoever walks objects asks four questions about each:
//
//   is_allowed       is it a known false alarm? Then its hits, and those of what lies in it, are
//   none match_digests    is it a known object, or has it a known section or import table?
//   match_bytes      do its bytes fit a signature? Asked once for each form: raw, normalised
//   match_member     (archives) does what the archive says of a member fit?
//
//   auto database = Database::of_file(file);
//   Examiner examiner(*database);
//   const Findings findings = examiner.match_bytes(bytes, {.target = Target::elf, ...});

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/program/executable.h"
#include "amanat/signature/object_type.h"
#include "amanat/threat/image.h"
#include "amanat/threat/labels.h"
#include "amanat/threat/members.h"
#include "amanat/threat/report.h"
#include "amanat/threat/windows.h"

namespace amanat::threat {

class Database {
 public:
  /// Maps a file. Header and table are checked; whoever fetched it has checked its digest, or calls
  /// verify(). A file that was tampered with gives wrong answers, and never a wrong access.
  ///
  ///   file    a descriptor that is open for reading as long as the database and its copies live
  ///   fails   invalid_input, stale (see Image::open)
  static Result<Database> of_file(int file);
  /// The same of an image in memory, which is copied.
  static Result<Database> from_image(ByteView image);
  /// The same without a copy: `image` outlives the database and its copies.
  static Result<Database> borrow_image(ByteView image);

  /// Reads all of it once: corrupt when it is not what was written.
  Result<> verify() const;

  Version version() const;
  std::uint64_t size() const;
  const std::vector<Source>& sources() const;
  /// What was applied and what was left out, by source.
  Report report() const;
  std::size_t hash_count() const;  // without those of allowed files
  std::size_t allowed_count() const;
  std::size_t signature_count() const;

  struct Tables;
  const Tables& tables() const { return *tables_; }

 private:
  explicit Database(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}
  static Result<Database> from_mapping(Mapping mapping);
  std::shared_ptr<const Tables> tables_;
};

/// What is known about an object besides its bytes.
struct ObjectFacts {
  signature::Target target = signature::Target::any;
  const program::Executable* executable = nullptr;  // when it is one and its header makes sense
  std::vector<signature::ObjectType> around{};      // what it lies in, outermost first
  // Of the object itself, when what is compared is a normal form of it. FileSize asks for either:
  // ClamAV takes the one or the other, depending on what else a database holds.
  std::optional<std::uint64_t> size{};
  const ReadWindow* read = nullptr;  // when its view is dear to read through
};

/// One signature that fits. The name lives as long as the database.
struct Hit {
  std::string_view name{};
  std::uint16_t source = 0;  // in Database::sources()
  Class kind = Class::malware;
  std::uint64_t position = 0;  // of some matching bytes; 0 for digests

  friend bool operator==(const Hit&, const Hit&) = default;
};

struct Findings {
  std::vector<Hit> hits;
  bool complete = true;  // false: the limit of work was reached, so more may be there
};

struct Limits {
  // Steps for each object, and for each byte of it; a step is about the cost of a byte looked at.
  std::uint64_t steps = std::uint64_t{1} << 28U;
  std::uint64_t steps_per_byte = 64;
};

/// A digest that someone has computed already.
struct KnownDigest {
  crypto::DigestKind kind = crypto::DigestKind::sha256;
  ByteView digest{};
};

/// Examines object after object. Keeps its memory between them: one for each thread. Borrows the
/// database.
class Examiner {
 public:
  explicit Examiner(const Database& database, Limits limits = {});
  Examiner(Examiner&&) noexcept;
  Examiner& operator=(Examiner&&) noexcept;
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;
  ~Examiner();

  bool is_allowed(ByteView object, std::optional<KnownDigest> known = {});
  Findings match_digests(ByteView object, const ObjectFacts& facts,
                         std::optional<KnownDigest> known = {});
  /// All signatures that fit, each once, in the order of the database. `object` may be a
  /// normalised form: then `target` says which, and offsets count in it.
  Findings match_bytes(ByteView object, const ObjectFacts& facts);
  Findings match_member(const Member& member);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amanat::threat
