#pragma once

// What an Android package declares about itself in AndroidManifest.xml.
//
// Declarations are claims, and what an app may do to a person follows from them: a service that
// binds to the accessibility permission can read every screen, and an app without a launcher icon
// is one that the person is not meant to see.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::program {

inline constexpr std::size_t kManifestTextMax = 1'024;  // bytes of one name; longer are cut
inline constexpr std::size_t kManifestComponentsMax = 16'384;
inline constexpr std::size_t kManifestNamesMax = 65'536;  // permissions, actions, categories

/// A text in the manifest, or the number of the resource that holds it (resources.h).
struct TextOrResource {
  std::string text;
  std::uint32_t resource_id = 0;
};

struct IntentFilter {
  std::vector<std::string> actions;
  std::vector<std::string> categories;
};

enum class ComponentKind : std::uint8_t { activity, activity_alias, service, receiver, provider };

struct Component {
  ComponentKind kind = ComponentKind::activity;
  std::string name;              // with the package in front where it began with a dot or had none
  std::string permission;        // that callers need; empty: none
  std::optional<bool> exported;  // when it says so
  bool enabled = true;
  std::vector<IntentFilter> filters;

  bool handles_action(std::string_view action) const;
  /// As Android counts it: what it says, else whether it has an intent filter.
  bool is_exported() const { return exported.value_or(!filters.empty()); }
};

struct AppManifest {
  std::string package;
  std::string version_name;  // empty where it is a resource or absent
  std::uint64_t version_code = 0;
  std::uint32_t min_sdk = 1;
  std::uint32_t target_sdk = 1;
  std::string shared_user_id;
  std::string split;  // of a part of an app that comes in several packages
  bool debuggable = false;
  bool test_only = false;
  TextOrResource label;
  std::vector<std::string> permissions;          // asked for, in order, each once
  std::vector<std::string> defined_permissions;  // its own
  std::vector<Component> components;

  bool asks_for(std::string_view permission) const;

  /// Services and receivers that are given power over the phone once the person agrees.
  bool has_accessibility_service() const;
  bool has_device_admin() const;
  bool has_notification_listener() const;
  bool has_input_method() const;
  bool has_vpn_service() const;

  /// Whether an enabled activity puts an icon among the apps.
  bool has_launcher_icon() const;
};

/// Reads a binary AndroidManifest.xml.
///
///   fails   invalid_input when it is no binary XML, names no package, or exceeds a limit
Result<AppManifest> read_manifest(ByteView axml);

}  // namespace amanat::program
