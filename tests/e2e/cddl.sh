#!/usr/bin/env bash
# Messages of every sort, made by the code, against include/placemat.cddl; and some that must not match it.
set -euo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${BIN:-$tests/../build/bin}
[ -d "$tests/cddl/node_modules" ] || {
    echo "cddl: tests/cddl/node_modules is not there: run .ci/deps check" >&2
    exit 1
}
samples=$(mktemp -d "${TMPDIR:-/tmp}/pm-cddl.XXXXXX")
trap 'rm -rf "$samples"' EXIT

"$(dirname "$bin")/tests/e2e_samples" "$samples"
node "$tests/cddl/check.mjs" "$tests/../include/placemat.cddl" "$samples"
