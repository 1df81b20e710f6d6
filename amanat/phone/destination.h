#pragma once

// A folder that files are restored into. No link that lies there is followed, so nothing can be
// written outside of it; a file appears under its name only when it is complete.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/open_file.h"
#include "amanat/seal/tree.h"

namespace amanat::phone {

/// What a restored thing gets besides its content.
struct FileTraits {
  std::uint32_t mode = 0;
  std::int64_t mtime_ns = 0;
  std::vector<seal::Attribute> attributes;
};

/// What stands under a name.
struct Standing {
  enum class Kind : std::uint8_t { nothing, file, folder, link, other };
  Kind kind = Kind::nothing;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
};

class Destination {
 public:
  /// Makes the folder if it is missing, and a private folder for unfinished files in it.
  static Result<Destination> open(const std::filesystem::path& folder);
  Destination(Destination&&) = default;
  Destination& operator=(Destination&&) = delete;
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  ~Destination();

  /// Whether `open` made it.
  bool is_new() const { return is_new_; }
  const OpenFile& folder() const { return folder_; }

  /// Fails with `conflict` when something else stands where a folder of `path` should be, as all
  /// below that take a path.
  Result<Standing> look(const std::string& path);
  /// What a link that stands there points to; empty when none does.
  std::string read_symlink(const std::string& path);
  /// Whether the file that stands there is as `finish_file` left it when parts of it were lost.
  bool is_incomplete(const std::string& path);
  /// Makes a folder and those above it.
  Result<> make_folder(const std::string& path);
  Result<> make_symlink(const std::string& path, const std::string& target, std::int64_t mtime_ns,
                        bool overwrite);
  /// Another name for a file that was restored.
  Result<> make_hard_link(const std::string& path, const std::string& existing, bool overwrite);
  Result<> set_folder_traits(const std::string& path, const FileTraits& traits);

  // An unfinished file is known by a number.
  Result<> begin_file(std::uint32_t number, std::uint64_t size);
  Result<> write(std::uint32_t number, std::uint64_t offset, ByteView bytes);
  /// Gives the file its name. Without traits it is not what it was: it keeps the present time and
  /// is marked, by an attribute that holds that time, until somebody changes or replaces it.
  Result<> finish_file(std::uint32_t number, const std::string& path,
                       const std::optional<FileTraits>& traits, bool overwrite);
  /// Forgets it, begun or not.
  Result<> discard_file(std::uint32_t number);

 private:
  Destination() = default;
  /// The folder that `path` lies in; made when it is missing.
  Result<int> parent_of(const std::string& path);
  Result<int> staged(std::uint32_t number);

  OpenFile folder_;
  OpenFile staging_;
  bool is_new_ = false;
  std::string parent_path_;  // of `parent_`, which is kept: the next file often lies there too
  OpenFile parent_;
  std::uint32_t open_number_ = ~0U;
  OpenFile open_file_;
};

}  // namespace amanat::phone
