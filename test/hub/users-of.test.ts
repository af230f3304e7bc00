import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSigner } from '../../src/audit/signing';
import { SUPERVISION } from '../../src/hub/codes';
import { foundHub } from '../../src/hub/founding';
import { usersOf } from '../../src/hub/users-of';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { testDatabase } from '../support/database';
import { SAMPLE_DAY } from '../support/hub';

test('a field is used by the agreements in force that name it, and by the rules that read it', async () => {
  const database = await testDatabase({ entities: [Agency, Agreement] });
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-users-'));
  try {
    await foundHub(database.dataSource, openSigner(directory), SAMPLE_DAY);
    const users = await usersOf(
      database.dataSource,
      ['death.deathDate', 'death.certificateNo', 'death.none'],
      SAMPLE_DAY,
    );
    const agencies = users.get('death.deathDate')?.agreements.map(({ agency }) => agency);
    expect(new Set(agencies)).toEqual(new Set([SUPERVISION, 'social-security']));
    expect(users.get('death.deathDate')?.rules).toEqual(expect.arrayContaining(['D1', 'D10']));
    const ofCases = { id: `civil-affairs/${SUPERVISION}/CASE_INVESTIGATION`, agency: SUPERVISION };
    expect(users.get('death.certificateNo')).toEqual({ agreements: [ofCases], rules: [] });
    expect(users.get('death.none')).toEqual({ agreements: [], rules: [] });
    // A year later none of them holds.
    expect(
      (await usersOf(database.dataSource, ['death.deathDate'], '2028-01-01')).get('death.deathDate')?.agreements,
    ).toEqual([]);
  } finally {
    await database.close();
    rmSync(directory, { recursive: true });
  }
});
