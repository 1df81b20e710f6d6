#pragma once

// The reports of all commands, as lines for a person and as JSON for programs.

#include <string>
#include <vector>

#include "amanat/codec/json.h"
#include "amanat/indicator/load.h"
#include "amanat/phone/check.h"
#include "amanat/phone/consent_flow.h"
#include "amanat/phone/device_check.h"
#include "amanat/phone/enroll.h"
#include "amanat/phone/log_command.h"
#include "amanat/phone/protect.h"
#include "amanat/phone/quarantine.h"
#include "amanat/phone/recover.h"
#include "amanat/phone/restore.h"
#include "amanat/phone/scan_command.h"
#include "amanat/phone/status.h"
#include "amanat/phone/watch_command.h"
#include "amanat/phone/withdraw.h"

namespace amanat::phone {

struct ReportText {
  std::vector<std::string> lines;
  json::Object json;
};

ReportText report_text(const EnrollReport& report);
ReportText report_text(const RecoverReport& report);
ReportText report_text(const ConsentReport& report);
ReportText report_text(const WithdrawReport& report, bool is_cancelled);
ReportText report_text(const ProtectReport& report);
ReportText report_text(const RestoreReport& report);
ReportText report_text(const CheckReport& report);
ReportText report_text(const StatusReport& report);
/// `is_explained`: with what the threats can do to the person, and what to do.
ReportText report_text(const ScanReport& report, const scan::Database& database, bool is_explained);
/// One finding as the report has it, for those who tell each at once.
std::string finding_line(const ScannedFile& file);
json::Object finding_json(const ScannedFile& file);
ReportText report_text(const WatchReport& report);
/// What a check with indicators found; explained always.
ReportText report_text(const DeviceReport& report, const indicator::Loaded& loaded);
ReportText report_text(const QuarantineList& list);
ReportText report_text(const Quarantined& file);
/// What compiling signatures made of them.
ReportText report_text(const scan::Database& database);
ReportText report_text(const std::vector<LoggedEvent>& events, std::uint64_t exported);

}  // namespace amanat::phone
