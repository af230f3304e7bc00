/** The sample city: where its deliveries are, the key of its person keys, and the day its findings are told of. */
import path from 'node:path';

export const SAMPLE_KEY = Buffer.from('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex');
export const SAMPLE_DAY = '2026-06-30';
export const SAMPLE_CITY = path.join(__dirname, '../sample-city');
