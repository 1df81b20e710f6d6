#!/usr/bin/env bash
# The whole way of the data, told as it happens: ./run [DIR]
#
# A custodian, a phone, a loss, a recovery, a withdrawal, an attacker, a verifier, and three
# custodians that cheat. Everything lies in ./var ($AMANAT_VAR) afterwards. With DIR, your own files are protected
# instead of a made-up phone's; they are only read.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${AMANAT_BIN:=$PWD/build/release/bin}"
var=${AMANAT_VAR:-$PWD/var}
export PATH="$AMANAT_BIN:$PATH" AMANAT_HOME="$var/phone"
started=$SECONDS

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else bold='' dim='' green='' red='' plain=''; fi
chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*"; }
good() { printf '  %s✓%s %s\n' "$green" "$plain" "$*"; }
stop() { printf '  %s✗ %s%s\n' "$red" "$*" "$plain" >&2; exit 1; }
# Shows a command as one would type it, then runs it with its output set in.
show() { printf '  %s$ %s%s\n' "$dim" "$*" "$plain"; "$@" 2>&1 | sed 's/^/    /'; }

custodian=
serve() { # DATA [PORT]: starts amanatd there and sets custodian, address and port
  local log=$1.log
  amanatd serve --data "$1" --listen "127.0.0.1:${2:-0}" --erase-days 0 >"$log" 2>"$log.requests" &
  custodian=$!
  for _ in $(seq 100); do
    address=$(grep -o 'https://[^ ]*#sha256=[0-9a-f]*' "$log" | head -1 || true)
    [ -n "$address" ] && break
    kill -0 "$custodian" 2>/dev/null || { cat "$log" "$log.requests" >&2; stop "the custodian did not start"; }
    sleep 0.1
  done
  [ -n "$address" ] || stop "the custodian did not say where it listens; see $log"
  port=${address#https://*:}; port=${port%%#*}
}
rest() { # stops the custodian and waits for it
  [ -n "$custodian" ] || return 0
  kill -TERM "$custodian" 2>/dev/null || true
  wait "$custodian" 2>/dev/null || true
  custodian=
}
trap rest EXIT

chapter "0  A clean table"
rm -rf "$var/custodian"* "$var/phone" "$var/new-phone" "$var/restored" "$var/stolen" "$var/regulator" \
  "$var/cheat-"* "$var/papers" "$var/sample-phone"
mkdir -p "$var/papers"
if [ $# -gt 0 ]; then
  files=$(readlink -f "$1")
  [ -d "$files" ] || stop "$1 is not a folder"
  say "  Your folder $files is read, never written."
else
  files=$var/sample-phone
  python3 tools/make_sample_phone.py "$files"
  say "  A made-up phone of $(find "$files" -type f | wc -l) files in real formats: $files"
fi

chapter "1  The maker starts its custodian"
serve "$var/custodian"
say "  It listens at ${address%%#*}; its policy has the hash ${address##*=}."
say "  A folder on this disk has no region, and it says so."

chapter "2  A person enrols: 24 words are the only way back"
show amanat enroll "$address" --words-out "$var/papers/words-1.txt"

chapter "3  Consent: one answer for each category, nothing ticked beforehand"
say "  This person agrees to most, and not to health, browsing and diagnostics."
show amanat consent --grant photos,videos,audio,contacts,messages,call-log,calendar,location,email,documents,apps,app-data,other

chapter "4  Protect: read once, scanned and sealed in the same read"
show amanat protect "$files" || true # 1: something was set aside
amanat status --json >"$var/papers/status-1.json"
say "  Again, and nothing has changed:"
show amanat protect "$files" || true

chapter "5  The phone falls into the river"
mv "$AMANAT_HOME" "$var/lost-phone.$$"
rm -rf "$var/lost-phone.$$"
say "  Gone: keys, database, everything. What is left: the words, the custodian's address."

chapter "6  A new phone, the words, and everything is back"
export AMANAT_HOME="$var/new-phone"
show amanat recover "$address" --words "$var/papers/words-1.txt"
show amanat restore "$var/restored"
python3 tools/compare_folders.py "$files" "$var/restored" | sed 's/^/    /'

chapter "7  An attacker copies the custodian's folder"
rest
cp -a "$var/custodian" "$var/stolen"
serve "$var/custodian" "$port"
say "  $(du -sh "$var/stolen" | cut -f1) of sealed bytes, every key wrap included."

chapter "8  The person withdraws contacts, now"
show amanat withdraw contacts --now --words "$var/papers/words-1.txt" --words-out "$var/papers/words-2.txt"

chapter "9  The attacker tries: the stolen copy, the new words, the present phone"
if tools/read_vault.py --custodian "$var/stolen" --words "$var/papers/words-2.txt" \
  --phone "$AMANAT_HOME" --must-not-open contacts | sed 's/^/    /'; then
  good "contacts cannot be opened"
else
  stop "the withdrawn category was opened"
fi
say "  A thief who has the phone too reads what the phone reads; contacts not even then."
say "  The *old* words are another matter: with a copy made before the withdrawal they still open it,"
say "  because that copy holds the old keyring, and the old words open that. No program can reach into"
say "  a thief's drawer. So old words must be destroyed, not only replaced:"
tools/read_vault.py --custodian "$var/stolen" --words "$var/papers/words-1.txt" \
  --must-open contacts | sed 's/^/    /' || stop "expected the old words to open the old copy"

chapter "10  The regulator, who trusts nobody, verifies"
amanat check --bundle "$var/papers/bundle.json" | sed 's/^/    /'
auditor=$(amanat-regulator key --state "$var/regulator")
show amanatd auditor add "$auditor" --data "$var/custodian"
show amanat-regulator verify "$address" --state "$var/regulator" --bundles "$var/papers/bundle.json" \
  --evidence "$var/papers/evidence.json"
amanat-regulator replay "$var/papers/evidence.json" >/dev/null || stop "the replay judged otherwise"
good "the evidence, judged again offline, gives the same verdicts: $var/papers/evidence.json"
rest

chapter "11  Three custodians that cheat"
refuted() { # NAME CHECK SENTENCE
  say "  $3"
  amanat-cheat "$1" "$var/custodian" "$var/cheat-$1" | sed 's/^/    /'
  serve "$var/cheat-$1" "$port"
  local report=$var/papers/verify-$1.json status=0
  amanat-regulator verify "$address" --state "$var/regulator" --bundles "$var/papers/bundle.json" \
    --evidence "$var/papers/evidence-$1.json" --json >"$report" || status=$?
  rest
  [ "$status" = 1 ] || stop "expected a refutation, got exit status $status; see $report"
  python3 - "$report" "$2" <<'PY' | sed 's/^/    /' || stop "the wrong check refuted it; see $report"
import json, sys
report = json.load(open(sys.argv[1]))
refuted = {c["check"]: c for c in report["checks"] if c["verdict"] == "refuted"}
for name, check in refuted.items():
    print("refuted by", name + ":", check["reason"])
sys.exit(0 if sys.argv[2] in refuted else 1)
PY
  good "refuted by name"
}
refuted object-without-consent consent-before-object "One keeps an object that no consent covers:"
refuted lose-bytes storage-challenge "One has lost the bytes and keeps the records:"
refuted rewrite-log log-consistency "One rewrites what it once signed:"

chapter "In short"
cat <<END
  The phone's files went one way, sealed; what no consent covered stayed; a threat was set aside.
  The words brought back every consented file, bit for bit. A withdrawn category is closed to the
  custodian, to a thief with its folder, and to whoever finds the new words.
  An outsider verified it and caught three liars, with evidence anyone can replay.

  $var/custodian       the custodian's folder       $var/restored    what came back
  $var/new-phone       the phone                    $var/papers      words, reports, evidence
  $((SECONDS - started)) seconds.
END
