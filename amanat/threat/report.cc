#include "amanat/threat/report.h"

#include <algorithm>

#include "amanat/threat/code.h"

namespace amanat::threat {
namespace {
constexpr std::size_t kExampleBytesMax = 160;
constexpr std::uint64_t kSourcesMax = 0xffff;
}  // namespace

void note_left(SourceReport& report, const signature::Refusal& refusal, std::string_view where) {
  if (refusal.reason == signature::Reason::comment) return;
  auto left = std::ranges::find(report.left, refusal.reason, &Left::reason);
  if (left == report.left.end()) {
    std::string example(where);
    if (!refusal.detail.empty()) example += ": " + refusal.detail;
    example.resize(std::min(example.size(), kExampleBytesMax));
    report.left.push_back({refusal.reason, 0, std::move(example)});
    left = std::prev(report.left.end());
  }
  ++left->count;
}

Bytes encode_report(const Report& report) {
  CodeWriter code;
  code.number(report.size());
  for (const SourceReport& source : report) {
    code.number(source.applied);
    code.number(source.ignored);
    code.number(source.left.size());
    for (const Left& left : source.left) {
      code.byte(static_cast<std::uint8_t>(left.reason));
      code.number(left.count);
      code.block(as_bytes(left.example));
    }
  }
  return std::move(code).take();
}

Report decode_report(ByteView code) {
  CodeReader reader(code);
  Report report;
  const std::uint64_t sources = std::min(reader.number(), kSourcesMax);
  for (std::uint64_t i = 0; i < sources && !reader.failed(); ++i) {
    SourceReport source;
    source.applied = reader.number();
    source.ignored = reader.number();
    const std::uint64_t reasons = reader.number();
    for (std::uint64_t j = 0; j < reasons && !reader.failed(); ++j) {
      Left left;
      left.reason = static_cast<signature::Reason>(reader.byte() % signature::kReasonCount);
      left.count = reader.number();
      left.example = as_text(reader.block());
      if (!reader.failed()) source.left.push_back(std::move(left));
    }
    report.push_back(std::move(source));
  }
  return report;
}

}  // namespace amanat::threat
