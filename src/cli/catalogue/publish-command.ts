import {createReadStream} from 'node:fs';
import type {Command} from 'commander';
import {InvalidFact, UnknownRelease} from '../../catalogue/catalogue-errors.js';
import type {Fact, NewRelease, WriteResult} from '../../catalogue/contract.js';
import {readJson} from '../../catalogue/merge/json-reader.js';
import {messageOf} from '../../core/foreign-error.js';
import {parseCount} from '../flag-values.js';
import {repeatable} from '../help-note.js';
import {atDesk, type Remedy} from './catalogue-desk.js';
import {actorOf, inPlace, PLACE, TOKEN_FILE, type PlaceFlags} from './catalogue-place.js';

interface PublishFlags extends PlaceFlags {
  readonly fact: readonly string[];
  readonly actor?: string | undefined;
  readonly requestId?: string | undefined;
  readonly product?: string | undefined;
  readonly schema?: string | undefined;
  readonly hash?: string | undefined;
  readonly json?: boolean | undefined;
}

const MAKER = '--product NAME makes it';
/** Bytes of a list of facts. */
const MOST = 64 * 1024 * 1024;

/** `jupiter catalogue publish`. */
export function addPublish(catalogue: Command, finish: (code: number) => void): void {
  catalogue.command('publish').description('add facts to a release; all of them, or none')
    .argument('<RELEASE>', 'the name of the release')
    .argument('[FILE]', 'a JSON list of facts, or one fact a line; - is stdin')
    .option(...PLACE).option(...TOKEN_FILE)
    .addOption(repeatable('--fact <JSON>', 'one fact: {"path": "/linux/de", "kind": "complete", "key": …, "digest": …, "size": …}'))
    .option('--product <NAME>', 'makes the release when it doesn\'t exist')
    .option('--schema <N>', 'of a release that is made (default: 1)')
    .option('--hash <ALGORITHM>', 'of the digests of a release that is made (default: sha512)')
    .option('--actor <NAME>', 'who publishes, for the history (default: your name on this machine)')
    .option('--request-id <ID>', 'a repeat with the same id changes nothing')
    .option('--json', 'print the result as JSON')
    .action(async (release: string, file: string | undefined, flags: PublishFlags) => {
      finish(await atDesk('publish', async ({print}) => {
        const create = newRelease(flags);
        const facts = await factsOf(file, flags.fact);
        const use = {flags, env: process.env, makes: create !== undefined, maker: MAKER, patient: true};
        await inPlace(use, async ({catalogue: place}) => {
          const result = await place.publish(release, facts, {actor: actorOf(flags.actor), requestId: flags.requestId, create});
          await print(flags.json === true ? JSON.stringify(result) : summaryOf(result, facts.length));
        });
      }, remedyWith(flags)));
    });
}

function remedyWith({product, hash}: PublishFlags): Remedy {
  return (fault) => {
    if (fault instanceof UnknownRelease) return product === undefined ? MAKER : undefined;
    const isDigest = fault instanceof InvalidFact && fault.pointer?.endsWith('/digest') === true;
    return isDigest && product !== undefined && hash === undefined ? '--hash NAME makes a release with digests of another kind' : undefined;
  };
}

function newRelease({product, schema, hash}: PublishFlags): NewRelease | undefined {
  if (product === undefined && (schema !== undefined || hash !== undefined)) throw new TypeError('--schema, --hash: expected --product beside them');
  return product === undefined ? undefined
    : {product, schema: schema === undefined ? undefined : parseCount('--schema', schema, 1), hashFunction: hash};
}

async function factsOf(file: string | undefined, texts: readonly string[]): Promise<Fact[]> {
  if ((file === undefined) === (texts.length === 0)) throw new TypeError('FILE: expected a list of facts, or --fact, and not both');
  if (file === undefined) return texts.map((text) => parsed('--fact', text) as Fact);
  const text = await textOf(file);
  if (text.trimStart().startsWith('[')) return parsed(file, text) as Fact[];
  return text.split('\n').flatMap((line, at) => line.trim() === '' ? [] : [parsed(`${file}:${at + 1}`, line) as Fact]);
}

/** What it says; whether that is a fact, or a list of them, the catalogue judges. @throws TypeError naming the place */
function parsed(place: string, text: string): unknown {
  try {
    return readJson(text, {maxBytes: MOST});
  } catch (cause) {
    throw new TypeError(`${place}: expected JSON, got ${messageOf(cause)}`, {cause});
  }
}

async function textOf(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      chunks.push(chunk as Buffer);
      if ((size += (chunk as Buffer).byteLength) > MOST) throw new RangeError(`${file}: expected at most ${MOST} bytes of facts`);
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new TypeError(`${file}: expected a file that can be read, got ${(cause as NodeJS.ErrnoException).code ?? 'a fault'}`, {cause});
  }
  return Buffer.concat(chunks).toString('utf8');
}

function summaryOf({name, version, changes, merged, replayed}: WriteResult, count: number): string {
  const facts = `${count} ${count === 1 ? 'fact' : 'facts'}`;
  if (replayed) return `${name} version ${version}: this request was done before`;
  if (changes.length === 0) return `${name} version ${version}: ${facts}, all there already`;
  return `${name} version ${version}: ${facts} in ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}${merged ? ', merged with others\'' : ''}`;
}
