#pragma once

// The oldest signature of a package, v1: a signed JAR.

#include "amanat/program/apk_parts.h"
#include "amanat/program/apk_signature.h"

namespace amanat::program {

/// Verifies the v1 signature; nothing when there is none. Every signer must cover every entry.
///
///   compare_entries   false: the manifest and what the signers say of it only
std::optional<ApkSignature> verify_jar(const ApkEntries& entries, const ApkParts& parts,
                                       bool compare_entries);

}  // namespace amanat::program
