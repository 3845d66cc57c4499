import {expect} from 'chai';
import {addressId} from '../../src/core/address-id.js';

describe('addressId', () => {
  const same = (...addresses: string[]): boolean => new Set(addresses.map(addressId)).size === 1;

  it('tells apart what may be other content: origin, path, and any parameter', () => {
    const others = ['https://h.example/f', 'http://h.example/f', 'https://h.example:8443/f', 'https://g.example/f', 'https://h.example/g',
      'https://h.example/f?key=a', 'https://h.example/f?key=b', 'https://h.example/f?id=1', 'https://h.example/f?id=2',
      'https://h.example/f?u=0123456789abcdef0123456789abcdef', 'https://h.example/f?u=0123456789abcdef0123456789abcdee'];
    expect(new Set(others.map(addressId)).size).to.equal(others.length);
  });

  it('does not change with a signature, a login or a fragment', () => {
    expect(same('https://h.example/f', 'https://h.example/f?X-Amz-Signature=1&X-Amz-Date=2&Expires=3', 'https://u:p@h.example/f#x',
      'https://h.example/f?sv=1&se=2&sig=3', 'https://h.example/f?token=abc')).to.equal(true);
    expect(same('https://h.example/f?id=1&Signature=a', 'https://h.example/f?id=1&Signature=b')).to.equal(true);
  });

  it('shows nothing of the address', () => {
    for (const address of ['https://h.example/secret?key=hunter2', 'no address']) expect(addressId(address)).to.match(/^[0-9a-f]{64}$/);
  });
});
