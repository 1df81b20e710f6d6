#include "amanat/indicator/stix.h"

#include <algorithm>
#include <unordered_map>

#include "amanat/codec/json.h"
#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

struct Owner {
  std::string name;
  std::optional<ThreatClass> threat_class;
};

std::string_view text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  const std::string* text = value != nullptr ? value->text() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

const json::Array* array_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr ? value->array() : nullptr;
}

// STIX 2.1 §10.20 (malware-type-ov) knows spyware; everything else is the list's own class.
std::optional<ThreatClass> class_of(const json::Value& malware) {
  const json::Array* types = array_of(malware, "malware_types");
  if (types == nullptr) return std::nullopt;
  const bool is_spyware = std::ranges::any_of(*types, [](const json::Value& type) {
    return type.text() != nullptr && *type.text() == "spyware";
  });
  if (is_spyware) return ThreatClass::spyware;
  return std::nullopt;
}

class BundleReader {
 public:
  BundleReader(const json::Array& objects, Reading& reading)
      : objects_(objects), reading_(reading) {}

  void read() {
    for (const json::Value& object : objects_) read_owner(object);
    for (const json::Value& object : objects_) read_relation(object);
    for (const json::Value& object : objects_) {
      if (text_of(object, "type") == "indicator") read_indicator(object);
    }
  }

 private:
  void read_owner(const json::Value& object) {
    const std::string_view type = text_of(object, "type");
    if (type == "malware" || type == "tool" || type == "campaign" || type == "threat-actor"
        || type == "intrusion-set") {
      owners_.emplace(text_of(object, "id"),
                      Owner{std::string(text_of(object, "name")), class_of(object)});
    } else if (type == "report") {
      const json::Array* refs = array_of(object, "object_refs");
      if (refs == nullptr) return;
      for (const json::Value& ref : *refs) {
        if (ref.text() == nullptr) continue;
        reports_.emplace(*ref.text(), Owner{std::string(text_of(object, "name")), std::nullopt});
      }
    }
  }

  void read_relation(const json::Value& object) {
    if (text_of(object, "type") != "relationship") return;
    const auto owner = owners_.find(text_of(object, "target_ref"));
    if (owner == owners_.end()) return;
    related_.emplace(text_of(object, "source_ref"), owner->second);
  }

  Owner owner_of(std::string_view id) const {
    Owner owner;
    if (const auto malware = related_.find(id); malware != related_.end()) owner = malware->second;
    if (const auto report = reports_.find(std::string(id)); report != reports_.end()) {
      owner.name = report->second.name;
    }
    return owner;
  }

  void read_indicator(const json::Value& object) {
    const std::string_view id = text_of(object, "id");
    const std::string_view language = text_of(object, "pattern_type");
    const std::string_view pattern = text_of(object, "pattern");
    const json::Value* revoked = object.find("revoked");
    if (revoked != nullptr && revoked->boolean() != nullptr && *revoked->boolean()) {
      return reading_.leave(Reason::revoked, id, pattern);
    }
    if (!language.empty() && language != "stix") {
      return reading_.leave(Reason::other_language, id, language);
    }
    const auto comparison = parse_pattern(pattern);
    if (!comparison) return reading_.leave(comparison.error(), id, pattern);
    auto kind = kind_of_key(comparison->key);
    if (!kind) return reading_.leave(Reason::unknown_key, id, comparison->key);
    // Publishers write addresses as domain names, and the other way round.
    if (*kind == Kind::domain && spell_ip_address(comparison->value)) kind = Kind::ip_address;
    if (*kind == Kind::ip_address && !spell_ip_address(comparison->value)) kind = Kind::domain;
    const Owner owner = owner_of(id);
    reading_.take(*kind, comparison->value, owner.name, owner.threat_class, id);
  }

  const json::Array& objects_;
  Reading& reading_;
  std::unordered_map<std::string_view, Owner> owners_;   // by id of the malware
  std::unordered_map<std::string_view, Owner> related_;  // by id of the indicator
  std::unordered_map<std::string, Owner> reports_;       // by id of what a report lists
};

}  // namespace

Result<> read_stix(std::string_view text, Reading& reading) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto bundle = json::parse(text, kStixBytesMax);
  if (!bundle) return carry(bundle, "a STIX bundle");
  const json::Array* objects = bundle->array();
  if (objects == nullptr) objects = array_of(*bundle, "objects");
  if (objects == nullptr) return fail(Code::invalid_input, "the JSON is no STIX bundle");
  BundleReader(*objects, reading).read();
  return {};
}

}  // namespace amanat::indicator
