import account from './account.js';
import ask from './ask.js';
import credentials from './credentials.js';
import entrance from './entrance.js';
import jobs from './jobs.js';
import network from './network.js';
import parts from './parts.js';
import people from './people.js';
import prompts from './prompts.js';
import roles from './roles.js';
import secrets from './secrets.js';
import shell from './shell.js';
import workspaces from './workspaces.js';

/** German, whole: every file of `words/en` has its like here. */
export const de: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  account,
  ask,
  credentials,
  entrance,
  jobs,
  network,
  parts,
  people,
  prompts,
  roles,
  secrets,
  shell,
  workspaces,
};
