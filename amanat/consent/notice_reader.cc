// Reads the JSON of a notice. What reads is bounded and may be shown; whether the notice says what
// the law asks for is judged in notice.cc.

#include "amanat/codec/json.h"
#include "amanat/consent/language.h"
#include "amanat/consent/notice.h"
#include "amanat/consent/terminal_text.h"

namespace amanat::consent {
namespace {

constexpr std::string_view kSchema = "amanat-notice/1";
constexpr std::size_t kTextMax = 2'000;
constexpr std::size_t kCountMax = 64;
constexpr std::uint64_t kDaysMax = 36'525;

std::string read_text(json::Fields& fields, std::string_view name) {
  std::string text = fields.text(name, kTextMax);
  if (!is_showable(text)) fields.refuse(name, "holds a character that cannot be shown");
  return text;
}

std::vector<std::string> read_texts(json::Fields& fields, std::string_view name) {
  std::vector<std::string> texts;
  for (const json::Value& value : fields.array(name, kCountMax)) {
    const std::string* const text = value.text();
    if (text == nullptr || text->size() > kTextMax || !is_showable(*text)) {
      fields.refuse(name, "holds something that is no text to be shown");
      break;
    }
    texts.push_back(*text);
  }
  return texts;
}

// Reads one object with `read`, and refuses what it does not ask for.
template <class T>
T read_object(json::Fields& fields, std::string_view name, T (*read)(json::Fields&)) {
  const json::Value* const value = fields.value(name);
  if (value == nullptr) return {};
  json::Fields inner(*value, name);
  T object = read(inner);
  if (auto done = inner.finish(); !done) fields.refuse(name, done.error().message);
  return object;
}

template <class T>
std::vector<T> read_list(json::Fields& fields, std::string_view name, T (*read)(json::Fields&)) {
  std::vector<T> list;
  for (const json::Value& value : fields.array(name, kCountMax)) {
    json::Fields item(value, name);
    list.push_back(read(item));
    if (auto done = item.finish(); !done) {
      fields.refuse(name, done.error().message);
      break;
    }
  }
  return list;
}

NoticeItem read_item(json::Fields& fields) {
  NoticeItem item;
  const auto category = category_from_name(read_text(fields, "category"));
  if (!category) fields.refuse("category", "is not a category of the registry");
  item.category = category.value_or(Category::other);
  item.title = read_text(fields, "title");
  item.description = read_text(fields, "description");
  item.example = read_text(fields, "example");
  item.source = read_text(fields, "source");
  item.frequency = read_text(fields, "frequency");
  item.retention = read_text(fields, "retention");
  item.sensitive = fields.boolean("sensitive");
  item.third_persons = fields.boolean("third_persons");
  return item;
}

NoticeMaker read_maker(json::Fields& fields) {
  NoticeMaker maker;
  maker.name = read_text(fields, "name");
  maker.address = read_text(fields, "address");
  maker.contact = read_text(fields, "contact");
  maker.officer = read_text(fields, "officer");
  maker.contact_india = read_text(fields, "contact_india");
  return maker;
}

NoticePlace read_place(json::Fields& fields) {
  NoticePlace place;
  place.region = read_text(fields, "region");
  place.description = read_text(fields, "description");
  place.restriction = read_text(fields, "restriction");
  return place;
}

NoticeRecipient read_recipient(json::Fields& fields) {
  NoticeRecipient recipient;
  recipient.name = read_text(fields, "name");
  recipient.role = read_text(fields, "role");
  recipient.country = read_text(fields, "country");
  return recipient;
}

NoticeWithdrawal read_withdrawal(json::Fields& fields) {
  NoticeWithdrawal withdrawal;
  withdrawal.link = read_text(fields, "link");
  withdrawal.command = read_text(fields, "command");
  withdrawal.effect = read_text(fields, "effect");
  withdrawal.steps = fields.number("steps", 100);
  withdrawal.erasure_days = fields.number("erasure_days", kDaysMax);
  return withdrawal;
}

NoticeRight read_right(json::Fields& fields) {
  NoticeRight right;
  right.right = read_text(fields, "right");
  right.how = read_text(fields, "how");
  right.link = read_text(fields, "link");
  right.days = fields.number("days", kDaysMax);
  return right;
}

NoticeComplaint read_complaint(json::Fields& fields) {
  NoticeComplaint complaint;
  complaint.to = read_text(fields, "to");
  complaint.how = read_text(fields, "how");
  complaint.link = read_text(fields, "link");
  return complaint;
}

NoticeWords read_words(json::Fields& fields) {
  NoticeWords words;
  for (const auto& [name, member] : kNoticeWords) words.*member = read_text(fields, name);
  return words;
}

void read_head(json::Fields& fields, Notice& notice) {
  if (read_text(fields, "schema") != kSchema) fields.refuse("schema", "is not amanat-notice/1");
  notice.name = read_text(fields, "name");
  notice.version = fields.number("version");
  if (const auto replaces = fields.optional_text("replaces", NoticeId::kSize * 2)) {
    auto id = NoticeId::from_hex(*replaces);
    if (id) notice.replaces = *id;
    if (!id) fields.refuse("replaces", "is not an id in lower-case hex");
  }
  const auto valid_from = parse_day(read_text(fields, "valid_from"));
  if (!valid_from) fields.refuse("valid_from", "is not a day like 2026-11-24");
  notice.valid_from = valid_from.value_or(Day{});
  notice.language = read_text(fields, "language");
  if (!is_language_tag(notice.language)) fields.refuse("language", "is no language tag");
  notice.right_to_left = fields.boolean("right_to_left");
  notice.translation_of = fields.optional_text("translation_of", kLanguageBytesMax);
  if (notice.translation_of && !is_language_tag(*notice.translation_of)) {
    fields.refuse("translation_of", "is no language tag");
  }
  notice.title = read_text(fields, "title");
  notice.summary = read_text(fields, "summary");
  notice.words = read_object<NoticeWords>(fields, "words", read_words);
  notice.maker = read_object<NoticeMaker>(fields, "maker", read_maker);
  notice.jurisdictions = read_texts(fields, "jurisdictions");
}

void read_purpose(json::Fields& fields, Notice& notice) {
  const auto purpose = purpose_from_name(read_text(fields, "purpose"));
  if (!purpose) fields.refuse("purpose", "is not a purpose of the registry");
  notice.purpose = purpose.value_or(Purpose::custody);
  notice.purpose_description = read_text(fields, "purpose_description");
  notice.service_enabled = read_text(fields, "service_enabled");
  notice.consequence_of_refusal = read_text(fields, "consequence_of_refusal");
  notice.items = read_list<NoticeItem>(fields, "items", read_item);
}

void read_handling(json::Fields& fields, Notice& notice) {
  notice.processing = read_texts(fields, "processing");
  notice.readers = read_texts(fields, "readers");
  notice.custodian_sees = read_texts(fields, "custodian_sees");
  notice.place = read_object<NoticePlace>(fields, "place", read_place);
  notice.recipients = read_list<NoticeRecipient>(fields, "recipients", read_recipient);
  notice.consent_days = fields.number("consent_days", kDaysMax);
  notice.renewal = read_text(fields, "renewal");
  const auto mode = retention_mode_from_name(read_text(fields, "retention_mode"));
  if (!mode) fields.refuse("retention_mode", "is not logs-only or sealed-hold");
  notice.retention_mode = mode.value_or(RetentionMode::logs_only);
  notice.retention_after = read_text(fields, "retention_after");
}

void read_remedies(json::Fields& fields, Notice& notice) {
  notice.withdrawal = read_object<NoticeWithdrawal>(fields, "withdrawal", read_withdrawal);
  notice.rights = read_list<NoticeRight>(fields, "rights", read_right);
  notice.complaints = read_list<NoticeComplaint>(fields, "complaints", read_complaint);
  notice.children = read_text(fields, "children");
  notice.security = read_text(fields, "security");
  notice.automated_decisions = read_text(fields, "automated_decisions");
  notice.cannot_prove = read_texts(fields, "cannot_prove");
  notice.other_languages = read_text(fields, "other_languages");
}

}  // namespace

Result<Notice> parse_notice(std::string_view json) {
  auto value = json::parse(json, kNoticeBytesMax);
  if (!value) return carry(value, "notice");
  json::Fields fields(*value, "notice");
  Notice notice;
  read_head(fields, notice);
  read_purpose(fields, notice);
  read_handling(fields, notice);
  read_remedies(fields, notice);
  if (auto done = fields.finish(); !done) return carry(done);
  return notice;
}

}  // namespace amanat::consent
