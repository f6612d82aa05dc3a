import type { Letter } from './mailer.js';

/** The words of letters. Each says why it came and what happens when nothing is done. */
type Written = Pick<Letter, 'subject' | 'paragraphs' | 'link' | 'kind'>;

export function resetLetter(url: string, minutes: number): Written {
  return {
    kind: 'reset',
    subject: 'Choose a new password',
    paragraphs: [
      'Somebody, you we hope, asked for a new password for your account.',
      `The link below works once, for ${minutes} minutes. When it was not you, do nothing: your password stays as it is.`,
    ],
    link: { label: 'Choose a new password', url },
  };
}

export function confirmLetter(url: string, hours: number, address: string): Written {
  return {
    kind: 'confirm',
    subject: 'Confirm your address',
    paragraphs: [
      `Somebody signed up with this address, from ${address}.`,
      `When that was you, open the link below within ${hours} hours and sign in. When it was not, do nothing: without the link the account cannot be used.`,
    ],
    link: { label: 'Confirm the address', url },
  };
}

export function knownAddressLetter(url: string): Written {
  return {
    kind: 'known-address',
    subject: 'You have an account already',
    paragraphs: [
      'Somebody, you perhaps, tried to sign up with this address. There is an account with it already, and nothing was changed.',
      'Sign in with its password, or ask for a new one there.',
    ],
    link: { label: 'Sign in', url },
  };
}

export function passwordChangedLetter(): Written {
  return {
    kind: 'password-changed',
    subject: 'Your password was changed',
    paragraphs: [
      'The password of your account was changed just now, and your other sessions were ended.',
      'When it was not you, ask for a new password on the sign-in page, and tell whoever runs this instance.',
    ],
    link: null,
  };
}

export function passkeyAddedLetter(name: string): Written {
  return {
    kind: 'passkey-added',
    subject: 'A passkey was added to your account',
    paragraphs: [
      `A passkey called ${name} was added to your account just now. Whoever holds it can sign in as you, without your password.`,
      'When it was not you, remove it on the page of your account and change your password there, and tell whoever runs this instance.',
    ],
    link: null,
  };
}
