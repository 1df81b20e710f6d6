#pragma once

// Checks a SQLite database of the person's: each table, each column whose name tells what it holds.
//
// The database is never opened where it lies: opening may create files beside it, take locks that
// an app waits for, or roll a journal back. It is copied with its log, through descriptors that are
// already open, and the copy is read. If it changes while it is copied, it is copied again.

#include <cstdint>
#include <string_view>

#include "amanat/error/error.h"
#include "amanat/indicator/indicator.h"
#include "amanat/phone/collect.h"
#include "amanat/phone/database_copy.h"
#include "amanat/phone/device_findings.h"

namespace amanat::phone {

inline constexpr std::uint64_t kDeviceRowsMax = 20'000'000;  // of one database
inline constexpr std::size_t kDeviceTablesMax = 2'000;
inline constexpr std::size_t kDeviceColumnsMax = 64;  // of interest, in one table
inline constexpr std::size_t kDeviceCellBytesMax = std::size_t{1} << 20;

/// Checks the database `item` of `folder`.
///
///   shown    the name that findings give
///   fails    unavailable when it keeps changing or there is no room; corrupt when it is damaged
Result<> check_database(const OpenFile& folder, const Item& item, std::string_view shown,
                        const PrivateFolder& scratch, const indicator::Indicators& indicators,
                        DeviceFindings& findings);

}  // namespace amanat::phone
