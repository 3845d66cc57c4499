/*
 * Goes on where an earlier run stopped, and fetches again only what changed.
 * npx tsx examples/10-resume.ts [URL]
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DownloadMonitor, FileWriter, HttpDownload, versionOf, type DownloadResult, type KeptVersion} from 'jupiter-download';

const url = process.argv[2] ?? `${process.env.JUPITER_EXAMPLE_URL ?? 'https://nodejs.org/dist/'}index.json`;
const folder = await mkdtemp(join(tmpdir(), 'jupiter-example-'));

try {
  // A run that is stopped in the middle leaves what it has, beside the target.
  const stop = new AbortController();
  const first = await fetchFile({stop}).catch((error: unknown) => (error as Error).message);
  console.log(typeof first === 'string' ? `stopped: ${first}` : 'it was too small to be stopped');

  const second = await fetchFile();
  console.log(`went on at byte ${second.attempts[0]?.offset ?? 0}: ${second.facts.size} bytes, sha256 ${second.facts.sha256 ?? ''}`);

  const third = await fetchFile({ifChanged: versionOf(second)});
  console.log(`asked again: ${third.outcome}`);
} finally {
  await rm(folder, {recursive: true});
}

function fetchFile({stop, ifChanged}: {stop?: AbortController; ifChanged?: KeptVersion | undefined} = {}): Promise<DownloadResult> {
  const download = new HttpDownload({url, writer: new FileWriter(join(folder, 'file'), {resume: true}), ifChanged});
  new DownloadMonitor(download, {digests: ['sha256']});
  if (stop !== undefined) download.register('fetched', () => { stop.abort(); });
  return download.run(stop?.signal);
}
