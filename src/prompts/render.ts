import type { PromptVariable, PromptVariables } from '../contract/prompts.js';
import { GatehouseError } from '../kernel/errors.js';

const PLACE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/** The names that a text has places for, in the order of their first one. */
export function placesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACE)].map(([, name]) => name ?? ''))];
}

/**
 * The variables of a prompt as it is saved: those that were given, or one for each place in the text.
 * @throws GatehouseError `BAD_REQUEST` naming places that no variable is for
 */
export function variablesFor(text: string, given: readonly PromptVariable[] | undefined): PromptVariable[] {
  const places = placesIn(text);
  if (given === undefined) return places.map((name) => ({ name, required: true, description: '' }));
  const unknown = places.filter((place) => !given.some(({ name }) => name === place));
  if (unknown.length > 0)
    throw new GatehouseError(
      'BAD_REQUEST',
      `variables: the text has places for ${unknown.join(', ')}. Add them, or take them out of the text.`,
    );
  return [...given];
}

/**
 * Puts values into a text, in one pass: what is inserted is not read again, so a value that looks like a place stays
 * what it is.
 * @throws GatehouseError `BAD_REQUEST` naming what is missing, and what the prompt does not know
 */
export function renderPrompt(text: string, variables: readonly PromptVariable[], values: PromptVariables): string {
  const given = new Map(Object.entries(values));
  const unknown = [...given.keys()].filter((name) => !variables.some((variable) => variable.name === name));
  if (unknown.length > 0)
    throw new GatehouseError(
      'BAD_REQUEST',
      `promptVariables: the prompt has no ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
    );
  const missing = variables.filter(
    ({ name, required, default: standard }) => required && standard === undefined && !given.has(name),
  );
  if (missing.length > 0)
    throw new GatehouseError(
      'BAD_REQUEST',
      `promptVariables: the prompt needs ${missing.map(({ name }) => name).join(', ')}.`,
    );
  const standards = new Map(variables.map(({ name, default: standard }) => [name, standard ?? '']));
  return text.replace(PLACE, (place, name: string) => given.get(name) ?? standards.get(name) ?? place);
}
