#include "amanat/program/manifest.h"

#include <algorithm>
#include <array>
#include <set>

#include "amanat/program/axml.h"

namespace amanat::program {
namespace {

// Android's numbers of the attributes (R.attr): they hold whatever the attribute is called.
enum Attribute : std::uint32_t {
  kLabel = 0x01010001,
  kName = 0x01010003,
  kPermission = 0x01010006,
  kSharedUserId = 0x0101000b,
  kEnabled = 0x0101000e,
  kDebuggable = 0x0101000f,
  kExported = 0x01010010,
  kMinSdkVersion = 0x0101020c,
  kVersionCode = 0x0101021b,
  kVersionName = 0x0101021c,
  kTargetSdkVersion = 0x01010270,
  kTestOnly = 0x01010272,
  kVersionCodeMajor = 0x01010576,
};

struct ComponentTag {
  std::string_view tag;
  ComponentKind kind;
};
constexpr auto kComponentTags = std::to_array<ComponentTag>({
    {"activity", ComponentKind::activity},
    {"activity-alias", ComponentKind::activity_alias},
    {"service", ComponentKind::service},
    {"receiver", ComponentKind::receiver},
    {"provider", ComponentKind::provider},
});

// One element's attributes, by Android's numbers and, for those that have none, by name.
class Attributes {
 public:
  Attributes(const Axml& document, const AxmlEvent& event)
      : document_(document), attributes_(document.attributes(event)) {}

  std::string text(Attribute id) const { return text_of(find(id)); }
  std::string text(std::string_view name) const { return text_of(find(name)); }

  std::uint32_t number(Attribute id, std::uint32_t otherwise) const {
    const AxmlAttribute* attribute = find(id);
    if (attribute == nullptr || attribute->type < ValueType::decimal) return otherwise;
    return attribute->data;
  }

  std::optional<bool> flag(Attribute id) const {
    const AxmlAttribute* attribute = find(id);
    if (attribute == nullptr || attribute->type != ValueType::boolean) return std::nullopt;
    return attribute->data != 0;
  }

  TextOrResource text_or_resource(Attribute id) const {
    const AxmlAttribute* attribute = find(id);
    if (attribute != nullptr && attribute->type == ValueType::reference) {
      return {.text = {}, .resource_id = attribute->data};
    }
    return {.text = text_of(attribute), .resource_id = 0};
  }

 private:
  const AxmlAttribute* find(Attribute id) const {
    const auto found =
        std::ranges::find(attributes_, std::uint32_t{id}, &AxmlAttribute::resource_id);
    return found == attributes_.end() ? nullptr : &*found;
  }
  const AxmlAttribute* find(std::string_view name) const {
    const auto found = std::ranges::find_if(attributes_, [&](const AxmlAttribute& attribute) {
      return attribute.resource_id == 0
             && document_.strings().text(attribute.name, kManifestTextMax) == name;
    });
    return found == attributes_.end() ? nullptr : &*found;
  }
  std::string text_of(const AxmlAttribute* attribute) const {
    if (attribute == nullptr || attribute->type != ValueType::string) return {};
    return document_.strings().text(attribute->data, kManifestTextMax).value_or("");
  }

  const Axml& document_;
  std::span<const AxmlAttribute> attributes_;
};

class ManifestReader {
 public:
  explicit ManifestReader(const Axml& document) : document_(document) {}

  Result<AppManifest> read() {
    for (const AxmlEvent& event : document_.events()) {
      if (event.kind == AxmlEvent::Kind::end) {
        leave(name_of(event));
      } else if (auto done = enter(event); !done) {
        return carry(done);
      }
    }
    if (manifest_.package.empty()) return fail(Code::invalid_input, "a manifest names no package");
    return std::move(manifest_);
  }

 private:
  std::string name_of(const AxmlEvent& event) const {
    return document_.strings().text(event.name, kManifestTextMax).value_or("");
  }

  Result<> enter(const AxmlEvent& event) {
    const std::string tag = name_of(event);
    const Attributes attributes(document_, event);
    if (tag == "manifest") {
      read_package(attributes);
    } else if (tag == "uses-sdk") {
      manifest_.min_sdk = attributes.number(kMinSdkVersion, 1);
      manifest_.target_sdk = attributes.number(kTargetSdkVersion, manifest_.min_sdk);
    } else if (tag == "application") {
      manifest_.label = attributes.text_or_resource(kLabel);
      manifest_.debuggable = attributes.flag(kDebuggable).value_or(false);
      manifest_.test_only = attributes.flag(kTestOnly).value_or(false);
    } else if (tag == "permission") {
      return add_name(manifest_.defined_permissions, attributes.text(kName));
    } else if (tag.starts_with("uses-permission")) {
      return add_permission(attributes.text(kName));
    } else {
      return enter_component(tag, attributes);
    }
    return {};
  }

  // The first one counts: a second one somewhere inside is there to mislead.
  void read_package(const Attributes& attributes) {
    if (std::exchange(has_package_, true)) return;
    manifest_.package = attributes.text("package");
    manifest_.split = attributes.text("split");
    manifest_.version_name = attributes.text(kVersionName);
    manifest_.version_code = std::uint64_t{attributes.number(kVersionCodeMajor, 0)} << 32
                             | attributes.number(kVersionCode, 0);
    manifest_.shared_user_id = attributes.text(kSharedUserId);
  }

