#pragma once

// What a PE image imports, as the hash of import tables (.imp signatures) is taken over.

#include <cstdint>
#include <string>
#include <string_view>

#include "amanat/program/executable.h"

namespace amanat::program {

inline constexpr std::size_t kImportLibrariesMax = 1'024;
inline constexpr std::size_t kImportFunctionsMax = 65'536;  // of all libraries together
inline constexpr std::size_t kImportNameMax = 256;
// Every name is looked for in all sections; no linker makes this many.
inline constexpr std::size_t kImportSectionsMax = 1'024;

/// The imports in the order of the table, `library.function`, lower case, with commas between; the
/// library without .dll, .sys or .ocx; a function without a name as `ord5`, or by the name that
/// ws2_32, wsock32 and oleaut32 have always given that number.
///
/// A signature holds the MD5 of this text and its size. ClamAV compares none of 64 bits
/// (`pe.pe32plus`), and none in which a function's name has other characters than letters, digits,
/// `_` and `.`; such tables are an invalid_input here. Like there, a name that begins less than 258
/// bytes before the end of the file is passed over.
///
///   fails   not_found when the image imports nothing
///           invalid_input when the table is broken, or a limit is exceeded
Result<std::string> import_text(ByteView file, const Executable& image);

/// The name behind a number of a library that Windows programs import by number; empty when there
/// is none. `library` in any case, with its extension.
std::string_view ordinal_name(std::string_view library, std::uint16_t ordinal);

}  // namespace amanat::program
