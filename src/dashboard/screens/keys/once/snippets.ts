import { ORIGIN } from '../../../api/place.js';
import type { Family } from '../family.js';

export type Way = 'curl' | 'javascript' | 'python' | 'cli' | 'actions';

/** Ways to make a first request. The key itself stands in none of them: it comes from the environment. */
export function snippets(family: Family): readonly (readonly [Way, string])[] {
  const { variable } = family;
  const url = `${ORIGIN}/api/auth/whoami`;
  const all: (readonly [Way, string])[] = [
    ['curl', `curl -H "x-api-key: $${variable}" \\\n  ${url}`],
    [
      'javascript',
      family.id === 'mcp'
        ? `const answer = await fetch('${url}', {\n  headers: { 'x-api-key': process.env.${variable} },\n});\nconsole.log(answer.status, await answer.json());`
        : `import { createClient } from 'gatehouse-server/client';\n\nconst gatehouse = createClient('${ORIGIN}', process.env.${variable});\nconsole.log(await gatehouse.whoami());`,
    ],
    [
      'python',
      `import json, os, urllib.request\n\nrequest = urllib.request.Request(\n    "${url}",\n    headers={"x-api-key": os.environ["${variable}"]},\n)\nprint(json.load(urllib.request.urlopen(request)))`,
    ],
    ['cli', `printenv ${variable} | gatehouse token mint --url ${ORIGIN}`],
    [
      'actions',
      `# Settings, Secrets and variables, Actions: New repository secret ${variable}\njobs:\n  call:\n    runs-on: ubuntu-latest\n    steps:\n      - run: curl --fail -H "x-api-key: $${variable}" ${url}\n        env:\n          ${variable}: \${{ secrets.${variable} }}`,
    ],
  ];
  // Tokens of AI clients cannot be traded for others.
  return family.id === 'mcp' ? all.filter(([way]) => way !== 'cli') : all;
}
