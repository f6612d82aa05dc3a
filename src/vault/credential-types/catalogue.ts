import catalogue from './catalogue.json' with { type: 'json' };
import { Catalogue, type CredentialType } from './schema.js';
import { fieldsIn } from './template.js';

/** The types of credentials, as `catalogue.json` has them. */
export interface CredentialTypes {
  /** In the order of the file. */
  readonly all: readonly CredentialType[];
  get(id: string): CredentialType | undefined;
  /** @param search - words in id, label or category, in any case */
  find(query: { readonly search?: string | undefined; readonly category?: string | undefined }): CredentialType[];
}

/**
 * Reads the catalogue.
 * @param document - only for tests of what is refused
 * @throws ZodError or Error that names the type at fault: a program built with a bad catalogue does not start
 */
export function openCredentialTypes(document: unknown = catalogue): CredentialTypes {
  const { types, categories } = Catalogue.parse(document);
  const byId = new Map(types.map((type) => [type.id, type]));
  if (byId.size !== types.length) throw new Error('catalogue.json: two types have the same id');
  for (const type of types) requireConsistent(type, categories);
  return {
    all: types,
    get: (id) => byId.get(id),
    find({ search, category }) {
      const words = search?.toLowerCase().split(/\s+/) ?? [];
      return types.filter((type) => {
        const text = `${type.id} ${type.label} ${type.category}`.toLowerCase();
        return (category === undefined || type.category === category) && words.every((word) => text.includes(word));
      });
    },
  };
}

/** What a schema cannot say: that every name points at something. */
function requireConsistent(type: CredentialType, categories: readonly string[]): void {
  const fault = (words: string): never => {
    throw new Error(`catalogue.json: ${type.id}: ${words}`);
  };
  if (!categories.includes(type.category)) fault(`category ${type.category} is not listed`);
  const fields = new Map(type.fields.map((field) => [field.name, field]));
  if (fields.size !== type.fields.length) fault('two fields have the same name');
  for (const { name, kind, secret, options, showIf, requiredIf } of type.fields) {
    if ((kind === 'select') !== (options !== undefined)) fault(`${name}: a select, and only that, has options`);
    if (kind === 'secret' && !secret) fault(`${name}: a field of kind secret is secret`);
    for (const other of Object.keys({ ...showIf, ...requiredIf }))
      if (!fields.has(other)) fault(`${name}: there is no field ${other}`);
  }
  const templates = [
    type.baseUrl ?? '',
    ...type.allowedHosts,
    ...type.auth.flatMap(({ name, template }) => [name, template]),
    ...type.extraHeaders.map(({ template }) => template),
    type.test?.path ?? '',
    type.exchange?.tokenUrl ?? '',
    ...Object.values(type.exchange?.type === 'client_credentials' ? type.exchange.params : {}),
    ...Object.values(type.exchange?.type === 'jwt-bearer' ? type.exchange.claims : {}),
  ];
  for (const name of templates.flatMap(fieldsIn))
    if (name !== 'exchange' && !fields.has(name)) fault(`a template names ${name}, which is no field`);
  for (const name of [type.baseUrl ?? '', ...type.allowedHosts, type.exchange?.tokenUrl ?? ''].flatMap(fieldsIn))
    if (fields.get(name)?.secret === true) fault(`${name} is secret and would decide where it is sent`);
  if (type.test === null && type.testProtocol === undefined && type.testReason === undefined)
    fault('without a test it needs testReason');
  if (type.test?.baseUrl !== undefined && type.exchange === undefined)
    fault('only a test that is the exchange has a base URL of its own');
}
