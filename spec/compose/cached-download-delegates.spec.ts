import {expect} from 'chai';
import {CachedDownload} from '../../src/compose/cached-download.js';
import {ContentStore} from '../../src/compose/content-store.js';
import {Batch} from '../../src/batch/batch.js';
import {MirrorsExhausted} from '../../src/core/errors.js';
import type {Delegate} from '../../src/core/event.js';
import {HeaderDelegate} from '../../src/delegate/header-delegate.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {TokenDelegate} from '../../src/delegate/token-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {patterned} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import type {BufferWriter} from '../../src/writer/buffer-writer.js';
import {useWire} from '../support/wire.js';
import {digestOf, flipped} from './stores.js';

const BYTES = patterned(200_000);
const SHA256 = digestOf(BYTES);

describe('CachedDownload and delegates', () => {
  const folder = useTempFolder();
  const wire = useWire();
  let store: ContentStore;
  beforeEach(() => {
    wire.server.on('/good/file', {body: BYTES, headers: {'Content-Type': 'text/x-file', 'ETag': '"1"'}})
      .on('/corrupt/file', {body: flipped(BYTES)})
      .on('/cut/file', (request) => ({body: BYTES, cutAt: request.nth === 1 ? 100_000 : undefined, headers: {ETag: '"1"'}, ranges: true}))
      .on('/mirrors', () => ({body: ['missing', 'corrupt', 'good'].map((name) => `${wire.server.url(`/${name}/`)}\n`).join('')}));
    store = new ContentStore({folder: folder.path});
  });

  const inner = (path: string, options: Partial<HttpDownloadOptions> = {}): HttpDownload =>
    new HttpDownload({url: wire.server.url(path), ...options});
  const around = (download: HttpDownload): CachedDownload =>
    new CachedDownload({download, store, context: wire.context, validations: [new DigestValidation('sha256', SHA256.hex)]});
  const paths = (): string[] => wire.server.requests.map(({path}) => path);

  for (const where of ['the composed download', 'the CachedDownload'] as const) {
    const attached = (download: HttpDownload, delegate: Delegate): CachedDownload => {
      const cached = around(download);
      delegate.attach(where === 'the CachedDownload' ? cached : download);
      return cached;
    };

    describe(`attached to ${where}`, () => {
      it('a MirrorDelegate goes from mirror to mirror, also when the digest is wrong', async () => {
        const cached = attached(inner('/missing/file', {retries: 0}), new MirrorDelegate({list: wire.server.url('/mirrors')}));
        expect(await cached.run()).to.have.property('from', 'source');
        expect((cached.writer as BufferWriter).content().equals(BYTES)).to.equal(true);
        const asked = paths().filter((path) => path !== '/mirrors');
        expect(asked[0]).to.equal('/missing/file');
        expect(asked.at(-1)).to.equal('/good/file');
        expect(asked).to.include('/corrupt/file');
      });

      it('a MirrorDelegate says when all have failed', async () => {
        const mirrors = [wire.server.url('/missing/'), wire.server.url('/corrupt/')];
        const error = await faultOf(attached(inner('/missing/file', {retries: 0}), new MirrorDelegate({mirrors})).run());
        expect(error).to.be.instanceOf(MirrorsExhausted);
        expect((error as MirrorsExhausted).errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND', 'DIGEST_MISMATCH']);
      });

      it('a TokenDelegate gets its token to the origin', async () => {
        wire.server.on('/private', ({headers}) => headers.authorization === 'Bearer t0k3n' ? {body: BYTES}
          : {status: 401, headers: {'WWW-Authenticate': 'Bearer realm="r"'}});
        let given = 0;
        const tokens = new TokenDelegate({provider: () => ++given === 1 ? 'stale' : 't0k3n'});
        expect(await attached(inner('/private'), tokens).run()).to.have.property('from', 'source');
        expect(wire.server.requests.map(({headers}) => headers.authorization)).to.deep.equal(['Bearer stale', 'Bearer t0k3n']);
      });
    });
  }

  it('a HeaderDelegate sees what the source said; from the store only what is known', async () => {
    const seen: Record<string, string>[] = [];
    for (let n = 0; n < 2; n++) {
      const headers: Record<string, string> = {};
      const cached = around(inner('/good/file'));
      new HeaderDelegate({setHeader: (name: string, value: string) => { headers[name] = value; }}).attach(cached);
      await cached.run();
      seen.push(headers);
    }
    expect(seen[0]).to.deep.include({'content-type': 'text/x-file'});
    expect(seen[1]).to.not.have.property('content-type');
  });

  it('retries of the composed download are its own: a cut costs the CachedDownload no attempt', async () => {
    const result = await around(inner('/cut/file')).run();
    expect(result.attempts).to.have.length(1);
    expect(result.upstream?.attempts.map(({error}) => error?.code)).to.deep.equal(['INTERRUPTED', undefined]);
  });

  it('a login in a mirror\'s address goes along', async () => {
    const cached = around(inner('/missing/file', {retries: 0}));
    const mirror = wire.server.url('/good/').replace('//', '//elmer:p%40ss%2525@');
    new MirrorDelegate({mirrors: [wire.server.url('/missing/'), mirror]}).attach(cached);
    await cached.run();
    expect(wire.server.requests.at(-1)?.headers.authorization).to.equal(`Basic ${Buffer.from('elmer:p@ss%25').toString('base64')}`);
  });

  it('a batch takes them like any other, on one Context', async () => {
    const downloads = Array.from({length: 30}, () => new CachedDownload({
      download: inner('/good/file'), store, validations: [new DigestValidation('sha256', SHA256.hex)],
    }));
    const from: (string | undefined)[] = [];
    const batch = new Batch(downloads, {backlog: 10, context: wire.context});
    for await (const plan of batch) from.push((await plan.result() as {from?: string}).from);
    expect(from.filter((one) => one === 'source')).to.have.length(1);
    expect(wire.server.requests).to.have.length(1);
  });

  it('nests: one store behind another', async () => {
    const near = new ContentStore({folder: folder.join('near')});
    const nested = (): CachedDownload => new CachedDownload({
      download: around(inner('/good/file')), store: near, validations: [new DigestValidation('sha256', SHA256.hex)],
    });
    await nested().run();
    await near.prune({maxBytes: 0});
    const second = await nested().run();
    expect([second.from, (second.upstream as {from?: string}).from]).to.deep.equal(['source', 'store']);
    expect(await nested().run()).to.have.property('from', 'store');
    expect(wire.server.requests).to.have.length(1);
  });
});
