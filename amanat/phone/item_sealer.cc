#include "amanat/phone/item_sealer.h"

#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/seal/node_codec.h"

namespace amanat::phone {
namespace {

constexpr std::uint32_t kPermissionBits = 07777;

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

bool fits_page(const seal::Node& node, std::size_t bytes_max) {
  // Only a node that is sound can be encoded, and how much a file may list is part of that.
  return seal::check_node(node).has_value() && node.encode().size() <= bytes_max;
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

seal::Node placeholder_node(const Item& item) {
  seal::Node node = node_of(item.main);
  if (item.kind == ItemKind::symlink) node.content = seal::LinkContent{item.link_target};
  return node;
}

}  // namespace amanat::phone
