import {createHash} from 'node:crypto';

/** Parameters of signed addresses: they change from one signing to the next, and say nothing of the content. */
const SIGNATURE = new RegExp('^(?:x-(?:amz|goog|oss|ms|bz)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|key-pair-id|policy|signature|expires'
  + '|sig|se|sp|sv|sr|st|spr|sip|skoid|sktid|skt|ske|sks|skv|hdnts|hdnea|__token__|token|access_token)$', 'i');

/**
 * Names an address in what outlives a run (journals, receipts, validators): a hash, so that no secret can be read from
 * it, of all that tells content apart. Logins, fragments and the parameters of signatures don't.
 */
export function addressId(address: string): string {
  return createHash('sha256').update(URL.canParse(address) ? withoutSignature(new URL(address)) : address).digest('hex');
}

/** An address without login, fragment and the parameters of signatures; other parameters stay, and may be secret. */
export function withoutSignature({protocol, host, pathname, search}: URL): string {
  const kept = search.slice(1).split('&').filter((parameter) => parameter !== '' && !SIGNATURE.test(parameter.replace(/=.*$/s, '')));
  return `${protocol}//${host}${pathname}${kept.length === 0 ? '' : `?${kept.join('&')}`}`;
}
