#include "amanat/signature/object_type.h"

#include <algorithm>
#include <array>

namespace amanat::signature {
namespace {

// The names that signatures may use, in an order of our own; new ones go to the end, since compiled
// databases hold the numbers.
constexpr auto kNames = std::to_array<std::string_view>({
    "ANY",          "TEXT_ASCII",  "TEXT_UTF8", "TEXT_UTF16LE", "TEXT_UTF16BE",
    "BINARY_DATA",  "IGNORED",     "MSEXE",     "ELF",          "MACHO",
    "MACHO_UNIBIN", "POSIX_TAR",   "OLD_TAR",   "CPIO_OLD",     "CPIO_ODC",
    "CPIO_NEWC",    "CPIO_CRC",    "GZ",        "ZIP",          "BZ",
    "RAR",          "ARJ",         "MSSZDD",    "MSOLE2",       "MSCAB",
    "MSCHM",        "SIS",         "SCRENC",    "GRAPHICS",     "GIF",
    "PNG",          "JPEG",        "TIFF",      "RIFF",         "BINHEX",
    "TNEF",         "CRYPTFF",     "PDF",       "UUENCODED",    "HTML_UTF16",
    "SCRIPT",       "RTF",         "HTML",      "MAIL",         "SFX",
    "ZIPSFX",       "RARSFX",      "CABSFX",    "ARJSFX",       "NULSFT",
    "AUTOIT",       "ISHIELD_MSI", "7Z",        "7ZSFX",        "SWF",
    "ISO9660",      "JAVA",        "DMG",       "MBR",          "GPT",
    "APM",          "XAR",         "PART_ANY",  "PART_HFSPLUS", "XZ",
    "OOXML_WORD",   "OOXML_PPT",   "OOXML_XL",  "INTERNAL",     "XDP",
    "XML_WORD",     "XML_XL",      "HWP3",      "XML_HWP",      "HWPOLE2",
    "OOXML_HWP",    "PS",          "MHTML",     "LNK",          "EGG",
    "EGGSFX",       "UDF",         "ALZ",       "ONENOTE",      "PYTHON_COMPILED",
    "LHA_LZH",      "AI_MODEL",    "ZSTD",
});
constexpr std::string_view kPrefix = "CL_TYPE_";

}  // namespace

std::optional<ObjectType> ObjectType::find(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const auto* const found = std::ranges::find(kNames, name.substr(kPrefix.size()));
  if (found == kNames.end()) return std::nullopt;
  return at(static_cast<std::uint8_t>(found - kNames.begin()));
}

std::optional<ObjectType> ObjectType::at(std::uint8_t number) {
  if (number >= kNames.size()) return std::nullopt;
  ObjectType type;
  type.number_ = number;
  return type;
}

std::string_view ObjectType::name() const { return kNames.at(number_); }

}  // namespace amanat::signature
