import {Command} from 'commander';
import {addNote} from '../help-note.js';
import {addPublish} from './publish-command.js';
import {addReading} from './reading-commands.js';
import {addServe} from './serve-catalogue.js';
import {addUpkeep} from './upkeep-commands.js';

const NOTE = `A catalogue records what was fetched: releases, their parts, the facts of each, and who changed what and when.
It is a file (made when it is missing), a PostgreSQL database, or a server before one of them. Tokens and passwords come
from files or the environment, since a command line can be seen by others.`;

/** `jupiter catalogue …`. @param finish takes the exit code */
export function catalogueCommand(finish: (code: number) => void): Command {
  const command = addNote(new Command('catalogue'), NOTE)
    .description('record what was fetched: publish facts, look at releases, serve them to many machines');
  for (const add of [addPublish, addReading, addServe, addUpkeep]) add(command, finish);
  return command;
}
