// Whether the API's process answers; whether it can take orders is GET /readyz, which is for load balancers.
const response = await fetch(`http://127.0.0.1:${process.env.API_PORT || 3000}/healthz`).catch(() => undefined);
process.exitCode = response?.ok ? 0 : 1;
