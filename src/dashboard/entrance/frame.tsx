import { type ReactNode, useEffect } from 'react';
import { BASE_PATH } from '../api/place.js';
import gate from '../gate.svg';
import { chooseLanguage, LANGUAGES, type Language, language } from '../words/words.js';
import { t } from './words.js';

export interface FrameProps {
  readonly title: string;
  readonly about?: ReactNode;
  readonly children: ReactNode;
  /** Where else one may want to go. */
  readonly links?: ReactNode;
}

/** One page of the entrance: the mark, what is asked for, and the way elsewhere. */
export function Frame({ title, about, children, links }: FrameProps) {
  useEffect(() => {
    document.title = `${title} · Gatehouse`;
  }, [title]);
  // localhost counts as safe for browsers, and is.
  const readable = !window.isSecureContext;
  return (
    <div className="entrance">
      <header>
        <img src={gate} alt="" width={44} height={44} />
        <p>
          <strong>Gatehouse</strong>
          <span className="quiet">{t('tagline')}</span>
        </p>
      </header>
      <main>
        <h1>{title}</h1>
        {about !== undefined && <p className="quiet">{about}</p>}
        {children}
        {links !== undefined && <nav>{links}</nav>}
      </main>
      <footer>
        {readable && <p className="quiet">{t('plainHttp')}</p>}
        <label>
          <span className="visually-hidden">{t('language')}</span>
          <select value={language()} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
            {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </footer>
    </div>
  );
}

export function To({ page, children }: { page: string; children: ReactNode }) {
  return <a href={`${BASE_PATH}/${page}`}>{children}</a>;
}

export function Note({ children, tone = 'plain' }: { children: ReactNode; tone?: 'plain' | 'good' | 'bad' }) {
  return (
    <div className={`note ${tone}`} role="status">
      {children}
    </div>
  );
}

/** A command for the host. */
export function Command({ text }: { text: string }) {
  return <pre>{text}</pre>;
}
