import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { findingIn, forFinding, isAboutFinding } from '../../src/web/answer';
import { savedQueries } from '../../src/web/saved-queries';
import { type TestHub, testHub } from '../support/hub';
import { deliver, smallCity } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const schemaText = readFileSync(join(__dirname, '../../schema.graphql'), 'utf8');
const schema = buildSchema(schemaText, { assumeValid: true, assumeValidSDL: true });

describe.each(savedQueries)('$operation', ({ operation, query, variables, en, zh }) => {
  const document = parse(query);
  const [definition] = document.definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error(`${operation} does not begin with an operation`);

  test('is valid for the graph', () => {
    expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
  });

  test('its operation and tab have the same name', () => {
    expect(definition.name?.value).toBe(operation);
  });

  test('its variables are declared, and the required ones given', () => {
    const declared = definition.variableDefinitions ?? [];
    const required = declared.filter(({ type }) => type.kind === 'NonNullType');
    expect(declared.map(({ variable }) => variable.name.value)).toEqual(expect.arrayContaining(Object.keys(variables)));
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(required.map(({ variable }) => variable.name.value)));
  });

  test('has its title in both languages', () => {
    expect(en).toMatch(/[a-z]/);
    expect(zh).toMatch(/\p{Script=Han}/u);
  });
});

describe('a reader walks in a hub, with the token and purpose of the page', () => {
  let hub: TestHub;
  let shown: string;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    await hub.nightly();
  });
  afterAll(() => hub.close());

  /** Opens a saved query as the page does, behind the answer that is on the screen, and runs it. */
  async function open(operation: string, more: Record<string, unknown> = {}): Promise<Data> {
    const saved = savedQueries.find((one) => one.operation === operation);
    if (!saved) throw new Error(`${operation} is no saved query`);
    const finding = findingIn(shown);
    const variables = { ...(finding && isAboutFinding(saved) ? forFinding(saved, finding) : saved.variables), ...more };
    const answer = await hub.as({ officer: 'demo-reviewer' })(saved.query, variables);
    shown = JSON.stringify(answer);
    if (answer.errors) throw new Error(answer.errors.map(({ message }) => message).join());
    return answer.data;
  }

  test('every query that only reads answers as it stands, and of nobody’s finding says that there is none', async () => {
    for (const { operation, changes } of savedQueries) {
      shown = '';
      const { finding } = changes ? { finding: null } : await open(operation);
      expect(finding ?? null).toBeNull();
    }
  });

  test('from the list to one finding, to the records behind it, to who read that person, and to a decision', async () => {
    shown = '';
    const { findings } = await open('Findings', { rule: 'D1' });
    const { id } = findings.edges[0].node;
    const one = (await open('OneFinding')).finding;
    expect(one).toMatchObject({ id, version: 1, state: 'OPEN', history: { edges: [{ node: { act: 'FOUND' } }] } });
    const { evidence, person } = (await open('RecordsBehind')).finding;
    const behind = JSON.stringify(person);
    for (const { sourceId } of evidence.records) expect(behind).toContain(`"${sourceId}"`);
    const read = (await open('WhoReadThisPerson')).finding.person.accesses.edges.map(({ node }: Data) => node.officer);
    // The walk itself, and before it the cross-check, which names no officer.
    expect(read.slice(0, 3)).toEqual(['demo-reviewer', 'demo-reviewer', 'demo-reviewer']);
    expect(read.at(-1)).toBeNull();
    expect((await open('TakeUpFindings')).takeUpFindings).toEqual([{ id, state: 'UNDER_REVIEW', version: 2 }]);
    expect((await open('GiveBackFindings')).giveBackFindings).toEqual([{ id, state: 'OPEN', version: 3 }]);
    await open('TakeUpFindings');
    // Run as it was opened, without a reason, it decides nothing.
    await expect(open('DecideFindings')).rejects.toThrow(/A reason is required/);
    shown = JSON.stringify({ data: { finding: { id, version: 4 } } });
    const decided = { outcome: 'LEGITIMATE', reason: '经核实，死亡日期登记有误' };
    expect((await open('DecideFindings', decided)).decideFindings).toEqual([{ id, state: 'LEGITIMATE', version: 5 }]);
    expect((await open('OneFinding')).finding).toMatchObject({ decision: { ...decided, decidedBy: 'demo-reviewer' } });
  });
});

test('what changes something says so, is a mutation, and nothing else is', () => {
  for (const { query, changes, about } of savedQueries) {
    expect(/^mutation /m.test(query)).toBe(changes === true);
    expect(about.en.includes('run by hand')).toBe(changes === true);
  }
});
