import {addressId} from '../core/address-id.js';
import type {KeptVersion} from '../core/contract.js';
import {ResumeRejected} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';

/** The headers that ask for the file only if it changed (RFC 9110, 13.1.2 and 13.1.3). */
export function conditionHeaders(version: KeptVersion | undefined): Record<string, string> {
  const {etag, lastModified} = version ?? {};
  return {...etag === undefined ? {} : {'if-none-match': etag}, ...lastModified === undefined ? {} : {'if-modified-since': lastModified}};
}

/** A 304 counts from the address that named the version; another one's tags may be alike by chance. @throws ResumeRejected */
export function checkSameHop(version: KeptVersion | undefined, url: string): void {
  if (version?.hop === undefined || version.hop === addressId(url)) return;
  throw new ResumeRejected(`not modified (304), says another address than the one that named the version: ${redactUrl(url)}`, {url});
}
