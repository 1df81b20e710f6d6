#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "amanat/indicator/lists.h"
#include "amanat/indicator/spelling.h"
#include "amanat/indicator/yaml_tree.h"

namespace amanat::indicator {
namespace {

// Says about the app what is no indicator.
constexpr auto kDescriptions = std::to_array<std::string_view>(
    {"name", "names", "type", "description", "references", "links", "comment", "notes"});

// One app of the sequence.
class AppReader {
 public:
  AppReader(const YamlNode& app, Reading& reading) : app_(app), reading_(reading) {
    if (const YamlNode* name = app.find("name")) name_ = name->text;
    if (const YamlNode* type = app.find("type")) {
      if (type->text == "stalkerware") class_ = ThreatClass::stalkerware;
      if (type->text == "watchware") class_ = ThreatClass::watchware;
    }
  }

  void read() {
    for (const auto& [field, value] : app_.members) read_field(field, value);
  }

 private:
  void read_field(const std::string& field, const YamlNode& value) {
    if (std::ranges::find(kDescriptions, field) != kDescriptions.end()) return;
    if (field == "packages" || field == "ios_bundles") return take_each(value, Kind::package);
    if (field == "certificates") {
      return each(value, [this](const std::string& text) { take_certificate(text); });
    }
    if (field == "certificate_organizations") {
      return take_each(value, Kind::certificate_organization);
    }
    if (field == "certificate_cname_re") {
      return each(value, [this](const std::string& text) {
        reading_.leave(Reason::regular_expression, name_, text);
      });
    }
    if (field == "websites" || field == "distribution") {
      return each(value, [this](const std::string& text) { take_site(text); });
    }
    if (field == "c2" && value.form == YamlNode::Form::map) return read_servers(value);
    reading_.leave(Reason::unknown_field, name_, field);
  }

  void read_servers(const YamlNode& servers) {
    for (const auto& [field, value] : servers.members) {
      if (field == "domains" || field == "ips" || field == "ip") {
        each(value, [this](const std::string& text) { take_site(text); });
      } else {
        reading_.leave(Reason::unknown_field, name_, "c2." + field);
      }
    }
  }

  void take_certificate(const std::string& text) {
    for (const Kind kind :
         {Kind::certificate_sha1, Kind::certificate_sha256, Kind::certificate_md5}) {
      if (spell(kind, text)) return take(kind, text);
    }
    reading_.leave(Reason::malformed, name_, text);
  }

  void take_site(const std::string& text) {
    const auto kind = recognise(text);
    const bool is_site = kind == Kind::domain || kind == Kind::ip_address || kind == Kind::url;
    if (!is_site) return reading_.leave(Reason::malformed, name_, text);
    take(*kind, text);
  }

  void take_each(const YamlNode& values, Kind kind) {
    each(values, [this, kind](const std::string& text) { take(kind, text); });
  }

  void take(Kind kind, const std::string& text) { reading_.take(kind, text, name_, class_, name_); }

  template <class Use>
  void each(const YamlNode& values, Use use) {
    if (values.form == YamlNode::Form::scalar) {
      if (!values.text.empty()) use(values.text);
      return;
    }
    for (const YamlNode& item : values.items) {
      if (item.form == YamlNode::Form::scalar) {
        use(item.text);
      } else {
        reading_.leave(Reason::malformed, name_, "not a text");
      }
    }
  }

  const YamlNode& app_;
  Reading& reading_;
  std::string name_;
  std::optional<ThreatClass> class_;
};

}  // namespace

Result<> read_apps(std::string_view text, Reading& reading) {
  const auto document = read_yaml(text);
  if (!document) return carry(document);
  if (document->form != YamlNode::Form::sequence) {
    return fail(Code::invalid_input, "the YAML is no list of apps");
  }
  std::uint64_t number = 0;
  for (const YamlNode& app : document->items) {
    ++number;
    if (app.form == YamlNode::Form::map) {
      AppReader(app, reading).read();
    } else {
      reading.leave(Reason::unrecognised, fmt::format("entry {}", number), app.text);
    }
  }
  return {};
}

}  // namespace amanat::indicator
