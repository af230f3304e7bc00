import * as m from './attack-matrix';
test('try', async () => {
  const matrix = await m.openMatrix();
  const { person } = matrix.city.known;
  const q = async (body: string) => process.stdout.write(`${body}\n   ${(await matrix.counter.ask(m.GRANTED, { query: body })).text.replace(/,"extensions":\{"receipt.*/, '')}\n`);
  await q(`{ person(id: "${person}") { id deaths { deathDate } aliveOn(date: "2026-01-01") } }`);
  for (const alias of ['id: name', 'keys: name', 'keys: idNumber', 'id: idNumber', 'registeredNames: name', 'registeredActive: name', 'id: household { sourceId }', 'keys: household { sourceId }', 'id: claims(first: 5) { edges { node { sourceId } } }'])
    await q(`{ person(id: "${person}") { ${alias} deaths { deathDate } aliveOn(date: "2026-01-01") } }`);
  await q(`{ deathChanges(first: 5) { changes { record { id: deathDate person { id: name keys: idNumber deaths { deathDate } } } } } }`);
  await q(`{ deathChanges(first: 5) { changes { record { person: sourceId p: person { name } } } } }`);
  await q(`{ claim(sourceId: "CANARY-CLAIM-SOURCE") { sourceId: name lines(first: 5) { edges { node { sourceId } } } } }`);
  await q(`{ claim(sourceId: "CANARY-CLAIM-SOURCE") { person: name accountOwner: person { id: name } } }`);
  await q(`{ finding(id: "${matrix.city.known.finding}") { person { id: name } } }`);
  process.stdout.write(matrix.hub.reported.map(String).join('\n'));
  await matrix.close();
}, 300000);
