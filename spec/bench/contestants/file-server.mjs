// A plain file server for machines without nginx. Arguments: folder, port.
import {createReadStream} from 'node:fs';
import {stat} from 'node:fs/promises';
import * as http from 'node:http';
import {basename, join} from 'node:path';

const [folder, port] = process.argv.slice(2);
http.createServer(async (request, response) => {
  const path = join(folder, basename(new URL(request.url, 'http://localhost').pathname));
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {'content-length': found.size});
  createReadStream(path, {highWaterMark: 256 * 1024}).pipe(response);
}).listen(Number(port), '127.0.0.1');
