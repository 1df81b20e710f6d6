#pragma once

// The tree of a compartment: what files there are and of which blobs they are made
// (docs/format.md §9). A folder is a list of pages, a page a run of nodes, and every page is a blob
// named by its content, so folders that did not change are not stored again.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "amanat/seal/ids.h"

namespace amanat::seal {

inline constexpr std::size_t kNodeNameBytesMax = 255;
inline constexpr std::size_t kPathBytesMax = 4'096;
inline constexpr std::size_t kTreeDepthMax = 2'048;  // folders in one another, the root's included
inline constexpr std::size_t kPageNodesBytesMax = std::size_t{1} << 22;
inline constexpr std::size_t kPageTargetBytes = std::size_t{1} << 20;

/// A blob somewhere: pack zeros means "the pack this root lies in".
struct BlobPlace {
  PackId pack;
  BlobName name;
  friend bool operator==(const BlobPlace&, const BlobPlace&) = default;
};

struct Attribute {
  std::string name;  // 1 to 255 bytes
  Bytes value;       // at most 65,535
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// A stretch without blobs that reads back as zeros.
struct Hole {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  friend bool operator==(const Hole&, const Hole&) = default;
};

/// A stretch made of blobs, one after the other.
struct Part {
  CompartmentId compartment;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::vector<BlobName> names;  // at most 2^18
  friend bool operator==(const Part&, const Part&) = default;
};

struct FileContent {
  std::uint64_t size = 0;
  std::vector<Hole> holes;  // ascending, apart; at most 65,536
  std::vector<Part> parts;  // ascending; with the holes they cover the file
  friend bool operator==(const FileContent&, const FileContent&) = default;
};
struct FolderContent {
  std::vector<BlobName> pages;  // at most 32,768; an empty folder has none
  friend bool operator==(const FolderContent&, const FolderContent&) = default;
};
struct LinkContent {
  std::string target;  // 1 to 4,096 bytes
  friend bool operator==(const LinkContent&, const LinkContent&) = default;
};

struct Node {
  std::string name;        // bytes as the file system has them; empty only for a root's folder
  std::uint32_t mode = 0;  // permission bits, 0 to 07777
  std::int64_t mtime_ns = 0;
  std::uint64_t link_group = 0;  // equal non-zero numbers in one tree: one file, several names
  std::vector<Attribute> attributes;
  std::variant<FileContent, FolderContent, LinkContent> content;

  const FileContent* file() const { return std::get_if<FileContent>(&content); }
  const FolderContent* folder() const { return std::get_if<FolderContent>(&content); }
  const LinkContent* link() const { return std::get_if<LinkContent>(&content); }

  Bytes encode() const;
  static Result<Node> parse(ByteView bytes);
  friend bool operator==(const Node&, const Node&) = default;
};

/// Whether a folder may hold an entry of this name: 1 to 255 bytes, no `/` or NUL, not `.` or `..`.
bool is_entry_name(std::string_view name);

/// Whether this is `/` or `/` before each of a row of entry names, at most 4,096 bytes.
bool is_absolute_path(std::string_view path);

/// A run of a folder's nodes, strictly ascending by the bytes of their names.
struct FolderPage {
  static constexpr std::string_view kWhat = "folder page";
  std::vector<Node> nodes;  // at least 1; every name is an entry name

  Bytes encode() const;
  static Result<FolderPage> parse(ByteView bytes);
  friend bool operator==(const FolderPage&, const FolderPage&) = default;
};

struct TreeDictionary {
  std::uint8_t number = 1;  // never used again
  BlobPlace place;
  friend bool operator==(const TreeDictionary&, const TreeDictionary&) = default;
};

/// A protected folder: where it stands on the phone, and its node, which has no name.
struct ProtectedFolder {
  std::string path;  // absolute
  Node folder;
  friend bool operator==(const ProtectedFolder&, const ProtectedFolder&) = default;
};

struct TreeRoot {
  static constexpr std::string_view kWhat = "tree root";
  std::vector<BlobPlace> segments;           // at most 1,024
  std::vector<TreeDictionary> dictionaries;  // at most 255, each number once
  std::vector<ProtectedFolder> roots;        // each path once

  Bytes encode() const;
  static Result<TreeRoot> parse(ByteView bytes);
  friend bool operator==(const TreeRoot&, const TreeRoot&) = default;
};

}  // namespace amanat::seal
