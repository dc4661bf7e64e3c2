# shellcheck shell=bash
# tap.sh - results in TAP, for shell tests, which source it and end with `plan`. What their last program
# printed they keep in $work/out and $work/err.
number=0

result() { # status name: a line, and what the program printed if it is not well
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        cat "${work:?}/out" "$work/err" 2>/dev/null | sed 's/^/# /'
    fi
}

plan() { echo "1..$number"; }
