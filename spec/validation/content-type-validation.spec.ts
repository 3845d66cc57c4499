import {expect} from 'chai';
import fc from 'fast-check';
import {MismatchError} from '../../src/core/errors.js';
import {DigestSet} from '../../src/monitor/digest-set.js';
import {validationContract} from '../../src/testing/validation-contract.js';
import {ContentTypeValidation} from '../../src/validation/content-type-validation.js';
import {refusalOf, replyOf} from './guarded.js';

/** The suite knows bodies only, so here the body is the type: what is judged at its end would be judged at `begin`. */
validationContract({describe, it}, {
  name: 'ContentTypeValidation', accepted: [Buffer.from('application/gzip')], refused: () => [Buffer.from('text/html')],
  make: (_bytes, options) => {
    const validation = new ContentTypeValidation('application/gzip', options);
    let type: string | undefined;
    return {
      enforced: validation.enforced,
      begin: () => { type = ''; },
      update: (chunk) => { type = `${type ?? ''}${Buffer.from(chunk).toString()}`; },
      apply: () => {
        if (type !== undefined) validation.begin({digests: new DigestSet(), offset: 0, reply: replyOf({'content-type': type})});
        validation.apply();
      },
    };
  },
});

describe('ContentTypeValidation', () => {
  const judge = (validation: ContentTypeValidation, type: string | undefined): ReturnType<typeof refusalOf> =>
    refusalOf(validation, [Buffer.from('x')], replyOf(type === undefined ? {} : {'content-type': type}));

  it('takes any of its types, in any case, with any parameters', () => {
    const validation = new ContentTypeValidation(['application/GZIP', ' application/x-tar ', 'image/*']);
    expect(validation.accepted).to.deep.equal(['application/gzip', 'application/x-tar', 'image/*']);
    for (const type of ['application/gzip', 'Application/X-TAR', 'image/png', 'image/svg+xml;x=1', ' application/gzip ; charset=binary']) {
      expect(judge(validation, type), type).to.equal(undefined);
    }
  });

  it('refuses every other type before the first byte', () => {
    const others = ['text/html', 'application/gzip2', 'image/', 'image', 'imagex/png', '',
      'application/gzip, text/html', 'x;application/gzip'];
    for (const type of others) {
      const refusal = judge(new ContentTypeValidation(['application/gzip', 'image/*']), type);
      expect(refusal?.at, type).to.equal('begin');
      expect(refusal?.error).to.be.instanceOf(MismatchError);
    }
  });

  it('says what was expected and what came', () => {
    expect(judge(new ContentTypeValidation(['application/gzip', 'image/*']), 'text/html;x')?.error).to.include({
      expected: 'application/gzip or image/*', actual: '"text/html"', class: 'source-bad',
      message: 'Content-Type: expected application/gzip or image/*, got "text/html"',
    });
  });

  it('lets bytes without a type pass, unless it is required', () => {
    for (const reply of [replyOf({}), undefined]) {
      expect(refusalOf(new ContentTypeValidation('image/png'), [], reply)).to.equal(undefined);
      const refusal = refusalOf(new ContentTypeValidation('image/png', {required: true}), [], reply);
      expect(refusal?.at).to.equal('begin');
      expect(refusal?.error).to.include({actual: 'none'});
    }
  });

  it('judges each reply anew', () => {
    const validation = new ContentTypeValidation('image/png');
    expect(judge(validation, 'image/png')).to.equal(undefined);
    expect(judge(validation, 'text/html')).not.to.equal(undefined);
    expect(() => { validation.apply(); }).to.throw('before any bytes were begun');
    expect(judge(validation, 'image/png')).to.equal(undefined);
  });

  it('accepts exactly the subtypes of type/*', () => {
    const word = fc.stringMatching(/^[a-z0-9.+-]{1,8}$/);
    fc.assert(fc.property(word, word, word, (type, subtype, other) => {
      const validation = new ContentTypeValidation(`${type}/*`);
      expect(judge(validation, `${type}/${subtype}`)).to.equal(undefined);
      expect(judge(validation, `${other}/${subtype}`) === undefined).to.equal(other === type);
    }));
  });

  for (const bad of ['', 'gzip', 'application/', '/gzip', '*/*', '*', 'image/p*', 'text/html;charset=utf-8', 'a/b/c', 'a b/c', 5]) {
    it(`refuses ${JSON.stringify(bad)} as a type`, () => {
      expect(() => new ContentTypeValidation(['image/png', bad as string])).to.throw(TypeError, 'accepted: expected a media type such as');
    });
  }

  it('refuses no type at all and options that it does not know', () => {
    expect(() => new ContentTypeValidation([])).to.throw(TypeError, 'accepted: expected at least one media type');
    expect(() => new ContentTypeValidation('a/b', {strict: true} as object)).to.throw(TypeError, 'ContentTypeValidation: unknown option');
    expect(() => new ContentTypeValidation('a/b', {required: 1} as object)).to.throw(TypeError, 'required: expected true or false');
  });
});
