#!/usr/bin/env bash
# The benchmarks, with tiny counts: that they run to their end, check what the daemon
# acknowledged, and print what scripts read. Nothing about how fast anything is.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${BIN:-$tests/../build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/pm-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
. "$tests/lib/tap.sh"

# Runs a benchmark; it must succeed, its last line must be an object with these members.
prints() { # name members benchmark option...
    local name=$1 members=$2 status=0 member
    shift 2
    "$bin/placemat-bench" "$@" "${directory[@]}" --json >"$work/out" 2>"$work/err" || status=$?
    for member in $members; do
        tail -n 1 "$work/out" | grep -q "^{.*\"$member.*}\$" || {
            echo "no $member" >>"$work/err"
            status=1
        }
    done
    result "$status" "$name"
}

# Runs a benchmark with options it must not take.
refuses() { # name benchmark option...
    local name=$1 status=0
    shift
    "$bin/placemat-bench" "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq 2 ]
    result $? "$name"
}

directory=(--dir "$work")
figures='commands_per_second": messages_per_second": echo_messages_per_second": ratio_to_echo": p50_us": p99_us":'
figures="$figures durable\": refused\":0, survived_kill\":true"
prints 'served over ipc, single commands' "$figures batch\":1," \
    served --transport ipc --clients 2 --in-flight 16 --packages 100 --seconds 1 --rounds 1
prints 'served over tcp, in batches that do not divide the mix' "$figures batch\":7," \
    served --transport tcp --batch 7 --clients 1 --in-flight 3 --packages 50 --seconds 1 --rounds 2
prints 'served over tls' "$figures transport\":\"tls\"," \
    served --transport tls --clients 2 --in-flight 16 --packages 100 --seconds 1 --rounds 1
prints 'served without a journal says that nothing is durable' 'durable":false survived_kill":false' \
    served --batch 100 --clients 1 --in-flight 2 --journal null --seconds 1 --rounds 1
prints 'journal' 'entries_per_second": batch":8, p99_us": durable":true' journal --batch 8 --seconds 1
prints 'restart' 'commands_per_second": same_digest":true' restart --commands 20000 --runs 2
prints 'placements, in batches' 'placements": placements_per_second": p50_us": p99_us": durable"' \
    placements --batch 10 --lanes 3 --seconds 1
prints 'placements, one command a message' 'batch":1, durable"' \
    placements --batch 1 --lanes 2 --seconds 1
prints 'watchers, each of them told' 'watchers":100, bytes_a_watcher": posts": told": posts_per_second": p99_us": durable"' \
    watchers --watchers 100 --seconds 1
prints 'nobody watches' 'watchers":0, told":0,' watchers --watchers 0 --seconds 1
directory=()
prints 'core, three markets on each of two threads' \
    'commands_per_second": p99_ns": threads":2, markets":3, refused":0, digest":' \
    core --threads 2 --markets 3 --packages 300 --commands 2000
solved='objective":261, feasible":true optimal":true'
prints 'round, an instance of the literature' "$solved" round \
    --gap "$tests/../bench/data/gap/gap1-0"
prints 'round, made problems' 'problems":3, p95_ms": feasible":true' round --seed 7 --seeds 3 --items 20
prints 'round, an instance made' 'feasible":true optimal":true unplaced":0' round --gap-type e --agents 5 --jobs 30
prints 'round, instances made' 'problems":3, optimal":3, unplaced":0' round --gap-type c --agents 5 --jobs 30 --seeds 3
refuses 'a type that there is none of' round --gap-type a
refuses 'a file and a problem at once' round --gap x --problem y
refuses 'more requests in flight than connections take' served --clients 1 --in-flight 65
refuses 'an unknown transport' served --transport pigeon
refuses 'an empty message' served --batch 0
cd "$tests/.." || exit 1
figures='packages":44, placed": waiting": placed_by_hour": commands_per_second": p50_us": p99_us": p999_us":'
england=bench/data/england_week_2024-12-20.csv
prints 'surge, one trust, with rounds and without' "$figures one_at_a_time\": adds_up\":true" surge \
    --data $england --date 2024-12-24 --trust RAJ --seconds 1 --dir "$work"
prints 'surge, eight markets of it, two days' 'markets":8, days":2, adds_up":true repeated":[1-9]' surge \
    --data $england --date 2024-12-24 --trust RAJ --scale 8 --days 2 --after 0 --seconds 2 \
    --rounds-only --dir "$work"
prints 'surge, thrice the people, without rounds' 'packages":131, times":3, overheld":0, adds_up":true' surge \
    --data $england --date 2024-12-24 --trust RAJ --times 3 --seconds 1 \
    --without-rounds --dir "$work"
mkdir "$work/kept"
prints 'surge, what its daemon leaves is kept' 'packages":44, adds_up":true' surge --data $england \
    --date 2024-12-24 --trust RAJ --seconds 1 --rounds-only --dir "$work/kept" --keep
prints 'and its rounds are solved anew' 'sizes":[^]]*"problems":[1-9] feasible":true items_most":10' \
    round --problems "$(echo "$work"/kept/*/data/rounds)"
refuses 'a file and many at once' round --problem y --problems x
rm -rf "$work/kept"
refuses 'a core without threads' core --threads 0
refuses 'placements without lanes' placements --lanes 0
refuses 'a surge on no day' surge --data $england
refuses 'a surge on a day that is none' surge --data $england --date yesterday
[ -z "$(find "$work" -mindepth 1 -maxdepth 1 -type d)" ]
result $? 'nothing is left behind'
plan
