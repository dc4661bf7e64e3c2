#!/usr/bin/env bash
# TLS from the terminal: who is let in and who is not, and what each is told; what files are refused; a certificate
# renewed while somebody watches.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
# shellcheck source=tests/lib/daemon.sh
. "$tests/lib/daemon.sh" tls
export PLACEMAT_MARKET=quaymouth
cd "$work" || exit 1
"$tests/lib/certificates.sh" "$work"
result $? "certificates are made"

serves() { # certificate option...: at $url and $named
    local certificate=$1
    shift
    install -m 600 "$certificate.pem" at-work.pem
    install -m 600 "$certificate.key" at-work.key
    starts --market "$tests/e2e/day/market.yaml" --listen "tls+tcp://127.0.0.1:${port:-0}" --listen tcp://127.0.0.1:0 \
        --tls-cert at-work.pem --tls-key at-work.key "$@"
    result $? "the daemon serves with the certificate $certificate $*"
    url=$(grep -o 'tls+tcp://[^ ]*' ready)
    plain=$(grep -o ' tcp://[^ ]*' ready | tr -d ' ')
}

placemat() { "$bin/placemat" --token-file token "$@"; }

ports() { # that the daemon listens at
    local inodes
    inodes=$(readlink /proc/"$daemon"/fd/* | sed -n 's/^socket:\[\(.*\)\]$/\1/p')
    awk 'NR == FNR { own[$1]; next } $4 == "0A" && $10 in own { split($2, at, ":"); print at[2] }' \
        <(echo "$inodes") /proc/net/tcp | while read -r hex; do echo $((16#$hex)); done
}

holds_in() { # seconds command: once it holds; false when it does not in time
    local end=$((SECONDS + $1))
    until eval "$2"; do
        [ $SECONDS -lt "$end" ] || return 1
        sleep 0.05
    done
}

lets_in() { # name option...
    local name=$1
    shift
    placemat --connect "$url" "$@" stats >out 2>err
    result $? "let in: $name"
}

turns_away() { # name words option...: what is said has the words
    local name=$1 words=$2 status=0
    shift 2
    placemat --timeout 1 "$@" stats >out 2>err || status=$?
    [ $status -eq 3 ] && grep -q "unreachable: .*$words" err
    result $? "turned away: $name: $words"
}

refuses() { # name words option...: the daemon does not start
    local name=$1 words=$2 status=0
    shift 2
    timeout 20 "$bin/placematd" --data other-data --listen "ipc://$work/other" --listen tls+tcp://127.0.0.1:0 "$@" \
        >out 2>err || status=$?
    [ $status -ne 0 ] && [ $status -ne 124 ] && grep -q "$words" err
    result $? "refused: $name"
}

says_no() { # name words option...: the client reads its files first
    local name=$1 words=$2
    shift 2
    ! placemat --connect "$url" "$@" stats >out 2>err && grep -q "invalid: .*$words" err
    result $? "the client refuses: $name"
}

echo "# files"
install -m 644 server.key readable.key
refuses "no certificate" "needs --tls-cert and --tls-key"
refuses "a certificate alone" "go together" --tls-cert server.pem
refuses "authorities alone" "go together\|needs --tls-cert" --tls-client-ca ca.pem
refuses "a file that is not there" "cannot open nothing.pem" --tls-cert nothing.pem --tls-key server.key
refuses "a key that others can read" "others than its owner" --tls-cert server.pem --tls-key readable.key
refuses "a key of another" "is not that of the certificate" --tls-cert server.pem --tls-key client.key
refuses "a key for a certificate" "holds no certificate" --tls-cert server.key --tls-key server.key
refuses "a certificate for a key" "holds no private key" --tls-cert server.pem --tls-key server.pem
refuses "a key as authorities" "holds no certificates of authorities" --tls-cert server.pem --tls-key server.key \
    --tls-client-ca server.key

echo "# servers"
serves server
"$bin/placemat" token create tansy --role operator --out token >out 2>err
result $? "a token is made"
lets_in "by address" --tls-ca ca.pem
lets_in "by name" --tls-ca ca.pem --connect "tls+tcp://localhost:${url##*:}"
PLACEMAT_TLS_CA=ca.pem lets_in "by the environment"
lets_in "with a certificate that nobody asked for" --tls-ca ca.pem --tls-cert client.pem --tls-key client.key
turns_away "an authority of the system's is wanted" "is not trusted" --connect "$url"
turns_away "another authority's" "is not trusted: .*other.pem" --connect "$url" --tls-ca other.pem
turns_away "TLS at a port without" "without TLS" --connect "tls+$plain" --tls-ca ca.pem
turns_away "no TLS at a port with" "and without TLS?" --connect "${url#tls+}"
says_no "authorities without TLS" "for tls+tcp alone" --connect "$plain" --tls-ca ca.pem
says_no "a key that others can read" "others than its owner" --tls-ca ca.pem --tls-cert client.pem --tls-key readable.key
says_no "half a pair" "go together" --tls-ca ca.pem --tls-cert client.pem
! "$bin/placemat" --connect "$url" --tls-ca ca.pem --as operator:nobody stats >out 2>err && grep -q unauthenticated err
result $? "TLS alone lets nobody act"
[ "$(ports | sort -n)" = "$(printf '%s\n' "${url##*:}" "${plain##*:}" | sort -n)" ]
result $? "it listens where it was told to, and nowhere else"
stops TERM

port=${url##*:} # the same one from here on
serves named
turns_away "a certificate for another name" "is for another name" --connect "$url" --tls-ca ca.pem
stops TERM
serves expired
grep -q "warn .*at-work.pem has expired on" log
result $? "an expired certificate is warned of"
turns_away "an expired certificate" "has expired" --connect "$url" --tls-ca ca.pem
stops TERM

echo "# clients"
serves server --tls-client-ca ca.pem
lets_in "with a certificate" --tls-ca ca.pem --tls-cert client.pem --tls-key client.key
turns_away "without a certificate" "wants a client's certificate" --connect "$url" --tls-ca ca.pem
turns_away "with another authority's" "does not take this client's certificate" --connect "$url" --tls-ca ca.pem \
    --tls-cert stranger.pem --tls-key stranger.key
stops TERM

echo "# a certificate renewed"
serves server
cat ca.pem other.pem >both.pem
placemat --connect "$url" --tls-ca both.pem --json watch --follow >watched 2>watch-err &
watcher=$!
# shellcheck disable=SC2016 # for later
holds_in 20 '"$bin/placemat" stats | grep -q "^watchers  *1$"'
result $? "somebody watches"
renew() { # certificate
    install -m 600 "$1.pem" at-work.pem
    install -m 600 "$1.key" at-work.key
    local lines
    lines=$(wc -l <log)
    kill -HUP "$daemon"
    holds_in 20 "tail -n +$((lines + 1)) log | grep -q 'the new certificate serves'"
    result $? "$1 is read"
}
renew renewed
lets_in "by the new one" --tls-ca other.pem
turns_away "by the old one" "is not trusted" --connect "$url" --tls-ca ca.pem
install -m 600 client.key at-work.key
kill -HUP "$daemon"
holds_in 20 'grep -q "error the certificate stays as it was: .*is not that" log'
result $? "what cannot be used is not"
lets_in "by the new one, when the next is wrong" --tls-ca other.pem
"$bin/placemat" --as broker:rowan provider put gullwing --title "Gullwing (invented)" >out 2>err
result $? "something happens"
holds_in 20 '[ -s watched ]' && kill -0 "$watcher"
result $? "who watched before goes on watching"
kill "$watcher"
wait "$watcher" 2>/dev/null
stops TERM
result $? "the daemon stops"
[ "$(grep -c "error\|warn" log)" -eq 1 ]
result $? "and has complained of the wrong key alone"
plan
