import type {Download} from '../download/download.js';
import type {Resource} from './importer.js';

/** Whether somebody is to judge the bytes of a download: then the end of the body waits for the verdict. */
export function isJudged({digest}: Resource, download: Download | undefined): boolean {
  return digest !== undefined || download?.validations.some(({enforced}) => enforced !== false) === true;
}
