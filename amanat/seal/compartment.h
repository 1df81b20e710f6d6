#pragma once

// A compartment is a purpose and a set of grants of that purpose. Its keys come from the keys of
// *all* its grants, so withdrawing any one of them closes it (docs/format.md §6).
//
//   wrap key    from the grant keys of one generation: seals the pack keys of that generation
//   name, chunk, cut key    from the first key of each grant: never change, so that a blob that was
//                           stored years ago is still recognised

#include <span>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/seal/ids.h"

namespace amanat::seal {

/// Grant keys in registry order of their categories; borrowed.
using GrantKeys = std::span<const GrantKey* const>;

struct CompartmentName {
  CompartmentId id;
  consent::Purpose purpose = consent::Purpose::custody;
};

/// Opens and seals packs of one generation. `keys`: those of this generation, 1 to 15.
WrapKey derive_wrap_key(const CompartmentName& name, Generation generation, GrantKeys keys);

/// The keys that stay. `first_keys`: the first key of each grant, 1 to 15.
NameKey derive_name_key(const CompartmentName& name, GrantKeys first_keys);
ChunkKey derive_chunk_key(const CompartmentName& name, GrantKeys first_keys);
CutKey derive_cut_key(const CompartmentName& name, GrantKeys first_keys);

/// All it takes to seal into a compartment and to read what was sealed at `generation`.
struct CompartmentKeys {
  CompartmentId id;
  Generation generation = 1;
  WrapKey wrap;
  NameKey name;
  ChunkKey chunk;
  CutKey cut;
  std::vector<consent::DecisionHash> decisions;  // first decision of each grant, registry order
};

}  // namespace amanat::seal
