// Serves a catalogue to everybody on this machine until it is killed, or its parent ends. Forked by ServerProcess.
import {once} from 'node:events';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [task] = await once(process, 'message');
const built = (path) => import(pathToFileURL(join(task.dist, path)).href);
const {Catalogue} = await built('catalogue/catalogue.js');
const {catalogueServer} = await built('catalogue/server/catalogue-server.js');

process.once('disconnect', () => { process.exit(); });
const {location, schema} = task.place;
const catalogue = await Catalogue.open(location, schema === undefined ? {} : {postgres: {schema}});
const server = await catalogueServer({
  catalogue, unauthenticated: true, port: task.port,
  report: ({error}) => { process.send({kind: 'fault', message: String(error?.message)}); },
});
process.send({kind: 'listening', port: server.port});
