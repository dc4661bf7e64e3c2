# A generalised assignment instance (agents, jobs, costs, demands, capacities: bench/data/gap) as an LP file.
{ for (i = 1; i <= NF; i++) number[++count] = $i }
END {
    agents = number[1]; jobs = number[2]; costs = 2; demands = costs + agents * jobs; rooms = demands + agents * jobs
    print "Minimize\n cost:"
    for (a = 0; a < agents; a++)
        for (j = 0; j < jobs; j++) printf " + %d x%d_%d\n", number[costs + a * jobs + j + 1], a, j
    print "Subject To"
    for (j = 0; j < jobs; j++) {
        printf " job%d:", j
        for (a = 0; a < agents; a++) printf " + x%d_%d\n", a, j
        print " = 1"
    }
    for (a = 0; a < agents; a++) {
        printf " room%d:", a
        for (j = 0; j < jobs; j++) printf " + %d x%d_%d\n", number[demands + a * jobs + j + 1], a, j
        printf " <= %d\n", number[rooms + a + 1]
    }
    print "Binaries"
    for (a = 0; a < agents; a++) for (j = 0; j < jobs; j++) printf " x%d_%d\n", a, j
    print "End"
}
