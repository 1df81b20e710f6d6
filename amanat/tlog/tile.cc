#include "amanat/tlog/tile.h"

#include <algorithm>
#include <charconv>

#include "amanat/codec/codec.h"

namespace amanat::tlog {
namespace {

constexpr std::size_t kTilesKept = 16;
constexpr std::size_t kPathBytesMax = 64;

// 1234067 is x001/x234/067: groups of three digits, all but the last marked.
std::string index_path(std::uint64_t index) {
  std::string path;
  for (bool last = true;; last = false) {
    std::string group = std::to_string(index % 1000);
    group.insert(0, 3 - group.size(), '0');
    path.insert(0, last ? group : "x" + group + "/");
    index /= 1000;
    if (index == 0) return path;
  }
}

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::unexpected<Error> no_tile_path() {
  return fail(Code::invalid_input, "it is no path of a tile");
}

// Reads `.p/112` off the end of `path`; 256 when there is none.
std::optional<unsigned> take_width(std::string_view& path) {
  const std::size_t mark = path.find(".p/");
  if (mark == std::string_view::npos) return kTileWidth;
  const auto width = number_of(path.substr(mark + 3));
  if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
  path = path.substr(0, mark);
  return static_cast<unsigned>(*width);
}

// Reads the index that is the rest of `path`. Spelling is checked by writing it again.
std::optional<std::uint64_t> index_of(std::string_view path) {
  std::string digits;
  for (const char c : path) {
    if (c != 'x' && c != '/') digits += c;
  }
  return number_of(digits);
}

// Row k + 1 joins the pairs of row k; what has no partner yet joins nothing.
std::vector<std::vector<merkle::Hash>> rows_over(std::vector<merkle::Hash> hashes) {
  std::vector<std::vector<merkle::Hash>> rows{std::move(hashes)};
  while (rows.back().size() > 1) {
    const std::vector<merkle::Hash>& below = rows.back();
    std::vector<merkle::Hash> row(below.size() / 2);
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = merkle::hash_node(below[2 * i], below[2 * i + 1]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string path_of(const TileName& name) {
  std::string path = "tile/";
  path += name.level ? std::to_string(*name.level) : "entries";
  path += '/';
  path += index_path(name.index);
  if (name.width < kTileWidth) path += ".p/" + std::to_string(name.width);
  return path;
}

Result<TileName> parse_tile_path(std::string_view path) {
  if (path.size() > kPathBytesMax || !path.starts_with("tile/")) return no_tile_path();
  std::string_view rest = path.substr(5);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return no_tile_path();

  TileName name;
  if (const std::string_view kind = rest.substr(0, slash); kind != "entries") {
    const auto level = number_of(kind);
    if (!level || *level >= kTileLevels) return no_tile_path();
    name.level = static_cast<unsigned>(*level);
  }
  rest = rest.substr(slash + 1);
  const auto width = take_width(rest);
  if (!width) return no_tile_path();
  name.width = *width;
  const auto index = index_of(rest);
  if (!index) return no_tile_path();
  name.index = *index;
  if (path_of(name) != path) return no_tile_path();
  return name;
}

unsigned width_at(unsigned level, std::uint64_t index, std::uint64_t size) {
  const std::uint64_t hashes = hashes_at(level, size);
  if (index > hashes / kTileWidth) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, hashes - index * kTileWidth));
}

Bytes encode_tile(std::span<const merkle::Hash> hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * merkle::Hash::kSize);
  for (const merkle::Hash& hash : hashes) append(bytes, hash.bytes());
  return bytes;
}

Result<std::vector<merkle::Hash>> parse_tile(ByteView bytes, unsigned width) {
  if (width == 0 || width > kTileWidth || bytes.size() != width * merkle::Hash::kSize) {
    return fail(Code::invalid_input, "a tile has the wrong length");
  }
  codec::Reader reader(bytes);
  std::vector<merkle::Hash> hashes(width);
  for (merkle::Hash& hash : hashes) hash = reader.id<merkle::Hash>();
  return hashes;
}

Bytes encode_bundle(std::span<const Bytes> entries) {
  codec::Writer writer;
  for (const Bytes& entry : entries) writer.vector16(entry, kEntryBytesMax);
  return std::move(writer).take();
}

Result<std::vector<ByteView>> parse_bundle(ByteView bytes, unsigned width) {
  if (width == 0 || width > kTileWidth) {
    return fail(Code::invalid_input, "a bundle holds 1 to 256 entries");
  }
  codec::Reader reader(bytes);
  std::vector<ByteView> entries(width);
  for (ByteView& entry : entries) entry = reader.vector16(kEntryBytesMax);
  if (auto done = reader.finish("entry bundle"); !done) return carry(done);
  return entries;
}

Result<const TileHashes::Kept*> TileHashes::tile(unsigned level, std::uint64_t index) {
  ++uses_;
  const auto kept = std::ranges::find_if(
      kept_, [&](const Kept& one) { return one.level == level && one.index == index; });
  if (kept != kept_.end()) {
    kept->used = uses_;
    return &*kept;
  }
  auto hashes = source_(level, index);
  if (!hashes) return carry(hashes);
  if (hashes->size() > kTileWidth) return fail(Code::invalid_input, "a tile is too wide");
  Kept fresh{.level = level, .index = index, .used = uses_, .rows = rows_over(std::move(*hashes))};
  if (kept_.size() < kTilesKept) return &kept_.emplace_back(std::move(fresh));
  const auto oldest = std::ranges::min_element(kept_, {}, &Kept::used);
  *oldest = std::move(fresh);
  return &*oldest;
}

Result<merkle::Hash> TileHashes::read(unsigned level, std::uint64_t index) {
  const unsigned row = level % kTileHeight;
  const unsigned in_row_bits = kTileHeight - row;  // a full tile has 2^this nodes in the row
  const auto kept = tile(level / kTileHeight, index >> in_row_bits);
  if (!kept) return carry(kept, "reading a tile");
  const std::uint64_t place = index & ((std::uint64_t{1} << in_row_bits) - 1);
  const auto& rows = (*kept)->rows;
  if (row >= rows.size() || place >= rows[row].size()) {
    return fail(Code::not_found, "a tile is too narrow for the subtree");
  }
  return rows[row][place];
}

void TileHashes::forget_growing() {
  std::erase_if(kept_, [](const Kept& one) { return one.rows.front().size() < kTileWidth; });
}

merkle::SubtreeReader TileHashes::reader() {
  return [this](unsigned level, std::uint64_t index) { return read(level, index); };
}

}  // namespace amanat::tlog
