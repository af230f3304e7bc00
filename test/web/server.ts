import { listen } from '../../src/gateway/listen';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { contentSecurityPolicy, pagesFolder } from '../../src/web/pages';
import { testHub } from '../support/hub';

/** A running hub with the page at its address and records behind it, as the browser test needs it. */
export interface ServedPage {
  /** Where the page is, with a slash at the end: `http://127.0.0.1:4000/`. */
  address: string;
  /** A token that `purpose` is granted to, for the whole of one person's records. */
  token: string;
  purpose: string;
  /** The case that the purpose asks for. */
  caseNumber: string;
  /** The agency the token names. */
  agency: string;
  /** A person with a household record. */
  idNumber: string;
  stop(): Promise<void>;
}

/** Starts a hub on the sample city and serves it on a free port. */
export async function startServer(): Promise<ServedPage> {
  const hub = await testHub();
  await hub.nightly('delivery');
  const pages = { folder: pagesFolder(), policy: contentSecurityPolicy };
  const { url, close } = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages });
  return {
    address: `${url}/`,
    token: await hub.hub.issuer.issue(SUPERVISION, 'tester'),
    purpose: CASE_INVESTIGATION,
    caseNumber: '〔2026〕12号',
    agency: SUPERVISION,
    idNumber: '650102194605071053',
    async stop() {
      await close();
      await hub.close();
    },
  };
}
