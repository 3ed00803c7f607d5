/** Messages from the page: a job to do, to stop, or to tell something while it runs. */
export type Order =
  { id: number; name: string; options: unknown } | { id: number; stop: true } | { id: number; message: unknown };

/** Messages from the worker. An error is a text alone, since its class does not survive the way. */
export type Reply =
  | { id: number; news: unknown }
  | { id: number; result: unknown }
  | { id: number; error: string }
  | { id: number; stopped: true }
  /** The worker lacks code that could not be loaded, and asks for it no more: it is of no use. */
  | { id: number; lacksCode: true };
