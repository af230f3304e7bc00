/** A running hub with the page at its address and records behind it, as the browser test needs it. */
export interface ServedPage {
  /** Where the page is, with a slash at the end: `http://127.0.0.1:4000/`. */
  address: string;
  /** A token that `purpose` is granted to, for the whole of one person's records. */
  token: string;
  purpose: string;
  /** The agency the token names. */
  agency: string;
  /** A person with a household record. */
  idNumber: string;
  stop(): Promise<void>;
}

/** Starts the hub. */
export async function startServer(): Promise<ServedPage> {
  throw new Error('test/web/server.ts starts no hub yet: start the gateway here, serving pagesFolder() at /.');
}
