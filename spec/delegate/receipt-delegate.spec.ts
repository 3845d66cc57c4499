import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {addressId} from '../../src/core/address-id.js';
import {Context} from '../../src/core/context.js';
import {Cancelled, DigestMismatch, Interrupted, NotAuthorized, NotFound, ResumeRejected, Throttled, TimedOut} from '../../src/core/errors.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {ReceiptDelegate, type ReceiptDelegateOptions} from '../../src/delegate/receipt-delegate.js';
import {parseReceipt, type Receipt} from '../../src/delegate/receipt.js';
import {FakeDownload, type FakeDownloadOptions} from '../../src/testing/fake-download.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';

const hashOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
const SHA256 = hashOf('sha256', 'body');

describe('ReceiptDelegate', () => {
  let context: Context;
  let clock: TestClock;
  beforeEach(() => {
    clock = new TestClock({autoAdvance: true});
    context = new Context({clock, random: () => 0.5});
  });
  afterEach(async () => { await context.close(); });

  async function receiptOf(options: FakeDownloadOptions, more: Partial<ReceiptDelegateOptions> = {},
    prepare: (download: FakeDownload) => void = () => undefined): Promise<Receipt> {
    const receipts: Receipt[] = [];
    const download = new FakeDownload({context, script: [['body']], ...options});
    prepare(download);
    new ReceiptDelegate({write: (receipt) => { receipts.push(receipt); }, ...more}).attach(download);
    await download.run().catch(() => undefined);
    expect(receipts).to.have.length(1);
    // It is plain data: nothing is lost on the way through JSON.
    const [receipt] = receipts as [Receipt];
    expect(JSON.parse(JSON.stringify(receipt))).to.deep.equal(JSON.parse(JSON.stringify(parseReceipt(JSON.stringify(receipt)))));
    return receipt;
  }

  it('tells of a file fetched at once everything that there is', async () => {
    const url = 'http://host/a';
    const receipt = await receiptOf({url, script: [{chunks: ['bo', 'dy'], validators: {etag: '"1"'}}], retries: 3,
      validations: [new SizeValidation(4), new DigestValidation('sha256', SHA256)]}, {plan: {durability: 'none'}});
    const {hop} = receipt.version ?? {};
    expect(receipt).to.deep.equal({
      jupiter: 1, kind: 'receipt', url, address: addressId(url), path: null, outcome: 'fetched',
      plan: {retries: 3, resume: false, size: 4, digests: [{algorithm: 'sha256', accepted: [SHA256], by: 'caller'}], durability: 'none'},
      attempts: [{number: 1, source: url, offset: 0, bytes: 4, duration: 0, status: 200, hops: receipt.attempts[0]?.hops, error: null, next: null}],
      sources: [{url, attempts: 1, bytes: 4, faults: []}],
      validators: {etag: '"1"'}, version: {etag: '"1"', lastModified: undefined, hop, facts: {size: 4, sha256: SHA256}},
      size: 4, digests: {sha256: SHA256}, verified: 'strong', framing: 'length', durability: receipt.durability, unverifiedResume: false,
      timings: {began: clock.time(), total: 0, firstByte: 0}, warnings: [], error: null,
    });
  });

  it('says why each attempt was followed by another one', async () => {
    const cut = ['bo', new Interrupted('cut', 4, 2)];
    const {attempts, sources, timings} = await receiptOf({url: 'http://host/a', retries: 9, script: [
      new Throttled('busy', {status: 503}, {retryAt: clock.time() + 7000}), new TimedOut('read', 'slow'), new NotAuthorized('no', {status: 401}),
      {chunks: cut, validators: {etag: '"1"'}}, new ResumeRejected('another'), new DigestMismatch('x', 'md5', 'a', 'b'), ['body']]}, {},
    (download) => { download.register('error', (event) => { event.repaired = event.error.code === 'NOT_AUTHORIZED'; }); });
    expect(attempts.map(({number, next}) => [number, next?.why ?? null])).to.deep.equal([
      [1, 'retry-after'], [2, 'backoff'], [3, 'credentials'], [4, 'backoff'], [5, 'start-over'], [6, 'no-cache'], [7, null]]);
    expect(attempts[0]?.next?.delay).to.be.within(7000, 7700);
    expect(attempts[4]).to.deep.include({offset: 2, bytes: 0});
    expect(attempts[0]?.error).to.deep.equal({code: 'THROTTLED', class: 'throttled', message: 'busy'});
    expect(sources.map(({faults}) => faults.map(({code}) => code)))
      .to.deep.equal([['THROTTLED', 'TIMED_OUT', 'NOT_AUTHORIZED', 'INTERRUPTED', 'RESUME_REJECTED', 'DIGEST_MISMATCH']]);
    expect(timings.total).to.be.at.least(7000);
  });

  it('has each source with its faults', async () => {
    const {attempts, sources} = await receiptOf({url: 'http://host/a', script: [new NotFound('gone', {status: 404}), ['body']]}, {},
      (download) => { new MirrorDelegate({mirrors: ['http://one/a', 'http://two/a']}).attach(download); });
    expect(attempts.map(({next}) => next?.why ?? null)).to.deep.equal(['another-source', null]);
    expect(sources.map(({url, bytes, faults}) => [url, bytes, faults.length]).sort())
      .to.deep.equal([[attempts[0]?.source, 0, 1], [attempts[1]?.source, 4, 0]].sort());
  });

  it('grades what proves the bytes', async () => {
    const digest = (algorithm: string): DigestValidation => new DigestValidation(algorithm, hashOf(algorithm, 'body'));
    const graded = async (options: FakeDownloadOptions, prepare?: (download: FakeDownload) => void): Promise<string> =>
      (await receiptOf(options, {}, prepare)).verified;
    const told = {chunks: ['body'], headers: {'repr-digest': `sha-256=:${Buffer.from(SHA256, 'hex').toString('base64')}:`}};
    expect(await graded({})).to.equal('none');
    expect(await graded({validations: [new SizeValidation(4)]})).to.equal('size');
    expect(await graded({validations: [digest('md5'), new SizeValidation(4)]})).to.equal('weak');
    expect(await graded({validations: [digest('sha1')]})).to.equal('weak');
    expect(await graded({validations: [digest('sha1'), digest('sha512')]})).to.equal('strong');
    expect(await graded({validations: [digest('sha3-256')]})).to.equal('strong');
    expect(await graded({validations: [new DigestValidation('sha256', SHA256, {enforced: false})]})).to.equal('none');
    expect(await graded({script: [told]})).to.equal('weak');
    expect(await graded({script: [{...told, headers: {'repr-digest': `sha-256=:${'A'.repeat(43)}=:`}}]})).to.equal('none');
    // A digest that came in with the answer is the server's, whoever appended it.
    expect(await graded({}, (download) => { download.register('replied', () => { download.append(digest('sha256')); }); })).to.equal('weak');
    expect(await graded({validations: [new DigestValidation('sha256', '0'.repeat(64))]})).to.equal('none');
  });

  it('of a failure tells the error, and keeps the version that is still there', async () => {
    const earlier = {etag: '"0"', facts: {size: 3, sha256: '0'.repeat(64)}};
    const failed = await receiptOf({script: [new NotFound('gone', {status: 404})]}, {earlier});
    expect(failed).to.deep.include({outcome: 'failed', size: null, digests: {}, verified: 'none', version: earlier})
      .and.have.nested.property('error.code', 'NOT_FOUND');
    expect((await receiptOf({script: [new Cancelled()]})).outcome).to.equal('cancelled');
  });

  it('keeps the earlier version where no answer names one and the file is the same', async () => {
    const earlier = {etag: '"0"', facts: {size: 4, sha256: SHA256}};
    expect((await receiptOf({}, {earlier})).version).to.deep.equal(earlier);
    expect((await receiptOf({script: [['else']]}, {earlier})).version).to.equal(null);
    expect((await receiptOf({script: [{chunks: ['body'], validators: {etag: '"1"'}}]}, {earlier})).version?.etag).to.equal('"1"');
  });

  it('holds no secret', async () => {
    const receipt = await receiptOf({url: 'http://elmer:geheim@host/a?token=geheim#geheim', headers: {authorization: 'Bearer geheim', 'x-key': 'geheim'},
      script: [new NotFound('at http://u:geheim@x/?sig=geheim', {status: 404, headers: {'set-cookie': 'geheim'}, body: 'geheim'},
        {url: 'http://host/?key=geheim', cause: new Error('token=geheim')}), {chunks: ['body'], headers: {'set-cookie': 'geheim'}}]}, {},
    (download) => { new MirrorDelegate({mirrors: ['http://one:geheim@one/a?secret=geheim', 'http://two/a?sig=geheim']}).attach(download); });
    expect(JSON.stringify(receipt)).to.contain('http://two').and.not.contain('geheim');
  });

  it('makes a warning of what writing it throws, and refuses wrong options', async () => {
    const download = new FakeDownload({context, script: [['body']]});
    new ReceiptDelegate({write: () => { throw new Error('full'); }}).attach(download);
    expect((await download.run()).warnings.map(({message}) => message)).to.deep.equal(['succeeded: full']);
    expect(() => new ReceiptDelegate({} as never)).to.throw(TypeError, 'receipt.write: expected a function');
    expect(() => new ReceiptDelegate({write: () => undefined, file: 'x'} as never)).to.throw(TypeError, 'file');
  });

  it('is read again only when it is one', () => {
    for (const text of ['', 'null', '{}', '{"jupiter":2,"kind":"receipt","url":""}', '{"jupiter":1,"kind":"batch-journal"}']) {
      expect(() => parseReceipt(text), text).to.throw(TypeError, 'receipt: expected');
    }
  });
});
