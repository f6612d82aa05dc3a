import { ThemeIcon } from '@mantine/core';
import {
  IconBraces,
  IconBrandAirtable,
  IconBrandDiscord,
  IconBrandGithub,
  IconBrandGoogle,
  IconBrandNotion,
  IconBrandOpenai,
  IconBrandSlack,
  IconBrandStripe,
  IconBrandTelegram,
  IconBrandTrello,
  IconBrandTwilio,
  IconBrandWhatsapp,
  IconCalendar,
  IconCode,
  IconCreditCard,
  IconDatabase,
  IconMail,
  IconMessage,
  IconPlugConnected,
  IconShoppingCart,
  IconSparkles,
  IconTable,
  IconUsers,
  IconWebhook,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';

const BY_TYPE: Readonly<Record<string, TablerIcon>> = {
  stripe: IconBrandStripe,
  stripe_webhook: IconWebhook,
  polar_webhook: IconWebhook,
  telegram: IconBrandTelegram,
  whatsapp: IconBrandWhatsapp,
  slack: IconBrandSlack,
  discord: IconBrandDiscord,
  twilio: IconBrandTwilio,
  google_sheets: IconTable,
  airtable: IconBrandAirtable,
  notion: IconBrandNotion,
  trello: IconBrandTrello,
  github: IconBrandGithub,
  openai: IconBrandOpenai,
  gemini: IconBrandGoogle,
  http_request: IconWorld,
  custom: IconBraces,
};

const BY_CATEGORY: Readonly<Record<string, TablerIcon>> = {
  payments: IconCreditCard,
  messaging: IconMessage,
  email: IconMail,
  data: IconDatabase,
  dev: IconCode,
  scheduling: IconCalendar,
  crm: IconUsers,
  ecommerce: IconShoppingCart,
  ai: IconSparkles,
};

/** A picture to find a type by; its name stands beside it. */
export function TypeIcon({ type, category, size = 40 }: { type: string; category: string; size?: number }) {
  const Icon = BY_TYPE[type] ?? BY_CATEGORY[category] ?? IconPlugConnected;
  return (
    <ThemeIcon variant="light" size={size} radius="md" aria-hidden>
      <Icon size={Math.round(size * 0.58)} stroke={1.6} />
    </ThemeIcon>
  );
}
