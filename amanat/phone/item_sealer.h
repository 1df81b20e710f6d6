#pragma once

// From an open file to the node that a tree shows of it.

#include <string>

#include "amanat/error/error.h"
#include "amanat/phone/file_sealer.h"

namespace amanat::phone {

/// The last name of a path.
std::string name_of_path(std::string_view path);

/// Whether a tree can show this: nodes lie in pages, which have room for so many bytes of one.
bool fits_page(const seal::Node& node, std::size_t bytes_max = seal::kPageNodesBytesMax);

/// Seals a file's content and makes its node. Names of one file share a number made of device and
/// inode, so that it stays the same between runs.
Result<seal::Node> seal_member(SealingSession& session, const OpenMember& member);

/// The node of a symbolic link or an empty folder.
seal::Node placeholder_node(const Item& item);

}  // namespace amanat::phone
