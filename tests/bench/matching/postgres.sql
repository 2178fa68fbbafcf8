-- postgres.sql - people for PostgreSQL, with the indexes that its questions can use.
--
-- Places are points of the unit sphere, as in earthdistance, for GiST to find what is near;
-- tags are sorted numbers, for GIN to find who has them; the rest is in order of a B-tree.
-- Of whom one has liked, disliked, reported or blocked, or by whom one is blocked, there is
-- one table with the two accounts as its key.

create extension cube;
create extension intarray;

create unlogged table loaded (
    account integer, gender integer, preference integer, born integer, fame integer,
    seen integer, barred bigint, spot cube, tags integer[],
    login text, username text, first_name text, description text
);
\set copy '\\copy loaded from ' :'people'
:copy

create table people as
    select account, gender, preference, born, fame, seen, barred, spot, sort(tags) as tags,
           login, username, first_name, description
    from loaded order by account;
drop table loaded;
alter table people add primary key (account);
create index on people using gist (spot);
create index on people using gin (tags gin__int_ops);
create index on people (gender, fame desc, account);
create index on people (gender, born, account);
create index on people (fame desc, account);
create index on people (born, account);

create table apart (account integer, other integer, why integer);
\set copy '\\copy apart from ' :'apart'
:copy
alter table apart add primary key (account, other);

vacuum analyze;
