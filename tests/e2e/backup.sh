#!/usr/bin/env bash
# A journal verified, shown, copied and brought back, beside a daemon that goes on; and what is said of one that is
# damaged, by the programs and by the daemon that is to begin with it.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${BIN:-$tests/../build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/pm-backup.XXXXXX")
. "$tests/lib/tap.sh"
export PLACEMAT_URL=ipc://$work/socket PLACEMAT_MARKET=quaymouth
daemon=
trap 'if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null; wait "$daemon"; fi; rm -rf "$work"' EXIT

starts() { # data directory, option...
    local data=$1
    shift
    : >"$work/ready"
    "$bin/placematd" --data "$data" --listen "$PLACEMAT_URL" "$@" >"$work/ready" 2>"$work/err" &
    daemon=$!
    for _ in $(seq 300); do
        grep -q '^ready' "$work/ready" && return
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.1
    done
    daemon=
    return 1
}

stops() {
    kill -TERM "$daemon"
    wait "$daemon"
    daemon=
}

says() { # exit text command...: what it prints, on either stream, has the text in it
    local want=$1 text=$2 status=0
    shift 2
    "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$want" ] && grep -qF -- "$text" "$work/out" "$work/err"
}

placemat() { "$bin/placemat" "$@"; }
digest() { placemat digest --json; }
spoil() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; } # file offset: a byte becomes another

starts "$work/data" --market "$tests/e2e/day/market.yaml"
result $? "a daemon serves"
for package in 1 2 3 4 5 6 7 8; do
    placemat package post --ref "B$package" --kind homecare --postcode "QX1 1" --visit "mon-fri 07:00-10:00 30m" \
        >/dev/null || break
done
says 0 '"B8"' placemat package show B8 --json
result $? "and takes packages"

says 0 "commands are there as they were written" placemat journal verify "$work/data"
result $? "its journal is verified beside it"
says 0 "package.post" placemat journal dump "$work/data" --from 2
result $? "and shown"
says 0 '"reference":"B3"' placemat --json journal dump "$work/data"
result $? "and as JSON"
[ "$(placemat --json journal dump "$work/data" --from 2 --to 4 | grep -o '"sequence":[0-9]*' | tr '\n' ' ')" = \
    '"sequence":2 "sequence":3 "sequence":4 ' ]
result $? "from one sequence to another"

before=$(digest)
says 0 "commands, verified" placemat backup "$work/data" "$work/copy"
result $? "a copy is made beside the daemon"
placemat package pause B1 >/dev/null
says 1 "is not empty: give a directory that is not there yet" placemat backup "$work/data" "$work/copy"
result $? "and not over another one"
mkdir "$work/empty" "$work/killed.part"
says 0 "commands, verified" placemat backup "$work/data" "$work/empty"
result $? "but in place of an empty directory"
says 1 "remove it and try again" placemat backup "$work/data" "$work/killed"
result $? "one that was broken off is told, and what to do about it"
[ -d "$work/killed.part" ] && [ ! -e "$work/killed" ]
result $? "and is left as it was"
says 1 "holds no journal" placemat backup "$work/nothing" "$work/other"
result $? "nor of what is no data directory"
says 1 "Not a directory" placemat backup "$work/data/journal.db" "$work/other"
result $? "which is told from one that cannot be looked into"
[ ! -e "$work/other" ] && [ ! -e "$work/other.part" ] && [ "$(stat -c %a "$work/copy")" = 700 ]
result $? "of which nothing is left; the copy is its owner's alone"
stops

says 0 "placematd may begin with it" placemat restore "$work/copy" "$work/again"
result $? "the copy is brought back"
starts "$work/again"
result $? "and served from"
[ "$(digest)" = "$before" ]
result $? "the state is what it was when the copy was made"
stops

# By a told clock it is long ago; by the system's, nobody has been there since.
starts "$work/old" --market "$tests/e2e/day/market.yaml" --clock manual
placemat package post --ref O1 --kind homecare --postcode "QX1 1" --visit "mon-fri 07:00-10:00 30m" >/dev/null
stops
starts "$work/old"
result $? "a daemon begins where another stopped long ago"
grep -q "nobody could answer for [0-9]* minutes" "$work/err"
result $? "and says that nobody could answer"
says 0 " outage " placemat journal dump "$work/old"
result $? "which is in the journal"
says 0 " offered " placemat package list
result $? "what was open then is open still"
stops
starts "$work/old"
[ "$(placemat journal dump "$work/old" | grep -c ' outage ')" = 1 ]
result $? "a short stop is none"
stops

# Within the page after the first of the file there are the rows of batches.
cp -r "$work/copy" "$work/damaged"
size=$(stat -c %s "$work/damaged/journal.db")
at=$(grep -abo 'B5' "$work/damaged/journal.db" | head -1 | cut -d: -f1)
[ -n "$at" ] && [ "$at" -lt "$size" ] && spoil "$work/damaged/journal.db" "$at"
says 1 "is damaged: its chain hash does not match" placemat journal verify "$work/damaged"
result $? "a changed byte is seen, and which batch it is in"
says 1 "is damaged: its chain hash does not match" placemat restore "$work/damaged" "$work/never"
result $? "nothing is made of such a copy"
[ ! -e "$work/never" ] && [ ! -e "$work/never.part" ]
result $? "and nothing left"
starts "$work/damaged"
[ $? -ne 0 ] && grep -q "is damaged: its chain hash does not match" "$work/err"
result $? "no daemon begins with it, and it says why"
printf 'This is no database, though it is called so; and it is longer than the head of one would be, which is a hundred.' \
    >"$work/no.db"
says 1 "file is not a database" placemat journal verify "$work/no.db"
result $? "what is no database is told"
plan
