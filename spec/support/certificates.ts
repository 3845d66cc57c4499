import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A certificate and its key, as PEM and as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** Everything that a TLS spec needs. `server` and `client` are signed by `ca`, `expired` ended yesterday, `selfSigned` has no issuer. */
export interface Certificates {
  readonly ca: Certificate;
  /** A second authority that signed nothing. */
  readonly otherCa: Certificate;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: Certificate;
  /** Common name `elmer`. */
  readonly client: Certificate;
  readonly expired: Certificate;
  readonly selfSigned: Certificate;
  /** The folder of the files; removed when the process ends. */
  readonly folder: string;
}

let made: Certificates | undefined;

/** Made by the `openssl` binary at the first call, once a process. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1';

function make(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'jupiter-certificates-'));
  process.once('exit', () => { rmSync(folder, {recursive: true, force: true}); });
  const ca = selfSign(folder, 'ca', 'Jupiter Spec CA', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']);
  return {
    ca,
    otherCa: selfSign(folder, 'other-ca', 'Another CA', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']),
    server: sign(folder, ca, 'server', 'localhost', `${NAMES}\nextendedKeyUsage=serverAuth`, 30),
    client: sign(folder, ca, 'client', 'elmer', 'extendedKeyUsage=clientAuth', 30),
    expired: sign(folder, ca, 'expired', 'localhost', `${NAMES}\nextendedKeyUsage=serverAuth`, -1),
    selfSigned: selfSign(folder, 'self-signed', 'localhost', [NAMES]),
    folder,
  };
}

function selfSign(folder: string, name: string, subject: string, extensions: readonly string[]): Certificate {
  const files = filesOf(folder, name);
  openssl(['req', '-x509', ...newKey(files.keyPath), '-subj', `/CN=${subject}`, '-days', '30', '-out', files.certPath,
    ...extensions.flatMap((extension) => ['-addext', extension])]);
  return read(files);
}

function sign(folder: string, ca: Certificate, name: string, subject: string, extensions: string, days: number): Certificate {
  const files = filesOf(folder, name);
  const request = join(folder, `${name}.csr`);
  const config = join(folder, `${name}.ext`);
  writeFileSync(config, `${extensions}\n`);
  openssl(['req', '-new', ...newKey(files.keyPath), '-subj', `/CN=${subject}`, '-out', request]);
  openssl(['x509', '-req', '-in', request, '-CA', ca.certPath, '-CAkey', ca.keyPath, '-CAcreateserial', '-days', String(days),
    '-extfile', config, '-out', files.certPath]);
  return read(files);
}

function newKey(path: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path];
}

function filesOf(folder: string, name: string): {certPath: string; keyPath: string} {
  return {certPath: join(folder, `${name}.pem`), keyPath: join(folder, `${name}.key`)};
}

function read(files: {certPath: string; keyPath: string}): Certificate {
  return {...files, cert: readFileSync(files.certPath, 'utf8'), key: readFileSync(files.keyPath, 'utf8')};
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, {stdio: ['ignore', 'ignore', 'pipe']});
}