  Result<> enter_component(std::string_view tag, const Attributes& attributes) {
    if (tag == "intent-filter" && in_component_) {
      if (auto room = take_name(); !room) return carry(room);
      manifest_.components.back().filters.emplace_back();
      in_filter_ = true;
      return {};
    }
    if (in_filter_ && tag == "action") {
      return add_name(manifest_.components.back().filters.back().actions, attributes.text(kName));
    }
    if (in_filter_ && tag == "category") {
      return add_name(manifest_.components.back().filters.back().categories,
                      attributes.text(kName));
    }
    const auto known = std::ranges::find(kComponentTags, tag, &ComponentTag::tag);
    if (known == kComponentTags.end()) return {};
    if (manifest_.components.size() == kManifestComponentsMax) {
      return fail(Code::invalid_input, "a manifest has too many components");
    }
    manifest_.components.push_back({.kind = known->kind,
                                    .name = full_name(attributes.text(kName)),
                                    .permission = attributes.text(kPermission),
                                    .exported = attributes.flag(kExported),
                                    .enabled = attributes.flag(kEnabled).value_or(true),
                                    .filters = {}});
    in_component_ = true;
    in_filter_ = false;
    return {};
  }

  void leave(std::string_view tag) {
    if (tag == "intent-filter") in_filter_ = false;
    if (std::ranges::find(kComponentTags, tag, &ComponentTag::tag) != kComponentTags.end()) {
      in_component_ = in_filter_ = false;
    }
  }

  std::string full_name(const std::string& name) const {
    if (name.starts_with('.')) return manifest_.package + name;
    if (!name.empty() && !name.contains('.')) return manifest_.package + "." + name;
    return name;
  }

  Result<> take_name() {
    if (++name_count_ > kManifestNamesMax) {
      return fail(Code::invalid_input, "a manifest has too many names");
    }
    return {};
  }

  Result<> add_name(std::vector<std::string>& names, std::string name) {
    if (auto room = take_name(); !room) return carry(room);
    if (!name.empty()) names.push_back(std::move(name));
    return {};
  }

  Result<> add_permission(const std::string& name) {
    if (!known_permissions_.insert(name).second) return {};
    return add_name(manifest_.permissions, name);
  }

  const Axml& document_;
  AppManifest manifest_;
  bool has_package_ = false;
  bool in_component_ = false;
  bool in_filter_ = false;
  std::size_t name_count_ = 0;
  std::set<std::string> known_permissions_;
};

bool has_component(const AppManifest& manifest, ComponentKind kind, std::string_view permission,
                   std::string_view action) {
  return std::ranges::any_of(manifest.components, [&](const Component& component) {
    return component.kind == kind
           && (component.permission == permission || component.handles_action(action));
  });
}

}  // namespace

bool Component::handles_action(std::string_view action) const {
  return std::ranges::any_of(filters, [action](const IntentFilter& filter) {
    return std::ranges::find(filter.actions, action) != filter.actions.end();
  });
}

bool AppManifest::asks_for(std::string_view permission) const {
  return std::ranges::find(permissions, permission) != permissions.end();
}

bool AppManifest::has_accessibility_service() const {
  return has_component(*this, ComponentKind::service,
                       "android.permission.BIND_ACCESSIBILITY_SERVICE",
                       "android.accessibilityservice.AccessibilityService");
}

bool AppManifest::has_device_admin() const {
  return has_component(*this, ComponentKind::receiver, "android.permission.BIND_DEVICE_ADMIN",
                       "android.app.action.DEVICE_ADMIN_ENABLED");
}

bool AppManifest::has_notification_listener() const {
  return has_component(*this, ComponentKind::service,
                       "android.permission.BIND_NOTIFICATION_LISTENER_SERVICE",
                       "android.service.notification.NotificationListenerService");
}

bool AppManifest::has_input_method() const {
  return has_component(*this, ComponentKind::service, "android.permission.BIND_INPUT_METHOD",
                       "android.view.InputMethod");
}

bool AppManifest::has_vpn_service() const {
  return has_component(*this, ComponentKind::service, "android.permission.BIND_VPN_SERVICE",
                       "android.net.VpnService");
}

bool AppManifest::has_launcher_icon() const {
  const auto is_launcher = [](const IntentFilter& filter) {
    const auto has = [](const std::vector<std::string>& names, std::string_view name) {
      return std::ranges::find(names, name) != names.end();
    };
    return has(filter.actions, "android.intent.action.MAIN")
           && (has(filter.categories, "android.intent.category.LAUNCHER")
               || has(filter.categories, "android.intent.category.LEANBACK_LAUNCHER"));
  };
  return std::ranges::any_of(components, [&](const Component& component) {
    return component.enabled
           && (component.kind == ComponentKind::activity
               || component.kind == ComponentKind::activity_alias)
           && std::ranges::any_of(component.filters, is_launcher);
  });
}

Result<AppManifest> read_manifest(ByteView axml) {
  const auto document = Axml::open(axml);
  if (!document) return carry(document);
  return ManifestReader(*document).read();
}

}  // namespace amanat::program
