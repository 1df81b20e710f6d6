#include <algorithm>
#include <charconv>
#include <map>

#include "amanat/crypto/crypto.h"
#include "amanat/phone/device_columns.h"
#include "amanat/phone/device_text.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kAttributesMax = 64;
constexpr std::size_t kCertificateHexMax = 64 * 1024;
constexpr std::size_t kRootWithin = 1024;  // bytes in which the root element begins

struct Element {
  std::string_view name;
  bool is_end = false;                                                    // </name>
  bool is_empty = false;                                                  // <name/>
  std::vector<std::pair<std::string_view, std::string_view>> attributes;  // values as written
  std::uint64_t line = 0;

  std::string_view find(std::string_view attribute) const {
    const auto found =
        std::ranges::find(attributes, attribute, [](const auto& pair) { return pair.first; });
    return found == attributes.end() ? std::string_view() : found->second;
  }
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
         || c == '-' || c == '.' || c == ':';
}

// Walks over elements, attribute values in quotes; never fails, ends where nothing can be read.
class ElementReader {
 public:
  explicit ElementReader(std::string_view text) : text_(text) {}

  bool next(Element& element) {
    for (;;) {
      if (!skip_to('<')) return false;
      ++at_;
      element = {};
      element.line = line_;
      if (at_ < text_.size() && text_[at_] == '/') {
        element.is_end = true;
        ++at_;
      }
      element.name = read_name();
      if (element.name.empty()) continue;  // a comment, a declaration, a lone '<'
      read_attributes(element);
      return true;
    }
  }

 private:
  bool skip_to(char c) {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == c) return true;
      if (text_[at_] == '\n') ++line_;
    }
    return false;
  }

  void skip_spaces() {
    while (
        at_ < text_.size()
        && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
  }

  std::string_view read_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void read_attributes(Element& element) {
    for (;;) {
      skip_spaces();
      if (at_ >= text_.size() || text_[at_] == '<') return;
      if (text_[at_] == '>') {
        ++at_;
        return;
      }
      if (text_[at_] == '/') element.is_empty = true;
      const std::string_view name = read_name();
      if (name.empty()) {
        ++at_;
        continue;
      }
      skip_spaces();
      if (at_ >= text_.size() || text_[at_] != '=') continue;
      ++at_;
      skip_spaces();
      const std::string_view value = read_quoted();
      if (element.attributes.size() < kAttributesMax) element.attributes.emplace_back(name, value);
    }
  }

  std::string_view read_quoted() {
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return {};
    const char quote = text_[at_++];
    const std::size_t begin = at_;
    if (!skip_to(quote)) return text_.substr(begin);
    return text_.substr(begin, at_++ - begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

// With the five named entities and numbers below 128 as what they stand for; other numbers, which
// no host needs, as a space.
std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t end = text.front() == '&' ? text.substr(0, 12).find(';') : std::string::npos;
    if (end == std::string_view::npos) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    std::string_view name = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (name == "amp")
      out.push_back('&');
    else if (name == "lt")
      out.push_back('<');
    else if (name == "gt")
      out.push_back('>');
    else if (name == "quot")
      out.push_back('"');
    else if (name == "apos")
      out.push_back('\'');
    else if (name.starts_with('#')) {
      const bool is_hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      name.remove_prefix(is_hex ? 2 : 1);
      unsigned number = 0;
      std::from_chars(name.data(), name.data() + name.size(), number, is_hex ? 16 : 10);
      out.push_back(number > 0 && number < 128 ? static_cast<char>(number) : ' ');
    }
  }
  return out;
}

std::optional<Instant> time_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return read_time(number);
}

// The digests of a certificate that packages.xml holds as hex.
void add_certificate(std::string_view hex, indicator::App& app) {
  if (hex.size() > kCertificateHexMax) return;
  std::string lower(hex);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  });
  const auto der = from_hex(lower);
  if (!der) return;
  crypto::Digest sha1(crypto::DigestKind::sha1);
  sha1.update(*der);
  app.certificates_sha1.push_back(to_hex(sha1.finish()));
  app.certificates_sha256.push_back(crypto::sha256(*der).hex());
}

class FactsReader {
 public:
  explicit FactsReader(const OnFact& use) : use_(use) {}

  void read(const Element& element) {
    if (element.name == "package" || element.name == "updated-package") {
      return read_package(element);
    }
    if (element.name == "cert") return read_certificate(element);
    if (element.name == "item" && in_package_) return read_permission(element);
    if (element.is_end) return;
    if (element.name == "sms") {
      give_message(element, "body", time_of(element.find("date")));
    } else if (element.name == "mms") {
      message_time_ = time_of(element.find("date"));
      give_message(element, "sub", message_time_);
    } else if (element.name == "part") {
      give_message(element, "text", message_time_);
    }
  }

  void end_package() {
    if (!in_package_) return;
    in_package_ = false;
    use_(package_);
  }

 private:
  void read_package(const Element& element) {
    end_package();
    if (element.is_end || element.find("name").empty()) return;
    in_package_ = true;
    package_ = {.kind = TextFact::Kind::app, .line = element.line};
    package_.app.package = decode(element.find("name"));
    package_.app.installer = decode(element.find("installer"));
    if (element.is_empty) end_package();
  }

  // A certificate is written out once and named by its index afterwards.
  void read_certificate(const Element& element) {
    const std::string index(element.find("index"));
    const std::string_view key = element.find("key");
    if (!key.empty()) certificates_[index] = key;
    const auto known = certificates_.find(index);
    if (in_package_ && known != certificates_.end()) {
      add_certificate(known->second, package_.app);
    }
  }

  void read_permission(const Element& element) {
    const std::string_view name = element.find("name");
    if (name.find(".permission.") == std::string_view::npos) return;
    if (element.find("granted") == "false") return;
    package_.app.permissions.emplace_back(name);
  }

  void give_message(const Element& element, std::string_view attribute,
                    std::optional<Instant> time) {
    std::string text = decode(element.find(attribute));
    if (const std::string_view address = element.find("address"); !address.empty()) {
      text += "\n" + decode(address);
    }
    if (text.empty()) return;
    use_({.kind = TextFact::Kind::message,
          .name = std::move(text),
          .line = element.line,
          .time = time});
  }

  const OnFact& use_;
  bool in_package_ = false;
  TextFact package_;
  std::optional<Instant> message_time_;
  std::map<std::string, std::string_view> certificates_;
};

}  // namespace

bool is_facts_xml(std::string_view text) {
  const std::string_view head = text.substr(0, kRootWithin);
  return head.find("<smses") != std::string_view::npos
         || head.find("<packages") != std::string_view::npos;
}

void read_xml_facts(std::string_view text, const OnFact& use) {
  ElementReader reader(text);
  FactsReader facts(use);
  Element element;
  while (reader.next(element)) facts.read(element);
  facts.end_package();
}

}  // namespace amanat::phone
