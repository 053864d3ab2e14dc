# syntax=docker/dockerfile:1
# One image for all processes: docker run perdura api | worker | migrate | namespace
# The tag is the version of the npm package "node" in package.json.

# ── Packages: what runs, without what builds and tests ──────────────────────────────────────────
FROM node:24.21.0-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

# ── The image ───────────────────────────────────────────────────────────────────────────────────
FROM node:24.21.0-slim AS perdura
ENV NODE_ENV=production API_HOST=0.0.0.0 API_PORT=3000
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY domain ./domain
COPY entities ./entities
COPY platform ./platform
COPY workflows ./workflows
COPY activities ./activities
COPY worker ./worker
COPY api ./api
COPY scripts/parts/temporal.ts scripts/parts/part.ts ./scripts/parts/
COPY docker/entrypoint.sh docker/healthcheck.mjs docker/prepare-namespace.ts ./docker/
# Owned by root, run by another: the process can't change its own code.
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "docker/healthcheck.mjs"]
ENTRYPOINT ["sh", "docker/entrypoint.sh"]
CMD ["api"]

# ── The same with the Stripe sandbox and the demo tenant: never for production ─────────────────
FROM perdura AS demo
COPY sandbox ./sandbox
COPY scripts/seed.ts ./scripts/
COPY scripts/seed ./scripts/seed
USER root
RUN mkdir /data && chown node:node /data
USER node

# Without --target, the production image is built.
FROM perdura
