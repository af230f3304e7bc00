import * as m from './attack-matrix';
import { agree } from '../support/callers';
test('try', async () => {
  const matrix = await m.openMatrix();
  let t0 = Date.now();
  const lap = (w: string) => { process.stdout.write(`${w} ${Date.now() - t0} ms\n`); t0 = Date.now(); };
  const missed = await m.controls(matrix);
  lap('controls');
  process.stdout.write(`${missed.length}\n${missed.slice(0, 40).join('\n')}\n`);
  await agree(matrix.hub, new Map(m.names(matrix).map((name) => [m.agencyWithout(name), m.termsWithout(name)])));
  lap('agree');
  const cells = m.cells(matrix);
  const offences = await m.offences(matrix, cells);
  lap(`cells ${cells.length}`);
  process.stdout.write(`${offences.length}\n${offences.slice(0, 60).join('\n')}\n`);
  if (process.env.NOTALES) { await matrix.close(); return; }
  const tales = [];
  for (const name of m.names(matrix).filter((n) => !n.endsWith('.*'))) tales.push(...await m.tellTales(matrix, name));
  lap('tales');
  process.stdout.write(`${tales.length}\n${tales.slice(0, 90).join('\n')}\n`);
  await matrix.close();
}, 300000);
