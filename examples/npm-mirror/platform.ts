/** What a package may demand of a machine (package.json: os, cpu, libc). */
export interface PlatformRules {
  readonly os?: string | readonly string[] | undefined;
  readonly cpu?: string | readonly string[] | undefined;
  readonly libc?: string | readonly string[] | undefined;
}

/** A machine, in the words of node and npm. */
export interface Machine {
  readonly os: string;
  readonly cpu: string;
  /** `glibc` or `musl`; undefined where that means nothing (not Linux) or can't be found out. */
  readonly libc: string | undefined;
}

/** The machine that this runs on. */
export function thisMachine(): Machine {
  return {os: process.platform, cpu: process.arch, libc: process.platform === 'linux' ? libcFamily() : undefined};
}

/** Whether a package is for a machine, by npm's rules: a list of words, each perhaps negated by `!`; `any` fits all. */
export function isFor({os, cpu, libc}: PlatformRules, machine: Machine): boolean {
  if (libc !== undefined && (machine.libc === undefined || !fits(machine.libc, libc))) return false;
  return fits(machine.os, os) && fits(machine.cpu, cpu);
}

/** A negated word that is met excludes; with nothing but negated words, all others are included. */
function fits(value: string, rule: string | readonly string[] | undefined): boolean {
  if (rule === undefined) return true;
  const words = typeof rule === 'string' ? [rule] : rule;
  if (words.length === 1 && words[0] === 'any') return true;
  const negated = words.filter((word) => word.startsWith('!'));
  if (negated.includes(`!${value}`)) return false;
  return words.includes(value) || negated.length === words.length;
}

function libcFamily(): string | undefined {
  const {header, sharedObjects} = process.report.getReport() as {header: {glibcVersionRuntime?: string}; sharedObjects?: readonly string[]};
  if (header.glibcVersionRuntime !== undefined) return 'glibc';
  return sharedObjects?.some((path) => /libc\.musl-|ld-musl-/.test(path)) === true ? 'musl' : undefined;
}
