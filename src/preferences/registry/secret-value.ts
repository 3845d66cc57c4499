import {isAbsolute} from 'node:path';
import {z} from './zod.js';

/** How a secret is stored: where it is, or sealed. A global one says for which origin it is. */
export type StoredSecret = {readonly origin?: string | undefined} & (
  | {readonly env: string} | {readonly file: string} | {readonly sealed: string});

const ORIGIN = z.string().max(300).refine((text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text,
  'expected an origin such as https://registry.example').optional();

/** The schema of one stored secret. A plain text is none: `Preferences` seals it first. */
export const STORED_SECRET = z.union([
  z.strictObject({origin: ORIGIN, env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)}),
  z.strictObject({origin: ORIGIN, file: z.string().max(4096).refine((path) => isAbsolute(path) && !path.includes('\0'))}),
  z.strictObject({origin: ORIGIN, sealed: z.string().min(1)}),
]);

/** Whether a value is a stored secret, not a text or an object of several. */
export function isStoredSecret(value: unknown): value is StoredSecret {
  return STORED_SECRET.safeParse(value).success;
}
