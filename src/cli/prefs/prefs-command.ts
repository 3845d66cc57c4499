import {Command} from 'commander';
import {addNote} from '../help-note.js';
import {addReading} from './reading-commands.js';
import {addTransfers} from './transfer-commands.js';
import {addUpkeep} from './upkeep-commands.js';
import {addWriting} from './writing-commands.js';

const NOTE = `Of each setting there is a default, at most one value for each remote, and at most one global value
for all of them. The global one holds, unless the remote is an exception; else the remote's own;
else the default. jupiter get, batch, serve and npm start go by them (--no-prefs: not). A remote is
named by its host, as in the address, or as you like (get --remote NAME).`;

/** `jupiter prefs …`. @param finish takes the exit code */
export function prefsCommand(finish: (code: number) => void): Command {
  const command = addNote(new Command('prefs'), NOTE)
    .description('settings of downloads from one place: for one remote, or globally with exceptions');
  for (const add of [addReading, addWriting, addTransfers, addUpkeep]) add(command, finish);
  return command;
}
