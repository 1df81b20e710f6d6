#include "amanat/scan/walk.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "amanat/program/executable.h"
#include "amanat/unpack/html.h"
#include "amanat/unpack/text.h"

namespace amanat::scan {
namespace {

using signature::Target;
using unpack::Kind;

constexpr std::uint16_t kOfRules = 0xffff;  // no source of signatures
constexpr std::chrono::seconds kRulesTimeMax{30};
constexpr std::uint64_t kRulesObjectBytesMax = 256ULL << 20;

Target target_for(Kind kind) { return static_cast<Target>(unpack::target_of(kind)); }

/// Whose raw bytes are compared with signatures for any target only: those for their own are meant
/// for the normal form.
bool has_normal_form(Kind kind) { return unpack::is_text(kind) || kind == Kind::html; }

/// A page that begins as one is compared in its normal forms only, as in ClamAV; what is too large
/// for them, or becomes a page further on, is compared as text too.
bool is_page_only(const Place& place) {
  constexpr std::size_t kOpeningBytes = 1024;
  if (place.kind != Kind::html || place.content.size() > unpack::kHtmlBytesMax) return false;
  const ByteView opening = place.content.first(std::min(place.content.size(), kOpeningBytes));
  return unpack::kind_of(opening) == Kind::html;
}

/// The kind of an object, as its whole content tells it.
Kind kind_in_full(Kind kind, ByteView content) {
  const bool is_plain = kind == Kind::text_ascii || kind == Kind::script;
  return is_plain && unpack::becomes_page(content) ? Kind::html : kind;
}

bool may_be_program(Kind kind) {
  return kind == Kind::elf || kind == Kind::pe || kind == Kind::pe_memory || kind == Kind::macho;
}

}  // namespace

/// What signatures may ask about an object besides its bytes.
struct Walk::Facts {
  explicit Facts(const Place& place) {
    known.target = has_normal_form(place.kind) ? Target::any : target_for(place.kind);
    known.around = types_around(place);
    known.read = place.read;
    if (!may_be_program(place.kind)) return;
    auto read = program::read_executable(place.content);
    if (!read) return;
    executable = std::move(*read);
    known.executable = &*executable;
  }
  Facts(const Facts&) = delete;
  Facts& operator=(const Facts&) = delete;

