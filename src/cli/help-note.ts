import {Help, Option, type AddHelpTextContext, type Command} from 'commander';
import {collect} from './flag-values.js';

/** Columns where there is no terminal. */
const USUAL = 80;
/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 100;

/** Columns of a help: those of the terminal that it goes to, at most 100; without one 80. */
export function helpWidth({isTTY, columns}: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY && columns > 0 ? Math.min(columns, WIDEST) : USUAL;
}

/** Paragraphs as lines of so many columns. Their own line breaks don't count, only blank lines do. */
export function wrapped(text: string, width: number): string {
  return new Help().boxWrap(text.replace(/(?<=\S) *\n *(?=\S)/g, ' '), width);
}

/** Tells something after the options of a command. @param text Paragraphs to be wrapped, or what makes lines of so many columns. */
export function addNote(command: Command, text: string | ((width: number) => string)): Command {
  return command.addHelpText('after', ({error}: AddHelpTextContext) => {
    const width = helpWidth(error ? process.stderr : process.stdout);
    return `\n${typeof text === 'string' ? wrapped(text, width) : text(width)}`;
  });
}

/** An option that may be repeated. @param none What holds without it, for the help. */
export function repeatable(flags: string, description: string, none = 'none'): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(collect).default([], none);
}
