import {Command} from 'commander';
import {resolve} from 'node:path';
import {parseNamedDigest} from '../batch/json-list.js';
import type {ListItem} from '../batch/list-item.js';
import {TargetNames} from '../batch/target-names.js';
import {parseIntegrity, type NamedDigest} from '../core/digest.js';
import {misuse} from '../core/options.js';
import {originOf, plainUrl} from '../core/url.js';
import type {Download} from '../download/download.js';
import {foldersOf} from '../writer/folders.js';
import {StreamWriter} from '../writer/stream-writer.js';
import {checkTarget} from '../writer/target-check.js';
import {loadChecksums} from './checksum-source.js';
import {DownloadBuilder, type ItemNote} from './download-builder.js';
import {named} from './flag-values.js';
import {transfer, type Desk, type Work} from './transfer.js';
import {addTransferFlags, SECRETS_NOTE, type TransferFlags} from './transfer-flags.js';
import type {TransferSettings} from './transfer-settings.js';

interface GetFlags extends TransferFlags {
  readonly output?: string | undefined;
  readonly digest?: string | undefined;
  readonly integrity?: string | undefined;
}

/** `jupiter get`: fetches the addresses named. @param finish takes the exit code */
export function getCommand(finish: (code: number) => void): Command {
  const command = new Command('get')
    .description('fetch files by their addresses, verified, whole or not at all')
    .argument('<URL...>', 'http or https')
    .option('-o, --output <FILE>', 'the file to write; - is stdout (bytes are passed on before the digest is known)')
    .option('--digest <ALG:HEX>', 'the digest that the file must have: sha256:…, also as base64')
    .option('--integrity <SRI>', 'the same as a W3C integrity text: sha512-…');
  return addTransferFlags(command).addHelpText('after', `\n${SECRETS_NOTE}`)
    .action(async (urls: string[], flags: GetFlags) => {
      const toStdout = flags.output === '-';
      finish(await transfer({name: 'jupiter get', flags, mayAsk: true, toStdout, plan: (desk) => planGet(urls, flags, desk)}));
    });
}

async function planGet(urls: readonly string[], flags: GetFlags, desk: Desk): Promise<Work> {
  const {settings, context} = desk;
  refuseContradictions(urls, flags);
  const digests = digestsOf(flags);
  const home = originOf(plainUrl('url', urls[0] ?? '').href);
  const checksums = await loadChecksums(settings.checksums, home, desk);
  const builder = new DownloadBuilder(settings, {context, checksums});
  if (flags.output === '-') {
    const writer = new StreamWriter(process.stdout, {end: false});
    return {downloads: [builder.build({url: urls[0] ?? '', digests}, writer, 1)], expected: 1, single: true};
  }
  const names = new TargetNames();
  const downloads: Download<ItemNote>[] = [];
  for (const [at, url] of urls.entries()) {
    downloads.push(await planFile({url, digests}, at + 1, {flags, desk, builder, names}));
  }
  return {downloads, expected: downloads.length, single: downloads.length === 1};
}

interface Planning {
  readonly flags: GetFlags;
  readonly desk: Desk;
  readonly builder: DownloadBuilder;
  readonly names: TargetNames;
}

async function planFile(item: ListItem, number: number, {flags, desk, builder, names}: Planning): Promise<Download<ItemNote>> {
  const {settings, context} = desk;
  const root = flags.output === undefined ? settings.folder : undefined;
  // The address is looked at first: a bad one has no name either.
  plainUrl('url', item.url);
  const path = flags.output === undefined ? builder.pathOf(item) : resolve(flags.output);
  const writer = named('--output', () => builder.fileWriter(flags.output ?? path, root));
  const download = builder.build(item, writer, number, path);
  if (settings.exists !== 'rename') names.claim(path, number);
  await checkTarget(foldersOf(context, undefined), path, root);
  return download;
}

function digestsOf({digest, integrity}: GetFlags): NamedDigest[] {
  if (digest !== undefined) return [named('--digest', () => parseNamedDigest(digest))];
  return integrity === undefined ? [] : named('--integrity', () => parseIntegrity(integrity));
}

function refuseContradictions(urls: readonly string[], flags: GetFlags): void {
  const several = urls.length > 1 ? `${urls.length} addresses` : undefined;
  const pairs: readonly (readonly [flag: string, given: boolean, other: string, clash: boolean])[] = [
    ['--output', flags.output !== undefined, several ?? '', several !== undefined],
    ['--digest', flags.digest !== undefined, several ?? '', several !== undefined],
    ['--integrity', flags.integrity !== undefined, several ?? '', several !== undefined],
    ['--output', flags.output !== undefined, '--dir', flags.dir !== undefined],
    ['--digest', flags.digest !== undefined, '--integrity', flags.integrity !== undefined],
    ['--digest', flags.digest !== undefined, '--checksums', flags.checksums !== undefined],
    ['--integrity', flags.integrity !== undefined, '--checksums', flags.checksums !== undefined],
    ['--output -', flags.output === '-', '--json', flags.json === true],
    ['--output -', flags.output === '-', '--exists', flags.exists !== undefined],
    ['--output -', flags.output === '-', '--durability', flags.durability !== undefined],
  ];
  for (const [flag, given, other, clash] of pairs) {
    if (!given || !clash) continue;
    throw new TypeError(`${flag}: expected ${other === several ? `one address, got ${other}` : `no ${other} beside it, got both`}`);
  }
  if (flags.output === '') throw misuse('--output', flags.output, 'a file, or - for stdout');
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
