import type { RequestHandler } from 'express';

const TEXT = `Gatehouse is running.

Make a key on the host:   npm run -s gatehouse -- keys create my-first-key
                          (in the container: docker exec gatehouse gatehouse keys create my-first-key)
Ask with it:              curl -X POST <this address>/api/ask -H "x-api-key: <key>" -H "Content-Type: application/json" \\
                            -d '{"workspaceId": "example", "question": "How does this code work?"}'
Health:                   /healthz and /readyz
`;

/** What a browser sees at the root: how to go on. */
export const startPage: RequestHandler = (_request, response) => {
  response.type('text/plain').send(TEXT);
};
