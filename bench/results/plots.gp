# The figures of bench/results, from tables in the current directory; `out` is where they go.
set terminal svg size 640,400 font "sans,12" background "white"
set style data linespoints
set grid
set key off
set logscale x
set yrange [0:*]
set format y "%.0s %c"

set output out."/services.svg"
set title "Core, one thread: services in a locality"
set xlabel "services a locality"
set ylabel "commands a second"
plot "services" using 1:2 pointtype 7

set output out."/packages.svg"
set title "Core, one thread: live packages"
set xlabel "live packages"
plot "packages" using 1:2 pointtype 7

set output out."/threads.svg"
set title "Core: markets of a thread, each thread with a core of its own"
set xlabel "markets a thread"
set key top right
plot "<awk '$2==1' threads" using 1:3 pointtype 7 title "one thread", \
    "<awk '$2==2' threads" using 1:3 pointtype 7 title "two threads, together"
set key off

set output out."/markets.svg"
set title "Durable placements, client included: markets, a client each"
set xlabel "markets"
set ylabel "placements a second"
set key bottom right
plot "markets" using 1:2 pointtype 7 title "one daemon", \
    "<awk '$2==2' daemons" using 1:3 pointtype 7 title "two daemons, together"
set key off

set output out."/batch.svg"
set title "Durable placements, client included: commands a message"
set xlabel "commands a message"
plot "batch" using 1:2 pointtype 7

set output out."/watchers.svg"
set title "Posts a second, each told to one of those who watch"
set xlabel "watchers parked"
set ylabel "posts a second"
plot "watchers" using 1:2 pointtype 7

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
