import {expect} from 'chai';
import fc from 'fast-check';
import type {Reply} from '../../src/core/contract.js';
import {MismatchError} from '../../src/core/errors.js';
import {HeadValidation} from '../../src/validation/head-validation.js';
import {cutAt, refusalOf, replyOf} from './guarded.js';

const REACH = 10;

/** Remembers what it was shown, and is content with as many bytes as it was made with. */
class Watching extends HeadValidation {
  readonly shown: string[] = [];
  replies = 0;
  refuses = false;

  constructor(readonly enough: number) {
    super(true, REACH);
  }

  protected override lookAtReply(_reply: Reply): void {
    this.replies++;
    if (this.refuses) throw new MismatchError('no', 'yes', 'no');
  }

  protected override look(head: Uint8Array, ended: boolean): boolean {
    this.shown.push(Buffer.from(head).toString('latin1') + (ended ? '.' : ''));
    return head.length >= this.enough;
  }
}

describe('HeadValidation', () => {
  it('shows the first bytes as they gather, until they are enough', () => {
    const validation = new Watching(5);
    expect(refusalOf(validation, ['ab', '', 'cd', 'ef', 'gh'].map((text) => Buffer.from(text)))).to.equal(undefined);
    expect(validation.shown).to.deep.equal(['ab', 'ab', 'abcd', 'abcdef']);
  });

  it('shows no more than its reach, and ends there', () => {
    const validation = new Watching(99);
    expect(refusalOf(validation, [Buffer.from('abcdefgh'), Buffer.from('ijklmnop'), Buffer.from('q')])).to.equal(undefined);
    expect(validation.shown).to.deep.equal(['abcdefgh', 'abcdefghij.']);
  });

  it('ends with the body when that is short', () => {
    const validation = new Watching(99);
    expect(refusalOf(validation, [Buffer.from('abc')])).to.equal(undefined);
    expect(refusalOf(validation, [])).to.equal(undefined);
    expect(validation.shown).to.deep.equal(['abc', 'abc.', '.']);
  });

  it('shows the same bytes however they are cut, run after run', () => {
    const validation = new Watching(99);
    fc.assert(fc.property(fc.uint8Array({maxLength: 20}), fc.array(fc.nat(20)), (body, cuts) => {
      validation.shown.length = 0;
      const before = Buffer.from(body);
      refusalOf(validation, cutAt(body, cuts));
      expect(validation.shown.at(-1)).to.equal(`${before.subarray(0, REACH).toString('latin1')}.`);
      expect(before.equals(body), 'the chunks are left as they are').to.equal(true);
    }));
  });

  it('looks at the reply, if there is one, before the bytes', () => {
    const validation = new Watching(1);
    refusalOf(validation, []);
    refusalOf(validation, [], replyOf({}));
    expect(validation.replies).to.equal(1);
  });

  it('accepts nothing until a byte sequence was begun, and not after a refused reply', () => {
    const validation = new Watching(1);
    expect(() => { validation.apply(); }).to.throw('before any were begun');
    expect(refusalOf(validation, [Buffer.from('x')], replyOf({}))).to.equal(undefined);
    validation.refuses = true;
    expect(refusalOf(validation, [Buffer.from('x')], replyOf({}))?.at).to.equal('begin');
    validation.update(Buffer.from('x'));
    expect(() => { validation.apply(); }).to.throw('before any were begun');
  });
});
