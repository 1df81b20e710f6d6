#pragma once

// How a command talks with the person in front of it. Two implementations: the real terminal, and
// one with prepared answers for tests.
//
// What is said goes to standard output and questions to standard error, so that a script that reads
// the output never meets a question in it.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"

namespace amanat::phone {

inline constexpr std::size_t kAnswerBytesMax = 4096;

class Terminal {
 public:
  virtual ~Terminal() = default;

  /// Whether a person can be asked: both ends are a terminal.
  virtual bool is_interactive() const = 0;
  /// One line, or several with '\n' between them.
  virtual void say(std::string_view line) = 0;
  /// One line that is an answer, without its end; nothing at the end of the input.
  virtual std::optional<std::string> ask(std::string_view question) = 0;
  /// The same without showing what is typed; empty at the end of the input.
  virtual SecretBytes ask_secret(std::string_view question) = 0;
  /// Columns of a line.
  virtual int width() const = 0;
};

/// Standard input, output and error.
class StdioTerminal final : public Terminal {
 public:
  /// `quiet` says nothing and still asks.
  explicit StdioTerminal(bool quiet = false) : quiet_(quiet) {}

  bool is_interactive() const override;
  void say(std::string_view line) override;
  std::optional<std::string> ask(std::string_view question) override;
  SecretBytes ask_secret(std::string_view question) override;
  int width() const override;

 private:
  bool quiet_ = false;
};

/// Answers from a list and remembers what was said.
class PreparedTerminal final : public Terminal {
 public:
  explicit PreparedTerminal(std::vector<std::string> answers = {}, bool interactive = false)
      : answers_(answers.begin(), answers.end()), interactive_(interactive) {}

  bool is_interactive() const override { return interactive_; }
  void say(std::string_view line) override { said_.emplace_back(line); }
  std::optional<std::string> ask(std::string_view question) override;
  SecretBytes ask_secret(std::string_view question) override;
  int width() const override { return 80; }

  const std::vector<std::string>& said() const { return said_; }
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  std::deque<std::string> answers_;
  bool interactive_ = false;
  std::vector<std::string> said_;
  std::vector<std::string> asked_;
};

}  // namespace amanat::phone
