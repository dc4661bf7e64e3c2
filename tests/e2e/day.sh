#!/usr/bin/env bash
# A day of a brokerage, lived from the terminal: a daemon with a market of its own (tests/e2e/day), and what
# brokers, a ward and providers type. Every line of the day is a test: `ok` is done, `no STATUS` is refused,
# `is FILTER` shows what jq's filter finds true, and what stands after it is who types what.
set -uo pipefail

tests=${TESTS_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
# shellcheck source=tests/lib/daemon.sh
. "$tests/lib/daemon.sh" day
export PLACEMAT_MARKET=quaymouth

# ---- Who types ----

as() { "$bin/placemat" --json --as "$@"; }
broker() { as broker:rowan "$@"; }
ward() { as hospital:ward-7 "$@"; }
operator() { as operator:tansy "$@"; }
gullwing() { as provider:gullwing "$@"; }
marram() { as provider:marram "$@"; }
samphire() { as provider:samphire "$@"; }
thrift() { as provider:thrift "$@"; }

# ---- What is expected ----

# Types a line; it must end with this status, and print one document in which the filter is true.
types() { # status filter command...
    local want=$1 filter=$2 status=0
    shift 2
    "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$want" ] && [ "$(wc -l <"$work/out")" -eq 1 ] &&
        jq -e "$filter" "$work/out" >/dev/null 2>>"$work/err"
}

ok() { # command...
    types 0 '.status == "ok"' "$@"
    result $? "$*"
}

no() { # status command...
    local status=$1
    shift
    types 1 ".status == \"$status\" and (.sentence | length > 0)" "$@"
    result $? "$*: $status"
}

# What follows by itself may take the daemon another moment, so it is looked at again.
is() { # filter command...
    local filter=$1 status=1
    shift
    for _ in $(seq 50); do
        types 0 "$filter" "$@" && status=0 && break
        sleep 0.1
    done
    result $status "$*: $filter"
}

package() { # reference state [provider]
    is ".state == \"$2\"${3:+ and .provider == \"$3\"}" broker package show "$1"
}

placement() { # reference state: of its current placement
    is ".placement.state == \"$2\"" broker package show "$1"
}

offer() { # reference provider state
    is "any(.offers[]; .provider == \"$2\" and .state == \"$3\")" broker package show "$1"
}

capacity() { # pool band committed held free
    local band=".rows[] | select(.pool == \"$1\").bands[] | select(.name == \"$2\")"
    is "$band | [.committed, .held, .free] == [$3, $4, $5]" broker capacity show
}

# ---- What ids are looked up for ----

# As the provider finds them in its own lists; 0 when there is none.
asked() { # reference provider: its newest offer
    as "provider:$2" offer list | jq "[.rows[] | select(.reference == \"$1\").id] | max // 0"
}

agreed() { # reference provider: its newest placement
    as "provider:$2" placement list | jq "[.rows[] | select(.reference == \"$1\").id] | max // 0"
}

# ---- Time ----

clock() { # time: and all is done that is due by then
    for _ in $(seq 100); do
        types 0 '.pending == 0' operator tick "$1" && return
    done
    return 1
}

at() { # time
    clock "$1"
    result $? "it is $1"
}

# ---- The day ----

mornings="daily 07:00-10:00 30m"
evenings="daily 17:00-20:00 30m"

echo "# before eight: the office opens"
starts --clock manual --market "$tests/e2e/day/market.yaml" 2>"$work/err"
result $? "the daemon serves"
at "2026-11-25 08:00"
is '.providers == 3 and .services == 13' broker market report
is '[.rows[] | select(.kind == "homecare").service] | length == 3' broker service list

