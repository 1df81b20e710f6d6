#!/usr/bin/env bash
# tools/apt-need.sh PACKAGE...     installs the Debian packages that are missing
# tools/apt-need.sh --set SET...   the same for the sets of tools/packages (core, story, lint)
#
# Asks dpkg once and returns at once when nothing is missing. Never removes a package, installs no
# recommendations, waits for another apt to finish. Needs root or sudo only when there is work.
set -euo pipefail

fail() {
  printf 'apt-need: %s\n' "$@" >&2
  exit 1
}

# The packages of section [$1] of tools/packages.
packages_of_set() {
  awk -v wanted="[$1]" '
    { sub(/#.*/, ""); gsub(/[ \t]+/, "") }
    /^\[/ { inside = ($0 == wanted); found = found || inside; next }
    inside && $0 != "" { print }
    END { exit !found }' "$(dirname "${BASH_SOURCE[0]}")/packages" ||
    fail "tools/packages has no section [$1]"
}

# Those of "$@" that dpkg does not call installed.
missing() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }') || true
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

lists_are_fresh() {
  [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -360 -print -quit \
    2>/dev/null)" ]
}

wanted=()
if [ "${1:-}" = --set ]; then
  shift
  for set in "$@"; do
    names=$(packages_of_set "$set") || exit 1
    mapfile -t -O "${#wanted[@]}" wanted <<<"$names"
  done
else
  wanted=("$@")
fi
[ "${#wanted[@]}" -gt 0 ] || fail "usage: tools/apt-need.sh PACKAGE... | --set SET..."

command -v dpkg-query >/dev/null ||
  fail "this is not a Debian system; install what these packages hold:" "${wanted[*]}"
mapfile -t need < <(missing "${wanted[@]}")
[ "${#need[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    fail "missing packages, and neither root nor sudo is at hand; as root, run:" \
      "  apt-get install --no-install-recommends ${need[*]}"
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 "$@" >>"$log" 2>&1
}

printf 'installing %s\n' "${need[*]}" >&2
# Lists that are old name versions the servers no longer have.
lists_are_fresh || apt update || true
for attempt in 1 2 3; do
  if apt install -y --no-install-recommends --no-remove "${need[@]}"; then exit 0; fi
  [ "$attempt" -lt 3 ] || break
  sleep $((attempt * 4))
  apt update || true
done

tail -n 20 "$log" >&2
mapfile -t need < <(missing "${need[@]}")
fail "could not install ${need[*]}" \
  "Amanat is built on Debian 12 (bookworm) with its main archive; see that the archive is" \
  "reachable (apt-get update) and that apt-cache policy knows each package, then start again."
