#include "amanat/phone/terminal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace amanat::phone {
namespace {

constexpr int kWidthDefault = 80;
constexpr int kWidthMin = 40;
constexpr int kWidthMax = 120;

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody listens any more
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Reads up to the end of a line into `line` and says how many bytes; nothing at the end of input.
/// Byte by byte, so that the next reader finds the next line.
std::optional<std::size_t> read_line(ByteSpan line) {
  std::size_t size = 0;
  while (true) {
    std::uint8_t byte = 0;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return size == 0 ? std::nullopt : std::optional(size);
    if (byte == '\n') return size;
    if (byte != '\r' && size < line.size()) line[size++] = byte;
  }
}

/// Switches off showing what is typed while it lives.
class HiddenTyping {
 public:
  HiddenTyping() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_hidden_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;
  ~HiddenTyping() {
    if (is_hidden_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool is_hidden_ = false;
};

}  // namespace

bool StdioTerminal::is_interactive() const {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

void StdioTerminal::say(std::string_view line) {
  if (quiet_) return;
  std::string text(line);
  text += '\n';
  write_all(STDOUT_FILENO, text);
}

std::optional<std::string> StdioTerminal::ask(std::string_view question) {
  write_all(STDERR_FILENO, question);
  std::array<std::uint8_t, kAnswerBytesMax> line{};
  const auto size = read_line(line);
  if (!size) return std::nullopt;
  return std::string(as_text(ByteView(line).first(*size)));
}

SecretBytes StdioTerminal::ask_secret(std::string_view question) {
  write_all(STDERR_FILENO, question);
  SecretBytes line(kAnswerBytesMax);
  std::optional<std::size_t> size;
  {
    const HiddenTyping hidden;
    size = read_line(line.expose());
  }
  if (is_interactive()) write_all(STDERR_FILENO, "\n");
  return SecretBytes::copy_of(line.expose().first(size.value_or(0)));
}

int StdioTerminal::width() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kWidthDefault;
  return std::min(std::max<int>(size.ws_col, kWidthMin), kWidthMax);
}

std::optional<std::string> PreparedTerminal::ask(std::string_view question) {
  asked_.emplace_back(question);
  if (answers_.empty()) return std::nullopt;
  std::string answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

SecretBytes PreparedTerminal::ask_secret(std::string_view question) {
  return SecretBytes::copy_of(as_bytes(ask(question).value_or("")));
}

}  // namespace amanat::phone
