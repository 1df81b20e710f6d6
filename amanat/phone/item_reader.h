#pragma once

// Opens an item for one read: what is recognised, scanned and sealed are the same bytes. Files of
// up to 32 MiB are in memory whole; larger ones are looked into first and read again in pieces
// while they are sealed, and their stamps are compared before and after.

#include <functional>
#include <memory>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/collect.h"
#include "amanat/phone/open_file.h"
#include "amanat/scan/examiner.h"
#include "amanat/seal/tree.h"

namespace amanat::phone {

inline constexpr std::size_t kWholeBytesMax = scan::kBufferBytesMax;
inline constexpr std::size_t kAttributesBytesMax = std::size_t{128} << 10;  // of one file

/// One file of an item: the file itself, or a companion of a database.
struct OpenMember {
  const FileFacts* facts = nullptr;
  OpenFile file;
  FileStamp stamp;                // before reading
  ByteView whole;                 // all of it, unless it is large
  Bytes own;                      // memory of a companion
  std::vector<seal::Hole> holes;  // of a sparse file
  std::vector<seal::Attribute> attributes;

  bool is_whole() const { return stamp.size == whole.size(); }
};

/// An item of kind `file`, open. Borrows folder, item, and the examiner, whose buffer holds it.
class OpenItem {
 public:
  static Result<OpenItem> open(const OpenFile& folder, const Item& item, scan::Examiner& examiner);

  const std::vector<OpenMember>& members() const { return members_; }
  Classification classify() const;
  using OnVerdict = std::function<void(const OpenMember&, const scan::Verdict&)>;
  /// The first verdict that is not clean, or clean. Tells those of all members up to a threat.
  scan::Verdict scan(
      scan::Examiner& examiner,
      const OnVerdict& on_verdict = [](const OpenMember&, const scan::Verdict&) {}) const;
  /// Whether nothing changed since it was opened.
  Result<bool> is_unchanged() const;

 private:
  std::vector<OpenMember> members_;
};

/// The extended attributes of a file that belong to its user: `user.*`, ascending by name.
std::vector<seal::Attribute> read_attributes(int descriptor);

}  // namespace amanat::phone
