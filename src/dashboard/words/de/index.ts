import credentials from './credentials.js';
import parts from './parts.js';
import secrets from './secrets.js';
import shell from './shell.js';
import workspaces from './workspaces.js';

/** German, whole: every file of `words/en` has its like here. */
export const de: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  credentials,
  parts,
  secrets,
  shell,
  workspaces,
};
