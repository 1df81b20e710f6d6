#pragma once

// From an open file to the node that a tree shows of it.

#include <string>

#include "amanat/error/error.h"
#include "amanat/phone/file_sealer.h"

namespace amanat::phone {

/// The last name of a path.
std::string name_of_path(std::string_view path);

/// Seals a file's content and makes its node. Names of one file share a number made of device and
/// inode, so that it stays the same between runs.
Result<seal::Node> seal_member(SealingSession& session, const OpenMember& member);

/// Whether a tree can show this node: a page must hold it. Files of some 40 GB and more, or in very
/// many pieces, are too large for it.
bool fits_a_tree(const seal::Node& node);

/// The node of a symbolic link or an empty folder.
seal::Node placeholder_node(const Item& item);

}  // namespace amanat::phone
