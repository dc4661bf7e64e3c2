/*
 * queue.c: `placemat-bench queue`: the daemon's ring and doorbell between threads.
 *
 * Two measurements, arranged as in the daemon: several producers, each pushing and then ringing;
 * one consumer that takes what there is and sleeps at the doorbell when there is nothing.
 *
 * Throughput: every producer pushes as fast as it can and yields when the ring is full. Time in
 * the queue: producers push by a timetable that does not wait for the consumer, at a moderate
 * rate, so that what is measured is the ring and the waking, not a backlog.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "daemon/doorbell.h"
#include "daemon/ring.h"
#include "hist.h"

#define NS_PER_S UINT64_C(1000000000)
#define TICK_NS UINT64_C(200000) /* timed producers wake this often and push what is due */
#define POP_MANY 256             /* the most the consumer takes at once */
#define PRODUCERS_MAX 64
#define RUNS_MAX 99

struct options {
    uint64_t producers;
    uint64_t items;    /* of all producers, in one throughput run */
    uint64_t capacity; /* of the ring */
    uint64_t rate;     /* items a second of all producers, while time in the queue is measured */
    uint64_t seconds;  /* for which it is measured */
    uint64_t runs;     /* throughput runs; the median counts */
    uint64_t spin_ns;
    bool json;
};

struct item {
    uint64_t pushed_ns; /* before the push; only timed producers set it */
};

struct producer {
    pthread_t thread;
    struct bed *bed;
    struct item *items;
    size_t count;
    uint64_t interval_ns; /* between two items; 0: as fast as it can */
    uint64_t full;        /* pushes refused by a full ring, and tried again */
};

/* One measurement: the ring, its threads and what the consumer found. */
struct bed {
    struct ring *ring;
    struct doorbell *bell;
    pthread_barrier_t start;
    struct producer producers[PRODUCERS_MAX];
    size_t producer_count;
    struct hist *hist; /* of the time in the queue; NULL: not measured */
    uint64_t started_ns;
    uint64_t ended_ns;
};

static void push(struct producer *self, struct item *item)
{
    while (!ring_push(self->bed->ring, item)) {
        self->full++;
        sched_yield();
    }
    doorbell_ring(self->bed->bell);
}

static void push_by_timetable(struct producer *self, uint64_t start_ns)
{
    for (size_t i = 0; i < self->count;) {
        uint64_t now = bench_now_ns();
        while (i < self->count && start_ns + i * self->interval_ns <= now) {
            self->items[i].pushed_ns = bench_now_ns();
            push(self, &self->items[i++]);
        }
        bench_sleep_until(now + TICK_NS);
    }
}

static void *produce(void *arg)
{
    struct producer *self = arg;
    pthread_barrier_wait(&self->bed->start);
    if (self->interval_ns != 0) {
        push_by_timetable(self, bench_now_ns());
        return NULL;
    }
    for (size_t i = 0; i < self->count; i++)
        push(self, &self->items[i]);
    return NULL;
}

/* Takes `count` items, in the calling thread. */
static void consume(struct bed *bed, size_t count)
{
    void *out[POP_MANY];
    pthread_barrier_wait(&bed->start);
    bed->started_ns = bench_now_ns();
    while (count > 0) {
        size_t n = ring_pop_many(bed->ring, out, POP_MANY);
        if (n == 0) {
            doorbell_wait(bed->bell, DOORBELL_FOREVER);
            continue;
        }
        if (bed->hist != NULL) {
            uint64_t now = bench_now_ns();
            for (size_t i = 0; i < n; i++)
                hist_add(bed->hist, now - ((struct item *)out[i])->pushed_ns);
        }
        count -= n;
    }
    bed->ended_ns = bench_now_ns();
}

/* Starts the producers, consumes all they push and joins them. */
static void run_threads(struct bed *bed)
{
    size_t count = 0;
    pthread_barrier_init(&bed->start, NULL, (unsigned)bed->producer_count + 1);
    for (size_t p = 0; p < bed->producer_count; p++) {
        struct producer *producer = &bed->producers[p];
        count += producer->count;
        if (pthread_create(&producer->thread, NULL, produce, producer) != 0) {
            fputs("placemat-bench: cannot start a thread\n", stderr);
            exit(BENCH_FAILED); /* those started wait at the barrier for good */
        }
    }
    consume(bed, count);
    for (size_t p = 0; p < bed->producer_count; p++)
        pthread_join(bed->producers[p].thread, NULL);
    pthread_barrier_destroy(&bed->start);
}

static void free_bed(struct bed *bed)
{
    for (size_t p = 0; p < bed->producer_count; p++)
        free(bed->producers[p].items);
    ring_destroy(bed->ring);
    doorbell_destroy(bed->bell);
    free(bed);
}

/*
 * Makes a bed in which the producers push `items` between them, each `interval_ns` apart (0: as
 * fast as they can). Returns NULL if memory is short; the caller frees it with free_bed.
 */
static struct bed *make_bed(const struct options *options, uint64_t items, uint64_t interval_ns)
{
    struct bed *bed = calloc(1, sizeof(*bed));
    if (bed == NULL)
        return NULL;
    bed->ring = ring_create(options->capacity);
    bed->bell = doorbell_create(options->spin_ns);
    bed->producer_count = options->producers;
    bool ok = bed->ring != NULL && bed->bell != NULL;
    for (size_t p = 0; p < bed->producer_count; p++) {
        struct producer *producer = &bed->producers[p];
        producer->bed = bed;
        producer->interval_ns = interval_ns;
        /* What does not divide evenly goes to the first. */
        producer->count = items / options->producers + (p < items % options->producers);
        producer->items = calloc(producer->count + 1, sizeof(*producer->items));
        ok = ok && producer->items != NULL;
    }
    if (ok)
        return bed;
    free_bed(bed);
    return NULL;
}

