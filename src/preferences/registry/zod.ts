import type * as Zod from 'zod';
import {requireOptionalNow} from '../../sql/require-optional.js';

/**
 * What settings are declared with. Without the optional package `zod` nothing here can be loaded; its types come from `zod` itself.
 *
 * @throws Error with the code ERR_OPTIONAL_MISSING, when it is imported, that says what to install
 */
export const z: typeof Zod.z = (requireOptionalNow('zod', 'preferences') as typeof Zod).z;
