import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Code,
  createTheme,
  Loader,
  type MantineColorsTuple,
  Modal,
  NavLink,
  PasswordInput,
  Select,
  Table,
  TextInput,
  Tooltip,
} from '@mantine/core';

/** The green of old copper gates. Text on shade 8 holds 7 : 1. */
const gate: MantineColorsTuple = [
  '#e7f5f6',
  '#d3e9eb',
  '#a8d3d7',
  '#7bbdc3',
  '#55a9b1',
  '#349aa3',
  '#1a8791',
  '#0f727b',
  '#0b5d66',
  '#064a52',
];

/** Mantine's own colours miss the contrast of WCAG AA in places, and some of its buttons have no name. Both are cured here. */
export const theme = createTheme({
  primaryColor: 'gate',
  colors: { gate },
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'always',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.15rem' } } },
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', size: 'lg' } }),
    // The colour is in the border and the icon; words keep their own, which can be read on any of them.
    Alert: Alert.extend({
      defaultProps: { variant: 'outline' },
      styles: { title: { color: 'var(--mantine-color-text)' } },
    }),
    Badge: Badge.extend({
      defaultProps: { variant: 'outline', radius: 'sm' },
      styles: { label: { textTransform: 'none', color: 'var(--mantine-color-text)' } },
    }),
    Code: Code.extend({ styles: { root: { overflowWrap: 'anywhere' } } }),
    Loader: Loader.extend({ defaultProps: { type: 'dots' } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.5 } } }),
    NavLink: NavLink.extend({ defaultProps: { variant: 'light', py: 6 } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { autoComplete: 'off' } }),
    Select: Select.extend({ defaultProps: { allowDeselect: false, checkIconPosition: 'right' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'xs', highlightOnHover: true } }),
    TextInput: TextInput.extend({ defaultProps: { autoComplete: 'off' } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } }),
  },
});
