/*
 * PreferencesError         code, setting?, cause
 * ├ SettingRefused         by what was asked: the same fails again
 * │ ├ UnknownSetting   ├ InvalidName   ├ InvalidValue   ├ NotGlobalisable   └ SecretRefused
 * ├ RevisionConflict(current)                   another write came first
 * ├ SettingUnavailable     ─ SecretUnavailable  there is no value that may be used now
 * └ StoreFault             a store: ─ CentralReadOnly, LocalReadOnly, CentralUnavailable(retryAfter), OutcomeUnknown
 *
 * Misuse of an option is a TypeError or a RangeError. The codes: preferences-codes.ts.
 */
import {CLEAN, cleanCause} from '../core/foreign-error.js';
import {escapeControls, redactText} from '../core/redact.js';
import type {PreferencesCode} from './preferences-codes.js';

/** What every error of the preferences is made with. */
export interface PreferencesErrorOptions {
  /** The name of the setting concerned. */
  setting?: string | undefined;
  /** Foreign errors are reduced to name, message, code and stack, redacted. */
  cause?: unknown;
}

/** The root of all that the preferences throw. Branch on the class or on `code`, never on the text. It shows no value. */
export class PreferencesError extends Error {
  readonly code: PreferencesCode;
  /** The setting concerned, if it is one. */
  readonly setting: string | undefined;

  constructor(message: string, code: PreferencesCode, options: PreferencesErrorOptions = {}) {
    super(escapeControls(redactText(message)), options.cause === undefined ? undefined : {cause: cleanCause(options.cause)});
    this.name = new.target.name;
    this.code = code;
    this.setting = options.setting;
    Object.defineProperty(this, CLEAN, {value: true});
  }

  /** What may be logged or stored. */
  toJSON(): Record<string, unknown> {
    return {...(this as object), message: this.message, cause: this.cause instanceof Error ? this.cause.message : undefined};
  }
}

/** What was asked can't be done, whatever is stored. */
export class SettingRefused extends PreferencesError {
}

/** Nobody declared a setting of this name. */
export class UnknownSetting extends SettingRefused {
  constructor(setting: string) {
    super(`no setting ${JSON.stringify(setting)} is declared`, 'UNKNOWN_SETTING', {setting});
  }
}

/** An owner, scope or setting's name that is not taken. */
export class InvalidName extends SettingRefused {
  constructor(message: string) {
    super(message, 'INVALID_NAME');
  }
}

/** A value that the setting doesn't take. */
export class InvalidValue extends SettingRefused {
  constructor(message: string, setting: string, options?: PreferencesErrorOptions) {
    super(message, 'INVALID_VALUE', {...options, setting});
  }
}

/** The setting is each scope's own. */
export class NotGlobalisable extends SettingRefused {
  constructor(setting: string) {
    super(`${setting} can't be set globally, so there are no exceptions from it either`, 'NOT_GLOBALISABLE', {setting});
  }
}

/** A secret would be kept in the clear. */
export class SecretRefused extends SettingRefused {
  constructor(message: string, setting: string) {
    super(message, 'SECRET_REFUSED', {setting});
  }
}

/** The row was written since it was read. Nothing was written. */
export class RevisionConflict extends PreferencesError {
  /** @param current The row's revision now; 0 when there is no row. */
  constructor(setting: string, readonly current: number) {
    super(`${setting} was written by somebody else since it was read`, 'REVISION_CONFLICT', {setting});
  }
}

/** The setting has no value that may be used now. */
export class SettingUnavailable extends PreferencesError {
  constructor(message: string, setting: string, options?: PreferencesErrorOptions, code: PreferencesCode = 'SETTING_UNAVAILABLE') {
    super(message, code, {...options, setting});
  }
}

/** The secret of a setting can't be had. */
export class SecretUnavailable extends SettingUnavailable {
  constructor(message: string, setting: string, options?: PreferencesErrorOptions) {
    super(message, setting, options, 'SECRET_UNAVAILABLE');
  }
}

/** A store failed. */
export class StoreFault extends PreferencesError {
  constructor(message: string, options?: PreferencesErrorOptions, code: PreferencesCode = 'STORE_FAULT') {
    super(message, code, options);
  }
}

/** The central store takes no writes. Nothing was written anywhere. */
export class CentralReadOnly extends StoreFault {
  constructor(options?: PreferencesErrorOptions) {
    super('the central store takes no writes now', options, 'CENTRAL_READ_ONLY');
  }
}

/** The local store takes no writes. */
export class LocalReadOnly extends StoreFault {
  constructor(options?: PreferencesErrorOptions) {
    super('the local store takes no writes', options, 'LOCAL_READ_ONLY');
  }
}

/** The central store can't be asked. That is never the same as an empty answer. */
export class CentralUnavailable extends StoreFault {
  /** @param retryAfter Ms before which asking again is pointless. */
  constructor(message: string, readonly retryAfter = 0, options?: PreferencesErrorOptions) {
    super(message, options, 'CENTRAL_UNAVAILABLE');
  }
}

/** The connection broke while a write was committed: it is there or not. Writing the same again is safe. */
export class OutcomeUnknown extends StoreFault {
  constructor(message: string, options?: PreferencesErrorOptions) {
    super(message, options, 'OUTCOME_UNKNOWN');
  }
}
