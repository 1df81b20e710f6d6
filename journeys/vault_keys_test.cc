// Keys, consents and withdrawals of a phone that is cut off at any moment, and of two phones that
// share a vault. A kill is a clock that throws: the phone asks for the time before each request.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "amanat/clock/clock.h"
#include "amanat/custodian/custodian.h"
#include "amanat/phone/consent_flow.h"
#include "amanat/phone/enroll.h"
#include "amanat/phone/protect.h"
#include "amanat/phone/recover.h"
#include "amanat/phone/restore.h"
#include "amanat/phone/session_refresh.h"
#include "amanat/phone/withdraw.h"

namespace amanat {
namespace {

namespace fs = std::filesystem;
using consent::Category;
using consent::CategorySet;

struct Killed {};

/// Throws at the given call of `now`, once; never when it is 0.
class KillingClock final : public Clock {
 public:
  explicit KillingClock(int at) : left_(at) {}
  Instant now() const override {
    if (left_ > 0 && --left_ == 0) throw Killed{};
    return SystemClock().now();
  }

 private:
  mutable int left_;
};

class Vault {
 public:
  Vault() {
    std::string pattern = (fs::temp_directory_path() / "amanat-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    top = pattern;
    custodian::Settings settings;
    settings.folder = top / "custodian";
    auto opened = custodian::Custodian::open(std::move(settings), clock);
    REQUIRE(opened);
    custodian_ = std::move(*opened);
    auto serving = custodian::serve(*custodian_, {});
    REQUIRE(serving);
    serving_ = std::move(*serving);
    fs::create_directories(top / "files");
    std::ofstream(top / "files/asha.vcf")
        << "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Asha Rao\r\nN:Rao;Asha;;;\r\nEND:VCARD\r\n";
    std::ofstream(top / "files/plan.txt") << "buy rice\nand oil\n";
    phone::PreparedTerminal terminal;
    auto enrolled = phone::enroll(
        {.address = address(), .home = top / "phone", .words_out = top / "words", .token = {}},
        terminal, clock);
    REQUIRE_MESSAGE(enrolled, enrolled.error().message);
  }
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault() {
    serving_.reset();
    custodian_.reset();
    std::error_code ignored;
    fs::remove_all(top, ignored);
  }

  std::string address() const { return api::to_text(serving_->address()); }

  phone::Session open(const std::string& home = "phone") { return open(home, clock); }
  phone::Session open(const std::string& home, const Clock& by) {
    auto session = phone::Session::open(top / home, by);
    REQUIRE_MESSAGE(session, session.error().message);
    return std::move(*session);
  }

  phone::RefreshReport refresh(phone::Session& session) {
    auto report = phone::refresh_session(session);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  void consent(phone::Session& session, CategorySet categories) {
    phone::PreparedTerminal terminal;
    auto report = phone::ask_consent(session, {.grant = categories}, terminal);
    REQUIRE_MESSAGE(report, report.error().message);
  }

  Result<phone::RecoverReport> recover(const std::string& home, const std::string& words,
                                       const Clock& by) {
    phone::PreparedTerminal terminal;
    return phone::recover({.address = address(), .home = top / home, .words = top / words},
                          terminal, by);
  }

  /// Without `words` it waits; without `out` it cannot go past its first step.
  Result<phone::WithdrawReport> withdraw(phone::Session& session, Category category,
                                         const std::string& words, const std::string& out) {
    phone::WithdrawOptions options;
    options.category = category;
    options.now = !words.empty();
    if (!words.empty()) options.words = top / words;
    if (!out.empty()) options.words_out = top / out;
    phone::PreparedTerminal terminal;
    return phone::withdraw(session, options, terminal);
  }

  std::uint64_t protect(phone::Session& session) {
    phone::Progress quiet;
    auto report = phone::protect(session, {.folder = top / "files"}, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return report->kept_files;
  }

  std::uint64_t restore(phone::Session& session, const std::string& to) {
    phone::Progress quiet;
    phone::RestoreOptions options;
    options.destination = top / to;
    auto report = phone::restore(session, options, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return report->files;
  }

  SystemClock clock;
  fs::path top;

 private:
  std::unique_ptr<custodian::Custodian> custodian_;
  std::unique_ptr<custodian::Serving> serving_;
};

void forget_receipts(phone::Session& session, const std::string& type) {
  REQUIRE(session.records().database().execute(
      "UPDATE events SET receipt = NULL WHERE substr(event, 1, 1) = x'" + type + "'"));
}

}  // namespace

TEST_CASE("new words that a withdrawal brought without the present ones confirm nothing") {
  Vault vault;
  auto session = vault.open();
  vault.consent(session, {Category::contacts, Category::documents});
  vault.protect(session);
  const auto before = session.keys().versions();
  REQUIRE(vault.withdraw(session, Category::contacts, "", "words-2"));
  const auto refused = vault.withdraw(session, Category::contacts, "words-2", "words-3");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(vault.refresh(session).completed.empty());
  CHECK(session.keys().versions().front() == before.back());
  // A consent that is given meanwhile does not let go of the words that count.
  vault.consent(session, {Category::other});
  CHECK(session.keys().versions().front() == before.back());
  auto cancelled = phone::cancel_withdrawal(session, Category::contacts);
  REQUIRE_MESSAGE(cancelled, cancelled.error().message);
  CHECK(vault.withdraw(session, Category::documents, "words-2", "words-4").error().code
        == Code::denied);
  CHECK(vault.restore(session, "restored") == 2);
}

TEST_CASE("a consent whose answer was lost is a consent, with keys") {
  Vault vault;
  {
    auto session = vault.open();
    vault.consent(session, {Category::contacts, Category::documents});
    forget_receipts(session, "12");
    REQUIRE(session.records().database().execute("DELETE FROM grants"));
    vault.refresh(session);
    CHECK(session.records().grants()->size() == 2);
    CHECK(vault.protect(session) == 2);
    REQUIRE(session.records().database().execute("DELETE FROM grants"));
  }
  auto session = vault.open();  // the receipts alone are enough
  CHECK(session.records().grants()->size() == 2);
  CHECK(vault.protect(session) == 2);
}

TEST_CASE("a withdrawal whose answer was lost goes on where it was cut off") {
  Vault vault;
  {
    auto session = vault.open();
    vault.consent(session, {Category::contacts, Category::documents});
    vault.protect(session);
    CHECK_FALSE(vault.withdraw(session, Category::contacts, "words", ""));
    forget_receipts(session, "13");
    REQUIRE(
        session.records().database().execute("UPDATE grants SET state = 0;"
                                             "DELETE FROM withdrawals"));
  }
  auto session = vault.open();
  vault.refresh(session);
  CHECK(session.records().withdrawals()->size() == 1);
  auto done = vault.withdraw(session, Category::contacts, "words", "words-2");
  REQUIRE_MESSAGE(done, done.error().message);
  CHECK(done->completed);
  CHECK(session.keys().versions().size() == 1);
  CHECK(vault.refresh(session).withdrawn_elsewhere.empty());
  CHECK(vault.restore(session, "restored") == 1);
}

TEST_CASE("a withdrawal and its cancellation may be killed before every request") {
  Vault vault;
  {
    auto session = vault.open();
    vault.consent(session, {Category::contacts, Category::documents});
    vault.protect(session);
  }
  bool is_done = false;
  for (int moment = 1; !is_done; ++moment) {
    const KillingClock killing(moment);
    try {
      auto session = vault.open("phone", killing);
      vault.refresh(session);
      auto done = vault.withdraw(session, Category::contacts, "", "words-2");
      REQUIRE_MESSAGE(done, done.error().message);
      is_done = true;
    } catch (const Killed&) {
    }
  }
  is_done = false;
  for (int moment = 1; !is_done; ++moment) {
    const KillingClock killing(moment);
    try {
      auto session = vault.open("phone", killing);
      vault.refresh(session);
      auto done = phone::cancel_withdrawal(session, Category::contacts);
      if (!done) CHECK(done.error().code == Code::conflict);  // the refresh has finished it
      is_done = true;
    } catch (const Killed&) {
    }
  }
  auto session = vault.open();
  CHECK(session.records().withdrawals()->empty());
  CHECK(vault.restore(session, "restored") == 2);
  CHECK(vault.protect(session) == 2);
}

TEST_CASE("a one-time key that a kill left behind is settled when the phone opens") {
  Vault vault;
  fs::path used;
  {
    auto session = vault.open();
    const Bytes before = session.records().needed_fact(phone::fact::kOneTimeKey).value();
    used = session.home().keys() / ("one-time-" + crypto::BoxPublicKey::from(before).value().hex());
    fs::copy_file(used, vault.top / "kept");
    vault.consent(session, {Category::documents});
    REQUIRE_FALSE(fs::exists(used));
    fs::copy_file(vault.top / "kept", used);
    REQUIRE(session.records().set_fact(phone::fact::kOneTimeKey, before));
  }
  auto session = vault.open();
  CHECK_FALSE(fs::exists(used));
  std::ofstream(session.home().keys() / "one-time-orphan") << "made for a try that failed";
  vault.consent(session, {Category::contacts});
  CHECK_FALSE(fs::exists(session.home().keys() / "one-time-orphan"));
  CHECK(vault.protect(session) == 2);
}

TEST_CASE("a recovery may be killed before every request, and the next attempt goes on with it") {
  Vault vault;
  {
    auto session = vault.open();
    vault.consent(session, {Category::contacts, Category::documents});
    vault.protect(session);
  }
  bool is_done = false;
  for (int moment = 1; !is_done; ++moment) {
    const KillingClock killing(moment);
    try {
      auto done = vault.recover("new", "words", killing);
      REQUIRE_MESSAGE(done, done.error().message);
      is_done = true;
    } catch (const Killed&) {
    }
  }
  auto session = vault.open("new");
  vault.refresh(session);
  CHECK(session.keyring().body.devices.size() == 2);
  CHECK(vault.restore(session, "restored") == 2);
  vault.consent(session, {Category::other});
  auto done = vault.withdraw(session, Category::contacts, "words", "words-2");
  REQUIRE_MESSAGE(done, done.error().message);
  CHECK(done->completed);
  CHECK_FALSE(fs::exists(session.home().keys() / "recovering-label"));
}

TEST_CASE("a second phone learns of withdrawals and consents, and destroys its own keys") {
  Vault vault;
  auto first = vault.open();
  vault.consent(first, {Category::contacts, Category::documents, Category::other});
  vault.protect(first);
  REQUIRE(vault.recover("second", "words", vault.clock));
  auto second = vault.open("second");
  vault.refresh(second);
  CHECK(vault.protect(second) == 2);

  vault.refresh(first);
  REQUIRE(vault.withdraw(first, Category::contacts, "words", "words-2"));
  // The keyring between these two is gone before the second phone wakes.
  REQUIRE(vault.withdraw(first, Category::other, "words-2", "words-3"));
  vault.consent(first, {Category::calendar});
  const auto report = vault.refresh(second);
  CHECK(report.withdrawn_elsewhere.size() == 2);
  CHECK(report.completed.size() == 2);
  CHECK(report.given_elsewhere == std::vector{Category::calendar});
  CHECK(second.keys().versions() == std::vector{second.keyring().version()});
  CHECK(second.keyring().version() == first.keyring().version());
  CHECK(vault.protect(second) == 1);
  CHECK(vault.restore(second, "restored") == 2);  // the same note of two phones, and no contact
  for (const auto& entry : fs::recursive_directory_iterator(vault.top / "restored")) {
    CHECK(entry.path().extension() != ".vcf");
  }
  CHECK_FALSE(vault.withdraw(second, Category::contacts, "words-3", "words-4"));
  const auto again = vault.refresh(second);
  CHECK(again.withdrawn_elsewhere.empty());
  CHECK(again.completed.empty());
}

TEST_CASE("a second phone waits with a withdrawal that can be cancelled, and sees it cancelled") {
  Vault vault;
  auto first = vault.open();
  vault.consent(first, {Category::contacts, Category::documents});
  vault.protect(first);
  REQUIRE(vault.recover("second", "words", vault.clock));
  auto second = vault.open("second");
  vault.refresh(first);
  REQUIRE(vault.withdraw(first, Category::contacts, "", "words-2"));
  auto report = vault.refresh(second);
  CHECK(report.withdrawn_elsewhere == std::vector{Category::contacts});
  CHECK(report.completed.empty());
  CHECK(second.keys().versions().size() == 2);
  CHECK(vault.protect(second) == 1);
  REQUIRE(phone::cancel_withdrawal(first, Category::contacts));
  report = vault.refresh(second);
  CHECK(report.given_elsewhere == std::vector{Category::contacts});
  CHECK(second.records().withdrawals()->empty());
  CHECK(vault.protect(second) == 2);
}

TEST_CASE("the words before an unconfirmed withdrawal still confirm, and end the wait") {
  Vault vault;
  auto session = vault.open();
  vault.consent(session, {Category::contacts, Category::documents});
  vault.protect(session);
  REQUIRE(vault.withdraw(session, Category::contacts, "", "words-2"));
  auto done = vault.withdraw(session, Category::documents, "words", "words-3");
  REQUIRE_MESSAGE(done, done.error().message);
  CHECK(done->completed);
  CHECK(vault.refresh(session).completed == std::vector{Category::contacts});
  CHECK(session.keys().versions().size() == 1);
  CHECK(vault.withdraw(session, Category::contacts, "words", "words-4").error().code
        == Code::denied);
}

TEST_CASE("words that an unlocked phone replaced recover the vault, and void the newer ones") {
  Vault vault;
  std::uint64_t kept = 0;
  {
    auto session = vault.open();
    vault.consent(session, {Category::contacts, Category::documents});
    kept = vault.protect(session);
    // Malware withdraws everything, hides the new words, and the phone goes on sealing.
    REQUIRE(vault.withdraw(session, Category::contacts, "", "words-2"));
    std::ofstream(vault.top / "files/later.txt") << "sealed under a key the old words lack\n";
    vault.protect(session);
    REQUIRE(vault.withdraw(session, Category::documents, "", "words-3"));
  }
  CHECK(vault.recover("none", "words-2", vault.clock).error().code == Code::denied);
  bool is_done = false;
  for (int moment = 1; !is_done; ++moment) {
    const KillingClock killing(moment);
    try {
      const auto report = vault.recover("new", "words", killing);
      REQUIRE_MESSAGE(report, report.error().message);
      CHECK(report->active.empty());
      is_done = true;
    } catch (const Killed&) {
    }
  }
  auto session = vault.open("new");
  vault.refresh(session);
  CHECK_FALSE(vault.recover("thief", "words-3", vault.clock));
  CHECK_FALSE(vault.recover("thief", "words-2", vault.clock));
  REQUIRE(phone::cancel_withdrawal(session, Category::contacts));
  REQUIRE(phone::cancel_withdrawal(session, Category::documents));
  CHECK(vault.restore(session, "restored") == kept);
  CHECK(vault.protect(session) == kept + 1);
  // These words are the settled ones still.
  auto done = vault.withdraw(session, Category::contacts, "words", "words-4");
  REQUIRE_MESSAGE(done, done.error().message);
  CHECK(done->completed);
}

TEST_CASE("a phone that keeps newer keys puts them back after a recovery with older words") {
  Vault vault;
  auto first = vault.open();
  vault.consent(first, {Category::contacts, Category::documents});
  vault.protect(first);
  REQUIRE(vault.withdraw(first, Category::contacts, "", "words-2"));
  vault.consent(first, {Category::other});
  std::ofstream(vault.top / "files/later.txt") << "sealed under the newer key\n";
  std::ofstream(vault.top / "files/things.bin", std::ios::binary) << std::string("\x01\x00\x7f", 3);
  vault.protect(first);
  const auto report = vault.recover("second", "words", vault.clock);
  REQUIRE_MESSAGE(report, report.error().message);
  CHECK(report->went_back);
  CHECK(report->waiting == CategorySet{Category::contacts});
  auto second = vault.open("second");
  CHECK(vault.restore(second, "before") == 2);  // what the older keys open

  CHECK(vault.refresh(first).withdraw_again == std::vector{Category::contacts});
  CHECK(vault.protect(first) == 3);
  CHECK(vault.restore(first, "from-first") == 4);
  const auto learnt = vault.refresh(second);
  CHECK(learnt.given_elsewhere == std::vector{Category::other});
  CHECK(vault.restore(second, "after") == 4);
  REQUIRE(phone::cancel_withdrawal(second, Category::contacts));
  CHECK(vault.refresh(first).given_elsewhere == std::vector{Category::contacts});
  CHECK(vault.protect(first) == 4);
  CHECK(vault.restore(second, "whole") == 4);
}

}  // namespace amanat
