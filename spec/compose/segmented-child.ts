import {Context} from '../../src/core/context.js';
import {SystemClock} from '../../src/core/clock.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {segmented} from './segment-site.js';

/** A clock on which so much time goes by between two looks that each piece is written down at once. */
class HastyClock extends SystemClock {
  #looks = 0;

  override now(): number {
    return ++this.#looks * 6000;
  }
}

const [url = '', path = ''] = process.argv.slice(2);
const download = segmented({
  url, writer: new FileWriter(path, {resume: true}), context: new Context({clock: new HastyClock()}),
  timeout: {connect: 0, headers: 0, read: 0, lowSpeed: 0},
});
download.register('fetched', ({held}) => { process.send?.({held}); });
await download.run();
