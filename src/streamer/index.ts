export type {Importer, Resource, StreamRequest} from './importer.js';
export {DebianImporter, type DebianImporterOptions} from './importers/debian-importer.js';
export {NpmImporter, type NpmImporterOptions} from './importers/npm-importer.js';
export {PrefixImporter, type PrefixImporterOptions} from './importers/prefix-importer.js';
export type {UpstreamOptions} from './importers/upstream.js';
export type {Listening, ListenOptions} from './listener.js';
export {STREAM_LIMITS} from './patience.js';
export {Streamer} from './streamer.js';
export type {StreamerOptions} from './streamer-options.js';
