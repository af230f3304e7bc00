import { HTTP_LIMITS } from '../../../../src/sync/sources/http/limits';
import { PassingFault, patiently } from '../../../../src/sync/sources/http/retry';
import { SourceFault } from '../../../../src/sync/sources/source';

/** The pauses of an act that fails so many times, `wait` milliseconds being asked for. */
async function pausesOf(failures: number, options: { random?: number; attempts?: number; wait?: number } = {}) {
  const pauses: number[] = [];
  let tries = 0;
  const patience = {
    attempts: options.attempts ?? 10,
    pause: async (milliseconds: number) => {
      pauses.push(milliseconds);
    },
    random: () => options.random ?? 0.999,
    limits: HTTP_LIMITS,
  };
  const result = await patiently(patience, async (isLast) => {
    tries += 1;
    if (tries <= failures) throw new PassingFault('answered 503', undefined, options.wait);
    return isLast;
  }).catch((error: unknown) => error);
  return { pauses, tries, result };
}

test.each<[string, number, Parameters<typeof pausesOf>[1], number[]]>([
  ['nothing fails', 0, {}, []],
  ['pauses double up to a minute', 8, {}, [1000, 1999, 3998, 7996, 15992, 31984, 59970, 59970]],
  ['chance takes off up to half', 3, { random: 0 }, [500, 1000, 2000]],
  ['the register is left alone as long as it asks', 2, { wait: 120_000 }, [120_000, 120_000]],
  ['but five minutes at most', 1, { wait: 86_400_000 }, [300_000]],
  ['and never shorter than otherwise', 1, { wait: 10 }, [1000]],
])('%s', async (_, failures, options, pauses) => {
  expect(await pausesOf(failures, options)).toMatchObject({ pauses, tries: failures + 1 });
});

test('the attempts are counted, and their end is a fault of the register', async () => {
  const { pauses, tries, result } = await pausesOf(99, { attempts: 3, random: 0 });
  expect([pauses, tries]).toEqual([[500, 1000], 3]);
  expect(result).toBeInstanceOf(SourceFault);
  expect(String(result)).toMatch(/answered 503, at the last of 3 attempts: see whether the register is up/);
});

test('the last attempt knows that it is', async () => {
  expect((await pausesOf(2, { attempts: 3 })).result).toBe(true);
  expect((await pausesOf(1, { attempts: 3 })).result).toBe(false);
});

test('any other failure is thrown at once', async () => {
  const patience = { attempts: 5, pause: async () => undefined, random: Math.random, limits: HTTP_LIMITS };
  let tries = 0;
  const act = async () => {
    tries += 1;
    throw new SourceFault('answered 401');
  };
  await expect(patiently(patience, act)).rejects.toThrow('answered 401');
  expect(tries).toBe(1);
});
