// Messages (RFC 5322) and their parts (MIME, RFC 2045 to 2049), mailboxes of several messages, and
// uuencoded files in running text.
//
// Parts within parts are walked here; a message within a message is an object of its own. Readers
// of mail forgive nearly everything, so this reader does: unknown encodings are taken as they are,
// a boundary that never comes ends with the message.

#include <algorithm>
#include <optional>
#include <string>

#include "amanat/unpack/little.h"
#include "amanat/unpack/transfer.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kHeaderBytesMax = 256UL << 10;
constexpr std::size_t kBoundaryBytesMax = 512;
constexpr unsigned kNestingMax = 32;

/// A message or a part: header lines, an empty line, the rest.
struct Message {
  std::string_view header;
  std::string_view body;
};

Message split(std::string_view text) {
  if (text.starts_with('\n')) return {.header = {}, .body = text.substr(1)};
  if (text.starts_with("\r\n")) return {.header = {}, .body = text.substr(2)};
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos && at < kHeaderBytesMax; ++at) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return {.header = text.substr(0, at), .body = rest.substr(1)};
    if (rest.starts_with("\r\n")) return {.header = text.substr(0, at), .body = rest.substr(2)};
  }
  return {.header = text.substr(0, kHeaderBytesMax), .body = {}};
}

// The value of a header field, its folded lines joined; empty when there is none.
std::string field(std::string_view header, std::string_view small_name) {
  std::size_t at = 0;
  while (at < header.size()) {
    const std::size_t end = std::min(header.find('\n', at), header.size());
    const std::string_view line = header.substr(at, end - at);
    at = end + 1;
    if (!begins_with_nocase(line, small_name)) continue;
    std::string_view after = line.substr(small_name.size());
    after.remove_prefix(std::min(after.find_first_not_of(" \t"), after.size()));
    if (!after.starts_with(':')) continue;
    std::string value(after.substr(1));
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) {
      const std::size_t next = std::min(header.find('\n', at), header.size());
      value += header.substr(at, next - at);
      at = next + 1;
    }
    std::erase(value, '\r');
    value.erase(0, value.find_first_not_of(" \t"));
    return value;
  }
  return {};
}

// A parameter of a field, `name="a b"` or `name=ab` or `name*=UTF-8''a%20b` (RFC 2231).
std::string parameter(std::string_view value, std::string_view small_name) {
  for (std::size_t at = 0; (at = find_nocase(value, small_name, at)) != value.npos; ++at) {
    if (at > 0 && std::string_view("; \t\"").find(value[at - 1]) == std::string_view::npos) {
      continue;
    }
    std::string_view rest = value.substr(at + small_name.size());
    const bool extended = rest.starts_with('*');
    if (extended) rest.remove_prefix(std::min(rest.find('='), rest.size()));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      return std::string(rest.substr(0, rest.find('"')));
    }
    rest = rest.substr(0, rest.find_first_of("; \t\r\n"));
    if (extended) rest.remove_prefix(std::min(rest.rfind('\'') + 1, rest.size()));
    return std::string(rest);
  }
  return {};
}

bool is_uu_begin(std::string_view text) {
  return text.size() > 10 && text.starts_with("begin ") && text[6] >= '0' && text[6] <= '7'
         && text[7] >= '0' && text[7] <= '7' && text[8] >= '0' && text[8] <= '7'
         && (text[9] == ' ' || (text[9] >= '0' && text[9] <= '7'));
}

