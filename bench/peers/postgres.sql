-- A call-off in PostgreSQL, as a council's own system might be built: what it must keep and check to offer a package to
-- the best service and take its yes. 64 localities with 60 services each, no pool ever full: as placemat-bench placements.

create table service (
    id int primary key,
    provider int not null,
    locality int not null,
    score int not null,
    rate int not null,
    capabilities bigint not null,
    active boolean not null
);
create index service_best on service (locality, score desc) where active;

-- Free capacity apart from what seldom changes; a row to be locked. Room on its page, so that updates stay there (HOT).
create table pool (
    id int primary key references service,
    declared int[] not null,
    committed int[] not null,
    held int[] not null
) with (fillfactor = 50);

create table package (
    id bigserial primary key,
    reference text not null unique,
    locality int not null,
    demand int[] not null,
    needs bigint not null,
    priority int not null,
    state text not null,
    posted timestamptz not null default now()
) with (fillfactor = 80);

create table offer (
    id bigserial primary key,
    package bigint not null references package,
    service int not null,
    rate int not null,
    state text not null,
    deadline timestamptz not null
) with (fillfactor = 80);
create index offer_package on offer (package);

create table placement (
    id bigserial primary key,
    package bigint not null unique references package,
    service int not null,
    rate int not null,
    agreed timestamptz not null default now()
);

create function add(a int[], b int[]) returns int[] language sql immutable as
$$ select array[a[1]+b[1], a[2]+b[2], a[3]+b[3], a[4]+b[4], a[5]+b[5], a[6]+b[6], a[7]+b[7], a[8]+b[8]] $$;
create function subtract(a int[], b int[]) returns int[] language sql immutable as
$$ select array[a[1]-b[1], a[2]-b[2], a[3]-b[3], a[4]-b[4], a[5]-b[5], a[6]-b[6], a[7]-b[7], a[8]-b[8]] $$;
create function suffices(a int[], b int[]) returns boolean language sql immutable as
$$ select a[1]>=b[1] and a[2]>=b[2] and a[3]>=b[3] and a[4]>=b[4]
      and a[5]>=b[5] and a[6]>=b[6] and a[7]>=b[7] and a[8]>=b[8] $$;

-- Keeps the package, asks the best service that can, and holds its capacity. The pool is locked before it is looked at.
create function post(p_reference text, p_locality int, p_demand int[], p_needs bigint, p_priority int)
returns bigint language plpgsql as $$
declare
    s record;
    p record;
    package_id bigint;
    offer_id bigint;
begin
    insert into package (reference, locality, demand, needs, priority, state)
    values (p_reference, p_locality, p_demand, p_needs, p_priority, 'waiting') returning id into package_id;
    for s in select id, rate from service
             where locality = p_locality and active and capabilities & p_needs = p_needs and rate <= 3300
             order by score desc loop
        select * into p from pool where id = s.id for update;
        if suffices(subtract(subtract(p.declared, p.committed), p.held), p_demand) then
            update pool set held = add(held, p_demand) where id = s.id;
            insert into offer (package, service, rate, state, deadline)
            values (package_id, s.id, s.rate, 'open', now() + interval '4 hours') returning id into offer_id;
            update package set state = 'offered' where id = package_id;
            return offer_id;
        end if;
    end loop;
    return null;
end $$;

-- The provider's yes: in time, still open; what was held is committed.
create function accept(p_offer bigint) returns bigint language plpgsql as $$
declare
    o record;
    d int[];
    placement_id bigint;
begin
    select * into o from offer where id = p_offer for update;
    if o.state <> 'open' or o.deadline < now() then
        return null;
    end if;
    update package set state = 'placed' where id = o.package returning demand into d;
    update pool set held = subtract(held, d), committed = add(committed, d) where id = o.service;
    update offer set state = 'accepted' where id = p_offer;
    insert into placement (package, service, rate) values (o.package, o.service, o.rate) returning id into placement_id;
    return placement_id;
end $$;

insert into service
select n, n, n / 60, (n * 7919) % 10000, 1900 + (n * 31) % 1300, case when n % 4 = 0 then 0 else 1 end, true
from generate_series(0, 64 * 60 - 1) n;
insert into pool
select id, array_fill(500000000, array[8]), array_fill(0, array[8]), array_fill(0, array[8]) from service;
analyze;
