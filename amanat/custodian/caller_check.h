#pragma once

// The check that runs again in every transaction: the device that asks was not removed meanwhile.

#include "amanat/custodian/account_records.h"
#include "amanat/custodian/world.h"

namespace amanat::custodian {

inline Result<DeviceRecord> read_calling_device(store::Database& database, const Caller& caller) {
  const auto device = find_device(database, caller.device());
  if (!device) return carry(device);
  if (!*device || (*device)->retired_at) {
    return fail(Code::denied, "this device was removed from its account");
  }
  return **device;
}

}  // namespace amanat::custodian
