import {Command} from 'commander';
import {resolve} from 'node:path';
import type {ListItem} from '../batch/list-item.js';
import {TargetNames} from '../batch/target-names.js';
import {addressId} from '../core/address-id.js';
import {show} from '../core/redact.js';
import {originOf, plainUrl} from '../core/url.js';
import type {Receipt} from '../delegate/receipt.js';
import type {Download} from '../download/download.js';
import {foldersOf} from '../writer/folders.js';
import {StreamWriter} from '../writer/stream-writer.js';
import {checkTarget} from '../writer/target-check.js';
import {loadChecksums} from './checksum-source.js';
import {DownloadBuilder, type ItemNote} from './download-builder.js';
import {named} from './flag-values.js';
import {digestsOf, refuseContradictions, type GetFlags} from './get-flags.js';
import {addNote} from './help-note.js';
import {metalinkItems} from './metalink-items.js';
import {isAddress} from './named-source.js';
import {readReceipt, receiptPlan, receiptSheet} from './receipt-book.js';
import {transfer, type Desk, type Work} from './transfer.js';
import {addTransferFlags, SECRETS_NOTE} from './transfer-flags.js';
import {withoutSecrets, type TransferSettings} from './transfer-settings.js';

/** `jupiter get`: fetches the addresses named. @param finish takes the exit code */
export function getCommand(finish: (code: number) => void): Command {
  const command = new Command('get')
    .description('fetch files by their addresses, verified, whole or not at all')
    .argument('[URL...]', 'http or https')
    .option('-o, --output <FILE>', 'the file to write; - is stdout (bytes are passed on before the digest is known)')
    .option('--digest <ALG:HEX>', 'the digest that the file must have: sha256:…, also as base64')
    .option('--integrity <SRI>', 'the same as a W3C integrity text: sha512-…')
    .option('--metalink <URL-or-FILE>', 'fetch what a Metalink 4 document describes, from the mirrors that it names')
    .option('--allow-unverified', 'with --metalink: also where it has no digest that proves the file')
    .option('--if-changed', 'fetch only if the server has another version than --receipt FILE of the last run tells');
  return addNote(addTransferFlags(command), SECRETS_NOTE)
    .action(async (urls: string[], flags: GetFlags) => {
      const toStdout = flags.output === '-';
      const home = flags.metalink ?? urls[0];
      finish(await transfer({name: 'jupiter get', flags, home, mayAsk: true, toStdout, plan: (desk) => planGet(urls, flags, desk)}));
    });
}

async function planGet(urls: readonly string[], flags: GetFlags, desk: Desk): Promise<Work> {
  refuseContradictions(urls, flags);
  const {settings, context, preferences} = desk;
  const digests = digestsOf(flags);
  const home = homeOf(urls, flags, settings);
  const described = await metalinkItems(flags, home, desk);
  if (described !== undefined) refuseSeveral(described.length, flags);
  const items = described?.map(({item}) => item) ?? urls.map((url): ListItem => ({url}));
  const checksums = await loadChecksums(settings.checksums, home, desk);
  const earlier = settings.receipt === undefined ? undefined : await readReceipt(settings.receipt);
  const ifChanged = flags.ifChanged === true ? earlier?.version ?? undefined : undefined;
  const stranger = withoutSecrets(settings);
  const names = new TargetNames(described === undefined ? 'addresses' : 'files');
  let builder: DownloadBuilder | undefined;
  const downloads: Download<ItemNote>[] = [];
  for (const [at, item] of items.entries()) {
    const {delegate, extras} = described?.[at] ?? {};
    // The addresses of a metalink are its author's: what is meant for one origin is told to no other.
    const own = described === undefined || originOf(plainUrl('url', item.url).href) === home;
    if (described !== undefined || builder === undefined) {
      builder = new DownloadBuilder(own ? settings : stranger, {context, preferences, checksums, ...extras, ifChanged});
    }
    const download = await planItem({...item, digests}, at + 1, {flags, desk, names, builder});
    delegate?.attach(download);
    downloads.push(download);
  }
  const work: Work = {downloads, expected: downloads.length, single: downloads.length === 1, tellsPaths: true};
  if (settings.receipt === undefined || downloads[0] === undefined) return work;
  const receipts = receiptSheet(settings.receipt, receiptPlan(settings), versionAt(earlier, downloads[0], flags) ?? undefined);
  return {...work, receipts: receipts.delegate, close: () => receipts.close()};
}

interface Planning {
  readonly flags: GetFlags;
  readonly desk: Desk;
  readonly builder: DownloadBuilder;
  readonly names: TargetNames;
}

/** The origin that logins and headers are for; undefined: there is none. @throws TypeError */
function homeOf(urls: readonly string[], {metalink}: GetFlags, {bound: [flag]}: TransferSettings): string | undefined {
  const address = metalink ?? urls[0] ?? '';
  if (metalink === undefined || isAddress(metalink)) return originOf(plainUrl('url', address).href);
  if (flag !== undefined) throw new TypeError(`${flag}: expected an address whose origin it is for, got a metalink file`);
  return undefined;
}

async function planItem(item: ListItem, number: number, {flags, desk, builder, names}: Planning): Promise<Download<ItemNote>> {
  // The address is looked at first: a bad one has no name either.
  plainUrl('url', item.url);
  if (flags.output === '-') return builder.build(item, new StreamWriter(process.stdout, {end: false}), number);
  const {settings, context} = desk;
  const root = flags.output === undefined ? settings.folder : undefined;
  const path = flags.output === undefined ? builder.pathOf(item) : resolve(flags.output);
  if (path === settings.receipt) throw new TypeError('--receipt: expected another file than the one that is fetched');
  const writer = named('--output', () => builder.fileWriter(flags.output ?? path, root));
  const download = await builder.build(item, writer, number, path);
  if (settings.exists !== 'rename') names.claim(path, number);
  await checkTarget(foldersOf(context, undefined), path, root);
  return download;
}

/** What can be asked only of one file is asked of a document that describes several. */
function refuseSeveral(count: number, flags: GetFlags): void {
  for (const flag of ['output', 'digest', 'integrity', 'receipt'] as const) {
    if (count > 1 && flags[flag] !== undefined) throw new TypeError(`--${flag}: expected a metalink of one file, got one of ${count}`);
  }
}

/** The version that an earlier receipt names, if it is of this download. @throws TypeError when `--if-changed` relies on it */
function versionAt(earlier: Receipt | undefined, download: Download<ItemNote>, {ifChanged}: GetFlags): Receipt['version'] | undefined {
  if (earlier === undefined) return undefined;
  const path = (download.writer as {path?: string}).path ?? null;
  const same = earlier.address === addressId(download.originalUrl);
  if (same && earlier.path === path) return earlier.version;
  if (ifChanged !== true) return undefined;
  const other = same ? `for ${show(earlier.path ?? '')}` : `of ${show(earlier.url)}`;
  throw new TypeError(`--if-changed: expected a receipt of this address and file, got one ${other}`);
}
