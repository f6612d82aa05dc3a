import type en from '../en/roles.js';

export default {
  owner: 'Inhaber',
  admin: 'Admin',
  member: 'Mitglied',
  viewer: 'Leser',
  guest: 'Gast',
  ownerMeans: 'Alles in dieser Organisation, auch andere Inhaber.',
  adminMeans: 'Alles außer Inhabern: Schlüssel, Zugangsdaten, Personen, Arbeitsbereiche.',
  memberMeans: 'Sieht Arbeitsbereiche, fragt, startet Aufträge und benutzt Zugangsdaten.',
  viewerMeans: 'Sieht Arbeitsbereiche und Aufträge.',
  guestMeans: 'Nur das eigene Profil und die eigenen Sitzungen.',
} satisfies Record<keyof typeof en, string>;
