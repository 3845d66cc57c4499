import {userInfo} from 'node:os';

/** Refuses a file with secrets that others than its owner may read, or that isn't ours. @throws Error that says why */
export function checkPrivate({mode, uid}: {readonly mode: number; readonly uid: number}): void {
  const own = userInfo().uid;
  if (own >= 0 && uid !== own && uid !== 0) throw new Error('it belongs to another user');
  if (own >= 0 && (mode & 0o077) !== 0) throw new Error(`others may read it (mode ${(mode & 0o777).toString(8)}); chmod 600 helps`);
}
