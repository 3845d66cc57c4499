import {existsSync} from 'node:fs';
import type {Environment} from '../proxy-environment.js';

/** What a reference to a secret, or one of several, leads to that isn't there now: a line each. It may be there later. */
export function missingReferences(value: unknown, env: Environment): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const {env: variable, file} = value as {env?: unknown; file?: unknown};
  if (typeof variable === 'string') return env[variable] === undefined ? [`the variable ${variable} is not set now`] : [];
  if (typeof file === 'string') return existsSync(file) ? [] : [`the file ${file} is not there now`];
  return Object.values(value).flatMap((one) => missingReferences(one, env));
}
