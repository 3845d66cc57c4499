import type {Secret} from '../core/secret.js';

/** Whose settings, and of which remote. */
export interface PreferencePlace {
  readonly owner: string;
  readonly scope: string;
}

/** The value of one setting that is in force. */
export interface PreferredValue {
  /** Of a secret only whether it is set. */
  readonly value: unknown;
  readonly source: 'global' | 'local' | 'default';
  /** A layer that could matter was not known or not valid. */
  readonly degraded: boolean;
}

/** All settings at one moment. */
export interface ResolvedView {
  /** Age in ms of what stands in for the central store; undefined when it answered itself. */
  readonly staleFor: number | undefined;
  /** The central store can't be asked, and nothing stands in for it. */
  readonly centralUnknown: boolean;
  /** @throws an error of the preferences when there is no value that may be used now */
  effective(name: string): PreferredValue;
}

/** A declared setting. */
export interface SettingView {
  readonly name: string;
  /** Canonical JSON. */
  readonly default: string;
  readonly exposure: 'public' | 'private' | 'secret';
  /** The path of the option that it is for: `timeout.connect`. */
  readonly option: string | undefined;
}

/** What settings are read from: the face of `Preferences` (jupiter-download/preferences) that a Factory needs. */
export interface PreferenceView {
  readonly registry: {readonly settings: readonly SettingView[]};
  getAll(place: PreferencePlace): Promise<ResolvedView>;
  /** A secret, several by name, or undefined when there is none for this origin. */
  secret(place: PreferencePlace, name: string, origin: string): Promise<Secret | Readonly<Record<string, Secret>> | undefined>;
}
