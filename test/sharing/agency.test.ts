import type { Database } from '../../src/db/database';
import { Agency, addAgency, suspendAgency } from '../../src/sharing/agency';
import { testDatabase } from '../support/database';

describe('agencies', () => {
  let database: Database;
  beforeEach(async () => {
    database = await testDatabase({ entities: [Agency] });
    await addAgency(database.dataSource, { code: 'tax', nameEn: 'Tax bureau', nameZh: '税务局' });
  });
  afterEach(() => database.close());
  const tax = () => database.dataSource.getRepository(Agency).findOneByOrFail({ code: 'tax' });

  test('are registered, neither suspended nor revoked', async () => {
    expect(await tax()).toEqual({
      code: 'tax',
      nameEn: 'Tax bureau',
      nameZh: '税务局',
      suspendedAt: null,
      tokensFrom: null,
    });
  });

  test.each<[string, RegExp]>([
    ['tax', /^tax is registered already/],
    ['', /^"" is no code of an agency: up to 63 lower-case letters, digits and hyphens$/],
    ['Tax', /^"Tax" is no code/],
    ['税务', /is no code/],
    ['-tax', /is no code/],
    ['tax/client', /is no code/],
    ['tax ', /is no code/],
    ["tax'; --", /is no code/],
    ['x'.repeat(64), /is no code/],
  ])('%j is not registered', async (code, sentence) => {
    const agency = { code, nameEn: 'Other', nameZh: '其他' };
    await expect(addAgency(database.dataSource, agency)).rejects.toThrow(sentence);
    expect((await tax()).nameEn).toBe('Tax bureau');
  });

  test('are suspended from the first time on, and resume', async () => {
    await suspendAgency(database.dataSource, 'tax', true);
    const { suspendedAt } = await tax();
    expect(suspendedAt).toBeInstanceOf(Date);
    await suspendAgency(database.dataSource, 'tax', true);
    expect((await tax()).suspendedAt).toEqual(suspendedAt);
    await suspendAgency(database.dataSource, 'tax', false);
    expect((await tax()).suspendedAt).toBeNull();
  });

  test.each([true, false])(
    'one that is not registered can be neither suspended nor resumed (%j)',
    async (isSuspended) => {
      await expect(suspendAgency(database.dataSource, 'ghost', isSuspended)).rejects.toThrow(
        /^"ghost" is not a registered agency: "heyan agency list" shows them, "heyan agency add" registers one$/,
      );
    },
  );
});
