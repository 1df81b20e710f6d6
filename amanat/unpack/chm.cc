// Help files of Windows (CHM), read by libmspack: a directory, files as they are in section 0, and
// one LZX stream in section 1 in which all other files lie.
//
// libmspack sees the object as a file named by a text, and writes into an Output; its memory is
// bounded and counted. It reads on from where it is, so files are asked for in the order in which
// they lie in the stream: each byte is unpacked once, unless files overlap.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <mspack.h>

#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kChmMemoryMax = 64UL << 20;  // the directory
constexpr std::size_t kChmFilesMax = 200'000;
constexpr const char* kObjectName = "object";
constexpr const char* kOutputName = "output";

/// The world as libmspack sees it.
struct System : mspack_system {
  System(ByteView it, Output& into);
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  void refuse(Limit limit) {
    is_over = true;
    output.budget().reach(limit);
  }

  ByteView object;
  Output& output;
  std::size_t held = 0;
  bool is_over = false;  // some limit was reached
};

/// An open file: a place in the object, or the output.
struct File : mspack_file {
  System* system = nullptr;
  bool is_output = false;
  std::size_t at = 0;
};

/// Stands in front of each piece of memory, for whoever frees it tells only the place.
struct alignas(std::max_align_t) Piece {
  System* system = nullptr;  // none when a decoder has it
  std::size_t size = 0;
};

File& file_of(mspack_file* file) { return *static_cast<File*>(file); }

mspack_file* open_file(mspack_system* self, const char* name, int mode) {
  const bool is_output = mode == MSPACK_SYS_OPEN_WRITE;
  if (std::strcmp(name, is_output ? kOutputName : kObjectName) != 0) return nullptr;
  auto file = std::make_unique<File>();
  file->system = static_cast<System*>(self);
  file->is_output = is_output;
  return file.release();
}

void close_file(mspack_file* file) { const std::unique_ptr<File> closed(&file_of(file)); }

int read_file(mspack_file* from, void* buffer, int size) {
  File& file = file_of(from);
  if (file.is_output || size < 0) return -1;
  if (!file.system->output.budget().has_time()) {
    file.system->is_over = true;
    return -1;
  }
  const ByteView bytes = part(file.system->object, file.at, static_cast<std::uint64_t>(size));
  if (!bytes.empty()) std::memcpy(buffer, bytes.data(), bytes.size());
  file.at += bytes.size();
  return static_cast<int>(bytes.size());
}

int write_file(mspack_file* to, void* buffer, int size) {
  File& file = file_of(to);
  if (!file.is_output || size < 0) return -1;
  const ByteView bytes(static_cast<const std::uint8_t*>(buffer), static_cast<std::size_t>(size));
  if (!file.system->output.add(bytes)) {
    file.system->is_over = true;
    return -1;
  }
  return size;
}

int seek_file(mspack_file* in, off_t offset, int mode) {
  File& file = file_of(in);
  const std::size_t size = file.system->object.size();
  if (file.is_output) return -1;
  const std::size_t from = mode == MSPACK_SYS_SEEK_START ? 0
                           : mode == MSPACK_SYS_SEEK_CUR ? file.at
                                                         : size;
  const auto begin = static_cast<off_t>(from);
  if (offset < -begin || offset > static_cast<off_t>(size) - begin) return -1;
  file.at = static_cast<std::size_t>(begin + offset);
  return 0;
}

off_t tell_file(mspack_file* file) { return static_cast<off_t>(file_of(file).at); }

void drop_message(mspack_file*, const char*, ...) {}

// The LZX decoder works with a copy of the system in which `write` is another: it takes its window
// (2 MiB at most), its state and a buffer, once for each decoder, and there is one at a time.
constexpr std::size_t kDecoderPieceMax = 4UL << 20;

