/**
 * The desk's service worker, at /service-worker.js, for the whole desk. Each part is a file beside
 * this one that exports a function which adds its own listeners; it is called here once.
 */
import { standIn } from "./offline";
import { takePushes } from "./push";
import { worker } from "./scope";

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

standIn();
takePushes();
