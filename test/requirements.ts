/**
 * The promises, by id (K keys, A who is asking, G the gate, V the vault, E endpoints, Q ask and jobs, D dashboard,
 * CLI, SDK, MCP, R staying up). Tests cite the ids they prove in their names, as in `K1: the token appears once`.
 * `test/requirements.test.ts` fails on a built promise that no test cites, and on a cited id that is not here.
 */
export const PROMISES = [
  ...['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10', 'K11'],
  ...['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8'],
  ...['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9', 'G10', 'G11', 'G12'],
  ...['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8'],
  ...['E1', 'E2', 'E3', 'E4', 'E5'],
  ...['Q1', 'Q2', 'Q3', 'Q4', 'Q5'],
  ...['D1', 'D2', 'D3', 'D4', 'D5', 'D6'],
  ...['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8'],
] as const;

/** What this version keeps. A capability adds its ids here, and then the scan asks for their tests. */
export const BUILT: readonly (typeof PROMISES)[number][] = [
  ...(['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K11'] as const),
  ...(['A1', 'A2', 'A6', 'A8'] as const),
  ...(['G1', 'G2', 'G3', 'G4', 'G7', 'G12'] as const),
  ...(['Q1', 'Q2', 'Q4'] as const),
  ...(['R1', 'R2', 'R3', 'R4', 'R6', 'R7'] as const),
];
