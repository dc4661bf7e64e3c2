/* eligible.c - the one ordered list of filters. */
#include "eligible.h"

#include "offer.h"
#include "pool.h"
#include "provider.h"

static const struct {
    const char *name, *sentence;
} filters[FILTERS] = {
#define FILTER_ROW(number, constant, name, sentence) {name, sentence},
    PM_FILTERS(FILTER_ROW)
#undef FILTER_ROW
};

const char *filter_name(enum filter filter)
{
    return filters[filter].name;
}

const char *filter_sentence(enum filter filter)
{
    return filters[filter].sentence;
}

/* One question of the filters: all that they look at. */
struct question {
    const struct pm_core *core;
    uint32_t package_slot, service_slot;
    const struct package *package;
    const struct service *service;
    const struct market *market;
    const struct pm_kind *kind;
    const struct pm_step *step;
};

static bool pass_kind(const struct question *q, struct verdict *v)
{
    (void)v;
    return q->service->kind == q->package->kind;
}

static bool pass_lot(const struct question *q, struct verdict *v)
{
    const struct pm_lot *lot = &q->market->rules.lot[q->service->lot];
    v->needed = q->core->today;
    v->found = lot->to;
    return lot->from <= q->core->today && q->core->today <= lot->to;
}

static bool pass_standing(const struct question *q, struct verdict *v)
{
    (void)v;
    const struct provider *provider = provider_at(q->core, q->service->provider);
    return q->service->standing == PM_ACTIVE &&
           location_at(q->core, q->service->location)->standing == PM_ACTIVE &&
           provider->standing == PM_ACTIVE &&
           (provider->embargo_kinds >> q->service->kind & 1) == 0 &&
           (provider->embargo_localities >> q->package->locality & 1) == 0;
}

uint64_t step_scope(const struct pm_market *rules, const struct pm_step *step, unsigned locality)
{
    uint64_t home = 1ull << locality;
    if (step->where == PM_HOME)
        return home;
    if (step->where == PM_NEIGHBOURS)
        return home | rules->locality[locality].neighbours;
    return UINT64_MAX >> (PM_LOCALITIES_MAX - rules->localities);
}

static bool serves_sector(const struct question *q)
{
    const struct service_detail *detail = service_detail_at(q->core, q->service_slot);
    for (unsigned i = 0; i < q->service->sectors; i++)
        if (detail->sector[i] == q->package->sector)
            return true;
    return false;
}

/* At home a service that serves only sectors must serve this one; from elsewhere in the step's
 * scope any service may be asked to come. */
static bool pass_locality(const struct question *q, struct verdict *v)
{
    (void)v;
    uint64_t home = 1ull << q->package->locality;
    uint64_t scope = step_scope(&q->market->rules, q->step, q->package->locality);
    return (q->service->localities & scope) != 0 || (q->service->reach & scope & ~home) != 0 ||
           ((q->service->reach & home) != 0 && serves_sector(q));
}

static bool pass_tier(const struct question *q, struct verdict *v)
{
    v->found = q->service->tier;
    return (q->step->tiers >> (q->service->tier - 1) & 1) != 0;
}

static bool pass_needs(const struct question *q, struct verdict *v)
{
    uint64_t needs = q->package->needs, met = needs & q->service->capabilities;
    if (met == needs)
        return true;
    v->needed = __builtin_popcountll(needs);
    v->found = __builtin_popcountll(met);
    return false;
}

static bool pass_quality(const struct question *q, struct verdict *v)
{
    v->needed = q->kind->quality_floor;
    v->found = location_at(q->core, q->service->location)->quality;
    return v->found >= v->needed;
}

/* Who is to name a rate may be dearer, and so may a home among which is chosen: its top-up is
 * shown. */
static bool may_be_dearer(const struct package *package, const struct pm_step *step)
{
    return package->arrangement == PM_DIRECT_PAYMENT || step->route == PM_CHOICE ||
           step->route == PM_SPOT_OFFER;
}

