#pragma once

// What an Android package says about itself, as lists of indicators and people ask: its name, what
// it may do, and who signed it.

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/indicator/check.h"

namespace amanat::scan {

inline constexpr std::size_t kAppTextsMax = 1'024;  // permissions or certificates

/// Reads the manifest and the signatures of a package. Certificates are those of the newest scheme,
/// and only when its signature holds: others are claims.
///
///   fails   not_found when these bytes are no Android package; invalid_input when they are broken
Result<indicator::App> read_app(ByteView package);

/// An app as a worker answers it.
///
///   struct { opaque package<0..2^16-1>; opaque label<0..2^16-1>;
///            Texts sha1; Texts sha256; Texts organizations; Texts permissions; } App;
///   struct { uint16 count; opaque text<0..2^16-1>[count]; } Texts;
Bytes encode(const indicator::App& app);
Result<indicator::App> parse_app(ByteView bytes);

}  // namespace amanat::scan
