#pragma once

// Reads lists of apps, processes and properties in the text forms that Android's own tools write,
// alone or within a bug report:
//
//   pm list packages -f -i     package:/data/app/x/base.apk=com.app  installer=com.shop
//   dumpsys package            Package [com.app] (1a2b):  and the indented lines below it
//   getprop                    [ro.name]: [value]
//   ps -A                      a heading with PID and NAME or CMD, then rows
//
// and, as XML, the package manager's packages.xml (binary since Android 12) and backups of messages
// (<smses> with <sms body=...> and <part text=...>).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/indicator/check.h"

namespace amanat::phone {

/// One thing that a text names.
struct TextFact {
  enum class Kind : std::uint8_t { app, process, property, message };

  Kind kind = Kind::app;
  indicator::App app = {};           // of an app
  std::string name = {};             // of a process or property; the text of a message
  std::uint64_t line = 0;            // from 1
  std::optional<Instant> time = {};  // of a message
};

using OnFact = std::function<void(const TextFact&)>;

/// Reads lines in the forms above; other lines say nothing.
void read_text_facts(std::string_view text, const OnFact& use);

/// Whether the text is one of the XML forms above.
bool is_facts_xml(std::string_view text);

/// The binary XML of Android 12 and later (`ABX`, com.android.internal.util.BinaryXmlSerializer) as
/// text, one element a line. What cannot be read ends it; nothing when it does not begin as ABX.
std::optional<std::string> text_of_binary_xml(ByteView bytes);

/// Reads one of the XML forms above. Tolerant: what is no element is passed over.
void read_xml_facts(std::string_view text, const OnFact& use);

}  // namespace amanat::phone
