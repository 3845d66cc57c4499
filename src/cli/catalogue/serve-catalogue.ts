import type {Command} from 'commander';
import type {CatalogueServer} from '../../catalogue/server/catalogue-server.js';
import type {CatalogueServerOptions, ServerFault} from '../../catalogue/server/server-options.js';
import {messageOf} from '../../core/foreign-error.js';
import {misuse} from '../../core/options.js';
import {parsePort} from '../flag-values.js';
import {addNote} from '../help-note.js';
import {Interruption} from '../interruption.js';
import {oneLine} from '../reporter.js';
import {atDesk} from './catalogue-desk.js';
import {inPlace, LOCAL_PLACE, locally, type PlaceFlags} from './catalogue-place.js';

interface ServeFlags extends PlaceFlags {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly open?: boolean | undefined;
}

const DEFAULT_PORT = 8090;

const NOTE = 'Who may ask is said by tokens: jupiter catalogue token create NAME. The address is written to stdout.';

/** `jupiter catalogue serve`. */
export function addServe(catalogue: Command, finish: (code: number) => void): void {
  addNote(catalogue.command('serve'), NOTE).description('serve a catalogue over HTTP, with a page for people at /').option(...LOCAL_PLACE)
    .option('--port <N>', `0 is any free one (default: ${DEFAULT_PORT})`)
    .option('--host <ADDRESS>', 'the address to listen on (default: 127.0.0.1, so this machine only)')
    .option('--open', 'without tokens: everybody on this machine may do everything')
    .action(async (flags: ServeFlags) => { finish(await serve(flags)); });
}

/** Listens until a signal ends it. @returns the exit code */
async function serve(flags: ServeFlags): Promise<number> {
  const interruption = new Interruption();
  try {
    const code = await atDesk('serve', async ({print}) => {
      const settings = await settingsOf(flags);
      await inPlace({flags, env: process.env, makes: true}, async (place) => {
        const location = locally(place, 'serve');
        const {TokenStore} = await import('../../catalogue/server/token-store.js');
        const tokens = flags.open === true ? undefined : await TokenStore.open(location);
        try {
          const report = ({method, route, error}: ServerFault): void => {
            process.stderr.write(`${method} ${route ?? '-'}: ${oneLine(messageOf(error))}\n`);
          };
          const server = await listening({...settings, catalogue: place.catalogue, tokens, report});
          try {
            await print(server.url);
            await interruption.came();
          } finally {
            await server.close();
          }
        } finally {
          await tokens?.close();
        }
      });
    });
    return code === 0 ? interruption.exitCode ?? 0 : code;
  } finally {
    interruption.release();
  }
}

/** Checked before anything is made or opened. @throws TypeError, RangeError */
async function settingsOf({port, host, open}: ServeFlags): Promise<Pick<CatalogueServerOptions, 'port' | 'host' | 'unauthenticated'>> {
  const {isLoopback} = await import('../../catalogue/server/host-check.js');
  if (host === '') throw misuse('--host', host, 'an address of this machine');
  if (open === true && host !== undefined && !isLoopback(host)) {
    throw misuse('--host', host, 'an address that only this machine reaches, such as 127.0.0.1, beside --open');
  }
  return {port: port === undefined ? DEFAULT_PORT : parsePort('--port', port), host, unauthenticated: open};
}

async function listening(options: CatalogueServerOptions): Promise<CatalogueServer> {
  const {catalogueServer} = await import('../../catalogue/server/catalogue-server.js');
  try {
    return await catalogueServer(options);
  } catch (thrown) {
    // Everything else was checked: it is the address, and the cause says what is wrong with it.
    if (!(thrown instanceof TypeError) || thrown.cause === undefined) throw thrown;
    const {host = '127.0.0.1', port} = options;
    const got = `${host}:${port}: ${messageOf(thrown.cause)}`;
    throw new TypeError(`--port, --host: expected a free port of this machine, got ${got}`, {cause: thrown});
  }
}
