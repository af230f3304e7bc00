/** The Dockerfile as a list of steps. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(__dirname, '../..');
export const DOCKERFILE = path.join(ROOT, 'docker/Dockerfile');

export interface Instruction {
  name: string;
  text: string;
}

export interface Stage {
  from: string;
  as: string;
  steps: readonly Instruction[];
}

/** Reads the Dockerfile: lines joined at their `\`, comments left out, stages told apart. */
export function readStages(): Stage[] {
  const text = readFileSync(DOCKERFILE, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ');
  const stages: { from: string; as: string; steps: Instruction[] }[] = [];
  for (const line of text.split('\n').filter((one) => one.trim())) {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) as unknown as [string, string, string];
    if (name === 'FROM') {
      const [, from, as = ''] = /^(\S+)(?: AS (\S+))?$/.exec(rest) as unknown as [string, string, string?];
      stages.push({ from, as, steps: [] });
    } else stages.at(-1)?.steps.push({ name, text: rest });
  }
  return stages;
}

/** What a COPY takes, from which stage (none: from the repository), and where it puts it. */
export function copyOf(text: string): { stage: string | undefined; from: string[]; to: string } {
  const words = text.split(/\s+/);
  const stage = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  return { stage, from: words.slice(0, -1), to: words.at(-1) as string };
}