echo "# nobody can, and then somebody can"
ok broker package post --ref H1 --kind homecare --postcode "QX1 1" --visit "$mornings" --needs hoist
package H1 waiting
is '.services[] | select(.service == "quay-homecare").filter == "capacity"' broker explain H1
is '.services[] | select(.service == "marram-homecare").filter == "needs"' broker explain H1
no unknown_pool marram capacity set quay-run --spare morning=420,evening=420
ok gullwing capacity set quay-run --spare morning=420,evening=420
package H1 offered gullwing
capacity quay-run morning 0 210 210
ok gullwing offer accept "$(asked H1 gullwing)"
package H1 placed gullwing
capacity quay-run morning 210 0 210

echo "# one is asked after the other"
ok broker package post --ref H2 --kind homecare --postcode "QX1 2" --visit "$mornings"
package H2 offered gullwing
no not_yours marram offer accept "$(asked H2 gullwing)"
ok gullwing offer decline "$(asked H2 gullwing)" --code no_capacity
package H2 offered marram
offer H2 gullwing declined
no offer_answered gullwing offer accept "$(asked H2 gullwing)"
is '[.rows[].provider] | unique == ["marram"]' marram offer list
ok marram offer accept "$(asked H2 marram)"
package H2 placed marram
no wrong_state broker package pause H2

echo "# yes, but from Friday: a broker confirms"
ok broker package post --ref H3 --kind homecare --postcode "QX2" --visit "$mornings"
ok gullwing offer tender "$(asked H3 gullwing)" --start 2026-11-27
package H3 to_confirm gullwing
ok broker award confirm H3
package H3 placed gullwing

echo "# all are invited at their rates"
ok broker package post --ref E1 --kind reablement --postcode "QX1 1" --visit "$evenings"
is '.state == "offered" and (.offers | length == 2)' broker package show E1
ok marram offer accept "$(asked E1 marram)"
offer E1 marram tendered
package E1 offered
ok gullwing offer accept "$(asked E1 gullwing)"
package E1 placed gullwing
offer E1 marram lost

echo "# all are invited to name a rate"
ok broker package post --ref N1 --kind overnight --postcode "QX1 1" --visit "daily 20:00-23:00 30m"
ok gullwing offer tender "$(asked N1 gullwing)" --rate 21.00
ok marram offer tender "$(asked N1 marram)" --rate 18.50
no bad_tender marram offer tender "$(asked N1 marram)" --rate 99.00
is '[.rows[].rate] | contains([2100]) | not' marram offer list
at "2026-11-25 12:00"
package N1 offered
at "2026-11-25 12:01"
package N1 placed marram
is '.placement.rate == 1850' broker package show N1
offer N1 gullwing lost

echo "# a family chooses a home"
ok ward package post --ref C1 --kind residential --postcode "QX1 1" --place dementia --prefer samphire-lodge
is '.offers | length == 2' broker package show C1
house=$(samphire offer list | jq '.rows[] | select(.service == "house-care").id')
lodge=$(samphire offer list | jq '.rows[] | select(.service == "lodge-care").id')
ok samphire offer tender "$house" --assess-by 2026-11-27
ok samphire offer accept "$lodge"
package C1 choosing
no unknown_offer broker choice record C1 --offer 1 --decided-by family
ok broker choice record C1 --offer "$lodge" --decided-by family
package C1 placed samphire
is '.placement.service == "lodge-care"' broker package show C1
capacity lodge-places dementia 1 0 0
is '[.rows[].reference] == ["C1"]' ward package list
no unknown_package ward package show H1

echo "# a couple goes to one home"
ok broker package post --ref M1 --kind residential --postcode "QX1 1" --place dementia \
    --group pair --group-size 2 --together
package M1 open
ok broker package post --ref M2 --kind residential --postcode "QX1 1" --place residential \
    --group pair --group-size 2 --together
package M1 offered samphire
package M2 open
ok samphire offer accept "$(asked M1 samphire)"
ok broker choice record M1 --offer "$(asked M1 samphire)" --decided-by person
is '.placement.service == "house-care"' broker package show M1
is '.placement.service == "house-care"' broker package show M2
capacity house-places all 2 0 1

