import { openCredentialTypes } from '../../src/vault/credential-types/catalogue.js';
import type { AcceptScheme, CredentialType, ReadRule } from '../../src/vault/credential-types/schema.js';

/** Where the pages say that Gatehouse is. */
export const GATE = 'https://gate.example.com';
export const PROXY_DOMAIN = 'proxy.example.com';
const WORKSPACE = 'demo';

const types = openCredentialTypes().all;

/** The pages of `docs/credentials/`, made from the catalogue: file name and text. */
export function credentialPages(): Map<string, string> {
  return new Map([['README.md', indexPage()], ...types.map((type) => [`${fileOf(type)}.md`, pageOf(type)] as const)]);
}

/** A line for a shell that makes the type's cheapest call through the proxy; `null`: the proxy does not call it. */
export function curlLine(type: CredentialType): string | null {
  if (!isCalled(type)) return null;
  const test = type.test?.baseUrl === undefined ? type.test : null;
  const path = `${pathOf(type.baseUrl ?? '')}${test === null ? '/' : shown(test.path, type)}`;
  const scheme = type.acceptSchemes?.[0] ?? { in: 'header', name: 'Authorization', scheme: 'Bearer' };
  const { options, url } = placed(scheme, path);
  const body = test?.body === undefined ? '' : ` --json '${JSON.stringify(test.body)}'`;
  const method = test?.method === 'POST' && body === '' ? ' -X POST' : '';
  return `curl${options}${method}${body} "${proxyUrl(type)}${url}"`;
}

/** Where the key goes in a call. */
function placed({ in: kind, name, scheme }: AcceptScheme, path: string): { options: string; url: string } {
  const key = '$GATEHOUSE_KEY';
  switch (kind) {
    case 'header':
      return { options: ` -H "${name}: ${scheme === undefined ? '' : `${scheme} `}${key}"`, url: path };
    case 'basic':
      return { options: ` -u "${name === 'user' ? `${key}:` : `any:${key}`}"`, url: path };
    case 'query':
      return { options: '', url: `${path}${path.includes('?') ? '&' : '?'}${name}=${key}` };
    case 'path':
      return { options: '', url: `${name}${key}${path}` };
  }
}

