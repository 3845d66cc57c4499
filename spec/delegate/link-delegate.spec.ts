import {expect} from 'chai';
import {createHash} from 'node:crypto';
import type {DownloadError, MirrorsExhausted} from '../../src/core/errors.js';
import {LinkDelegate, type LinkDelegateOptions} from '../../src/delegate/link-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import type {Answer} from '../../src/testing/answer.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {fileElement, hashElement, metalinkOf, urlElement} from '../policy/metalink-texts.js';
import {useWire} from '../support/wire.js';

const GOOD = 'the right bytes';
const digest = (algorithm: string, coding: 'hex' | 'base64' = 'hex', text = GOOD): string =>
  createHash(algorithm).update(text).digest(coding);
const DIGEST = {Digest: `SHA-256=${digest('sha256', 'base64')}`};
const OTHER = {Digest: `SHA-256=${digest('sha256', 'base64', 'other bytes')}`};

describe('LinkDelegate', () => {
  const wire = useWire();
  beforeEach(() => { wire.server.on('/good', {body: GOOD}).on('/corrupt', {body: 'the wrong bytes'}); });

  const LINK = {Link: '</good>; rel=duplicate; pri=2, </corrupt>; rel=duplicate; pri=1'};
  const asked = (): string[] => wire.server.requests.map(({path}) => path);

  function make(answer: Answer, options: LinkDelegateOptions = {}, more: Partial<HttpDownloadOptions> = {}): HttpDownload {
    wire.server.on('/file', answer);
    const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context, retry: noRetry(), ...more});
    new LinkDelegate(options).attach(download);
    return download;
  }


  it('goes on to the duplicates by pri when the server fails, and proves their bytes by its digest', async () => {
    const {attempts, facts} = await make({body: GOOD, cutAt: 3, headers: {...LINK, ...DIGEST}}).run();
    expect(asked()).to.deep.equal(['/file', '/corrupt', '/good']);
    expect(attempts.map(({error}) => error?.code)).to.deep.equal(['INTERRUPTED', 'DIGEST_MISMATCH', undefined]);
    expect(facts).to.deep.equal({size: GOOD.length, sha256: digest('sha256')});
  });

  it('prefers those with pref among one pri', async () => {
    const Link = '</a>; rel=duplicate; pri=1; geo=DE, </good>; rel="duplicate"; pri=1; pref';
    await make({body: GOOD, cutAt: 3, headers: {Link, ...DIGEST}}).run();
    expect(asked()).to.deep.equal(['/file', '/good']);
  });

  it('finds wrong bytes by the digest of the server itself', async () => {
    const fault = await faultOf(make({body: 'the wrong bytes', headers: DIGEST}).run());
    expect(fault.code).to.equal('DIGEST_MISMATCH');
  });

  it('never lets a digest of the server take the place of one as strong of the caller', async () => {
    for (const algorithm of ['sha256', 'sha512']) {
      const validations = [new DigestValidation(algorithm, digest(algorithm))];
      expect((await make({body: GOOD, headers: OTHER}, {}, {validations}).run()).facts).to.have.keys('size', algorithm);
    }
    const weak = [new DigestValidation('md5', digest('md5'))];
    expect((await faultOf(make({body: GOOD, headers: OTHER}, {}, {validations: weak}).run())).code).to.equal('DIGEST_MISMATCH');
  });

  it('takes the newer digest when the same server changed its mind, and none of an error', async () => {
    const answers: Answer[] = [{body: GOOD, cutAt: 3, headers: OTHER}, {status: 502, headers: OTHER}, {body: GOOD, headers: DIGEST}];
    const download = make({}, {}, {retry: undefined});
    wire.server.on('/file', ({nth}) => answers[nth - 1] ?? {status: 500});
    expect((await download.run()).facts.size).to.equal(GOOD.length);
    expect(download.validations).to.have.length(1);
  });

  it('goes on when the server has no file but knows who has, if the caller has a digest', async () => {
    const validations = [new DigestValidation('sha256', digest('sha256'))];
    await make({status: 404, headers: LINK}, {}, {validations}).run();
    expect(asked()).to.deep.equal(['/file', '/corrupt', '/good']);
  });

  it('is refused without a digest, naming the option, and asks nobody', async () => {
    const fault = await faultOf(make({status: 404, headers: LINK}).run());
    expect({code: fault.code, message: fault.message, cause: (fault.cause as DownloadError).code}).to.deep.equal({
      code: 'POLICY_REFUSED', cause: 'NOT_FOUND',
      message: 'the server failed (NOT_FOUND) and names 2 other addresses, but nothing proves what they give; '
        + 'expected a digest validation, or link.allowUnverified',
    });
    expect(asked()).to.deep.equal(['/file']);
  });

  it('leaves a fault in passing to the retry policy when there is no digest', async () => {
    const download = make({}, {}, {retry: undefined});
    wire.server.on('/file', ({nth}) => nth === 1 ? {status: 502, headers: LINK} : {body: GOOD});
    await download.run();
    expect(asked()).to.deep.equal(['/file', '/file']);
  });

  it('asks unverified duplicates when it may', async () => {
    const fault = await faultOf(make({status: 404, headers: {Link: '</gone>; rel=duplicate'}}, {allowUnverified: true}).run());
    expect((fault as MirrorsExhausted).errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND', 'NOT_FOUND']);
    expect(asked()).to.deep.equal(['/file', '/gone']);
  });

  describe('with a metalink', () => {
    const META = {Link: '</file.meta4>; rel=describedby; type="application/metalink4+xml", </page>; rel=describedby; type="text/html"'};
    beforeEach(() => {
      wire.server.on('/file.meta4', {body: metalinkOf(fileElement('file', hashElement('sha-256', digest('sha256')),
        urlElement(wire.server.url('/corrupt'), 1), urlElement(wire.server.url('/good'), 2)))});
    });

    it('takes digest and addresses from it when the server failed before a body', async () => {
      const {facts} = await make({status: 500, headers: META}).run();
      expect(asked()).to.deep.equal(['/file', '/file.meta4', '/corrupt', '/good']);
      expect(facts).to.have.property('sha256', digest('sha256'));
    });

    it('takes the addresses only when a body was begun: the digest would come too late', async () => {
      expect((await faultOf(make({body: GOOD, cutAt: 3, headers: META}).run())).code).to.equal('POLICY_REFUSED');
      await make({body: GOOD, cutAt: 3, headers: {...META, ...DIGEST}}).run();
      expect(asked().slice(2)).to.deep.equal(['/file', '/corrupt', '/good']);
    });

    it('does not ask for it when it is not needed, or not wanted', async () => {
      await make({body: GOOD, headers: META}).run();
      await make({body: GOOD, cutAt: 3, headers: {Link: `${LINK.Link}, ${META.Link}`, ...DIGEST}}).run();
      expect((await faultOf(make({status: 404, headers: META}, {describedBy: false}).run())).code).to.equal('NOT_FOUND');
      expect(wire.server.requestsFor('/file.meta4')).to.have.length(0);
    });

    it('keeps the fault of the server when the metalink can\'t be had, read, or has no such file', async () => {
      for (const answer of [{status: 404}, {body: 'x'}, {body: metalinkOf()}]) {
        wire.server.on('/file.meta4', answer);
        expect((await faultOf(make({status: 404, headers: META}).run())).code).to.equal('NOT_FOUND');
      }
    });
  });

  it('does nothing for a server that says nothing, nor for HEAD', async () => {
    expect((await faultOf(make({status: 404}).run())).code).to.equal('NOT_FOUND');
    expect((await make({headers: {...LINK, ...DIGEST}}, {}, {method: 'HEAD'}).run()).reply?.status).to.equal(200);
  });

  it('refuses unknown and wrong options', () => {
    expect(() => new LinkDelegate({allowUnverified: 'yes' as never})).to.throw(TypeError, 'link.allowUnverified: expected true or false');
    expect(() => new LinkDelegate({mirrors: []} as never)).to.throw(TypeError, 'link: unknown option \'mirrors\'');
  });
});
