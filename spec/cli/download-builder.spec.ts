import {expect} from 'chai';
import {Command} from 'commander';
import {DownloadBuilder, type BuilderOptions} from '../../src/cli/download-builder.js';
import {addTransferFlags, type TransferFlags} from '../../src/cli/transfer-flags.js';
import {readSettings} from '../../src/cli/transfer-settings.js';
import {SegmentedDownload} from '../../src/compose/segmented-download.js';
import {Context} from '../../src/core/context.js';
import type {Download} from '../../src/download/download.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';

const HEX = 'a'.repeat(64);

describe('DownloadBuilder', () => {
  let context: Context;
  beforeEach(() => { context = new Context(); });
  afterEach(async () => { await context.close(); });

  async function build(flags: readonly string[], options: Omit<BuilderOptions, 'context'>): Promise<Download> {
    const command = addTransferFlags(new Command()).parse(flags, {from: 'user'});
    const settings = await readSettings(command.opts<TransferFlags>(), {});
    return new DownloadBuilder(settings, {context, ...options}).build({url: 'http://repo.example/a'}, new BufferWriter(), 1);
  }
  const pieces = {algorithm: 'sha256', length: 1024, hashes: [HEX]};

  it('makes SegmentedDownloads with --segments, which know pieces and sources', async () => {
    const download = await build(['--segments', '3'], {pieces, sources: ['http://mirror.example/a']});
    expect([download.constructor, download.validations.length]).to.deep.equal([SegmentedDownload, 1]);
  });

  it('makes HttpDownloads without it, whatever is known of pieces', async () => {
    const download = await build([], {pieces, sources: ['http://mirror.example/a']});
    expect([download.constructor, download.validations.length]).to.deep.equal([HttpDownload, 0]);
  });

  it('gives both the version that is there', async () => {
    for (const flags of [[], ['--segments', '3']]) {
      const fault = await build(flags, {ifChanged: {facts: {size: 1}}}).catch((thrown: unknown) => thrown);
      expect(fault).to.be.instanceOf(TypeError).and.have.property('message').that.matches(/^ifChanged\.facts: expected a digest/);
    }
  });
});
