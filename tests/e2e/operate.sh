#!/usr/bin/env bash
# What operators have to go by: the log of what was refused, the counters in the terminal, the manuals, and what is
# installed.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
. "$tests/lib/daemon.sh" operate
root=$tests/..
export PLACEMAT_MARKET=quaymouth

ok() { # name command...
    local name=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    result $? "$name"
}

refused() { # name command...: by the daemon
    local name=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    [ $? -eq 1 ]
    result $? "$name"
}

in_log() { # name pattern
    grep -qE -- "$2" "$work/log"
    result $? "$1"
}

# ---- Memory ----

resident() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$daemon/status"; } # MiB

starts || exit 1
lazily=$(resident)
stops TERM
starts --resident || exit 1
took=$(sed -n 's/.*info took \([0-9]*\) MiB in .*/\1/p' "$work/log")
[ "${took:-0}" -gt 0 ] && [ "$(resident)" -ge "$took" ]
result $? "--resident takes all memory of the limits at the start ($lazily, then $(resident) MiB of $took)"
stops TERM

# ---- The log of refusals ----

withdraws() { "$bin/placemat" package withdraw NONE --reason mistake "$@"; }

starts --market "$tests/e2e/day/market.yaml" || exit 1
refused "a package that is not there" withdraws --as "broker:an example" --request-id 12 --client 7
in_log "is in the log, with who and why" \
    'Z info refused command=package.withdraw status=unknown_package market=quaymouth role=broker actor="an example" client=7 number=12 reason="[^"]+"$'
refused "a provider may not" withdraws --as "provider:Fernglow Homecare"
in_log "is in the log as well" 'refused status=not_allowed .*actor="Fernglow Homecare".*reason="command 1 \(package.withdraw\)'
stops TERM
starts --log-format json || exit 1
refused "once more, as JSON" withdraws --as "broker:an example"
ok "every line is an object with time, level and what happened" \
    jq -es 'all(has("time") and has("level") and (has("event") or has("message")))' "$work/log"
ok "the refusal has its fields" \
    jq -es 'map(select(.event == "refused")) | length == 1 and (.[0] | .command == "package.withdraw" and .status == "unknown_package" and .actor == "an example" and .number > 0)' "$work/log"

# ---- The counters ----

ok "stats, for people" "$bin/placemat" stats
grep -qE '^reply_times +half below [0-9.]+ [a-z]+, 99 of 100 below' "$work/out" &&
    grep -q '^waiting_ages     below 1 h 0, 1-4 h 0,' "$work/out"
result $? "say how long replies took, and who has waited"
ok "stats, for scripts" "$bin/placemat" stats --json
jq -e '(.reply_times | length == 22 and add > 0) and (.waiting_ages | length == 7)' "$work/out" >"$work/err"
result $? "have the counts"
ok "stats again and again" "$bin/placemat" stats --every 0.1 --times 3
[ "$(wc -l <"$work/out")" -eq 4 ] && [ "$(awk 'NR > 1 { print NF }' "$work/out" | sort -u | wc -l)" -le 2 ]
result $? "give a line a time below their heads"
ok "and as a document a line" "$bin/placemat" stats --every 0.1 --times 2 --json
[ "$(jq -c .sequence "$work/out" | wc -l)" -eq 2 ]
result $? "which jq reads"
"$bin/placemat" stats --times 2 >"$work/out" 2>"$work/err"
[ $? -eq 2 ]
result $? "--times alone makes no sense"
stops TERM
result $? "the daemon ends"

# ---- The manuals ----

# Options in the text of --help, without their dashes.
options() { grep -oE -- '(^|[ (])--[a-z][a-z-]*' "$1" | sed 's/.*--//' | sort -u; }