echo "# mornings by one, evenings by another, or neither"
ok broker package post --ref S1 --kind homecare --postcode "QX2" --visit "$mornings" \
    --group apart --group-size 2
ok broker package post --ref S2 --kind homecare --postcode "QX2" --visit "$evenings" \
    --exclude gullwing --group apart --group-size 2
package S1 offered gullwing
package S2 offered marram
ok gullwing offer accept "$(asked S1 gullwing)"
package S1 to_confirm gullwing
ok marram offer accept "$(asked S2 marram)"
package S1 placed gullwing
package S2 placed marram

echo "# home from hospital for the time being, and what follows"
ok ward package post --ref B1 --kind bridging --postcode "QX1 1" --visit "$mornings" \
    --interim in_hospital --priority 0
ok gullwing offer accept "$(asked B1 gullwing)"
ok broker placement start B1
is '.rows[] | select(.reference == "B1") | .state == "started" and .freed_by == {}' \
    broker placement list --kind bridging
ok ward package post --ref B2 --kind homecare --postcode "QX1 1" --visit "$mornings" \
    --follows B1 --interim bridged
ok marram offer accept "$(asked B2 marram)"
package B2 placed marram
is '.rows[] | select(.reference == "B1").freed_by.reference == "B2"' \
    broker placement list --kind bridging
placement B1 started
ok broker placement start B2
package B1 ended

echo "# a person arranges the care themselves"
ok broker package post --ref D1 --kind homecare --postcode "QX1 1" --visit "daily 17:00-20:00 15m" \
    --arrangement direct_payment
ok marram offer accept "$(asked D1 marram)"
ok gullwing offer decline "$(asked D1 gullwing)" --code no_capacity
package D1 choosing
ok broker choice record D1 --offer "$(asked D1 marram)" --decided-by person
package D1 ended

echo "# need changes"
ok broker package amend H2 --visit "daily 07:00-10:00 45m"
package H2 placed marram
is '.placement.units == 315' broker package show H2
ok broker package post --ref P1 --kind homecare --postcode "QX1 1" --visit "$evenings"
ok broker package pause P1
package P1 paused
no wrong_state broker package pause P1
no offer_withdrawn gullwing offer accept "$(asked P1 gullwing)"
ok broker package resume P1
package P1 offered
ok broker package amend P1 --needs hoist,dementia --priority 1
offer P1 gullwing stale
package P1 offered gullwing
ok broker package withdraw P1 --reason chose_otherwise
package P1 withdrawn

echo "# care begins; a stay in hospital"
at "2026-11-27 09:00"
ok broker placement start H1
placement H1 started
no wrong_state broker placement start H1
ok broker placement in-hospital H1 --until 2026-11-30
placement H1 in_hospital
ok broker placement restart H1
placement H1 started
ok broker placement in-hospital H1 --until 2026-11-28
at "2026-11-29 08:00"
package H1 paused
capacity quay-run morning 0 0 420
ok broker placement restart H1
package H1 offered gullwing
ok gullwing offer accept "$(asked H1 gullwing)"
ok broker placement start H1
placement H1 started

echo "# a provider gives notice: care goes on until another's begins"
ok broker placement start H2
no not_yours gullwing placement handback "$(agreed H2 marram)" --code no_capacity
ok marram placement handback "$(agreed H2 marram)" --code no_capacity --until 2026-12-10 \
    --note "no carers on that side"
placement H2 notice
package H2 waiting
ok gullwing capacity set quay-run --spare morning=420,evening=420
package H2 offered gullwing
ok gullwing offer accept "$(asked H2 gullwing)"
is '.successor.provider == "gullwing" and .placement.provider == "marram"' broker package show H2
ok broker placement start H2
is '.successor == null and .placement.provider == "gullwing"' broker package show H2
placement H2 started
ok broker placement end H2 --reason died
package H2 ended
no wrong_state broker placement end H2 --reason died

