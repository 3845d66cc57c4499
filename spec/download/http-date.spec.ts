import {expect} from 'chai';
import {httpDate} from '../../src/download/http-date.js';

describe('httpDate', () => {
  it('reads all three forms', () => {
    for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
      expect(httpDate(text), text).to.equal(Date.UTC(1994, 10, 6, 8, 49, 37));
    }
    for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']) {
      expect(httpDate(`${day}, 01-Jan-30 00:00:00 GMT`), day).to.equal(Date.UTC(2030, 0, 1));
      expect(httpDate(`${day.slice(0, 3)}, 01 Jan 2030 00:00:00 GMT`), day).to.equal(Date.UTC(2030, 0, 1));
    }
  });
});
