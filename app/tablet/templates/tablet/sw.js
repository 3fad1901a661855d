// Keeps the shell of the tablet app. Data never passes through here: it lies encrypted in IndexedDB.
const NAME = "yiheng-tablet-{{ version }}";
const HOME = {{ url_for('tablet.shell') | tojson }};
const FILES = {{ files | tojson }};
const KEPT = new Set(FILES);

async function fill() {
  const cache = await caches.open(NAME);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload", credentials: "omit" })));
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("yiheng-tablet-") && name !== NAME) await caches.delete(name);
  await self.clients.claim();
}

async function kept(path, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(path)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "claim") event.waitUntil(self.clients.claim());
});
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  const page = event.request.mode === "navigate";
  if (page && address.pathname === HOME) event.respondWith(kept(HOME, event.request));
  else if (!page && KEPT.has(address.pathname)) event.respondWith(kept(address.pathname, event.request));
});
