#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "amanat/codec/codec.h"
#include "amanat/phone/device_text.h"

namespace amanat::phone {
namespace {

// file    = "ABX" 0x00 *token
// token   = one byte: what it is in the low half, the type of its value in the high half
//
//   2 start of an element, 3 its end         an interned name
//   15 an attribute of the element just begun   an interned name, then the value
//   0, 1 begin and end of the document, 4..10 text and others   the value alone
//
// interned = index[2], or 0xffff length[2] bytes[length] for a new one, which gets the next index
constexpr std::string_view kMagic("ABX\0", 4);
constexpr std::size_t kTextBytesMax = std::size_t{256} << 20;
constexpr std::uint16_t kNewName = 0xffff;

enum class Token : std::uint8_t { start = 2, end = 3, attribute = 15 };
enum class Type : std::uint8_t {
  null = 1,
  text = 2,
  interned = 3,
  bytes_hex = 4,
  bytes_base64 = 5,
  number = 6,
  number_hex = 7,
  big_number = 8,
  big_number_hex = 9,
  real = 10,
  big_real = 11,
  yes = 12,
  no = 13,
};

void escape(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out.push_back(static_cast<std::uint8_t>(c) < 0x20 ? ' ' : c);
    }
  }
}

class BinaryXmlReader {
 public:
  explicit BinaryXmlReader(ByteView bytes) : reader_(bytes) {}

  std::string read() {
    while (reader_.left() > 0 && out_.size() < kTextBytesMax && read_token()) {
    }
    close();
    return std::move(out_);
  }

 private:
  bool read_token() {
    const std::uint8_t byte = reader_.u8();
    const auto type = static_cast<Type>(byte >> 4);
    switch (static_cast<Token>(byte & 0x0f)) {
      case Token::start: {
        close();
        const std::string name = read_interned();
        if (reader_.failed()) return false;
        out_ += "<" + name;
        is_open_ = true;
        return true;
      }
      case Token::end: {
        close();
        const std::string name = read_interned();
        if (reader_.failed()) return false;
        out_ += "</" + name + ">\n";
        return true;
      }
      case Token::attribute: return read_attribute(type);
      default: {
        std::string ignored;
        return read_value(type, ignored);
      }
    }
  }

  bool read_attribute(Type type) {
    const std::string name = read_interned();
    std::string value;
    if (!read_value(type, value) || !is_open_) return false;
    out_ += " " + name + "=\"";
    escape(value, out_);
    out_ += "\"";
    return true;
  }

  // Whether there was a value of this type, and it fitted.
  bool read_value(Type type, std::string& value) {
    switch (type) {
      case Type::null: break;
      case Type::text: value = as_text(reader_.vector16()); break;
      case Type::interned: value = read_interned(); break;
      case Type::bytes_hex: value = to_hex(reader_.vector16()); break;
      case Type::bytes_base64: value = to_base64(reader_.vector16()); break;
      case Type::number: value = fmt::format("{}", static_cast<std::int32_t>(reader_.u32())); break;
      case Type::number_hex: value = fmt::format("{:x}", reader_.u32()); break;
      case Type::big_number:
        value = fmt::format("{}", static_cast<std::int64_t>(reader_.u64()));
        break;
      case Type::big_number_hex: value = fmt::format("{:x}", reader_.u64()); break;
      case Type::real: reader_.u32(); break;
      case Type::big_real: reader_.u64(); break;
      case Type::yes: value = "true"; break;
      case Type::no: value = "false"; break;
      default: return false;
    }
    return !reader_.failed();
  }

  std::string read_interned() {
    const std::uint16_t index = reader_.u16();
    if (index != kNewName) {
      if (index < names_.size()) return names_[index];
      reader_.refuse("a name that was not given");
      return {};
    }
    std::string name(as_text(reader_.vector16()));
    if (names_.size() < kNewName) names_.push_back(name);
    return name;
  }

  // Ends the tag that attributes still go into.
  void close() {
    if (is_open_) out_ += ">\n";
    is_open_ = false;
  }

  codec::Reader reader_;
  std::vector<std::string> names_;
  std::string out_;
  bool is_open_ = false;
};

}  // namespace

std::optional<std::string> text_of_binary_xml(ByteView bytes) {
  if (!as_text(bytes).starts_with(kMagic)) return std::nullopt;
  return BinaryXmlReader(bytes.subspan(kMagic.size())).read();
}

}  // namespace amanat::phone
