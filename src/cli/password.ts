import {readFile} from 'node:fs/promises';
import {User} from '../core/settings.js';
import {fileFault} from './file-fault.js';
import type {Environment} from './proxy-environment.js';

/** Where a password may come from. */
export interface PasswordSources {
  /** `NAME` or `NAME:PASSWORD`. Process lists show arguments, so the short form is the safe one. */
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  readonly env: Environment;
  /** Asks a person, without echo; undefined when nobody is there, false when nobody is ever asked. */
  readonly ask: ((question: string) => Promise<string>) | undefined | false;
}

/**
 * Who asks: the password stands behind the name, or in `--password-file` (its first line), or in JUPITER_PASSWORD, or
 * is asked for, where the command may ask.
 *
 * @throws TypeError naming the flag, never showing the password
 */
export async function resolveUser({user, passwordFile, env, ask}: PasswordSources): Promise<User | undefined> {
  if (user === undefined) {
    if (passwordFile !== undefined) throw new TypeError('--password-file: expected --user NAME beside it, got none');
    return undefined;
  }
  const colon = user.indexOf(':');
  if (colon >= 0) {
    if (passwordFile !== undefined) throw new TypeError('--user: expected a name alone beside --password-file, got a password too');
    return new User({name: user.slice(0, colon), password: user.slice(colon + 1)});
  }
  if (passwordFile !== undefined) return new User({name: user, password: await readPassword(passwordFile)});
  const password = env.JUPITER_PASSWORD ?? (ask === false ? undefined : await ask?.(`Password for ${user}: `));
  if (password === undefined) {
    const sources = ask === false ? '--password-file or JUPITER_PASSWORD' : '--password-file, JUPITER_PASSWORD or a terminal';
    throw new TypeError(`--user: expected a password from ${sources}, got none`);
  }
  return new User({name: user, password});
}

async function readPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n[^]*$/, '');
  } catch (cause) {
    throw new TypeError(`--password-file: expected a readable file, ${path} is none: ${fileFault(cause)}`, {cause});
  }
}

/** Asks on the terminal without echo. Ctrl-C is a SIGINT as ever. @throws the signal's reason */
export function askTerminal(question: string, signal: AbortSignal): Promise<string> {
  const {stdin, stderr} = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      stdin.off('data', hear).pause();
      stdin.setRawMode(false);
      signal.removeEventListener('abort', leave);
      stderr.write('\n');
    };
    const leave = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const hear = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          end();
          resolve(typed);
          return;
        }
        if (character === '\u0003') process.kill(process.pid, 'SIGINT');
        else typed = character === '\u007f' || character === '\b' ? typed.slice(0, -1) : typed + character;
      }
    };
    signal.addEventListener('abort', leave, {once: true});
    stdin.on('data', hear).resume();
  });
}
