#pragma once

// Scripts hidden by Microsoft's Script Encoder (JScript.Encode, VBScript.Encode):
//
//   #@~^ · size in base64, 8 characters · the script · sum in base64, 8 characters · ^#~@
//
// Each character is replaced by one of three tables, which take turns; what would end the script
// early (< > @ and line ends) is two characters. The size counts hidden characters.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

inline constexpr std::string_view kEncodedScriptMark = "#@~^";

/// A script that begins at a mark; borrows the text around it.
struct EncodedScript {
  std::string_view hidden;  // as far as the text goes
  std::size_t end = 0;      // behind its end, in the text
  bool is_whole = false;    // all of it was there
};

/// Finds the script whose mark stands at `at`; nothing when no size follows.
std::optional<EncodedScript> find_encoded_script(std::string_view text, std::size_t at);

/// Writes what `script` hides into `plain`, which has room for as many bytes as are hidden; returns
/// how many it wrote.
std::size_t decode_script(const EncodedScript& script, ByteSpan plain);

/// The text of a script, the first encoded one in it decoded.
std::string with_decoded_script(std::string_view text);

/// The tag `script language="jscript.encode" ...>`, in small letters, as it is when the script is
/// plain; nothing when it is another tag.
std::optional<std::string> decoded_tag(std::string_view tag);

/// Gives what a file hides that begins with a mark, as a page of one script, as clamscan does.
void unpack_encoded_script(ByteView object, Walk& walk);

}  // namespace amanat::unpack
