#include "amanat/threat/labels.h"

#include <array>
#include <cstring>
#include <limits>

#include "amanat/threat/sections.h"

namespace amanat::threat {
namespace {
constexpr std::size_t kStringBytesMax = std::numeric_limits<std::uint16_t>::max();

struct SourceRow {
  std::uint32_t name = 0;
  std::uint32_t licence = 0;
  std::uint32_t kind = 0;
};

Class class_from(std::uint32_t number) {
  return number <= static_cast<std::uint32_t>(Class::allowed) ? static_cast<Class>(number)
                                                              : Class::malware;
}
}  // namespace

std::string_view name_of(Class kind) {
  switch (kind) {
    case Class::malware: return "malware";
    case Class::unwanted: return "unwanted";
    case Class::stalkerware: return "stalkerware";
    case Class::allowed: return "allowed";
  }
  return "malware";
}

Class class_of(std::string_view signature_name, Class of_source) {
  if (of_source == Class::allowed) return of_source;
  return signature_name.starts_with("PUA.") ? Class::unwanted : of_source;
}

std::uint32_t StringPool::add(std::string_view text) {
  text = text.substr(0, kStringBytesMax);
  const auto known = places_.find(std::string(text));
  if (known != places_.end()) return known->second;
  ensure(bytes_.size() + text.size() + 2 < std::numeric_limits<std::uint32_t>::max(),
         "the names of a threat database fit in four gigabytes");
  const auto place = static_cast<std::uint32_t>(bytes_.size());
  bytes_.push_back(static_cast<std::uint8_t>(text.size()));
  bytes_.push_back(static_cast<std::uint8_t>(text.size() >> 8U));
  append(bytes_, as_bytes(text));
  places_.emplace(text, place);
  return place;
}

std::string_view string_at(ByteView pool, std::uint32_t place) {
  if (place > pool.size() || pool.size() - place < 2) return {};
  const std::size_t size = pool[place] + (std::size_t{pool[place + 1]} << 8U);
  if (pool.size() - place - 2 < size) return {};
  return as_text(pool.subspan(place + 2, size));
}

void write_sources(ImageWriter& writer, StringPool& pool, const std::vector<Source>& sources) {
  std::vector<SourceRow> rows;
  for (const Source& source : sources) {
    rows.push_back(
        {pool.add(source.name), pool.add(source.licence), static_cast<std::uint32_t>(source.kind)});
  }
  writer.add_rows<SourceRow>(section::kSources, rows);
}

std::vector<Source> read_sources(const Image& image, ByteView pool) {
  std::vector<Source> sources;
  for (const SourceRow& row : image.rows<SourceRow>(section::kSources)) {
    sources.push_back({std::string(string_at(pool, row.name)),
                       std::string(string_at(pool, row.licence)), class_from(row.kind)});
    if (sources.size() > std::numeric_limits<std::uint16_t>::max()) break;
  }
  return sources;
}

}  // namespace amanat::threat
