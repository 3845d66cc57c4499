import {expect} from 'chai';
import {CATALOGUE_CODES} from '../../../src/catalogue/catalogue-codes.js';
import {
  type CatalogueError, InvalidDocument, InvalidFact, InvalidName, MergeConflict, OutcomeUnknown, Overloaded, PatchFailed, PrunedAncestor,
  ReadOnlyRelease, ReleaseExists, RequestReused, StaleVersion, StoreFault, StoreReadOnly, UnknownPart, UnknownRelease, UnknownVersion,
} from '../../../src/catalogue/catalogue-errors.js';
import {faultOf, retryAfterOf, type FaultTerms} from '../../../src/catalogue/client/answer-fault.js';
import type {Answered} from '../../../src/catalogue/client/exchange.js';
import {Problem, problemOf} from '../../../src/catalogue/server/problem.js';
import {SERVER_CODES, type ServerCode} from '../../../src/catalogue/server-codes.js';

const CONFLICT = {part: '/a', path: '/partials/r1', kind: 'both-changed', tip: 1, incoming: 2} as const;
const TERMS: FaultTerms = {subject: {name: 'r', path: '/a'}, requestId: 'id', token: undefined, now: 0};
const PROBLEM = {'content-type': 'application/problem+json'};

function answerOf({body, headers}: Problem): Answered {
  return {status: body.status, headers: {...PROBLEM, ...headers}, body: Buffer.from(JSON.stringify(body))};
}

function answer(status: number, body: string, headers: Answered['headers'] = {}): Answered {
  return {status, headers, body: Buffer.from(body)};
}

describe('the fault of an answer', () => {
  const errors: CatalogueError[] = [
    new InvalidName('name: empty', '/name'), new InvalidDocument('no object', '/x'), new InvalidFact('fact 3: size', 3, '/3/size'),
    new PatchFailed('no place', '/1'), new RequestReused('used'), new UnknownRelease('r'), new UnknownPart('r', '/a'),
    new UnknownVersion('no version 9'), new ReleaseExists('r'), new ReadOnlyRelease('r'), new StaleVersion('stale', 7),
    new MergeConflict('both', [CONFLICT], 8), new PrunedAncestor('pruned', 2, 9), new StoreFault('broken'), new StoreReadOnly('read-only'),
    new Overloaded('locked', 2000), new OutcomeUnknown('lost', 'id'),
  ];

  it('is the class that the catalogue threw, with all that it says', () => {
    expect(errors.map(({code}) => code)).to.have.members(Object.keys(CATALOGUE_CODES));
    for (const error of errors) {
      const fault = faultOf(answerOf(problemOf(error) as Problem), TERMS);
      expect(fault.constructor, error.code).to.equal(error.constructor);
      // The texts of databases stay on the server.
      const message = error instanceof StoreFault ? CATALOGUE_CODES[error.code] : error.message;
      expect(JSON.parse(JSON.stringify(fault)), error.code).to.deep.equal(JSON.parse(JSON.stringify({...error.toJSON(), message})));
    }
  });

  it('is one of the server\'s own by its code; only 503 is worth a repeat', () => {
    for (const code of Object.keys(SERVER_CODES) as ServerCode[]) {
      const status = code === 'BUSY' || code === 'CLOSING' ? 503 : 418;
      const fault = faultOf(answerOf(Problem.of(status, code)), TERMS);
      expect(fault).to.include({code, retryable: status === 503, name: status === 503 ? 'ServerBusy' : 'RequestRefused'});
      expect(fault.message).to.contain(SERVER_CODES[code]);
    }
  });

  it('takes what is no problem of ours for the answer of another', () => {
    const table = [
      answer(200, '<html>', {'content-type': 'text/html'}), answer(403, '<html>', {'content-type': 'text/html'}), answer(502, ''),
      answer(422, '{"code":"toString"}', PROBLEM), answer(422, '{', PROBLEM), answer(422, 'null', PROBLEM), answer(429, 'slow down'),
    ].map((given) => faultOf(given, TERMS)).map(({code, retryable}) => `${code} ${retryable}`);
    expect(table).to.deep.equal([
      'FOREIGN_ANSWER false', 'FOREIGN_ANSWER false', 'FOREIGN_ANSWER true', 'FOREIGN_ANSWER false', 'FOREIGN_ANSWER false', 'FOREIGN_ANSWER false',
      'BUSY true']);
  });

  it('never shows the token, even if the server says it', () => {
    const body = JSON.stringify({code: 'INVALID_DOCUMENT', detail: 'what is plantedtoken?', pointer: '/plantedtoken'});
    const fault = faultOf(answer(422, body, PROBLEM), {...TERMS, token: 'plantedtoken'});
    expect(fault).to.include({message: 'what is ***?', pointer: '/***'});
    const moved = faultOf(answer(302, '', {location: 'http://host/plantedtoken'}), {...TERMS, token: 'plantedtoken'});
    expect(moved.message).to.equal('a redirect (302) to http://host/***, which is not followed; say the catalogue\'s own URL');
  });

  it('understands seconds and dates of Retry-After', () => {
    const values = ['3', ' 0 ', 'Thu, 01 Jan 1970 00:00:09 GMT', 'Thu, 01 Jan 1970 00:00:01 GMT', 'soon', undefined];
    expect(values.map((value) => retryAfterOf(value === undefined ? {} : {'retry-after': value}, 4000)))
      .to.deep.equal([3000, 0, 5000, 0, undefined, undefined]);
  });
});
