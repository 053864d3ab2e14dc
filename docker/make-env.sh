#!/bin/sh
# Prints .env.example with every required value that is a secret made up. Usage: sh docker/make-env.sh > .env
set -eu
cd "$(dirname "$0")/.."
text() { openssl rand -hex "$1"; }
while IFS= read -r line; do
  case "$line" in
    PERDURA_KEYS=) echo "PERDURA_KEYS=k1:$(openssl rand -base64 32)" ;;
    SEED_SECRET_KEY=) echo "SEED_SECRET_KEY=sk_test_$(text 20)" ;;
    SEED_PUBLISHABLE_KEY=) echo "SEED_PUBLISHABLE_KEY=pk_test_$(text 20)" ;;
    STRIPE_SECRET_KEY=) echo "STRIPE_SECRET_KEY=sk_test_$(text 20)" ;;
    *PASSWORD=) case "$line" in \#*) echo "${line#\#}$(text 16)" ;; *) echo "$line$(text 16)" ;; esac ;;
    \#ADMIN_EMAIL=) echo "ADMIN_EMAIL=admin@perdura.test" ;;
    *) echo "$line" ;;
  esac
done < .env.example
