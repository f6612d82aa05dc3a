/** Words of workspaces, and of choosing one. */
export default {
  workspace: 'Workspace',
  noSuchWorkspace: 'No workspace of this name',
  noneTitle: 'No workspace yet',
  noneText: 'A workspace is a folder of files that questions are asked about. Make one here, or put a folder there:',
  toWorkspaces: 'To the workspaces',
} as const;
