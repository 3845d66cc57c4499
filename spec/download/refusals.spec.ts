import {expect} from 'chai';
import type {Validation} from '../../src/core/contract.js';
import {Interrupted, ProtocolError, SizeMismatch, TooLarge} from '../../src/core/errors.js';
import type {DownloadOptions} from '../../src/download/download-options.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {FakeDownload, type Play} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';

const digest = (): Validation => new DigestValidation('md5', '5d41402abc4b2a76b9719d911017c592');
const closed: Play = {framing: 'close', chunks: ['hello']};
const encoded: Play = {encoding: 'gzip', chunks: ['hello']};
const chunked: Play = {framing: 'chunked', chunks: ['he', 'llo']};

describe('refuseReply', () => {
  const run = (play: Play, options: Partial<DownloadOptions> = {}) => {
    const writer = new RecordingWriter();
    const download = new FakeDownload({writer, retry: noRetry(), script: [play], ...options});
    return {download, writer, done: download.run()};
  };
  const refused = async (play: Play, options: Partial<DownloadOptions> = {}) => {
    const {writer, done, download} = run(play, options);
    const error = await faultOf(done);
    expect(download.openBodies).to.equal(0);
    return {error, calls: writer.calls};
  };

  it('refuses a body that ends with the connection, naming the option, before a byte reaches the writer', async () => {
    const {error, calls} = await refused(closed);
    expect(error).to.be.instanceOf(Interrupted).and.include({class: 'source-bad'});
    expect(error.message).to.match(/expected a digest or size validation, or allowCloseFramed/);
    expect(calls).to.deep.equal(['prepare', 'discard INTERRUPTED']);
  });

  it('takes such a body when a digest or an exact size proves it, or when it is allowed', async () => {
    for (const options of [{validations: [digest()]}, {validations: [new SizeValidation(5)]}, {allowCloseFramed: true}]) {
      const {writer, done} = run(closed, options);
      const {reply} = await done;
      expect([writer.text, reply?.framing]).to.deep.equal(['hello', 'close']);
    }
  });

  it('is not satisfied by a validation that only warns or proves nothing', async () => {
    for (const validation of [new SizeValidation(5, {enforced: false}), {apply: () => undefined}]) {
      expect((await refused(closed, {validations: [validation]})).error.code).to.equal('INTERRUPTED');
    }
  });

  it('refuses an encoded body that nobody asked for, unless a digest proves it or it is allowed', async () => {
    for (const options of [{}, {validations: [new SizeValidation(5)]}]) {
      const {error} = await refused(encoded, options);
      expect(error).to.be.instanceOf(ProtocolError);
      expect(error.message).to.match(/Content-Encoding 'gzip'.*or allowEncoded/);
    }
    for (const options of [{validations: [digest()]}, {allowEncoded: true}]) {
      const {writer, done} = run(encoded, options);
      await done;
      expect(writer.text).to.equal('hello');
    }
  });

  it('bounds announced and unannounced bodies by maxBytes, before the byte too many reaches the writer', async () => {
    const announced = await refused({chunks: ['hello']}, {maxBytes: 4});
    expect(announced.error).to.be.instanceOf(TooLarge).with.property('limit', 4);
    expect(announced.calls).to.deep.equal(['prepare', 'discard TOO_LARGE']);
    const streamed = await refused(chunked, {maxBytes: 4});
    expect(streamed.error).to.be.instanceOf(TooLarge);
    expect(streamed.calls).to.deep.equal(['prepare', 'open ?', 'append 2', 'discard TOO_LARGE']);
    for (const play of [{chunks: ['hello']}, chunked]) await run(play, {maxBytes: 5}).done;
  });

  it('refuses another size at the headers, and while streaming', async () => {
    const announced = await refused({chunks: ['hello!']}, {validations: [new SizeValidation(5)]});
    expect(announced.error).to.be.instanceOf(SizeMismatch).and.include({expected: 5, actual: 6});
    expect(announced.calls).to.deep.equal(['prepare', 'discard SIZE_MISMATCH']);
    const streamed = await refused({framing: 'chunked', chunks: ['hell', 'o!']}, {validations: [new SizeValidation(5)]});
    expect(streamed.calls).to.deep.equal(['prepare', 'open ?', 'append 4', 'discard SIZE_MISMATCH']);
    const short = await refused({framing: 'chunked', chunks: ['hell']}, {validations: [new SizeValidation(5)]});
    expect(short.error).to.be.instanceOf(SizeMismatch).and.include({expected: 5, actual: 4});
  });
});
