#include <algorithm>
#include <utility>

#include "amanat/scan/archive.h"
#include "amanat/scan/object_stream.h"
#include "amanat/scan/tables.h"

namespace amanat::scan {
namespace {

constexpr std::size_t kPieceBytes = 256UL << 10;

Verdict not_fully_scanned(std::string_view reason) {
  return {.kind = Verdict::Kind::not_fully_scanned,
          .signature = {},
          .source = {},
          .inside = {},
          .reason = std::string(reason)};
}

// An allowed file is clean whatever is in it, and a known file needs no unpacking. Bytes found in
// an archive mostly lie in a stored entry: then the verdict names that.
Verdict conclude(ObjectStream& stream, const RandomAccess& file, std::uint64_t size,
                 ArchiveScan inside, const Database::Tables& tables) {
  const Finding finding = stream.finish();
  if (finding.allowed) return {};
  if (finding.by_digest) return threat(tables, *finding.signature, {});
  if (finding.signature && !stream.starts_as_zip()) return threat(tables, *finding.signature, {});
  Verdict verdict;
  if (finding.size_held) {
    verdict = inside.scan(file, size, stream.starts_as_zip());
  } else {
    verdict = not_fully_scanned("the file changed its size while it was read");
  }
  if (!finding.signature || verdict.kind == Verdict::Kind::threat) return verdict;
  return threat(tables, *finding.signature, {});
}

}  // namespace

std::string_view name_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::clean: return "clean";
    case Verdict::Kind::threat: return "threat";
    case Verdict::Kind::not_fully_scanned: break;
  }
  return "not_fully_scanned";
}

struct ScanStream::State {
  const Database::Tables* tables;
  Limits limits;
  std::uint64_t size;
  ObjectStream stream;
};

ScanStream::ScanStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScanStream::ScanStream(ScanStream&&) noexcept = default;
ScanStream& ScanStream::operator=(ScanStream&&) noexcept = default;
ScanStream::~ScanStream() = default;

void ScanStream::update(ByteView piece) { state_->stream.update(piece); }

void ScanStream::update_zeros(std::uint64_t count) { state_->stream.update_zeros(count); }

Verdict ScanStream::finish(const RandomAccess& file) {
  return conclude(
      state_->stream, file, state_->size,
      ArchiveScan(*state_->tables, state_->limits, state_->limits.nested_bytes_max_streaming),
      *state_->tables);
}

Verdict Scanner::scan(ByteView file) const {
  const Database::Tables& tables = database_->tables();
  ObjectStream stream(tables, file.size());
  stream.update(file);
  return conclude(stream, read_from(file), file.size(),
                  ArchiveScan(tables, limits_, limits_.nested_bytes_max), tables);
}

Verdict Scanner::scan(const RandomAccess& file, std::uint64_t size,
                      std::span<const Part> zeros) const {
  ScanStream pass = stream(size);
  Bytes buffer;
  std::uint64_t at = 0;
  const auto read_until = [&](std::uint64_t end) {
    for (; at < end; at += buffer.size()) {
      buffer.resize(std::min<std::uint64_t>(kPieceBytes, end - at));
      if (!file(at, buffer)) return false;
      pass.update(buffer);
    }
    return true;
  };
  for (const Part& part : zeros) {
    if (!read_until(part.start)) return not_fully_scanned("the file could not be read");
    pass.update_zeros(part.size);
    at = part.start + part.size;
  }
  if (!read_until(size)) return not_fully_scanned("the file could not be read");
  return pass.finish(file);
}

ScanStream Scanner::stream(std::uint64_t size) const {
  return ScanStream(std::make_unique<ScanStream::State>(
      ScanStream::State{.tables = &database_->tables(),
                        .limits = limits_,
                        .size = size,
                        .stream = ObjectStream(database_->tables(), size)}));
}

}  // namespace amanat::scan
