#include "amanat/codec/json.h"

namespace amanat::json {
namespace {

class Printer {
 public:
  explicit Printer(bool pretty) : pretty_(pretty) {}

  void print(const Value& value) {
    if (const auto* object = value.object()) {
      print_members('{', '}', *object, [this](const auto& member) {
        print_text(member.first);
        text_ += pretty_ ? ": " : ":";
        print(member.second);
      });
    } else if (const auto* array = value.array()) {
      print_members('[', ']', *array, [this](const Value& item) { print(item); });
    } else if (const auto* text = value.text()) {
      print_text(*text);
    } else if (const auto* number = value.number()) {
      text_ += std::to_string(*number);
    } else if (const auto* negative = value.negative()) {
      text_ += std::to_string(*negative);
    } else if (const auto* boolean = value.boolean()) {
      text_ += *boolean ? "true" : "false";
    } else {
      text_ += "null";
    }
  }

  std::string take() && { return std::move(text_); }

 private:
  template <class Members, class Print>
  void print_members(char open, char close, const Members& members, Print print_one) {
    text_ += open;
    ++level_;
    bool first = true;
    for (const auto& member : members) {
      if (!first) text_ += ',';
      first = false;
      break_line();
      print_one(member);
    }
    --level_;
    if (!first) break_line();
    text_ += close;
  }

  void break_line() {
    if (!pretty_) return;
    text_ += '\n';
    text_.append(level_ * 2, ' ');
  }

  void print_text(std::string_view text) {
    text_ += '"';
    for (const char c : text) print_character(c);
    text_ += '"';
  }

  void print_character(char c) {
    switch (c) {
      case '"': text_ += "\\\""; return;
      case '\\': text_ += "\\\\"; return;
      case '\n': text_ += "\\n"; return;
      case '\r': text_ += "\\r"; return;
      case '\t': text_ += "\\t"; return;
      default: break;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20) {
      text_ += c;
    } else {
      text_ += "\\u00";
      text_ += to_hex({&byte, 1});
    }
  }

  bool pretty_;
  std::size_t level_ = 0;
  std::string text_;
};

}  // namespace

std::string to_text(const Value& value) {
  Printer printer(false);
  printer.print(value);
  return std::move(printer).take();
}

std::string to_pretty_text(const Value& value) {
  Printer printer(true);
  printer.print(value);
  return std::move(printer).take();
}

}  // namespace amanat::json