echo "# a new provider"
ok broker provider put thrift --title "Thrift Care (invented)"
ok broker location put thrift-branch --provider thrift --rating good --score 90
ok broker pool put thrift-run --location thrift-branch --kind homecare --mode declared
ok broker service put thrift-homecare --pool thrift-run --kind homecare --lot all-care --rate 20.50 \
    --localities Harbour,Upland --capabilities dementia,hoist
ok thrift capacity set thrift-run --spare morning=840,evening=840
ok broker package post --ref T1 --kind homecare --postcode "QX1 1" --visit "daily 07:00-10:00 15m"
package T1 offered thrift

echo "# an embargo, and its end"
ok broker provider suspend thrift --note "carers not trained"
is '[.rows[] | select(.provider == "thrift").standing] | unique == ["suspended"]' broker service list
offer T1 thrift withdrawn
package T1 offered gullwing
no offer_withdrawn thrift offer accept "$(asked T1 thrift)"
ok gullwing offer decline "$(asked T1 gullwing)" --code other
package T1 offered marram
ok broker provider resume thrift
is '[.rows[] | select(.provider == "thrift").standing] | unique == ["active"]' broker service list
ok broker provider suspend thrift --kind homecare
is '[.rows[] | select(.provider == "thrift" and .kind == "homecare").standing] == ["suspended"]' broker service list
ok broker provider resume thrift --kind homecare
ok marram offer decline "$(asked T1 marram)" --code other
package T1 offered thrift
ok thrift offer accept "$(asked T1 thrift)"
package T1 placed thrift

echo "# one of two branches closes"
ok broker provider fail gullwing --location gullwing-hill --mode ceased
package H3 offered thrift
package S1 offered thrift
package H1 placed gullwing
is '[.rows[] | select(.location == "gullwing-hill").standing] == ["ceased"]' broker service list
is '.services[] | select(.service == "hill-homecare").filter == "standing"' broker explain H3
ok thrift offer accept "$(asked H3 thrift)"
package H3 placed thrift

echo "# carers go over to another provider, with those they care for"
ok broker service transfer marram-homecare --to thrift-homecare --note "tender lost"
is '.placement.provider == "thrift" and .placement.state == "started"' broker package show B2
package S2 placed thrift
is '.rows == []' broker placement list --provider marram --kind homecare --state started

echo "# care that nobody here sought; a broker's own decision"
ok broker placement import I1 --service marram-homecare --kind homecare --started 2026-10-01 --rate 23.40 \
    --payer self_funder --postcode "QX1 1" --visit "daily 07:00-10:00 15m"
is '.placement.provider == "marram" and .placement.rate == 2340' broker package show I1
placement I1 started
ok broker package post --ref O1 --kind homecare --postcode "QX1 1" --visit "daily 17:00-20:00 15m" \
    --needs dementia
no reason_needed broker award override O1 --service marram-homecare --note ""
ok broker award override O1 --service marram-homecare --note "knows the household"
package O1 placed marram

echo "# a round"
ok broker package post --ref W1 --kind respite --postcode "QX1 1" --visit "daily 17:00-20:00 15m"
ok broker package post --ref W2 --kind respite --postcode "QX1 2" --visit "daily 17:00-20:00 15m" \
    --exclude gullwing
package W1 open
ok broker round open --kind respite
package W1 placed gullwing
package W2 placed marram

echo "# the evening: what the day was, and that it is kept"
is '[.rows[].reference] == ["B2", "H1", "I1"]' broker placement list --state started
is '.rows | length == 1' broker package list --state withdrawn
is '.rows == []' broker package list --state waiting
before=$(operator digest | jq -c .digest)
stops TERM
result $? "the daemon stops when told"
starts --clock manual 2>"$work/err"
result $? "and serves again"
is ".digest == $before" operator digest
stops TERM
result $? "and stops"
plan
