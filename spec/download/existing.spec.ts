import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {Validation, WriterPlan} from '../../src/core/contract.js';
import {DigestMismatch} from '../../src/core/errors.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {EventLog} from '../../src/testing/event-log.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';

const HELLO = '5d41402abc4b2a76b9719d911017c592';

describe('judgeExisting', () => {
  let context: Context;
  beforeEach(() => { context = new Context(); });
  afterEach(() => context.close());

  const kept = (plan: WriterPlan, existing: string, validations: Validation[] = []) => {
    const writer = new RecordingWriter({plan, existing: Buffer.from(existing)});
    const download = new FakeDownload({context, writer, validations});
    return {writer, download, log: new EventLog(download)};
  };
  const keptStory = ['prepared', 'succeeded kept'];

  it('keeps a file that the validations accept: nothing is sent, FETCHED is not told, the writer is not closed', async () => {
    for (const existing of ['keep', 'same'] as const) {
      const {download, log, writer} = kept({existing, path: '/there'}, 'hello', [new DigestValidation('md5', HELLO)]);
      const {outcome, path, facts, attempts} = await download.run();
      expect({outcome, path, facts, attempts}).to.deep.equal({outcome: 'kept', path: '/there', facts: {size: 5, md5: HELLO}, attempts: []});
      expect({story: log.lines, calls: writer.calls}).to.deep.equal({story: keptStory, calls: ['prepare']});
    }
  });

  it('takes the size for the facts, without reading, when nobody asks for more', async () => {
    const {download, writer} = kept({existing: 'keep', size: 77}, 'hello');
    writer.read = () => { throw new Error('expected not to be read'); };
    expect((await download.run()).facts).to.deep.equal({size: 77});
  });

  it('reads the file for a monitor that wants digests', async () => {
    const {download} = kept({existing: 'keep', size: 5}, 'hello');
    const monitor = new DownloadMonitor(download, {digests: ['md5']});
    await download.run();
    expect(monitor.facts()).to.deep.equal({size: 5, md5: HELLO});
  });

  it('fails with `keep` when the validations refuse the file, and fetches nothing', async () => {
    const {download, log, writer} = kept({existing: 'keep'}, 'other', [new DigestValidation('md5', HELLO)]);
    expect(await faultOf(download.run())).to.be.instanceOf(DigestMismatch);
    expect({story: log.lines, calls: writer.calls}).to.deep.equal({
      story: ['prepared', 'failed DIGEST_MISMATCH'], calls: ['prepare', 'discard DIGEST_MISMATCH'],
    });
  });

  it('fetches with `same` when the validations refuse the file, and starts them afresh', async () => {
    const {download, log, writer} = kept({existing: 'same'}, 'other', [new DigestValidation('md5', HELLO)]);
    const {outcome, facts, warnings} = await download.run();
    expect({outcome, facts, warnings, text: writer.text})
      .to.deep.equal({outcome: 'fetched', facts: {size: 5, md5: HELLO}, warnings: [], text: 'hello'});
    expect(log.lines).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+5', 'succeeded fetched']);
  });

  it('keeps, with a warning, what only an unenforced validation refuses', async () => {
    const {download, log} = kept({existing: 'same'}, 'other', [new DigestValidation('md5', HELLO, {enforced: false})]);
    const {warnings} = await download.run();
    expect({story: log.lines, warnings: warnings.map(({code}) => code)}).to.deep.equal({story: keptStory, warnings: ['DIGEST_MISMATCH']});
  });

  it('is cancelled while it reads and while it judges', async () => {
    for (const where of ['read', 'apply']) {
      const controller = new AbortController();
      const judge = (): Promise<void> => {
        controller.abort();
        return new Promise(() => undefined);
      };
      const {download, log, writer} = kept({existing: 'same'}, 'hello', where === 'apply' ? [{apply: judge}] : []);
      if (where === 'read') {
        writer.read = async function *() {
          yield Buffer.from('he');
          controller.abort();
          yield Buffer.from('llo');
        };
      }
      expect((await faultOf(download.run(controller.signal))).code).to.equal('CANCELLED');
      expect(log.lines).to.deep.equal(['prepared', 'failed CANCELLED']);
    }
  });
});
