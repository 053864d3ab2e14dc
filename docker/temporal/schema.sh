#!/bin/sh
# Makes and upgrades the Temporal server's two databases; runs before the server, at every start. SQL_PASSWORD is set.
set -eu
for name in temporal temporal_visibility; do
  folder=$([ "$name" = temporal ] && echo temporal || echo visibility)
  tool() { temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database "$name" "$@"; }
  tool create-database
  # Fails on a database that has its version table already: then the upgrade is all there is to do.
  tool setup-schema --version 0.0 || true
  tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done
