import en from '../../words/en/credentials.js';
import { words } from '../../words/words.js';

export const t = words('credentials', en);

/** The categories of the catalogue. */
export type Category =
  | 'payments'
  | 'messaging'
  | 'email'
  | 'data'
  | 'dev'
  | 'scheduling'
  | 'crm'
  | 'ecommerce'
  | 'ai'
  | 'generic';
