import {Command, CommanderError} from 'commander';
import {escapeControls, redactText} from '../core/redact.js';
import {VERSION} from '../core/version.js';
import {batchCommand} from './batch-command.js';
import {catalogueCommand} from './catalogue/catalogue-command.js';
import {EXIT_FAILED, EXIT_USAGE, exitCodesText} from './exit-codes.js';
import {getCommand} from './get-command.js';
import {addNote, helpWidth} from './help-note.js';
import {prefsCommand} from './prefs/prefs-command.js';
import {serveCommand} from './serve-command.js';

/** Runs the command `jupiter`. @param args without those of node @returns the exit code */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = createProgram((ended) => { code = ended; });
  try {
    await program.parseAsync(withNetrc(args), {from: 'user'});
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
    // A fault of this program itself: the stack is what helps.
    const stack = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
    process.stderr.write(`jupiter: unexpected fault: ${harmless(stack)}\n`);
    return EXIT_FAILED;
  }
}

function createProgram(finish: (code: number) => void): Command {
  const program = new Command('jupiter')
    .description('Fetches files: verified, whole or not at all, and in place only when they are both.')
    .version(VERSION)
    .addCommand(getCommand(finish))
    .addCommand(batchCommand(finish))
    .addCommand(serveCommand(finish))
    .addCommand(catalogueCommand(finish))
    .addCommand(prefsCommand(finish));
  for (const command of withInner(program)) {
    command.exitOverride().showHelpAfterError(`(${pathOf(command)} --help tells more)`)
      .configureOutput({
        getOutHelpWidth: () => helpWidth(process.stdout),
        getErrHelpWidth: () => helpWidth(process.stderr),
        outputError: (text, write) => { write(`jupiter: ${withoutValues(harmless(text)).replace(/^error: /, '')}`); },
      });
    const top = topOf(command);
    addNote(command, command === top ? exitCodesText : `Exit codes: ${pathOf(top)} --help tells them.`);
  }
  return program;
}

function withInner(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withInner)];
}

/** The one below `jupiter` that it is in, or itself. */
function topOf(command: Command): Command {
  const {parent} = command;
  return parent?.parent instanceof Command ? topOf(parent) : command;
}

/** As it is typed: `jupiter catalogue token create`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** `--netrc URL` means `--netrc` and an address; only `--netrc FILE` takes the next argument. */
function withNetrc(args: readonly string[]): string[] {
  return args.map((arg, at) => {
    const next = args[at + 1];
    return arg === '--netrc' && (next === undefined || next === '-' || next.includes('://')) ? '--netrc=' : arg;
  });
}

function harmless(text: string): string {
  return escapeControls(redactText(text));
}

/** A mistyped option may carry a secret: `--pasword=…`. */
function withoutValues(text: string): string {
  return text.replace(/'(--[\w-]+)=[^']*'/g, `'$1=…'`);
}
