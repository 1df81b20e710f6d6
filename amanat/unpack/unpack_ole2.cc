// What lies in compound files: their streams, the source of their macros, the files that were
// dropped into a document, and the objects in PowerPoint's stream.

#include <algorithm>
#include <set>
#include <utility>

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/ole2.h"
#include "amanat/unpack/package.h"
#include "amanat/unpack/unpackers.h"
#include "amanat/unpack/vba.h"

namespace amanat::unpack {
namespace {

constexpr std::uint16_t kPptObject = 0x1011;  // ExOleObjStg [MS-PPT 2.10.34]

class Ole2Walk {
 public:
  Ole2Walk(const Ole2& file, Walk& walk)
      : file_(file), walk_(walk), output_(walk.budget), inner_(walk.budget) {}

  void run() {
    if (file_.is_damaged()) walk_.outcome.note(End::damaged, "a chain of sectors is broken");
    for (const Ole2::Stream& stream : file_.streams()) {
      if (stream.size == 0) continue;
      if (!walk_.goes_on() || !look_at(stream)) return;
    }
    for (const VbaModule& module : modules_) {
      if (!walk_.goes_on() || !give_module(module)) return;
    }
  }

 private:
  bool look_at(const Ole2::Stream& stream) {
    output_.begin(stream.size);
    const Ole2::Content content = file_.read(stream, output_);
    const ByteView bytes = content.bytes;
    if (stream.name == "dir") {
      inner_.begin(bytes.size());
      if (decompress_vba(bytes, inner_) != End::damaged) {
        for (VbaModule& module : read_vba_modules(inner_.bytes())) {
          if (modules_.size() < kVbaModulesMax) modules_.push_back(std::move(module));
        }
      }
    } else if (stream.name == "EncryptedPackage" || stream.name == "EncryptionInfo") {
      walk_.outcome.note(End::encrypted, "the document is encrypted");
    }
    const bool goes_on = walk_.give({.name = stream.name,
                                     .packed_size = bytes.size(),
                                     .size = stream.size,
                                     .position = content.position},
                                    content.end, bytes);
    return goes_on && look_inside(stream, bytes);
  }

  // Things that lie in a stream in a way of its own.
  bool look_inside(const Ole2::Stream& stream, ByteView bytes) {
    if (stream.name == "\1Ole10Native") {
      const auto package = read_package(part(bytes, 4));
      if (!package || package->content.empty()) return true;
      return walk_.give({.name = package->name,
                         .packed_size = package->content.size(),
                         .size = package->content.size()},
                        End::whole, package->content);
    }
    if (stream.name == "PowerPoint Document") return look_for_objects(bytes);
    const std::size_t source = find_vba_source(bytes);
    if (source == std::string_view::npos) return true;
    given_.emplace(stream.name, source);
    return give_source(stream.name, bytes.subspan(source));
  }

  // Records: version and number, type, size; an object is a compound file, deflated or not.
  bool look_for_objects(ByteView bytes) {
    constexpr std::size_t kFrontBytes = 8;
    constexpr std::uint16_t kContainerVersion = 15;
    for (std::size_t at = 0; has(bytes, at, kFrontBytes) && walk_.goes_on();) {
      const std::uint16_t version = little16(bytes, at);
      const std::uint16_t type = little16(bytes, at + 2);
      const std::uint64_t size = little32(bytes, at + 4);
      at += kFrontBytes;
      if ((version & 15) == kContainerVersion) continue;  // records lie in it
      const ByteView data = part(bytes, at, size);
      if (type == kPptObject && !give_object(version >> 4, data)) return false;
      at += size;
    }
    return true;
  }

  bool give_object(unsigned instance, ByteView data) {
    Entry entry{.name = "object", .packed_size = data.size(), .size = data.size()};
    if (instance == 0) return walk_.give(std::move(entry), End::whole, data);
    inner_.begin(data.size());
    entry.size = little32(data, 0);
    const End end = inflate_into(inner_, part(data, 4), Wrapping::zlib, entry.size);
    return walk_.give(std::move(entry), end, inner_);
  }

  // Streams of one name may belong to several projects: the source shows itself by its shape.
  bool give_module(const VbaModule& module) {
    for (const Ole2::Stream& stream : file_.streams()) {
      if (stream.name != module.stream) continue;
      if (!given_.emplace(stream.name, module.offset).second) continue;
      output_.begin(stream.size);
      const ByteView bytes = file_.read(stream, output_).bytes;
      if (!give_source(stream.name, part(bytes, module.offset))) return false;
    }
    return true;
  }

  bool give_source(const std::string& name, ByteView packed) {
    inner_.begin(packed.size());
    const End end = decompress_vba(packed, inner_);
    if (inner_.size() == 0) return true;
    return walk_.give({.name = name + " source",
                       .packed_size = packed.size(),
                       .size = inner_.size(),
                       .kind = Kind::script},
                      end, inner_);
  }

  const Ole2& file_;
  Walk& walk_;
  Output output_;
  Output inner_;
  std::vector<VbaModule> modules_;
  std::set<std::pair<std::string, std::uint64_t>> given_;
};

}  // namespace

void unpack_ole2(ByteView object, Walk& walk) {
  const auto file = Ole2::open(object);
  if (!file) return walk.outcome.note(End::damaged, "the compound file does not open");
  Ole2Walk(*file, walk).run();
}

}  // namespace amanat::unpack
