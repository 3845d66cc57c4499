import type {Command} from 'commander';
import type {Catalogue} from '../../catalogue/catalogue.js';
import {SCOPES, type Scope} from '../../catalogue/server/scope.js';
import type {TokenRecord, TokenStore} from '../../catalogue/server/token-store.js';
import {misuse} from '../../core/options.js';
import {collect, parseCount} from '../flag-values.js';
import {locally, PLACE, withCatalogue, type Place, type PlaceFlags} from './catalogue-place.js';
import {textTable} from './text-table.js';

interface UpkeepFlags extends PlaceFlags {
  readonly olderThan?: string | undefined;
  readonly keep?: string | undefined;
  readonly scope: readonly string[];
  readonly days?: string | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

/** `jupiter catalogue prune` and `jupiter catalogue token create|list|revoke`: on the database itself. */
export function addUpkeep(catalogue: Command, finish: (code: number) => void): void {
  catalogue.command('prune').description('drop the documents of old versions; the rows of the history stay').option(...PLACE)
    .option('--older-than <DAYS>', 'younger ones stay (default: 90)')
    .option('--keep <N>', 'so many newest versions of each part stay (default: 10)')
    .action(async (flags: UpkeepFlags) => {
      finish(await withCatalogue({command: 'prune', flags, env: process.env}, async (place) => {
        locally(place, 'prune');
        const {olderThan, keep} = flags;
        const {bodies, requests} = await (place.catalogue as Catalogue).prune({
          olderThan: olderThan === undefined ? undefined : parseCount('--older-than', olderThan, 0) * DAY,
          keep: keep === undefined ? undefined : parseCount('--keep', keep, 1),
        });
        process.stdout.write(`dropped ${bodies} documents and ${requests} remembered requests\n`);
      }));
    });
  const token = catalogue.command('token').description('the tokens of a server: create, list, revoke');
  token.command('create').description('make a token and print it; it is shown this once').argument('<NAME>', 'who will have it').option(...PLACE)
    .option('--scope <SCOPE>', `${SCOPES.join(', ')}; each includes those before it; may be repeated (default: publish)`, collect, [])
    .option('--days <N>', 'how long it holds (default: for ever)')
    .action(async (name: string, flags: UpkeepFlags) => {
      finish(await withTokens('token create', flags, async (tokens) => {
        const expires = flags.days === undefined ? undefined : Date.now() + parseCount('--days', flags.days, 1) * DAY;
        const record = await tokens.create({name, scopes: scopesOf(flags.scope), expires});
        process.stdout.write(`${record.token.reveal()}\n`);
        process.stderr.write(`token ${record.id} of ${name}: ${record.scopes.join(', ')}\n`);
      }));
    });
  token.command('list').description('the tokens there are; not what they are').option(...PLACE)
    .action(async (flags: UpkeepFlags) => {
      finish(await withTokens('token list', flags, async (tokens) => {
        for (const line of textTable(['id', 'name', 'scopes', 'made', 'state'], (await tokens.list()).map(rowOf))) process.stdout.write(`${line}\n`);
      }));
    });
  token.command('revoke').description('end a token').argument('<ID>', 'as list shows it').option(...PLACE)
    .action(async (id: string, flags: UpkeepFlags) => {
      finish(await withTokens('token revoke', flags, async (tokens) => {
        if (!await tokens.revoke(id)) throw misuse('ID', id, 'the id of a token that holds (jupiter catalogue token list)');
        process.stdout.write(`revoked ${id}\n`);
      }));
    });
}

function withTokens(command: string, flags: UpkeepFlags, work: (tokens: TokenStore) => Promise<void>): Promise<number> {
  return withCatalogue({command, flags, env: process.env, makes: command === 'token create'}, async (place: Place) => {
    const {TokenStore: Store} = await import('../../catalogue/server/token-store.js');
    const tokens = await Store.open(locally(place, 'look after its tokens'));
    try {
      await work(tokens);
    } finally {
      await tokens.close();
    }
  });
}

function scopesOf(words: readonly string[]): readonly Scope[] {
  const bad = words.find((word) => !(SCOPES as readonly string[]).includes(word));
  if (bad !== undefined) throw misuse('--scope', bad, `one of ${SCOPES.join(', ')}`);
  return words.length === 0 ? ['publish'] : words as readonly Scope[];
}

function rowOf({id, name, scopes, created, expires, revoked}: TokenRecord): string[] {
  const until = expires === undefined ? 'holds' : expires <= Date.now() ? 'expired' : `holds until ${new Date(expires).toISOString()}`;
  return [id, name, scopes.join(', '), new Date(created).toISOString(), revoked === undefined ? until : `revoked ${new Date(revoked).toISOString()}`];
}
