import type en from '../en/workspaces.js';

export default {
  workspace: 'Arbeitsbereich',
  noSuchWorkspace: 'Kein Arbeitsbereich heißt so',
  noneTitle: 'Noch kein Arbeitsbereich',
  noneText:
    'Ein Arbeitsbereich ist ein Ordner mit Dateien, zu denen gefragt wird. Legen Sie hier einen an oder stellen Sie einen Ordner dorthin:',
  toWorkspaces: 'Zu den Arbeitsbereichen',
} satisfies Record<keyof typeof en, string>;
