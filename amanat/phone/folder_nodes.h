#pragma once

// Modes, times and attributes of the folders on the way to what was collected.

#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/collect.h"
#include "amanat/phone/file_records.h"

namespace amanat::phone {

struct FolderNodes {
  Bytes root;                      // the folder's own node, without a name
  std::vector<FolderRow> folders;  // ascending by path
};

/// Looks at each folder once. One that is gone meanwhile gets a plain node.
Result<FolderNodes> read_folders(const OpenFile& folder, const Collection& collection);

}  // namespace amanat::phone
