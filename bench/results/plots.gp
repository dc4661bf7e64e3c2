# The figures of bench/results, from tables in the current directory; `out` is where they go.
set terminal svg size 640,400 font "sans,12" background "white"
set style data linespoints
set grid
set key off
set logscale x
set yrange [0:*]
set format x "%.0s %c"
set format y "%.0s %c"

# Two figures of one run: how many on the left, the slow ones on the right.
set ytics nomirror
set y2tics
set y2range [0:*]
set format y2 "%.0s %c"
set key bottom left

set output out."/services.svg"
set title "Core, one thread: services in a locality"
set xlabel "services a locality"
set ylabel "commands a second"
set y2label "p99, ns"
plot "services" using 1:2 pointtype 7 title "commands a second", "" using 1:4 axes x1y2 pointtype 6 title "p99"

set output out."/packages.svg"
set title "Core, one thread: live packages"
set xlabel "live packages"
plot "packages" using 1:2 pointtype 7 title "commands a second", "" using 1:4 axes x1y2 pointtype 6 title "p99"

set output out."/threads.svg"
set title "Core: markets of a thread, each thread with a core of its own"
set xlabel "markets a thread"
plot "<awk '$2==1' threads" using 1:3 pointtype 7 title "one thread", \
    "<awk '$2==2' threads" using 1:3 pointtype 7 title "two threads, together", \
    "<awk '$2==1' threads" using 1:5 axes x1y2 pointtype 6 title "p99 of one", \
    "<awk '$2==2' threads" using 1:5 axes x1y2 pointtype 6 title "p99 of two"

set output out."/markets.svg"
set title "Durable placements, client included: markets, a client each"
set xlabel "markets"
set ylabel "placements a second"
set y2label "p99 of a hundred commands, µs"
set key top left
plot "markets" using 1:2 pointtype 7 title "one daemon", \
    "<awk '$2==2' daemons" using 1:3 pointtype 7 title "two daemons, together", \
    "markets" using 1:4 axes x1y2 pointtype 6 title "p99 of one"

set output out."/watchers.svg"
set title "Posts a second, each told to one of those who watch"
set xlabel "watchers parked"
set ylabel "posts a second"
set y2label "p99, µs"
set key bottom left
plot "watchers" using 1:2 pointtype 7 title "posts a second", "" using 1:4 axes x1y2 pointtype 6 title "p99"

set key off
set ytics mirror
unset y2tics
unset y2label

set output out."/memory.svg"
set title "Memory of a core: live packages, 8 open offers each"
set xlabel "live packages"
set ylabel "bytes a package"
set format y "%g"
plot "memory" using 1:3 pointtype 7
set format y "%.0s %c"

set output out."/batch.svg"
set title "Durable placements, client included: commands a message"
set xlabel "commands a message"
set ylabel "placements a second"
plot "batch" using 1:2 pointtype 7

set output out."/restart.svg"
set title "Serving again from the journal alone"
set xlabel "commands in the journal"
set ylabel "seconds"
set format y "%g"
plot "restart" using 1:2 pointtype 7

set output out."/day.svg"
set title "All England, 24 and 25 December 2024: packages of care"
unset logscale x
set xlabel "hour, from midnight"
set xtics 6
set ylabel "packages"
set key at graph 0.98, 0.85 right
plot "day" using 1:2 pointtype 7 title "posted", "" using 1:3 pointtype 7 title "placed, rounds every two hours", \
    "" using 1:4 pointtype 7 title "placed, one at a time"
set logscale x
set xtics autofreq

set output out."/surge.svg"
set title "24 December 2024, 8,640 times as fast: latency from the intended time"
set xlabel "packages of the day"
set ylabel "µs"
set key top left
set logscale y
set yrange [*:*]
plot "surge" using 1:2 pointtype 7 title "p50", "" using 1:3 pointtype 7 title "p99", \
    "" using 1:4 pointtype 7 title "p99.9"
