import {MIB} from './bench-settings.js';
import type {Pairing} from './race.js';

/** The line of one pairing. @param mark the ratio aimed at, if any */
export function pairingText(found: Pairing, bytes: number, count: number, mark?: number): string {
  const rate = (seconds: number): string =>
    count > 1 ? `${Math.round(count / seconds)} files/s` : `${Math.round(bytes / MIB / seconds)} MiB/s`;
  const cpu = `${found.cpu.toFixed(2)} by CPU (${found.wall.cpu.toFixed(1)} s, ${found.peerWall.cpu.toFixed(1)} s)`;
  const verdict = mark === undefined ? '' : `  mark ${mark}: ${found.speed >= mark ? 'reached' : 'MISSED'}`;
  return `${found.ours.padEnd(15)} ${rate(found.wall.wall).padStart(13)}`
    + `  ${found.peer.padEnd(16)} ${rate(found.peerWall.wall).padStart(13)}  ours ÷ peer: ${found.speed.toFixed(2)} by the clock, ${cpu}${verdict}`;
}
