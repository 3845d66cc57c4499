import {expect} from 'chai';
import {checkLists} from '../../../src/catalogue/merge/check-lists.js';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';
import type {Json} from '../../../src/core/json.js';
import type {MergePolicy} from '../../../src/catalogue/merge/merge-policy.js';

const placeOf = (document: Json, policy?: MergePolicy): string | undefined => {
  try {
    checkLists(document, policy);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidDocument) return `${error.path} ${error.reason}`;
    throw error;
  }
};

describe('checkLists', () => {
  it('takes documents whose lists have their keys', () => {
    expect(placeOf({partials: [{from: 'a'}, {key: 'b'}, {from: ''}], other: [1, 1], de: {completes: []}})).to.equal(undefined);
    expect(placeOf(null)).to.equal(undefined);
    checkLists(undefined);
  });

  it('refuses an item without a key, wherever it is', () => {
    const reason = 'an item of this list needs a text or a number as key or from';
    expect(placeOf({partials: [{from: 'a'}, 'b']})).to.equal(`/partials/1 ${reason}`);
    expect(placeOf({x: [[{'a/b': {completes: [{from: null}]}}]]})).to.equal(`/x/0/0/a~1b/completes/0 ${reason}`);
  });

  it('refuses two items with one key, the number 1 being the text 1', () => {
    expect(placeOf({partials: [{from: '1'}, {from: 'b'}, {key: 1}]}))
      .to.equal('/partials/2 another item of this list has the same key or from');
  });

  it('names the items above by their key', () => {
    const policy: MergePolicy = {lists: [{path: '/l', kind: 'keyed', key: 'id'}, {path: '/l/x/m', kind: 'append', key: 'id'}]};
    expect(placeOf({l: [{id: 'y', m: [1]}, {id: 'x', m: [1]}]}, policy))
      .to.equal('/l/x/m/0 an item of this list needs a text or a number as id');
  });

  it('asks nothing of lists without a declared key', () => {
    expect(placeOf({partials: [1, 1]}, {lists: [{path: '/partials', kind: 'replace'}]})).to.equal(undefined);
  });
});
