import {inspect} from 'node:util';
import {expect} from 'chai';
import got from 'got';
import {ConnectFailed, DownloadFailed} from '../../src/core/errors.js';
import {cleanCause, errorCode, messageOf} from '../../src/core/foreign-error.js';

const SECRET = 's3cr3t';
const showAll = (value: unknown): string => inspect(value, {showHidden: true, depth: 10});

describe('cleanCause', () => {
  it('keeps name, message, code and stack of a foreign error, redacted and harmless for a terminal', () => {
    const options = {password: SECRET};
    const foreign = Object.assign(new RangeError(`GET http://elmer:${SECRET}@h/ \u001b[31mfailed`), {code: 'ECONNRESET', options});
    const clean = cleanCause(foreign) as Error & {code: string};
    expect(clean).to.be.instanceOf(Error).and
      .to.include({name: 'RangeError', message: 'GET http://h/ \\u001b[31mfailed', code: 'ECONNRESET'});
    expect(clean.stack).to.include('foreign-error.spec').and.not.include('\u001b');
    expect(showAll(clean)).not.to.include(SECRET);
  });

  it('lets nothing through of the request that got hangs on its errors', async () => {
    const url = `http://elmer:${SECRET}@127.0.0.1:1/x?token=${SECRET}`;
    const headers = {authorization: `Bearer ${SECRET}`, 'x-api-key': SECRET};
    const foreign: unknown = await got(url, {headers, retry: {limit: 0}}).then(() => undefined, (error: unknown) => error);
    expect(showAll(foreign), 'got shows it').to.include(SECRET);
    expect(foreign).to.have.property('code', 'ECONNREFUSED');
    const error = new ConnectFailed('no connection', {cause: foreign, url});
    expect(error.cause).to.include({name: 'RequestError', code: 'ECONNREFUSED'});
    expect(showAll(error) + JSON.stringify(error)).not.to.include(SECRET);
  });

  it('cleans the causes of the cause, and ends in a circle of them', () => {
    const inner = new Error(`bearer ${SECRET}`);
    const outer = new Error('outer', {cause: inner});
    inner.cause = outer;
    const clean = cleanCause(outer) as Error;
    expect(clean).to.have.nested.property('cause.message', 'bearer ***');
    expect(inspect(clean, {depth: 50})).not.to.include(SECRET);
  });

  it('passes our own errors unchanged, and what it made before', () => {
    const ours = new DownloadFailed('ours');
    const clean = cleanCause(new Error('x'));
    expect([cleanCause(ours), cleanCause(clean)]).to.deep.equal([ours, clean]);
    expect(cleanCause(clean)).to.equal(clean);
  });

  it('is not fooled by a foreign error that looks like ours', () => {
    const lookalike = Object.assign(new Error('x'), {attempts: [], class: 'fatal', code: 'X', options: {password: SECRET}});
    expect(showAll(cleanCause(lookalike))).not.to.include(SECRET);
  });

  it('keeps nothing of thrown things that are no errors, but a text, redacted', () => {
    expect(cleanCause(`bearer ${SECRET} \u0007`)).to.equal('bearer *** \\u0007');
    expect(cleanCause({password: SECRET})).to.be.instanceOf(TypeError).and.to.have.property('message', 'thrown: object');
    expect(cleanCause(5)).to.have.property('message', 'thrown: number');
  });
});

describe('errorCode', () => {
  it('finds the first code in the chain of causes', () => {
    const inner = Object.assign(new Error('inner'), {code: 'ENOTFOUND'});
    expect(errorCode(new Error('outer', {cause: inner}))).to.equal('ENOTFOUND');
    expect(errorCode(Object.assign(new Error('outer', {cause: inner}), {code: 'EPIPE'}))).to.equal('EPIPE');
    expect(errorCode(Object.assign(new Error('outer', {cause: inner}), {code: ''}))).to.equal('ENOTFOUND');
    expect(errorCode(Object.assign(new Error('outer'), {code: 5}))).to.equal(undefined);
    expect(errorCode('EPIPE')).to.equal(undefined);
    const circle = new Error('a');
    circle.cause = circle;
    expect(errorCode(circle)).to.equal(undefined);
  });
});

describe('messageOf', () => {
  it('has a text for whatever was thrown', () => {
    expect([messageOf(new Error('x')), messageOf('y'), messageOf(undefined), messageOf(5)]).to.deep.equal(['x', 'y', 'undefined', '5']);
  });
});
