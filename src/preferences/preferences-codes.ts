/** The one table of the preferences' error codes: stable strings that programs and exit codes branch on. */
export const PREFERENCES_CODES = {
  UNKNOWN_SETTING: 'no setting of this name is declared',
  INVALID_NAME: 'an owner, a scope or the name of a setting is empty, too long, a URL with a name in it, or has characters not allowed',
  INVALID_VALUE: 'the value is not one that the setting takes, is no JSON, or is longer than 65,530 bytes',
  NOT_GLOBALISABLE: 'the setting has no global value and no exceptions',
  SECRET_REFUSED: 'a secret would be kept where it can be read: a plain value without a SecretBox, or credentials inside a URL',
  SECRET_UNAVAILABLE: 'a secret cannot be had: its reference leads nowhere, or its envelope cannot be opened',
  REVISION_CONFLICT: 'the row was written since it was read; `current` is its revision now',
  CENTRAL_READ_ONLY: 'the central store takes no writes; nothing was written anywhere',
  LOCAL_READ_ONLY: 'the local store takes no writes',
  CENTRAL_UNAVAILABLE: 'the central store did not answer; that says nothing about what is in it',
  SETTING_UNAVAILABLE: 'the value of a protective setting is not known for sure, so none is used',
  OUTCOME_UNKNOWN: 'the connection was lost while a write was committed; writing the same again is safe',
  STORE_FAULT: 'a store failed',
} as const;

/** A stable error code of the preferences. */
export type PreferencesCode = keyof typeof PREFERENCES_CODES;