/* Sets `items_per_second` and `times_full` (of the last run). Returns false if memory is short. */
static bool measure_throughput(const struct options *options, json_t *result)
{
    double rates[RUNS_MAX];
    uint64_t full = 0;
    for (size_t run = 0; run < options->runs; run++) {
        struct bed *bed = make_bed(options, options->items, 0);
        if (bed == NULL)
            return false;
        run_threads(bed);
        rates[run] = (double)options->items * 1e9 / (double)(bed->ended_ns - bed->started_ns);
        full = 0;
        for (size_t p = 0; p < bed->producer_count; p++)
            full += bed->producers[p].full;
        free_bed(bed);
    }
    json_object_set_new(result, "items_per_second",
                        json_real(bench_median(rates, (size_t)options->runs)));
    json_object_set_new(result, "times_full", json_integer((json_int_t)full));
    return true;
}

/* Sets the percentiles of the time in the queue. Returns false if memory is short. */
static bool measure_time(const struct options *options, json_t *result)
{
    uint64_t interval_ns = NS_PER_S * options->producers / options->rate;
    struct hist *hist = calloc(1, sizeof(*hist));
    struct bed *bed =
        make_bed(options, options->rate * options->seconds, interval_ns != 0 ? interval_ns : 1);
    if (hist == NULL || bed == NULL) {
        free(hist);
        if (bed != NULL)
            free_bed(bed);
        return false;
    }
    bed->hist = hist;
    run_threads(bed);
    double seconds = (double)(bed->ended_ns - bed->started_ns) / 1e9;
    json_object_set_new(result, "timed_items_per_second", json_real((double)hist->count / seconds));
    json_object_set_new(result, "p50_ns", json_integer((json_int_t)hist_percentile(hist, 0.5)));
    json_object_set_new(result, "p99_ns", json_integer((json_int_t)hist_percentile(hist, 0.99)));
    json_object_set_new(result, "p999_ns", json_integer((json_int_t)hist_percentile(hist, 0.999)));
    json_object_set_new(result, "max_ns", json_integer((json_int_t)hist->max));
    free_bed(bed);
    free(hist);
    return true;
}

static const char help[] =
    "usage: placemat-bench queue [OPTION]...\n"
    "\n"
    "The daemon's ring and doorbell: many producers, one consumer that sleeps when idle.\n"
    "\n"
    "  --producers N  threads that push (4)\n"
    "  --items N      items in a throughput run, of all producers together (4000000)\n"
    "  --capacity N   of the ring, a power of two (4096)\n"
    "  --runs N       throughput runs, of which the median is given (5)\n"
    "  --rate N       items a second while time in the queue is measured (100000)\n"
    "  --seconds N    for which it is measured (2)\n"
    "  --spin NS      the consumer's longest spin before it sleeps (the daemon's)\n"
    "  --json         the result as one JSON object on the last line\n"
    "  --help         this\n"
    "\n"
    "items_per_second: at full load, from the start to the last item's arrival; a producer\n"
    "that finds the ring full (times_full, in the last run) yields and tries again.\n"
    "p50_ns, p99_ns, p999_ns, max_ns: from just before an item is pushed until the consumer\n"
    "has it, waking included, while producers follow a timetable of --rate items a second\n"
    "that does not wait for the consumer, in bursts every 200 microseconds.\n";

static int run(const struct options *options)
{
    if ((options->capacity & (options->capacity - 1)) != 0) {
        fputs("placemat-bench: --capacity takes a power of two\n", stderr);
        return BENCH_USAGE;
    }
    json_t *result = json_object();
    json_object_set_new(result, "benchmark", json_string("queue"));
    json_object_set_new(result, "producers", json_integer((json_int_t)options->producers));
    json_object_set_new(result, "capacity", json_integer((json_int_t)options->capacity));
    json_object_set_new(result, "items", json_integer((json_int_t)options->items));
    if (!measure_throughput(options, result) || !measure_time(options, result)) {
        json_decref(result);
        result = NULL;
    }
    return bench_report(result, options->json);
}

int bench_queue(int argc, char **argv)
{
    struct options options = {.producers = 4,
                              .items = 4000000,
                              .capacity = 4096,
                              .rate = 100000,
                              .seconds = 2,
                              .runs = 5,
                              .spin_ns = DOORBELL_SPIN_NS};
    const struct bench_option known[] = {
        {.name = "producers", .number = &options.producers, .least = 1, .most = PRODUCERS_MAX},
        {.name = "items", .number = &options.items, .least = 1, .most = UINT64_C(1) << 30},
        {.name = "capacity", .number = &options.capacity, .least = 1, .most = UINT64_C(1) << 30},
        {.name = "runs", .number = &options.runs, .least = 1, .most = RUNS_MAX},
        {.name = "rate", .number = &options.rate, .least = 1, .most = 10000000},
        {.name = "seconds", .number = &options.seconds, .least = 1, .most = 60},
        {.name = "spin", .number = &options.spin_ns, .least = 0, .most = NS_PER_S},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