static bool pass_rate(const struct question *q, struct verdict *v)
{
    v->needed = q->kind->ceiling;
    v->found = q->service->rate;
    return v->found > 0 && (v->found <= v->needed || may_be_dearer(q->package, q->step));
}

static bool pass_excluded(const struct question *q, struct verdict *v)
{
    (void)v;
    if (q->package->exclusions == 0)
        return true;
    const struct package_detail *detail = package_detail_at(q->core, q->package_slot);
    for (unsigned i = 0; i < q->package->exclusions; i++)
        if (detail->exclusion[i] == q->service->provider)
            return false;
    return true;
}

static bool pass_asked(const struct question *q, struct verdict *v)
{
    (void)v;
    return !offer_blocks(q->core, q->package_slot, q->service_slot);
}

/* What a provider may be awarded in a quarter. */
static bool pass_share(const struct question *q, struct verdict *v)
{
    if (q->kind->share_cap == 0)
        return true;
    v->needed = q->package->units;
    v->found =
        q->kind->share_cap - provider_awarded(q->core, q->service->provider, q->service->kind);
    return v->needed <= v->found;
}

static bool is_of_pool(const struct pm_core *core, uint32_t service, uint32_t pool)
{
    return service_at(core, service)->pool == pool;
}

/* What the package has of a pool's band by its placement. */
static int64_t placed(const struct pm_core *core, const struct package *package, uint32_t pool,
                      unsigned band)
{
    if (package->placement != 0 && package->state == PM_PLACED &&
        is_of_pool(core, placement_at(core, package->placement)->service, pool))
        return placement_at(core, package->placement)->demand[band];
    return 0;
}

/* What the package itself has or holds of a pool's band, which is free for it. */
static int64_t own(const struct pm_core *core, const struct package *package, uint32_t pool,
                   unsigned band)
{
    int64_t sum = placed(core, package, pool, band);
    for (uint32_t slot = package->invited + package->tendered > 0 ? package->first_offer : 0;
         slot != 0; slot = offer_at(core, slot)->next_of_package)
        if (offer_at(core, slot)->holds && is_of_pool(core, offer_at(core, slot)->service, pool))
            sum += package->demand[band];
    return sum;
}

/* Does what is declared suffice, whatever else is reckoned in? Most that are asked have it. */
static bool has_plenty(const struct pool *pool, const struct package *package)
{
    int32_t amounts[PM_BANDS_MAX];
    pool_free_all(pool, amounts);
    return pool->capacity == POOL_DECLARED && bands_suffice(amounts, package->demand);
}

/* The first band in which a service's pool is short for the package; PM_BANDS_MAX: none. Bands that
 * a kind has not, the package does not need. */
static unsigned short_band(const struct pm_core *core, const struct package *package,
                           const struct service *service)
{
    const struct pool *pool = pool_at(core, service->pool);
    for (unsigned band = 0; band < PM_BANDS_MAX; band++) {
        int64_t missing = package->demand[band] - pool_room(pool, band);
        if (package->demand[band] > 0 && missing > 0 &&
            missing > own(core, package, service->pool, band))
            return band;
    }
    return PM_BANDS_MAX;
}

/* Is its pool short for the package, and where? Most have plenty: kept apart, this leaves the
 * filter small enough to be put in line. */
static __attribute__((noinline)) bool is_short(const struct pm_core *core,
                                               const struct package *package,
                                               const struct service *service, struct verdict *v)
{
    unsigned band = short_band(core, package, service);
    if (band == PM_BANDS_MAX)
        return false;
    v->band = (uint8_t)band;
    v->needed = package->demand[band];
    v->found =
        pool_room(pool_at(core, service->pool), band) + own(core, package, service->pool, band);
    return true;
}

/* To an introduction capacity does not matter: the person arranges it. */
static inline bool pass_capacity(const struct question *q, struct verdict *v)
{
    return q->package->arrangement == PM_DIRECT_PAYMENT ||
           has_plenty(pool_at(q->core, q->service->pool), q->package) ||
           !is_short(q->core, q->package, q->service, v);
}

