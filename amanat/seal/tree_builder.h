#pragma once

// Builds the tree of one compartment from a walk over its files, bottom up, in one pass: a page is
// handed out as soon as it is complete, so memory holds one open page for each level of depth.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "amanat/seal/pack.h"
#include "amanat/seal/tree.h"

namespace amanat::seal {

/// Stores a blob unless it is stored already, and gives its name.
using BlobSink = std::function<Result<BlobName>(BlobType, ByteView plain)>;

/// What happens to folders in which nothing was put. Dropping them lets a walk show every folder to
/// every compartment's builder: each keeps the ancestors of what is its own.
enum class EmptyFolders : std::uint8_t { keep, drop };

class TreeBuilder {
 public:
  /// `name_key` decides where pages end.
  TreeBuilder(NameKey name_key, BlobSink sink, EmptyFolders empty = EmptyFolders::keep);
  TreeBuilder(TreeBuilder&&) noexcept;
  TreeBuilder& operator=(TreeBuilder&&) noexcept;
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;
  ~TreeBuilder();

  /// Starts the next protected folder. `folder` has no name and no pages yet.
  Result<> begin_root(std::string path, Node folder);

  /// Adds what stands at folders[0]/folders[1]/.../node.name below the root. A folder comes before
  /// what it holds, and names ascend bytewise within a folder; the pages of folder nodes are filled
  /// in here.
  ///
  ///   fails   invalid_input when the order is broken, a name is no entry name, the parent was not
  ///           added as a folder, or a node is too large for a page; and as the sink fails
  Result<> add(std::span<const std::string> folders, Node node);

  /// Completes all roots. The caller adds segments and dictionaries and stores the TreeRoot.
  Result<std::vector<ProtectedFolder>> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amanat::seal
