#include "amanat/consent/notice.h"

#include <algorithm>
#include <span>

#include "amanat/crypto/crypto.h"

// What every notice has to say, and how we tell that it does. Each line of `list_notice_problems`
// answers one duty; the rules that ask for it stand beside it.

namespace amanat::consent {
namespace {

class Problems {
 public:
  void require(bool holds, std::string_view problem) {
    if (!holds) problems_.emplace_back(problem);
  }
  void require_text(std::string_view text, std::string_view what) {
    if (text.empty()) problems_.push_back("it does not say " + std::string(what));
    if (text.contains('{') || text.contains('}')) {
      problems_.push_back("it still holds a placeholder where it says " + std::string(what));
    }
  }
  void require_texts(std::span<const std::string> texts, std::string_view what) {
    if (texts.empty()) require_text("", what);
    for (const std::string& text : texts) require_text(text, what);
  }
  void require_link(std::string_view link, std::string_view what) {
    require_text(link, what);
    const bool usable = link.starts_with("https://") || link.starts_with("mailto:");
    if (!link.empty() && (!usable || link.contains(' '))) {
      problems_.push_back("what leads to " + std::string(what) + " is no https or mailto link");
    }
  }
  std::vector<std::string> take() && { return std::move(problems_); }

 private:
  std::vector<std::string> problems_;
};

// DPDP Rules r.3(b)(i): an itemised description; SPDI Rules r.3: what is sensitive.
void check_items(const Notice& notice, Problems& problems) {
  problems.require(!notice.items.empty(), "it itemises nothing");
  std::uint8_t before = 0;
  for (const NoticeItem& item : notice.items) {
    const std::string of = " of " + std::string(name_of(item.category));
    problems.require(to_byte(item.category) > before,
                     "its items repeat or do not follow the registry");
    before = to_byte(item.category);
    problems.require_text(item.title, "the name" + of);
    problems.require_text(item.description, "what it is" + of);
    problems.require_text(item.example, "an example" + of);
    problems.require_text(item.source, "the source" + of);
    problems.require_text(item.frequency, "how often it collects" + of);
    problems.require_text(item.retention, "how long it keeps its data" + of);
    problems.require(item.sensitive || !is_sensitive(item.category),
                     "it hides that some data is sensitive:" + of);
    problems.require(item.third_persons || !is_about_third_persons(item.category),
                     "it hides that some data is about others:" + of);
  }
}

// DPDP Rules r.3(b)(ii): the purpose, and the service it enables; SPDI r.5(3): who, with address.
void check_who_and_why(const Notice& notice, Problems& problems) {
  problems.require_text(notice.name, "its name");
  problems.require(notice.version > 0, "it has no version");
  problems.require_text(notice.title, "its title");
  problems.require_text(notice.summary, "in short what it is about");
  for (const NoticeWord& word : kNoticeWords) {
    problems.require_text(notice.words.*word.member, std::string("the heading ").append(word.name));
  }
  problems.require_text(notice.maker.name, "who asks");
  problems.require_text(notice.maker.address, "the address of who asks");
  problems.require_text(notice.maker.contact, "whom to ask");
  problems.require_text(notice.maker.officer, "who hears grievances");
  problems.require_text(notice.maker.contact_india, "the contact in India");
  problems.require_texts(notice.jurisdictions, "whose law applies");
  problems.require_text(notice.purpose_description, "what for");
  problems.require_text(notice.service_enabled, "which service it enables");
  problems.require_text(notice.consequence_of_refusal, "what follows from a no");
  problems.require_text(notice.children, "what holds for children");
  problems.require_text(notice.other_languages, "in which other languages it can be had");
}

// docs/format.md §3: the declared cleartext. DPDP s.11(1)(b): everyone who has part in it.
void check_handling(const Notice& notice, Problems& problems) {
  problems.require_texts(notice.processing, "what is done with the data");
  problems.require_texts(notice.readers, "who can read it");
  problems.require_texts(notice.custodian_sees, "what the custodian sees");
  problems.require_text(notice.place.region, "the region");
  problems.require_text(notice.place.description, "where the data lies");
  problems.require_text(notice.place.restriction, "where copies may lie");
  for (const NoticeRecipient& recipient : notice.recipients) {
    problems.require_text(recipient.name, "who else has part in it");
    problems.require_text(recipient.role, "what others do with it");
    problems.require_text(recipient.country, "the country of others");
  }
  problems.require(notice.consent_days > 0, "it does not say how long a consent holds");
  problems.require_text(notice.renewal, "how a consent is renewed");
  problems.require_text(notice.retention_after, "what stays after a withdrawal");
  problems.require_text(notice.security, "how the data is protected");
  problems.require_text(notice.automated_decisions, "whether machines decide");
  problems.require_texts(notice.cannot_prove, "what nobody can prove");
}

// DPDP Rules r.3(c): the links to withdraw, to use one's rights, to complain.
void check_remedies(const Notice& notice, Problems& problems) {
  problems.require_link(notice.withdrawal.link, "withdrawal");
  problems.require_text(notice.withdrawal.command, "the command that withdraws");
  problems.require_text(notice.withdrawal.effect, "what a withdrawal does");
  problems.require(notice.withdrawal.steps == 1, "withdrawing takes more than one step");
  problems.require(notice.withdrawal.erasure_days > 0, "it gives no day by which data is erased");
  problems.require(!notice.rights.empty(), "it names no rights");
  for (const NoticeRight& right : notice.rights) {
    problems.require_text(right.right, "which rights there are");
    problems.require_text(right.how, "how to use a right");
    problems.require_link(right.link, "rights");
    problems.require(right.days > 0 && right.days <= 90, "a right is not answered within 90 days");
  }
  problems.require(notice.complaints.size() >= 2,
                   "it does not name both the maker's officer and an authority for complaints");
  for (const NoticeComplaint& complaint : notice.complaints) {
    problems.require_text(complaint.to, "who hears complaints");
    problems.require_text(complaint.how, "how to complain");
    problems.require_link(complaint.link, "complaints");
  }
}

}  // namespace

std::vector<std::string> list_notice_problems(const Notice& notice) {
  Problems problems;
  check_who_and_why(notice, problems);
  check_items(notice, problems);
  check_handling(notice, problems);
  check_remedies(notice, problems);
  return std::move(problems).take();
}

Result<> check_notice(const Notice& notice) {
  const auto problems = list_notice_problems(notice);
  if (problems.empty()) return {};
  return fail(Code::invalid_input, "notice: " + problems.front());
}

std::string withdraw_command(const Notice& notice, Category category) {
  return notice.withdrawal.command + " " + std::string(name_of(category));
}

NoticeId notice_id(std::string_view json) {
  return NoticeId::from(crypto::sha256(as_bytes(json)).bytes()).value();
}

}  // namespace amanat::consent
