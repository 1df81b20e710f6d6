#pragma once

// Walks a folder and lists what there is to keep, each thing once and in an order that does not
// change between runs: a folder's names bytewise, what is in a folder in its place.
//
// Links are listed and never followed, so a loop of links ends. A SQLite database with its log is
// one item, because each without the other is torn. Sockets, pipes, devices, other file systems and
// what cannot be read are skipped and told about: nothing is left out in silence.

#include <cstdint>
#include <string>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/classify.h"
#include "amanat/phone/open_file.h"

namespace amanat::phone {

inline constexpr std::size_t kFolderDepthMax = 100;  // one descriptor is open for each level
inline constexpr std::size_t kLinkTargetBytesMax = 4096;
inline constexpr std::size_t kItemsMax = 20'000'000;

enum class ItemKind : std::uint8_t { file, symlink, empty_folder };

/// What the file system says about one name.
struct FileFacts {
  std::string path;  // below the folder, names joined by '/'; any bytes, need not be UTF-8
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // permission bits and type, as in st_mode
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t hard_link_group = 0;  // names of one file share a number from 1; 0: only one name

  FileStamp stamp() const { return {device, inode, size, mtime_ns, ctime_ns}; }
};

struct Item {
  ItemKind kind = ItemKind::file;
  FileFacts main;
  std::string link_target;            // of a symlink, as it is written
  std::vector<FileFacts> companions;  // of a database: -journal, -shm, -wal, as far as there are
};

struct Skipped {
  std::string path;
  std::string reason;  // "a socket", "cannot be read", ...
};

struct Collection {
  std::vector<Item> items;
  std::vector<Skipped> skipped;
};

struct CollectOptions {
  bool cross_file_systems = false;
};

/// Lists everything below `folder`.
///
///   fails   not_found, denied or unavailable when the folder itself cannot be read
///           invalid_input when it holds more than kItemsMax things
Result<Collection> collect(const OpenFile& folder, const CollectOptions& options = {});

/// Recognises an item of `collect`: a database together with its log; links and empty folders are
/// `other`.
///
///   fails   as OpenFile::open_below: the item may have gone or changed since it was listed
Result<Classification> classify_item(const OpenFile& folder, const Item& item);

}  // namespace amanat::phone
