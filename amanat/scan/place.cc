#include "amanat/scan/place.h"

#include <algorithm>

namespace amanat::scan {
namespace {

constexpr std::size_t kNameShownMax = 255;

// How many bytes the UTF-8 character at the front takes; 0 when there is none. Overlong forms and
// surrogates are not told apart: the text is for display.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  const bool continues = std::ranges::all_of(text.substr(1, size - 1), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80;
  });
  return continues ? size : 0;
}

std::string_view type_name(unpack::Kind kind) {
  using unpack::Kind;
  switch (kind) {
    case Kind::zip: return "CL_TYPE_ZIP";
    case Kind::gzip: return "CL_TYPE_GZ";
    case Kind::bzip2: return "CL_TYPE_BZ";
    case Kind::xz: return "CL_TYPE_XZ";
    case Kind::zstd: return "CL_TYPE_ZSTD";
    case Kind::tar: return "CL_TYPE_POSIX_TAR";
    case Kind::cpio: return "CL_TYPE_CPIO_NEWC";
    case Kind::seven_zip: return "CL_TYPE_7Z";
    case Kind::cab: return "CL_TYPE_MSCAB";
    case Kind::rar: return "CL_TYPE_RAR";
    case Kind::iso9660: return "CL_TYPE_ISO9660";
    case Kind::lha: return "CL_TYPE_LHA_LZH";
    case Kind::xar: return "CL_TYPE_XAR";
    case Kind::arj: return "CL_TYPE_ARJ";
    case Kind::chm: return "CL_TYPE_MSCHM";
    case Kind::sis: return "CL_TYPE_SIS";
    case Kind::szdd: return "CL_TYPE_MSSZDD";
    case Kind::pdf: return "CL_TYPE_PDF";
    case Kind::ole2: return "CL_TYPE_MSOLE2";
    case Kind::rtf: return "CL_TYPE_RTF";
    case Kind::tnef: return "CL_TYPE_TNEF";
    case Kind::binhex: return "CL_TYPE_BINHEX";
    case Kind::elf: return "CL_TYPE_ELF";
    case Kind::pe:
    case Kind::pe_memory: return "CL_TYPE_MSEXE";
    case Kind::macho: return "CL_TYPE_MACHO";
    case Kind::macho_universal: return "CL_TYPE_MACHO_UNIBIN";
    case Kind::java_class: return "CL_TYPE_JAVA";
    case Kind::mail: return "CL_TYPE_MAIL";
    case Kind::html: return "CL_TYPE_HTML";
    case Kind::script: return "CL_TYPE_SCRIPT";
    case Kind::text_ascii: return "CL_TYPE_TEXT_ASCII";
    case Kind::text_utf8: return "CL_TYPE_TEXT_UTF8";
    case Kind::text_utf16_le: return "CL_TYPE_TEXT_UTF16LE";
    case Kind::text_utf16_be: return "CL_TYPE_TEXT_UTF16BE";
    case Kind::png: return "CL_TYPE_PNG";
    case Kind::jpeg: return "CL_TYPE_JPEG";
    case Kind::gif: return "CL_TYPE_GIF";
    case Kind::tiff: return "CL_TYPE_TIFF";
    case Kind::webp:
    case Kind::bmp: return "CL_TYPE_GRAPHICS";
    case Kind::riff: return "CL_TYPE_RIFF";
    case Kind::flash: return "CL_TYPE_SWF";
    default: return "CL_TYPE_BINARY_DATA";
  }
}

}  // namespace

std::string path_of(const Place& place) {
  if (place.is_file()) return {};
  std::string path = path_of(*place.around);
  if (!path.empty()) path += "!/";
  return path + place.name;
}

std::string printable(std::string_view name) {
  name = name.substr(0, kNameShownMax);
  std::string text;
  while (!name.empty()) {
    const std::size_t size = character_size(name);
    const bool shown = size > 1 || (size == 1 && name.front() >= 0x20 && name.front() != 0x7f);
    text += shown ? name.substr(0, size) : std::string_view("?");
    name.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

signature::ObjectType object_type_of(unpack::Kind kind) {
  return signature::ObjectType::find(type_name(kind)).value_or(signature::ObjectType{});
}

std::vector<signature::ObjectType> types_around(const Place& place) {
  std::vector<signature::ObjectType> types;
  for (const Place* at = place.around; at != nullptr; at = at->around) {
    types.push_back(object_type_of(at->kind));
  }
  std::ranges::reverse(types);
  return types;
}

}  // namespace amanat::scan
