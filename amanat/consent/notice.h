#pragma once

// What a person is told before being asked: itemised, in one language, complete without any other
// document (DPDP Rules 2025, r.3; field list after ISO/IEC TS 27560 and ISO/IEC 29184).
//
// A notice is JSON. Its id is the SHA-256 of the bytes as they were published and shown, so that a
// decision names exactly the words a person saw. One notice speaks of one purpose and one language;
// the headings a terminal shows are part of it, so that a new language is data, not code.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/consent/grant_id.h"
#include "amanat/consent/law.h"
#include "amanat/consent/notice_words.h"
#include "amanat/error/error.h"

namespace amanat::consent {

inline constexpr std::size_t kNoticeBytesMax = 256 << 10;

/// One category: what it is, an example, where it comes from, how often, how long it is kept.
struct NoticeItem {
  Category category = Category::other;
  std::string title;
  std::string description;
  std::string example;
  std::string source;
  std::string frequency;
  std::string retention;
  bool sensitive = false;
  bool third_persons = false;
};

struct NoticeMaker {
  std::string name, address, contact, officer, contact_india;
};
struct NoticePlace {
  std::string region;       // docs/format.md §2
  std::string description;  // "Singapore (Amazon Web Services)"
  std::string restriction;  // "no copy outside this place"
};
struct NoticeRecipient {
  std::string name, role, country;
};
struct NoticeWithdrawal {
  std::string link, effect;
  std::string command;  // the category's word follows
  std::uint64_t steps = 0;
  std::uint64_t erasure_days = 0;  // at the latest
};
struct NoticeRight {
  std::string right, how, link;
  std::uint64_t days = 0;
};
struct NoticeComplaint {
  std::string to, how, link;
};

struct Notice {
  std::string name;  // "custody"
  std::uint64_t version = 0;
  std::optional<NoticeId> replaces;
  Day valid_from;
  std::string language;
  bool right_to_left = false;
  std::optional<std::string> translation_of;
  std::string title, summary;
  NoticeWords words;
  NoticeMaker maker;
  std::vector<std::string> jurisdictions;  // ISO 3166
  Purpose purpose = Purpose::custody;
  std::string purpose_description, service_enabled, consequence_of_refusal;
  std::vector<NoticeItem> items;  // registry order
  std::vector<std::string> processing;
  std::vector<std::string> readers;         // who can read what is kept
  std::vector<std::string> custodian_sees;  // the declared cleartext
  NoticePlace place;
  std::vector<NoticeRecipient> recipients;
  std::uint64_t consent_days = 0;  // how long an answer holds
  std::string renewal;
  RetentionMode retention_mode = RetentionMode::logs_only;
  std::string retention_after;  // what stays after a withdrawal, and why
  NoticeWithdrawal withdrawal;
  std::vector<NoticeRight> rights;
  std::vector<NoticeComplaint> complaints;
  std::string children;
  std::string security;
  std::string automated_decisions;
  std::vector<std::string> cannot_prove;
  std::string other_languages;
};

/// Reads a notice strictly: all members, no others, bounded; fails with invalid_input.
Result<Notice> parse_notice(std::string_view json);

/// What is missing or wrong, a sentence each, for a person; empty when the notice may be shown.
std::vector<std::string> list_notice_problems(const Notice& notice);

/// The same as a result: invalid_input with the first problem.
Result<> check_notice(const Notice& notice);

/// The id of these bytes.
NoticeId notice_id(std::string_view json);

/// What to type to withdraw from one category: `amanat withdraw photos`.
std::string withdraw_command(const Notice& notice, Category category);

/// The notice for a terminal, at most `width` columns (taken as 40 to 200), without control
/// characters but line feeds.
std::string to_plain_text(const Notice& notice, std::size_t width);

}  // namespace amanat::consent
