import {parseNamedDigest} from '../batch/json-list.js';
import {parseIntegrity, type NamedDigest} from '../core/digest.js';
import {misuse} from '../core/options.js';
import {named} from './flag-values.js';
import type {TransferFlags} from './transfer-flags.js';
import type {TransferSettings} from './transfer-settings.js';

/** What `jupiter get` takes, as it was typed. */
export interface GetFlags extends TransferFlags {
  readonly output?: string | undefined;
  readonly digest?: string | undefined;
  readonly integrity?: string | undefined;
  readonly metalink?: string | undefined;
  readonly allowUnverified?: boolean | undefined;
  readonly ifChanged?: boolean | undefined;
}

/** The digests that `--digest` or `--integrity` demands. @throws TypeError, RangeError naming the flag */
export function digestsOf({digest, integrity}: GetFlags): NamedDigest[] {
  if (digest !== undefined) return [named('--digest', () => parseNamedDigest(digest))];
  return integrity === undefined ? [] : named('--integrity', () => parseIntegrity(integrity));
}

/** What can't be meant. @throws TypeError naming both flags */
export function refuseContradictions(urls: readonly string[], flags: GetFlags): void {
  const {output, digest, integrity, metalink, exists} = flags;
  const several = urls.length > 1 ? `${urls.length} addresses` : undefined;
  const toStdout = output === '-';
  const stale = exists === 'error' || exists === 'skip' || exists === 'rename';
  const one = (flag: string, given: boolean): Pair => [flag, given, several ?? '', several !== undefined];
  const pairs: readonly Pair[] = [
    one('--output', output !== undefined), one('--digest', digest !== undefined), one('--integrity', integrity !== undefined),
    one('--receipt', flags.receipt !== undefined),
    ['--output', output !== undefined, '--dir', flags.dir !== undefined],
    ['--digest', digest !== undefined, '--integrity', integrity !== undefined],
    ['--digest', digest !== undefined, '--checksums', flags.checksums !== undefined],
    ['--integrity', integrity !== undefined, '--checksums', flags.checksums !== undefined],
    ['--metalink', metalink !== undefined, '--mirror', flags.mirror.length > 0],
    ['--metalink', metalink !== undefined, '--if-changed', flags.ifChanged === true],
    ['--if-changed', flags.ifChanged === true, `--exists ${exists ?? ''}`, stale],
    ...(['json', 'exists', 'durability', 'resume', 'segments', 'ifChanged'] as const).map((flag): Pair =>
      ['--output -', toStdout, `--${flag === 'ifChanged' ? 'if-changed' : flag}`, flags[flag] !== undefined]),
  ];
  for (const [flag, given, other, clash] of pairs) {
    if (!given || !clash) continue;
    throw new TypeError(`${flag}: expected ${other === several ? `one address, got ${other}` : `no ${other} beside it, got both`}`);
  }
  refuseLonely(urls, flags);
  if (output === '') throw misuse('--output', output, 'a file, or - for stdout');
  if (several !== undefined) refuseFileMirrors(flags.mirror);
}

/** For several files, a mirror has to be a folder or a template. @throws TypeError */
export function refuseFileMirrors(mirrors: TransferSettings['mirrors'] | readonly string[]): void {
  for (const mirror of mirrors) {
    const url = typeof mirror === 'string' ? mirror : mirror.url;
    if (!url.endsWith('/') && !url.includes('{path}')) {
      throw misuse('--mirror', url, 'for several files, a folder ending in / or a template with {path}');
    }
  }
}

/** A flag, whether it is given, what it can't stand beside, and whether that is given. */
type Pair = readonly [flag: string, given: boolean, other: string, clash: boolean];

/** What is nothing without another one. */
function refuseLonely(urls: readonly string[], {metalink, allowUnverified, ifChanged, receipt}: GetFlags): void {
  if (urls.length === 0 && metalink === undefined) throw new TypeError('URL: expected an address, or --metalink; got none');
  if (urls.length > 0 && metalink !== undefined) throw new TypeError('--metalink: expected no address beside it, got both');
  const needed = (flag: string, other: string): TypeError => new TypeError(`${flag}: expected ${other} beside it, got none`);
  if (allowUnverified === true && metalink === undefined) throw needed('--allow-unverified', '--metalink');
  if (ifChanged === true && receipt === undefined) throw needed('--if-changed', '--receipt');
}
