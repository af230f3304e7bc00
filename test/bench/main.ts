/**
 * `npm run bench [name…]`: every line of the table, or those named. One line per figure, those that explain them below; exit 1 when one is
 * short, 2 when a name is unknown.
 */
import './production';
import 'reflect-metadata';
import { run } from './run';

void run(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`)).then((code) => {
  process.exitCode = code;
});
