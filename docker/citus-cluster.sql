-- The coordinator and its workers. May be run again.
create extension if not exists citus;
select citus_set_coordinator_host('database', 5432);
select citus_add_node('worker-1', 5432);
select citus_add_node('worker-2', 5432);
