#include "amanat/phone/item_sealer.h"

#include <utility>

#include "amanat/codec/codec.h"

namespace amanat::phone {
namespace {

constexpr std::uint32_t kPermissionBits = 07777;
constexpr std::size_t kNamesMax = std::size_t{1} << 18;
constexpr std::size_t kPageRestBytes = 64;  // of a page with one node alone

std::uint64_t link_group_of(const FileStamp& stamp) {
  codec::Writer writer;
  writer.u64(stamp.device);
  writer.u64(stamp.inode);
  const crypto::Hash hash = crypto::sha256(writer.bytes());
  codec::Reader reader(hash.bytes().first(8));
  return reader.u64() | 1U;
}

seal::Node node_of(const FileFacts& facts) {
  return {.name = name_of_path(facts.path),
          .mode = facts.mode & kPermissionBits,
          .mtime_ns = facts.mtime_ns,
          .link_group = 0,
          .attributes = {},
          .content = seal::FolderContent{}};
}

}  // namespace

std::string name_of_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<seal::Node> seal_member(SealingSession& session, const OpenMember& member) {
  auto content = seal_file(session, member);
  if (!content) return carry(content);
  seal::Node node = node_of(*member.facts);
  node.mtime_ns = member.stamp.mtime_ns;
  if (member.facts->hard_link_group != 0) node.link_group = link_group_of(member.stamp);
  node.attributes = member.attributes;
  node.content = std::move(*content);
  return node;
}

bool fits_a_tree(const seal::Node& node) {
  const seal::FileContent* content = node.file();
  if (content == nullptr) return true;
  std::size_t names = 0;
  for (const seal::Part& part : content->parts) names += part.names.size();
  return names <= kNamesMax && content->parts.size() <= kNamesMax
         && node.encode().size() <= seal::kPageNodesBytesMax - kPageRestBytes;
}

seal::Node placeholder_node(const Item& item) {
  seal::Node node = node_of(item.main);
  if (item.kind == ItemKind::symlink) node.content = seal::LinkContent{item.link_target};
  return node;
}

}  // namespace amanat::phone
