#include "amanat/program/import_table.h"

#include <algorithm>

#include "amanat/program/fields.h"
#include "amanat/program/layout.h"

namespace amanat::program {
namespace {

constexpr std::size_t kImportDirectory = 1;
constexpr std::size_t kDescriptorSize = 20;
constexpr std::size_t kHintSize = 2;  // before a function's name

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool is_plain_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || c == '.';
  });
}

// "kernel32" of "KERNEL32.dll"; what begins like an extension counts as one.
std::string library_stem(std::string_view library) {
  std::string lower = lower_case(library);
  const std::size_t dot = lower.find('.');
  if (dot == std::string::npos) return lower;
  const std::string extension = lower.substr(dot, 4);
  if (extension == ".dll" || extension == ".sys" || extension == ".ocx") lower.resize(dot);
  return lower;
}

class ImportReader {
 public:
  ImportReader(ByteView file, const Executable& image)
      : file_(file), fields_(file), image_(image) {}

  Result<std::string> read(DataDirectory table) {
    const auto at = file_offset(image_, table.rva, file_.size());
    if (!at || !fields_.holds(*at, table.size)) {
      return fail(Code::invalid_input, "import table: lies outside the file");
    }
    std::uint64_t descriptor = *at;
    std::uint32_t left = table.size;
    for (std::size_t i = 0; i < kImportLibrariesMax && left > kDescriptorSize; ++i) {
      if (fields_.u32(descriptor + 12) == 0) break;
      if (auto done = read_library(descriptor); !done) return carry(done, "import table");
      descriptor += kDescriptorSize;
      left -= kDescriptorSize;
    }
    if (text_.empty()) return fail(Code::not_found, "the import table is empty");
    return std::move(text_);
  }

 private:
  Result<> read_library(std::uint64_t descriptor) {
    const auto name_at = file_offset(image_, fields_.u32(descriptor + 12), file_.size());
    if (!name_at || *name_at >= file_.size()) {
      return fail(Code::invalid_input, "a library's name lies outside the file");
    }
    const std::size_t size = std::min(kImportNameMax, file_.size() - *name_at);
    const std::string library = name_from(file_.subspan(*name_at, size));
    const auto thunks = find_thunks(descriptor);
    if (!thunks) return carry(thunks);
    return read_functions(library, *thunks);
  }

  // The names lie in the first of two tables; bound images overwrite the other.
  Result<std::uint32_t> find_thunks(std::uint64_t descriptor) {
    if (const std::uint32_t names = fields_.u32(descriptor); names != 0) {
      if (auto at = file_offset(image_, names, file_.size()); at && *at != 0) return at;
    }
    return file_offset(image_, fields_.u32(descriptor + 16), file_.size());
  }

  Result<> read_functions(const std::string& library, std::uint64_t at) {
    const std::size_t width = image_.pe.pe32plus ? 8 : 4;
    const std::string stem = library_stem(library);
    for (; fields_.holds(at, width); at += width) {
      const std::uint64_t thunk = width == 8 ? fields_.u64(at) : fields_.u32(at);
      if (thunk == 0) break;
      if (++functions_ > kImportFunctionsMax) {
        return fail(Code::invalid_input, "too many functions");
      }
      std::string function;
      if (thunk >> (8 * width - 1) != 0) {
        function = number_name(library, static_cast<std::uint16_t>(thunk));
      } else if (!read_name(static_cast<std::uint32_t>(thunk), function)) {
        continue;
      }
      if (!is_plain_name(function)) {
        return fail(Code::invalid_input, "a function has no plain name");
      }
      if (!text_.empty()) text_ += ',';
      text_ += stem + '.' + lower_case(function);
    }
    return {};
  }

  static std::string number_name(std::string_view library, std::uint16_t ordinal) {
    const std::string_view name = ordinal_name(library, ordinal);
    return name.empty() ? "ord" + std::to_string(ordinal) : std::string(name);
  }

  // False when the name is not to be had and the function is passed over. In images of 32 bits an
  // address that no section holds reads the name at the beginning of the file.
  bool read_name(std::uint32_t rva, std::string& name) {
    const auto found = file_offset(image_, rva, file_.size());
    if (!found && image_.pe.pe32plus) return false;
    const std::uint64_t at = found ? *found : 0;
    if (!fields_.holds(at, kHintSize + kImportNameMax)) return false;
    name = name_from(fields_.bytes(at + kHintSize, kImportNameMax));
    return true;
  }

  ByteView file_;
  Fields fields_;
  const Executable& image_;
  std::size_t functions_ = 0;
  std::string text_;
};

}  // namespace

Result<std::string> import_text(ByteView file, const Executable& image) {
  const auto& directories = image.pe.directories;
  if (image.format != Format::pe || directories.size() <= kImportDirectory
      || directories[kImportDirectory].rva == 0 || directories[kImportDirectory].size == 0) {
    return fail(Code::not_found, "no import table");
  }
  if (image.sections.size() > kImportSectionsMax) {
    return fail(Code::invalid_input, "import table: too many sections to look for it");
  }
  return ImportReader(file, image).read(directories[kImportDirectory]);
}

}  // namespace amanat::program
