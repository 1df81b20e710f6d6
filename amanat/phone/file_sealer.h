#pragma once

// Cuts one open file into blobs and seals them: the part of protecting that knows no names, no
// consent and no custodian.

#include "amanat/error/error.h"
#include "amanat/phone/item_reader.h"
#include "amanat/phone/sealing_session.h"
#include "amanat/seal/tree.h"

namespace amanat::phone {

/// Seals what a file holds, holes left out, and says of which blobs it is made.
Result<seal::FileContent> seal_file(SealingSession& session, const OpenMember& member);

/// Whether every blob of a file is known to the compartment.
bool knows_all_blobs(const SealingSession& session, const seal::FileContent& content);

}  // namespace amanat::phone
