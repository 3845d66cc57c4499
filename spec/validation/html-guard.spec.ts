import {expect} from 'chai';
import fc from 'fast-check';
import {MismatchError} from '../../src/core/errors.js';
import {validationContract} from '../../src/testing/validation-contract.js';
import {HtmlGuard} from '../../src/validation/html-guard.js';
import {behindReply, cutAt, refusalOf, replyOf} from './guarded.js';

const page = Buffer.from('<!DOCTYPE html><title>Sign in</title>');
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

const PAGES: Readonly<Record<string, Uint8Array>> = {
  'a doctype': page,
  'an old doctype': Buffer.from('<!doctype  HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">'),
  'an html tag': Buffer.from('<html>'),
  'an html tag with attributes': Buffer.from('<HTML lang="en">'),
  'a head': Buffer.from('<head><title>x'),
  'a body': Buffer.from('<body bgcolor=white>'),
  'nothing but the beginning of a tag': Buffer.from('<html'),
  'white space first': Buffer.from(' \r\n\t\f\n<html>'),
  'a byte order mark first': Buffer.from('\ufeff<!doctype html>'),
  'UTF-16, little end first': utf16('\n<!doctype html>'),
  'UTF-16, big end first': utf16('\n<!doctype html>').swap16(),
  'a comment first': Buffer.from('<!-- saved from http://a.example/ -->\n<!-- <html> -->\n<html>'),
  'an XML declaration first': Buffer.from('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">'),
  'white space up to the end of what is looked at': Buffer.from(`${' '.repeat(1018)}<html>`),
};
const FILES: Readonly<Record<string, Uint8Array>> = {
  'no bytes': Buffer.alloc(0),
  'gzip': Buffer.from('1f8b08000000', 'hex'),
  'text': Buffer.from('see <html> for more'),
  'white space': Buffer.from('  \n'),
  'XML': Buffer.from('<?xml version="1.0"?><!-- <html> --><metadata/>'),
  'an XML declaration alone': Buffer.from('<?xml version="1.0"?>'),
  'an open comment': Buffer.from(`<!-- ${'x'.repeat(2000)} --><html>`),
  'another doctype': Buffer.from('<!doctype svg>'),
  'another tag': Buffer.from('<htmlx>'),
  'a header': Buffer.from('<header>'),
  'the beginning of a doctype': Buffer.from('<!doctype ht'),
  'a page behind more white space than is looked at': Buffer.from(`${' '.repeat(1024)}<html>`),
};

validationContract({describe, it}, {
  name: 'HtmlGuard', make: (_bytes, options) => behindReply(new HtmlGuard(options)),
  accepted: Object.values(FILES).reverse(), refused: () => Object.values(PAGES),
});

describe('HtmlGuard', () => {
  for (const [what, body] of Object.entries(PAGES)) {
    it(`refuses a page that has ${what}`, () => {
      expect(refusalOf(new HtmlGuard(), [body])?.error).to.be.instanceOf(MismatchError)
        .and.include({expected: 'no web page', class: 'source-bad'});
    });
  }
  for (const [what, body] of Object.entries(FILES)) {
    it(`accepts ${what}`, () => { expect(refusalOf(new HtmlGuard(), [body])).to.equal(undefined); });
  }

  it('refuses by the Content-Type before the first byte', () => {
    for (const type of ['text/html', 'Text/HTML; charset=utf-8', 'application/xhtml+xml']) {
      const refusal = refusalOf(new HtmlGuard(), [Buffer.from('x')], replyOf({'content-type': type}));
      expect(refusal?.at).to.equal('begin');
      expect(refusal?.error).to.be.instanceOf(MismatchError);
    }
    expect(refusalOf(new HtmlGuard(), [Buffer.from('x')], replyOf({'content-type': 'text/plain'}))).to.equal(undefined);
  });

  it('looks at the bytes alone when told so', () => {
    const reply = replyOf({'content-type': 'text/html'});
    const guard = new HtmlGuard({contentType: false});
    expect(refusalOf(guard, [Buffer.from('x')], reply)).to.equal(undefined);
    expect(refusalOf(guard, [page], reply)).to.include({at: page.length});
  });

  it('says what came', () => {
    const messageOf = (...given: Parameters<typeof refusalOf>): string => (refusalOf(...given)?.error as Error).message;
    expect(messageOf(new HtmlGuard(), [page])).to.equal('expected a file, got a web page: a body that begins with <!doctype html>');
    expect(messageOf(new HtmlGuard(), [], replyOf({'content-type': 'text/html;x=y'})))
      .to.equal('expected a file, got a web page: text/html');
  });

  it('refuses with the byte that decides, and gives the same verdict however the body is cut', () => {
    const bodies = fc.constantFrom(...Object.values(PAGES), ...Object.values(FILES));
    expect(refusalOf(new HtmlGuard(), cutAt(page, [...page.keys()]))?.at).to.equal('<!doctype html>'.length);
    fc.assert(fc.property(bodies, fc.array(fc.nat(1100), {maxLength: 40}), (body, cuts) => {
      expect(refusalOf(new HtmlGuard(), cutAt(body, cuts)) === undefined).to.equal(Object.values(FILES).includes(body));
    }));
  });

  it('never refuses a body of which no byte is a <', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 60}).map((bytes) => bytes.filter((byte) => byte !== 0x3c)), (body) => {
      expect(refusalOf(new HtmlGuard(), [body])).to.equal(undefined);
    }));
  });

  it('refuses options that it does not know', () => {
    expect(() => new HtmlGuard({sniff: true} as object)).to.throw(TypeError, 'HtmlGuard: unknown option \'sniff\'');
    expect(() => new HtmlGuard({contentType: 'no' as unknown as boolean})).to.throw(TypeError, 'contentType: expected true or false');
  });
});