// Every line ends in a line feed, the last one too: as ClamAV writes the parts that are text.
Bytes with_line_feeds(std::string_view text) {
  Bytes lines;
  lines.reserve(text.size() + 1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    append(lines, as_bytes(line.substr(0, line.find_last_not_of('\r') + 1)));
    lines.push_back('\n');
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Base64 that no field announces: its first line is a long one of that alphabet.
bool is_base64_unsaid(std::string_view text) {
  constexpr std::size_t kLineBytesMin = 60;
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  return line.size() >= kLineBytesMin && line.size() % 4 == 0
         && std::ranges::all_of(line, [](char c) {
              return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '+' || c == '/' || c == '=';
            });
}

class MailWalk {
 public:
  MailWalk(ByteView object, Walk& walk)
      : object_(as_text(object)), walk_(walk), output_(walk.budget) {}

  void run() {
    // A mailbox: each message after an empty line begins with "From ".
    std::size_t at = 0;
    while (at < object_.size() && walk_.goes_on()) {
      const std::size_t next = object_.find("\n\nFrom ", at);
      const std::size_t end = next == object_.npos ? object_.size() : next + 2;
      std::string_view message = object_.substr(at, end - at);
      if (message.starts_with("From ")) {
        message.remove_prefix(std::min(message.find('\n'), message.size() - 1) + 1);
      }
      if (is_uu_begin(message)) {
        look_for_uuencoded(message);
      } else {
        look_at(message, 0);
      }
      at = end;
    }
  }

 private:
  void look_at(std::string_view text, unsigned nesting) {
    if (!walk_.goes_on()) return;
    const Message message = split(text);
    const std::string type = field(message.header, "content-type");
    if (begins_with_nocase(type, "multipart/")) {
      const std::string boundary = parameter(type, "boundary");
      if (!boundary.empty() && boundary.size() <= kBoundaryBytesMax) {
        if (nesting >= kNestingMax) {
          return walk_.outcome.note(End::over_budget, "parts lie too deep in parts");
        }
        return look_at_parts(message.body, "--" + boundary, nesting);
      }
    }
    look_at_content(message, type);
  }

  void look_at_parts(std::string_view body, const std::string& line, unsigned nesting) {
    std::size_t begin = body.npos;
    for (std::size_t at = 0; (at = body.find(line, at)) != body.npos; at += line.size()) {
      if (at > 0 && body[at - 1] != '\n') continue;
      if (begin != body.npos && begin < at) {
        look_at(body.substr(begin, at - begin), nesting + 1);
        if (!walk_.goes_on()) return;
      } else if (begin == body.npos && at > 0) {
        look_for_uuencoded(body.substr(0, at));  // what stands before the first part
      }
      const std::size_t end = body.find('\n', at);
      begin = end == body.npos ? body.size() : end + 1;
    }
    if (begin == body.npos) {
      look_at({body}, nesting + 1);
    } else if (begin < body.size()) {
      look_at(body.substr(begin), nesting + 1);  // no last boundary, or words behind it
    }
  }

  void look_at_content(const Message& message, const std::string& type) {
    if (message.body.empty()) return;
    const std::string encoding = field(message.header, "content-transfer-encoding");
    std::string name = parameter(field(message.header, "content-disposition"), "filename");
    if (name.empty()) name = parameter(type, "name");
    Entry entry{.name = std::move(name),
                .packed_size = message.body.size(),
                .position = static_cast<std::uint64_t>(message.body.data() - object_.data())};
    if (begins_with_nocase(type, "message/rfc822")) entry.kind = Kind::mail;
    output_.begin(message.body.size());
    if (begins_with_nocase(encoding, "base64")) {
      give(entry, decode_base64(message.body, output_));
    } else if (begins_with_nocase(encoding, "quoted-printable")) {
      const Bytes lines = with_line_feeds(message.body);
      give(entry, decode_quoted_printable(as_text(lines), output_));
    } else {
      look_for_uuencoded(message.body);
      if (is_base64_unsaid(message.body)) {
        output_.begin(message.body.size());
        give(entry, decode_base64(message.body, output_));
      }
      // A message without a header is its own body: nothing new.
      if (message.body.size() < object_.size()) give_text(entry, message.body);
    }
  }

  void give_text(const Entry& entry, std::string_view text) {
    if (text.ends_with('\n') && text.find('\r') == text.npos) {
      walk_.give(entry, End::whole, as_bytes(text));
      return;
    }
    output_.begin(text.size());
    give(entry, output_.add(with_line_feeds(text)));
  }

  void give(Entry entry, bool fits) {
    entry.size = output_.size();
    walk_.give(std::move(entry), fits ? End::whole : End::over_budget, output_);
  }

  void look_for_uuencoded(std::string_view text) {
    for (std::size_t at = 0; (at = text.find("begin ", at)) != text.npos && walk_.goes_on(); ++at) {
      const std::string_view block = text.substr(at);
      if ((at > 0 && text[at - 1] != '\n') || !is_uu_begin(block)) continue;
      std::string_view line = block.substr(0, block.find_first_of("\r\n"));
      const std::size_t space = line.find(' ', 6);
      const std::size_t end = block.find("\nend");
      output_.begin(block.size());
      give({.name{line.substr(std::min(space + 1, line.size()))},
            .packed_size = std::min(end, block.size()),
            .position = static_cast<std::uint64_t>(block.data() - object_.data())},
           decode_uuencoded(block.substr(0, end == block.npos ? end : end + 4), output_));
      if (end == block.npos) return;
      at += end;
    }
  }

  std::string_view object_;
  Walk& walk_;
  Output output_;
};

}  // namespace

void unpack_mail(ByteView object, Walk& walk) { MailWalk(object, walk).run(); }

}  // namespace amanat::unpack
