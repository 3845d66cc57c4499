import {usePostgresStores} from './store-bench.js';
import {itFindsMarksAmongMany} from './mark-plans.js';
import {itKeepsBatches} from './row-batches.js';
import {itKeepsTheStoreContract} from './store-contract.js';
import {itKeepsTheStoreUp} from './store-upkeep.js';
import {itKeepsTheUpkeepContract} from './upkeep-contract.js';

describe('SqlPreferenceStore on PostgreSQL', () => {
  const bench = usePostgresStores();
  itKeepsTheStoreContract(bench);
  itKeepsBatches(bench);
  itKeepsTheStoreUp(bench);
  itKeepsTheUpkeepContract(bench);
  itFindsMarksAmongMany(bench);
});
