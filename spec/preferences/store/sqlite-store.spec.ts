import {useSqliteStores} from './store-bench.js';
import {itFindsMarksAmongMany} from './mark-plans.js';
import {itKeepsBatches} from './row-batches.js';
import {itKeepsTheStoreContract} from './store-contract.js';
import {itKeepsTheStoreUp} from './store-upkeep.js';
import {itKeepsTheUpkeepContract} from './upkeep-contract.js';

describe('SqlPreferenceStore on SQLite', () => {
  const bench = useSqliteStores();
  itKeepsTheStoreContract(bench);
  itKeepsBatches(bench);
  itKeepsTheStoreUp(bench);
  itKeepsTheUpkeepContract(bench);
  itFindsMarksAmongMany(bench);
});
