import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import {ELMER, PRODUCT, complete, partial} from '../facts.js';

/** A release with two parts and five versions; version 5 changes, adds and removes something. */
export async function fill(catalogue: Catalogue): Promise<void> {
  const url = 'https://example.org/full.mar';
  const {digest} = complete('/', '', 'd');
  await catalogue.publish('firefox-57', [
    {...complete('/linux/de', 'full.mar'), size: 52_428_801, url}, partial('/linux/de', 'r1'), partial('/linux/de', 'r2'),
  ], {...ELMER, create: PRODUCT});
  await catalogue.publish('firefox-57', [partial('/win/fr', 'r1')], {actor: 'zoë'});
  await catalogue.publish('firefox-57', [partial('/win/fr', 'r2')], {actor: 'zoë'});
  await catalogue.patch({name: 'firefox-57', path: '/linux/de'}, [
    {op: 'replace', path: '/partials/0/digest', value: digest}, {op: 'replace', path: '/partials/0/size', value: 2048},
    {op: 'remove', path: '/partials/1'}, {op: 'add', path: '/buildID', value: '20171112'},
  ], {...ELMER, base: 1});
}

/** A release of 10,000 parts and more than 15,000 versions. */
export async function fillBig(catalogue: Catalogue): Promise<void> {
  const paths = Array.from({length: 20}, (_, platform) => Array.from({length: 500}, (_, locale) => `/p${platform}/l${locale}`)).flat();
  for (let at = 0; at < paths.length; at += 2500) {
    const some = paths.slice(at, at + 2500);
    await catalogue.publish('big', some.flatMap((path) => [complete(path, 'c'), partial(path, 'r1')]), {...ELMER, create: PRODUCT});
  }
  for (let at = 0; at < 5000; at += 2500) {
    await catalogue.publish('big', paths.slice(at, at + 2500).map((path) => partial(path, 'r2')), ELMER);
  }
}
