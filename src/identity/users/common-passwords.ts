/** What people put behind a common password to please a rule. Longer tails are worth something by themselves. */
const MAX_TAIL_CHARACTERS = 6;

let loading: Promise<ReadonlySet<string>> | undefined;

/**
 * Whether a password is one of the some 40,000 most used, or one of them doubled or with a short tail of digits and
 * signs: what every guesser tries first.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  // Loaded when the first password is set: a gate that only checks keys has no use for it.
  loading ??= import('@zxcvbn-ts/language-common').then(
    // A CommonJS package: bundled, it has no named exports.
    ({ default: { dictionary } }) => new Set(dictionary['passwords-common'] as string[]),
  );
  const common = await loading;
  const lower = password.toLowerCase();
  const core = lower.replace(/[^\p{L}]+$/u, '');
  const half = lower.slice(0, lower.length / 2);
  return (
    common.has(lower) ||
    (lower.length - core.length <= MAX_TAIL_CHARACTERS && common.has(core)) ||
    (half + half === lower && common.has(half)) ||
    new Set(lower).size < 5
  );
}
