/** What a service worker is, as far as ours uses it: the DOM's types know pages only. */
export interface Extendable extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
export interface Pushed extends Extendable {
  readonly data: { json(): unknown } | null;
}
export interface Clicked extends Extendable {
  readonly notification: Notification;
}
export interface Fetched extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response> | Response): void;
}
export interface PageClient {
  readonly url: string;
  readonly focused: boolean;
  focus(): Promise<PageClient>;
  navigate(url: string): Promise<PageClient | null>;
}
interface Events {
  install: Extendable;
  activate: Extendable;
  push: Pushed;
  notificationclick: Clicked;
  fetch: Fetched;
}
export interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<PageClient[]>;
    openWindow(url: string): Promise<PageClient | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener<K extends keyof Events>(name: K, listen: (event: Events[K]) => void): void;
}

export const worker = self as unknown as WorkerScope;
