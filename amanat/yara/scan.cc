#include <algorithm>
#include <cstring>
#include <optional>

#include "amanat/yara/state.h"

namespace amanat::yara {
namespace {

struct ScannerDeleter {
  void operator()(YR_SCANNER* scanner) const { yr_scanner_destroy(scanner); }
};
using Scanner = std::unique_ptr<YR_SCANNER, ScannerDeleter>;

std::vector<std::string> tags_of(YR_RULE* rule) {
  std::vector<std::string> tags;
  const char* tag = nullptr;
  yr_rule_tags_foreach(rule, tag) { tags.emplace_back(tag); }
  return tags;
}

std::vector<Meta> meta_of(YR_RULE* rule) {
  std::vector<Meta> metas;
  YR_META* meta = nullptr;
  yr_rule_metas_foreach(rule, meta) {
    Meta told;
    told.name = meta->identifier;
    if (meta->type == META_TYPE_STRING) {
      told.value = meta->string;
    } else if (meta->type == META_TYPE_BOOLEAN) {
      told.value = meta->integer != 0 ? "true" : "false";
    } else {
      told.value = std::to_string(meta->integer);
    }
    metas.push_back(std::move(told));
  }
  return metas;
}

// libyara's matches lie at any address: copied, since reading them in place needs alignment.
std::optional<YR_MATCH> first_match(const YR_SCAN_CONTEXT* context, const YR_STRING* string) {
  const void* next = context->matches[string->idx].head;
  while (next != nullptr) {
    YR_MATCH match{};
    std::memcpy(&match, next, sizeof(match));
    if (!match.is_private) return match;
    next = match.next;
  }
  return std::nullopt;
}

// The first place of each string of the rule that was found.
std::vector<FoundString> strings_of(YR_SCAN_CONTEXT* context, YR_RULE* rule) {
  std::vector<FoundString> found;
  YR_STRING* string = nullptr;
  yr_rule_strings_foreach(rule, string) {
    const auto match = first_match(context, string);
    if (!match || found.size() >= kFoundStringsMax) continue;
    found.push_back({.identifier = string->identifier,
                     .offset = static_cast<std::uint64_t>(match->base + match->offset),
                     .size = static_cast<std::uint64_t>(match->match_length)});
  }
  return found;
}

int take(YR_SCAN_CONTEXT* context, int message, void* data, void* user) {
  auto& scanned = *static_cast<Scanned*>(user);
  if (message == CALLBACK_MSG_TOO_MANY_MATCHES) {
    scanned.end = End::too_many_found;
    return CALLBACK_CONTINUE;
  }
  if (message != CALLBACK_MSG_RULE_MATCHING) return CALLBACK_CONTINUE;
  auto* const rule = static_cast<YR_RULE*>(data);
  scanned.matches.push_back({.rule = rule->identifier,
                             .name_space = rule->ns->name,
                             .tags = tags_of(rule),
                             .meta = meta_of(rule),
                             .strings = strings_of(context, rule)});
  return scanned.matches.size() < kMatchesMax ? CALLBACK_CONTINUE : CALLBACK_ABORT;
}

// Compiled files of other makers may lack a variable: then no rule asks for it.
Result<> define(YR_SCANNER* scanner, const char* name, const std::string& value) {
  const int done = yr_scanner_define_string_variable(scanner, name, value.c_str());
  if (done == ERROR_INSUFFICIENT_MEMORY) {
    return fail(Code::unavailable, "libyara lacks memory for a variable");
  }
  return {};
}

Result<Scanner> prepare(YR_RULES* rules, const ScanOptions& options) {
  YR_SCANNER* raw = nullptr;
  if (yr_scanner_create(rules, &raw) != ERROR_SUCCESS) {
    return fail(Code::unavailable, "libyara lacks memory to scan");
  }
  Scanner scanner(raw);
  const std::pair<const char*, const std::string*> variables[] = {{"filename", &options.filename},
                                                                  {"filepath", &options.filepath},
                                                                  {"extension", &options.extension},
                                                                  {"filetype", &options.filetype}};
  for (const auto& [name, value] : variables) {
    if (auto done = define(raw, name, *value); !done) return carry(done);
  }
  // 0 would mean no limit at all.
  const auto seconds = std::clamp<std::int64_t>(
      std::chrono::ceil<std::chrono::seconds>(options.timeout).count(), 1, 24 * 3600);
  yr_scanner_set_timeout(raw, static_cast<int>(seconds));
  // libyara's own handler of faults would hide ours; the bytes are memory that we hold.
  int flags = SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH;
  if (options.is_fast) flags |= SCAN_FLAGS_FAST_MODE;
  yr_scanner_set_flags(raw, flags);
  return scanner;
}

}  // namespace

std::string_view Match::find_meta(std::string_view name) const {
  const auto found = std::ranges::find(meta, name, &Meta::name);
  return found == meta.end() ? std::string_view() : std::string_view(found->value);
}

Rules::Rules(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rules::Rules(Rules&&) noexcept = default;
Rules& Rules::operator=(Rules&&) noexcept = default;
Rules::~Rules() = default;

std::size_t Rules::count() const { return state_->rules->num_rules; }

Result<Scanned> Rules::scan(ByteView object, const ScanOptions& options) const {
  auto scanner = prepare(state_->rules.get(), options);
  if (!scanner) return carry(scanner);
  Scanned scanned;
  yr_scanner_set_callback(scanner->get(), take, &scanned);
  static constexpr std::uint8_t kNothing = 0;
  const std::uint8_t* const data = object.empty() ? &kNothing : object.data();
  const int done = yr_scanner_scan_mem(scanner->get(), data, object.size());
  if (done == ERROR_SCAN_TIMEOUT) {
    scanned.end = End::timed_out;
  } else if (done == ERROR_INSUFFICIENT_MEMORY) {
    return fail(Code::unavailable, "libyara lacks memory to scan");
  } else if (done != ERROR_SUCCESS) {
    // The stack of a condition, too many fibers of a regular expression: rules stay undecided.
    scanned.end = End::gave_up;
  }
  return scanned;
}

}  // namespace amanat::yara