void* take_memory(mspack_system* self, std::size_t size) {
  System* system = self->write == write_file ? static_cast<System*>(self) : nullptr;
  if (size > (system == nullptr ? kDecoderPieceMax : kChmMemoryMax - system->held)) {
    if (system != nullptr) system->refuse(Limit::memory);
    return nullptr;
  }
  void* memory = std::malloc(size + sizeof(Piece));
  if (memory == nullptr) return nullptr;
  auto* piece = new (memory) Piece{.system = system, .size = size};
  if (system != nullptr) system->held += size;
  return piece + 1;
}

void free_memory(void* memory) {
  if (memory == nullptr) return;
  Piece* piece = static_cast<Piece*>(memory) - 1;
  if (piece->system != nullptr) piece->system->held -= piece->size;
  std::free(piece);
}

void copy_memory(void* from, void* to, std::size_t size) { std::memcpy(to, from, size); }

System::System(ByteView it, Output& into)
    : mspack_system{.open = open_file,
                    .close = close_file,
                    .read = read_file,
                    .write = write_file,
                    .seek = seek_file,
                    .tell = tell_file,
                    .message = drop_message,
                    .alloc = take_memory,
                    .free = free_memory,
                    .copy = copy_memory,
                    .null_ptr = nullptr},
      object(it),
      output(into) {}

struct FreeDecompressor {
  void operator()(mschm_decompressor* it) const { mspack_destroy_chm_decompressor(it); }
};
using Decompressor = std::unique_ptr<mschm_decompressor, FreeDecompressor>;

/// The directory of an open help file.
class Directory {
 public:
  Directory(mschm_decompressor& reader, mschmd_header* header) : reader_(reader), header_(header) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    if (header_ != nullptr) reader_.close(&reader_, header_);
  }
  const mschmd_header* get() const { return header_; }

 private:
  mschm_decompressor& reader_;
  mschmd_header* header_;
};

std::vector<mschmd_file*> in_order(const mschmd_header& header) {
  std::vector<mschmd_file*> files;
  for (mschmd_file* file = header.files; file != nullptr && files.size() < kChmFilesMax;
       file = file->next) {
    if (file->length > 0) files.push_back(file);
  }
  std::ranges::sort(files, {}, [](const mschmd_file* file) {
    return std::pair(file->section->id, file->offset);
  });
  return files;
}

/// A file of section 0 lies in the object as it is.
bool give_stored(const mschmd_header& header, const mschmd_file& file, Entry entry, ByteView object,
                 Walk& walk) {
  const auto begin =
      static_cast<std::uint64_t>(header.sec0.offset) + static_cast<std::uint64_t>(file.offset);
  const ByteView content = part(object, begin, entry.size);
  const End end = content.size() < entry.size ? End::damaged : End::whole;
  entry.packed_size = content.size();
  entry.position = begin;
  return walk.give(std::move(entry), end, content);
}

}  // namespace

void unpack_chm(ByteView object, Walk& walk) {
  int is_unfit = 0;
  MSPACK_SYS_SELFTEST(is_unfit);
  ensure(is_unfit == MSPACK_ERR_OK, "libmspack and we agree on the size of a file's place");
  Output output(walk.budget);
  System system(object, output);
  const Decompressor reader(mspack_create_chm_decompressor(&system));
  ensure(reader != nullptr, "there is memory for a CHM reader");
  const Directory directory(*reader, reader->open(reader.get(), kObjectName));
  if (directory.get() == nullptr) {
    return walk.outcome.note(system.is_over ? End::over_budget : End::damaged,
                             "the directory of the help file is damaged");
  }
  for (mschmd_file* file : in_order(*directory.get())) {
    if (!walk.goes_on()) return;
    Entry entry{.name = file->filename,
                .packed_size = object.size(),
                .size = static_cast<std::uint64_t>(file->length)};
    if (file->section->id == 0) {
      if (!give_stored(*directory.get(), *file, std::move(entry), object, walk)) return;
      continue;
    }
    output.begin(object.size());
    const int error = reader->extract(reader.get(), file, kOutputName);
    const End end = system.is_over           ? End::over_budget
                    : error == MSPACK_ERR_OK ? End::whole
                                             : End::damaged;
    if (!walk.give(std::move(entry), end, output) || system.is_over) return;
  }
}

}  // namespace amanat::unpack
