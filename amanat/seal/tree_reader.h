#pragma once

// Walks a tree that somebody else may have written: names cannot leave their folder, depth and the
// number of nodes are bounded, and no recursion follows the data.

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "amanat/seal/pack.h"
#include "amanat/seal/tree.h"

namespace amanat::seal {

inline constexpr std::uint64_t kTreeNodesMax = 100'000'000;

/// Gives the plain bytes of a blob.
using BlobSource = std::function<Result<Bytes>(BlobType, const BlobName&)>;

struct TreeLimits {
  std::size_t depth_max = kTreeDepthMax;
  std::uint64_t nodes_max = kTreeNodesMax;
};

/// Whether to go into the folder that was just shown; files and links ignore it.
enum class Descend : std::uint8_t { yes, no };

/// Sees each node once, a folder before what it holds, names ascending. `folders` are the names
/// from the root's folder down to the node's own folder; both live during the call.
using NodeVisitor =
    std::function<Result<Descend>(std::span<const std::string> folders, const Node& node)>;

/// Told of a page that cannot be read, and of whose folder it is. When it returns well the walk
/// goes on behind that page.
using LostPage = std::function<Result<>(std::span<const std::string> folders, const Error& why)>;

/// Walks everything below `root`; the root's own node is not shown.
///
///   lost    none: a page that cannot be read ends the walk
///   fails   invalid_input for malformed pages, names out of order, too deep or too many;
///           and as the source, the visitor and `lost` fail
Result<> walk_tree(const Node& root, const BlobSource& source, const NodeVisitor& visit,
                   const TreeLimits& limits = {}, const LostPage& lost = {});

}  // namespace amanat::seal
