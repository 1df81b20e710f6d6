#!/usr/bin/env python3
"""tools/count_results.py CHECKS_FAILED RESULTS CTEST_STATUS JOURNEYS_LOG JOURNEYS_STATUS

Prints the last line of ./test, `N passed, N failed`, from what was really run: the test cases that
each doctest program reports, one for every other CTest entry, and the journeys' own last count.
CHECKS_FAILED counts what failed before them; JOURNEYS_STATUS is "-" when no journeys were run.
Exits 0 only if something passed and nothing failed.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

DOCTEST_LINE = re.compile(r"\[doctest\] test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")
JOURNEYS_LINE = re.compile(r"^(\d+) passed, (\d+) failed", re.MULTILINE)


def count_ctest(path):
    """A program that stops before its summary (a crash, a sanitizer) is one failure."""
    passed = failed = 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        summary = DOCTEST_LINE.search(re.sub(r"\x1b\[[0-9;]*m", "", output))
        ok = case.get("status") == "run"
        case_passed, case_failed = map(int, summary.groups()) if summary else (int(ok), 0)
        if not ok and case_failed == 0:
            case_failed = 1
        passed += case_passed
        failed += case_failed
    return passed, failed


def count_journeys(log, status):
    counts = JOURNEYS_LINE.findall(log.read_text(errors="replace"))
    passed, failed = map(int, counts[-1]) if counts else (int(status == 0), 0)
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed


def main():
    checks_failed, results, ctest_status, journeys_log, journeys_status = sys.argv[1:6]
    passed = failed = 0
    if Path(results).exists():
        passed, failed = count_ctest(results)
    if int(ctest_status) != 0 and failed == 0:
        failed = 1
    failed += int(checks_failed)
    if journeys_status != "-":
        journeys = count_journeys(Path(journeys_log), int(journeys_status))
        passed, failed = passed + journeys[0], failed + journeys[1]
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


sys.exit(main())
