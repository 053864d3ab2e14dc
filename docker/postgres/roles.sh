#!/bin/bash
# Runs once, when the Postgres volume is empty. The application's login owns nothing and can't pass row-level security;
# the migrating one is no superuser either.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v perdura="$PERDURA_DATABASE_PASSWORD" -v migrator="$PERDURA_MIGRATOR_PASSWORD" -v temporal="$TEMPORAL_DATABASE_PASSWORD" <<'SQL'
create role perdura_owner nologin;
create role perdura_app nologin;
create role perdura_migrator login createrole password :'migrator';
create role perdura login nosuperuser nobypassrls password :'perdura';
grant perdura_owner, perdura_app to perdura_migrator with admin option;
grant perdura_app to perdura;
create database perdura owner perdura_migrator;
create role temporal login createdb password :'temporal';
SQL
