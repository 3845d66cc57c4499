import {Registry} from './registry.js';
import {SOURCE_SETTINGS} from './source-settings.js';
import {TRANSFER_SETTINGS} from './transfer-settings.js';

/** What is best set, excepted or taken back together. A new setting joins only when it is written here. */
const GROUPS = {
  proxy: ['proxy.url', 'proxy.user', 'proxy.password', 'proxy.bypass'],
  tls: ['tls.ca', 'tls.ca.only', 'tls.certificate', 'tls.key', 'tls.verify'],
  auth: ['auth.user', 'auth.password', 'auth.token'],
  timeout: ['timeout.connect', 'timeout.headers', 'timeout.read', 'timeout.deadline', 'timeout.slow.rate', 'timeout.slow.time'],
  retry: ['retry.count', 'retry.base', 'retry.cap', 'retry.patience'],
  limits: ['limits.total', 'limits.origin', 'limits.requests', 'limits.bandwidth', 'limits.wait', 'limits.outage.time',
    'limits.outage.faults'],
  file: ['file.exists', 'file.durability', 'file.resume', 'file.mode'],
};

/** The settings of downloads; a plugin adds its own by `with`. */
export function downloadRegistry(): Registry {
  return new Registry({settings: [...TRANSFER_SETTINGS, ...SOURCE_SETTINGS], groups: GROUPS});
}
