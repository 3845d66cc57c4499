import type {Json} from '../core/json.js';
import type {Secret} from '../core/secret.js';

/** Where a local value is: one owner's in one scope. */
export interface Place {
  /** Whose settings: an account, a team, a machine. */
  readonly owner: string;
  /** One remote or site. */
  readonly scope: string;
}

/** Where the effective value comes from. */
export type Source = 'global' | 'local' | 'default';

/**
 * Why it comes from there. `global`: there is a global value and no exception. `exception`: there is a global value, and the
 * exception sets it aside. `exception-unasked`: there is an exception, so the central store didn't matter and wasn't asked, or
 * couldn't be. `no-global`: there is no global value. `not-globalisable`: it never has one. `central-away`: the global value is
 * not known, and this setting does without. `invalid`: what is stored is no value of the setting any more.
 */
export type Why = 'global' | 'exception' | 'exception-unasked' | 'no-global' | 'not-globalisable' | 'central-away' | 'invalid';

/** What of a secret may be shown. */
export interface ShownSecret {
  readonly name: string;
  readonly isSet: boolean;
}

/** The value in force, and where it came from. */
export interface EffectiveSetting {
  readonly name: string;
  /** Of a secret setting only whether it is set. */
  readonly value: Json | ShownSecret;
  readonly source: Source;
  readonly why: Why;
  /** Age in ms of the snapshot that the global layer was read from; undefined when it is as fresh as can be, or didn't matter. */
  readonly staleFor: number | undefined;
  /** A layer that could matter was not known or not valid, so this may not be what the owner wants. */
  readonly degraded: boolean;
}

/** One layer of a setting. */
export interface Layer {
  readonly value: Json | ShownSecret;
  /** It is a value that the setting takes. */
  readonly valid: boolean;
}

/** Revisions as they were read; 0 stands for no row. They are only compared, never counted with. */
export interface Revisions {
  /** Of the row with the local value and the exception mark. */
  readonly local?: number | undefined;
  /** Of the global value. */
  readonly global?: number | undefined;
}

/** Every layer of a setting, the effective one, and why. */
export interface Inspection {
  readonly name: string;
  readonly place: Place;
  /** D: of the registry, or of the site for this scope. */
  readonly default: Layer;
  /** L. */
  readonly local: Layer | undefined;
  /** X. */
  readonly exception: boolean;
  /** G. `unknown` when the central store can't be asked and no snapshot is there. */
  readonly global: Layer | 'unknown' | undefined;
  /** Undefined when there is none that may be used: `why` says so. */
  readonly effective: EffectiveSetting | undefined;
  readonly why: Why;
  /** For `ifRevision`; `global` is undefined when it is not known now. */
  readonly revisions: Revisions;
}

/** What `setLocal` does when the effective value is the global one; see `Preferences.setLocal`. */
export type LocalMode = 'ignore' | 'override' | 'update' | 'create';

/** How a write is guarded. */
export interface GuardOptions {
  /** What the caller saw; when a row has another revision by now, nothing is written and RevisionConflict is thrown. */
  readonly ifRevision?: Revisions | undefined;
}

/** How a local value is set. */
export interface SetLocalOptions extends GuardOptions {
  /** @default 'ignore' */
  readonly mode?: LocalMode | undefined;
  /** For which origin a secret is. Global ones need it, here or in the reference. */
  readonly origin?: string | undefined;
}

/** How a global value is set. */
export interface SetGlobalOptions extends GuardOptions {
  /** Scopes that get an exception first. */
  readonly except?: readonly string[] | undefined;
  /** For which origin a secret is. Global ones need it, here or in the reference. */
  readonly origin?: string | undefined;
}

/** How a global value is removed. */
export interface RemoveGlobalOptions extends GuardOptions {
  /** Scopes whose exception is cleared afterwards. */
  readonly clear?: readonly string[] | undefined;
}

/** What a write did. */
export interface WriteResult {
  /** Rows written or removed; 0 when everything was so already. */
  readonly rows: number;
  /** The store that was written, or would have been. */
  readonly target: 'local' | 'global' | 'none';
  /** For people: why it has no effect, if it has none. */
  readonly warning: string | undefined;
}

/** To what an envelope is bound: it opens nowhere else. */
export interface SecretBinding {
  /** The identity of the store. */
  readonly store: string;
  /** Undefined for a global value. */
  readonly scope: string | undefined;
  readonly owner: string;
  readonly setting: string;
}

/** Turns secrets into envelopes and back. */
export interface SecretBox {
  /** An envelope: a text that may be stored. */
  seal(secret: Secret, binding: SecretBinding): Promise<string>;
  /** @throws SecretUnavailable for another binding, a lost key, a changed envelope */
  open(envelope: string, binding: SecretBinding): Promise<Secret>;
}
