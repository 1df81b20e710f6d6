#pragma once

// Somebody recovered with older words, and the keyring went back to the version those open
// (docs/format.md §11.3): what later versions brought is not in it. A phone that still keeps one of
// those puts its keys back, so that nothing sealed under them is lost.

#include "amanat/error/error.h"
#include "amanat/phone/session.h"

namespace amanat::phone {

/// Stores a keyring with the keys that older versions kept here have and the newest lacks: of
/// grants that are given, of their generations, of snapshots, and the compartments under them.
/// Does nothing when none is missing, which costs no request.
Result<> put_back_lost_keys(Session& session);

}  // namespace amanat::phone
