import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {DigestMismatch, ValidationError} from '../../src/core/errors.js';
import {DigestSet} from '../../src/monitor/digest-set.js';
import {validationContract} from '../../src/testing/validation-contract.js';
import {ReprDigestValidation} from '../../src/validation/repr-digest-validation.js';
import {behindReply, refusalOf, replyOf} from './guarded.js';

const field = (bytes: Uint8Array, algorithm = 'sha256'): string =>
  `${algorithm.replace('sha', 'sha-')}=:${createHash(algorithm).update(bytes).digest('base64')}:`;
const good = Buffer.from('good bytes');
const bad = Buffer.from('bad bytes');

for (const algorithm of ['sha256', 'sha512']) {
  validationContract({describe, it}, {
    name: `ReprDigestValidation of ${algorithm}`,
    make: (bytes, options) => behindReply(new ReprDigestValidation(options), replyOf({'repr-digest': field(bytes, algorithm)})),
    refused: (bytes) => [Buffer.concat([bytes, Buffer.from('!')]), Buffer.concat([Buffer.from('!'), bytes.subarray(1)])],
  });
}

describe('ReprDigestValidation', () => {
  it('proves nothing: a digest of the server never takes the place of the caller\'s', () => {
    const validation = new ReprDigestValidation({required: true});
    expect(validation).to.include({required: true, enforced: true});
    expect('proof' in validation || 'size' in validation).to.equal(false);
  });

  it('names the promised and the actual digest', () => {
    const [expected, actual] = [good, bad].map((bytes) => createHash('sha256').update(bytes).digest('hex')) as [string, string];
    const refusal = refusalOf(new ReprDigestValidation(), [bad], replyOf({'repr-digest': field(good)}));
    expect(refusal).to.include({at: 'apply'});
    expect(refusal?.error).to.be.instanceOf(DigestMismatch).and.include({algorithm: 'sha256', expected, actual, class: 'source-bad'});
    expect((refusal?.error as Error).message).to.equal(`sha256: the server promised ${expected}, got ${actual}`);
  });

  it('asks the run for the one digest that it needs, before the first byte', () => {
    const requested = (headers: Record<string, string>): readonly string[] => {
      const digests = new DigestSet();
      new ReprDigestValidation().begin({digests, reply: replyOf(headers), offset: 0});
      return digests.algorithms;
    };
    expect(requested({'repr-digest': `${field(good)}, ${field(good, 'sha512')}`})).to.deep.equal(['sha512']);
    expect(requested({})).to.deep.equal([]);
  });

  it('takes Content-Digest when the reply is no range and Repr-Digest says nothing', () => {
    const judge = (headers: Record<string, string>, more = {}): unknown =>
      refusalOf(new ReprDigestValidation(), [bad], replyOf(headers, more))?.error;
    expect(judge({'content-digest': field(good)})).to.be.instanceOf(DigestMismatch);
    expect(judge({'content-digest': field(good), 'repr-digest': 'sha-256=broken'})).to.be.instanceOf(DigestMismatch);
    expect(judge({'content-digest': field(good), 'repr-digest': field(bad)})).to.equal(undefined);
    expect(judge({'content-digest': field(good)}, {status: 206})).to.equal(undefined);
    expect(judge({'content-digest': field(good)}, {offset: 3})).to.equal(undefined);
    expect(judge({'content-digest': field(good), 'content-range': 'bytes 0-8/9'})).to.equal(undefined);
  });

  it('takes the Repr-Digest of a range, which is of the whole', () => {
    const range = replyOf({'repr-digest': field(good)}, {status: 206, offset: 3});
    expect(refusalOf(new ReprDigestValidation(), [good], range)).to.equal(undefined);
    expect(refusalOf(new ReprDigestValidation(), [bad], range)?.error).to.be.instanceOf(DigestMismatch);
  });

  for (const [what, headers] of Object.entries({
    'no field': {}, 'a broken field': {'repr-digest': 'sha-256=:AAAA:'},
    'an unknown algorithm': {'repr-digest': 'md5=:AAAA:'}, 'a reply to nothing': undefined,
  })) {
    it(`lets ${what} pass, unless it is required: then before the first byte`, () => {
      const reply = headers === undefined ? undefined : replyOf(headers);
      expect(refusalOf(new ReprDigestValidation(), [bad], reply)).to.equal(undefined);
      const refusal = refusalOf(new ReprDigestValidation({required: true}), [good], reply);
      expect(refusal?.at).to.equal('begin');
      expect(refusal?.error).to.be.instanceOf(ValidationError)
        .and.have.property('message').that.matches(/^expected a Repr-Digest .*, got /);
    });
  }

  it('forgets the digest of the reply before', () => {
    const validation = new ReprDigestValidation();
    expect(refusalOf(validation, [bad], replyOf({'repr-digest': field(good)}))).not.to.equal(undefined);
    expect(refusalOf(validation, [bad], replyOf({}))).to.equal(undefined);
    expect(refusalOf(validation, [bad])).to.equal(undefined);
  });

  it('refuses options that it does not know and a required that is no boolean', () => {
    expect(() => new ReprDigestValidation({require: true} as object))
      .to.throw(TypeError, 'ReprDigestValidation: unknown option \'require\'');
    expect(() => new ReprDigestValidation({required: 1 as unknown as boolean}))
      .to.throw(TypeError, 'required: expected true or false, got 1');
  });
});
