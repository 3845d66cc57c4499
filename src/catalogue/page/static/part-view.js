import {partPath} from './api.js';
import {h, link, pairs, plain, text} from './elements.js';
import {documentView} from './facts.js';
import {asOf, pastNote, trail} from './release-view.js';
import {href, momentOf, note} from './route.js';
import {count} from './values.js';

/** The view of a part, now or as it was: its facts and what else is in its document. */
export async function partView({path: [, name], query}, {api, signal, announce}) {
  const {path} = query;
  const moment = momentOf(query);
  const response = await api.open(partPath(name, path), moment, signal);
  const [document, version] = [await response.json(), (response.headers.get('etag') ?? '').replace(/\D/g, '')];
  const releaseVersion = Number(response.headers.get('catalogue-release-version'));
  const isPast = Object.values(moment).some((value) => value !== undefined);
  return {
    title: `${plain(path)} of ${plain(name)}`, heading: h('span', {}, text(path), ' of ', link(href(['release', name]), text(name))),
    body: [
      trail(name), isPast ? pastNote(['release', name, 'part'], {version: Number(query.version ?? releaseVersion)}, {path}) : undefined,
      pairs([['Version of the part', count(version)],
        ['Last changed by',
          link(href(['release', name, 'diff'], {from: releaseVersion - 1, to: releaseVersion}), `version ${count(releaseVersion)}`)],
        ['History', link(href(['release', name, 'history'], {path}), 'of this part')]], {class: 'head'}),
      asOf(['release', name, 'part'], query, {path}),
      h('h2', {}, 'Facts'),
      documentView(document, announce, {page: Number(query.page ?? 1), turned: (page) => {
        if (page !== Number(query.page ?? 1)) note({page});
      }}),
    ],
  };
}
