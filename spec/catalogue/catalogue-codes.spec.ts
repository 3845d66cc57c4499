import {inspect} from 'node:util';
import {expect} from 'chai';
import {CATALOGUE_CODES} from '../../src/catalogue/catalogue-codes.js';
import * as errors from '../../src/catalogue/catalogue-errors.js';

const {CatalogueError} = errors;

/** One of each class that is thrown. */
const EXAMPLES: readonly errors.CatalogueError[] = [
  new errors.InvalidName('x'), new errors.InvalidDocument('x'), new errors.InvalidFact('x', 1), new errors.PatchFailed('x'), new errors.RequestReused('x'),
  new errors.UnknownRelease('r'), new errors.UnknownPart('r', '/a'), new errors.UnknownVersion('x'), new errors.ReleaseExists('r'),
  new errors.ReadOnlyRelease('r'), new errors.StaleVersion('x', 1), new errors.MergeConflict('x', [], 1), new errors.PrunedAncestor('x', 1, 2),
  new errors.StoreFault('x'), new errors.StoreReadOnly('x'), new errors.Overloaded('x', 1), new errors.OutcomeUnknown('x', 'id'),
];

describe('CATALOGUE_CODES', () => {
  it('has one code for each error that is thrown, and no other', () => {
    expect(EXAMPLES.map(({code}) => code)).to.have.members(Object.keys(CATALOGUE_CODES)).and.to.have.length(Object.keys(CATALOGUE_CODES).length);
    expect(EXAMPLES.every((error) => error instanceof CatalogueError && error.name === error.constructor.name)).to.equal(true);
  });

  it('says which of them are worth a repeat', () => {
    expect(EXAMPLES.filter(({retryable}) => retryable).map(({code}) => code)).to.deep.equal(['OVERLOADED', 'OUTCOME_UNKNOWN']);
  });

  it('shows no secret that is hidden in a message or a cause', () => {
    const cause = Object.assign(new Error('postgres://elmer:hunting@host'), {client: {password: 'hunting'}});
    const error = new errors.StoreFault('no way to postgres://elmer:hunting@host', {cause});
    expect(inspect(error, {depth: 9, showHidden: true}) + JSON.stringify(error)).to.not.contain('hunting');
    expect(JSON.parse(JSON.stringify(new errors.StaleVersion('old', 7)))).to.deep.equal({
      name: 'StaleVersion', code: 'STALE_VERSION', retryable: false, currentVersion: 7, message: 'old'});
  });
});
