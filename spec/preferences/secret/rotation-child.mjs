/* A rotation for a process that is killed: node rotation-child.mjs DIST FILE. Says `begun`, and `done` with its report. */
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [dist, file] = process.argv.slice(2);
const {AesSecretBox, KeyRotation, openPreferenceStore} = await import(pathToFileURL(join(dist, 'preferences/index.js')).href);
const {SystemClock} = await import(pathToFileURL(join(dist, 'core/clock.js')).href);
const local = openPreferenceStore(file, {clock: new SystemClock(), random: Math.random});
const box = new AesSecretBox({keys: {a: Buffer.alloc(32, 7), b: Buffer.alloc(32, 8)}, current: 'b'});
await local.prepare();
console.log('begun');
const report = await new KeyRotation({local, box, batch: 2}).run();
await local.close();
console.log(`done ${JSON.stringify(report)}`);
