-- The two roles of Relay and its database, on a server of your own (PostgreSQL 15 or newer).
-- Run once as a superuser:
--
--   psql -v owner_password=... -v app_password=... -f deploy/roles.sql
--
-- then set MIGRATION_DATABASE_URL to relay_owner's address, DATABASE_URL to relay_app's,
-- and run `manage.py migrate`, which gives relay_app its rights.

\set ON_ERROR_STOP on
\if :{?database} \else \set database relay \endif

-- Owns the tables. May make roles, for those that own single functions and never sign in.
CREATE ROLE relay_owner LOGIN CREATEROLE PASSWORD :'owner_password';
-- Web servers and workers. Owns nothing.
CREATE ROLE relay_app LOGIN PASSWORD :'app_password';
-- Its queries take milliseconds; to compile one or to start helpers for it takes longer.
ALTER ROLE relay_app SET jit = off;
ALTER ROLE relay_app SET max_parallel_workers_per_gather = 0;
-- A row is read by its key with all that it names; to weigh every order of the joins takes
-- ten times as long as to read it.
ALTER ROLE relay_app SET join_collapse_limit = 4;

CREATE DATABASE :"database" OWNER relay_owner;
\connect :"database"
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO relay_app;
ALTER SCHEMA public OWNER TO relay_owner;

CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
CREATE EXTENSION btree_gist;
-- Statistics of queries. Needs shared_preload_libraries = 'pg_stat_statements' to count.
CREATE EXTENSION pg_stat_statements;
