#!/usr/bin/env bash
# Rounds with the daemon itself: opened, solved beside it, applied, proven by a certificate, and solved anew after a
# crash.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${BIN:-$tests/../build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/pm-round.XXXXXX")
cd "$tests/.." || exit 1
number=0
serving=
trap 'if [ -n "$serving" ]; then kill "$serving" 2>/dev/null; wait "$serving"; fi; rm -rf "$work"' EXIT
export PLACEMAT_URL=ipc://$work/socket PLACEMAT_MARKET=thurrock

check() { # name command...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/why" 2>&1; then
        echo "ok $number - round: $name"
    else
        echo "not ok $number - round: $name"
        sed 's/^/# /' "$work/why"
    fi
}

start() { # until it is ready
    : >"$work/ready"
    "$bin/placematd" --data "$work/data" --market "$work/market/market.yaml" --listen "$PLACEMAT_URL" --log warn \
        >"$work/ready" 2>"$work/log" &
    serving=$!
    for _ in $(seq 600); do
        grep -q '^ready' "$work/ready" && return
        kill -0 "$serving" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/log"
    return 1
}
end() { # signal
    kill "-$1" "$serving"
    wait "$serving"
    local status=$?
    serving=
    [ "$1" = KILL ] || return $status
}

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
check "a round is opened, solved and applied" has "Round 1: applied" ask round open --wait
check "all are placed" has "Placed 30, asked 0, dropped 0, passed on 0" ask round show 1
check "one of them" state_is R1 placed
check "it is held against one at a time" has "One at a time: £" ask round show 1
check "what it would have been given alone is explained" has "In round 1 it was placed: .*; matched alone it" \
    ask explain R1
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
check "the daemon is killed" end KILL
check "it starts again" start
check "the round is solved, and applied" applied 3
check "all are placed again" state_is R60 placed
check "a stop is a stop" end TERM
echo "1..$number"
