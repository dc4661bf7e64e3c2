#!/usr/bin/env bash
# Who is let in, from the terminal: the first token, made by the daemon's own user; a socket's mode; another user,
# who needs a token whatever the mode; --insecure; and that no token is in the log. Where there is no other user to
# be (not root), those lines are skipped.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${BIN:-$tests/../build/bin}
work=$(mktemp -d /tmp/pm-tokens.XXXXXX) # TMPDIR may be where nobody else gets to
. "$tests/lib/tap.sh"
export PLACEMAT_URL=ipc://$work/socket PLACEMAT_MARKET=quaymouth
daemon=
trap 'if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null; wait "$daemon"; fi; rm -rf "$work"' EXIT
umask 022
chmod 755 "$work" # for the other user; what is in it has modes of its own

starts() { # option...
    : >"$work/ready"
    "$bin/placematd" --data "$work/data" --market "$tests/e2e/day/market.yaml" --listen "$PLACEMAT_URL" \
        --listen tcp://127.0.0.1:0 "$@" >"$work/ready" 2>>"$work/log" &
    daemon=$!
    for _ in $(seq 300); do
        tcp=$(grep -o 'tcp://[^ ]*' "$work/ready") && return
        kill -0 "$daemon" 2>/dev/null || return
        sleep 0.1
    done
    return 1
}

stops() {
    kill -TERM "$daemon"
    wait "$daemon"
    local status=$?
    daemon=
    return $status
}

types() { # exit command...: what it prints is in out and err
    local want=$1 status=0
    shift
    "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$want" ]
}

ok() { # name command...
    local name=$1
    shift
    types 0 "$@"
    result $? "$name"
}

no() { # name status command...
    local name=$1 status=$2
    shift 2
    types 1 "$@" && grep -q "^placemat: $status: " "$work/err"
    result $? "$name: $status"
}

mode_is() { # mode file
    [ "$(stat -c %a "$2")" = "$1" ]
    result $? "${2##*/} has mode $1"
}

placemat() { "$bin/placemat" "$@"; }

# As somebody else, by a copy of the program that they can read.
install -m 755 "$bin/placemat" "$work/placemat"
nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups \
        env PLACEMAT_URL="$PLACEMAT_URL" PLACEMAT_MARKET="$PLACEMAT_MARKET" "$work/placemat" "$@"
}
others=$([ "$(id -u)" -eq 0 ] && nobody --version >/dev/null 2>&1 && echo yes)

echo "# the daemon's own user needs no token, and makes the first"
starts
result $? "the daemon serves"
mode_is 600 "$work/socket"
mode_is 600 "$work/data/tokens.db"
ok "who acts may be stated" placemat --as broker:rowan package list
ok "an operator's token" placemat token create tansy --role operator --out "$work/tansy.token"
mode_is 600 "$work/tansy.token"
ok "made by its owner, one for a provider" \
    placemat --token-file "$work/tansy.token" token create gull --role provider --provider gullwing \
    --market quaymouth --out "$work/gull.token"
ok "they are listed" placemat --json token list
jq -e '[.rows[] | [.name, .role]] == [["tansy", "operator"], ["gull", "provider"]]' "$work/out" >/dev/null
result $? "by name and role"

echo "# over tcp everybody needs one"
no "nobody is believed" unauthenticated placemat --connect "$tcp" --as broker:rowan package list
ok "a token is" placemat --connect "$tcp" --token-file "$work/gull.token" offer list
no "to do what its role may" not_allowed placemat --connect "$tcp" --token-file "$work/gull.token" package list
grep -q "command 1 (package.list) is for the role broker, hospital, commissioner or operator, not provider" "$work/err"
result $? "and is told whose it is"
no "in its market" not_allowed placemat --connect "$tcp" --market other --token-file "$work/gull.token" offer list
no "as its own provider alone" unknown_pool \
    placemat --connect "$tcp" --token-file "$work/gull.token" capacity set marram-run --spare morning=60,evening=60
ok "it is revoked" placemat token revoke gull
no "and no longer good" unauthenticated placemat --connect "$tcp" --token-file "$work/gull.token" offer list

if [ -n "$others" ]; then
    echo "# another user of the machine"
    install -m 600 -o 65534 "$work/tansy.token" "$work/others.token"
    types 3 nobody --timeout 0.3 --as broker:rowan package list
    result $? "does not get to the socket"
    stops
    starts --ipc-mode 0666
    result $? "the daemon serves with another mode"
    mode_is 666 "$work/socket"
    no "is not believed" unauthenticated nobody --as operator:root token list
    ok "but by a token" nobody --token-file "$work/others.token" token list
    ok "the daemon's own user still is" placemat --as operator:root token list
else
    echo "# another user of the machine: skipped, this is not root"
fi

echo "# --insecure"
stops
result $? "the daemon stops"
starts --insecure
ok "whoever connects is believed" placemat --connect "$tcp" --as broker:rowan package list
grep -q "warn --insecure: " "$work/log"
result $? "which the log says"
stops
result $? "the daemon stops again"

grep -q "the token gull is revoked by" "$work/log"
result $? "the log says what was done about tokens"
! grep -q "pmt_" "$work/log" && ! grep -q -- "$(cut -c5-20 "$work/tansy.token")" "$work/log" "$work/data/tokens.db"
result $? "and holds none"
plan
