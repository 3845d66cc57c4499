// Asks a server for files over kept connections, one request at a time on each, and prints what that took as JSON.
// It reads into one buffer per connection and looks at nothing but status, length and byte count, so that it costs little
// beside the server; the last `sample` requests are timed no more, and their bodies are held against their sha256.
// Arguments: list.json ([{url, sha256, size}]), connections, requests, sample.
import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {connect} from 'node:net';

const [list, connections, requests, sample] = process.argv.slice(2);
const items = JSON.parse(await readFile(list, 'utf8')).map(({url, sha256, size}) => {
  const {pathname, search, host, hostname, port} = new URL(url);
  return {url, sha256, size, hostname, port: Number(port), text: Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)};
});
const [{hostname, port, size: room}] = items;

let next = 0;

/** One connection: asks until `until` requests were made by all together. */
function work(until, digesting) {
  return new Promise((resolve, reject) => {
    let item;
    let head = '';
    let left = 0;
    let hash;
    const buffer = Buffer.allocUnsafe(room > 1024 * 1024 ? 512 * 1024 : 64 * 1024);
    const fail = (why) => {
      socket.destroy();
      reject(new Error(`${item?.url}: ${why}`));
    };
    const ask = () => {
      if (next >= until) {
        socket.destroy();
        resolve();
        return;
      }
      item = items[next++ % items.length];
      head = '';
      left = -1;
      hash = digesting ? createHash('sha256') : undefined;
      socket.write(item.text);
    };
    const take = (size) => {
      let at = 0;
      if (left === -1) {
        head += buffer.latin1Slice(0, size);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        at = size - (head.length - end - 4);
        const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head.slice(0, end + 2))?.[1];
        if (!head.startsWith('HTTP/1.1 200 ')) return fail(`answered ${head.slice(0, head.indexOf('\r\n'))}`);
        if (Number(length) !== item.size) return fail(`expected ${item.size} bytes, told ${length}`);
        left = item.size;
      }
      left -= size - at;
      hash?.update(buffer.subarray(at, size));
      if (left < 0) return fail('more bytes than told');
      if (left > 0) return;
      if (hash !== undefined && hash.digest('hex') !== item.sha256) return fail('wrong bytes');
      ask();
    };
    const socket = connect({host: hostname, port, noDelay: true, onread: {buffer, callback: (size) => {
      take(size);
      return true;
    }}}, ask);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${item?.url}: cut off, ${left} bytes missing`)));
  });
}

async function run(count, digesting) {
  const until = next + count;
  const began = performance.now();
  await Promise.all(Array.from({length: Math.min(Number(connections), count)}, () => work(until, digesting)));
  return (performance.now() - began) / 1000;
}

const before = process.cpuUsage();
const seconds = await run(Number(requests), false);
const {user, system} = process.cpuUsage(before);
await run(Number(sample), true);
console.log(JSON.stringify({seconds, cpu: (user + system) / 1e6}));
