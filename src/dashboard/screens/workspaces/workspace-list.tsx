import { Page } from '../../parts/page.js';

export default function Screen() {
  return <Page title="workspace-list" />;
}