  std::optional<program::Executable> executable;
  threat::ObjectFacts known;
};

Verdict Walk::look_at(ByteView file, const threat::ReadWindow* read) {
  visit({.content = file,
         .kind = kind_in_full(unpack::kind_of(file), file),
         .around = nullptr,
         .name = {},
         .read = read});
  if (verdict_.kind != Verdict::Kind::threat && budget_.reached() != unpack::Limit::none
      && verdict_.reason.empty()) {
    verdict_.kind = Verdict::Kind::not_fully_scanned;
    verdict_.reason = unpack::describe(budget_.reached());
  }
  verdict_.met = std::move(met_);
  return std::move(verdict_);
}

void Walk::visit(const Place& place) {
  met_.sizes.add(place.content.size());
  if (!budget_.has_time()) {
    budget_.reach(unpack::Limit::deadline);
    return note(place, unpack::describe(unpack::Limit::deadline));
  }
  // A known file needs no unpacking. Bytes found in an archive mostly lie in a stored entry: asking
  // inside first, the verdict names that.
  const Facts facts(place);
  note_met(facts);
  judge(place, examiner_.match_digests(place.content, facts.known));
  const bool inside_first = unpack::may_hold_objects(place.kind);
  if (!is_over() && inside_first) look_inside(place);
  if (!is_over()) match(place, facts);
  if (!is_over() && !inside_first) look_inside(place);
}

void Walk::note_met(const Facts& facts) {
  if (!facts.executable || facts.executable->format != program::Format::pe) return;
  met_.add_target(Target::pe);
  for (const program::Section& section : facts.executable->sections) {
    met_.sections.add(section.raw_size);
  }
}

void Walk::match(const Place& place, const Facts& facts) {
  if (!is_page_only(place)) {
    met_.add_target(facts.known.target);
    judge(place, examiner_.match_bytes(place.content, facts.known));
  }
  const bool is_mail_in_text = place.kind == Kind::mail && !unpack::begins_as_mail(place.content);
  const bool is_normalised = has_normal_form(place.kind) || is_mail_in_text;
  if (!is_over() && is_normalised) match_normal_forms(place);
  if (!is_over() && database_.rules) match_rules(place);
}

void Walk::match_form(const Place& place, ByteView form, Target target) {
  if (form.empty() || is_over()) return;
  met_.add_target(target);
  met_.sizes.add(form.size());
  judge(place, examiner_.match_bytes(form, {.target = target,
                                            .executable = nullptr,
                                            .around = types_around(place),
                                            .size = place.content.size(),
                                            .read = nullptr}));
}

void Walk::match_normal_forms(const Place& place) {
  if (place.kind == Kind::html) {
    const unpack::NormalHtml page = unpack::normalise_html(place.content);
    match_form(place, page.no_comments, Target::html);
    match_form(place, page.no_tags, Target::html);
    match_form(place, page.scripts, Target::html);
    match_form(place, page.scripts, Target::ascii);
    if (is_page_only(place)) return;
  }
  if (place.content.size() > unpack::kTextBytesMax) return;  // as ClamAV: such text has none
  if (place.kind == Kind::text_utf16_le || place.kind == Kind::text_utf16_be) {
    match_form(place, unpack::normalise_text(place.kind, place.content), Target::ascii);
  } else {
    match_form(place, normaliser_.whole(place.content), Target::ascii);
  }
}

void Walk::match_rules(const Place& place) {
  if (place.content.size() > kRulesObjectBytesMax) return note(place, "too large for YARA's rules");
  auto scanned = database_.rules->scan(place.content, {.timeout = kRulesTimeMax,
                                                       .filename = place.name,
                                                       .filepath = {},
                                                       .extension = {},
                                                       .filetype = {}});
  if (!scanned) return note(place, "YARA's rules could not be run");
  for (const yara::Match& match : scanned->matches) {
    if (is_over()) return;
    const std::uint64_t position = match.strings.empty() ? 0 : match.strings.front().offset;
    report_threat(place,
                  {.name = match.rule,
                   .source = kOfRules,
                   .kind = threat::class_of(match.rule, threat::Class::malware),
                   .position = position},
                  match.name_space);
  }
  if (!is_over() && scanned->end != yara::End::whole) note(place, "YARA's rules took too long");
}

void Walk::judge(const Place& place, const threat::Findings& findings) {
  const auto& sources = database_.threats.sources();
  for (const threat::Hit& hit : findings.hits) {
    report_threat(place, hit,
                  hit.source < sources.size() ? sources[hit.source].name : std::string_view());
    if (is_over()) return;
  }
  if (!findings.complete) note(place, "signatures take too long to compare");
}

void Walk::report_threat(const Place& place, const threat::Hit& hit, std::string_view source) {
  for (const Place* at = &place; at != nullptr; at = at->around) {
    if (examiner_.is_allowed(at->content)) {
      met_.was_allowed = true;
      return;
    }
  }
  add_threat({.kind = Verdict::Kind::threat,
              .threat_class = hit.kind,
              .signature = std::string(hit.name),
              .source = std::string(source),
              .inside = path_of(place),
              .reason = {},
              .position = hit.position,
              .met = {}});
}

void Walk::add_threat(Verdict threat) {
  const auto is_same = [&](const Verdict& known) {
    return known.signature == threat.signature && known.inside == threat.inside;
  };
  if (verdict_.kind != Verdict::Kind::threat) {
    verdict_ = std::move(threat);
  } else if (!is_same(verdict_) && std::ranges::none_of(verdict_.others, is_same)
             && verdict_.others.size() + 1 < kThreatsMax) {
    verdict_.others.push_back(std::move(threat));
  }
}

void Walk::look_inside(const Place& place) {
  if (place.kind == Kind::macho_universal && !look_at_slices(place)) return;
  const unpack::Outcome outcome =
      unpack::unpack(place.kind, place.content, budget_,
                     [&](const unpack::Found& found) { return take(place, found); });
  if (is_over() || outcome.end == unpack::End::whole) return;
  if (outcome.end == unpack::End::over_budget) {
    note(place, unpack::describe(budget_.reached()));
  } else {
    note(place, outcome.problem.empty() ? unpack::describe(outcome.end) : outcome.problem);
  }
}

// The programs of a universal binary lie in it as they are. False when the look is over.
bool Walk::look_at_slices(const Place& place) {
  const auto slices = program::read_slices(place.content);
  if (!slices) {
    if (slices.error().code != Code::not_found) note(place, slices.error().message);
    return true;
  }
  const unpack::Budget::Level level(budget_);
  if (!level.fits()) return true;  // `unpack` says so
  std::uint32_t index = 0;
  for (const program::Slice& slice : *slices) {
    if (!budget_.take_entry() || !budget_.take_bytes(slice.size)) {
      note(place, unpack::describe(budget_.reached()));
      return false;
    }
    const unpack::Entry entry{
        .packed_size = slice.size, .size = slice.size, .position = slice.offset, .index = index++};
    const ByteView content = place.content.subspan(slice.offset, slice.size);
    if (!take(place, {.entry = entry, .end = unpack::End::whole, .content = content})) return false;
  }
  return true;
}

bool Walk::take(const Place& place, const unpack::Found& found) {
  match_member(place, found.entry);
  if (is_over()) return false;
  Place inner{.content = found.content,
              .kind = found.entry.kind,
              .around = &place,
              .name = printable(found.entry.name),
              .read = nullptr};
  if (inner.name.empty()) inner.name = "#" + std::to_string(found.entry.index);
  if (inner.kind == Kind::unknown) inner.kind = unpack::kind_of(found.content);
  inner.kind = kind_in_full(inner.kind, found.content);
  if (found.end != unpack::End::whole) {
    note(inner, found.end == unpack::End::over_budget ? unpack::describe(budget_.reached())
                                                      : unpack::describe(found.end));
  }
  if (!found.content.empty()) visit(inner);
  return !is_over() && budget_.has_time();
}

void Walk::match_member(const Place& place, const unpack::Entry& entry) {
  met_.add_container(object_type_of(place.kind));
  judge(place, examiner_.match_member({.container = object_type_of(place.kind),
                                       .container_size = place.content.size(),
                                       .name = entry.name,
                                       .packed_size = entry.packed_size,
                                       .size = entry.size,
                                       .encrypted = entry.encrypted,
                                       .position = std::uint64_t{entry.index} + 1,
                                       .crc = entry.crc}));
}

void Walk::note(const Place& place, std::string_view reason) {
  if (verdict_.kind != Verdict::Kind::clean) return;  // the first reason is told
  verdict_.kind = Verdict::Kind::not_fully_scanned;
  verdict_.reason = reason;
  verdict_.inside = path_of(place);
}

Scanner::Scanner(const Database& database, const Clock& clock)
    : database_(&database), clock_(&clock), examiner_(database.state().threats) {}

Verdict Scanner::scan(ByteView file, const Limits& limits, Stop stop,
                      const threat::ReadWindow* read) {
  return Walk(database_->state(), examiner_, normaliser_, limits, *clock_, stop)
      .look_at(file, read);
}

}  // namespace amanat::scan
