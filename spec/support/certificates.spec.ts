import {expect} from 'chai';
import {X509Certificate} from 'node:crypto';
import {certificates} from './certificates.js';

describe('certificates', () => {
  const made = certificates();
  const parse = (pem: string): X509Certificate => new X509Certificate(pem);

  it('signs server and client with its authority, for the loopback names', () => {
    const ca = parse(made.ca.cert);
    for (const {cert} of [made.server, made.client, made.expired]) expect(parse(cert).verify(ca.publicKey)).to.equal(true);
    expect(parse(made.server.cert).checkHost('localhost')).to.equal('localhost');
    expect(parse(made.server.cert).checkIP('127.0.0.1')).to.equal('127.0.0.1');
    expect(parse(made.client.cert).subject).to.equal('CN=elmer');
  });

  it('has one that ended and ones that the authority did not sign', () => {
    const ca = parse(made.ca.cert);
    expect(Date.parse(parse(made.expired.cert).validTo)).to.be.lessThan(Date.now());
    expect(Date.parse(parse(made.server.cert).validTo)).to.be.greaterThan(Date.now());
    expect(parse(made.selfSigned.cert).verify(ca.publicKey)).to.equal(false);
    expect(parse(made.server.cert).verify(parse(made.otherCa.cert).publicKey)).to.equal(false);
  });
});
