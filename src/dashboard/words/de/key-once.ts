import type en from '../en/key-once.js';

export default {
  made: '{{name}} ist angelegt',
  rotated: '{{name}} hat ein neues Geheimnis',
  about: 'Sie sehen ihn nur dieses eine Mal. Gatehouse behält eine Prüfsumme und kann ihn nicht noch einmal zeigen.',
  token: 'Schlüssel',
  copyKey: 'Schlüssel',
  download: '.env herunterladen',
  downloadHint: 'Behalten Sie die Datei für sich: chmod 600 {{file}}',
  plainHttp:
    'Diese Seite kam über HTTP ohne Verschlüsselung: andere im Netz konnten den Schlüssel mitlesen. Benutzen Sie außerhalb Ihres eigenen Netzes HTTPS.',
  saved: 'Ich habe ihn gespeichert',
  savedMissing: 'Speichern Sie ihn zuerst: nach dieser Seite ist er weg',
  done: 'Fertig',
  grace: 'Das alte Geheimnis gilt bis {{date}}. Die Seite des Schlüssels sagt, wann es zuletzt benutzt wurde.',
  noGrace: 'Das alte Geheimnis gilt nicht mehr.',

  tryIt: 'Ausprobieren',
  tryItText: 'Legen Sie den Schlüssel in {{variable}}, dann:',
  curl: 'curl',
  javascript: 'JavaScript',
  python: 'Python',
  cli: 'gatehouse',
  actions: 'GitHub Actions',
  howto: 'Art des Aufrufs',

  waiting: 'Warten auf die erste Anfrage',
  waitingText: 'Rufen Sie mit dem Schlüssel auf, und hier steht, was ankam.',
  arrived: '{{status}} von {{address}} erhalten',
  arrivedPlain: 'Die erste Anfrage kam von {{address}}',
  arrivedText: 'Der Schlüssel gilt.',
  refusedText: 'Sie wurde abgewiesen: {{code}}.',

  leaveTitle: 'Ohne den Schlüssel gehen?',
  leaveText:
    'Sie haben nicht gesagt, dass er gespeichert ist. Nach dieser Seite kann ihn niemand mehr zeigen; Sie müssten ihn wechseln.',
  leave: 'Gehen',
  stay: 'Hier bleiben',

  goneTitle: 'Der Schlüssel ist da, sein Geheimnis nicht',
  goneText:
    'Ein Geheimnis wird einmal gezeigt, und diese Seite wurde neu geladen: es ist weg. Haben Sie es gespeichert, ist alles gut. Wenn nicht, wechseln Sie: der Schlüssel bekommt ein neues Geheimnis und behält alles andere.',
  goneOpen: 'Schlüssel öffnen',
  goneRotate: 'Wechseln',
} satisfies Record<keyof typeof en, string>;
