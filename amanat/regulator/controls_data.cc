#include "amanat/regulator/controls_data.h"

// #embed is C23's; clang has it in C++ as an extension. See amanat_embed in CMakeLists.txt.

namespace amanat::regulator {
namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr unsigned char kControls[] = {
#embed "../../controls/controls.json"
};
#pragma clang diagnostic pop

}  // namespace

std::string_view controls_json() {
  return {reinterpret_cast<const char*>(kControls), sizeof(kControls)};
}

}  // namespace amanat::regulator
