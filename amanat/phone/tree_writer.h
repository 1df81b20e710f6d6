#pragma once

// Writes a compartment's tree (docs/format.md §9): the pages of its folders, index segments for the
// packs that none names yet, and the root, which comes last and lies with the newest blobs: what is
// in its own pack is found there, so the common small session costs one pack.

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/file_records.h"
#include "amanat/phone/sealing_session.h"

namespace amanat::phone {

/// A protected folder as trees need it.
struct TreeFolder {
  RootRow row;
  std::unordered_map<std::string, Bytes> folders;  // nodes by path below the root
};
using TreeFolders = std::map<std::uint64_t, TreeFolder>;  // by id

/// Reads all protected folders.
Result<TreeFolders> read_tree_folders(FileRecords& records);

/// Whether `a` comes before `b` in a walk: a folder's names bytewise, what is in it in its place.
bool comes_before(std::string_view a, std::string_view b);

/// Seals the tree and completes the session's pack. What is returned is to be kept once the
/// snapshot that names it is committed; nothing when the compartment has no files.
Result<std::optional<FileRecords::CommittedTree>> write_tree(FileRecords& records,
                                                             const TreeFolders& folders,
                                                             SealingSession& session);

}  // namespace amanat::phone
