#!/bin/sh
# Names the processes of the image. exec: signals reach node, which stops in order.
set -eu
case "${1:-api}" in
  api) exec node api/server.ts ;;
  worker) exec node worker/main.ts ;;
  migrate) exec node entities/migrate.ts "${2:-up}" ;;
  namespace) exec node docker/prepare-namespace.ts ;;
  *) exec "$@" ;;
esac
