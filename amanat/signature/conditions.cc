#include "amanat/signature/fields.h"
#include "amanat/signature/logical_parts.h"

namespace amanat::signature {
namespace {

constexpr std::uint32_t kEngineForConditions = 51;

std::optional<std::uint32_t> parse_bound(std::string_view text) {
  if (text.empty()) return 0;
  return parse_number<std::uint32_t>(text);
}

Parsed<Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return refuse(Reason::malformed, "a range");
  const auto min = parse_bound(text.substr(0, dash));
  const auto max = parse_bound(text.substr(dash + 1));
  if (!min || !max) return refuse(Reason::malformed, "a range");
  return Range{*min, *max};
}

Parsed<bool> set_range(std::optional<Range>& range, std::string_view text) {
  const auto parsed = parse_range(text);
  if (!parsed) return std::unexpected(parsed.error());
  range = *parsed;
  return true;
}

Parsed<bool> set_type(std::optional<ObjectType>& type, std::string_view text) {
  type = ObjectType::find(text);
  if (!type) return refuse(Reason::unknown_type, text);
  return true;
}

Parsed<bool> set_intermediates(std::vector<ObjectType>& types, std::string_view text) {
  types.clear();
  for (const std::string_view name : split(text, '>')) {
    const auto type = ObjectType::find(name);
    if (!type) return refuse(Reason::unknown_type, name);
    if (types.size() == kIntermediatesMax) return refuse(Reason::malformed, "the intermediates");
    types.push_back(*type);
  }
  return true;
}

class ConditionsParser {
 public:
  Parsed<Conditions> parse(std::string_view text) {
    const auto fields = split(text, ',');
    if (fields.size() > kConditionsMax) return refuse(Reason::malformed, "too many conditions");
    for (const std::string_view field : fields) {
      const std::size_t colon = field.find(':');
      if (colon == std::string_view::npos) return refuse(Reason::malformed, "a condition");
      const std::string_view name = field.substr(0, colon);
      if (name == "Engine" && field.data() != text.data()) {
        return refuse(Reason::malformed, "Engine is not the first condition");
      }
      if (auto done = set(name, field.substr(colon + 1)); !done) {
        return std::unexpected(done.error());
      }
    }
    if (auto fits = check(); !fits) return std::unexpected(fits.error());
    return std::move(found_);
  }

 private:
  Parsed<bool> set(std::string_view name, std::string_view value) {
    if (name == "Engine") return set_range(found_.engine, value);
    if (name == "Target") {
      const auto number = parse_bound(value);
      if (!number) return refuse(Reason::malformed, "the target");
      target_ = *number;
      return true;
    }
    is_new_ = true;
    if (name == "FileSize") return set_range(found_.file_size, value);
    if (name == "EntryPoint") return set_range(found_.entry_point, value);
    if (name == "NumberOfSections") return set_range(found_.number_of_sections, value);
    if (name == "Container") return set_type(found_.container, value);
    if (name == "HandlerType") return set_type(found_.handler, value);
    if (name == "Intermediates") return set_intermediates(found_.intermediates, value);
    if (name == "IconGroup1") return set_text(found_.icon_group1, value);
    if (name == "IconGroup2") return set_text(found_.icon_group2, value);
    return refuse(Reason::unknown_attribute, name);
  }

  static Parsed<bool> set_text(std::optional<std::string>& text, std::string_view value) {
    if (!is_name(value)) return refuse(Reason::malformed, "an icon group");
    text = value;
    return true;
  }

  Parsed<bool> check() {
    if (is_new_ && (!found_.engine || found_.engine->min < kEngineForConditions)) {
      return refuse(Reason::malformed, "conditions without a level that has them");
    }
    if (found_.engine && found_.engine->min > kEngineLevel) {
      return refuse(Reason::engine_newer, std::to_string(found_.engine->min));
    }
    if (found_.engine && found_.engine->max < kEngineLevel) {
      return refuse(Reason::engine_older, std::to_string(found_.engine->max));
    }
    if (!target_) return refuse(Reason::malformed, "no target");
    if (*target_ >= kTargetCount) {
      return refuse(Reason::unknown_target, std::to_string(*target_));
    }
    found_.target = static_cast<Target>(*target_);
    if ((found_.icon_group1 || found_.icon_group2) && found_.target != Target::pe) {
      return refuse(Reason::malformed, "icon groups of what is not PE");
    }
    if ((found_.entry_point || found_.number_of_sections) && !is_executable(found_.target)) {
      return refuse(Reason::malformed, "sections of what is no executable");
    }
    return true;
  }

  Conditions found_;
  std::optional<std::uint32_t> target_;
  bool is_new_ = false;
};

std::string text_of(const Range& range) {
  return std::to_string(range.min) + '-' + std::to_string(range.max);
}

std::string text_of(ObjectType type) { return "CL_TYPE_" + std::string(type.name()); }

std::string text_of(const std::string& text) { return text; }

std::string text_of(const std::vector<ObjectType>& types) {
  std::string out;
  for (const ObjectType type : types) out += (out.empty() ? "" : ">") + text_of(type);
  return out;
}

template <class T>
void add(std::string& out, std::string_view name, const std::optional<T>& value) {
  if (value) (((out += ',') += name) += ':') += text_of(*value);
}

}  // namespace

Parsed<Conditions> parse_conditions(std::string_view text) {
  return ConditionsParser().parse(text);
}

std::string print(const Conditions& conditions) {
  std::string out;
  if (conditions.engine) out = "Engine:" + text_of(*conditions.engine) + ',';
  out += "Target:" + std::to_string(static_cast<unsigned>(conditions.target));
  add(out, "FileSize", conditions.file_size);
  add(out, "EntryPoint", conditions.entry_point);
  add(out, "NumberOfSections", conditions.number_of_sections);
  add(out, "IconGroup1", conditions.icon_group1);
  add(out, "IconGroup2", conditions.icon_group2);
  add(out, "Container", conditions.container);
  if (!conditions.intermediates.empty()) {
    out += ",Intermediates:" + text_of(conditions.intermediates);
  }
  add(out, "HandlerType", conditions.handler);
  return out;
}

}  // namespace amanat::signature
