import {catalogueContract} from './catalogue-contract.js';
import {ENGINES} from './engines.js';

for (const [name, useEngine] of Object.entries(ENGINES)) {
  describe(`Catalogue on ${name}`, () => {
    catalogueContract(useEngine());
  });
}
