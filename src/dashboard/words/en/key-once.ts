/** Words of the page that shows a token, once. */
export default {
  made: '{{name}} is made',
  rotated: '{{name}} has a new secret',
  about: 'This is the only time you see it. Gatehouse keeps a digest and cannot show it again.',
  token: 'Key',
  copyKey: 'key',
  download: 'Download .env',
  downloadHint: 'Keep the file to yourself: chmod 600 {{file}}',
  plainHttp:
    'This page came over plain HTTP: others on the network could have read the key on its way. Use HTTPS beyond your own network.',
  saved: 'I have saved it',
  savedMissing: 'Save it first: after this page it is gone',
  done: 'Done',
  grace: 'The old secret works until {{date}}. The page of the key tells when it was used last.',
  noGrace: 'The old secret no longer works.',

  tryIt: 'Try it',
  tryItText: 'Put the key into {{variable}}, then:',
  curl: 'curl',
  javascript: 'JavaScript',
  python: 'Python',
  cli: 'gatehouse',
  actions: 'GitHub Actions',
  howto: 'Way to call',

  waiting: 'Waiting for the first request',
  waitingText: 'Call with the key, and this line tells what arrived.',
  arrived: 'Received {{status}} from {{address}}',
  arrivedPlain: 'The first request arrived from {{address}}',
  arrivedText: 'The key works.',
  refusedText: 'It was refused: {{code}}.',

  leaveTitle: 'Leave without the key?',
  leaveText:
    'You have not said that it is saved. After this page nobody can show it again; you would have to rotate it.',
  leave: 'Leave',
  stay: 'Stay here',

  goneTitle: 'The key is there, its secret is not',
  goneText:
    'A secret is shown once and this page was loaded anew, so it is gone. If you saved it, all is well. If not, rotate: the key gets a new secret and keeps everything else.',
  goneOpen: 'Open the key',
  goneRotate: 'Rotate it',
} as const;
