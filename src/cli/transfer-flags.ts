import type {Command} from 'commander';
import {repeatable} from './help-note.js';
import {addHonourFlags, type PrefsFlags} from './prefs/prefs-flags.js';

/** What both commands take, as it was typed. */
export interface TransferFlags extends PrefsFlags {
  readonly dir?: string | undefined;
  readonly checksums?: string | undefined;
  readonly mirror: readonly string[];
  readonly header: readonly string[];
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** `false`: none, whatever the environment says. */
  readonly proxy?: string | false | undefined;
  /** `true` or empty: the file in the home folder. */
  readonly netrc?: string | true | undefined;
  readonly retries?: string | undefined;
  readonly timeout?: string | undefined;
  readonly maxSize?: string | undefined;
  readonly exists?: string | undefined;
  readonly durability?: string | undefined;
  readonly resume?: boolean | undefined;
  readonly segments?: string | undefined;
  readonly limitRate?: string | undefined;
  readonly receipt?: string | undefined;
  readonly json?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly progress?: boolean | undefined;
}

/** Gives a command the options of a transfer. Values are checked later, all in one place. */
export function addTransferFlags(command: Command): Command {
  return addHonourFlags(command
    .option('-d, --dir <DIR>', 'the folder that files go into (default: this one)')
    .option('--checksums <FILE-or-URL>', 'a checksum file (SHA256SUMS, `--tag` form) that must name every file fetched')
    .addOption(repeatable('--mirror <URL>',
      'asked when the first address fails: the file, a folder ending in /, or a template with {path}'))
    .addOption(repeatable('-H, --header <K: V>', 'a request header for the origin of the address'))
    .option('--user <NAME[:PASSWORD]>', 'log in (basic); without PASSWORD it comes from --password-file, JUPITER_PASSWORD or a prompt')
    .option('--password-file <FILE>', 'its first line is the password of --user')
    .option('--netrc [FILE]', 'take logins from a netrc file of mode 600 (default: ~/.netrc)')
    .option('--ca <FILE>', 'trust these certificate authorities too (PEM)')
    .option('--cert <FILE>', 'client certificate (PEM)')
    .option('--key <FILE>', 'key of the client certificate (PEM)')
    .option('--insecure', 'do not verify the certificate of the address (redirects and mirrors still are)')
    .option('--proxy <URL>', 'the proxy for everything (default: http_proxy, https_proxy, all_proxy, no_proxy)')
    .option('--no-proxy', 'no proxy, whatever the environment says')
    .option('--retries <N>', 'repeats of a failed attempt (default: 4)')
    .option('--timeout <TIME>', 'limit of each phase: connecting, waiting for an answer, silence; 30s, 500ms, 2m; 0 = none (default: 30s)')
    .option('--max-size <SIZE>', 'refuse larger files: 500, 10K, 1.5M, 2G (default: no limit)')
    .option('--exists <POLICY>', 'when the file is there: error, skip, skip-if-same, replace, rename (default: skip-if-same)')
    .option('--durability <LEVEL>', 'what a power cut may not undo: none, file, full (default: full)')
    .option('--resume', 'leave what a failed or ended run has to the next one, and go on with what the last one left')
    .option('--segments <N>', 'fetch files of 64 MiB and more over so many connections, at most 64 (default: 1)')
    .option('--limit-rate <RATE>', 'bytes a second, all transfers together: 500K, 2M (powers of 1024); 0 = no limit (default: no limit)')
    .option('--receipt <FILE>', 'write down what was tried and what proves the bytes: JSON; of a batch a line for each item')
    .option('--json', 'one JSON record for each item on stdout')
    .option('-v, --verbose', 'say why each source, wait, continuation and restart was chosen')
    .option('-q, --quiet', 'no progress and no summary; failures are still told')
    .option('--progress', 'show progress even when stderr is no terminal'));
}

/** Told after the options of both commands. */
export const SECRETS_NOTE =
  `Secrets: what stands on the command line (a password in --user, --proxy or an address, an
Authorization header) can be seen in the list of processes while the command runs. --password-file,
JUPITER_PASSWORD, --netrc and the prompt avoid that. --user, --header and --cert are for the
addresses of one origin (scheme, host, port); --netrc serves several.`;
