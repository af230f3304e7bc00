import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** The operating-system account PostgreSQL runs as. `switched` says that it is not the account of this process. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
  switched: boolean;
}

/** Tried in this order when the process is root; initdb wants an account that is listed, not just a number. */
const unprivilegedNames = ['postgres', '_postgres', 'nobody'];

/** True when this process may become another account, which also means that PostgreSQL refuses to run as it. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account for a new database: this one, or, as root, an unprivileged one that exists.
 * @throws when the account is not listed, which initdb would refuse with a less helpful sentence
 */
export function serverAccount(): Account {
  if (!isRoot()) return currentAccount();
  const known = listedAccounts();
  for (const name of unprivilegedNames) {
    const found = known.find((account) => account.name === name && account.uid !== 0);
    if (found) return found;
  }
  throw new Error(
    `PostgreSQL refuses to run as root and none of the accounts ${unprivilegedNames.join(', ')} exists: ` +
      'create one (useradd --system postgres), start as an ordinary user, or set DATABASE_URL.',
  );
}

/**
 * The account that owns an existing database: PostgreSQL runs only as the owner of its files.
 * @throws when this process cannot become that account
 */
export function owningAccount(folder: string): Account {
  const owner = statSync(folder).uid;
  if (!isRoot()) {
    const own = currentAccount();
    if (own.uid === owner) return own;
    throw new Error(
      `The database in ${folder} belongs to account number ${owner}, and this is ${own.name}: ` +
        'start as its owner, or set HEYAN_DATA to a directory of your own.',
    );
  }
  const found = listedAccounts().find((account) => account.uid === owner && owner !== 0);
  if (found) return found;
  const next = serverAccount();
  throw new Error(
    `The database in ${folder} belongs to account number ${owner}, as which PostgreSQL cannot run: ` +
      `give it to an unprivileged account (chown -R ${next.name} ${folder}).`,
  );
}

/** Options for child_process that make the child run as `account`; nothing when that is who we are. */
export function runningAs(account: Account): { uid?: number; gid?: number } {
  return account.switched ? { uid: account.uid, gid: account.gid } : {};
}

/**
 * Whether `account` may walk through `folder` and everything above it. Reads the mode bits only: an access list that grants more is
 * not seen, and then the database is kept elsewhere, which costs nothing but a longer path.
 */
export function canReach(folder: string, account: Account): boolean {
  if (!account.switched) return true;
  const { uid, gid, mode } = statSync(folder);
  const execute = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if ((mode & execute) === 0) return false;
  const above = dirname(folder);
  return above === folder || canReach(above, account);
}

function currentAccount(): Account {
  try {
    const { username, uid, gid } = userInfo();
    return { name: username, uid, gid, switched: false };
  } catch {
    throw new Error(
      `Account number ${process.getuid?.()} has no name on this machine, and PostgreSQL's initdb wants one: ` +
        'add it to /etc/passwd, run as a listed account, or set DATABASE_URL.',
    );
  }
}

function listedAccounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((parts) => parts.length >= 4)
    .map(([name, , uid, gid]) => ({ name: name ?? '', uid: Number(uid), gid: Number(gid), switched: true }));
}
