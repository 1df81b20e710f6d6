#include "amanat/scan/verdict.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "amanat/codec/codec.h"

namespace amanat::scan {
namespace {

constexpr std::size_t kTextBytesMax = 16UL << 10;

void write_text(codec::Writer& writer, std::string_view text) {
  writer.vector16(as_bytes(text.substr(0, kTextBytesMax)), kTextBytesMax);
}

std::string read_text(codec::Reader& reader) {
  return std::string(as_text(reader.vector16(kTextBytesMax)));
}

void write_verdict(codec::Writer& writer, const Verdict& verdict) {
  writer.u8(static_cast<std::uint8_t>(verdict.kind));
  writer.u8(static_cast<std::uint8_t>(verdict.threat_class));
  writer.u64(verdict.position);
  writer.vector16(encode(verdict.met), threat::kObjectsMetBytesMax);
  write_text(writer, verdict.signature);
  write_text(writer, verdict.source);
  write_text(writer, verdict.inside);
  write_text(writer, verdict.reason);
}

Verdict read_verdict(codec::Reader& reader) {
  Verdict verdict;
  const std::uint8_t kind = reader.u8();
  const std::uint8_t threat_class = reader.u8();
  if (kind > static_cast<std::uint8_t>(Verdict::Kind::not_examined)) reader.refuse("kind");
  if (threat_class > static_cast<std::uint8_t>(threat::Class::allowed)) reader.refuse("class");
  verdict.kind = static_cast<Verdict::Kind>(kind);
  verdict.threat_class = static_cast<threat::Class>(threat_class);
  verdict.position = reader.u64();
  if (auto met = threat::parse_objects_met(reader.vector16(threat::kObjectsMetBytesMax))) {
    verdict.met = std::move(*met);
  } else {
    reader.refuse("what was met");
  }
  verdict.signature = read_text(reader);
  verdict.source = read_text(reader);
  verdict.inside = read_text(reader);
  verdict.reason = read_text(reader);
  return verdict;
}

}  // namespace

std::string_view name_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::clean: return "clean";
    case Verdict::Kind::threat: return "threat";
    case Verdict::Kind::not_fully_scanned: return "not_fully_scanned";
    case Verdict::Kind::not_examined: break;
  }
  return "not_examined";
}

Bytes encode(const Verdict& verdict) {
  codec::Writer writer;
  write_verdict(writer, verdict);
  writer.u16(static_cast<std::uint16_t>(std::min(verdict.others.size(), kThreatsMax)));
  for (const Verdict& other : verdict.others | std::views::take(kThreatsMax)) {
    write_verdict(writer, other);
  }
  return std::move(writer).take();
}

Result<Verdict> parse_verdict(ByteView bytes) {
  codec::Reader reader(bytes);
  Verdict verdict = read_verdict(reader);
  const std::size_t count = reader.u16();
  if (count > kThreatsMax) reader.refuse("count of threats");
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    verdict.others.push_back(read_verdict(reader));
  }
  if (auto done = reader.finish("verdict"); !done) return carry(done);
  return verdict;
}

}  // namespace amanat::scan
