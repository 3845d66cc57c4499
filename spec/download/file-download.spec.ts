import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {appendFile, chmod, mkdir, symlink, truncate, utimes, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {pathToFileURL} from 'node:url';
import {expect} from 'chai';
import type {DownloadError} from '../../src/core/errors.js';
import {FileDownload, type FileDownloadOptions} from '../../src/download/file-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {EventLog} from '../../src/testing/event-log.js';
import {expectNothingLeft} from '../support/left-open.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

type Options = Partial<FileDownloadOptions> & {url: string; writer?: RecordingWriter};

/** `ok TEXT`, or the code and class of the fault; fails when anything was left open. */
async function outcome(options: Options, signal?: AbortSignal): Promise<string> {
  const writer = options.writer ?? new RecordingWriter();
  return expectNothingLeft(async () => {
    try {
      await new FileDownload({retry: noRetry(), ...options, writer}).run(signal);
      return `ok ${writer.text}`;
    } catch (error) {
      expect(writer.calls).to.not.include('close');
      return `${(error as DownloadError).code} ${(error as DownloadError).class}`;
    }
  });
}

describe('FileDownload', () => {
  const folder = useTempFolder();
  const urlOf = (path: string): string => pathToFileURL(path).href;
  const write = async (name: string, content: string): Promise<string> => urlOf(await folder.write(name, content));

  it('fetches a file, with the events of any other download', async () => {
    const url = await write('a', 'hello');
    const sha256 = createHash('sha256').update('hello').digest('hex');
    const download = new FileDownload({url, validations: [new DigestValidation('sha256', sha256), new SizeValidation(5)]});
    const log = new EventLog(download);
    const {reply, facts} = await download.run();
    expect(log.story).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+5', 'succeeded fetched']);
    expect(reply).to.deep.include({status: 200, url, length: 5, framing: 'length', offset: 0, headers: {}});
    expect(reply?.validators.lastModified).to.match(/ GMT$/);
    expect(facts).to.deep.equal({size: 5, sha256});
  });

  it('fetches an empty file, and one of many chunks', async () => {
    expect(await outcome({url: await write('empty', '')})).to.equal('ok ');
    const big = 'x'.repeat(1_000_000);
    expect(await outcome({url: await write('big', big)})).to.equal(`ok ${big}`);
  });

  it('decodes percent-encoded names', async () => {
    for (const name of ['a b', 'ä%', '100%25', 'q?x#y', 'back\\slash', 'new\nline']) {
      expect(await outcome({url: urlOf(await folder.write(name, name))}), name).to.equal(`ok ${name}`);
    }
    expect(await outcome({url: `${await write('q', 'hello')}?query=1#fragment`})).to.equal('ok hello');
    expect(await outcome({url: (await write('l', 'hello')).replace('file://', 'file://localhost')})).to.equal('ok hello');
  });

  it('refuses encoded separators, other hosts and what is no name', async () => {
    await mkdir(folder.join('d'));
    await folder.write('d/a', 'hello');
    expect(await outcome({url: `${urlOf(folder.path)}/d%2Fa`})).to.equal('POLICY_REFUSED fatal');
    expect(await outcome({url: `${urlOf(folder.path)}/d%2fa`})).to.equal('POLICY_REFUSED fatal');
    expect(await outcome({url: 'file://files.example/etc/hosts'})).to.equal('POLICY_REFUSED fatal');
    expect(await outcome({url: `${urlOf(folder.path)}/%00`})).to.equal('DOWNLOAD_FAILED fatal');
    expect(await outcome({url: `${urlOf(folder.path)}/%E0%80`})).to.equal('POLICY_REFUSED fatal');
  });

  describe('a range', () => {
    const cases: [FileDownloadOptions['range'], string][] = [
      [{start: 0}, 'ok hello'], [{start: 2}, 'ok llo'], [{start: 1, end: 3}, 'ok ell'], [{start: 4, end: 4}, 'ok o'],
      [{start: 3, end: 99}, 'ok lo'],
      [{start: 5}, 'DOWNLOAD_FAILED fatal'], [{start: 9, end: 10}, 'DOWNLOAD_FAILED fatal'],
    ];
    for (const [range, expected] of cases) {
      it(`${JSON.stringify(range)} of 5 bytes is ${expected}`, async () => {
        expect(await outcome({url: await write('a', 'hello'), range})).to.equal(expected);
      });
    }

    it('that makes no sense is refused by name', () => {
      const make = (range: unknown) => () => new FileDownload({url: 'file:///a', range} as FileDownloadOptions);
      expect(make({start: -1})).to.throw(RangeError, 'range.start');
      expect(make({start: 3, end: 2})).to.throw(RangeError, 'range.end');
      expect(make({start: 0, length: 2})).to.throw(TypeError, 'length');
      expect(make({end: 2})).to.throw(TypeError, 'range.start');
    });
  });

  describe('roots', () => {
    it('let in what is under them, by its real path', async () => {
      await mkdir(folder.join('srv', 'd'), {recursive: true});
      const url = urlOf(await folder.write('srv/d/a', 'hello'));
      const root = folder.join('srv');
      for (const roots of [[root], [`${root}/`], [folder.join('none'), root], ['/'], [folder.join('srv', 'd', 'a')]]) {
        expect(await outcome({url, roots}), String(roots)).to.equal('ok hello');
      }
      await symlink(folder.join('srv'), folder.join('link'));
      expect(await outcome({url: urlOf(folder.join('link', 'd', 'a')), roots: [root]})).to.equal('ok hello');
      expect(await outcome({url, roots: [folder.join('link')]})).to.equal('ok hello');
    });

    it('keep out what only looks so: a longer name, dots, links', async () => {
      await mkdir(folder.join('srv'));
      await mkdir(folder.join('srv-evil'));
      const roots = [folder.join('srv')];
      const outside = await folder.write('srv-evil/a', 'secret');
      await symlink(outside, folder.join('srv', 'file-link'));
      await symlink(folder.join('srv-evil'), folder.join('srv', 'folder-link'));
      for (const path of ['srv-evil/a', 'srv/../srv-evil/a', 'srv/file-link', 'srv/folder-link/a']) {
        expect(await outcome({url: `${urlOf(folder.path)}/${path}`, roots}), path).to.equal('POLICY_REFUSED fatal');
      }
      expect(await outcome({url: `${urlOf(folder.path)}/srv/%2e%2e/srv-evil/a`, roots})).to.equal('POLICY_REFUSED fatal');
      expect(await outcome({url: urlOf(outside), roots: []})).to.equal('POLICY_REFUSED fatal');
    });

    it('are absolute paths', () => {
      expect(() => new FileDownload({url: 'file:///a', roots: ['srv']})).to.throw(TypeError, 'roots');
    });
  });

  describe('is not fetched from', () => {
    it('a missing file, or beneath a file', async () => {
      expect(await outcome({url: urlOf(folder.join('missing'))})).to.equal('NOT_FOUND source-bad');
      expect(await outcome({url: `${await write('a', 'hello')}/b`})).to.equal('NOT_FOUND source-bad');
      await symlink(folder.join('circle'), folder.join('circle'));
      expect(await outcome({url: urlOf(folder.join('circle'))})).to.equal('NOT_FOUND source-bad');
      expect(await outcome({url: urlOf(folder.join('x'.repeat(300)))})).to.equal('NOT_FOUND source-bad');
    });

    it('a folder, a pipe, a socket, a device: none of them hangs', async () => {
      execFileSync('mkfifo', [folder.join('pipe')]);
      const server = createServer().listen(folder.join('socket'));
      await once(server, 'listening');
      for (const path of [folder.path, folder.join('pipe'), folder.join('socket'), '/dev/null', '/dev/zero']) {
        expect(await outcome({url: urlOf(path)}), path).to.equal('NOT_FOUND source-bad');
      }
      server.close();
    });

    it('a file that may not be read', async function () {
      const url = await write('a', 'hello');
      await chmod(folder.join('a'), 0);
      await chmod(folder.path, 0o755);
      // Root reads everything; for the length of the run this process is somebody else.
      const root = process.getuid?.() === 0;
      if (root) process.seteuid?.(65_534);
      try {
        expect(await outcome({url})).to.equal('NOT_AUTHORIZED source-bad');
      } finally {
        if (root) process.seteuid?.(0);
      }
    });
  });

  describe('a file that is written while it is read is a fault', () => {
    const size = 600_000;
    const changes: Readonly<Record<string, (path: string) => Promise<void>>> = {
      'it shrinks': (path) => truncate(path, 300_000),
      'it is emptied': (path) => truncate(path, 0),
      'it grows': (path) => appendFile(path, 'more'),
      'it is written anew': async (path) => writeFile(path, Buffer.alloc(size, 'y')),
    };
    for (const [what, change] of Object.entries(changes)) {
      it(what, async () => {
        const path = await folder.write('a', 'x'.repeat(size));
        await utimes(path, 1000, 1000); // clocks of file systems are coarse
        const writer = new RecordingWriter({append: async (_chunk, nth) => {
          if (nth === 1) await change(path);
        }});
        expect(await outcome({url: urlOf(path), writer})).to.equal('INTERRUPTED transient');
      });
    }

    it('and the next attempt has the new one', async () => {
      const path = await folder.write('a', 'x'.repeat(size));
      const writer = new RecordingWriter({append: async (_chunk, nth) => {
        if (nth === 1) await writeFile(path, 'new');
      }});
      expect(await outcome({url: urlOf(path), writer, retry: {retries: 1, decide: () => ({delay: 0})}})).to.equal('ok new');
    });
  });

  it('closes the file when its body was never read, and in the middle of it', async () => {
    const url = await write('a', 'x'.repeat(600_000));
    expect(await outcome({url, validations: [new SizeValidation(5)]})).to.equal('SIZE_MISMATCH source-bad');
    expect(await outcome({url, maxBytes: 5})).to.equal('TOO_LARGE fatal');
    const full = (): void => { throw new Error('full'); };
    const closed = new RecordingWriter({before: (call) => { if (call === 'open') full(); }});
    expect(await outcome({url, writer: closed})).to.equal('WRITER_FAILED local');
    expect(await outcome({url, writer: new RecordingWriter({append: full})})).to.equal('WRITER_FAILED local');
    const controller = new AbortController();
    const writer = new RecordingWriter({append: () => { controller.abort(); }});
    expect(await outcome({url, writer}, controller.signal)).to.equal('CANCELLED cancelled');
  });
});
