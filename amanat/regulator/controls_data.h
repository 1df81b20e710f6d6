#pragma once

// controls/controls.json inside the binary.

#include <string_view>

namespace amanat::regulator {
std::string_view controls_json();
}  // namespace amanat::regulator
