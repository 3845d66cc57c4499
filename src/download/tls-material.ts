import {createHash, createPrivateKey, X509Certificate} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import * as tls from 'node:tls';
import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import {CredentialError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {Secret} from '../core/secret.js';
import {isPem, type SSL} from '../core/settings.js';

/** TLS as it is used: everything read and checked. */
export interface TlsMaterial {
  /** All trusted authorities; undefined: the system's. */
  readonly authorities: string[] | undefined;
  readonly certificate: string | undefined;
  readonly key: Secret | undefined;
  readonly validation: boolean;
  /** Tells this material from any other. */
  readonly fingerprint: string;
}

/**
 * Reads certificates and keys and makes sure that they are what they should be and fit together, before anything is
 * sent. A custom authority is added to the system's, unless it is to replace them.
 *
 * @throws CredentialError naming the setting and the file
 */
export async function loadTls(ssl: SSL): Promise<TlsMaterial> {
  const ca = await load('ssl.caCertificate', ssl.caCertificate);
  const certificate = await load('ssl.clientCertificate', ssl.clientCertificate);
  const key = ssl.clientKey instanceof Secret ? ssl.clientKey.reveal() : await load('ssl.clientKey', ssl.clientKey);
  if (ca !== undefined) {
    check('ssl.caCertificate', ssl.caCertificate, () => { certificatesIn(ca).forEach((pem) => new X509Certificate(pem)); });
  }
  if (certificate !== undefined) {
    check('ssl.clientCertificate', ssl.clientCertificate, () => new X509Certificate(certificate));
    const pem = key ?? certificate;
    check('ssl.clientKey', ssl.clientKey instanceof Secret ? undefined : ssl.clientKey, () => createPrivateKey(pem));
    check('ssl.clientKey', undefined, () => {
      const fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(pem));
      if (!fits) throw new Error('it does not belong to ssl.clientCertificate');
      tls.createSecureContext({cert: certificate, key: pem});
    });
  }
  const roots = ssl.replaceSystemAuthorities ? [] : systemAuthorities();
  return {
    authorities: ca === undefined ? undefined : [...certificatesIn(ca), ...roots],
    certificate: certificate === undefined ? undefined : certificatesIn(certificate).join('\n'),
    key: certificate === undefined ? undefined : new Secret(key ?? certificate), validation: ssl.validation,
    fingerprint: hashOf([ca, certificate, key, ssl.validation, ssl.replaceSystemAuthorities]),
  };
}

const LOADED = contextKeys<TlsMaterial>('tls');

/** The same, read once a Context for everybody with the same settings. @throws CredentialError */
export function sharedTls(context: ContextView, ssl: SSL): Promise<TlsMaterial> {
  const {caCertificate, clientCertificate, clientKey, validation, replaceSystemAuthorities} = ssl;
  const key = clientKey instanceof Secret ? {pem: clientKey.reveal()} : clientKey;
  return context.once(LOADED.of(hashOf([caCertificate, clientCertificate, key, validation, replaceSystemAuthorities])), () => loadTls(ssl));
}

function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Nothing but the system's authorities. */
export const PLAIN_TLS: TlsMaterial = Object.freeze({
  authorities: undefined, certificate: undefined, key: undefined, validation: true, fingerprint: 'plain',
});

/** What other origins are spoken to with: the authorities stay, the client's certificate and a waived check do not. */
export function elsewhere(material: TlsMaterial): TlsMaterial {
  if (material.certificate === undefined && material.validation) return material;
  return {...material, certificate: undefined, key: undefined, validation: true, fingerprint: `elsewhere ${material.fingerprint}`};
}

/** Node's bundled roots, and on newer versions what the process was told to trust besides (NODE_EXTRA_CA_CERTS). */
function systemAuthorities(): readonly string[] {
  const {getCACertificates} = tls as {getCACertificates?: (type: 'default') => string[]};
  return getCACertificates === undefined ? tls.rootCertificates : getCACertificates('default');
}

async function load(setting: string, value: string | Buffer | undefined): Promise<string | undefined> {
  if (value === undefined || Buffer.isBuffer(value)) return value?.toString();
  if (isPem(value)) return value;
  try {
    return await readFile(value, 'utf8');
  } catch (cause) {
    throw new CredentialError(`${setting}: expected a readable PEM file, ${value} can't be read (${messageOf(cause)})`, {cause});
  }
}

function certificatesIn(text: string): string[] {
  const found = text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^]+?-----END (?:TRUSTED )?CERTIFICATE-----/g);
  if (found === null) throw new Error('no certificate in it');
  return found;
}

function check(setting: string, from: string | Buffer | undefined, parse: () => unknown): void {
  try {
    parse();
  } catch (cause) {
    const where = typeof from === 'string' && !isPem(from) ? ` in ${from}` : '';
    const what = setting === 'ssl.clientKey' ? 'a private key in PEM without a passphrase' : 'a certificate in PEM';
    throw new CredentialError(`${setting}: expected ${what}${where}: ${messageOf(cause)}`, {cause});
  }
}
