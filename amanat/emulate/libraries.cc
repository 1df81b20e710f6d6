#include "amanat/emulate/libraries.h"

#include <algorithm>

#include "amanat/emulate/little.h"

namespace amanat::emulate {
namespace {

constexpr std::uint32_t kFirstBase = 0x7c80'0000;  // of kernel32; the others lie above
constexpr std::uint32_t kCodeRva = 0x4000;
constexpr std::uint32_t kFunctionBytes = 16;
constexpr std::uint32_t kAskOffset = 6;
constexpr std::size_t kFunctionsMax = (Libraries::kLibraryBytes - kCodeRva) / kFunctionBytes;
constexpr std::array<std::uint8_t, kFunctionBytes> kFunctionCode = {
    0x8b, 0xff, 0x55, 0x8b, 0xec, 0x5d, 0x0f, 0x0a, 0xc3, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// "C:\X\Kernel32.DLL" is kernel32.
std::string plain_name(std::string_view name) {
  name = name.substr(name.find_last_of("\\/") + 1);
  std::string plain(name.substr(0, kFunctionNameMax));
  std::ranges::transform(plain, plain.begin(), lower);
  if (plain.ends_with(".dll")) plain.resize(plain.size() - 4);
  return plain;
}

}  // namespace

Libraries::Libraries(Memory& memory, std::span<const Export> exports)
    : memory_(memory), exports_(exports) {
  for (std::size_t i = 0; i < kFunctionsMax; ++i) append(code_, kFunctionCode);
  for (const std::string_view name : {"kernel32", "ntdll", "user32"}) add(name);
}

std::uint32_t Libraries::find(std::string_view name) const {
  const std::string full = plain_name(name) + ".dll";
  const auto found = std::ranges::find(libraries_, full, &Library::name);
  return found == libraries_.end() ? 0 : found->base;
}

std::uint32_t Libraries::load(std::string_view name) {
  if (const std::uint32_t base = find(name)) return base;
  const Library* library = add(plain_name(name));
  return library != nullptr ? library->base : 0;
}

Libraries::Library* Libraries::add(std::string_view name) {
  if (libraries_.size() >= kLibrariesMax) return nullptr;
  Library& library = libraries_.emplace_back();
  library.name = std::string(name) + ".dll";
  library.base = kFirstBase + static_cast<std::uint32_t>(libraries_.size() - 1) * kLibraryBytes;
  for (const Export& known : exports_) {
    if (known.library == name) function(library.base, known.name);
  }
  library.header = make_header(library);
  memory_.map(library.base, kCodeRva, library.header);
  memory_.map(library.base + kCodeRva, kLibraryBytes - kCodeRva, code_);
  return &library;
}

std::uint32_t Libraries::function(std::uint32_t base, std::string_view name) {
  const auto library = std::ranges::find(libraries_, base, &Library::base);
  if (library == libraries_.end()) return 0;
  auto place = library->places.find(name);
  if (place == library->places.end()) {
    if (library->functions.size() >= kFunctionsMax) return 0;
    place = library->places.emplace(std::string(name), library->functions.size()).first;
    library->functions.emplace_back(name);
  }
  return base + kCodeRva + static_cast<std::uint32_t>(place->second) * kFunctionBytes;
}

std::string_view Libraries::function_at(std::uint32_t address) const {
  const Library* library = library_at(address);
  if (library == nullptr || address - library->base < kCodeRva) return {};
  const std::uint32_t offset = address - library->base - kCodeRva;
  const std::size_t place = offset / kFunctionBytes;
  if (offset % kFunctionBytes != kAskOffset || place >= library->functions.size()) return {};
  return library->functions[place];
}

const Libraries::Library* Libraries::library_at(std::uint32_t address) const {
  if (address < kFirstBase) return nullptr;
  const std::size_t index = (address - kFirstBase) / kLibraryBytes;
  return index < libraries_.size() ? &libraries_[index] : nullptr;
}

// A PE header with one directory: the exports, whose names ascend (PE Format, "The .edata
// section").
Bytes Libraries::make_header(const Library& library) const {
  constexpr std::uint32_t kPe = 0x80;
  constexpr std::uint32_t kExports = 0x200;
  Bytes header(kCodeRva);
  const auto put16 = [&](std::size_t at, std::uint32_t value) { put_little(header, at, value, 2); };
  const auto put32 = [&](std::size_t at, std::uint32_t value) { put_little(header, at, value, 4); };
  put16(0, 0x5a4d);
  put32(0x3c, kPe);
  put32(kPe, 0x4550);
  put16(kPe + 4, 0x14c);
  put16(kPe + 20, 0xe0);
  put16(kPe + 22, 0x210e);
  put16(kPe + 24, 0x10b);
  put32(kPe + 24 + 28, library.base);
  put32(kPe + 24 + 56, kLibraryBytes);
  put32(kPe + 24 + 92, 16);
  put32(kPe + 24 + 96, kExports);
  put32(kPe + 24 + 100, kCodeRva - kExports);

  const auto count = static_cast<std::uint32_t>(library.places.size());
  const std::uint32_t addresses = kExports + 40;
  const std::uint32_t names = addresses + 4 * count;
  const std::uint32_t ordinals = names + 4 * count;
  std::uint32_t text = ordinals + 2 * count;
  const auto put_text = [&](std::string_view words) {
    ensure(text + words.size() < kCodeRva, "the known functions fit one export table");
    std::ranges::copy(words, header.begin() + text);
    text += static_cast<std::uint32_t>(words.size()) + 1;
  };
  put32(kExports + 12, text);
  put_text(library.name);
  put32(kExports + 16, 1);
  put32(kExports + 20, count);
  put32(kExports + 24, count);
  put32(kExports + 28, addresses);
  put32(kExports + 32, names);
  put32(kExports + 36, ordinals);
  std::uint32_t index = 0;
  for (const auto& [name, place] : library.places) {
    put32(addresses + 4 * index, kCodeRva + static_cast<std::uint32_t>(place) * kFunctionBytes);
    put32(names + 4 * index, text);
    put16(ordinals + 2 * index, index);
    put_text(name);
    ++index;
  }
  return header;
}

}  // namespace amanat::emulate
