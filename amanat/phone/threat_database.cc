#include "amanat/phone/threat_database.h"

namespace amanat::phone {

Result<scan::Database> load_threats(const std::filesystem::path& folder) {
  auto loaded = scan::Database::load_folder(folder);
  if (loaded || loaded.error().code != Code::not_found) return loaded;
  return scan::Database::builtin();
}

}  // namespace amanat::phone
