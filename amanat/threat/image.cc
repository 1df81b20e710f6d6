#include "amanat/threat/image.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "amanat/crypto/crypto.h"

namespace amanat::threat {
static_assert(std::endian::native == std::endian::little, "rows are used where they lie");

namespace {
constexpr std::array<std::uint8_t, 8> kMagic{'A', 'M', 'T', 'H', 'R', 'E', 'A', 'T'};

struct Header {
  std::array<std::uint8_t, 8> magic = kMagic;
  std::uint32_t format = kFormatVersion;
  std::uint32_t engine = 0;
  std::uint64_t size = 0;
  std::uint32_t sections = 0;
  std::uint32_t zero = 0;
  std::array<std::uint8_t, 32> digest{};
  std::array<std::uint8_t, 64> zeros{};
};
static_assert(sizeof(Header) == 128 && std::has_unique_object_representations_v<Header>);
constexpr std::size_t kDigestOffset = offsetof(Header, digest);

struct TableRow {
  std::uint32_t name = 0;
  std::uint32_t part = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};
static_assert(sizeof(TableRow) == 24);

std::uint64_t align(std::uint64_t offset) {
  return (offset + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
}

constexpr std::array<std::uint8_t, 32> kZeros{};
constexpr std::size_t kBehindDigest = kDigestOffset + kZeros.size();

crypto::Hash digest_of(ByteView image) {
  return crypto::sha256({image.first(kDigestOffset), kZeros, image.subspan(kBehindDigest)});
}

/// The same, of a mapping that is let go of as it was read: a database may be larger than what a
/// phone has left.
crypto::Hash digest_of(const Mapping& mapping) {
  constexpr std::size_t kWindow = std::size_t{4} << 20U;
  const ByteView image = mapping.bytes();
  crypto::Digest digest;
  digest.update(image.first(kDigestOffset));
  digest.update(kZeros);
  for (std::size_t begin = 0; begin < image.size(); begin += kWindow) {
    const std::size_t from = std::max(begin, kBehindDigest);
    const std::size_t end = std::min(begin + kWindow, image.size());
    digest.update(image.subspan(from, end - from));
    mapping.let_go(begin, end - begin);
  }
  return digest.finish_sha256();
}
}  // namespace

Result<Mapping> Mapping::of_file(int file) {
  struct stat status{};
  const bool fits = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0
                    && static_cast<std::uint64_t>(status.st_size) <= kImageBytesMax;
  const auto size = fits ? static_cast<std::size_t>(status.st_size) : 0;
  void* data = fits ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  if (data == MAP_FAILED) return fail(Code::invalid_input, "the threat database cannot be mapped");
  // Look-ups are few and far between: a large page would bring in two megabytes for each.
  ::madvise(data, size, MADV_NOHUGEPAGE);
  return Mapping(static_cast<const std::uint8_t*>(data), size, Kind::file, file);
}

Result<Mapping> Mapping::copy_of(ByteView bytes) {
  if (bytes.empty()) return fail(Code::invalid_input, "the threat database is empty");
  void* data =
      ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return fail(Code::unavailable, "no memory for the threat database");
  std::memcpy(data, bytes.data(), bytes.size());
  ::mprotect(data, bytes.size(), PROT_READ);
  return Mapping(static_cast<const std::uint8_t*>(data), bytes.size(), Kind::copy);
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      kind_(other.kind_),
      file_(other.file_) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(kind_, other.kind_);
  std::swap(file_, other.file_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ == nullptr || kind_ == Kind::borrowed) return;
  ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

void Mapping::let_go(std::size_t begin, std::size_t size) const {
  if (kind_ != Kind::file) return;  // what lies in memory alone would be lost
  ::madvise(const_cast<std::uint8_t*>(data_) + begin, size, MADV_DONTNEED);
}

void Mapping::read(std::size_t begin, ByteSpan bytes) const {
  std::size_t got = 0;
  while (kind_ == Kind::file && got < bytes.size()) {
    const ssize_t more =
        ::pread(file_, bytes.data() + got, bytes.size() - got, static_cast<off_t>(begin + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    got += static_cast<std::size_t>(more);
  }
  if (got < bytes.size()) std::memcpy(bytes.data() + got, data_ + begin + got, bytes.size() - got);
}

Result<Image> Image::open(Mapping mapping, std::uint32_t engine_version) {
  Image image(std::move(mapping));
  const ByteView bytes = image.mapping_.bytes();
  Header header;
  if (bytes.size() < sizeof(header)) {
    return fail(Code::invalid_input, "the threat database is shorter than its header");
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kMagic) return fail(Code::invalid_input, "this is not a threat database");
  if (header.format != kFormatVersion) {
    return fail(Code::stale, "the threat database has another format version");
  }
  if (header.engine > engine_version) {
    return fail(Code::stale, "the threat database asks for a newer engine");
  }
  if (header.size != bytes.size()) {
    return fail(Code::invalid_input, "the threat database is cut short or has grown");
  }
  if (header.sections > kSectionCountMax
      || sizeof(header) + header.sections * sizeof(TableRow) > bytes.size()) {
    return fail(Code::invalid_input, "the table of the threat database does not fit");
  }
  std::memcpy(image.version_.fill().data(), header.digest.data(), header.digest.size());
  for (std::size_t i = 0; i < header.sections; ++i) {
    TableRow row;
    std::memcpy(&row, bytes.data() + sizeof(header) + i * sizeof(row), sizeof(row));
    const bool inside = row.offset <= bytes.size() && row.size <= bytes.size() - row.offset;
    if (!inside || row.offset % kSectionAlignment != 0) {
      return fail(Code::invalid_input, "a section of the threat database lies outside it");
    }
    image.table_.push_back({{row.name, row.part}, row.offset, row.size});
  }
  return image;
}

Result<> Image::verify() const {
  if (!std::ranges::equal(digest_of(mapping_).bytes(), version_.bytes())) {
    return fail(Code::corrupt, "the threat database is not what was written");
  }
  return {};
}

ByteView Image::section(SectionName name) const {
  const auto row = std::ranges::find(table_, name, &Row::name);
  if (row == table_.end()) return {};
  return mapping_.bytes().subspan(row->offset, row->size);
}

void ImageWriter::add(SectionName name, Bytes content) {
  if (content.empty()) return;
  ensure(sections_.size() < kSectionCountMax, "a threat database has a bounded number of sections");
  sections_.push_back({name, std::move(content)});
}

Bytes ImageWriter::finish(std::uint32_t engine_version) && {
  Header header;
  header.engine = engine_version;
  header.sections = static_cast<std::uint32_t>(sections_.size());
  std::uint64_t end = align(sizeof(header) + sections_.size() * sizeof(TableRow));
  std::vector<TableRow> table;
  for (const Section& section : sections_) {
    table.push_back({section.name.name, section.name.part, end, section.content.size()});
    end = align(end + section.content.size());
  }
  header.size = end;
  Bytes bytes(end);
  std::memcpy(bytes.data(), &header, sizeof(header));
  if (!table.empty()) {
    std::memcpy(bytes.data() + sizeof(header), table.data(), table.size() * sizeof(TableRow));
  }
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    std::ranges::copy(sections_[i].content,
                      bytes.begin() + static_cast<std::ptrdiff_t>(table[i].offset));
    Bytes().swap(sections_[i].content);
  }
  const crypto::Hash digest = digest_of(bytes);
  std::ranges::copy(digest.bytes(), bytes.begin() + kDigestOffset);
  return bytes;
}

}  // namespace amanat::threat
