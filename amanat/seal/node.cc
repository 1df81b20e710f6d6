#include <algorithm>
#include <set>

#include "amanat/seal/node_codec.h"
#include "amanat/seal/pack.h"
#include "amanat/seal/read_each.h"

namespace amanat::seal {
namespace {

constexpr std::uint32_t kModeMax = 07777;
constexpr std::size_t kAttributesBytesMax = std::size_t{1} << 18;
constexpr std::size_t kHolesBytesMax = std::size_t{1} << 20;
constexpr std::size_t kNamesBytesMax = std::size_t{1} << 23;
constexpr std::size_t kPartsBytesMax = kNamesBytesMax + (std::size_t{1} << 16);
constexpr std::size_t kPagesBytesMax = std::size_t{1} << 20;

enum class Kind : std::uint8_t { file = 1, folder = 2, link = 3 };

Bytes encode_names(const std::vector<BlobName>& names) {
  Bytes bytes;
  bytes.reserve(names.size() * BlobName::kSize);
  for (const BlobName& name : names) append(bytes, name.bytes());
  return bytes;
}

std::vector<BlobName> read_names(codec::Reader& reader, std::size_t bytes_max) {
  std::vector<BlobName> names;
  const ByteView bytes = reader.vector32(bytes_max);
  names.reserve(bytes.size() / BlobName::kSize);
  read_each(reader, bytes, "names",
            [&](codec::Reader& inner) { names.push_back(inner.id<BlobName>()); });
  return names;
}

void write_attributes(codec::Writer& writer, const std::vector<Attribute>& attributes) {
  codec::Writer inner;
  for (const Attribute& attribute : attributes) {
    inner.vector8(as_bytes(attribute.name));
    inner.vector16(attribute.value);
  }
  writer.vector32(inner.bytes(), kAttributesBytesMax);
}

std::vector<Attribute> read_attributes(codec::Reader& reader) {
  std::vector<Attribute> attributes;
  std::set<std::string> seen;
  const ByteView bytes = reader.vector32(kAttributesBytesMax);
  read_each(reader, bytes, "attributes", [&](codec::Reader& inner) {
    Attribute attribute;
    attribute.name = as_text(inner.vector8());
    if (attribute.name.empty()) inner.refuse("an attribute has no name");
    if (!seen.insert(attribute.name).second) inner.refuse("an attribute stands twice");
    const ByteView value = inner.vector16();
    attribute.value.assign(value.begin(), value.end());
    attributes.push_back(std::move(attribute));
  });
  return attributes;
}

void write_file(codec::Writer& writer, const FileContent& file) {
  writer.u64(file.size);
  codec::Writer holes;
  for (const Hole& hole : file.holes) {
    holes.u64(hole.offset);
    holes.u64(hole.length);
  }
  writer.vector32(holes.bytes(), kHolesBytesMax);
  codec::Writer parts;
  for (const Part& part : file.parts) {
    parts.raw(part.compartment.bytes());
    parts.u64(part.offset);
    parts.u64(part.length);
    parts.vector32(encode_names(part.names), kNamesBytesMax);
  }
  writer.vector32(parts.bytes(), kPartsBytesMax);
}

// Parts and holes, merged by offset, must follow each other from 0 to the size of the file. Lengths
// are compared with what is left, so that no sum can wrap around.
bool covers(const FileContent& file) {
  auto part = file.parts.begin();
  auto hole = file.holes.begin();
  std::uint64_t at = 0;
  while (part != file.parts.end() || hole != file.holes.end()) {
    std::uint64_t length = 0;
    if (part != file.parts.end() && part->offset == at) {
      length = part++->length;
    } else if (hole != file.holes.end() && hole->offset == at) {
      length = hole++->length;
    }
    if (length == 0 || length > file.size - at) return false;
    at += length;
  }
  return at == file.size;
}

bool could_hold(const Part& part) {
  return part.length >= part.names.size()
         && part.length <= std::uint64_t{part.names.size()} * kBlobBytesMax;
}

FileContent read_file(codec::Reader& reader) {
  FileContent file;
  file.size = reader.u64();
  read_each(reader, reader.vector32(kHolesBytesMax), "holes", [&](codec::Reader& inner) {
    const std::uint64_t offset = inner.u64();
    file.holes.push_back({offset, inner.u64()});
  });
  read_each(reader, reader.vector32(kPartsBytesMax), "parts", [&](codec::Reader& inner) {
    Part part;
    part.compartment = inner.id<CompartmentId>();
    part.offset = inner.u64();
    part.length = inner.u64();
    part.names = read_names(inner, kNamesBytesMax);
    if (!could_hold(part)) inner.refuse("a part's blobs cannot have its length");
    file.parts.push_back(std::move(part));
  });
  if (!covers(file)) reader.refuse("parts and holes do not cover the file");
  return file;
}

void write_content(codec::Writer& writer, const Node& node) {
  if (const FileContent* file = node.file()) {
    write_file(writer, *file);
  } else if (const FolderContent* folder = node.folder()) {
    writer.vector32(encode_names(folder->pages), kPagesBytesMax);
  } else {
    writer.vector16(as_bytes(node.link()->target), kPathBytesMax);
  }
}

LinkContent read_link(codec::Reader& reader) {
  LinkContent link;
  link.target = as_text(reader.vector16(kPathBytesMax));
  if (link.target.empty()) reader.refuse("a link has no target");
  if (link.target.find('\0') != std::string::npos) reader.refuse("a link's target has a zero byte");
  return link;
}

Result<> check_attributes(const std::vector<Attribute>& attributes) {
  std::set<std::string_view> seen;
  std::size_t size = 0;
  for (const Attribute& attribute : attributes) {
    if (attribute.name.empty() || attribute.name.size() > 0xff || attribute.value.size() > 0xffff) {
      return fail(Code::invalid_input, "an attribute is too long");
    }
    if (!seen.insert(attribute.name).second) {
      return fail(Code::invalid_input, "an attribute stands twice");
    }
    size += 3 + attribute.name.size() + attribute.value.size();
  }
  if (size > kAttributesBytesMax) {
    return fail(Code::invalid_input, "a node has too many attributes");
  }
  return {};
}

Result<> check_content(const FileContent& file) {
  std::size_t size = 0;
  for (const Part& part : file.parts) {
    if (!could_hold(part)) {
      return fail(Code::invalid_input, "a part's blobs cannot have its length");
    }
    size += 36 + part.names.size() * BlobName::kSize;
  }
  if (file.holes.size() > kHolesBytesMax / 16 || size > kPageNodesBytesMax) {
    return fail(Code::invalid_input, "a file has too many parts or holes");
  }
  if (!covers(file)) return fail(Code::invalid_input, "parts and holes do not cover the file");
  return {};
}

Result<> check_content(const FolderContent& folder) {
  if (folder.pages.size() > kPagesBytesMax / BlobName::kSize) {
    return fail(Code::invalid_input, "a folder has too many pages");
  }
  return {};
}

Result<> check_content(const LinkContent& link) {
  if (link.target.empty() || link.target.size() > kPathBytesMax
      || link.target.find('\0') != std::string::npos) {
    return fail(Code::invalid_input, "a link's target is empty, too long or has a zero byte");
  }
  return {};
}

}  // namespace

bool is_entry_name(std::string_view name) {
  return !name.empty() && name.size() <= kNodeNameBytesMax && name != "." && name != ".."
         && name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

void write_node(codec::Writer& writer, const Node& node) {
  writer.vector8(as_bytes(node.name));
  writer.u8(static_cast<std::uint8_t>(node.content.index() + 1));
  writer.u32(node.mode);
  writer.u64(static_cast<std::uint64_t>(node.mtime_ns));
  writer.u64(node.link_group);
  write_attributes(writer, node.attributes);
  write_content(writer, node);
}

Node read_node(codec::Reader& reader) {
  Node node;
  node.name = as_text(reader.vector8());
  if (!node.name.empty() && !is_entry_name(node.name)) reader.refuse("a name leaves its folder");
  const std::uint8_t kind = reader.u8();
  node.mode = reader.u32();
  if (node.mode > kModeMax) reader.refuse("a mode has unknown bits");
  node.mtime_ns = static_cast<std::int64_t>(reader.u64());
  node.link_group = reader.u64();
  node.attributes = read_attributes(reader);
  switch (static_cast<Kind>(kind)) {
    case Kind::file: node.content = read_file(reader); break;
    case Kind::folder: node.content = FolderContent{read_names(reader, kPagesBytesMax)}; break;
    case Kind::link: node.content = read_link(reader); break;
    default: reader.refuse("a node's kind is unknown");
  }
  return node;
}

Bytes Node::encode() const {
  codec::Writer writer;
  write_node(writer, *this);
  return std::move(writer).take();
}

Result<Node> Node::parse(ByteView bytes) {
  codec::Reader reader(bytes);
  Node node = read_node(reader);
  if (auto done = reader.finish("node"); !done) return carry(done);
  return node;
}

Result<> check_node(const Node& node) {
  if (!node.name.empty() && !is_entry_name(node.name)) {
    return fail(Code::invalid_input, "a name leaves its folder");
  }
  if (node.mode > kModeMax) return fail(Code::invalid_input, "a mode has unknown bits");
  if (auto sound = check_attributes(node.attributes); !sound) return carry(sound);
  return std::visit([](const auto& content) { return check_content(content); }, node.content);
}

}  // namespace amanat::seal
