#pragma once

// What phone.db knows of protected folders: which files they have, what became of each, and of
// which blobs it is made; and where blobs, index segments and trees lie.
//
// A file's row is trusted only as far as its blobs are still known, so rows and packs need no
// common transaction: a row that was written too early makes the file be read again.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/phone/open_file.h"
#include "amanat/phone/phone_records.h"
#include "amanat/seal/index.h"
#include "amanat/seal/snapshot.h"
#include "amanat/seal/tree.h"

namespace amanat::phone {

enum class FileState : std::uint8_t {
  kept = 0,     // sealed; `node` says of what
  refused = 1,  // stays on the phone: no consent covers it
  threat = 2,   // stays on the phone: `reason` is the signature
};

struct FileRow {
  std::string path;  // below the root
  FileState state = FileState::kept;
  seal::CompartmentId compartment;  // zeros unless kept
  FileStamp stamp;
  consent::CategorySet categories;
  crypto::Hash scanned_with;  // version of the signatures
  std::string reason;
  Bytes node;  // encoded, of what is kept; otherwise empty
};

struct RootRow {
  std::uint64_t id = 0;
  std::string path;  // absolute
  Bytes node;        // of the folder itself, without name and pages
};

struct FolderRow {
  std::string path;  // below the root
  Bytes node;        // without pages
  friend bool operator==(const FolderRow&, const FolderRow&) = default;
};

/// A row of `files` on its way into a tree.
struct TreeRow {
  std::uint64_t root = 0;
  std::string path;
  Bytes node;
};

struct FileCount {
  FileState state = FileState::kept;
  consent::CategorySet categories;
  std::string reason;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

using BlobNames = std::unordered_set<seal::BlobName, IdHash>;

class FileRecords {
 public:
  /// Borrows `records`.
  explicit FileRecords(PhoneRecords& records) : records_(records) {}

  // Protected folders.
  Result<RootRow> open_root(const std::string& path);
  Result<> set_root_node(std::uint64_t root, ByteView node);
  Result<std::vector<RootRow>> roots();
  Result<std::vector<FolderRow>> folders(std::uint64_t root);
  Result<> replace_folders(std::uint64_t root, const std::vector<FolderRow>& folders);

  // Their files. `keep` and `forget` are one transaction each.
  Result<std::vector<FileRow>> files(std::uint64_t root);
  Result<> keep_files(std::uint64_t root, const std::vector<FileRow>& files);
  Result<> forget_files(std::uint64_t root, const std::vector<std::string>& paths);
  Result<std::vector<TreeRow>> tree_rows(const seal::CompartmentId& compartment);
  Result<std::vector<FileCount>> counts();

  // Blobs and where they lie.
  Result<BlobNames> blob_names(const seal::CompartmentId& compartment);
  Result<BlobNames> names_in_pack(const seal::PackId& pack);
  /// The pack a blob was stored in last; nothing when none has it.
  Result<std::optional<seal::PackId>> pack_of(const seal::CompartmentId& compartment,
                                              const seal::BlobName& name);
  /// Packs of a compartment with what is in them: those that no index segment names, or all.
  enum class WhichPacks : std::uint8_t { unindexed, all };
  Result<std::vector<seal::IndexedPack>> packs_to_index(const seal::CompartmentId& compartment,
                                                        WhichPacks which);
  Result<std::vector<seal::BlobPlace>> segments(const seal::CompartmentId& compartment);
  Result<std::vector<seal::SnapshotTree>> trees();

  /// Remembers a tree that was committed: its root, its new segments, and the packs these name.
  struct CommittedTree {
    seal::SnapshotTree tree;
    std::vector<seal::BlobPlace> segments;  // new ones, with the packs they lie in
    std::vector<seal::PackId> indexed;
    bool replaces_segments = false;  // the earlier segments are not named any more
  };
  Result<> keep_tree(const CommittedTree& tree);
  Result<> forget_tree(const seal::CompartmentId& compartment);
  /// Compartments whose files changed since their tree was committed; `keep_tree` and `forget_tree`
  /// settle them. Written before the files are, so that a run that is cut off leaves a trace.
  Result<std::set<seal::CompartmentId>> unsaved_trees();
  Result<> mark_unsaved(const std::set<seal::CompartmentId>& compartments);

  /// Forgets what lay in packs that the custodian lost, and every index of their compartments, so
  /// that the next run seals those files again and writes their trees anew. Receipts stay.
  Result<> forget_lost_packs(const std::set<seal::PackId>& packs);

 private:
  PhoneRecords& records_;
};

}  // namespace amanat::phone
