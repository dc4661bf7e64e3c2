/* visit.c - see visit.h. */
#include "visit.h"

static unsigned records_for(unsigned visits)
{
    return (visits + VISITS_A_RECORD - 1) / VISITS_A_RECORD;
}

bool visits_have_room(const struct pm_core *core, uint32_t package, unsigned visits)
{
    unsigned before = package == 0 ? 0 : records_for(package_detail_at(core, package)->visits);
    unsigned after = records_for(visits);
    return after <= before || table_has_room(&core->table[TABLE_VISITS], after - before);
}

void visits_free(struct pm_core *core, uint32_t package)
{
    struct package_detail *detail = package_detail_at(core, package);
    while (detail->first_visits != 0) {
        uint32_t first = detail->first_visits;
        detail->first_visits = visits_at(core, first)->next;
        table_free(&core->table[TABLE_VISITS], first);
    }
    detail->visits = 0;
}

void visits_keep(struct pm_core *core, uint32_t package, const struct pm_visit *visit,
                 unsigned visits)
{
    struct package_detail *detail = package_detail_at(core, package);
    uint32_t *link = &detail->first_visits;
    visits_free(core, package);
    detail->visits = (uint8_t)visits;
    for (unsigned v = 0; v < visits; v++) {
        unsigned at = v % VISITS_A_RECORD;
        if (at == 0 && v > 0)
            link = &visits_at(core, *link)->next;
        if (at == 0)
            *link = table_take(&core->table[TABLE_VISITS]);
        visits_at(core, *link)->line[at] = (struct visit_line){
            .earliest = visit[v].earliest,
            .latest = visit[v].latest,
            .minutes = visit[v].minutes,
            .days = visit[v].days,
            .carers = visit[v].carers & 3,
            .critical = visit[v].critical & 1,
        };
    }
}

void visits_read(const struct pm_core *core, uint32_t package, struct pm_visit out[PM_VISITS_MAX])
{
    const struct package_detail *detail = package_detail_at(core, package);
    uint32_t slot = detail->first_visits;
    for (unsigned v = 0; v < detail->visits; v++) {
        if (v > 0 && v % VISITS_A_RECORD == 0)
            slot = visits_at(core, slot)->next;
        const struct visit_line *line = &visits_at(core, slot)->line[v % VISITS_A_RECORD];
        out[v] = (struct pm_visit){.earliest = line->earliest,
                                   .latest = line->latest,
                                   .minutes = line->minutes,
                                   .days = line->days,
                                   .carers = line->carers,
                                   .critical = line->critical};
    }
}