function pageOf(type: CredentialType): string {
  const parts = [
    `# ${type.label}`,
    `Type \`${type.id}\`. ${purposeOf(type)}`,
    '## Fields',
    fieldTable(type),
    ...(isCalled(type) ? proxyPart(type) : []),
    ...(type.webhookSignature === undefined ? [] : webhookPart(type)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function purposeOf(type: CredentialType): string {
  if (type.direction === 'inbound') return 'It verifies what the vendor sends here and is sent nowhere.';
  const hosts = type.allowedHosts.map((host) => `\`${host}\``).join(', ');
  const optional = (type.optionalHosts ?? []).map(({ host, why }) => `\`${host}\` (${why})`).join(', ');
  const more = optional === '' ? '' : ` Off until they are turned on: ${optional}.`;
  if (type.protocol !== undefined)
    return `Mail over ${type.protocol.toUpperCase()}, to \`${type.allowedHosts[0]}\` only.`;
  return isCalled(type)
    ? `It is sent to ${hosts} and to no other host.${more}`
    : 'Named values for steps of endpoints, sent to the hosts that it names. The proxy does not use it.';
}

function fieldTable(type: CredentialType): string {
  const rows = type.fields.map(({ name, secret, required, requiredIf, help, default: standard }) => {
    const when = Object.entries(requiredIf ?? {}).map(([field, value]) => `with ${field} ${value}`);
    const need = required ? 'yes' : when.join(', ') || 'no';
    const words = `${help}${standard === undefined ? '' : ` Default: ${standard}.`}`.replaceAll('|', '\\|');
    return `| \`${name}\` | ${secret ? 'sealed' : 'shown'} | ${need} | ${words} |`;
  });
  return ['| field | | required | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function proxyPart(type: CredentialType): string[] {
  const name = fileOf(type);
  const fill = (line: string) =>
    line.replaceAll('{proxyHost}', `${name}--${WORKSPACE}.${PROXY_DOMAIN}`).replaceAll('{proxy}', proxyUrl(type));
  const sdks = (type.sdks ?? []).map(
    ({ package: pkg, language, lines }) => `\`${pkg}\`:\n\n\`\`\`${language}\n${lines.map(fill).join('\n')}\n\`\`\``,
  );
  return [
    '## Through the proxy',
    `With a credential named \`${name}\` in the workspace \`${WORKSPACE}\`, and a key of Gatehouse that may use it ([how](../proxy.md)):`,
    `\`\`\`sh\n${curlLine(type)}\n\`\`\``,
    ...sdks,
    `The key of Gatehouse may be in ${slotWords(type)}.`,
    `Switched to read only, it lets through ${readWords(type.reads)}.`,
  ];
}

function webhookPart({ webhookSignature: rule }: CredentialType): string[] {
  if (rule === undefined) return [];
  return [
    '## Deliveries',
    `Signed as \`${rule.scheme}\` in ${rule.headers.map((name) => `\`${name}\``).join(', ')}, over the raw body. A delivery that was signed more than ${rule.toleranceSeconds} s ago or ahead is refused, and the same delivery twice.${(rule.keyDerivations?.length ?? 0) > 1 ? ' Both ways in which the vendor makes the key from the secret are tried.' : ''}`,
  ];
}

function indexPage(): string {
  const rows = types.map((type) => {
    const how = isCalled(type) ? 'called through the proxy' : (type.protocol ?? type.direction ?? 'steps only');
    return `| [${type.label}](${fileOf(type)}.md) | \`${type.id}\` | ${type.category} | ${how} |`;
  });
  return `${[
    '# Types of credentials',
    'Each has a page with its fields, its hosts and lines to copy. These pages are made from `src/vault/credential-types/catalogue.json`, and a test holds them to it.',
    ['| | type | | |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')}\n`;
}

function slotWords(type: CredentialType): string {
  const words = (type.acceptSchemes ?? []).map(({ in: kind, name, scheme }) => {
    const shownName = name.replace(/^\{(\w+)\}$/, 'the one that the field $1 names');
    if (kind === 'header') return scheme === undefined ? `the header \`${shownName}\`` : `\`${name}: ${scheme} …\``;
    if (kind === 'basic') return `the ${name} of \`Authorization: Basic\``;
    return kind === 'query' ? `the parameter \`${shownName}\`` : `the path, after \`${name}\``;
  });
  return [...new Set([...words, '`Authorization: Bearer …`', 'the header `x-api-key`'])]
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
}

function readWords(rules: readonly ReadRule[] = [{ methods: ['GET', 'HEAD'] }]): string {
  return rules
    .map(({ methods, path, withoutQuery, graphql }) => {
      const where = path === undefined ? '' : ` of paths that fit \`${path}\``;
      const without = withoutQuery === undefined ? '' : ` without the parameter ${withoutQuery.join(', ')}`;
      return `${methods.join(' and ')}${where}${without}${graphql === true ? ' with GraphQL queries only' : ''}`;
    })
    .join('; ');
}

export function isCalled({ baseUrl, protocol }: CredentialType): boolean {
  return baseUrl !== null && protocol === undefined;
}

/** Also the name of the credential in the examples. */
export function fileOf({ id }: CredentialType): string {
  return id.replaceAll('_', '-');
}

function proxyUrl(type: CredentialType): string {
  return `${GATE}/p/${WORKSPACE}/${fileOf(type)}`;
}

/** The path of a base URL; the examples for a URL of one's own begin at its root. */
function pathOf(baseUrl: string): string {
  const path = /^https:\/\/[^/]+(\/.*)?$/.exec(baseUrl)?.[1] ?? '';
  return path.includes('{apiVersion}') ? path.replace('{apiVersion}', 'v26.0') : path.replace(/\{(\w+)\}/g, '<$1>');
}

function shown(path: string, type: CredentialType): string {
  if (/^\{\w+\}$/.test(path)) return '/';
  const text = path.replace(/\{(\w+)\}/g, (_place, name: string) => {
    const standard = type.fields.find((field) => field.name === name)?.default;
    return standard === undefined ? `<${name}>` : String(standard);
  });
  // Of a type whose base URL is a field, the standard one has its path before it.
  const own = /^\{(\w+)\}$/.exec(type.baseUrl ?? '')?.[1];
  const standard = type.fields.find(({ name }) => name === own)?.default;
  return standard === undefined ? text : `${new URL(String(standard)).pathname}${text}`;
}
