import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {expect} from 'chai';
import type {Validation} from '../../src/core/contract.js';
import {DigestMismatch, MismatchError, type DownloadError} from '../../src/core/errors.js';
import {HttpDownload} from '../../src/download/http-download.js';
import type {DownloadResult} from '../../src/download/result.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import type {Answer} from '../../src/testing/answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {ContentTypeValidation} from '../../src/validation/content-type-validation.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {EmptyGuard} from '../../src/validation/empty-guard.js';
import {HtmlGuard} from '../../src/validation/html-guard.js';
import {LfsPointerGuard} from '../../src/validation/lfs-pointer-guard.js';
import {MagicValidation} from '../../src/validation/magic-validation.js';
import {ReprDigestValidation} from '../../src/validation/repr-digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';

const FILE = gzipSync(Buffer.alloc(300_000, 'content '));
const PAGE = Buffer.from(`<!doctype html><title>Sign in</title>${' '.repeat(3_000_000)}`);
const digestOf = (bytes: Uint8Array): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
const all = (enforced: boolean): Validation[] => [
  new ContentTypeValidation('application/gzip', {enforced}), new HtmlGuard({enforced}), new MagicValidation('gzip', {enforced}),
  new EmptyGuard({enforced}), new LfsPointerGuard({enforced}), new ReprDigestValidation({required: true, enforced}),
];

describe('Guards in a run', () => {
  const temp = useTempFolder();

  type End = DownloadResult | DownloadError;
  const fetch = async (answer: Answer, validations: Validation[], exists?: 'skip' | 'skip-if-same'): Promise<End> => {
    await using server = await ScriptedServer.start();
    server.on('/file', answer);
    const writer = new FileWriter(temp.join('file'), {exists});
    const download = new HttpDownload({url: server.url('/file'), writer, validations, retry: noRetry()});
    return await download.run().catch((error: unknown) => error as DownloadError);
  };

  it('accept the file, of which nothing is then hashed twice', async () => {
    const headers = {'Content-Type': 'application/gzip; x=1', 'Repr-Digest': digestOf(FILE)};
    expect(await fetch({body: FILE, headers}, all(true))).to.deep.include({outcome: 'fetched', warnings: []})
      .and.have.property('facts').that.has.keys('size', 'sha256');
    expect(await temp.read('file')).to.deep.equal(FILE);
  });

  for (const [what, answer, validation, bytes] of [
    ['a page by its type', {body: PAGE, headers: {'Content-Type': 'text/html'}}, new HtmlGuard(), 0],
    ['a type that is not wanted', {body: PAGE, headers: {'Content-Type': 'text/html'}}, new ContentTypeValidation('application/*'), 0],
    ['an announced empty file', {body: ''}, new EmptyGuard(), 0],
    ['an empty file of unknown length', {body: '', framing: 'chunked'}, new EmptyGuard(), 0],
    ['a page by its first bytes', {body: PAGE}, new HtmlGuard(), 200_000],
    ['another kind of file', {body: PAGE}, new MagicValidation('gzip'), 200_000],
    ['an LFS pointer', {body: 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'}, new LfsPointerGuard(), 200],
    ['a file that is not the promised one', {body: FILE, headers: {'Repr-Digest': digestOf(PAGE)}},
      new ReprDigestValidation(), FILE.length],
  ] as [string, Answer, Validation, number][]) {
    it(`refuse ${what} early, and leave the old file`, async () => {
      await temp.write('file', 'the old one');
      const error = await fetch(answer, [validation]) as DownloadError;
      expect(error).to.be.instanceOf(MismatchError).and.have.property('url').that.contains('/file');
      expect(error.attempts[0]?.bytes).to.be.at.most(bytes);
      expect((await temp.read('file')).toString()).to.equal('the old one');
      expect(await temp.list()).to.deep.equal(['file']);
    });
  }

  it('only warn when not enforced, each once', async () => {
    const headers = {'Content-Type': 'text/html', 'Repr-Digest': 'no'};
    const {outcome, warnings} = await fetch({body: '', headers}, all(false)) as DownloadResult;
    expect(outcome).to.equal('fetched');
    expect(warnings.map(({code}) => code).sort()).to.deep.equal(['MISMATCH', 'MISMATCH', 'MISMATCH', 'MISMATCH', 'VALIDATION_FAILED']);
    const page = await fetch({body: PAGE}, all(false)) as DownloadResult;
    expect(page.warnings.map(({message}) => message.replace(/,.*/, '')).sort()).to.deep.equal([
      'expected a Repr-Digest with sha-256 or sha-512', 'expected a file', 'expected a file of kind gzip']);
  });

  it('judge a file that is there already by its bytes', async () => {
    await temp.write('file', FILE);
    const guards = (): Validation[] =>
      [new HtmlGuard(), new MagicValidation('gzip'), new EmptyGuard(), new LfsPointerGuard(), new ReprDigestValidation()];
    expect(await fetch({body: 'x'}, guards(), 'skip')).to.include({outcome: 'kept'});
    // They only say what the bytes are not: whether it is the same file is another question.
    expect(await fetch({body: FILE}, guards(), 'skip-if-same')).to.include({outcome: 'fetched'});
    await temp.write('file', PAGE);
    expect(await fetch({body: FILE}, guards(), 'skip')).to.be.instanceOf(MismatchError);
    expect(await fetch({body: FILE}, guards(), 'skip-if-same')).to.include({outcome: 'fetched'});
    expect(await temp.read('file')).to.deep.equal(FILE);
  });

  it('never let the digest of the server take the place of the caller\'s', async () => {
    const body = Buffer.from('what a thief put there');
    const mine = new DigestValidation('sha256', createHash('sha256').update(FILE).digest('hex'));
    const headers = {'Repr-Digest': digestOf(body)};
    expect(await fetch({body, headers}, [new ReprDigestValidation(), mine])).to.be.instanceOf(DigestMismatch);
    const unproven = await fetch({body, framing: 'close', headers}, [new ReprDigestValidation({required: true})]);
    expect(unproven).to.have.property('code', 'INTERRUPTED');
  });
});
