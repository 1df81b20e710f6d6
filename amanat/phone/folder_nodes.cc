#include "amanat/phone/folder_nodes.h"

#include <fcntl.h>
#include <set>
#include <string>
#include <sys/stat.h>

#include "amanat/phone/item_reader.h"
#include "amanat/phone/item_sealer.h"

namespace amanat::phone {
namespace {

Bytes folder_node(int descriptor, std::string name) {
  seal::Node node{.name = std::move(name),
                  .mode = 0755,
                  .mtime_ns = 0,
                  .link_group = 0,
                  .attributes = {},
                  .content = seal::FolderContent{}};
  struct stat facts{};
  if (descriptor >= 0 && ::fstat(descriptor, &facts) == 0) {
    node.mode = facts.st_mode & 07777U;
    node.mtime_ns = std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
    node.attributes = read_attributes(descriptor);
  }
  return node.encode();
}

}  // namespace

Result<FolderNodes> read_folders(const OpenFile& folder, const Collection& collection) {
  std::set<std::string> paths;
  for (const Item& item : collection.items) {
    const std::string& path = item.main.path;
    for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0;
         slash = path.rfind('/', slash - 1)) {
      if (!paths.insert(path.substr(0, slash)).second) break;  // so are the ones above it
    }
  }
  FolderNodes found{.root = folder_node(folder.descriptor(), ""), .folders = {}};
  for (const std::string& path : paths) {
    // A link on the way would only give a wrong time; nothing is read through it.
    const OpenFile opened(::openat(folder.descriptor(), path.c_str(),
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    found.folders.push_back(
        {.path = path, .node = folder_node(opened.descriptor(), name_of_path(path))});
  }
  return found;
}

}  // namespace amanat::phone
