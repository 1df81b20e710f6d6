#include "amanat/indicator/extract.h"

#include <algorithm>
#include <array>

#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

constexpr std::size_t kRunBytesMax = 1024;  // longer runs are no hosts
constexpr std::size_t kLocalBytesMax = 64;  // of an e-mail address
constexpr std::string_view kUrlEnds = " \t\r\n\"'<>`{}|\\^";

bool is_ascii_run(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
         || c == '-' || c == '_';
}

constexpr std::array<bool, 256> make_run_table() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    const bool is_letter = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
    table[i] = is_letter || (i >= '0' && i <= '9') || i == '.' || i == '-' || i == '_' || i >= 0x80;
  }
  return table;
}
constexpr auto kRun = make_run_table();

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_local(char c) { return is_ascii_run(c) || c == '+' || c == '%' || c == '~' || c == '!'; }

// Without dots and dashes at the ends: "see example.com." and "-example.com-".
std::string_view strip(std::string_view run) {
  while (!run.empty() && (run.front() == '.' || run.front() == '-')) run.remove_prefix(1);
  while (!run.empty() && (run.back() == '.' || run.back() == '-')) run.remove_suffix(1);
  return run;
}

class Extraction {
 public:
  Extraction(std::string_view text, const std::function<bool(const Mention&)>& use)
      : text_(text.substr(0, kTextBytesMax)), use_(use) {}

  void run() {
    std::size_t at = 0;
    while (at < text_.size() && goes_on_) {
      while (at < text_.size() && !kRun[static_cast<std::uint8_t>(text_[at])]) ++at;
      std::size_t begin = at;
      bool has_dot = false;
      bool has_others = false;
      for (; at < text_.size() && kRun[static_cast<std::uint8_t>(text_[at])]; ++at) {
        has_dot |= text_[at] == '.';
        has_others |= static_cast<std::uint8_t>(text_[at]) >= 0x80;
      }
      if (!has_dot && !has_others) continue;
      if (begin > 0 && text_[begin - 1] == '%' && at - begin > 2 && is_hex(text_[begin])
          && is_hex(text_[begin + 1])) {
        begin += 2;  // what follows a percent-encoded byte
      }
      if (at - begin <= kRunBytesMax) look_at(begin, at, has_others);
    }
  }

 private:
  void look_at(std::size_t begin, std::size_t end, bool has_others) {
    if (is_path(begin)) return;
    const std::string_view run = text_.substr(begin, end - begin);
    const bool is_url = ends_scheme(begin);
    if (is_url) take_url(begin);
    if (begin > 0 && text_[begin - 1] == '@') take_email(begin, run);
    take_host(begin, run);
    if (has_others) take_ascii_parts(begin, run);
  }

  // What stands directly behind a slash that is not the second of "//" is part of a path.
  bool is_path(std::size_t begin) const {
    return begin > 0 && text_[begin - 1] == '/' && !(begin > 1 && text_[begin - 2] == '/');
  }
  bool ends_scheme(std::size_t begin) const {
    return begin >= 4 && text_.substr(begin - 3, 3) == "://" && is_ascii_run(text_[begin - 4]);
  }

  void take_url(std::size_t host_begin) {
    std::size_t begin = host_begin - 3;
    while (begin > 0 && host_begin - begin < 32 && is_ascii_run(text_[begin - 1])) --begin;
    const std::size_t limit = std::min(text_.size(), begin + kValueBytesMax);
    const std::size_t end = std::min(end_of_url(host_begin), limit);
    std::string_view url = text_.substr(begin, end - begin);
    while (!url.empty()
           && (url.ends_with('.') || url.ends_with(',') || url.ends_with(')') || url.ends_with(';')
               || url.ends_with('!') || url.ends_with('?'))) {
      url.remove_suffix(1);
    }
    if (auto spelled = spell_url(url)) give(Kind::url, std::move(*spelled), begin);
  }

  // URLs that stand in one another end at the same place: it is looked for once.
  std::size_t end_of_url(std::size_t at) {
    if (at < url_begin_ || at >= url_end_) {
      url_begin_ = at;
      url_end_ = std::min(text_.find_first_of(kUrlEnds, at), text_.size());
    }
    return url_end_;
  }

  void take_email(std::size_t host_begin, std::string_view run) {
    std::size_t begin = host_begin - 1;
    while (begin > 0 && host_begin - begin <= kLocalBytesMax && is_local(text_[begin - 1])) --begin;
    const std::string_view local = text_.substr(begin, host_begin - 1 - begin);
    if (local.empty()) return;
    std::string address(local);
    address.push_back('@');
    address += strip(run);
    if (auto spelled = spell(Kind::email, address)) {
      give(Kind::email, std::move(*spelled), begin);
    }
  }

  void take_host(std::size_t begin, std::string_view run) {
    const std::string_view host = strip(run);
    begin += static_cast<std::size_t>(host.data() - run.data());
    if (auto address = spell_ip_address(host)) {
      give(Kind::ip_address, std::move(*address), begin);
    } else if (auto spelled = spell_host(host)) {
      give(Kind::domain, std::move(*spelled), begin);
    }
  }

  // Words of other scripts stand beside a host without a space.
  void take_ascii_parts(std::size_t begin, std::string_view run) {
    for (std::size_t at = 0; at < run.size();) {
      if (!is_ascii_run(run[at])) {
        ++at;
        continue;
      }
      const std::size_t part = at;
      while (at < run.size() && is_ascii_run(run[at])) ++at;
      const std::string_view text = run.substr(part, at - part);
      if (text.find('.') != std::string_view::npos) take_host(begin + part, text);
    }
  }

  void give(Kind kind, std::string value, std::size_t position) {
    if (!goes_on_) return;
    goes_on_ = use_({.kind = kind, .value = std::move(value), .position = position})
               && ++given_ < kMentionsMax;
  }

  std::string_view text_;
  const std::function<bool(const Mention&)>& use_;
  std::size_t url_begin_ = 0;  // of the first of them
  std::size_t url_end_ = 0;
  std::size_t given_ = 0;
  bool goes_on_ = true;
};

}  // namespace

void extract(std::string_view text, const std::function<bool(const Mention&)>& use) {
  Extraction(text, use).run();
}

}  // namespace amanat::indicator
