#!/usr/bin/env bash
# Rounds with the daemon itself: opened, solved beside it, applied, proven by a certificate, and solved anew after a
# crash.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
# shellcheck source=tests/lib/daemon.sh
. "$tests/lib/daemon.sh" round
cd "$tests/.." || exit 1
export PLACEMAT_MARKET=thurrock

check() { # name command...
    local name=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    result $? "round: $name"
}

start() { starts --market "$work/market/market.yaml" --round-seconds 60 --log warn; }

ask() { "$bin/placemat" "$@"; }
post() { # first last
    local at
    for at in $(seq "$1" "$2"); do
        ask package post --kind homecare --postcode "RM18 8" --ref "R$at" --priority $((at % 4)) \
            --visit "mon-sun 07:00-10:00 $((5 + at % 40))m" || return 1
    done
}
has() { # text command...
    local text=$1
    shift
    "$@" >"$work/output" 2>&1
    grep -q -- "$text" "$work/output" || { cat "$work/output" && false; }
}
state_is() { # reference state
    has "\"state\":\"$2\"" ask package show "$1" --json
}
refused() { ! "$@"; }
applied() { # round: within a minute
    for _ in $(seq 600); do
        ask round show "$1" --json | grep -q '"state":"applied"' && return
        sleep 0.1
    done
    ask round show "$1"
    return 1
}

# Whoever needs homecare is gathered until a round, whose result is agreed at once.
cp -r bench/thurrock "$work/market"
homecare=$(grep -n 'route: call_off, tiers: \[1\], where: home, window: 4h' "$work/market/market.yaml" | head -1)
sed -i "${homecare%%:*}s/{.*}/{ route: round, tiers: [1, 2], where: everywhere, binding: yes }/" \
    "$work/market/market.yaml"

check "the daemon starts" start
check "packages are posted" post 1 30
check "they are gathered" state_is R1 open

# What a round would come to, before it is run; and that nothing is done by it.
reached='(.round | [.placed, .passed_on, .scarce] + [.stages[] | .value, .bound, .alone]),
    ([.rows[] | [.reference, .service, .cost, .alone, .alone_cost]] | sort)'
digest() { ask digest --json | jq -c .digest; }
say() { # file filter command...
    local file=$1 filter=$2
    shift 2
    ask "$@" --json >"$work/json" && jq -c "$filter" "$work/json" >"$work/$file"
}
unchanged() { # digest command...
    local before=$1
    shift
    "$@" && [ "$(digest)" = "$before" ]
}
before=$(digest)
check "a round is tried, and changes nothing" unchanged "$before" \
    say tried "$reached" round open --dry-run --kind homecare
check "in words" has "Of 30 packages 30 would be given a service, 0 would not. Nothing was done." \
    ask round open --dry-run
check "of another kind there is nobody" has "There are no packages to match" \
    ask round open --dry-run --kind bridging
check "of no kind" refused ask round open --dry-run --kind gardening
check "a hospital may not" refused ask --as hospital:ward round open --dry-run
check "a round is opened, solved and applied" has "Round 1: applied" ask round open --wait
check "it came to what was tried" say came "$reached" round show 1
check "to the penny" cmp "$work/tried" "$work/came"
check "all are placed" has "Placed 30, asked 0, dropped 0, passed on 0" ask round show 1
check "one of them" state_is R1 placed
check "what was scarce is named" has "^SCARCE IN .*BAND .*PENCE A UNIT" ask round show 1
check "it is held against one at a time" has "One at a time: £" ask round show 1
check "what it would have been given alone is explained" has "In round 1 it was placed: .*; matched alone it" \
    ask explain R1
check "and what all gained by it" has "The whole round placed .* than one at a time, for " ask explain R1
provider=$(ask package show R1 --json | jq -r .provider)
caseload=$(ask placement list --provider "$provider" --json | jq '.rows | length')
before=$(digest)
check "a failure is tried, and changes nothing" unchanged "$before" \
    say failing '.round.count, ([.rows[].provider] | index("'"$provider"'"))' provider fail "$provider" --dry-run
check "it is of all that the provider has, and gives it none" diff "$work/failing" <(printf '%s\nnull\n' "$caseload")
check "of one at a provider that is not there" refused ask provider fail nobody --dry-run
check "it is in the list" has "applied" ask round list
check "it is shown to the council alone" refused ask --as hospital:ward round show 1
check "its certificate is fetched" ask round certificate 1 "$work/certificate"
check "and is the daemon's file" cmp "$work/certificate" "$work/data/rounds/1.cbor"
check "all that it says holds" has "all that the certificate says holds" ask round verify "$work/certificate"
check "what was solved is exported" ask round export 1 --problem "$work/problem" --lp "$work/lp"
check "as an LP file" grep -qi minimi "$work/lp"
check "a round of a kind" has "Round 2: applied" ask round open --kind homecare --wait
check "a round that is not there" refused ask round show 9

check "more are posted" post 31 60
check "a round is opened" has "Round 3 is opened" ask round open
check "the daemon is killed" stops KILL
check "it starts again" start
check "the round is solved, and applied" applied 3
check "all are placed again" state_is R60 placed
check "a stop is a stop" stops TERM
plan
