import {expect} from 'chai';
import {named, parseCount, parseDuration, parseHeaders, parsePort, parseSize, parseWord} from '../../src/cli/flag-values.js';

describe('flag values', () => {
  it('reads times; a bare number means seconds', () => {
    expect(['30s', '500ms', '2m', '1h', '7', '1.5', '0'].map((text) => parseDuration('--timeout', text)))
      .to.deep.equal([30_000, 500, 120_000, 3_600_000, 7000, 1500, 0]);
    for (const text of ['', 's', '-1s', '5 s', '1d', 'abc']) {
      expect(() => parseDuration('--timeout', text)).to.throw(TypeError, /^--timeout: expected a time such as/);
    }
  });

  it('reads sizes in powers of 1024', () => {
    expect(['0', '500', '500B', '10K', '10k', '10KB', '10KiB', '1.5M', '2 G', '1T'].map((text) => parseSize('--max-size', text)))
      .to.deep.equal([0, 500, 500, 10_240, 10_240, 10_240, 10_240, 1_572_864, 2 * 1024 ** 3, 1024 ** 4]);
    for (const text of ['', 'M', '-1', '1X', '1e3']) {
      expect(() => parseSize('--max-size', text)).to.throw(TypeError, /^--max-size: expected a size such as/);
    }
    expect(() => parseSize('--max-size', '99999999T')).to.throw(RangeError, '--max-size: expected a size of at most');
  });

  it('reads counts', () => {
    expect(parseCount('-c', '12', 1)).to.equal(12);
    expect(() => parseCount('--retries', '1.5', 0)).to.throw(TypeError, '--retries: expected a whole number of at least 0, got "1.5"');
    expect(() => parseCount('--backlog', '0', 1)).to.throw(RangeError, '--backlog: expected a whole number of at least 1, got "0"');
    expect(() => parseCount('--retries', '9'.repeat(20), 0)).to.throw(RangeError);
  });

  it('reads ports', () => {
    expect([parsePort('--port', '0'), parsePort('--port', '65535')]).to.deep.equal([0, 65_535]);
    expect(() => parsePort('--port', '65536')).to.throw(RangeError, '--port: expected at most 65535, got "65536"');
    expect(() => parsePort('--port', '')).to.throw(TypeError, '--port: expected a whole number of at least 0, got ""');
  });

  it('reads words', () => {
    expect(parseWord('--exists', 'skip', ['error', 'skip'])).to.equal('skip');
    expect(parseWord('--exists', undefined, ['error', 'skip'])).to.equal(undefined);
    expect(() => parseWord('--exists', 'Skip', ['error', 'skip'])).to.throw(TypeError, '--exists: expected one of error, skip, got "Skip"');
  });

  it('reads headers, joins repeated ones, and shows no value', () => {
    expect(parseHeaders(['X-A: b:c ', 'x-a:d', 'Accept:'])).to.deep.equal({'x-a': 'b:c, d', accept: ''});
    for (const text of ['geheim', ': geheim']) {
      expect(() => parseHeaders([text])).to.throw(TypeError, '--header: expected').with.property('message').not.contain('geheim');
    }
  });

  it('tells misuse in the name of the flag, keeping its kind', () => {
    expect(() => named('--proxy', () => { throw new RangeError('proxyUrl: expected a, got b'); }))
      .to.throw(RangeError, /^--proxy: expected a, got b$/);
    expect(() => named('--x', () => { throw new TypeError('mirrors[0].url: y'); })).to.throw(TypeError, /^--x: y$/);
    expect(() => named('--x', () => { throw new Error('other'); })).to.throw(Error, /^other$/);
  });
});
