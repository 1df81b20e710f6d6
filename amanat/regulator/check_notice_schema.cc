#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "amanat/consent/notice.h"
#include "amanat/regulator/checks.h"

namespace amanat::regulator {
namespace {

struct Known {
  std::uint64_t index = 0;  // where it was published first
  std::optional<consent::Notice> notice;
};
using Notices = std::map<consent::NoticeId, Known>;

/// What is wrong with the bytes under a published hash; nothing when they are a good notice.
std::optional<std::string> problem_of(const PublishedNotice& published, const Bytes& bytes,
                                      Known& known) {
  const std::string_view text = as_text(bytes);
  if (consent::notice_id(text) != published.notice.notice) {
    return "the bytes served under its hash are others";
  }
  auto notice = consent::parse_notice(text);
  if (!notice) return notice.error().message;
  if (const auto problems = consent::list_notice_problems(*notice); !problems.empty()) {
    return problems.front();
  }
  if (consent::to_byte(notice->purpose) != published.notice.purpose
      || notice->language != published.notice.language) {
    return std::string("it is for another purpose or language than the log says");
  }
  known.notice = *std::move(notice);
  return {};
}

bool names_category(const consent::Notice& notice, consent::Category category) {
  return std::ranges::any_of(notice.items, [category](const consent::NoticeItem& item) {
    return item.category == category;
  });
}

void check_decisions(Finding& finding, const Case& judged, const Notices& notices) {
  for (const auto& [index, opened] : judged.decisions) {
    const auto known = notices.find(opened.decision.notice);
    if (known == notices.end() || known->second.index >= index) {
      refute(finding, fmt::format("decision {} names a notice not published before it", index),
             index);
    } else if (known->second.notice
               && !names_category(*known->second.notice, opened.decision.category)) {
      refute(finding,
             fmt::format("decision {} is about {}, which its notice does not name", index,
                         consent::name_of(opened.decision.category)),
             index);
    }
  }
}

}  // namespace

Finding check_notice_schema(const Case& judged) {
  Finding finding;
  finding.check = "notice-schema";
  Notices notices;
  std::uint64_t missing = 0;
  for (const PublishedNotice& published : judged.log.notices()) {
    Known& known =
        notices.try_emplace(published.notice.notice, Known{.index = published.index, .notice = {}})
            .first->second;
    const auto served = judged.answers.notices.find(published.notice.notice);
    if (served == judged.answers.notices.end()) {
      ++missing;
      continue;
    }
    finding.exchanges.push_back(served->second.exchange);
    if (const auto problem = problem_of(published, served->second.answer, known)) {
      refute(finding, fmt::format("the notice of entry {}: {}", published.index, *problem),
             published.index);
    }
  }
  check_decisions(finding, judged, notices);
  if (judged.log.notices().empty() && finding.verdict != Verdict::refuted) {
    finding.reason = "no notice is in the log";
    return finding;
  }
  settle(judged, finding, Verdict::verified, missing,
         fmt::format("{} notices are whole, unchanged, and older than the decisions that name them",
                     judged.log.notices().size()));
  return finding;
}

}  // namespace amanat::regulator
