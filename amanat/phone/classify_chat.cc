// Conversations exported as text, and logs. Both are lines that open with a moment; what follows
// the moment tells them apart.
//
//   12/31/20, 11:59 PM - Asha: text           WhatsApp, Android; the date as the country writes it
//   [31.12.20, 23:59:59] Asha: text           WhatsApp, iOS
//   [2019-12-24, 12:23] Asha: text            Signal
//   12-31 23:59:59.123  1234  1234 D Tag: ..  logcat

#include <algorithm>
#include <array>

#include "amanat/phone/classify_parts.h"

namespace amanat::phone {
namespace {

constexpr unsigned kLinesMax = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Eats a line from the left.
class Line {
 public:
  explicit Line(std::string_view text) : text_(text) {}

  /// Takes `least` to `most` digits; false and nothing taken when there are fewer.
  bool digits(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    while (count < std::min(most, text_.size()) && is_digit(text_[count])) ++count;
    if (count < least) return false;
    text_.remove_prefix(count);
    return true;
  }
  bool one_of(std::string_view characters) {
    if (text_.empty() || !characters.contains(text_[0])) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool word(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  /// Spaces, also narrow and hard ones and direction marks.
  bool spaces() {
    static constexpr std::array<std::string_view, 6> kSpaces{
        " ", "\t", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x8E", "\xE2\x80\x8F"};
    bool any = false;
    while (std::ranges::any_of(kSpaces, [&](std::string_view space) { return word(space); })) {
      any = true;
    }
    return any;
  }
  bool empty() const { return text_.empty(); }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

// Calls visit(line) for the first lines that are not blank until it returns false.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  for (unsigned i = 0; i < kLinesMax && !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    ++i;
    if (!visit(line)) return;
  }
}

// am, PM, a. m., p.m.
void half_of_day(Line& line) {
  Line attempt = line;
  attempt.spaces();
  if (!attempt.one_of("aApP")) return;
  attempt.one_of(".");
  attempt.spaces();
  if (!attempt.one_of("mM")) return;
  attempt.one_of(".");
  line = attempt;
}

bool clock_time(Line& line) {
  if (!line.digits(1, 2) || !line.one_of(":.") || !line.digits(2, 2)) return false;
  if (line.one_of(":.") && !line.digits(2, 2)) return false;
  half_of_day(line);
  return true;
}

enum class ChatLine : std::uint8_t { none, event, message };

ChatLine read_chat_line(std::string_view text) {
  Line line(text);
  line.spaces();
  const bool bracket = line.one_of("[");
  if (!line.digits(1, 4) || !line.one_of("/.-") || !line.digits(1, 2) || !line.one_of("/.-")
      || !line.digits(1, 4)) {
    return ChatLine::none;
  }
  line.one_of(".");
  line.one_of(",");
  if (!line.spaces() || !clock_time(line)) return ChatLine::none;
  if (bracket) {
    if (!line.one_of("]") || !line.spaces()) return ChatLine::none;
  } else if (!line.spaces() || !line.one_of("-") || !line.spaces()) {
    return ChatLine::none;
  }
  const std::size_t colon = line.rest().find(':');
  const bool named = colon != std::string_view::npos && colon > 0 && colon <= 128;
  return named ? ChatLine::message : ChatLine::event;
}

// 01-02 01:20:03.171 or 2022-01-02 01:20:03.171997 +0000
bool log_moment(Line& line) {
  Line attempt = line;
  if (attempt.digits(4, 4) && attempt.one_of("-")) line = attempt;
  if (!line.digits(2, 2) || !line.one_of("-") || !line.digits(2, 2) || !line.one_of(" T")
      || !line.digits(2, 2) || !line.one_of(":") || !line.digits(2, 2) || !line.one_of(":")
      || !line.digits(2, 2) || !line.one_of(".,") || !line.digits(3, 6)) {
    return false;
  }
  line.spaces();
  if (line.one_of("+-")) {
    line.digits(4, 4);
    line.spaces();
  }
  line.one_of("Z");
  return true;
}

// I/tag(  190): text
bool tagged(Line line) {
  if (!line.one_of("VDIWEFSA") || !line.one_of("/")) return false;
  const std::size_t bracket = line.rest().find('(');
  return bracket != std::string_view::npos
         && line.rest().find("): ", bracket) != std::string_view::npos;
}

bool levelled(Line line) {
  line.spaces();
  line.one_of("[");
  static constexpr std::array<std::string_view, 8> kLevels{"VERBOSE", "DEBUG", "INFO",  "WARN",
                                                           "ERROR",   "FATAL", "TRACE", "NOTICE"};
  return std::ranges::any_of(kLevels, [&](std::string_view level) { return line.word(level); });
}

bool is_logcat_line(std::string_view text) {
  if (text.starts_with("--------- beginning of ")) return true;
  Line line(text);
  if (tagged(line)) return true;
  if (!log_moment(line)) return false;
  line.spaces();
  if (tagged(line) || levelled(line)) return true;
  while (line.digits(1, 10)) {
    if (!line.spaces()) return false;
  }
  return line.one_of("VDIWEFSA") && line.spaces();
}

// [   12.345678] text: the kernel's ring buffer.
bool is_kernel_line(std::string_view text) {
  Line line(text);
  if (line.one_of("<") && (!line.digits(1, 3) || !line.one_of(">"))) return false;
  if (!line.one_of("[")) return false;
  line.spaces();
  return line.digits(1, 8) && line.one_of(".") && line.digits(6, 6) && line.one_of("]")
         && line.spaces();
}

bool opens_report(std::string_view line) {
  static constexpr auto kOpenings = std::to_array<std::string_view>({
      "*** *** *** *** *** *** *** *** ***",
      "========================================================\n== dumpstate",
      "== dumpstate: ",
      "----- pid ",
      "Build fingerprint: ",
      "Process: ",
      "Incident Identifier: ",
      "DUMP OF SERVICE ",
      "SYSTEM_BOOT",
      "FATAL EXCEPTION: ",
  });
  return std::ranges::any_of(kOpenings,
                             [&](std::string_view opening) { return line.starts_with(opening); });
}

}  // namespace

bool is_chat_export(std::string_view text) {
  unsigned lines = 0;
  unsigned dated = 0;
  unsigned messages = 0;
  each_line(text, [&](std::string_view line) {
    const ChatLine kind = read_chat_line(line);
    if (++lines == 1 && kind == ChatLine::none) return false;  // an export opens with a moment
    if (kind != ChatLine::none) ++dated;
    if (kind == ChatLine::message) ++messages;
    return true;
  });
  return messages > 0 && dated * 8 >= lines;
}

bool is_diagnostic_log(std::string_view text) {
  unsigned lines = 0;
  unsigned logged = 0;
  bool report = false;
  each_line(text, [&](std::string_view line) {
    if (++lines <= 3 && opens_report(line)) report = true;
    if (is_logcat_line(line) || is_kernel_line(line)) ++logged;
    return true;
  });
  return report || (logged > 0 && logged * 2 >= lines);
}

}  // namespace amanat::phone
