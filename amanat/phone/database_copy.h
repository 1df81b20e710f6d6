#pragma once

// A private copy of a person's database with its log, made through descriptors that are already
// open and gone when it is no longer needed.

#include <filesystem>
#include <utility>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/collect.h"
#include "amanat/phone/open_file.h"

namespace amanat::phone {

inline constexpr std::uint64_t kDatabaseCopyBytesMax = std::uint64_t{1} << 30;  // with its log

/// A folder that only this user can enter, gone with all that is in it when this dies.
class PrivateFolder {
 public:
  /// Below `above`, or in the system's folder for such things when that is empty.
  static Result<PrivateFolder> make(const std::filesystem::path& above);
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit PrivateFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// One database in its private copy. Borrows what it is made from.
class DatabaseCopy {
 public:
  DatabaseCopy(const OpenFile& folder, const Item& item, const PrivateFolder& scratch)
      : folder_(folder), item_(item), main_(scratch.path() / "copy.db") {}
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;
  ~DatabaseCopy() { clear(); }

  /// Copies all parts, again when one of them changed meanwhile.
  ///
  ///   fails   unavailable when it keeps changing or there is no room, invalid_input when it is too
  ///           big
  Result<> make();

  /// A journal that must be rolled back cannot be, in a database that is only read.
  void forget_journal();

  const std::filesystem::path& path() const { return main_; }

 private:
  struct Part;
  Result<std::vector<Part>> open_parts() const;
  static Result<bool> is_unchanged(const std::vector<Part>& parts);
  void clear() const;

  const OpenFile& folder_;
  const Item& item_;
  std::filesystem::path main_;
};

}  // namespace amanat::phone
