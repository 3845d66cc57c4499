import type {Command} from 'commander';
import {parseCount} from '../flag-values.js';
import {Interruption} from '../interruption.js';
import {oneLine} from '../reporter.js';
import {messageOf} from '../../core/foreign-error.js';
import {locally, PLACE, withCatalogue, type PlaceFlags} from './catalogue-place.js';

interface ServeFlags extends PlaceFlags {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly open?: boolean | undefined;
}

const DEFAULT_PORT = 8090;

/** `jupiter catalogue serve`. */
export function addServe(catalogue: Command, finish: (code: number) => void): void {
  catalogue.command('serve').description('serve a catalogue over HTTP, with a page for people at /').option(...PLACE)
    .option('--port <N>', `0 is any free one (default: ${DEFAULT_PORT})`)
    .option('--host <ADDRESS>', 'the address to listen on (default: 127.0.0.1, so this machine only)')
    .option('--open', 'without tokens: everybody on this machine may do everything')
    .addHelpText('after', '\nWho may ask is said by tokens: jupiter catalogue token create NAME. The address is written to stdout.')
    .action(async (flags: ServeFlags) => { finish(await serve(flags)); });
}

/** Listens until a signal ends it. @returns the exit code */
async function serve(flags: ServeFlags): Promise<number> {
  const interruption = new Interruption();
  try {
    const code = await withCatalogue({command: 'serve', flags, env: process.env, makes: true}, async (place) => {
      const location = locally(place, 'serve');
      const {catalogueServer} = await import('../../catalogue/server/catalogue-server.js');
      const {TokenStore} = await import('../../catalogue/server/token-store.js');
      const tokens = flags.open === true ? undefined : await TokenStore.open(location);
      try {
        const port = flags.port === undefined ? DEFAULT_PORT : parseCount('--port', flags.port, 0);
        const server = await catalogueServer({
          catalogue: place.catalogue, tokens, unauthenticated: flags.open, host: flags.host, port,
          report: ({method, route, error}) => { process.stderr.write(`${method} ${route ?? '-'}: ${oneLine(messageOf(error))}\n`); },
        });
        process.stdout.write(`${server.url}\n`);
        await interruption.came();
        await server.close();
      } finally {
        await tokens?.close();
      }
    });
    return code === 0 ? interruption.exitCode ?? 0 : code;
  } finally {
    interruption.release();
  }
}
