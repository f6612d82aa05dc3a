import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Page } from '../parts/page.js';
import { t } from './words.js';

/** A screen that fails does not take the frame with it. An old page whose files a new version replaced looks like this too. */
export class Guarded extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Page title={t('crashed')} about={t('crashedText')}>
        <div>
          <Button onClick={() => location.reload()}>{t('reload')}</Button>
        </div>
      </Page>
    );
  }
}
