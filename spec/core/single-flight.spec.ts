import {expect} from 'chai';
import {Cancelled} from '../../src/core/errors.js';
import {asCancel, Flight} from '../../src/core/single-flight.js';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

function fly(compute: (signal: AbortSignal) => Promise<string> | string): {flight: Flight<string>; told: string[]} {
  const told: string[] = [];
  const events = {answered: (value: string) => { told.push(`answered ${value}`); }, settled: () => { told.push('settled'); }};
  return {told, flight: new Flight(compute, events)};
}

describe('Flight', () => {
  it('tells its answer, then that it is over', async () => {
    const {flight, told} = fly(() => 'a');
    expect(flight.over).to.equal(false);
    expect(await flight.join(undefined)).to.equal('a');
    expect([flight.over, told]).to.deep.equal([true, ['answered a', 'settled']]);
  });

  it('tells only that it is over when it failed, and raises no unhandled rejection without a waiter', async () => {
    const {flight, told} = fly(() => { throw new Error('no'); });
    await turn();
    expect([flight.over, told]).to.deep.equal([true, ['settled']]);
  });

  it('is over at once when aborted, with the reason, even if the computation ignores its signal', async () => {
    const {flight, told} = fly(() => new Promise(() => undefined));
    const waiting = flight.join(undefined).then(() => undefined, (error: unknown) => error);
    await turn();
    const reason = new Cancelled('closed');
    flight.abort(reason);
    expect(flight.over).to.equal(true);
    expect(await waiting).to.equal(reason);
    expect(told).to.deep.equal(['settled']);
  });

  it('does not begin when it was aborted before', async () => {
    let begun = false;
    const {flight} = fly(() => { begun = true; return 'a'; });
    flight.abort(new Cancelled());
    await turn();
    expect(begun).to.equal(false);
  });
});

describe('asCancel', () => {
  it('keeps a Cancelled and wraps every other reason', () => {
    const cancelled = new Cancelled('mine');
    expect(asCancel(cancelled)).to.equal(cancelled);
    expect(asCancel(new Error('why'))).to.be.instanceOf(Cancelled).and.to.have.nested.property('cause.message', 'why');
    expect(asCancel(undefined)).to.be.instanceOf(Cancelled);
  });
});