"$bin/placematd" --help >"$work/help"
options "$work/help" | sed 's/^limit-.*/limit-.../' | sort -u >"$work/helped"
sed 's/\\-/-/g' "$root/daemon/placematd.8" >"$work/manual"
missing=$(while read -r name; do grep -q -- "--$name" "$work/manual" || echo "$name"; done <"$work/helped")
[ -z "$missing" ]
result $? "placematd(8) has every option of --help${missing:+, but $missing}"
missing=$(sed -n '/^.SH OPTIONS/,/^.SH WHO/p' "$work/manual" | grep -A1 '^.TP' | grep -oE -- '--[a-z.-]+' |
    while read -r name; do grep -q -- "^${name#--}$" "$work/helped" || echo "$name"; done)
[ -z "$missing" ]
result $? "and no other${missing:+, but $missing}"

# Of placemat: each noun's commands, and each command's own options. A noun alone may be a command.
undocumented() {
    local noun verb option
    for noun in $("$bin/placemat" --help | sed -n '/^Nouns:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
        "$bin/placemat" "$noun" --help | sed -n "s/^  placemat $noun \\([a-z]*\\) .*/\\1/p" >"$work/verbs"
        [ -s "$work/verbs" ] || echo >"$work/verbs"
        while read -r verb; do
            grep -qE "^\.It (.*, )?Cm $noun${verb:+ $verb}( |\$)" "$root/client/placemat.1" || echo "$noun $verb"
            # shellcheck disable=SC2086 # a noun alone has no verb
            "$bin/placemat" $noun $verb --help | sed -n '/^Options/,$p' >"$work/own"
            for option in $(options "$work/own"); do
                grep -qE -- "Fl -$option( |\$)" "$root/client/placemat.1" || echo "$noun $verb --$option"
            done
        done <"$work/verbs"
    done
}
missing=$(undocumented)
[ -z "$missing" ]
result $? "placemat(1) has every command and option of --help${missing:+, but: ${missing//$'\n'/, }}"

# What /metrics has, the manual explains.
starts --metrics 0 || exit 1
port=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/ready" | sed 's/.*://')
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
cat <&3 >"$work/metrics"
exec 3>&-
stops TERM
names=$(sed -n 's/^# HELP \([a-z_]*\) .*/\1/p' "$work/metrics")
[ "$(wc -w <<<"$names")" -ge 20 ]
result $? "metrics are served"
missing=$(for name in $names; do grep -qw "$name" "$root/daemon/placematd.8" || echo "$name"; done)
[ -z "$missing" ]
result $? "and placematd(8) explains each${missing:+, but ${missing//$'\n'/, }}"

# ---- What is installed ----

# As built here, into a directory of its own.
build=$(cd "$bin/.." && pwd)
ok "make install" make -C "$root" install BUILD="$build" DESTDIR="$work/root" PREFIX=/usr
unit=$work/root/usr/lib/systemd/system/placematd.service
grep -q '^ExecStart=/usr/bin/placematd --data ' "$unit" && [ -x "$work/root/usr/bin/placematd" ] &&
    [ -f "$work/root/usr/share/man/man8/placematd.8" ] && [ -f "$work/root/usr/share/man/man1/placemat.1" ]
result $? "installs the unit, the programs and the manuals"
# Whether the daemon takes the unit's command line: it must get as far as its directory.
command=$(sed -n 's/^ExecStart=[^ ]* //p' "$unit")
# shellcheck disable=SC2086 # it is a command line
"$bin/placematd" ${command//\/var\/lib\/placemat/\/dev\/null} >"$work/out" 2>"$work/err"
[ $? -eq 1 ] && grep -q /dev/null/data "$work/err"
result $? "whose command line is one that the daemon takes"
if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/bin/placematd|$bin/placematd|; /^Documentation=/d" "$unit" >"$work/placematd.service"
    ok "the unit is well formed" systemd-analyze verify --man=no "$work/placematd.service"
    [ ! -s "$work/err" ]
    result $? "with nothing to say about it"
else
    echo "ok $((number + 1)) - the unit is well formed # skip there is no systemd-analyze"
    number=$((number + 1))
fi

plan
