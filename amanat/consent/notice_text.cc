// Renders a notice for a terminal: a heading for each question a person has, the categories one by
// one, no word that is not in the notice.

#include <algorithm>

#include "amanat/consent/notice.h"
#include "amanat/consent/terminal_text.h"

namespace amanat::consent {
namespace {

constexpr std::size_t kWidthMin = 40;
constexpr std::size_t kWidthMax = 200;

class Page {
 public:
  explicit Page(std::size_t width) : width_(std::clamp(width, kWidthMin, kWidthMax)) {}

  void title(std::string_view text) {
    text_ += wrap_text(text, "", width_);
    text_.append(std::min(columns_of(text), width_), '=').append("\n\n");
  }
  void heading(std::string_view text) {
    if (!text_.ends_with("\n\n")) text_ += '\n';
    text_ += wrap_text(text, "", width_);
  }
  void line(std::string_view text) { text_ += wrap_text(text, "  ", width_); }
  void point(std::string_view text) { text_ += wrap_text(text, "  - ", width_); }
  void points(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) point(text);
  }
  void detail(std::string_view text) { text_ += wrap_text(text, "     ", width_); }
  void detail(std::string_view label, std::string_view text) {
    detail(std::string(label).append(": ").append(text));
  }
  void number(std::size_t number, std::string_view text) {
    std::string first = std::to_string(number) + ". ";
    first.insert(0, first.size() < 5 ? 5 - first.size() : 0, ' ');
    text_ += wrap_text(text, first, width_);
  }
  std::string take() && { return std::move(text_); }

 private:
  std::size_t width_;
  std::string text_;
};

void write_items(Page& page, const Notice& notice) {
  const NoticeWords& words = notice.words;
  page.heading(words.what);
  std::size_t number = 0;
  for (const NoticeItem& item : notice.items) {
    page.number(++number, item.title + " (" + std::string(name_of(item.category)) + ")");
    page.detail(item.description);
    page.detail(words.example, item.example);
    page.detail(words.source, item.source);
    page.detail(words.frequency, item.frequency);
    page.detail(words.kept, item.retention);
    if (item.sensitive) page.detail(words.sensitive);
    if (item.third_persons) page.detail(words.third_persons);
  }
}

void write_who_and_why(Page& page, const Notice& notice) {
  page.title(notice.title);
  page.line(notice.summary);
  page.heading(notice.words.who_asks);
  page.line(notice.maker.name);
  page.line(notice.maker.address);
  page.line(notice.maker.contact);
  page.line(notice.maker.contact_india);
  page.heading(notice.words.purpose);
  page.line(notice.purpose_description);
  page.line(notice.service_enabled);
  page.line(notice.consequence_of_refusal);
}

void write_handling(Page& page, const Notice& notice) {
  page.heading(notice.words.handling);
  page.points(notice.processing);
  page.heading(notice.words.where);
  page.line(notice.place.description);
  page.line(notice.place.restriction);
  page.heading(notice.words.who_can_read);
  page.points(notice.readers);
  page.heading(notice.words.custodian_sees);
  page.points(notice.custodian_sees);
  if (!notice.recipients.empty()) page.heading(notice.words.recipients);
  for (const NoticeRecipient& recipient : notice.recipients) {
    page.point(recipient.name + ": " + recipient.role + " (" + recipient.country + ")");
  }
  page.heading(notice.words.security);
  page.line(notice.security);
  page.heading(notice.words.automated);
  page.line(notice.automated_decisions);
}

void write_remedies(Page& page, const Notice& notice) {
  page.heading(notice.words.how_long);
  page.line(notice.renewal);
  page.line(notice.retention_after);
  page.heading(notice.words.withdraw);
  if (!notice.items.empty()) page.line(withdraw_command(notice, notice.items.front().category));
  page.line(notice.withdrawal.link);
  page.line(notice.withdrawal.effect);
  page.heading(notice.words.rights);
  for (const NoticeRight& right : notice.rights) {
    page.point(right.right + ": " + right.how + " (" + right.link + ")");
  }
  page.heading(notice.words.complain);
  for (const NoticeComplaint& complaint : notice.complaints) {
    page.point(complaint.to + ": " + complaint.how + " " + complaint.link);
  }
  page.heading(notice.words.children);
  page.line(notice.children);
  page.heading(notice.words.cannot_prove);
  page.points(notice.cannot_prove);
  page.heading(notice.words.languages);
  page.line(notice.other_languages);
}

}  // namespace

std::string to_plain_text(const Notice& notice, std::size_t width) {
  Page page(width);
  write_who_and_why(page, notice);
  write_items(page, notice);
  write_handling(page, notice);
  write_remedies(page, notice);
  return std::move(page).take();
}

}  // namespace amanat::consent
