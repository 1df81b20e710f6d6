#include "amanat/phone/threat_database.h"

namespace amanat::phone {

Result<scan::Database> load_threats(const std::filesystem::path& home) {
  auto loaded = scan::Database::compile_into(home / "threats", home / "threats-compiled");
  if (loaded || loaded.error().code != Code::not_found) return loaded;
  return scan::Database::builtin();
}

}  // namespace amanat::phone