bool has_room_beside(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    uint32_t pool = service_at(core, service)->pool;
    for (unsigned band = 0; band < PM_BANDS_MAX; band++)
        if (p->demand[band] > 0 &&
            p->demand[band] > pool_room(pool_at(core, pool), band) + placed(core, p, pool, band))
            return false;
    return true;
}

bool has_room_for(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    const struct service *s = service_at(core, service);
    return (p->needs & ~s->capabilities) == 0 &&
           (p->arrangement == PM_DIRECT_PAYMENT || has_plenty(pool_at(core, s->pool), p) ||
            short_band(core, p, s) == PM_BANDS_MAX);
}

/* Each filter's function, in their order. They are called by name and not through a table, so that
 * the compiler can put them in line. */
/* clang-format off */
#define PASSES(X)                   \
    X(KIND, pass_kind)              \
    X(LOT, pass_lot)                \
    X(STANDING, pass_standing)      \
    X(LOCALITY, pass_locality)      \
    X(TIER, pass_tier)              \
    X(NEEDS, pass_needs)            \
    X(QUALITY, pass_quality)        \
    X(RATE, pass_rate)              \
    X(EXCLUDED, pass_excluded)      \
    X(ASKED, pass_asked)            \
    X(SHARE, pass_share)            \
    X(CAPACITY, pass_capacity)
/* clang-format on */
enum pass_number {
    PASS_NONE,
#define PASS_ENUM(constant, function) PASS_##constant,
    PASSES(PASS_ENUM)
#undef PASS_ENUM
        PASS_COUNT
};
#define PASS_IN_ORDER(constant, function) \
    _Static_assert((int)PASS_##constant == (int)FILTER_##constant, "every filter, in its order");
PASSES(PASS_IN_ORDER)
#undef PASS_IN_ORDER
_Static_assert((int)PASS_COUNT == (int)FILTERS, "every filter has its function");

/* Where the filters are known when this is compiled, and only the verdict's filter is asked for,
 * nothing of the rest is left. */
static inline __attribute__((always_inline)) struct verdict judge(const struct pm_core *core,
                                                                  uint32_t package,
                                                                  uint32_t service, unsigned step,
                                                                  unsigned chosen)
{
    const struct package *p = package_at(core, package);
    const struct market *market = market_at(core, p->market);
    const struct pm_kind *kind = &market->rules.kind[p->kind];
    struct question q = {
        .core = core,
        .package_slot = package,
        .service_slot = service,
        .package = p,
        .service = service_at(core, service),
        .market = market,
        .kind = kind,
        .step = &kind->step[step],
    };
#define TRY(constant, function)                                                \
    {                                                                          \
        struct verdict verdict = {.filter = FILTER_##constant};                \
        if ((chosen >> FILTER_##constant & 1) != 0 && !function(&q, &verdict)) \
            return verdict;                                                    \
    }
    PASSES(TRY)
#undef TRY
    return (struct verdict){.filter = FILTER_NONE};
}

struct verdict eligible(const struct pm_core *core, uint32_t package, uint32_t service,
                        unsigned step, unsigned chosen)
{
    return judge(core, package, service, step, chosen);
}

/* After a decline the best of all is most often who declined: that is looked at first. */
bool may_be_asked(const struct pm_core *core, uint32_t package, uint32_t service, unsigned step)
{
    return !offer_blocks(core, package, service) &&
           judge(core, package, service, step, FILTERS_ALL & ~(1u << FILTER_ASKED)).filter ==
               FILTER_NONE;
}

bool may_still_serve(const struct pm_core *core, const struct offer *offer)
{
    const struct package *p = package_at(core, offer->package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    return judge(core, offer->package, offer->service, offer->step, FILTERS_AT_ANSWER).filter ==
               FILTER_NONE &&
           (offer->rate <= kind->ceiling || may_be_dearer(p, &kind->step[offer->step]));
}
