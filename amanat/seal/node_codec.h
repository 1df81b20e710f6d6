#pragma once

// One node inside a page or a root. Used by the parts of this module alone.

#include "amanat/codec/codec.h"
#include "amanat/seal/tree.h"

namespace amanat::seal {

void write_node(codec::Writer& writer, const Node& node);

/// Makes the reader fail on anything that `write_node` does not write from a sound node.
Node read_node(codec::Reader& reader);

/// Says whether `write_node` may write this node, which some walk over a file system made.
Result<> check_node(const Node& node);

}  // namespace amanat::seal
