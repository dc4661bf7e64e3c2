#!/usr/bin/env bash
# The demonstration: the day, the market and the seed fix its outcome; it adds up; it serves on; it
# leaves nothing behind.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${BIN:-$tests/../build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/pm-demo.XXXXXX")
export TMPDIR=$work/tmp # where the demonstration puts its daemon's directory
mkdir "$TMPDIR"
cd "$tests/.." || exit 1
. "$tests/lib/tap.sh"
serving=
trap 'if [ -n "$serving" ]; then kill "$serving" 2>/dev/null; wait "$serving"; fi; rm -rf "$work"' EXIT

check() { # name command...
    local name=$1
    shift
    "$@" >"$work/out" 2>&1
    result $? "demo: $name"
}

replay() { # output option...: a report without what depends on the machine
    local output=$1 status
    shift
    "$bin/placemat-demo" --once "$@" >"$work/raw" 2>"$work/errors"
    status=$?
    cat "$work/errors" >&2
    grep -v '^Throughput ' "$work/raw" >"$output"
    return $status
}

differ() { ! cmp -s "$1" "$2"; }
status_is() { # status command...
    local want=$1 got
    shift
    "$@" >/dev/null 2>&1
    got=$?
    [ "$got" -eq "$want" ] || { echo "exit status $got, not $want" && false; }
}
digest() { grep -q '^Digest  *[0-9a-f]\{64\}$' "$1"; }
nothing_left() { [ -z "$(ls -A "$TMPDIR")" ] || { ls -lR "$TMPDIR" && false; }; }

check "a day is replayed" replay "$work/one"
check "it adds up" grep -q 'Everything adds up' "$work/one"
check "it says the digest" digest "$work/one"
check "44 packages, one in eight of 350" grep -q 'need a package of care: 44\.' "$work/one"
check "some packages wait, and it says why" grep -q '^      p1224-00..: Waiting: of ' "$work/one"
check "it is replayed again" replay "$work/two"
check "with the same report, digest included" diff "$work/one" "$work/two"
check "it is replayed with another seed" replay "$work/other" --seed 2
check "with another report" differ "$work/one" "$work/other"
check "which adds up too" grep -q 'Everything adds up' "$work/other"
check "ten such days at once" replay "$work/ten" --scale 10 --date 2024-12-26
check "add up too" grep -q 'Everything adds up' "$work/ten"
check "a day of no packages" replay "$work/none" --share 0
check "the report for programs" replay "$work/json" --json
last_line_is_json() { tail -n 1 "$work/json" | grep -q '^{"date":"2024-12-24",.*"adds_up":true.*}$'; }
check "is one document on the last line" last_line_is_json
check "nothing is left behind" nothing_left

check "an unknown option" status_is 2 "$bin/placemat-demo" --nonsense
check "a share beyond all" status_is 2 "$bin/placemat-demo" --share 100.1
check "a day without figures" status_is 1 "$bin/placemat-demo" --once --date 2025-08-12
check "a market that is not there" status_is 1 "$bin/placemat-demo" --once --market nowhere.yaml
check "help" status_is 0 "$bin/placemat-demo" --help
check "version" status_is 0 "$bin/placemat-demo" --version

# Without --once it serves on, and time flows.
"$bin/placemat-demo" >"$work/served" 2>&1 &
serving=$!
await() { # until the output has a line like that
    for _ in $(seq 600); do
        grep -q "$1" "$work/served" && return
        kill -0 "$serving" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/served"
    return 1
}
check "it goes on to serve" await '^Serving on at ipc://'
# As the commands it shows to be copied would have it.
url=$(sed -n 's/^ *export PLACEMAT_URL=\([^ ]*\) PLACEMAT_MARKET=thurrock$/\1/p' "$work/served")
waiting=$(sed -n 's/^ *placemat explain //p' "$work/served")
ask() { PLACEMAT_URL=$url PLACEMAT_MARKET=thurrock "$bin/placemat" "$@"; }
lists_waiting() { ask package list --state waiting | grep -q "$waiting"; }
check "its packages are there" lists_waiting
check "and explained" ask explain "$waiting"
check "another is posted" ask package post --ref mine-1 --kind bridging --postcode "RM17 6" \
    --visit "mon-sun 07:00-09:00 30m" --priority 0
time_flows() {
    local before
    before=$(ask stats --json | grep -o '"time":[0-9]*')
    for _ in $(seq 100); do
        sleep 0.1
        [ "$(ask stats --json | grep -o '"time":[0-9]*')" != "$before" ] && return
    done
    return 1
}
check "time flows on" time_flows
stops() {
    kill -TERM "$serving"
    wait "$serving"
    local status=$?
    serving=
    return $status
}
check "it stops when told" stops
check "and leaves nothing behind" nothing_left
plan
