# shellcheck shell=bash
# daemon.sh - a daemon of its own for a shell test, which sources this with a short name for its files, once
# $tests says where tests are. What it leaves in $work goes when the test ends, and so does the daemon.
bin=${BIN:-${tests:?}/../build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/pm-$1.XXXXXX")
# shellcheck source=tests/lib/tap.sh
. "$tests/lib/tap.sh"
export PLACEMAT_URL=ipc://$work/socket
daemon=
trap 'if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null; wait "$daemon"; fi; rm -rf "$work"' EXIT

# Until it is ready; if it is not within a minute, or ends, its log is told.
starts() { # option...
    : >"$work/ready"
    "$bin/placematd" --data "$work/data" --listen "$PLACEMAT_URL" "$@" >"$work/ready" 2>"$work/log" &
    daemon=$!
    for _ in $(seq 600); do
        grep -q '^ready ' "$work/ready" && return
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/log" >&2
    return 1
}

# With how it ended, unless it is killed.
stops() { # signal
    kill "-$1" "$daemon"
    wait "$daemon"
    local status=$?
    daemon=
    [ "$1" = KILL ] || return $status
}
