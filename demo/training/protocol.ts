/** What the page sends. */
export type Order = { id: number; name: string; options: unknown } | { id: number; stop: true };

/** What the worker sends back. An error is a message alone, since its class does not survive the way. */
export type Reply =
  | { id: number; news: unknown }
  | { id: number; result: unknown }
  | { id: number; error: string }
  | { id: number; stopped: true }
  /** The worker lacks code that could not be loaded, and asks for it no more: it is of no use. */
  | { id: number; lacksCode: true };
