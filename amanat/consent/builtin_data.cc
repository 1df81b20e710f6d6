#include "amanat/consent/builtin_data.h"

// #embed is C23's; clang has it in C++ as an extension. The build knows which files this source
// holds: see amanat_embed in CMakeLists.txt.

namespace amanat::consent::builtin_data {
namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr unsigned char kLawIn[] = {
#embed "../../laws/in.json"
};
constexpr unsigned char kLawSg[] = {
#embed "../../laws/sg.json"
};
constexpr unsigned char kNoticeCustodyEn[] = {
#embed "../../laws/notices/custody.en.json"
};
constexpr unsigned char kNoticeCustodyHi[] = {
#embed "../../laws/notices/custody.hi.json"
};
#pragma clang diagnostic pop

template <std::size_t N>
std::string_view text_of(const unsigned char (&bytes)[N]) {
  return {reinterpret_cast<const char*>(bytes), N};
}

}  // namespace

std::string_view law_in() { return text_of(kLawIn); }
std::string_view law_sg() { return text_of(kLawSg); }
std::string_view notice_custody_en() { return text_of(kNoticeCustodyEn); }
std::string_view notice_custody_hi() { return text_of(kNoticeCustodyHi); }

}  // namespace amanat::consent::builtin_data
