import type {Command} from 'commander';
import type {Catalogue} from '../../catalogue/catalogue.js';
import {SCOPES, type Scope} from '../../catalogue/server/scope.js';
import type {NewTokenOptions, TokenRecord, TokenStore} from '../../catalogue/server/token-store.js';
import {misuse} from '../../core/options.js';
import {parseCount} from '../flag-values.js';
import {repeatable} from '../help-note.js';
import {atDesk, type Desk} from './catalogue-desk.js';
import {inPlace, LOCAL_PLACE, locally, withCatalogue, type PlaceFlags} from './catalogue-place.js';
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
  catalogue.command('prune').description('drop the documents of old versions; the rows of the history stay').option(...LOCAL_PLACE)
    .option('--older-than <DAYS>', 'younger ones stay (default: 90)')
    .option('--keep <N>', 'so many newest versions of each part stay (default: 10)')
    .action(async (flags: UpkeepFlags) => {
      finish(await withCatalogue('prune', {flags, env: process.env}, async (place, {print}) => {
        locally(place, 'prune');
        const {olderThan, keep} = flags;
        const {bodies, requests} = await (place.catalogue as Catalogue).prune({
          olderThan: olderThan === undefined ? undefined : parseCount('--older-than', olderThan, 0) * DAY,
          keep: keep === undefined ? undefined : parseCount('--keep', keep, 1),
        });
        await print(`dropped ${bodies} documents and ${requests} remembered requests`);
      }));
    });
  const token = catalogue.command('token').description('the tokens of a server: create, list, revoke');
  token.command('create').description('make a token and print it; it is shown this once').argument('<NAME>', 'who will have it').option(...LOCAL_PLACE)
    .addOption(repeatable('--scope <SCOPE>', `${SCOPES.join(', ')}; each includes those before it`, 'publish'))
    .option('--days <N>', 'how long it holds (default: for ever)')
    .action(async (name: string, flags: UpkeepFlags) => {
      finish(await atDesk('token create', async (desk) => {
        const expires = flags.days === undefined ? undefined : Date.now() + parseCount('--days', flags.days, 1) * DAY;
        const scopes = scopesOf(flags.scope);
        await withTokens(flags, (tokens) => createToken(tokens, {name, scopes, expires}, desk), true);
      }));
    });
  token.command('list').description('the tokens there are; not what they are').option(...LOCAL_PLACE)
    .action(async (flags: UpkeepFlags) => {
      finish(await atDesk('token list', ({print}) => withTokens(flags, async (tokens) => {
        for (const line of textTable(['id', 'name', 'scopes', 'made', 'state'], (await tokens.list()).map(rowOf))) await print(line);
      })));
    });
  token.command('revoke').description('end a token').argument('<ID>', 'as list shows it').option(...LOCAL_PLACE)
    .action(async (id: string, flags: UpkeepFlags) => {
      finish(await atDesk('token revoke', ({print}) => withTokens(flags, async (tokens) => {
        if (!await tokens.revoke(id)) throw misuse('ID', id, 'the id of a token that holds (jupiter catalogue token list)');
        await print(`revoked ${id}`);
      })));
    });
}

async function withTokens(flags: UpkeepFlags, work: (tokens: TokenStore) => Promise<void>, makes = false): Promise<void> {
  await inPlace({flags, env: process.env, makes}, async (place) => {
    const {TokenStore: Store} = await import('../../catalogue/server/token-store.js');
    const tokens = await Store.open(locally(place, 'look after its tokens'));
    try {
      await work(tokens);
    } finally {
      await tokens.close();
    }
  });
}

/** Nobody will ever know a token that could not be printed, so it must not hold. */
async function createToken(tokens: TokenStore, options: NewTokenOptions, {print, say}: Desk): Promise<void> {
  const {id, name, scopes, token} = await tokens.create(options);
  try {
    await print(token.reveal());
  } catch (fault) {
    const revoked = await tokens.revoke(id).catch(() => false);
    say(`token ${id} ${revoked ? 'is revoked, as it could not be printed' : `could not be printed: jupiter catalogue token revoke ${id}`}`);
    throw fault;
  }
  process.stderr.write(`token ${id} of ${name}: ${scopes.join(', ')}\n`);
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
