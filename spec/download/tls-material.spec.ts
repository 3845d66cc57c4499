import {expect} from 'chai';
import {rootCertificates} from 'node:tls';
import {inspect} from 'node:util';
import {Context} from '../../src/core/context.js';
import {CredentialError} from '../../src/core/errors.js';
import {SSL, type SSLOptions} from '../../src/core/settings.js';
import {elsewhere, loadTls, sharedTls} from '../../src/download/tls-material.js';
import {certificates} from '../support/certificates.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('loadTls', () => {
  const {ca, otherCa, client, server} = certificates();
  const folder = useTempFolder();
  const load = (options: SSLOptions) => loadTls(new SSL(options));
  const failure = async (options: SSLOptions): Promise<string> => {
    const error = await load(options).catch((thrown: unknown) => thrown) as Error;
    expect(error).to.be.instanceOf(CredentialError);
    return error.message;
  };

  it('reads the same from a path, PEM text and PEM bytes', async () => {
    const forms = [
      {caCertificate: ca.certPath, clientCertificate: client.certPath, clientKey: client.keyPath},
      {caCertificate: ca.cert, clientCertificate: client.cert, clientKey: client.key},
      {caCertificate: Buffer.from(ca.cert), clientCertificate: Buffer.from(client.cert), clientKey: Buffer.from(client.key)},
    ];
    const [one, ...others] = await Promise.all(forms.map(load));
    expect([one?.certificate, one?.key?.reveal(), one?.validation]).to.deep.equal([client.cert.trim(), client.key, true]);
    expect(others.map(({fingerprint}) => fingerprint)).to.deep.equal([one?.fingerprint, one?.fingerprint]);
  });

  it('adds authorities to the system\'s, unless they are to replace them', async () => {
    const bundle = `${ca.cert}\n# another\n${otherCa.cert}`;
    const own = [ca.cert.trim(), otherCa.cert.trim()];
    expect((await load({caCertificate: bundle})).authorities).to.include.members([...own, ...rootCertificates]);
    expect((await load({caCertificate: bundle, replaceSystemAuthorities: true})).authorities).to.deep.equal(own);
    expect((await load({})).authorities).to.equal(undefined);
  });

  it('takes the key from the certificate\'s file when it stands there', async () => {
    const both = await folder.write('both.pem', client.cert + client.key);
    const {certificate, key} = await load({clientCertificate: both});
    expect([certificate, key?.reveal()]).to.deep.equal([client.cert.trim(), client.cert + client.key]);
  });

  it('refuses what cannot be read, naming setting and file', async () => {
    const missing = folder.join('missing.pem');
    expect(await failure({caCertificate: missing})).to.contain('ssl.caCertificate').and.contain(missing);
    expect(await failure({clientCertificate: missing})).to.contain('ssl.clientCertificate').and.contain(missing);
    expect(await failure({clientCertificate: client.cert, clientKey: missing})).to.contain('ssl.clientKey').and.contain(missing);
    expect(await failure({caCertificate: folder.path})).to.contain('ssl.caCertificate').and.contain('EISDIR');
  });

  it('refuses garbage, naming the setting, without showing it', async () => {
    const garbage = '-----BEGIN CERTIFICATE-----\nc2VjcmV0LWdhcmJhZ2U=\n-----END CERTIFICATE-----\n';
    const text = await folder.write('text.pem', 'c2VjcmV0LWdhcmJhZ2U=');
    const keyless = {clientCertificate: client.cert};
    const badKey = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWdhcmJhZ2U=\n-----END PRIVATE KEY-----\n';
    const cases: [SSLOptions, string][] = [
      [{caCertificate: garbage}, 'ssl.caCertificate'], [{caCertificate: text}, 'ssl.caCertificate'],
      [{caCertificate: client.key}, 'ssl.caCertificate'], [{caCertificate: ca.cert + garbage}, 'ssl.caCertificate'],
      [{clientCertificate: garbage, clientKey: client.key}, 'ssl.clientCertificate'],
      [{clientCertificate: text, clientKey: client.key}, 'ssl.clientCertificate'], [{...keyless, clientKey: badKey}, 'ssl.clientKey'],
      [{...keyless, clientKey: text}, 'ssl.clientKey'], [{...keyless, clientKey: client.cert}, 'ssl.clientKey'],
    ];
    for (const [options, name] of cases) {
      expect(await failure(options), JSON.stringify(options)).to.contain(`${name}: expected`).and.not.contain('c2VjcmV0');
    }
  });

  it('refuses a key that is missing, or another certificate\'s', async () => {
    expect(await failure({clientCertificate: client.cert})).to.contain('ssl.clientKey');
    expect(await failure({clientCertificate: client.cert, clientKey: server.key})).to.contain('does not belong to ssl.clientCertificate');
  });

  it('shows no key', async () => {
    const ssl = new SSL({clientCertificate: client.cert, clientKey: client.key});
    const shown = inspect([ssl, await loadTls(ssl)], {depth: 9}) + JSON.stringify([ssl, await loadTls(ssl)]);
    expect(shown).to.not.contain('PRIVATE KEY');
  });
});

describe('sharedTls', () => {
  const {ca} = certificates();
  const folder = useTempFolder();

  it('reads once a Context for the same settings, and remembers no failure', async () => {
    await using context = new Context();
    const path = folder.join('ca.pem');
    const ask = () => sharedTls(context, new SSL({caCertificate: path}));
    expect(await ask().catch((error: unknown) => error)).to.be.instanceOf(CredentialError);
    await folder.write('ca.pem', ca.cert);
    const one = await ask();
    expect(await ask()).to.equal(one);
    expect(await sharedTls(context, new SSL({caCertificate: path, validation: false}))).to.not.equal(one);
  });
});

describe('elsewhere', () => {
  it('keeps the authorities and nothing else', async () => {
    const {ca, client} = certificates();
    const own = await loadTls(new SSL({caCertificate: ca.cert, clientCertificate: client.cert, clientKey: client.key, validation: false}));
    const {fingerprint, ...rest} = elsewhere(own);
    expect(rest).to.deep.equal({authorities: own.authorities, certificate: undefined, key: undefined, validation: true});
    expect(fingerprint).to.not.equal(own.fingerprint);
    const plain = await loadTls(new SSL({caCertificate: ca.cert}));
    expect(elsewhere(plain)).to.equal(plain);
  });
});
