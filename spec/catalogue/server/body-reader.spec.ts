import {expect} from 'chai';
import {Readable} from 'node:stream';
import {gzipSync} from 'node:zlib';
import {readBody} from '../../../src/catalogue/server/body-reader.js';
import type {Problem} from '../../../src/catalogue/server/problem.js';
import {partial} from '../facts.js';
import {useServed} from './served.js';

const GZIP = {'content-encoding': 'gzip'};

describe('readBody', () => {
  const whole = Buffer.from('{"a":1}');

  async function statusOf(chunks: readonly Uint8Array[], headers = {}, limit = 100): Promise<number> {
    try {
      await readBody(Readable.from(chunks), headers, limit);
      return 200;
    } catch (error) {
      return (error as Problem).body.status;
    }
  }

  it('reads what is plain and what is packed, in any pieces', async () => {
    expect(await readBody(Readable.from([whole.subarray(0, 2), whole.subarray(2)]), {}, 7)).to.deep.equal(whole);
    const packed = gzipSync(whole);
    expect(await readBody(Readable.from([...packed].map((byte) => Buffer.from([byte]))), GZIP, 100)).to.deep.equal(whole);
    expect(await readBody(Readable.from([packed]), {'content-encoding': ' X-GZIP '}, 100)).to.deep.equal(whole);
  });

  it('holds the limit, whatever content-length says', async () => {
    expect(await statusOf([whole], {}, 7)).to.equal(200);
    expect(await statusOf([whole], {}, 6)).to.equal(413);
    expect(await statusOf([], {'content-length': '101'})).to.equal(413);
    expect(await statusOf([gzipSync(Buffer.alloc(101))], GZIP)).to.equal(413);
    expect(await statusOf([gzipSync(Buffer.alloc(100))], GZIP)).to.equal(200);
    // Random bytes grow when they are packed.
    expect(await statusOf([Buffer.concat(Array.from({length: 6}, () => gzipSync(Buffer.alloc(0))))], GZIP)).to.equal(413);
  });

  it('stops a bomb long before it has gone off', async () => {
    let read = 0;
    // Much longer than what streams read ahead.
    const bomb = Buffer.concat(Array.from({length: 8}, () => gzipSync(Buffer.alloc(32 * 1024 * 1024))));
    const pieces = function* (): Generator<Buffer> {
      for (let at = 0; at < bomb.length; at += 1024) {
        read = at;
        yield bomb.subarray(at, at + 1024);
      }
    };
    const error = await readBody(Readable.from(pieces()), GZIP, 1024 * 1024).catch((thrown: unknown) => thrown as Problem);
    expect((error as Problem).body.status).to.equal(413);
    expect(read).to.be.lessThan(bomb.length / 2);
  });

  it('refuses what is no gzip, only its beginning, or in another encoding', async () => {
    expect(await statusOf([whole], GZIP)).to.equal(400);
    expect(await statusOf([gzipSync(whole).subarray(0, -4)], GZIP)).to.equal(400);
    expect(await statusOf([], GZIP)).to.equal(400);
    expect(await statusOf([whole], {'content-encoding': 'gzip, gzip'})).to.equal(415);
    expect(await statusOf([whole], {'content-encoding': 'deflate'})).to.equal(415);
  });
});

describe('bodies of a server', () => {
  const served = useServed();
  const {ask} = served;

  it('are taken packed, and refused when they are too large', async () => {
    await served.start({limits: {bodyBytes: 10_000}});
    const type = 'application/json';
    const body = gzipSync(JSON.stringify([partial('/linux', 'r0')]));
    expect((await ask('POST', '/releases/r1/facts?product=p', {body, type, headers: GZIP})).status).to.equal(200);
    for (const [large, headers] of [[gzipSync(Buffer.alloc(10_001, ' ')), GZIP], [Buffer.alloc(10_001, ' '), {}]] as const) {
      const reply = await ask('POST', '/releases/r1/facts', {body: large, type, headers});
      expect([reply.status, reply.body.code, reply.headers.connection]).to.deep.equal([413, 'BODY_TOO_LARGE', 'close']);
    }
    const broken = await ask('POST', '/releases/r1/facts', {body: 'no gzip', type, headers: GZIP});
    expect([broken.status, broken.body.code]).to.deep.equal([400, 'BAD_REQUEST']);
  });
});
