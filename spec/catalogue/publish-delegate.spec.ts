import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import {Outbox} from '../../src/catalogue/client/outbox.js';
import {StoreFault} from '../../src/catalogue/catalogue-errors.js';
import {PublishDelegate, type PublishDelegateOptions, type PublishedFile} from '../../src/catalogue/publish-delegate.js';
import type {ReleaseCatalogue} from '../../src/catalogue/contract.js';
import {Event} from '../../src/core/event.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {NullWriter} from '../../src/writer/null-writer.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useTempFolder} from '../../src/testing/index.js';
import {rejection} from '../support/rejection.js';
import {useWire} from '../support/wire.js';
import {ELMER} from './facts.js';

const BODY = 'hello';
const digest = (algorithm: string): string => createHash(algorithm).update(BODY).digest('hex');

describe('PublishDelegate', () => {
  const wire = useWire();
  const folder = useTempFolder();
  let catalogue: Catalogue;
  beforeEach(async () => {
    wire.server.on('*', {body: BODY});
    catalogue = await Catalogue.open(folder.join('catalogue.db'));
    await catalogue.create('r', {product: 'mirror', hashFunction: 'sha256'}, ELMER);
  });
  afterEach(() => catalogue.close());

  const delegate = (options: Partial<PublishDelegateOptions> = {}): PublishDelegate =>
    new PublishDelegate({catalogue, release: 'r', path: '/a', ...ELMER, ...options});
  const download = (path: string, one: PublishDelegate, options: Partial<HttpDownloadOptions> = {}): HttpDownload => {
    const made = new HttpDownload({url: wire.server.url(path), writer: new NullWriter(), context: wire.context, ...options});
    one.attach(made);
    return made;
  };
  const documents = async (): Promise<unknown> => Object.fromEntries((await catalogue.get('r')).parts.map(({path, document}) => [path, document]));
  /** Away. */
  const broken: Pick<ReleaseCatalogue, 'get' | 'publish'> = {
    get: () => Promise.reject(new StoreFault('away')), publish: () => Promise.reject(new StoreFault('away')),
  };

  it('publishes each file that was fetched, with the digest that the release wants', async () => {
    const one = delegate({path: ({name}) => `/${name.slice(0, 1)}`});
    for (const name of ['a1', 'a2', 'b%20c']) {
      const {warnings, facts} = await download(`/pool/${name}`, one).run();
      expect([warnings, facts]).to.deep.equal([[], {size: 5, sha256: digest('sha256')}]);
    }
    const fact = (name: string, key = name): object => ({key, digest: digest('sha256'), size: 5, url: wire.server.url(`/pool/${name}`)});
    expect(await documents()).to.deep.equal({'/a': {completes: [fact('a1'), fact('a2')]}, '/b': {completes: [fact('b%20c', 'b c')]}});
    expect((await catalogue.changes({after: 1})).map(({actor, operation}) => `${actor} ${operation}`)).to.deep.equal(Array(3).fill('elmer publish'));
  });

  it('takes key, from and kind as texts or functions', async () => {
    await download('/f', delegate({key: 'pool/f', kind: 'source'})).run();
    await download('/f', delegate({from: ({event}) => `r${event.facts.size}`})).run();
    expect(await documents()).to.have.nested.property('/a.facts[0]').that.includes({kind: 'source', key: 'pool/f'});
    expect(await documents()).to.have.nested.property('/a.partials[0]').that.includes({from: 'r5'});
  });

  it('publishes what a function makes of the file, one, many or none', async () => {
    const seen: PublishedFile[] = [];
    const factOf: PublishDelegateOptions['factOf'] = (file) => {
      seen.push(file);
      const {name, size, digest: hex = ''} = file;
      const fact = {path: '/x', kind: 'complete', key: name, digest: hex, size};
      return name === 'none' ? undefined : name === 'two' ? [fact, {...fact, key: 'more'}] : fact;
    };
    const one = delegate({path: undefined, factOf});
    for (const name of ['one', 'two', 'none']) expect((await download(`/${name}`, one).run()).warnings).to.deep.equal([]);
    const known = ['one', 'two', 'none'].map((name) => [name, 5, digest('sha256')]);
    expect(seen.map(({name, size, digest: hex}) => [name, size, hex])).to.deep.equal(known);
    expect(JSON.stringify(await documents()).match(/"key":"\w+"/g)).to.deep.equal(['"key":"one"', '"key":"two"', '"key":"more"']);
  });

  it('notes an address without logins, signatures and secrets', async () => {
    const {host} = new URL(wire.server.origin);
    const addresses: [string, string][] = [
      [`http://elmer:planted@${host}/f#planted`, '/f'], [wire.server.url('/f?v=2&X-Amz-Signature=planted&X-Amz-Date=1&Expires=9'), '/f?v=2'],
      [wire.server.url('/f?api_key=planted&lang=de'), '/f?lang=de'], [wire.server.url(`/f?x=${'planted'.repeat(9)}`), '/f'],
    ];
    for (const [at, [url]] of addresses.entries()) {
      expect((await download('/f', delegate({key: `k${at}`}), {url}).run()).warnings).to.deep.equal([]);
    }
    const {completes} = (await catalogue.getPart('r', '/a')).document as unknown as {completes: {url: string}[]};
    expect(completes.map(({url}) => url)).to.deep.equal(addresses.map(([, path]) => wire.server.url(path)));
  });

  it('makes the release when told how, and asks for its digest', async () => {
    const create = {product: 'mirror', hashFunction: 'md5'};
    await download('/f', delegate({release: 'new', create})).run();
    expect((await catalogue.getPart('new', '/a')).document).to.have.nested.property('completes[0].digest', digest('md5'));
  });

  it('asks the catalogue once, or never when the hash function is given', async () => {
    let asked = 0;
    const counting = {publish: catalogue.publish.bind(catalogue), get: (name: string) => {
      asked++;
      return catalogue.get(name);
    }};
    const one = delegate({catalogue: counting});
    for (const path of ['/f', '/g']) await download(path, one).run();
    expect(asked).to.equal(1);
    expect((await download('/h', delegate({catalogue: counting, hashFunction: 'SHA-256'})).run()).warnings).to.deep.equal([]);
    expect(asked).to.equal(1);
  });

  it('makes a publication that fails a warning: the file is there', async () => {
    const {warnings, outcome} = await download('/f', delegate({catalogue: broken})).run();
    expect(outcome).to.equal('fetched');
    expect(warnings.map(({code, cause}) => [code, (cause as StoreFault).code])).to.deep.equal([['HANDLER_FAILED', 'STORE_FAULT']]);
    await download('/f', delegate({key: 'taken'})).run();
    wire.server.on('*', {body: 'other'});
    const conflict = await download('/f', delegate({key: 'taken'})).run();
    expect(conflict.warnings.map(({cause}) => (cause as StoreFault).code)).to.deep.equal(['MERGE_CONFLICT']);
  });

  it('fails before a byte moves when the release is required and can\'t be published to', async () => {
    const requests = (): number => wire.server.requests.length;
    const cases: [Partial<PublishDelegateOptions>, string][] = [
      [{catalogue: broken}, 'STORE_FAULT'], [{release: 'none'}, 'UNKNOWN_RELEASE'], [{}, 'READ_ONLY_RELEASE'],
    ];
    await catalogue.setReadOnly('r', true, {...ELMER, ifVersion: 'any'});
    for (const [options, code] of cases) {
      const error = await rejection(download('/f', delegate({...options, required: true})).run());
      expect(error.cause).to.include({code});
      expect(requests()).to.equal(0);
    }
    expect((await download('/f', delegate({release: 'none', required: true, create: {product: 'x'}})).run()).warnings).to.deep.equal([]);
  });

  it('gives what can\'t be published to the outbox, which sends it later', async () => {
    let away = true;
    const coming = {
      get: broken.get, publish: (...asked: Parameters<Catalogue['publish']>) => (away ? broken : catalogue).publish(...asked),
    };
    await using outbox = await Outbox.open({path: folder.join('outbox.jsonl'), catalogue: coming, clock: wire.clock});
    const one = delegate({catalogue: coming, outbox, hashFunction: 'sha256'});
    for (const path of ['/f', '/g']) expect((await download(path, one).run()).warnings).to.deep.equal([]);
    expect(await documents()).to.deep.equal({});
    away = false;
    expect(await outbox.send()).to.include({sent: 2});
    expect(await documents()).to.have.nested.property('/a.completes').with.length(2);
  });

  it('says nothing of a file that was there already, unless asked to', async () => {
    const path = await folder.write('f', BODY);
    const options = {writer: new FileWriter(path, {exists: 'skip'})};
    expect(await download('/f', delegate(), options).run()).to.deep.include({outcome: 'kept', warnings: []});
    expect(await documents()).to.deep.equal({});
    const asked = download('/f', delegate({kept: true}), {writer: new FileWriter(path, {exists: 'skip'})});
    expect((await asked.run()).warnings).to.deep.equal([]);
    expect(await documents()).to.have.nested.property('/a.completes[0]').that.includes({key: 'f', digest: digest('sha256')});
    const settled = download('/f', delegate({kept: true, key: 'unread'}));
    settled.register(Event.PREPARED, (event) => { event.settle({facts: {size: 5}}); });
    expect((await settled.run()).warnings.map(({cause}) => (cause as StoreFault).code)).to.deep.equal(['INVALID_FACT']);
  });

  it('publishes nothing of a download that fails', async () => {
    wire.server.on('*', {status: 404});
    await rejection(download('/f', delegate()).run());
    expect(await documents()).to.deep.equal({});
  });

  it('refuses options by name', () => {
    const table: [object, string][] = [
      [{catalogue: {}}, 'publish.catalogue'], [{outbox: {}}, 'publish.outbox'], [{release: ''}, 'release:'], [{actor: ''}, 'actor:'],
      [{path: undefined}, 'either path or factOf'], [{factOf: () => undefined}, 'either path or factOf'], [{key: 'a', from: 'b'}, 'key or from'],
      [{path: undefined, factOf: () => undefined, kind: 'x'}, 'publish.kind'], [{hashFunction: 'none'}, 'none'],
      [{more: 1}, 'unknown option \'more\''],
    ];
    for (const [options, message] of table) expect(() => delegate(options)).to.throw(message);
  });
});
