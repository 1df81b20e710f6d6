#include "amanat/phone/threat_database.h"

namespace amanat::phone {

Result<scan::Database> load_threats(const std::filesystem::path& home) {
  auto loaded = scan::Database::compile_into(home / "threats", home / "threats-compiled");
  if (loaded || loaded.error().code != Code::not_found) return loaded;
  return scan::Database::builtin();
}

Result<scan::Database> open_named_threats(const std::filesystem::path& file, VerdictCache* cache,
                                          const Clock& clock) {
  auto database = scan::Database::open(file);
  if (!database || database->file() == nullptr) return database;
  const Instant now = clock.now();
  const auto before = stamp(database->file()->number());
  if (!before) return carry(before, "opening the threat database");
  if (cache != nullptr) {
    const auto checked = cache->is_checked(*before);
    if (checked && *checked) return database;
  }
  if (!database->verify()) {
    return fail(Code::corrupt,
                "the threat database is damaged: its checksum does not hold. Make it anew with "
                "amanat compile-threats, or fetch it again");
  }
  // What is not remembered is compared again the next time, and that is all.
  if (cache != nullptr) static_cast<void>(cache->note_checked(*before, now));
  return database;
}

}  // namespace amanat::phone
